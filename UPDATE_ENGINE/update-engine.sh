#!/usr/bin/env bash
# UPDATE_ENGINE : la mise à jour catégorique (6.1). Déposez les composants dans components, citez-les dans
# controller.ini, puis : sudo UPDATE_ENGINE/update-engine.sh

# Sourced: in a shell of its own, so that nothing here can end or change the operator's.
if [[ ${BASH_SOURCE[0]} != "$0" ]]; then
    bash "${BASH_SOURCE[0]}" "$@"
    return
fi

set -euo pipefail
UPDATE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RUN_KIND=update RUN_NAME='mise à jour' RUN_HOME=$UPDATE
readonly UPDATE
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$UPDATE/../DEPLOY_ENGINE/lib/run.sh"
for part in asking site units venv content service nginx postgresql; do
    # shellcheck source=/dev/null
    source "$ENGINE/lib/$part.sh"
done
for part in options ready source release window history rollback; do
    # shellcheck source=/dev/null
    source "$UPDATE/lib/$part.sh"
done

# What a failure leads to: before the site was closed nothing was touched; after, all is put back.
stopped() {
    local status=$1
    trap '' INT TERM HUP
    window_settle
    switch_back
    printf '\n%sLa mise à jour s’est arrêtée.%s La version %s est en service. Journal : %s\n' \
        "$RED" "$PLAIN" "$(release_in_service)" "$RUN_LOG" >&2
    exit "$status"
}

update() {
    source_weigh
    if [[ $WEIGHT == none ]]; then
        nothing_to_do
        return 0
    fi
    [[ $WEIGHT == light ]] || ready_for_data
    [[ $WEIGHT == light ]] || run_step safety_step
    run_step source_step
    source_choose
    if [[ $RELEASE_ID == "$FROM" ]]; then
        nothing_to_do
        return 0
    fi
    run_step release_step
    run_step control_step
    if [[ $WEIGHT == light ]]; then
        run_step switch_step history_note
    else
        run_step window_step release_migrate history_note
    fi
    window_end
    run_step final_step
    release_prune >>"$RUN_DETAILS"
    update_told
}

# Unless a run was cut while the services were passing to this release: then they finish.
nothing_to_do() {
    RELEASE_CHOSEN=$FROM
    release_take "$FROM"
    if ! answers site_is_active; then
        run_step control_step
        run_step switch_step true
    fi
    printf 'Rien à mettre à jour : la version %s a déjà ce contenu.\n' "$FROM"
}

update_told() {
    printf '\n%sLe site est à jour%s : %s  (version %s, %d s%s)\n\n' "$BOLD" "$PLAIN" "$SITE_URL/" "$RELEASE_ID" "$SECONDS" "$(window_told)"
    printf '  Vérifier          sudo %s/manage.py update_lhc --verify\n' "$CURRENT"
    printf '  Revenir           sudo UPDATE_ENGINE/update-engine.sh --rollback\n'
    printf '  Journal           %s\n' "$RUN_LOG"
}

update_options "$@"
# shellcheck disable=SC2119 # the options are read
run_begin
run_watch_signals
[[ $ACTION == check ]] || window_settle
FROM=$(release_in_service)
readonly FROM
case $ACTION in
    check) source_told ;;
    update) update ;;
    rollback) rollback ;;
esac
