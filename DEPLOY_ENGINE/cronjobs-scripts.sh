#!/usr/bin/env bash
# `sudo ./manage.py cronjobs --install` : les minuteries de systemd deviennent celles de CRONJOBS. Rien d’autre ne change
# sur le serveur, et une minuterie qui est déjà comme il faut n’est pas touchée.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/units.sh
source "$ENGINE/lib/units.sh"

readonly IN_PLACE='Rien à changer : les minuteries sont celles de CRONJOBS.'
CHANGES=0

# deploy.conf is not part of a release: what the timers need of it is known from where this release stands.
# shellcheck disable=SC2034 # what is set here is read by lib/
place() {
    RUN_MODE=apply RUN_ID=$(stamp)
    umask 022
    export LC_ALL=C.UTF-8
    RELEASE_DIR=$(realpath "$PROJECT")
    RELEASE_ID=$(basename "$RELEASE_DIR") VENV=$RELEASE_DIR/oc_pizza_venv
    RELEASES=$(dirname "$RELEASE_DIR")
    CONF[HOME]=$(dirname "$RELEASES")
    CURRENT=${CONF[HOME]}/OC_PIZZA SHARED=${CONF[HOME]}/OC_PIZZA_shared
    ENVIRONMENT=$SHARED/environment
    [[ $EUID == 0 && ${RELEASES##*/} == OC_PIZZA_releases ]] ||
        run_refused 'Cette commande se tape sur le serveur, dans la version en service : sudo ./manage.py cronjobs --install'
    [[ $(release_in_service) == "$RELEASE_ID" ]] ||
        run_refused "La version $RELEASE_ID n’est pas en service : allez dans $CURRENT."
    SERVICE_USER=$(sed -n 's/^SERVICE_USER="\{0,1\}\([a-z_][a-z0-9_-]*\)"\{0,1\}$/\1/p' "$ENVIRONMENT")
    [[ -n $SERVICE_USER ]] || run_refused "SERVICE_USER manque dans $ENVIRONMENT. Relancez DEPLOY_ENGINE/deploy-engine.sh"
    CONF[SERVICE_USER]=$SERVICE_USER
}

told() {
    printf '  %s %s\n' "$1" "$2"
    CHANGES=$((CHANGES + 1))
}

# remove_others FOLDER: the timers, and their services, of jobs that CRONJOBS does not have any more.
remove_others() {
    local unit
    for unit in $(cron_units_installed); do
        [[ ! -f $1/$unit ]] || continue
        [[ $unit != *.timer ]] || told '-' "${unit%.timer} : retirée"
        units_remove "$unit"
    done
}

# write_units FOLDER: those that are not there to the letter.
write_units() {
    local unit name
    for unit in "$1"/*; do
        name=${unit##*/}
        if [[ ! -f $UNITS/$name ]]; then
            [[ $name != *.timer ]] || told '+' "${name%.timer} : ajoutée"
        elif ! cmp --silent "$unit" "$UNITS/$name"; then
            told '~' "$name : changée"
        else
            continue
        fi
        put "$UNITS/$name" <"$unit"
    done
}

# On where the site is on; a stopped site's timers go with it when it starts (WantedBy=gunicorn.service).
turn_on() {
    local timer
    local -a off=()
    for timer in $(cron_timers); do
        systemctl is-enabled --quiet "$timer" || off+=("$timer")
    done
    ((${#off[@]} == 0)) || systemctl enable --quiet "${off[@]}"
    if ! systemctl is-active --quiet gunicorn.service; then
        echo 'Le site est arrêté : ses minuteries partiront avec lui (systemctl start gunicorn).'
        return 0
    fi
    for timer in $(cron_timers); do
        systemctl is-active --quiet "$timer" && continue
        systemctl start "$timer"
        told '>' "${timer%.timer} : en marche"
    done
}

# A run may have been cut between writing and telling systemd.
cron_units_wait_for_reload() { [[ -n $(cron_units_installed) ]] && units_wait_for_reload; }

install_timers() {
    local fresh as_written=0
    fresh=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$fresh'" EXIT
    cron_units_render "$fresh" >/dev/null || exit 1
    [[ -z $(ls "$fresh") ]] || units_verify "$fresh" || run_refused 'systemd refuse ces minuteries : rien n’a été changé.'
    ! units_run_as_written || as_written=1
    remove_others "$fresh"
    write_units "$fresh"
    # systemd counts a timer's times anew when it reads it again; one that did not change keeps those it had.
    if ((CHANGES)) || cron_units_wait_for_reload; then
        systemctl daemon-reload
    fi
    turn_on
    # The processes of the site were not started with other units because of this: a deploy need not restart them.
    ((as_written == 0)) || units_note_running
    ((CHANGES == 0)) || cron_units_announce
    ((CHANGES)) || echo "$IN_PLACE"
}

place
run_lock
install_timers
