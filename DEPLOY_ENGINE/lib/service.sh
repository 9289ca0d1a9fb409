# shellcheck shell=bash
# A release tried on its own, put into service, and given its place back when the next one does not serve.

readonly TRIED=/run/oc-pizza-tried CANDIDATE=oc-pizza-candidate
readonly CANDIDATE_SOCKET=/run/$CANDIDATE/gunicorn.sock

# It serves, or it has answered on its own since the server was started.
release_is_tried() { [[ $(release_in_service) == "$RELEASE_ID" || $(cat "$TRIED" 2>/dev/null) == "$RELEASE_ID" ]]; }

# try_release WAIT: boot the release on a private socket, as the service user and with the service's environment, and let
# WAIT ask how it is. What cannot be imported or does not get ready never reaches the site: reloading into it would end
# the master.
try_release() {
    local status=0 begun why
    begun=$(date +%s)
    systemctl stop "$CANDIDATE" 2>/dev/null || true
    systemctl reset-failed "$CANDIDATE" 2>/dev/null || true
    systemd-run --quiet --collect --unit "$CANDIDATE" --uid "$SERVICE_USER" --gid www-data \
        --property RuntimeDirectory="$CANDIDATE" --property WorkingDirectory="$RELEASE_DIR" \
        --property EnvironmentFile="$ENVIRONMENT" --property ProtectSystem=strict --property PrivateTmp=yes --property NoNewPrivileges=yes \
        "$VENV/bin/gunicorn" --config DEPLOY_ENGINE/conf_files/gunicorn.conf.py --workers 1 --bind "unix:$CANDIDATE_SOCKET" OC_PIZZA.wsgi:application
    why=$("$1" "$CANDIDATE" "$CANDIDATE_SOCKET" "$RELEASE_ID") || status=1
    ((status == 0)) || last_words "$CANDIDATE" "$begun" "$why"
    systemctl stop "$CANDIDATE" 2>/dev/null || true
    ((status == 0)) && printf '%s' "$RELEASE_ID" >"$TRIED"
}

# last_words UNIT SINCE WHY: the reason last, where the screen shows it.
last_words() {
    journalctl --no-pager --quiet --lines 40 --unit "$1" --since "@$2"
    printf '%s\n' "$3"
}

site_is_active() {
    release_identify && [[ $(release_in_service) == "$RELEASE_ID" ]] && units_are_enabled &&
        systemctl is-active --quiet "${SITE_UNITS[@]}" && units_run_as_written &&
        [[ $(ready_release "$GUNICORN_SOCKET") == "$RELEASE_ID" ]]
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
        return 0
    fi
    last_words gunicorn.service "$begun" "$why"
    if [[ -n $before && $before != "$RELEASE_ID" ]]; then
        echo "Retour à la version $before."
        release_take "$before"
        point "$CURRENT" "OC_PIZZA_releases/$before"
        units_install
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
        systemctl start "${SITE_UNITS[@]}" && units_note_running && watch_follow
}

# The watch, where there is one, runs the code of the release that serves. It goes and comes without touching the site,
# which waits for it and fails with it in nothing. What is said goes to stderr: start_site's own words are for its failure.
watch_follow() {
    local watch=oc-pizza-supervision.service
    [[ $(systemctl show --property ActiveState --value "$watch") == @(active|activating|reloading) ]] || return 0
    if [[ -x $CURRENT/oc_pizza_venv/bin/supervisord && -d $CURRENT/SUPERVISION_ENGINE ]]; then
        systemctl try-restart --no-block "$watch" ||
            echo "La surveillance n’a pas suivi : sudo systemctl restart $watch" >&2
    else
        systemctl stop --no-block "$watch" || true
        echo "Surveillance arrêtée : la version en service n’en a pas. Après une version qui en a une : sudo systemctl start $watch" >&2
    fi
    return 0
}
