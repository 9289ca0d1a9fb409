# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# Point in time recovery: PostgreSQL hands every finished piece of its journal to pgBackRest, which keeps it beside full
# and differential backups. All that is ours are whole files of our own; nobody else's file is edited.

readonly WAL_STANZA=oc_pizza WAL_REPOSITORY=/var/lib/pgbackrest WAL_CONF=/etc/pgbackrest/conf.d/oc_pizza.conf
readonly WAL_SETTINGS=conf.d/oc_pizza_wal.conf
readonly -a WAL_UNITS=(oc-pizza-wal-full.service oc-pizza-wal-full.timer oc-pizza-wal-diff.service oc-pizza-wal-diff.timer)
readonly -a WAL_TIMERS=(oc-pizza-wal-full.timer oc-pizza-wal-diff.timer)

pgbackrest_run() { (cd / && runuser -u postgres -- pgbackrest --stanza="$WAL_STANZA" "$@"); }

# wal_sets WORD...: asks what pgBackRest has (wal_sets.py).
wal_sets() { pgbackrest_run --output=json info | python3 "$ENGINE/lib/wal_sets.py" "$@"; }

# A line a file: the template, a tab, where it goes.
wal_files() {
    local parts=$ENGINE/conf_files/wal unit
    printf '%s\t%s\n' "$parts/pgbackrest.conf" "$WAL_CONF" "$parts/postgresql.conf" "$CLUSTER_CONF/$WAL_SETTINGS"
    for unit in "${WAL_UNITS[@]}"; do
        printf '%s\t%s\n' "$parts/$unit" "/etc/systemd/system/$unit"
    done
}

# --- The files.
wal_is_configured() { cluster_find && wal_files_are_current && ! wal_units_wait_for_reload; }

wal_files_are_current() {
    local template file
    CONF[DATA_DIRECTORY]=$CLUSTER_DATA
    while IFS=$'\t' read -r template file; do
        is_rendered "$template" "$file" || return 1
    done < <(wal_files)
}

wal_units_wait_for_reload() {
    systemctl show --property NeedDaemonReload --value "${WAL_UNITS[@]}" | grep -q yes
}

configure_wal() {
    local template file
    cluster_find
    CONF[DATA_DIRECTORY]=$CLUSTER_DATA
    install -d -m 0755 "$(dirname "$WAL_CONF")"
    while IFS=$'\t' read -r template file; do
        is_rendered "$template" "$file" || put_rendered "$template" "$file"
    done < <(wal_files)
    systemctl daemon-reload
}

# --- PostgreSQL archives, and the backups have their hours.
wal_is_active() {
    cluster_find && wal_settings_are_read && wal_archive_works && systemctl is-enabled --quiet "${WAL_TIMERS[@]}" &&
        systemctl is-active --quiet "${WAL_TIMERS[@]}" && wal_sets stanza
}

wal_settings_are_read() {
    is_true -v file="$CLUSTER_CONF/$WAL_SETTINGS" <<'FIN'
SELECT count(*) > 0 AND coalesce(bool_and(f.applied AND f.setting = s.setting), false)
FROM pg_file_settings f JOIN pg_settings s USING (name) WHERE f.sourcefile = :'file';
FIN
}

# What was tried last has succeeded.
wal_archive_works() {
    is_true <<<"SELECT last_archived_time IS NOT NULL AND last_archived_time >= coalesce(last_failed_time, '-infinity') FROM pg_stat_archiver;"
}

# The stanza first: PostgreSQL begins to archive when it is started with the new settings, which is when the site loses
# its connections for a second or two.
activate_wal() {
    cluster_find
    pgbackrest_run stanza-create || pgbackrest_run stanza-upgrade
    if ! (wal_settings_are_read); then
        sql <<<'SELECT pg_reload_conf();'
        [[ $(sql <<<'SHOW archive_mode;') == on ]] || restart_postgresql
    fi
    pgbackrest_run check
    systemctl enable --now --quiet "${WAL_TIMERS[@]}"
}

restart_postgresql() {
    systemctl restart "$CLUSTER_UNIT"
    wait_for_postgresql
    wait_for_services
}

# A site that was on is on again: its processes come back by themselves.
wait_for_services() {
    local _half
    systemctl is-active --quiet gunicorn.service || return 0
    for _half in {1..60}; do
        [[ -n $(ready_release "$GUNICORN_SOCKET") ]] && systemctl is-active --quiet "${SITE_UNITS[@]}" && return
        sleep 0.5
    done
    echo 'Le site ne se dit pas prêt 30 s après le redémarrage de PostgreSQL.'
    return 1
}

# --- A first backup, without which there is nothing to start from; another one when archiving had been off in between.
wal_has_backup() { cluster_find && wal_sets since "$(stat -c %Y "$CLUSTER_CONF/$WAL_SETTINGS")"; }

make_wal_backup() {
    local status=0
    # The unit's own way, with its rights: what works now works at night.
    systemctl start oc-pizza-wal-full.service || status=1
    ((status == 0)) || journalctl --no-pager --quiet --lines 20 --unit oc-pizza-wal-full.service
    return "$status"
}

# --- Off again. The backups stay, and what leads to them.
wal_traces() {
    local file
    for file in /etc/postgresql/*/*/"$WAL_SETTINGS" "${WAL_UNITS[@]/#//etc/systemd/system/}"; do
        [[ ! -f $file ]] || printf '%s\n' "$file"
    done
}

wal_is_off() { [[ -z $(wal_traces) ]] && is_true <<<"SELECT NOT current_setting('archive_command') LIKE '%--stanza=$WAL_STANZA %';"; }

# With archiving on and no command, PostgreSQL would keep its journal for ever: it is started without archiving before
# the file goes.
deactivate_wal() {
    local file
    systemctl disable --now --quiet "${WAL_TIMERS[@]}" 2>/dev/null || true
    rm -f "${WAL_UNITS[@]/#//etc/systemd/system/}"
    systemctl daemon-reload
    cluster_find
    for file in /etc/postgresql/*/*/"$WAL_SETTINGS"; do
        [[ ! -f $file ]] || printf 'archive_mode = off\n' | put "$file"
    done
    [[ $(sql <<<'SHOW archive_mode;') == off ]] || restart_postgresql
    rm -f /etc/postgresql/*/*/"$WAL_SETTINGS"
    sql <<<'SELECT pg_reload_conf();'
}
