# shellcheck shell=bash disable=SC2034 # what is set here is read by the scripts
# Asking the site how it is, on this machine.

readonly GUNICORN_SOCKET=/run/gunicorn.sock READY_SECONDS=30

# behind_nginx SOCKET PATH: the site's own answer there, with curl's options after.
behind_nginx() {
    local socket=$1 path=$2
    shift 2
    curl --silent --max-time 5 --unix-socket "$socket" --header "Host: ${CONF[FIRST_DOMAIN]}" --header 'X-Forwarded-Proto: https' \
        "$@" "http://localhost$path"
}

# readiness SOCKET: what /readyz says there, ready or not.
readiness() { behind_nginx "$1" /readyz; }

# ready_release SOCKET: the id of the release that answers /readyz there and is ready.
ready_release() {
    readiness "$1" | sed -n 's/.*"ready": *true.*"release": *"\([^"]*\)".*/\1/p'
}

# wait_for_release UNIT SOCKET ID: until that release is ready there; not for a unit that has ended.
wait_for_release() {
    local deadline=$((SECONDS + READY_SECONDS))
    while ((SECONDS < deadline)); do
        [[ $(ready_release "$2") == "$3" ]] && return 0
        systemctl is-active --quiet "$1" || {
            echo "La version $3 n’est pas prête : $1 s’est arrêté."
            return 1
        }
        sleep 0.2
    done
    echo "La version $3 n’est pas prête après $READY_SECONDS s : $(readiness "$2")"
    return 1
}

# through_nginx PATH: a client's request from this machine, with curl's options after; the self-signed certificate is
# known here.
through_nginx() {
    local path=$1
    shift
    local -a trust=()
    [[ ${CONF[TLS]} != self-signed ]] || trust=(--cacert /etc/ssl/oc_pizza/fullchain.pem)
    curl --silent --show-error --max-time 15 "${trust[@]}" \
        --resolve "${CONF[FIRST_DOMAIN]}:443:127.0.0.1" --resolve "${CONF[FIRST_DOMAIN]}:80:127.0.0.1" "$@" "$SITE_URL$path"
}

# ask PATH: the site's answer; an error status is a failure.
ask() { through_nginx "$1" --fail; }

website_answers() {
    release_identify && [[ $(ask /readyz) == *"\"release\": \"$RELEASE_ID\""* ]] && ask / >/dev/null
}

launch_website() {
    local _second
    for _second in {1..20}; do
        website_answers && return 0
        sleep 1
    done
    ask / >/dev/null
    return 1
}
