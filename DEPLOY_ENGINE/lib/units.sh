# shellcheck shell=bash
# systemd's units of the site: the release's templates, and the timers that it makes from CRONJOBS.

readonly UNITS=/etc/systemd/system
readonly -a SITE_UNITS=(gunicorn.socket gunicorn.service oc-pizza-live.socket oc-pizza-live.service oc-pizza-worker.service)

# units_render FOLDER: every unit of this run's release as it should be installed.
units_render() {
    local folder=$1 unit
    cron_units_render "$folder" || return 1
    for unit in "${SITE_UNITS[@]}"; do
        render "$RELEASE_DIR/DEPLOY_ENGINE/conf_files/$unit" >"$folder/$unit" || return 1
    done
}

# cron_units_render FOLDER: the timers of CRONJOBS and their services alone. The service user, who writes them, gets a
# folder of its own for it; the site's processes have another /tmp and cannot meet it there.
cron_units_render() {
    local folder=$1 unit
    chmod 0711 "$folder"
    install -d -o "$SERVICE_USER" -m 0700 "$folder/cron"
    manage cronjobs --systemd "$folder/cron" || return 1
    for unit in "$folder"/cron/*; do
        [[ ! -f $unit ]] || render "$unit" >"$folder/${unit##*/}" || return 1
    done
    rm -r "$folder/cron"
}

# The installed units that are ours: one name a line.
units_installed() {
    local unit
    for unit in "${SITE_UNITS[@]/#/$UNITS/}" "$UNITS"/oc-pizza-cron-*; do
        [[ ! -f $unit ]] || printf '%s\n' "${unit##*/}"
    done
}

cron_units_installed() { units_installed | grep '^oc-pizza-cron-' || true; }

cron_timers() { units_installed | grep '^oc-pizza-cron-.*\.timer$' || true; }

# Installed to the letter, none too many, and known to systemd: a run may have been cut between writing and telling it.
units_are_installed() {
    local folder status=0
    folder=$(mktemp -d)
    units_render "$folder" && units_equal "$folder" || status=1
    rm -rf "$folder"
    ((status == 0)) && ! units_wait_for_reload
}

units_equal() {
    local unit
    [[ $(find "$1" -type f -printf '%f\n' | sort) == "$(units_installed | sort)" ]] || return 1
    for unit in "$1"/*; do
        cmp --silent "$unit" "$UNITS/${unit##*/}" || return 1
    done
}

units_wait_for_reload() {
    local -a units
    mapfile -t units < <(units_installed)
    systemctl show --property NeedDaemonReload --value "${units[@]}" | grep -q yes
}

units_install() {
    local folder
    folder=$(mktemp -d)
    units_render "$folder"
    units_verify "$folder"
    units_put "$folder"
    rm -rf "$folder"
    cron_units_announce
}

# Sentry alerts when a job does not come, of those that it has been told of: see pizzeria/operations/checkins.py.
cron_units_announce() { ! grep -qE "^SENTRY_DSN=[\"']?[^\"']" "$ENVIRONMENT" || manage cronjobs --announce; }

# units_put FOLDER: its units, and no other of ours.
units_put() {
    local unit
    for unit in $(units_installed); do
        [[ -f $1/$unit ]] || units_remove "$unit"
    done
    for unit in "$1"/*; do
        put "$UNITS/${unit##*/}" <"$unit"
    done
    systemctl daemon-reload
}

# The programs are looked for in this run's release: the link may still lead to another one, or be yet to come.
units_verify() {
    local folder unit status=0
    folder=$(mktemp -d)
    for unit in "$1"/*; do
        sed "s|$CURRENT/|$RELEASE_DIR/|g" "$unit" >"$folder/${unit##*/}"
    done
    systemd-analyze verify --man=no "$folder"/* || status=1
    rm -rf "$folder"
    return "$status"
}

# A job that is no longer in CRONJOBS. When its timer last went is forgotten with it: should the job come back, the times
# in between were not missed.
units_remove() {
    if [[ $1 == *.timer ]]; then
        systemctl disable --now --quiet "$1"
        systemctl clean --what=state "$1"
    fi
    rm -f "${UNITS:?}/$1"
}

units_are_enabled() {
    local -a timers
    mapfile -t timers < <(cron_timers)
    systemctl is-enabled --quiet "${SITE_UNITS[@]}" "${timers[@]}"
}

# What the running processes were started with, in one sum: noted after each start, compared before the next.
units_written() {
    { printf '%s\n' "$RELEASE_ID" && cat "$ENVIRONMENT" && (cd "$UNITS" && units_installed | xargs cat); } | sha256sum
}

units_run_as_written() { [[ $(cat "$SHARED/started-with" 2>/dev/null) == "$(units_written)" ]]; }

units_note_running() { units_written | put "$SHARED/started-with"; }
