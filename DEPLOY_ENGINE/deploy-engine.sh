#!/usr/bin/env bash
# DEPLOY_ENGINE : d’un serveur nu au site en service. `sudo DEPLOY_ENGINE/deploy-engine.sh`, ou, comme le dossier
# d’exploitation l’imprime, `source DEPLOY_ENGINE/deploy-engine.sh`.

# Sourced: in a shell of its own, so that nothing here can end or change the operator's.
if [[ ${BASH_SOURCE[0]} != "$0" ]]; then
    bash "${BASH_SOURCE[0]}" "$@"
    return
fi

set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/site.sh
source "$ENGINE/lib/site.sh"

STEPS=(ubuntu postgresql venv django gunicorn nginx)

stopped() {
    local running
    running=$(release_in_service)
    printf '\n%sLe déploiement s’est arrêté.%s %s\n' "$RED" "$PLAIN" \
        "${running:+La version $running reste en service. }Journal : $RUN_LOG" >&2
    exit "$1"
}

final_step() {
    step_begin 'Final step : Launch the website' '  Le site répond'
    event Website-connection website_answers launch_website 'le site serait interrogé'
    step_end
}

plan_told() {
    if [[ ! -s $RUN_CHANGES ]]; then
        printf '\nRien à changer : ce serveur est comme deploy.conf le veut.\n'
        exit 0
    fi
    printf '\n%d changement(s). Rien n’a été fait ; pour agir : sudo DEPLOY_ENGINE/deploy-engine.sh\n' "$(wc -l <"$RUN_CHANGES")"
    exit 2
}

end_told() {
    release_identify
    if [[ ! -s $RUN_CHANGES ]]; then
        printf '\n%sRien à changer%s : la version %s est déjà en service, à l’adresse %s\n' "$BOLD" "$PLAIN" "$RELEASE_ID" "$SITE_URL/"
        return 0
    fi
    printf '\n%sLe site est en service%s : %s  (version %s, %d s)\n\n' "$BOLD" "$PLAIN" "$SITE_URL/" "$RELEASE_ID" "$SECONDS"
    [[ ! -s $FIRST_LOGIN ]] ||
        printf '  Premier responsable   sudo cat %s   puis effacez son contenu\n' "$FIRST_LOGIN"
    [[ -z ${CONF[MAIL_USER]} ]] ||
        printf '  Mot de passe SMTP     sudoedit %s   puis sudo systemctl restart gunicorn\n' "$ENVIRONMENT"
    printf '  Journal               %s\n  État                  systemctl status gunicorn nginx\n' "$RUN_LOG"
}

run_begin "$@"
[[ $RUN_MODE == check ]] || printf 'Déploiement de %s depuis %s\n' "${CONF[DOMAIN]}" "$PROJECT"
run_watch_signals
for step in "${STEPS[@]}"; do
    run_step bash "$ENGINE/$step-scripts.sh"
done
trap - INT TERM HUP
[[ $RUN_MODE == check ]] || final_step
if [[ $RUN_MODE == check ]]; then
    plan_told
fi
release_identify
release_prune >>"$RUN_DETAILS"
end_told
