# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# Asking the site how it is, on this machine.

readonly GUNICORN_SOCKET=/run/gunicorn.sock READY_SECONDS=60

# ready_release SOCKET: the id of the release that answers /readyz there and is ready.
ready_release() {
    curl --silent --fail --max-time 5 --unix-socket "$1" --header "Host: ${CONF[FIRST_DOMAIN]}" \
        --header 'X-Forwarded-Proto: https' http://localhost/readyz |
        sed -n 's/.*"ready": *true.*"release": *"\([^"]*\)".*/\1/p'
}

# wait_for_release SOCKET ID SECONDS
wait_for_release() {
    local deadline=$((SECONDS + $3))
    while ((SECONDS < deadline)); do
        [[ $(ready_release "$1") == "$2" ]] && return
        sleep 0.2
    done
    echo "La version $2 n’est pas prête après $3 s sur $1."
    return 1
}

# ask PATH: the site's answer through nginx, as a client on this machine gets it; the self-signed certificate is known here.
ask() {
    local -a trust=()
    [[ ${CONF[TLS]} != self-signed ]] || trust=(--cacert /etc/ssl/oc_pizza/fullchain.pem)
    curl --silent --show-error --fail --max-time 15 "${trust[@]}" \
        --resolve "${CONF[FIRST_DOMAIN]}:443:127.0.0.1" --resolve "${CONF[FIRST_DOMAIN]}:80:127.0.0.1" "$SITE_URL$1"
}
