# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# What the operator asks for.

run_usage() {
    cat <<FIN
Usage : sudo $0 --to 'AAAA-MM-JJ HH:MM:SS' [--check] [--yes]
        sudo $0 --undo [--yes]
        sudo $0 --discard-previous

  --to MOMENT         la base redevient celle de cette seconde (heure de Paris) ; celle d’à présent est gardée à côté
  --check             dit ce qui serait perdu, ne change rien
  --undo              reprend la base d’avant le retour
  --discard-previous  efface la base d’avant le retour
  --yes               ne demande rien (pour les scripts)
FIN
}

# Fills ACTION (to, undo, discard-previous), ASKED and ANSWERED.
recover_options() {
    ACTION='' ASKED='' ANSWERED=''
    while (($#)); do
        case $1 in
            --to)
                action_is to
                ASKED=${2:-}
                shift
                ;;
            --undo) action_is undo ;;
            --discard-previous) action_is discard-previous ;;
            --check) RUN_MODE=check ;;
            --yes) ANSWERED=yes ;;
            -h | --help) run_usage && exit 0 ;;
            *) options_refused "L’option « $1 » n’existe pas." ;;
        esac
        (($# == 0)) || shift
    done
    [[ -n $ACTION ]] || options_refused 'Quel instant ?'
    local wrong
    [[ $ACTION != to ]] || wrong=$(moment_read "$ASKED") || options_refused "$wrong"
    [[ ${RUN_MODE:-apply} != check || $ACTION == to ]] || options_refused '--check va avec --to.'
}

# moment_read TEXT: Unix time of that second in Paris. An hour that clocks show twice wants to be told apart: +02:00.
moment_read() {
    local seconds form='^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}( [+-][0-9]{2}:[0-9]{2})?$'
    if ! [[ $1 =~ $form ]] || ! seconds=$(TZ=$PARIS date -d "$1" +%s 2>/dev/null); then
        echo "« $1 » n’est pas un instant : écrivez-le 'AAAA-MM-JJ HH:MM:SS', par exemple '2026-11-25 10:42:00'."
        return 1
    fi
    if [[ $1 == "$(paris $((seconds - 3600)))" || $1 == "$(paris $((seconds + 3600)))" ]]; then
        echo "$1 a existé deux fois cette nuit-là : précisez '$1 +02:00' (la première fois) ou '$1 +01:00'."
        return 1
    fi
    printf '%s\n' "$seconds"
}

# paris SECONDS: Unix time as a clock in Paris shows it.
paris() { TZ=$PARIS date -d "@$1" '+%Y-%m-%d %H:%M:%S'; }
