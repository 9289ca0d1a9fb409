# shellcheck shell=bash
# One run of an engine, or of one of DEPLOY_ENGINE's steps alone: options, lock, preflight, log. Steps that
# deploy-engine.sh starts find the run in their environment. UPDATE_ENGINE names its run, its log and its preflight.

ENGINE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PROJECT=$(dirname "$ENGINE")
LOCK=/run/lock/oc-pizza-engine.lock
readonly ENGINE PROJECT LOCK
# What the run is called in the name of its log, what it is for the operator, and where its log is linked.
RUN_KIND=${RUN_KIND:-deploy} RUN_NAME=${RUN_NAME:-déploiement} RUN_HOME=${RUN_HOME:-$ENGINE}

# shellcheck source=DEPLOY_ENGINE/lib/conf.sh
source "$ENGINE/lib/conf.sh"
# shellcheck source=DEPLOY_ENGINE/lib/log.sh
source "$ENGINE/lib/log.sh"
# shellcheck source=DEPLOY_ENGINE/lib/files.sh
source "$ENGINE/lib/files.sh"
# shellcheck source=DEPLOY_ENGINE/lib/release.sh
source "$ENGINE/lib/release.sh"
# shellcheck source=DEPLOY_ENGINE/lib/preflight.sh
source "$ENGINE/lib/preflight.sh"

run_usage() {
    cat <<FIN
Usage : sudo $0 [--check] [--drop-components]

  --check            dit ce qui changerait, ne change rien (code 0 : rien à changer ; 2 : des changements)
  --drop-components  abandonne les composants posés par UPDATE_ENGINE que ce projet n’a pas

Les réglages sont dans $ENGINE/deploy.conf.
FIN
}

# run_begin "$@": everything that must be true before the first change. Ends the script when it is not.
run_begin() {
    local argument
    RUN_MODE=${RUN_MODE:-apply}
    for argument in "$@"; do
        case $argument in
            --check) RUN_MODE=check ;;
            --drop-components) export DROPPED=yes ;;
            -h | --help) run_usage && exit 0 ;;
            *) run_usage >&2 && exit 64 ;;
        esac
    done
    umask 022
    export LC_ALL=C.UTF-8
    [[ $EUID == 0 ]] || run_refused "Il faut les droits de root : sudo $0"
    conf_load "${DEPLOY_CONF:-$ENGINE/deploy.conf}" || exit 1
    [[ -n ${RUN_ID:-} ]] && return 0
    run_open_log
    run_lock
    preflight || exit 1
    [[ $RUN_MODE == check ]] || run_header
}

run_refused() {
    printf '%s%s%s\n' "$RED" "$1" "$PLAIN" >&2
    exit 1
}

run_open_log() {
    RUN_ID=$(stamp) RUN_SCRATCH=''
    if [[ $RUN_MODE == check ]]; then
        RUN_SCRATCH=$(mktemp -d)
        trap 'rm -rf "$RUN_SCRATCH"' EXIT
        RUN_LOG=/dev/null RUN_DETAILS=$RUN_SCRATCH/details RUN_CHANGES=$RUN_SCRATCH/changes
    else
        install -d -m 0750 "$LOGS"
        RUN_LOG=$LOGS/${RUN_KIND}_logs RUN_DETAILS=$LOGS/${RUN_KIND}_$RUN_ID.log RUN_CHANGES=/run/oc-pizza-engine.changes
        # The commands' own words of the last thirty runs are kept; deploy_logs keeps every run.
        find "$LOGS" -name "${RUN_KIND}_2*.log" | sort -r | tail -n +30 | xargs -r rm -f
        ln -sfn "$RUN_LOG" "$RUN_HOME/${RUN_KIND}_logs" || echo "(${RUN_KIND}_logs se trouve dans $RUN_LOG)"
    fi
    : >"$RUN_CHANGES"
    : >"$RUN_DETAILS"
    export RUN_ID RUN_MODE RUN_LOG RUN_DETAILS RUN_CHANGES RUN_SCRATCH
}

# One engine at a time. The lock lasts as long as any process of the run: an engine that was killed may have left an
# apt or a pip behind, and beginning again beside it would undo what both do.
run_lock() {
    [[ $RUN_MODE == check ]] && return 0
    exec 9>>"$LOCK"
    if ! flock -n 9; then
        local holder
        holder=$(cat "$LOCK")
        if [[ $holder =~ ^processus\ ([0-9]+) && -d /proc/${BASH_REMATCH[1]} ]]; then
            run_refused "Un autre moteur est déjà en cours : $holder. Attendez sa fin."
        fi
        echo "Un moteur interrompu ($holder) laisse une commande finir : attente…"
        flock -w 900 9 || run_refused "La commande laissée par $holder ne finit pas. Voyez : fuser -v $LOCK"
    fi
    printf 'processus %s, %s, depuis %s, par %s\n' $$ "$RUN_NAME" "$RUN_ID" "${SUDO_USER:-${USER:-root}}" >"$LOCK"
}

run_header() {
    [[ -s $RUN_LOG ]] && log_line ""
    log_line "# Run : $RUN_ID, par ${SUDO_USER:-${USER:-root}}, depuis $PROJECT"
}

# run_step COMMAND...: beside this script, which waits: a signal that is sent to the engine alone reaches the step at
# once. What the engine does about a failure is its own `stopped STATUS`.
run_step() {
    local status=0
    "$@" &
    STEP_PROCESS=$!
    wait "$STEP_PROCESS" || status=$?
    STEP_PROCESS=''
    ((status == 0)) || stopped "$status"
}

run_watch_signals() {
    trap 'pass_on 130' INT
    trap 'pass_on 143' TERM
    trap 'pass_on 129' HUP
}

pass_on() {
    trap '' INT TERM HUP
    [[ -z ${STEP_PROCESS:-} ]] || {
        kill -s TERM "$STEP_PROCESS" 2>/dev/null || true
        wait "$STEP_PROCESS" 2>/dev/null || true
    }
    stopped "$1"
}
