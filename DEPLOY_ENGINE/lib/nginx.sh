# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# nginx's files: which template becomes which file, the certificate, and what the running nginx has read.

readonly NGINX=/etc/nginx CONNECTIONS=8192
readonly SELF_SIGNED=/etc/ssl/oc_pizza LETSENCRYPT=/etc/letsencrypt/live/oc_pizza
readonly BROTLI_MODULE=/usr/lib/nginx/modules/ngx_http_brotli_static_module.so

# nginx_files TLS: a line a file: the template, a tab, where it goes.
nginx_files() {
    local parts=$RELEASE_DIR/DEPLOY_ENGINE/conf_files part
    for part in "$parts"/nginx/*.conf; do
        case ${part##*/} in
            tls_* | listen* | main.conf | brotli.conf | unlimited.conf) ;;
            *) printf '%s\t%s\n' "$part" "$NGINX/oc_pizza/${part##*/}" ;;
        esac
    done
    printf '%s\t%s\n' "$parts/nginx/tls_$1.conf" "$NGINX/oc_pizza/tls.conf" \
        "$parts/nginx/$(nginx_listen)" "$NGINX/oc_pizza/listen.conf" \
        "$parts/nginx/main.conf" "$NGINX/modules-enabled/90-oc_pizza.conf" \
        "$parts/nginx_OC_PIZZA" "$NGINX/sites-available/OC_PIZZA"
    [[ ! -f $BROTLI_MODULE ]] || printf '%s\t%s\n' "$parts/nginx/brotli.conf" "$NGINX/oc_pizza/brotli.conf"
    for part in "$parts"/pages/*; do
        printf '%s\t%s\n' "$part" "$SHARED/maintenance/${part##*/}"
    done
}

# `http2` is a directive of its own since 1.25.1.
nginx_listen() {
    local version
    version=$(nginx -v 2>&1 | sed -n 's|.*nginx/\([0-9.]*\).*|\1|p')
    if printf '1.25.1\n%s\n' "$version" | sort --check=quiet --version-sort; then
        echo listen.conf
    else
        echo listen_before_1.25.1.conf
    fi
}

nginx_files_are_current() {
    local template file
    while IFS=$'\t' read -r template file; do
        is_rendered "$template" "$file" || return 1
    done < <(nginx_files "$1")
    nginx_connections_are_enough && [[ -f $NGINX/oc_pizza/unlimited.conf && ! -e $NGINX/sites-enabled/default ]] &&
        [[ $(readlink "$NGINX/sites-enabled/OC_PIZZA") == "$NGINX/sites-available/OC_PIZZA" ]]
}

# Every page that watches live events holds two connections; Debian's nginx.conf allows 768 a process.
nginx_connections_are_enough() { (($(sed -nE 's/^\s*worker_connections\s+([0-9]+);.*/\1/p' "$NGINX/nginx.conf") >= CONNECTIONS)); }

nginx_allow_connections() { sed -E "s/^(\s*worker_connections)\s+[0-9]+;/\1 $CONNECTIONS;/" "$NGINX/nginx.conf" | put "$NGINX/nginx.conf"; }

# nginx_install TLS: all files; a configuration that nginx refuses is taken back.
nginx_install() {
    local before template file
    before=$(mktemp -d)
    cp -a "$NGINX/." "$before"
    install -d -m 0755 "$NGINX/oc_pizza" "$SHARED/maintenance" "$SHARED/acme"
    while IFS=$'\t' read -r template file; do
        put_rendered "$template" "$file"
    done < <(nginx_files "$1")
    # The operator's own from then on.
    [[ -f $NGINX/oc_pizza/unlimited.conf ]] ||
        put_rendered "$RELEASE_DIR/DEPLOY_ENGINE/conf_files/nginx/unlimited.conf" "$NGINX/oc_pizza/unlimited.conf"
    nginx_connections_are_enough || nginx_allow_connections
    rm -f "$NGINX/sites-enabled/default"
    point "$NGINX/sites-enabled/OC_PIZZA" "$NGINX/sites-available/OC_PIZZA"
    if ! nginx -t; then
        rm -rf "$NGINX/oc_pizza" "$NGINX/sites-available/OC_PIZZA" "$NGINX/sites-enabled/OC_PIZZA" "$NGINX/modules-enabled/90-oc_pizza.conf"
        cp -a "$before/." "$NGINX"
        rm -rf "$before"
        echo 'nginx refuse cette configuration : celle d’avant est remise.'
        return 1
    fi
    rm -rf "$before"
}

certificate_is_there() {
    case ${CONF[TLS]} in
        off) true ;;
        self-signed) self_signed_is_good ;;
        letsencrypt) certificate_names "$LETSENCRYPT/fullchain.pem" ;;
    esac
}

# certificate_names FILE: it is for exactly the names of DOMAIN.
certificate_names() {
    local wanted found
    wanted=$(tr ' ' '\n' <<<"${CONF[DOMAIN]}" | sort)
    found=$(openssl x509 -in "$1" -noout -ext subjectAltName 2>/dev/null | grep -o 'DNS:[^,]*' | cut -d : -f 2 | sort)
    [[ $found == "$wanted" ]]
}

# Replaced a month before its end: a deploy is seldom, and this one renews nothing by itself.
self_signed_is_good() {
    [[ $(stat -c %a "$SELF_SIGNED/privkey.pem" 2>/dev/null) == 600 ]] && certificate_names "$SELF_SIGNED/fullchain.pem" &&
        openssl x509 -in "$SELF_SIGNED/fullchain.pem" -noout -checkend $((30 * 86400)) >/dev/null
}

certificate_make() {
    case ${CONF[TLS]} in
        self-signed) self_sign ;;
        letsencrypt) ask_authority ;;
    esac
}

self_sign() {
    local names=''
    local name
    for name in ${CONF[DOMAIN]}; do
        names+="${names:+,}DNS:$name"
    done
    install -d -m 0755 "$SELF_SIGNED"
    # The pair is made aside and moved key first: an nginx that starts in between finds the old pair or none, never half.
    (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj "/CN=${CONF[FIRST_DOMAIN]}" \
        -addext "subjectAltName=$names" -addext 'basicConstraints=critical,CA:FALSE' -keyout "$SELF_SIGNED/privkey.new" -out "$SELF_SIGNED/fullchain.new")
    chmod 0644 "$SELF_SIGNED/fullchain.new"
    mv -f "$SELF_SIGNED/privkey.new" "$SELF_SIGNED/privkey.pem"
    mv -f "$SELF_SIGNED/fullchain.new" "$SELF_SIGNED/fullchain.pem"
}

# The authority asks for a file over plain HTTP: until there is a certificate, the site answers without TLS.
ask_authority() {
    local name
    local -a names=() server=()
    for name in ${CONF[DOMAIN]}; do
        names+=(--domain "$name")
    done
    [[ -z ${CONF[ACME_SERVER]} ]] || server=(--server "${CONF[ACME_SERVER]}")
    if [[ ! -f $LETSENCRYPT/fullchain.pem ]]; then
        nginx_install off
        firewall_open
        systemctl reload-or-restart nginx
    fi
    certbot certonly --non-interactive --agree-tos --email "${CONF[TLS_EMAIL]}" --webroot --webroot-path "$SHARED/acme" \
        --cert-name oc_pizza --deploy-hook 'systemctl reload nginx' "${server[@]}" "${names[@]}"
}

# Closed to the outside but for SSH and nginx. Rules that the operator added stay.
firewall_is_up() {
    local status
    status=$(ufw status verbose) && grep -q '^Status: active' <<<"$status" && grep -q '^Default: deny (incoming)' <<<"$status" &&
        grep -qE "^${CONF[SSH_PORT]}/tcp +ALLOW" <<<"$status" && grep -qE '(Nginx Full\)|^Nginx Full) +ALLOW' <<<"$status"
}

firewall_open() {
    ufw default deny incoming
    ufw allow "${CONF[SSH_PORT]}/tcp"
    ufw allow 'Nginx Full'
    ufw --force enable
}

# What the running nginx has read, in one sum.
nginx_written() {
    (cd "$NGINX" && cat nginx.conf oc_pizza/*.conf sites-available/OC_PIZZA modules-enabled/90-oc_pizza.conf &&
        { [[ ${CONF[TLS]} != self-signed ]] || cat "$SELF_SIGNED/fullchain.pem"; }) | sha256sum
}

nginx_runs_as_written() { [[ $(cat "$SHARED/nginx-started-with" 2>/dev/null) == "$(nginx_written)" ]]; }

nginx_note_running() { nginx_written | put "$SHARED/nginx-started-with"; }
