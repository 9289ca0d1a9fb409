#!/usr/bin/env bash
# Étape 4 : la version elle-même, son environnement d’exécution, le schéma de la base, les premières données, les
# fichiers statiques. Le fichier RELEASE, écrit en dernier, dit qu’elle est entière.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/environment.sh
source "$ENGINE/lib/environment.sh"

readonly BEGUN='création en cours'

# The same content as the source, and the settings that it starts with.
project_is_there() {
    release_identify && [[ $(release_sum "$RELEASE_DIR") == "${RELEASE_ID##*-}" ]] && environment_is_current
}

download_project() {
    release_identify
    install -d -m 0755 "$RELEASE_DIR"
    # What an earlier attempt left and the source does not have would change the release's sum.
    (cd "$RELEASE_DIR" && release_files . | xargs -0 -r rm -f)
    (cd "$(release_source)" && release_files . | tar --create --null --no-recursion --files-from - --owner 0 --group 0 --mode 'u=rwX,go=rX') |
        tar --extract --directory "$RELEASE_DIR" --same-permissions
    chmod 0755 "$RELEASE_DIR/manage.py"
    "$VENV/bin/python" -m compileall -q -x '/(oc_pizza_venv|static)/' "$RELEASE_DIR"
    environment_write
}

# A role has tables of its own from the first migration on: asked of PostgreSQL, which answers sooner than Django.
database_is_upgraded() {
    release_identify && manage migrate --check && first_data_is_there && first_responsable_is_there
}

upgrade_database() {
    release_identify
    manage migrate --no-input
    first_data_is_there || case ${CONF[START_WITH]} in
        carte) manage loadgroup ;;
        demo) manage createdemo --days "${DEMO_DAYS:-30}" ;;
    esac
    first_responsable_is_there || create_first_responsable
}

first_data_is_there() {
    [[ ${CONF[START_WITH]} == rien ]] || [[ $(site_sql 'SELECT EXISTS (SELECT FROM stores_store)') == t ]]
}

# Once the account is there, the file is the operator's to empty or to remove. Begun and not ended, it says so.
first_responsable_is_there() {
    if [[ -f $FIRST_LOGIN ]]; then
        [[ $(cat "$FIRST_LOGIN") != "$BEGUN" ]]
    else
        [[ -n $(first_responsable) ]]
    fi
}

first_responsable() {
    site_sql "SELECT identifier FROM accounts_user WHERE lower(email) = lower('${CONF[RESPONSABLE_EMAIL]}') AND EXISTS (SELECT FROM accounts_staffrole WHERE user_id = accounts_user.id) LIMIT 1"
}

# The password goes from the command into root's file, by no log and no argument. A run that is cut between the two
# has lost it: the next one finds the file begun and the account there, and issues another.
create_first_responsable() {
    local words
    printf '%s\n' "$BEGUN" | put "$FIRST_LOGIN" 0600
    words=$(manage createresponsable --name "${CONF[RESPONSABLE_NAME]}" --email "${CONF[RESPONSABLE_EMAIL]}")
    [[ -n $words ]] || words=$(manage reissuepassword "$(first_responsable)")
    printf '%s\n' "$words" | put "$FIRST_LOGIN" 0600
}

site_sql() { (cd / && as_user psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$DATABASE" -c "$1"); }

resources_are_formatted() {
    release_identify && release_is_complete "$RELEASE_DIR" && [[ -f $RELEASE_DIR/static/staticfiles.json ]] &&
        [[ -z $(find "$RELEASE_DIR" \( -user "$SERVICE_USER" -o -perm /022 \) ! -type l -print -quit) ]]
}

# Static files are collected by the service user, which never writes anything else of a release, and become root's.
format_resources() {
    release_identify
    rm -rf "$RELEASE_DIR/static" "$RELEASE_DIR/RELEASE"
    install -d -o "$SERVICE_USER" -m 0755 "$RELEASE_DIR/static"
    STATIC_ROOT=$RELEASE_DIR/static manage collectstatic --no-input --verbosity 0
    chown -R root:root "$RELEASE_DIR"
    chmod -R u=rwX,go=rX "$RELEASE_DIR"
    printf '%s\n' "$RELEASE_ID" | put "$RELEASE_DIR/RELEASE"
}

run_begin "$@"
step_begin 'Step 4 : DJANGO PROJECT' '4 Projet Django'
event Project-downloading project_is_there download_project 'cette version serait copiée, et son environnement d’exécution écrit'
event Database-upgrading database_is_upgraded upgrade_database 'le schéma de la base serait mis à jour'
event Ressources-access-formatting resources_are_formatted format_resources 'les fichiers statiques seraient rassemblés et compressés'
step_end
