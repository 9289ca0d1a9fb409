# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# The few seconds in which the site is closed: nginx answers 503, the services are stopped, the schema changes, the new
# release starts and is asked, nginx lets clients in. What was before is noted first; whatever goes wrong until then, all
# of it is put back, at once or, after a SIGKILL, by the next run. Once clients are let in nothing is taken back any more:
# what they have been promised is in the new data.

# window_step CHANGE_DATA NOTE: CHANGE_DATA is what happens to the database while nobody uses it; NOTE writes down what
# was done.
window_step() {
    step_begin 'Step 5 : STOP' '5 Site fermé'
    event Website-closing site_is_closed site_close 'le site répondrait 503'
    event Gunicorn-service-stop services_are_stopped services_stop 'les services seraient arrêtés'
    step_end
    step_begin 'Step 6 : DATABASE' '6 Base de données'
    event Database-upgrading "$1_is_done" "$1" 'la base changerait'
    step_end
    step_begin 'Step 7 : START' '7 Site ouvert'
    event Release-switching release_is_in_place release_put_in_place 'le site passerait à cette version'
    event Gunicorn-service-activation services_answer services_start 'les services démarreraient'
    event Nginx-service-activation nginx_follows nginx_follow 'Nginx lirait ses fichiers'
    "$2"
    window_decide
    event Website-opening site_is_open site_open 'le site serait ouvert'
    step_end
}

# The point of no return, in one rename. The release that served until now is the one to go back to.
window_decide() {
    { cat "$UPDATE_BEGUN" && printf 'OPENED=%s\n' "$(date +%s%N)"; } | put "$UPDATE_BEGUN"
    point "$PREVIOUS" "OC_PIZZA_releases/$(begun FROM)"
}

# --- Closed and opened.
site_is_closed() { [[ -f $UPDATE_BEGUN && -f $SITE_CLOSED && $(status_of /) == 503 ]]; }

site_close() {
    {
        printf 'FROM=%s\n' "$FROM"
        printf 'DATABASE=%s\n' "$(database_number)"
        printf 'CLOSED=%s\n' "$(date +%s%N)"
    } | put "$UPDATE_BEGUN"
    : >"$SITE_CLOSED"
}

site_is_open() { [[ ! -e $SITE_CLOSED && $(status_of /) == 200 ]]; }

site_open() { rm -f "$SITE_CLOSED"; }

status_of() { through_nginx "$1" --output /dev/null --write-out '%{http_code}'; }

# --- The services. Stopping gunicorn takes its socket, live events, the worker, the timers and their jobs along.
services_are_stopped() { ! systemctl is-active --quiet "${SITE_UNITS[@]}" && [[ -z $(jobs_running) ]]; }

jobs_running() { systemctl list-units --plain --no-legend --state=active,activating,deactivating 'oc-pizza-cron-*.service'; }

services_stop() {
    local _tenth
    systemctl stop gunicorn.service
    for _tenth in {1..100}; do
        services_are_stopped && return 0
        sleep 0.1
    done
    systemctl stop "${SITE_UNITS[@]}"
}

# Ready, and its first page is one: nobody but the engine can ask yet.
services_answer() { site_is_active && behind_nginx "$GUNICORN_SOCKET" / --fail --output /dev/null; }

services_start() {
    local begun why
    begun=$(date +%s)
    why=$(start_site) && return 0
    last_words gunicorn.service "$begun" "$why"
    return 1
}

# --- The release.
release_is_in_place() { [[ $(release_in_service) == "$RELEASE_ID" ]] && units_are_in_place; }

units_are_in_place() { units_equal "$PREPARED" && ! units_wait_for_reload; }

units_put_prepared() { units_put "$PREPARED"; }

release_put_in_place() {
    units_put_prepared
    point "$CURRENT" "OC_PIZZA_releases/$RELEASE_ID"
}

nginx_follows() { nginx_files_are_current "${CONF[TLS]}" && nginx_runs_as_written; }

nginx_follow() {
    nginx_install "${CONF[TLS]}"
    systemctl reload-or-restart nginx
    nginx_note_running
}

# --- The database.
release_migrate_is_done() { manage migrate --check; }

release_migrate() { manage upgradedatabase; }

# A database keeps its number whatever its name becomes.
database_number() { sql <<<"SELECT oid FROM pg_database WHERE datname = :'database'"; }

database_name() { sql -v number="$1" <<<'SELECT datname FROM pg_database WHERE oid = :number'; }

database_is_as_before() { [[ $(database_number) == "$(begun DATABASE)" ]]; }

# With the command of the release that has changed it, or of the one in service.
database_put_back() { manage upgradedatabase --undo "$(database_name "$(begun DATABASE)")"; }

# --- Put back.
begun() { sed -n "s/^$1=//p" "$UPDATE_BEGUN"; }

# A window that a failure, a signal or a SIGKILL has cut: finished when it had been decided, otherwise put back.
window_settle() {
    [[ -f $UPDATE_BEGUN ]] || return 0
    if [[ -n $(begun OPENED) ]]; then
        site_open
        window_end
        return 0
    elif [[ ! -f $SITE_CLOSED ]]; then
        # The server was started again since, and the site with it: what clients have done on these data stays.
        rm -f "$UPDATE_BEGUN"
        return 0
    fi
    printf '\n%sLa version %s et ses données reprennent leur place.%s\n' "$YELLOW" "$(begun FROM)" "$PLAIN" >&2
    log_line ""
    local status=0
    # Beside this shell and waited for: called in a condition, bash would ignore -e in all of it.
    put_back_step &
    wait $! || status=$?
    if ((status)); then
        printf '%sLe site est encore fermé%s : ce qui a échoué est dit plus haut. Relancez : sudo %s\n' "$RED" "$PLAIN" "$0" >&2
        exit 1
    fi
    rm -f "$UPDATE_BEGUN"
}

put_back_step() {
    step_begin 'Back : PREVIOUS RELEASE' '↩ Retour'
    : >"$SITE_CLOSED"
    event Gunicorn-service-stop services_are_stopped services_stop 'les services seraient arrêtés'
    release_take "${RELEASE_CHOSEN:-$(release_in_service)}"
    event Database-restoring database_is_as_before database_put_back 'la base d’avant reprendrait son nom'
    RELEASE_CHOSEN=$(begun FROM)
    release_take "$RELEASE_CHOSEN"
    rm -f "$PREPARED.made"
    event Services-checking units_are_prepared units_prepare 'les services de cette version seraient préparés'
    event Release-switching release_is_in_place release_put_in_place 'le site reviendrait à cette version'
    event Gunicorn-service-activation services_answer services_start 'les services démarreraient'
    event Nginx-service-activation nginx_follows nginx_follow 'Nginx lirait ses fichiers'
    event Website-opening site_is_open site_open 'le site serait ouvert'
    step_end
}

# DOWN: for how long clients were answered 503, in tenths of a second.
window_end() {
    [[ -f $UPDATE_BEGUN ]] || return 0
    DOWN=$((($(begun OPENED) - $(begun CLOSED)) / 100000000))
    rm -f "$UPDATE_BEGUN"
}

window_told() { [[ -z ${DOWN:-} ]] || printf ' ; fermé pendant %d,%d s' $((DOWN / 10)) $((DOWN % 10)); }
