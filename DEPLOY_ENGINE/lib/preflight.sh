# shellcheck shell=bash
# What must be true before anything is changed; everything that is not is told at once, with what to do.

readonly NEED_DISK_MB=1500 NEED_MEMORY_MB=900 NEED_SYSTEMD=249 NEED_POSTGRESQL=15

preflight() {
    PROBLEMS=()
    preflight_update
    preflight_recovery
    preflight_system
    preflight_room
    preflight_ports
    preflight_ssh
    preflight_account
    preflight_postgresql
    preflight_wal
    preflight_registry
    ((${#PROBLEMS[@]})) || return 0
    {
        printf '%sRien n’a été changé : ce serveur n’est pas prêt.%s\n' "$RED" "$PLAIN"
        printf '  - %s\n' "${PROBLEMS[@]}"
    } >&2
    return 1
}

problem() { PROBLEMS+=("$*"); }

# The site is closed, and its data may have changed names: only the engine that did it knows the way back.
preflight_update() {
    [[ ! -f $SITE_CLOSED || -f $RECOVERY_BEGUN ]] ||
        problem "Une mise à jour interrompue laisse le site fermé : sudo UPDATE_ENGINE/update-engine.sh remet tout en place."
}

preflight_recovery() {
    [[ ! -f $RECOVERY_BEGUN ]] ||
        problem "Un retour à un instant, interrompu, laisse le site fermé : sudo DEPLOY_ENGINE/recover-scripts.sh --undo remet tout en place."
}

preflight_system() {
    local id version systemd
    id=$(. /etc/os-release && printf '%s' "${ID:-}")
    version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-0}")
    case $id in
        debian) ((${version%%.*} >= 12)) || problem "Debian $version est trop ancien : Debian 12 ou plus récent." ;;
        ubuntu) ((${version%%.*} >= 24)) || problem "Ubuntu $version est trop ancien : Ubuntu 24.04 ou plus récent." ;;
        *) problem "Système « ${id:-inconnu} » : Debian 12, Ubuntu 24.04 ou plus récents sont pris en charge." ;;
    esac
    if [[ ! -d /run/systemd/system ]]; then
        problem "systemd n’est pas le système d’initialisation de cette machine."
        return
    fi
    systemd=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
    ((${systemd:-0} >= NEED_SYSTEMD)) || problem "systemd ${systemd:-?} est trop ancien : $NEED_SYSTEMD ou plus récent."
}

preflight_room() {
    local place free memory
    for place in /home /var; do
        free=$(df -Pm "$place" | awk 'NR == 2 { print $4 }')
        ((free >= NEED_DISK_MB)) || problem "$place n’a que $free Mo libres : il en faut $NEED_DISK_MB. Libérez de la place ou agrandissez le disque."
    done
    memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
    ((memory >= NEED_MEMORY_MB)) || problem "$memory Mo de mémoire : il en faut $NEED_MEMORY_MB."
}

# 80 and 443 are nginx's, or nobody's.
preflight_ports() {
    local port holder
    command -v ss >/dev/null || {
        problem "La commande ss manque : apt-get install iproute2."
        return
    }
    for port in 80 443; do
        holder=$(ss -Hltnp "sport = :$port" | sed -n 's/.*users:(("\([^"]*\)".*/\1/p' | head -n 1)
        [[ -z $holder || $holder == nginx ]] || problem "Le port $port est pris par $holder. Arrêtez ce programme, ou retirez-le de ce serveur."
    done
}

# The firewall will leave SSH_PORT open and no other door: it must be the one by which the operator comes in.
preflight_ssh() {
    local ports connection
    read -ra connection <<<"${SSH_CONNECTION:-}"
    # The operator's own connection, or, under a sudo that forgets it, where sshd listens.
    ports=${connection[3]:-$(ss -Hltnp | awk '/"sshd"/ { sub(/.*:/, "", $4); print $4 }' | sort -u)}
    [[ -z $ports ]] || grep -qx "${CONF[SSH_PORT]}" <<<"$ports" ||
        problem "SSH répond sur le port ${ports//$'\n'/, } : mettez-le dans deploy.conf (SSH_PORT), sinon le pare-feu fermerait votre accès."
}

# A person's account of that name must not become the site's: its home would be taken from them.
preflight_account() {
    local home
    home=$(getent passwd "$SERVICE_USER" | cut -d : -f 6) || return 0
    if [[ -n $home && $home != "$SITE_HOME" ]]; then
        problem "Le compte $SERVICE_USER existe, avec le dossier $home au lieu de $SITE_HOME : choisissez un autre SERVICE_USER."
    elif [[ -n $home && -d $home && $(stat -c %U "$home") != root ]]; then
        problem "Le compte $SERVICE_USER est celui d’une personne ($home lui appartient) : choisissez un autre SERVICE_USER."
    elif id -nG "$SERVICE_USER" 2>/dev/null | grep -qwE 'sudo|admin|wheel|root'; then
        problem "Le compte $SERVICE_USER a des droits d’administration : le site ne doit pas en avoir. Retirez-le du groupe, ou choisissez un autre SERVICE_USER."
    fi
}

preflight_postgresql() {
    local version
    # The client that is installed, or the one that this system would install. Lists that are still empty know none.
    if command -v psql >/dev/null; then
        version=$(psql --version | sed -n 's/.*) \([0-9]*\).*/\1/p')
    else
        version=$(apt-cache policy postgresql 2>/dev/null | sed -n 's/^  Candidate: \([0-9]*\)+.*/\1/p')
    fi
    [[ -z $version ]] || ((version >= NEED_POSTGRESQL)) || problem "PostgreSQL $version est trop ancien : $NEED_POSTGRESQL ou plus récent."
}

# Room for a first copy of the data, and nobody else's archiving to take the place of.
preflight_wal() {
    [[ ${CONF[WAL_ARCHIVE]} == on ]] || return 0
    local command need free
    command=$(cd / && runuser -u postgres -- psql -XAt -c 'SHOW archive_command' 2>/dev/null) || true
    [[ $command =~ ^(|\(disabled\)|.*--stanza=oc_pizza\ .*)$ ]] ||
        problem "PostgreSQL archive déjà autrement ($command) : WAL_ARCHIVE=off, ou retirez archive_command de ses réglages."
    [[ ! -d /var/lib/pgbackrest/backup/oc_pizza ]] || return 0
    need=$((NEED_DISK_MB + $(du -sm /var/lib/postgresql 2>/dev/null | cut -f 1 || echo 0)))
    free=$(df -Pm /var | awk 'NR == 2 { print $4 }')
    ((free >= need)) || problem "/var n’a que $free Mo libres : WAL_ARCHIVE=on en demande $need pour la première sauvegarde."
}

# Asks apt's own first source for its index, through apt's own settings (proxy, certificates), and keeps nothing.
preflight_registry() {
    local index scratch
    # shellcheck disable=SC2016 # apt's own variables
    index=$(apt-get indextargets --format '$(REPO_URI)dists/$(RELEASE)/InRelease' 2>/dev/null | sed -n '1p')
    if [[ -z $index ]]; then
        problem "apt n’a pas de source de paquets : voyez /etc/apt/sources.list.d."
        return
    fi
    scratch=$(mktemp -d)
    timeout 30 /usr/lib/apt/apt-helper -o Acquire::Retries=2 download-file "$index" "$scratch/InRelease" >>"$RUN_DETAILS" 2>&1 ||
        problem "Les paquets de la distribution sont hors d’atteinte ($index). Vérifiez le réseau et le DNS."
    rm -rf "$scratch"
}
