# shellcheck shell=bash
# What must be true before anything is changed, in the place of a deploy's preflight.

readonly RELEASE_MB=300 SPARE_MB=200
readonly NOT_READY='Rien n’a été changé : ce site ne peut pas être mis à jour.'

preflight() {
    PROBLEMS=()
    preflight_recovery
    ready_site
    ((${#PROBLEMS[@]})) || ready_database
    ((${#PROBLEMS[@]})) || ready_for_release
    [[ -z $REF ]] || ready_source
    problems_told "$NOT_READY"
}


ready_site() {
    if [[ ! -L $CURRENT ]] || ! release_is_complete "$(readlink -f "$CURRENT")"; then
        problem "Aucune version n’est en service : déployez d’abord (sudo DEPLOY_ENGINE/deploy-engine.sh)."
        return 0
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

ready_for_release() {
    require_room "$SITE_HOME" "$RELEASE_MB" /var/cache $((SPARE_MB + $(du -sm "$UPDATE/components" | cut -f 1)))
}

# With the release, a backup, and a copy of the database beside the live one, which migrations may write anew: what
# upgradedatabase asks for too, when the site is closed already.
ready_for_data() {
    require_room "$SITE_HOME" $((RELEASE_MB + DATABASE_MB)) /var/lib/postgresql $((SPARE_MB + 2 * DATABASE_MB))
    problems_told "$NOT_READY" || exit 1
}

ready_source() {
    [[ ${CONF[SOURCE]} != local ]] ||
        problem "--to demande un dépôt git : SOURCE dans deploy.conf. Avec SOURCE=local : sudo DEPLOY_ENGINE/deploy-engine.sh"
}
