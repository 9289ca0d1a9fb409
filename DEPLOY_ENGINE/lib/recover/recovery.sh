# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# The recovery itself. The present data directory is set aside by a rename, another one is filled from the archive and
# PostgreSQL replays its journal up to the moment. Whatever goes wrong until clients are let in, the one that was set
# aside takes its place again: at once, or, after a SIGKILL, by the next run.

readonly RECOVERY_LAST=/run/oc-pizza-recovery-last

# recovery_begin POSTGRESQL SITE: what to put back, noted first, and what is to run then (active or not).
recovery_begin() { printf 'KEPT=%s\nPOSTGRESQL=%s\nSITE=%s\n' "$KEPT" "$1" "$2" | put "$RECOVERY_BEGUN"; }

recovery_begun() { sed -n "s/^$1=//p" "$RECOVERY_BEGUN"; }

recovery_decide() { { cat "$RECOVERY_BEGUN" && printf 'DECIDED=yes\n'; } | put "$RECOVERY_BEGUN"; }

recovery_end() { rm -f "$RECOVERY_BEGUN"; }

recovery_step() {
    step_begin "Recovery : $(paris "$MOMENT")" '  Retour à cet instant'
    BEGUN_AT=$(date +%s)
    # With PostgreSQL down, what is archived is all there is.
    if systemctl is-active --quiet "$CLUSTER_UNIT"; then
        event Last-changes-archiving changes_are_archived archive_changes ''
        recovery_begin active "$(systemctl is-active gunicorn.service || true)"
    else
        recovery_begin inactive inactive
    fi
    event Website-closing site_is_shut site_shut ''
    event Gunicorn-service-stop services_are_stopped services_stop ''
    event Database-setting-aside data_are_aside set_data_aside ''
    event Database-restoring data_are_restored restore_data ''
    event Database-recovering postgresql_serves recover_data ''
    event Database-checking nothing_is_younger tell_what_is_younger ''
    event Database-upgrading release_migrate_is_done migrate_data ''
    event Rules-checking rules_hold tell_what_breaks_them ''
    event Gunicorn-service-activation services_answer services_start ''
    recovery_decide
    event Website-opening site_is_let_in site_open ''
    step_end
}

# --- Before the site is closed. A change of our own, so that there is one after the moment, and what holds it is archived.
changes_are_archived() {
    is_true -v begun="$BEGUN_AT" <<<'SELECT last_archived_time > to_timestamp(:begun) FROM pg_stat_archiver;'
}

archive_changes() {
    sql <<<'SELECT pg_current_xact_id();'
    pgbackrest_run check
}

# --- The site. nginx answers 503; it may also have been stopped by the operator.
site_is_shut() { [[ -f $SITE_CLOSED ]]; }

site_shut() { : >"$SITE_CLOSED"; }

site_is_let_in() { [[ ! -e $SITE_CLOSED ]] && { ! systemctl is-active --quiet nginx || [[ $(status_of /) == 200 ]]; }; }

# --- The data.
postgresql_serves() { is_true <<<'SELECT NOT pg_is_in_recovery();'; }

data_are_aside() { ! systemctl is-active --quiet "$CLUSTER_UNIT" && [[ ! -e $CLUSTER_DATA && -d $KEPT ]]; }

set_data_aside() {
    systemctl stop "$CLUSTER_UNIT"
    rename "$CLUSTER_DATA" "$KEPT"
}

# rename FROM TO: whole or not at all. mv copies where it cannot rename, and a copy that is cut short is no data.
rename() { python3 -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$1" "$2"; }

# pgBackRest writes pg_control last: what is cut short cannot be started.
data_are_restored() { [[ -f $CLUSTER_DATA/global/pg_control && -f $CLUSTER_DATA/recovery.signal ]]; }

restore_data() {
    local life
    life=$(CLUSTER_DATA=$KEPT timeline)
    install -d -o postgres -g postgres -m 0700 "$CLUSTER_DATA"
    # Along the life that the present data are in: another that was begun and left is not followed.
    pgbackrest_run --set="$SET" --type=time --target="$(date -u -d "@$MOMENT" '+%Y-%m-%d %H:%M:%S+00')" \
        --target-action=promote --target-timeline="$life" restore
}

recover_data() {
    postgresql_start || {
        tail -n 12 "$CLUSTER_LOG"
        echo "PostgreSQL n’a pas pu revenir à cet instant : ce qui est archivé n’y mène pas."
        return 1
    }
    # Not before: until then the file that says so may tell of the life before.
    sql <<<'CHECKPOINT;'
    sql <<<"SELECT coalesce(to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'Europe/Paris', 'YYYY-MM-DD HH24:MI:SS'), 'aucun');" | put "$RECOVERY_LAST"
}

# However long the journal is: until it serves, or has ended.
postgresql_start() {
    systemctl start "$CLUSTER_UNIT" || true
    until (postgresql_serves) 2>/dev/null; do
        [[ $(systemctl is-active "$CLUSTER_UNIT" || true) != @(failed|inactive) ]] || return 1
        sleep 0.5
    done
}

nothing_is_younger() {
    SQL_DATABASE=$DATABASE is_true -v since="$MOMENT" <<<'SELECT NOT EXISTS (SELECT FROM ordering_order WHERE placed_at > to_timestamp(:since));'
}

tell_what_is_younger() {
    echo "La base contient des commandes d’après cet instant : $(losses "$MOMENT")."
    return 1
}

# The moment may be older than the last change of the schema.
migrate_data() { manage migrate --no-input; }

# Stock and money add up.
rules_hold() { manage checkdata; }

tell_what_breaks_them() {
    rules_hold || true
    return 1
}

# --- Put back.
recovery_settle() {
    SETTLED=''
    [[ -f $RECOVERY_BEGUN ]] || return 0
    if [[ -n $(recovery_begun DECIDED) ]]; then
        site_open
        recovery_end
        return 0
    elif [[ ! -f $SITE_CLOSED ]] && (postgresql_serves) 2>/dev/null; then
        # The server was started again since, and the site with it: what clients have done on these data stays, and the
        # others are still beside.
        recovery_end
        return 0
    fi
    [[ $RUN_MODE == apply ]] || run_refused "Un retour interrompu laisse le site fermé : sudo $0 --undo remet tout en place."
    printf '\n%sLa base d’avant reprend sa place.%s\n' "$YELLOW" "$PLAIN" >&2
    KEPT=$(recovery_begun KEPT)
    local status=0
    # Beside this shell and waited for: called in a condition, bash would ignore -e in all of it.
    put_back_step &
    wait $! || status=$?
    if ((status)); then
        printf '%sLe site est encore fermé%s : ce qui a échoué est dit plus haut. Relancez : sudo %s --undo\n' "$RED" "$PLAIN" "$0" >&2
        exit 1
    fi
    recovery_end
    SETTLED=yes
}

put_back_step() {
    step_begin 'Back : PREVIOUS DATA' '↩ Base d’avant'
    : >"$SITE_CLOSED"
    event Gunicorn-service-stop services_are_stopped services_stop ''
    event Database-setting-back data_are_back set_data_back ''
    [[ $(recovery_begun SITE) != active ]] || event Gunicorn-service-activation services_answer services_start ''
    site_open
    step_end
}

data_are_back() { [[ ! -e $KEPT && ! -e $UNDONE ]] && { ! postgresql_shall_run || postgresql_serves; }; }

postgresql_shall_run() { [[ $(recovery_begun POSTGRESQL) == active ]]; }

# Nothing is erased before the other serves.
set_data_back() {
    if [[ -e $KEPT && $KEPT != "$UNDONE" ]]; then
        systemctl stop "$CLUSTER_UNIT"
        rm -rf "${UNDONE:?}"
        [[ ! -e $CLUSTER_DATA ]] || rename "$CLUSTER_DATA" "$UNDONE"
        rename "$KEPT" "$CLUSTER_DATA"
    fi
    systemctl reset-failed "$CLUSTER_UNIT" 2>/dev/null || true
    if (postgresql_shall_run); then
        postgresql_start || {
            tail -n 12 "$CLUSTER_LOG"
            return 1
        }
    fi
    rm -rf "${UNDONE:?}"
}

discard_step() {
    step_begin 'Discard : PREVIOUS DATA' '  Base d’avant effacée'
    event Previous-data-discarding kept_is_gone discard_kept ''
    step_end
}

kept_is_gone() {
    kept_find
    [[ -z $KEPT ]]
}

discard_kept() { rm -rf "${KEPT_FOLDERS[@]:?}"; }
