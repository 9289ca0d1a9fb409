# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# What the operator asks for.

run_usage() {
    cat <<FIN
Usage : sudo $0 [option]

  (rien)                 pose les composants que controller.ini cite
  --to REF               met tout le projet à jour : la branche, l’étiquette ou le commit REF du dépôt de deploy.conf
  --rollback [VERSION]   revient à la version d’avant, ou à VERSION, données comprises si le schéma avait changé
  --check                dit ce qui serait fait, ne change rien (code 0 : rien à faire ; 2 : une mise à jour)
  --accept-incompatible  accepte un changement de schéma que la version en service ne comprendrait pas
  --drop-components      avec --to : abandonne les composants que REF n’a pas
  --yes                  ne demande rien (pour les scripts)

Les composants et controller.ini sont dans $UPDATE ; les réglages dans $ENGINE/deploy.conf.
FIN
}

# Fills ACTION (check, update, rollback), REF, TARGET and the answers that were given beforehand.
update_options() {
    ACTION='' REF='' TARGET='' ACCEPTED='' DROPPED='' ANSWERED=''
    while (($#)); do
        case $1 in
            --check) action_is check ;;
            --to)
                [[ -n ${2:-} ]] || options_refused '--to attend une branche, une étiquette ou un commit.'
                [[ $2 =~ ^[A-Za-z0-9_][A-Za-z0-9._/-]*$ ]] || options_refused "« $2 » n’est pas une branche, une étiquette ou un commit."
                REF=$2
                shift
                ;;
            --rollback)
                action_is rollback
                if [[ -n ${2:-} && $2 != -* ]]; then
                    TARGET=$2
                    shift
                fi
                ;;
            --accept-incompatible) ACCEPTED=yes ;;
            --drop-components) DROPPED=yes ;;
            --yes) ANSWERED=yes ;;
            -h | --help) run_usage && exit 0 ;;
            *) options_refused "L’option « $1 » n’existe pas." ;;
        esac
        shift
    done
    [[ $ACTION != rollback || -z $REF ]] || options_refused '--rollback et --to ne vont pas ensemble.'
    ACTION=${ACTION:-update}
    [[ $ACTION != check ]] || RUN_MODE=check
}
