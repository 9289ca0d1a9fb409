#!/usr/bin/env bash
# Retour à un instant : la base redevient celle d’une seconde choisie, à partir de ce que WAL_ARCHIVE=on a archivé.
# La base d’à présent est gardée à côté. sudo DEPLOY_ENGINE/recover-scripts.sh --to '2026-11-25 10:42:00'
set -euo pipefail
RUN_NAME='retour à un instant'
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
for part in asking site units service postgresql wal; do
    # shellcheck source=/dev/null
    source "$ENGINE/lib/$part.sh"
done
# Closing, stopping and starting the site are the update's own.
# shellcheck source=UPDATE_ENGINE/lib/window.sh
source "$PROJECT/UPDATE_ENGINE/lib/window.sh"
for part in options ready recovery; do
    # shellcheck source=/dev/null
    source "$ENGINE/lib/recover/$part.sh"
done

# What a failure leads to: all is put back, unless clients have been let in already.
stopped() {
    local status=$1
    trap '' INT TERM HUP
    recovery_settle
    printf '\n%sLe moteur s’est arrêté.%s Journal : %s\n' "$RED" "$PLAIN" "$RUN_LOG" >&2
    exit "$status"
}

recover() {
    run_step recovery_step
    recovery_end
    # From here on, a life of its own: its first backup is made while the shop sells.
    ! systemctl is-enabled --quiet oc-pizza-wal-full.timer 2>/dev/null || systemctl start --no-block oc-pizza-wal-full.service
    told_recovered
}

undo() {
    recovery_begin active active
    run_step put_back_step
    recovery_end
    printf '\n%sLa base d’avant le retour est de nouveau en service.%s\n' "$BOLD" "$PLAIN"
}

recover_options "$@"
# shellcheck disable=SC2119 # the options are read
run_begin
run_watch_signals
recovery_settle
[[ $ACTION != undo || -z $SETTLED ]] || exit 0
ready
case $ACTION in
    to) recover ;;
    undo) undo ;;
    discard-previous) run_step discard_step ;;
esac
