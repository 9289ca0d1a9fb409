# shellcheck shell=bash
# ~/OC_PIZZA_shared/environment: what the processes are started with. Root's, 0600, outside the releases. The engine
# owns the keys below; secrets are made once; every other line is the operator's and stays.

environment_managed() {
    local scheme=https https=1 name origins=''
    [[ ${CONF[TLS]} != off ]] || scheme=http https=0
    for name in ${CONF[DOMAIN]}; do
        origins+="${origins:+,}$scheme://$name"
    done
    environment_line DJANGO_SETTINGS_MODULE OC_PIZZA.settings
    environment_line SERVICE_USER "$SERVICE_USER"
    environment_line DATABASE_URL "postgres:///$DATABASE"
    environment_line ALLOWED_HOSTS "${CONF[DOMAIN]// /,}"
    environment_line CSRF_TRUSTED_ORIGINS "$origins"
    environment_line HTTPS "$https"
    environment_line MEDIA_ROOT "$SHARED/media"
    environment_line BACKUP_ROOT "$SHARED/backups"
    environment_line EMAIL_HOST "${CONF[MAIL_HOST]}"
    environment_line EMAIL_PORT "${CONF[MAIL_PORT]}"
    environment_line EMAIL_HOST_USER "${CONF[MAIL_USER]}"
    environment_line EMAIL_SECURITY "${CONF[MAIL_SECURITY]}"
    environment_line DEFAULT_FROM_EMAIL "${CONF[MAIL_FROM]}"
}

# Quoted as systemd reads it and as manage.py does; deploy.conf allows neither quotes nor backslashes here.
environment_line() { printf '%s="%s"\n' "$1" "$2"; }

# The file as it should be: the engine's keys, the operator's lines, secrets as they are or new.
environment_wanted() {
    local managed keys kept=''
    managed=$(environment_managed)
    keys=$(cut -d = -f 1 <<<"$managed" | paste -s -d '|')
    [[ ! -f $ENVIRONMENT ]] || kept=$(grep -vE "^($keys|#.*DEPLOY_ENGINE.*)(=|$)" "$ENVIRONMENT" || true)
    printf '# Écrit par DEPLOY_ENGINE à partir de deploy.conf\n%s\n%s\n' "$managed" "$kept"
    grep -q '^SECRET_KEY=' <<<"$kept" || printf 'SECRET_KEY="%s"\n' "$(openssl rand -hex 48)"
    grep -q '^EMAIL_HOST_PASSWORD=' <<<"$kept" || printf 'EMAIL_HOST_PASSWORD=""\n'
}

# environment_names KEY: the operator has given it a value.
environment_names() { grep -qE "^$1=[\"']?[^\"']" "$ENVIRONMENT" 2>/dev/null; }

environment_is_current() {
    [[ -f $ENVIRONMENT && $(stat -c '%U %a' "$ENVIRONMENT") == 'root 600' ]] || return 1
    # Compared inside the shell: no secret goes to a file or an argument list.
    [[ $(environment_wanted) == "$(cat "$ENVIRONMENT")" ]]
}

environment_write() {
    local text
    text=$(environment_wanted)
    printf '%s\n' "$text" | put "$ENVIRONMENT" 0600
}
