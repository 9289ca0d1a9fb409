#!/usr/bin/env bash
# Étape 5 : la version est essayée à part ; puis les services sont écrits, et le site passe à cette version.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/site.sh
source "$ENGINE/lib/site.sh"
# shellcheck source=DEPLOY_ENGINE/lib/units.sh
source "$ENGINE/lib/units.sh"

readonly TRIED=/run/oc-pizza-tried

files_are_configured() {
    release_identify && release_is_complete "$RELEASE_DIR" && release_is_tried && units_are_installed
}

configure_files() {
    release_identify
    release_is_complete "$RELEASE_DIR" || {
        echo "La version $RELEASE_ID n’est pas entière : lancez d’abord les étapes 3 et 4."
        return 1
    }
    # The manual's first command of this step: gunicorn on its own, before it becomes a service.
    local status=0
    (release_is_tried) || status=1
    ((status == 0)) || try_release
    units_install
}

# It serves, or it has answered on its own since the server was started.
release_is_tried() { [[ $(release_in_service) == "$RELEASE_ID" || $(cat "$TRIED" 2>/dev/null) == "$RELEASE_ID" ]]; }

# Boot the release on a private socket, as the service user and with the service's environment, and ask whether it is
# ready. What cannot be imported or does not get ready never reaches the site: reloading into it would end the master.
try_release() {
    local unit=oc-pizza-candidate socket=/run/oc-pizza-candidate/gunicorn.sock status=0 begun why
    begun=$(date +%s)
    systemctl stop "$unit" 2>/dev/null || true
    systemctl reset-failed "$unit" 2>/dev/null || true
    systemd-run --quiet --collect --unit "$unit" --uid "$SERVICE_USER" --gid www-data \
        --property RuntimeDirectory="$unit" --property WorkingDirectory="$RELEASE_DIR" \
        --property EnvironmentFile="$ENVIRONMENT" --property ProtectSystem=strict --property PrivateTmp=yes --property NoNewPrivileges=yes \
        "$VENV/bin/gunicorn" --config DEPLOY_ENGINE/conf_files/gunicorn.conf.py --workers 1 --bind "unix:$socket" OC_PIZZA.wsgi:application
    why=$(wait_for_release "$unit" "$socket" "$RELEASE_ID") || status=1
    ((status == 0)) || last_words "$unit" "$begun" "$why"
    systemctl stop "$unit" 2>/dev/null || true
    ((status == 0)) && printf '%s' "$RELEASE_ID" >"$TRIED"
}

site_is_active() {
    release_identify && [[ $(release_in_service) == "$RELEASE_ID" ]] && units_are_enabled &&
        systemctl is-active --quiet "${SITE_UNITS[@]}" && units_run_as_written &&
        [[ $(ready_release "$GUNICORN_SOCKET") == "$RELEASE_ID" ]]
}

# last_words UNIT SINCE WHY: the reason last, where the screen shows it.
last_words() {
    journalctl --no-pager --quiet --lines 40 --unit "$1" --since "@$2"
    printf '%s\n' "$3"
}

# The switch is one rename; a release that does not take over gives the place back to the one before.
activate_site() {
    local before begun why
    release_identify
    before=$(release_in_service)
    begun=$(date +%s)
    point "$CURRENT" "OC_PIZZA_releases/$RELEASE_ID"
    if why=$(start_site); then
        [[ -z $before || $before == "$RELEASE_ID" ]] || point "$PREVIOUS" "OC_PIZZA_releases/$before"
        return
    fi
    last_words gunicorn.service "$begun" "$why"
    if [[ -n $before && $before != "$RELEASE_ID" ]]; then
        echo "Retour à la version $before."
        point "$CURRENT" "OC_PIZZA_releases/$before"
        RELEASE_ID=$before
        start_site
    fi
    return 1
}

# Restarting closes no listening socket: systemd holds it, and requests wait in it until the new release answers.
start_site() {
    local -a timers
    mapfile -t timers < <(cron_timers)
    systemctl enable --quiet "${SITE_UNITS[@]}" "${timers[@]}" && systemctl restart gunicorn.service &&
        wait_for_release gunicorn.service "$GUNICORN_SOCKET" "$RELEASE_ID" &&
        systemctl start "${SITE_UNITS[@]}" && units_note_running
}

run_begin "$@"
step_begin 'Step 5 : GUNICORN' '5 Gunicorn'
event Gunicorn-service-file-configuration files_are_configured configure_files 'les services seraient écrits dans /etc/systemd/system'
event Gunicorn-service-activation site_is_active activate_site 'le site passerait à cette version'
step_end
