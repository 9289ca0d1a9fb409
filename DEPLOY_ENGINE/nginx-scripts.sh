#!/usr/bin/env bash
# Étape 6 : le certificat, le site de Nginx, la page de maintenance, et le pare-feu qui ne laisse passer que SSH et Nginx.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/nginx.sh
source "$ENGINE/lib/nginx.sh"

files_are_configured() { release_identify && certificate_is_there && nginx_files_are_current "${CONF[TLS]}"; }

configure_files() {
    release_identify
    release_is_complete "$RELEASE_DIR" || {
        echo "La version $RELEASE_ID n’est pas entière : lancez d’abord les étapes 3 et 4."
        return 1
    }
    # Not in a condition: bash would ignore -e in all that it calls.
    local status=0
    (certificate_is_there) || status=1
    ((status == 0)) || certificate_make
    nginx_install "${CONF[TLS]}"
}

nginx_is_active() {
    systemctl is-enabled --quiet nginx && systemctl is-active --quiet nginx && nginx_runs_as_written && firewall_is_up
}

# Reloading keeps the connections; a stopped nginx is started.
activate_nginx() {
    systemctl enable --quiet nginx
    nginx -t
    systemctl reload-or-restart nginx
    firewall_open
    nginx_note_running
}

run_begin "$@"
step_begin 'Step 6 : NGINIX' '6 Nginx et pare-feu'
event Nginx-service-file-configuration files_are_configured configure_files 'le certificat et le site de Nginx seraient écrits'
event Nginx-service-activation nginx_is_active activate_nginx 'Nginx les lirait ; le pare-feu ne laisserait passer que SSH et Nginx'
step_end
