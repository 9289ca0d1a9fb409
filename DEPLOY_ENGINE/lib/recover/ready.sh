# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# What must be true before anything is changed, in the place of a deploy's preflight; what will be lost; the question.

readonly SPARE_MB=500

preflight() {
    PROBLEMS=()
    preflight_update
    ready_cluster
    problems_told 'Rien n’a été changé.'
}

# Once an interrupted recovery is settled. KEPT is where the present data go, or, afterwards, where they are.
ready() {
    PROBLEMS=()
    kept_find
    "ready_${ACTION//-/_}"
    problems_told 'Rien n’a été changé.' || exit 1
    "told_${ACTION//-/_}"
    [[ $RUN_MODE != check ]] || exit 0
    ask_to_go_on
}

# PostgreSQL may be down: what is asked for may be the way out of that.
ready_cluster() {
    local version name data
    if [[ ! -f $WAL_CONF ]] || ! command -v pgbackrest >/dev/null; then
        problem "Rien n’est archivé sur ce serveur : WAL_ARCHIVE=on dans deploy.conf, puis DEPLOY_ENGINE/deploy-engine.sh."
        return 0
    fi
    data=$(sed -n 's/^pg1-path=//p' "$WAL_CONF")
    read -r version name < <(pg_lsclusters -h | awk -v data="$data" '$6 == data { print $1, $2 }') || {
        problem "Aucune base PostgreSQL de ce serveur n’est dans $data (pg_lsclusters)."
        return 0
    }
    cluster_take "$version" "$name"
    UNDONE=${CLUSTER_DATA}_undone
    RELEASE_CHOSEN=$(release_in_service)
    if [[ -z $RELEASE_CHOSEN ]]; then
        problem "Aucune version n’est en service : déployez d’abord (sudo DEPLOY_ENGINE/deploy-engine.sh)."
        return 0
    fi
    release_take "$RELEASE_CHOSEN"
}

kept_find() {
    mapfile -t KEPT_FOLDERS < <(find "$(dirname "$CLUSTER_DATA")" -mindepth 1 -maxdepth 1 \( -name "$(basename "$CLUSTER_DATA")_before_*" -o -path "$UNDONE" \) | sort)
    KEPT=${KEPT_FOLDERS[0]:-}
}

ready_to() {
    local code=0 answer now history
    if [[ -n $KEPT ]]; then
        problem "La base d’avant le dernier retour est encore là ($KEPT). Reprenez-la (--undo) ou effacez-la (--discard-previous) d’abord."
        return 0
    fi
    now=$(date +%s)
    MOMENT=$(moment_read "$ASKED")
    ((MOMENT < now)) || { problem "$(paris "$MOMENT") n’est pas encore passé : il est $(paris "$now")." && return 0; }
    mapfile -t history < <(timeline_history)
    answer=$(wal_sets for "$MOMENT" "$(timeline)" "${history[@]}") || code=$?
    case $code in
        0) read -r SET SIZE <<<"$answer" ;;
        3) problem "Aucune sauvegarde n’était finie le $(paris "$MOMENT")${answer:+ : on peut revenir au $(paris "$answer"), ou après}." ;;
        *) problem "pgBackRest ne dit pas ce qu’il a : sudo -u postgres pgbackrest --stanza=$WAL_STANZA info" ;;
    esac
    ((code)) || ready_place
    KEPT=${CLUSTER_DATA}_before_$(tr -dc 0-9 <<<"$RUN_ID" | head -c 14)
}

# Set aside by a rename, and filled anew with the other still there.
ready_place() {
    require_room "$(dirname "$CLUSTER_DATA")" $((SIZE / 1048576 + SPARE_MB))
    [[ -f $CLUSTER_DATA/PG_VERSION ]] || problem "$CLUSTER_DATA n’est pas une base PostgreSQL : il n’y a rien à garder. Ce retour se fait à la main (pgbackrest restore)."
    ! mountpoint -q "$CLUSTER_DATA" || problem "$CLUSTER_DATA est un disque à part : il ne peut pas être renommé."
    [[ ! -L $CLUSTER_DATA && ! -L $CLUSTER_DATA/pg_wal && -z $(ls -A "$CLUSTER_DATA/pg_tblspc" 2>/dev/null) ]] ||
        problem "$CLUSTER_DATA mène à d’autres disques (pg_wal, pg_tblspc) : pgBackRest les y écraserait. Ce retour se fait à la main."
}

ready_undo() { [[ -n $KEPT ]] || problem 'Aucune base d’avant un retour n’est gardée.'; }

ready_discard_previous() {
    ready_undo
    is_true 2>/dev/null <<<'SELECT NOT pg_is_in_recovery();' || problem "PostgreSQL ne répond pas : la base d’avant est peut-être la seule bonne."
}

# timeline: the life that the present data are in. Each recovery begins a new one.
timeline() {
    LC_ALL=C "$CLUSTER_BIN/pg_controldata" "$CLUSTER_DATA" | awk -v newest=0 "
        /^Latest checkpoint's (Prev)?TimeLineID|^Min recovery ending loc's timeline/ { if (\$NF > newest) newest = \$NF }
        END { print newest }"
}

# timeline_history: the file that tells what the present life has come from; the first life has none.
timeline_history() {
    local file
    file=$(printf '%s/pg_wal/%08X.history' "$CLUSTER_DATA" "$(timeline)")
    [[ ! -f $file ]] || printf '%s\n' "$file"
}

told_to() {
    printf 'La base redeviendrait celle du %s (heure de Paris) ; le site serait fermé pendant ce temps.\n' "$(paris "$MOMENT")"
    printf 'Serait perdu tout ce que les clients et les équipes ont fait depuis : %s.\n' "$(losses "$MOMENT")"
    printf 'Les médias ne changent pas ; les courriels partis restent partis ; les paiements en ligne restent chez le prestataire.\n'
    printf 'La base d’à présent serait gardée dans %s.\n' "$KEPT"
}

told_recovered() {
    printf '\n%sLa base est celle du %s%s (heure de Paris). Dernier changement gardé : %s\n\n' "$BOLD" "$(paris "$MOMENT")" "$PLAIN" \
        "$(cat "$RECOVERY_LAST")"
    printf '  La base d’avant   %s\n' "$KEPT"
    printf '  La reprendre      sudo %s --undo\n  L’effacer         sudo %s --discard-previous\n' "$0" "$0"
}

told_undo() {
    printf 'La base d’avant le retour (%s) serait reprise.\n' "$KEPT"
    printf 'Serait perdu tout ce que les clients et les équipes ont fait depuis le retour : %s.\n' "$(losses "$(stat -c %Z "$KEPT")")"
}

told_discard_previous() { printf 'Serait effacé pour toujours : %s\n' "${KEPT_FOLDERS[*]}"; }

# losses SECONDS
losses() {
    SQL_DATABASE=$DATABASE sql -v since="$1" 2>/dev/null <<'FIN' || printf 'la base ne répond pas, on ne peut pas le compter'
SELECT format('%s commande(s), %s nouveau(x) compte(s)', (SELECT count(*) FROM ordering_order WHERE placed_at > to_timestamp(:since)),
    (SELECT count(*) FROM accounts_user WHERE created_at > to_timestamp(:since)));
FIN
}
