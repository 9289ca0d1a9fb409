# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# deploy.conf: read as text, never executed; every error is told at once, with its line.
# conf_load FILE fills the associative array CONF and the paths that follow from it.

declare -gA CONF=()
readonly -a CONF_KEYS=(
    SERVICE_USER DOMAIN DATABASE_NAME SOURCE SOURCE_REF TLS TLS_EMAIL ACME_SERVER
    WEB_WORKERS WEB_THREADS LIVE_WORKERS START_WITH RESPONSABLE_NAME RESPONSABLE_EMAIL
    MAIL_HOST MAIL_PORT MAIL_USER MAIL_SECURITY MAIL_FROM SSH_PORT KEEP_RELEASES WAL_ARCHIVE WAL_KEEP_DAYS
)

conf_load() {
    local file=$1
    CONF_ERRORS=()
    [[ -r $file ]] || {
        echo "Le fichier $file est introuvable ou illisible." >&2
        return 1
    }
    conf_read "$file"
    # What cannot be read is told first: checking the rest would only tell the same again in other words.
    ((${#CONF_ERRORS[@]})) || conf_validate
    if ((${#CONF_ERRORS[@]})); then
        echo "Rien n’a été changé : $file contient des erreurs." >&2
        printf '  %s\n' "${CONF_ERRORS[@]}" >&2
        return 1
    fi
    conf_paths
}

conf_error() { CONF_ERRORS+=("$*"); }

conf_read() {
    local line key value number=0
    while IFS= read -r line || [[ -n $line ]]; do
        number=$((number + 1))
        line=${line%$'\r'}
        [[ $line =~ ^[[:space:]]*(#.*)?$ ]] && continue
        if [[ ! $line =~ ^([A-Z_]+)=(.*)$ ]]; then
            conf_error "ligne $number : « $line » n’a pas la forme CLÉ=valeur."
            continue
        fi
        key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
        if [[ " ${CONF_KEYS[*]} " != *" $key "* ]]; then
            conf_error "ligne $number : la clé $key n’existe pas."
        elif [[ -v CONF[$key] ]]; then
            conf_error "ligne $number : $key est donné deux fois."
        else
            CONF[$key]=$value
        fi
    done <"$1"
    for key in "${CONF_KEYS[@]}"; do
        [[ -v CONF[$key] ]] || conf_error "il manque la clé $key."
    done
}

# conf_matches KEY REGEX HINT: the value has that form, or an error tells the hint.
conf_matches() {
    [[ ${CONF[$1]} =~ ^($2)$ ]] || conf_error "$1=${CONF[$1]} : $3"
}

conf_number() {
    local value=${CONF[$1]}
    if [[ ! $value =~ ^[1-9][0-9]{0,4}$ ]] || ((value < $2 || value > $3)); then
        conf_error "$1=$value : un nombre de $2 à $3 est attendu."
    fi
}

conf_validate() {
    local label='[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
    local name="$label(\\.$label)*"
    local mail='[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+'
    conf_matches SERVICE_USER '[a-z_][a-z0-9_-]{0,30}' 'un nom de compte : lettres minuscules, chiffres, _ et -.'
    [[ ${CONF[SERVICE_USER]} == @(root|postgres|www-data) ]] && conf_error "SERVICE_USER : le site ne tourne pas sous ${CONF[SERVICE_USER]}."
    conf_matches DOMAIN "$name( $name)*" 'un nom de domaine en minuscules, par exemple www.ocpizza.fr.'
    conf_matches DATABASE_NAME '[a-z_][a-z0-9_]{0,62}' 'lettres minuscules, chiffres et _.'
    [[ ${CONF[DATABASE_NAME]} == @(postgres|template0|template1) ]] && conf_error "DATABASE_NAME : ${CONF[DATABASE_NAME]} est une base de PostgreSQL lui-même."
    conf_matches SOURCE 'local|(https|ssh|git|file)://[^ ]+|[^ :/-][^ :/]*@[^ :]+:[^ ]+|/[^ ]+' 'local, ou l’adresse d’un dépôt git.'
    conf_matches SOURCE_REF '[A-Za-z0-9_][A-Za-z0-9._/-]*' 'une branche, une étiquette ou un commit.'
    conf_matches TLS 'letsencrypt|self-signed|off' 'letsencrypt, self-signed ou off.'
    [[ ${CONF[TLS]} != letsencrypt ]] || conf_matches TLS_EMAIL "$mail" 'letsencrypt demande une adresse où écrire.'
    conf_matches ACME_SERVER '|https://[^ ]+' 'une adresse https, ou rien.'
    conf_number WEB_WORKERS 1 64
    conf_number WEB_THREADS 1 64
    conf_number LIVE_WORKERS 1 16
    conf_number SSH_PORT 1 65535
    conf_number KEEP_RELEASES 2 100
    conf_matches WAL_ARCHIVE 'on|off' 'on ou off.'
    conf_number WAL_KEEP_DAYS 1 365
    conf_matches START_WITH 'carte|demo|rien' 'carte, demo ou rien.'
    conf_matches RESPONSABLE_NAME "[[:alpha:]][[:alpha:] .'’-]*" 'le prénom et le nom du premier responsable.'
    conf_matches RESPONSABLE_EMAIL "$mail" 'l’adresse électronique du premier responsable.'
    conf_validate_mail "$mail"
}

conf_validate_mail() {
    conf_matches MAIL_SECURITY 'starttls|tls|none' 'starttls, tls ou none.'
    conf_matches MAIL_HOST '[A-Za-z0-9.:-]*' 'le nom d’un serveur SMTP, ou rien.'
    conf_number MAIL_PORT 1 65535
    conf_matches MAIL_USER '[^ "\\]*' 'un identifiant sans espace ni guillemet, ou rien.'
    [[ -z ${CONF[MAIL_HOST]} ]] || conf_matches MAIL_FROM "([^<>\"\\\\]+ <$1>|$1)" 'avec MAIL_HOST, l’adresse d’où partent les courriels.'
}

conf_paths() {
    SERVICE_USER=${CONF[SERVICE_USER]}
    DATABASE=${CONF[DATABASE_NAME]}
    CONF[HOME]=/home/$SERVICE_USER
    CONF[FIRST_DOMAIN]=${CONF[DOMAIN]%% *}
    SITE_HOME=${CONF[HOME]}
    CURRENT=$SITE_HOME/OC_PIZZA
    PREVIOUS=$SITE_HOME/OC_PIZZA_previous
    RELEASES=$SITE_HOME/OC_PIZZA_releases
    SHARED=$SITE_HOME/OC_PIZZA_shared
    ENVIRONMENT=$SHARED/environment
    UPDATE_BEGUN=$SHARED/update-begun
    RECOVERY_BEGUN=$SHARED/recovery-begun
    # Where nginx looks for it; gone with a power cut, and the site is open again.
    SITE_CLOSED=/run/oc-pizza-closed
    FIRST_LOGIN=$SHARED/premier-responsable
    SITE_URL=https://${CONF[FIRST_DOMAIN]}
    [[ ${CONF[TLS]} != off ]] || SITE_URL=http://${CONF[FIRST_DOMAIN]}
    readonly SERVICE_USER DATABASE SITE_HOME CURRENT PREVIOUS RELEASES SHARED ENVIRONMENT UPDATE_BEGUN RECOVERY_BEGUN SITE_CLOSED FIRST_LOGIN SITE_URL
}
