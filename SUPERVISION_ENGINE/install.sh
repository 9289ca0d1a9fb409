#!/usr/bin/env bash
# La surveillance (chapitre 7), mise en place après un déploiement : sudo SUPERVISION_ENGINE/install.sh
set -euo pipefail
SUPERVISION=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUN_KIND=watch RUN_NAME='mise en place de la surveillance' RUN_HOME=$SUPERVISION
readonly SUPERVISION
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$SUPERVISION/../DEPLOY_ENGINE/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/units.sh
source "$ENGINE/lib/units.sh"

readonly WATCH=oc-pizza-supervision.service
readonly WATCH_LOGS=$LOGS/supervision_logs LOGROTATE=/etc/logrotate.d/oc-pizza-supervision
readonly WATCH_SOCKET=/run/oc-pizza-supervision.sock WATCH_STATES=/run/oc-pizza-watch
readonly -a WATCHED=(postgresql nginx gunicorn live worker)
REMOVE=''

run_usage() {
    cat <<FIN
Usage : sudo $0 [--check | --remove]

  (rien)    met la surveillance en place et la démarre
  --check   dit ce qui changerait, ne change rien (code 0 : rien à changer ; 2 : des changements)
  --remove  la retire ; le site continue, son journal reste

Les commandes de tous les jours : SUPERVISION_ENGINE/watchdog.sh --help
FIN
}

# begin "$@": as run_begin, but also from the release in service, which has no deploy.conf: where it stands says whose it is.
begin() {
    RUN_MODE=apply
    case $*:$# in
        :0) ;;
        --check:1) RUN_MODE=check ;;
        --remove:1) REMOVE=yes ;;
        -h:1 | --help:1) run_usage && exit 0 ;;
        *) run_usage >&2 && exit 64 ;;
    esac
    umask 022
    export LC_ALL=C.UTF-8
    [[ $EUID == 0 ]] || run_refused "Il faut les droits de root : sudo $0"
    if [[ $(basename "$(dirname "$(realpath "$PROJECT")")") == OC_PIZZA_releases ]]; then
        place
    else
        conf_load "${DEPLOY_CONF:-$ENGINE/deploy.conf}" || exit 1
    fi
    run_open_log
    run_lock
    preflight || exit 1
    [[ $RUN_MODE == check ]] || run_header
}

# shellcheck disable=SC2034 # what is set here is read by lib/
place() {
    RELEASES=$(dirname "$(realpath "$PROJECT")")
    CONF[HOME]=$(dirname "$RELEASES")
    CURRENT=${CONF[HOME]}/OC_PIZZA SITE_CLOSED=/run/oc-pizza-closed
    ENVIRONMENT=${CONF[HOME]}/OC_PIZZA_shared/environment
}

# In the place of a deploy's preflight: what is watched must be there.
preflight() {
    PROBLEMS=()
    [[ -z $REMOVE ]] || return 0
    if [[ ! -f $CURRENT/RELEASE ]]; then
        problem 'Aucune version n’est en service : déployez d’abord (sudo DEPLOY_ENGINE/deploy-engine.sh).'
    elif [[ ! -f $CURRENT/SUPERVISION_ENGINE/supervisord.conf || ! -x $CURRENT/oc_pizza_venv/bin/supervisord ]]; then
        problem 'La version en service n’a pas de surveillance : déployez celle-ci (sudo DEPLOY_ENGINE/deploy-engine.sh).'
    fi
    [[ ! -f $SITE_CLOSED ]] || problem 'Le site est fermé par une mise à jour : attendez sa fin, ou relancez-la.'
    ((${#PROBLEMS[@]} == 0)) || {
        printf '%sRien n’a été changé : la surveillance ne peut pas être mise en place.%s\n' "$RED" "$PLAIN"
        printf '  - %s\n' "${PROBLEMS[@]}"
        return 1
    } >&2
}

# --- What turns the log.
logrotate_is_there() { packages_are_installed logrotate; }

install_logrotate() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install logrotate
}

# --- Files.
files_are_there() {
    [[ -d $WATCH_LOGS && -f $LOGROTATE ]] && cmp --silent "$CURRENT/SUPERVISION_ENGINE/conf_files/logrotate" "$LOGROTATE" &&
        is_rendered "$CURRENT/SUPERVISION_ENGINE/conf_files/$WATCH" "$UNITS/$WATCH" && ! watch_waits_for_reload
}

watch_waits_for_reload() { [[ $(systemctl show --property NeedDaemonReload --value "$WATCH") == yes ]]; }

put_files() {
    install -d -m 0750 "$LOGS"
    install -d -m 0755 "$WATCH_LOGS"
    put "$LOGROTATE" <"$CURRENT/SUPERVISION_ENGINE/conf_files/logrotate"
    put_rendered "$CURRENT/SUPERVISION_ENGINE/conf_files/$WATCH" "$UNITS/$WATCH"
    systemctl daemon-reload
    systemd-analyze verify --man=no "$UNITS/$WATCH"
    systemctl try-restart "$WATCH"
}

# --- The watch itself.
watch_runs() {
    local service
    systemctl is-enabled --quiet "$WATCH" && systemctl is-active --quiet "$WATCH" && watch_follows || return 1
    for service in "${WATCHED[@]}"; do
        watch_sees "$service" || return 1
    done
}

# A state that was confirmed within the last minute.
watch_sees() { [[ -n $(find "$WATCH_STATES/$1.json" -mmin -1 2>/dev/null) ]]; }

# In the release that serves, not in one before it.
watch_follows() { [[ $(readlink "/proc/$(systemctl show --property MainPID --value "$WATCH")/cwd") == "$(readlink -f "$CURRENT")" ]]; }

start_watch() {
    local _tenth
    # Somebody's own `supervisord -c …`: systemd's takes its place.
    systemctl is-active --quiet "$WATCH" || stop_supervisord
    systemctl enable --quiet "$WATCH"
    systemctl restart "$WATCH"
    for _tenth in {1..300}; do
        watch_runs && return 0
        sleep 0.1
    done
    journalctl --no-pager --quiet --lines 20 --unit "$WATCH"
    tail -n 20 "$WATCH_LOGS/watchdog.log"
    return 1
}

stop_supervisord() {
    local _tenth
    [[ -S $WATCH_SOCKET ]] || return 0
    "$CURRENT/oc_pizza_venv/bin/supervisorctl" -c "$CURRENT/SUPERVISION_ENGINE/supervisord.conf" shutdown || true
    # It says so before it has done it.
    for _tenth in {1..200}; do
        [[ -S $WATCH_SOCKET ]] || return 0
        sleep 0.1
    done
}

# --- Away with it.
watch_is_gone() { [[ ! -e $UNITS/$WATCH && ! -e $LOGROTATE && ! -d $WATCH_STATES ]]; }

remove_watch() {
    [[ ! -e $UNITS/$WATCH ]] || systemctl disable --now --quiet "$WATCH"
    rm -f "$UNITS/$WATCH" "$LOGROTATE"
    rm -rf "$WATCH_STATES"
    systemctl daemon-reload
}

told() {
    if [[ ! -s $RUN_CHANGES ]]; then
        echo 'Rien à changer : la surveillance est en place.'
    elif [[ $RUN_MODE == check ]]; then
        printf '\n%d changement(s). Rien n’a été fait ; pour agir : sudo %s\n' "$(wc -l <"$RUN_CHANGES")" "$0"
        exit 2
    else
        printf '\nLa surveillance est en place.\n  Voir      sudo %s/watchdog.sh status\n  Journal   %s\n' \
            "$CURRENT/SUPERVISION_ENGINE" "$WATCH_LOGS/watchdog.log"
        grep -qE '^ALERT_(EMAILS|WEBHOOK)=.' "$ENVIRONMENT" ||
            printf '  Alertes   personne ne les reçoit : ajoutez ALERT_EMAILS=adresse à %s, puis : sudo systemctl restart oc-pizza-worker\n' "$ENVIRONMENT"
    fi
}

begin "$@"
if [[ -n $REMOVE ]]; then
    step_begin 'Supervision : REMOVAL' 'Retrait de la surveillance'
    event Supervision-removal watch_is_gone remove_watch 'la surveillance serait retirée'
    step_end
    exit 0
fi
step_begin 'Supervision : WATCH' 'Surveillance'
event Packages-installation logrotate_is_there install_logrotate 'le paquet logrotate serait installé'
event Supervision-files-configuration files_are_there put_files 'le service et la rotation du journal seraient écrits'
event Supervision-service-activation watch_runs start_watch 'la surveillance démarrerait'
step_end
told
