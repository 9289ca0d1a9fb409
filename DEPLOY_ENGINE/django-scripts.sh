#!/usr/bin/env bash
# Étape 4 : la version elle-même, son environnement d’exécution, le schéma de la base, les premières données, les
# fichiers statiques.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/environment.sh
source "$ENGINE/lib/environment.sh"
# shellcheck source=DEPLOY_ENGINE/lib/content.sh
source "$ENGINE/lib/content.sh"

readonly BEGUN='création en cours'

# The same content as the source, and the settings that it starts with; nothing is lost that is in service.
project_is_there() { content_is_there && components_are_kept && environment_is_current; }

download_project() {
    local status=0
    (release_identify && components_are_kept) || status=1
    ((status == 0)) || components_refuse
    content_copy
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

run_begin "$@"
step_begin 'Step 4 : DJANGO PROJECT' '4 Projet Django'
event Project-downloading project_is_there download_project 'cette version serait copiée, et son environnement d’exécution écrit'
event Database-upgrading database_is_upgraded upgrade_database 'le schéma de la base serait mis à jour'
event Ressources-access-formatting resources_are_formatted format_resources 'les fichiers statiques seraient rassemblés et compressés'
step_end
