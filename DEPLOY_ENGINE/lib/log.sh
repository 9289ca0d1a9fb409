# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# Everywhere in the engines `return 0`, never `return`: in what a trap calls, bash gives the trap's own status back.
# deploy_logs in the manual's form, the terminal's progress, and events: checked, changed, checked again.

# Paris, written out so that it holds on a server that has no time zone data yet.
readonly PARIS='CET-1CEST,M3.5.0,M10.5.0/3'
LOGS=/var/log/oc-pizza

if [[ -t 1 ]]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
else
    BOLD='' DIM='' RED='' GREEN='' YELLOW='' PLAIN=''
fi

# yyyy-mm-dd_hh-mm-ss-mmm
stamp() { TZ=$PARIS date +%Y-%m-%d_%H-%M-%S-%3N; }

log_line() {
    [[ $RUN_MODE == check ]] || printf '%s\n' "$*" >>"$RUN_LOG"
}

log_event() { log_line "$(stamp) : $1 > $2"; }

# step_begin 'Step 1 : UBUNTU' 'texte pour le terminal'
step_begin() {
    STEP_LABEL=$2 STEP_STARTED=$SECONDS STEP_CHANGES=0
    if [[ $RUN_MODE == check ]]; then
        printf '\n%s%s%s\n' "$BOLD" "$STEP_LABEL" "$PLAIN"
        return 0
    fi
    log_line ""
    log_line "# $1"
    trap 'step_interrupted INT' INT
    trap 'step_interrupted TERM' TERM
    trap 'step_interrupted HUP' HUP
    # What neither failed in an event nor was a signal: a mistake of the script's own. It is said as well.
    trap 'step_exit $?' EXIT
}

step_end() {
    [[ $RUN_MODE == check ]] && return 0
    trap - EXIT INT TERM HUP
    local said='rien à changer'
    ((STEP_CHANGES)) && said=fait
    printf '%s  %s✓%s %s %s %s%4d s%s\n' "$(line_start)" "$GREEN" "$PLAIN" "$(padded "$STEP_LABEL" 26)" "$(padded "$said" 15)" \
        "$DIM" $((SECONDS - STEP_STARTED)) "$PLAIN"
}

# printf's own width counts bytes, and French has letters of two.
padded() { printf '%s%*s' "$1" $((${#1} < $2 ? $2 - ${#1} : 0)) ''; }

line_start() { [[ -t 1 ]] && printf '\r\e[K'; return 0; }

# event NAME IS_DONE CHANGE 'ce qui changerait': IS_DONE answers quietly and changes nothing.
event() {
    local name=$1 is_done=$2 change=$3 said=$4
    EVENT=$name
    if answers "$is_done"; then
        [[ $RUN_MODE == check ]] && printf '  %s=%s %-40s en place\n' "$GREEN" "$PLAIN" "$name"
        log_event "$name" CORRECT
        EVENT=''
        return 0
    fi
    if [[ $RUN_MODE == check ]]; then
        printf '  %s~%s %-40s %s\n' "$YELLOW" "$PLAIN" "$name" "$said"
        count_change "$name"
        EVENT=''
        return 0
    fi
    perform "$change"
    ((PERFORMED == 0)) || event_failed "code $PERFORMED"
    answers "$is_done" || event_failed "les commandes ont réussi, mais la vérification ne passe pas"
    count_change "$name"
    log_event "$name" CORRECT
    EVENT=''
}

count_change() {
    STEP_CHANGES=$((STEP_CHANGES + 1))
    printf '%s\n' "$1" >>"$RUN_CHANGES"
}

# A question in a shell of its own: what it sets or where it goes stays there.
answers() { ("$1") >>"$RUN_DETAILS" 2>&1 </dev/null; }

# Run a change with -e in force, in a process group of its own, its output in the run's own file; wait and show the time.
# Its code is left in PERFORMED, not returned: called in a condition, bash would ignore -e all the way down.
perform() {
    printf '\n===== %s : %s\n' "$(stamp)" "$EVENT" >>"$RUN_DETAILS"
    set -m
    (
        set -euo pipefail
        trap - EXIT INT TERM HUP
        "$1"
    ) >>"$RUN_DETAILS" 2>&1 </dev/null &
    EVENT_GROUP=$!
    set +m
    while kill -0 "$EVENT_GROUP" 2>/dev/null; do
        [[ -t 1 ]] && printf '%s  %s·%s %s %s%s %d s%s' "$(line_start)" "$YELLOW" "$PLAIN" "$(padded "$STEP_LABEL" 26)" "$DIM" "$EVENT" $((SECONDS - STEP_STARTED)) "$PLAIN"
        sleep 0.2
    done
    PERFORMED=0
    wait "$EVENT_GROUP" || PERFORMED=$?
    EVENT_GROUP=''
}

# event_failed WHY: the manual's ERROR line, what happened, and the end of the commands' own words.
event_failed() {
    trap - EXIT INT TERM HUP
    log_event "$EVENT" "ERROR ($1 ; détails : $RUN_DETAILS)"
    line_start
    {
        printf '  %s✗ %s : %s a échoué%s (%s)\n' "$RED" "$STEP_LABEL" "$EVENT" "$PLAIN" "$1"
        tail -n 12 "$RUN_DETAILS" | sed 's/^/    │ /'
        printf '    Détails : %s\n' "$RUN_DETAILS"
    } >&2
    exit 1
}

step_interrupted() {
    trap - EXIT INT TERM HUP
    stop_event
    [[ -n ${EVENT:-} ]] && log_event "$EVENT" "ERROR (interrompu par SIG$1 ; détails : $RUN_DETAILS)"
    printf '%s  %s✗ %s : interrompu (SIG%s)%s. Relancez la même commande : elle reprend.\n' "$(line_start)" "$RED" "$STEP_LABEL" "$1" "$PLAIN" >&2
    kill -s "$1" $BASHPID
}

stop_event() {
    [[ -n ${EVENT_GROUP:-} ]] || return 0
    kill -TERM -- "-$EVENT_GROUP" 2>/dev/null || true
    wait "$EVENT_GROUP" 2>/dev/null || true
    EVENT_GROUP=''
}

step_exit() {
    trap - EXIT INT TERM HUP
    stop_event
    log_event "${EVENT:-Script}" "ERROR (arrêt imprévu du script, code $1 ; détails : $RUN_DETAILS)"
    printf '%s  %s✗ %s : arrêt imprévu du script (code %s)%s\n' "$(line_start)" "$RED" "$STEP_LABEL" "$1" "$PLAIN" >&2
    exit "$(($1 ? $1 : 1))"
}
