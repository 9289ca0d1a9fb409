#!/bin/sh
# Makes the virtual environment and installs into it: `local/install.sh base` what the site runs on,
# `local/install.sh dev` what its tests need as well, the system's packages included.
set -eu
cd "$(dirname "$0")/.."
what=${1:?base or dev}

as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt() {
    printf '  installing %s\n' "$*"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y "$@" >/dev/null
}

make_environment() {
    [ -x .venv/bin/pip ] && return
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        echo 'OC Pizza needs Python 3.11 or newer as python3.' >&2
        exit 1
    }
    python3 -c 'import ensurepip, venv' 2>/dev/null || {
        as_root || {
            echo 'Python has no venv here. Install it first: apt-get install python3-venv' >&2
            exit 1
        }
        apt python3-venv
    }
    python3 -m venv .venv
}

install_requirements() {
    stamp=.venv/installed-$what
    sum=$(cat requirements/*.txt | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
    echo "  installing requirements/$what.txt"
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$what.txt"
    printf '%s' "$sum" >"$stamp"
}

# Programs of the tests that ask for other versions than the site runs on.
install_apart() {
    stamp=.venv/installed-tls
    sum=$(sha256sum <requirements/tls.txt)
    [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && return
    echo '  installing requirements/tls.txt'
    .venv/bin/python -m venv .venv/tls
    .venv/tls/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/tls.txt
    printf '%s' "$sum" >"$stamp"
}

has() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null; }

is_known() { apt-cache show "$1" >/dev/null 2>&1; }

# A fresh machine may never have asked for the lists of packages.
can_be_installed() { as_root && { is_known "$1" || { apt-get -qq update && is_known "$1"; }; }; }

install_programs() {
    missing=''
    # A test makes a newcomer's environment with the system's own Python.
    /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
    has chromium || missing="$missing chromium"
    # The same without its windows, at six tenths of the work; where it cannot be had, the whole one does it all.
    has chromium-headless-shell || ! can_be_installed chromium-headless-shell || missing="$missing chromium-headless-shell"
    has msgfmt || missing="$missing gettext"
    has git || missing="$missing git"
    fc-list 2>/dev/null | grep -q . || missing="$missing fontconfig fonts-dejavu"
    # What boots a Debian inside the tests (tests/server/), and what asks it.
    has debootstrap || missing="$missing debootstrap"
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
    has systemd-nspawn || missing="$missing systemd-container"
    has ip || missing="$missing iproute2"
    has nft || missing="$missing nftables"
    has ps || missing="$missing procps"
    has wrk || missing="$missing wrk"
    has openssl || missing="$missing openssl"
    has curl || missing="$missing curl"
    # What backups are encrypted with, and copied elsewhere with.
    has age || missing="$missing age"
    has restic || missing="$missing restic"
    has nginx || missing="$missing nginx-light"
    [ -f /usr/lib/nginx/modules/ngx_http_brotli_static_module.so ] || missing="$missing libnginx-mod-http-brotli-static"
    [ -z "$missing" ] && return
    as_root || {
        echo "The tests need:$missing. Install them first: apt-get install$missing" >&2
        exit 1
    }
    # shellcheck disable=SC2086 # a list of names
    without_services apt $missing
}

# Of Prometheus its checking tool alone is wanted: the package would bring a server that starts with this machine.
fetch_promtool() {
    if has promtool || [ -x .venv/bin/promtool ]; then return; fi
    echo '  fetching promtool'
    fetched=$(mktemp -d)
    as_root && apt-get -qq update
    (cd "$fetched" && apt-get -qq -o APT::Sandbox::User=root download prometheus && dpkg-deb --extract prometheus_*.deb .) || {
        rm -rf "$fetched"
        echo 'The tests need promtool, of the package prometheus.' >&2
        exit 1
    }
    mv "$fetched/usr/bin/promtool" .venv/bin/promtool
    rm -rf "$fetched"
}

# nginx is wanted for its program: installing it must not start a server on the developer's machine.
without_services() {
    policy=/usr/sbin/policy-rc.d
    if [ -e $policy ]; then
        "$@"
        return
    fi
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    "$@"
    rm -f $policy
    trap - EXIT
}

make_environment
install_requirements
[ "$what" = base ] || install_apart
[ "$what" = base ] || install_programs
[ "$what" = base ] || fetch_promtool
