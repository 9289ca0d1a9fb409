#!/usr/bin/env bash
# Les journaux du site, remis ensemble : l’histoire d’une commande, d’une requête, ou les erreurs.
#   sudo SUPERVISION_ENGINE/logs.sh order P-4F7K2
#   sudo SUPERVISION_ENGINE/logs.sh --help
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly PROJECT
cd "$PROJECT"
# -B: whoever reads logs as root leaves no compiled files in a release, whose content has a sum.
exec python3 -B -m SUPERVISION_ENGINE.watch.story "$@"
