# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# PostgreSQL on this machine, as its own administrator.

# Names come from deploy.conf, which allows letters, digits, _ and - only; psql quotes them by itself (:"name", :'name').
sql() {
    (cd / && runuser -u postgres -- psql -X -q -A -t -v ON_ERROR_STOP=1 \
        -v database="$DATABASE" -v role="$SERVICE_USER" "$@" -d "${SQL_DATABASE:-postgres}")
}

is_true() { [[ $(sql "$@") == t ]]; }

wait_for_postgresql() {
    local _second
    for _second in {1..60}; do
        runuser -u postgres -- pg_isready --quiet && return
        sleep 1
    done
    echo 'PostgreSQL ne répond pas après 60 s : systemctl status postgresql@*'
    return 1
}

# cluster_take VERSION NAME: the paths and the unit of one of Debian's clusters. The data directory may be missing.
cluster_take() {
    CLUSTER_CONF=/etc/postgresql/$1/$2
    CLUSTER_UNIT=postgresql@$1-$2.service
    CLUSTER_BIN=/usr/lib/postgresql/$1/bin
    CLUSTER_LOG=/var/log/postgresql/postgresql-$1-$2.log
    CLUSTER_DATA=$(pg_conftool -s "$1" "$2" show data_directory)
}

# The one that answers, in which the site's database is.
cluster_find() {
    local settings
    settings=$(sql <<<'SHOW config_file;') && [[ $settings =~ ^/etc/postgresql/([^/]+)/([^/]+)/postgresql\.conf$ ]] &&
        cluster_take "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
}
