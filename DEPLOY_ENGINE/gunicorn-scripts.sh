#!/usr/bin/env bash
# Étape 5 : la version est essayée à part ; puis les services sont écrits, et le site passe à cette version.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/site.sh
source "$ENGINE/lib/site.sh"
# shellcheck source=DEPLOY_ENGINE/lib/units.sh
source "$ENGINE/lib/units.sh"
# shellcheck source=DEPLOY_ENGINE/lib/service.sh
source "$ENGINE/lib/service.sh"

files_are_configured() {
    release_identify && release_is_complete "$RELEASE_DIR" && release_is_tried && units_are_installed
}

configure_files() {
    release_identify
    release_is_complete "$RELEASE_DIR" || {
        echo "La version $RELEASE_ID n’est pas entière : lancez d’abord les étapes 3 et 4."
        return 1
    }
    # The manual's first command of this step: gunicorn on its own, before it becomes a service.
    local status=0
    (release_is_tried) || status=1
    ((status == 0)) || try_release wait_for_release
    units_install
}

run_begin "$@"
step_begin 'Step 5 : GUNICORN' '5 Gunicorn'
event Gunicorn-service-file-configuration files_are_configured configure_files 'les services seraient écrits dans /etc/systemd/system'
event Gunicorn-service-activation site_is_active activate_site 'le site passerait à cette version'
step_end
