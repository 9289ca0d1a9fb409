#!/usr/bin/env bash
# La surveillance, commandée par Supervisor (chapitre 7.6) : sudo SUPERVISION_ENGINE/watchdog.sh status
set -euo pipefail
HERE=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
SOCKET=/run/oc-pizza-supervision.sock
STATES=/run/oc-pizza-watch
LOG=/var/log/oc-pizza/supervision_logs/watchdog.log
# A state is confirmed every half minute; after this long nobody watches any more.
STALE_SECONDS=90
PATIENCE_SECONDS=90
readonly HERE SOCKET STATES LOG STALE_SECONDS PATIENCE_SECONDS
# The order in which they are started; they are stopped the other way round.
readonly -a SERVICES=(postgresql gunicorn live worker nginx)
# What the exit status says, as LSB has it for `status`.
readonly RUNS=0 DEAD=1 STOPPED=3 UNKNOWN=4

usage() {
    cat <<FIN
Usage : sudo $0 COMMANDE [SERVICE]

  status   l’état, une ligne par service (code 0 : tout répond ; 1 : en panne ; 3 : arrêté volontairement ; 4 : inconnu)
  start    démarre, et reprend ce que la surveillance avait abandonné
  stop     arrête : la surveillance n’y touche plus jusqu’au prochain start
  restart  redémarre
  tail     le journal de la surveillance ; sur un terminal il est suivi (Ctrl-C pour finir)

SERVICE : gunicorn, nginx, postgresql, live, worker ou all (all si rien n’est dit).
live et worker s’arrêtent et démarrent avec gunicorn.
FIN
}

refused() {
    printf '%s\n' "$1" >&2
    exit "${2:-1}"
}

wrong() {
    printf '%s\n\n' "$1" >&2
    usage >&2
    exit 64
}

# The release's own, wherever this script was copied.
supervisorctl() {
    local home=$HERE/../oc_pizza_venv/bin/supervisorctl
    [[ -x $home ]] || home=$(sed -n 's|^WorkingDirectory=||p' /etc/systemd/system/oc-pizza-supervision.service)/oc_pizza_venv/bin/supervisorctl
    "$home" -s "unix://$SOCKET" "$@"
}

# Just started by systemd, the watch takes a moment until it answers.
await_watch() {
    local deadline=$((SECONDS + 10))
    while [[ ! -S $SOCKET ]] && ((SECONDS < deadline)) && systemctl is-active --quiet oc-pizza-supervision.service; do
        sleep 0.2
    done
}

# --- What the watch of a service says.
is_watched() {
    local file=$STATES/$1.json
    [[ -S $SOCKET && -f $file ]] && (($(date +%s) - $(stat -c %Y "$file") < STALE_SECONDS))
}

# field SERVICE NAME: of its state file.
field() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$STATES/$1.json" "$2"; }

since_of() { if [[ -f $STATES/$1.json ]]; then field "$1" since; fi; }

state_of() { if is_watched "$1"; then field "$1" state; else echo unwatched; fi; }

status() {
    local service code worst=$RUNS
    show "${ASKED[@]}"
    for service in "${ASKED[@]}"; do
        case $(state_of "$service") in
            running | degraded | starting) code=$RUNS ;;
            failing | given_up) code=$DEAD ;;
            stopped) code=$STOPPED ;;
            *) code=$UNKNOWN ;;
        esac
        worst=$(worse "$worst" "$code")
    done
    return "$worst"
}

# worse A B: a failure is what an operator must hear first, then that nobody knows, then that something is stopped.
worse() {
    local code
    for code in "$DEAD" "$UNKNOWN" "$STOPPED"; do
        [[ $1 != "$code" && $2 != "$code" ]] || {
            echo "$code"
            return 0
        }
    done
    echo "$RUNS"
}

show() {
    local colours=''
    [[ ! -t 1 ]] || colours=yes
    python3 - "$STATES" "$STALE_SECONDS" "$colours" "$@" <<'FIN'
import datetime, json, os, sys, time

states, stale, colours, *services = sys.argv[1:]
WORDS = {
    "running": ("en marche", 32), "starting": ("démarre", 33), "degraded": ("dégradé", 33), "failing": ("ne répond pas", 31),
    "stopped": ("arrêté", 0), "given_up": ("abandonné", 31), "unknown": ("inconnu", 33), "unwatched": ("non surveillé", 33),
}


def seen(service):
    file = os.path.join(states, f"{service}.json")
    try:
        if time.time() - os.stat(file).st_mtime < float(stale):
            return json.load(open(file))
    except (FileNotFoundError, ValueError):
        pass
    return {"state": "unwatched", "since": "", "detail": "la surveillance n’est pas en marche", "restarts": 0}


def line(service):
    told = seen(service)
    word, colour = WORDS[told["state"]]
    since = datetime.datetime.fromisoformat(told["since"]).strftime("depuis %d/%m %H:%M:%S") if told["since"] else ""
    detail = told["detail"] or ("volontairement" if told["state"] == "stopped" else "")
    again = f"relancé {told['restarts']} fois" if told["restarts"] else ""
    state = f"\033[{colour}m{word:<14}\033[0m" if colours else f"{word:<14}"
    return f"{service:<11} {state} {since:<22}  {again:<16} {detail}".rstrip()


for service in services:
    print(line(service))
FIN
}

# --- Commands. The watch carries them out: Supervisor hands it a signal.
require_watch() {
    # One that is going answers no more.
    [[ -S $SOCKET && $(supervisorctl pid 2>/dev/null) =~ ^[0-9]+$ ]] || refused 'La surveillance n’est pas en marche : sudo systemctl start oc-pizza-supervision (ou d’abord : sudo SUPERVISION_ENGINE/install.sh)' "$UNKNOWN"
}

# is_commanded SERVICE: its watch runs. One that has just begun does not count: it would not hear yet.
is_commanded() { supervisorctl status "$1" >/dev/null; }

# order SERVICE SIGNAL: where Supervisor has stopped its watch, that is started first, and then starts the service itself.
order() {
    if is_commanded "$1"; then
        supervisorctl signal "$2" "$1" >/dev/null || true
    else
        supervisorctl start "$1" >/dev/null || true
    fi
}

# obeyed SERVICE SIGNAL: handed over until the watch tells of another state.
obeyed() {
    local before attempt deadline
    before=$(since_of "$1")
    for attempt in 1 2 3; do
        order "$1" "$2"
        deadline=$((SECONDS + 5))
        while ((SECONDS < deadline)); do
            [[ $(since_of "$1") == "$before" ]] || return 0
            sleep 0.2
        done
    done
    refused "La surveillance de $1 n’obéit pas ($attempt essais) : $LOG"
}

# reaches SERVICE SECONDS STATE…: whether it comes to one of these states in time.
reaches() {
    local service=$1 deadline=$((SECONDS + $2))
    shift 2
    while ((SECONDS < deadline)); do
        [[ " $* " != *" $(state_of "$service") "* ]] || return 0
        sleep 0.2
    done
    return 1
}

start() {
    local service
    for service in "${ASKED[@]}"; do
        [[ $(state_of "$service") != @(running|degraded|starting) ]] || continue
        obeyed "$service" USR1
        reaches "$service" "$PATIENCE_SECONDS" running degraded given_up || true
    done
    status
}

stop() {
    local service status=0
    for service in $(printf '%s\n' "${ASKED[@]}" | tac); do
        [[ $(state_of "$service") != stopped ]] || continue
        # What Supervisor has stopped has taken its service along: it is still on its way.
        ! is_commanded "$service" || order "$service" USR2
        # What has begun ends in peace: gunicorn takes its time.
        reaches "$service" "$PATIENCE_SECONDS" stopped || status=1
    done
    show "${ASKED[@]}"
    return "$status"
}

restart() {
    local service
    for service in "${ASKED[@]}"; do
        # With gunicorn, live events and jobs were just restarted.
        [[ ${#ASKED[@]} == 1 || $service != @(live|worker) ]] || continue
        obeyed "$service" HUP
        reaches "$service" "$PATIENCE_SECONDS" running degraded given_up || true
    done
    for service in "${ASKED[@]}"; do
        reaches "$service" "$PATIENCE_SECONDS" running degraded given_up || true
    done
    status
}

show_log() {
    [[ -f $LOG ]] || refused "$LOG n’existe pas encore : sudo SUPERVISION_ENGINE/install.sh" "$UNKNOWN"
    local -a follow=()
    [[ ! -t 1 ]] || follow=(--follow=name)
    if ((${#ASKED[@]} == 1)); then
        # Enough lines of all five to find twenty of one.
        tail "${follow[@]}" -n 400 "$LOG" | grep --line-buffered " ${ASKED[0]} : "
    else
        tail "${follow[@]}" -n 40 "$LOG"
    fi
}

[[ ${1:-} != @(-h|--help) ]] || {
    usage
    exit 0
}
(($# >= 1 && $# <= 2)) || wrong 'Une commande, et au plus un service.'
readonly COMMAND=$1 WANTED=${2:-all}
[[ $COMMAND == @(start|stop|restart|status|tail) ]] || wrong "La commande « $COMMAND » n’existe pas."
if [[ $WANTED == all ]]; then
    ASKED=("${SERVICES[@]}")
elif [[ " ${SERVICES[*]} " == *" $WANTED "* ]]; then
    ASKED=("$WANTED")
else
    wrong "Le service « $WANTED » n’existe pas."
fi
[[ $EUID == 0 ]] || refused "Il faut les droits de root : sudo $0 $*" "$UNKNOWN"
await_watch
case $COMMAND in
    status) status ;;
    tail) show_log ;;
    *)
        require_watch
        "$COMMAND"
        ;;
esac
