#!/usr/bin/env bash
# Étape 3 : l’environnement virtuel de la version, avec les bibliothèques vérifiées par leur empreinte.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"
# shellcheck source=DEPLOY_ENGINE/lib/venv.sh
source "$ENGINE/lib/venv.sh"

run_begin "$@"
step_begin 'Step 3 : VIRTUAL ENVIRONMENT' '3 Environnement virtuel'
event Virtual-environment-installation environment_is_there create_environment 'un environnement virtuel serait créé pour cette version'
event Virtual-environment-activation environment_works recreate_environment 'l’environnement virtuel serait refait'
step_end
