#!/usr/bin/env bash
# Étape 2 : la base de données et son rôle, sans mot de passe : le compte du site entre par la socket locale.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"

for part in postgresql site units wal; do
    # shellcheck source=/dev/null
    source "$ENGINE/lib/$part.sh"
done

database_is_there() {
    is_true <<<"SELECT EXISTS (SELECT FROM pg_database WHERE datname = :'database' AND pg_encoding_to_char(encoding) = 'UTF8');"
}

# Sorted by code point: a later version of the C library cannot put an index out of order.
create_database() {
    systemctl enable --now --quiet postgresql
    wait_for_postgresql
    sql <<<"CREATE DATABASE :\"database\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';"
}

# It makes databases: a restore, its drill and an update fill one beside the live one (decision 11). Nothing else of an administrator's.
role_is_there() {
    is_true <<<"SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role' AND rolcanlogin AND rolcreatedb AND NOT rolsuper
        AND NOT rolcreaterole AND NOT rolreplication AND NOT rolbypassrls);"
}

create_role() {
    sql <<'FIN'
SELECT format('CREATE ROLE %I', :'role') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
FIN
}

# The manual's three settings, and nobody but the role in its database.
role_is_associated() {
    is_true <<'FIN' && SQL_DATABASE=$DATABASE is_true <<'FIN2' && role_can_connect
SELECT EXISTS (SELECT FROM pg_database d WHERE datname = :'database' AND pg_get_userbyid(datdba) = :'role'
        AND NOT EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) WHERE grantee = 0))
    AND coalesce((SELECT rolconfig @> ARRAY['client_encoding=utf8', 'default_transaction_isolation=read committed', 'TimeZone=UTC']
        FROM pg_roles WHERE rolname = :'role'), false);
FIN
SELECT has_schema_privilege(:'role', 'public', 'CREATE')
    AND NOT EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
        WHERE nspname = 'public' AND a.grantee = 0 AND a.privilege_type = 'CREATE');
FIN2
}

role_can_connect() { (cd / && as_user psql -X -q -A -t -d "$DATABASE" -c 'SELECT 1'); }

associate_role() {
    sql <<'FIN'
ALTER ROLE :"role" SET client_encoding TO 'utf8';
ALTER ROLE :"role" SET default_transaction_isolation TO 'read committed';
ALTER ROLE :"role" SET timezone TO 'UTC';
ALTER DATABASE :"database" OWNER TO :"role";
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT ALL PRIVILEGES ON DATABASE :"database" TO :"role";
FIN
    SQL_DATABASE=$DATABASE sql <<<'REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT ALL ON SCHEMA public TO :"role";'
}

run_begin "$@"
step_begin 'Step 2 : POSTGRESQL DataBase' '2 Base de données'
event Database-creation database_is_there create_database "la base $DATABASE serait créée"
event Psql-user-creation role_is_there create_role "le rôle $SERVICE_USER pourrait créer des bases, sans autre droit d’administration"
event User-association role_is_associated associate_role "la base $DATABASE appartiendrait à $SERVICE_USER, à lui seul"
if [[ ${CONF[WAL_ARCHIVE]} == on ]]; then
    event Wal-archive-configuration wal_is_configured configure_wal 'l’archivage de chaque changement serait réglé'
    event Wal-archive-activation wal_is_active activate_wal 'PostgreSQL redémarrerait (une ou deux secondes) et archiverait'
    event Wal-first-backup wal_has_backup make_wal_backup 'une première sauvegarde complète serait faite'
elif [[ -n $(wal_traces) ]]; then
    event Wal-archive-deactivation wal_is_off deactivate_wal 'PostgreSQL redémarrerait (une ou deux secondes) et n’archiverait plus'
    [[ $RUN_MODE == check ]] || printf '    Ce qui est archivé reste dans %s : on peut encore revenir à un instant d’avant. Effacez-le quand il ne sert plus.\n' "$WAL_REPOSITORY"
fi
step_end
