#!/usr/bin/env bash
# Étape 1 : le compte système qui fait tourner le site, et les paquets de la distribution.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/environment.sh
source "$ENGINE/lib/environment.sh"

PACKAGES=(ca-certificates curl openssl tzdata python3 python3-venv postgresql nginx libnginx-mod-http-brotli-static ufw)
apt_packages() {
    printf '%s\n' "${PACKAGES[@]}"
    [[ ${CONF[SOURCE]} == local ]] || echo git
    [[ ${CONF[TLS]} != letsencrypt ]] || echo certbot
    [[ ${CONF[WAL_ARCHIVE]} == off ]] || echo pgbackrest
    # What backups are encrypted and copied elsewhere with, once the operator has said for whom and where.
    ! environment_names BACKUP_AGE_RECIPIENT || echo age
    ! environment_names RESTIC_REPOSITORY || echo restic
}

# The home is root's: who owns a folder may replace all that is in it, and the site must not replace its own code.
user_is_there() {
    [[ $(getent passwd "$SERVICE_USER" | cut -d : -f 6) == "$SITE_HOME" ]] &&
        [[ $(stat -c '%U %a' "$SITE_HOME" "$RELEASES" "$SHARED") == $'root 755\nroot 755\nroot 755' ]] &&
        [[ $(stat -c '%U %a' "$SHARED/media" "$SHARED/backups") == "$SERVICE_USER 755"$'\n'"$SERVICE_USER 700" ]]
}

create_user() {
    getent passwd "$SERVICE_USER" >/dev/null ||
        useradd --system --user-group --no-create-home --home-dir "$SITE_HOME" --shell /usr/sbin/nologin "$SERVICE_USER"
    install -d -o root -g root -m 0755 "$SITE_HOME" "$RELEASES" "$SHARED"
    install -d -o "$SERVICE_USER" -g "$SERVICE_USER" -m 0755 "$SHARED/media"
    install -d -o "$SERVICE_USER" -g "$SERVICE_USER" -m 0700 "$SHARED/backups"
}

packages_are_there() {
    local -a wanted
    mapfile -t wanted < <(apt_packages)
    packages_are_installed "${wanted[@]}"
}

install_packages() {
    local -a wanted options=(-q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold)
    mapfile -t wanted < <(apt_packages)
    export DEBIAN_FRONTEND=noninteractive
    # A run that was cut short may have left packages unpacked and not configured.
    dpkg --force-confold --configure -a
    apt-get "${options[@]}" --fix-broken install
    apt-get "${options[@]}" -o Acquire::Retries=3 update
    apt-get "${options[@]}" --no-install-recommends install "${wanted[@]}"
}

run_begin "$@"
step_begin 'Step 1 : UBUNTU' '1 Système et paquets'
event Ubuntu-user-creation user_is_there create_user "le compte $SERVICE_USER serait créé, avec $SITE_HOME"
event Packages-installation packages_are_there install_packages 'des paquets seraient installés'
step_end
