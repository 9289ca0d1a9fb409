# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# Asking the site how it is, on this machine.

readonly GUNICORN_SOCKET=/run/gunicorn.sock READY_SECONDS=30

# readiness SOCKET: what /readyz says there, ready or not.
readiness() {
    curl --silent --max-time 5 --unix-socket "$1" --header "Host: ${CONF[FIRST_DOMAIN]}" --header 'X-Forwarded-Proto: https' \
        http://localhost/readyz
}

# ready_release SOCKET: the id of the release that answers /readyz there and is ready.
ready_release() {
    readiness "$1" | sed -n 's/.*"ready": *true.*"release": *"\([^"]*\)".*/\1/p'
}

# wait_for_release UNIT SOCKET ID: until that release is ready there; not for a unit that has ended.
wait_for_release() {
    local deadline=$((SECONDS + READY_SECONDS))
    while ((SECONDS < deadline)); do
        [[ $(ready_release "$2") == "$3" ]] && return
        systemctl is-active --quiet "$1" || {
            echo "La version $3 n’est pas prête : $1 s’est arrêté."
            return 1
        }
        sleep 0.2
    done
    echo "La version $3 n’est pas prête après $READY_SECONDS s : $(readiness "$2")"
    return 1
}

# ask PATH: the site's answer through nginx, as a client on this machine gets it; the self-signed certificate is known here.
ask() {
    local -a trust=()
    [[ ${CONF[TLS]} != self-signed ]] || trust=(--cacert /etc/ssl/oc_pizza/fullchain.pem)
    curl --silent --show-error --fail --max-time 15 "${trust[@]}" \
        --resolve "${CONF[FIRST_DOMAIN]}:443:127.0.0.1" --resolve "${CONF[FIRST_DOMAIN]}:80:127.0.0.1" "$SITE_URL$1"
}
