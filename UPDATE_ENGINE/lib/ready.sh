# shellcheck shell=bash
# What must be true before anything is changed, in the place of a deploy's preflight.

readonly RELEASE_MB=300 SPARE_MB=200

preflight() {
    PROBLEMS=()
    preflight_recovery
    ready_site
    ((${#PROBLEMS[@]})) || ready_database
    ((${#PROBLEMS[@]})) || ready_place "$SITE_HOME" "$RELEASE_MB"
    [[ -z $REF ]] || ready_source
    ready_told
}

ready_told() {
    ((${#PROBLEMS[@]})) || return 0
    {
        printf '%sRien n’a été changé : ce site ne peut pas être mis à jour.%s\n' "$RED" "$PLAIN"
        printf '  - %s\n' "${PROBLEMS[@]}"
    } >&2
    return 1
}

ready_site() {
    if [[ ! -L $CURRENT ]] || ! release_is_complete "$(readlink -f "$CURRENT")"; then
        problem "Aucune version n’est en service : déployez d’abord (sudo DEPLOY_ENGINE/deploy-engine.sh)."
        return
    fi
    systemctl is-active --quiet nginx || problem "Nginx est arrêté : sudo systemctl start nginx."
    [[ -f $UPDATE/controller.ini || $ACTION != update || -n $REF ]] || problem "$UPDATE/controller.ini manque."
}

ready_database() {
    DATABASE_MB=$(database_megabytes) || problem "PostgreSQL ne répond pas : systemctl status postgresql@*"
}

database_megabytes() {
    (cd / && as_user psql -X -q -A -t -d "$DATABASE" -c 'SELECT pg_database_size(current_database()) / 1048576 + 1')
}

# With the release, a backup, and a copy of the database beside the live one, which migrations may write anew: what
# upgradedatabase asks for too, when the site is closed already.
ready_for_data() {
    ready_place "$SITE_HOME" $((RELEASE_MB + DATABASE_MB))
    ready_place /var/lib/postgresql $((SPARE_MB + 2 * DATABASE_MB))
    ready_told || exit 1
}

ready_place() {
    local free
    free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
    ((free >= $2)) || problem "$1 n’a que $free Mo libres : il en faut $2. Libérez de la place ou agrandissez le disque."
}

ready_source() {
    [[ ${CONF[SOURCE]} != local ]] ||
        problem "--to demande un dépôt git : SOURCE dans deploy.conf. Avec SOURCE=local : sudo DEPLOY_ENGINE/deploy-engine.sh"
}
