# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# What an engine that takes things back is asked, what it asks, and what it refuses.

# action_is NAME: the one thing that is asked for.
action_is() {
    [[ -z $ACTION ]] || options_refused "--$ACTION et --$1 ne vont pas ensemble."
    ACTION=$1
}

options_refused() {
    printf '%s%s%s\n\n' "$RED" "$1" "$PLAIN" >&2
    run_usage >&2
    exit 64
}

# problems_told TITLE: false when there are PROBLEMS, which are told.
problems_told() {
    ((${#PROBLEMS[@]})) || return 0
    {
        printf '%s%s%s\n' "$RED" "$1" "$PLAIN"
        printf '  - %s\n' "${PROBLEMS[@]}"
    } >&2
    return 1
}

# ask_to_go_on: a person answers, or --yes has.
ask_to_go_on() {
    [[ -n $ANSWERED ]] && return 0
    [[ -t 0 ]] || run_refused 'Pour ne rien demander : --yes'
    local answer
    read -rp 'Continuer ? [oui/non] ' answer
    [[ $answer == oui ]] || run_refused 'Rien n’a été changé.'
}

# require_room FOLDER MEGABYTES…: what is needed on one disk adds up.
require_room() {
    local disk free
    local -A needed=() places=()
    while (($#)); do
        disk=$(stat -c %d "$1")
        needed[$disk]=$((${needed[$disk]:-0} + $2))
        places[$disk]+="${places[$disk]:+ et }$1"
        shift 2
    done
    for disk in "${!needed[@]}"; do
        free=$(df -Pm "${places[$disk]%% et *}" | awk 'NR == 2 { print $4 }')
        ((free >= needed[$disk])) ||
            problem "${places[$disk]} : $free Mo libres, il en faut ${needed[$disk]}. Libérez de la place ou agrandissez le disque."
    done
}
