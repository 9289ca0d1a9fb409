#!/usr/bin/env bash
# Étape 3 : l’environnement virtuel de la version, avec les bibliothèques vérifiées par leur empreinte.
set -euo pipefail
# shellcheck source=DEPLOY_ENGINE/lib/run.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/run.sh"

# What was installed and by which Python: written when pip has finished, so a half-made environment is made again.
environment_mark() {
    printf '%s %s\n' "$(python3 -V)" "$(sha256sum <"$(release_source)/requirements/server.txt")"
}

# Which content this run deploys is known once a git source has been fetched: its branch may have moved.
environment_is_there() {
    release_fetch && release_identify && [[ -x $VENV/bin/python && $(cat "$VENV/installed") == "$(environment_mark)" ]]
}

create_environment() {
    release_fetch
    release_identify
    rm -rf "$VENV"
    # A release that was begun with another Python's environment is not whole any more.
    rm -f "$RELEASE_DIR/RELEASE"
    install -d -m 0755 "$RELEASE_DIR"
    python3 -m venv "$VENV"
    "$VENV/bin/pip" install --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
        -r "$(release_source)/requirements/server.txt"
    environment_mark | put "$VENV/installed"
}

# Activated as the manual does it, its programs are the ones that answer, and all that they need is there.
environment_works() {
    release_identify && (
        # shellcheck disable=SC1091 # made above
        source "$VENV/bin/activate" &&
            [[ $(command -v gunicorn) == "$VENV/bin/gunicorn" ]] &&
            python -c 'import django, gunicorn, psycopg, procrastinate' &&
            python -m pip --disable-pip-version-check check
    )
}

run_begin "$@"
step_begin 'Step 3 : VIRTUAL ENVIRONMENT' '3 Environnement virtuel'
event Virtual-environment-installation environment_is_there create_environment 'un environnement virtuel serait créé pour cette version'
event Virtual-environment-activation environment_works create_environment 'l’environnement virtuel serait refait'
step_end
