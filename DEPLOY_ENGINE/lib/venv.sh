# shellcheck shell=bash
# A release's virtual environment: installed with every library's sum, or taken over from the release in service.

# What was installed and by which Python: written when all is there, so a half-made environment is made again.
environment_mark() {
    printf '%s %s\n' "$(python3 -V)" "$(sha256sum <"$(release_source)/requirements/server.txt")"
}

# Which content this run puts into service is known once a git source has been fetched: its branch may have moved.
environment_is_there() {
    release_fetch && release_identify && environment_is_whole "$VENV"
}

environment_is_whole() { [[ -x $1/bin/python && $(cat "$1/installed" 2>/dev/null) == "$(environment_mark)" ]]; }

create_environment() {
    local before
    release_fetch
    release_identify
    before=$CURRENT/oc_pizza_venv
    environment_begin
    if environment_is_whole "$before"; then
        environment_take_over "$(readlink -f "$before")"
    else
        environment_install
    fi
    environment_mark | put "$VENV/installed"
}

# From the libraries' registry, whatever the release in service has.
recreate_environment() {
    release_identify
    environment_begin
    environment_install
    environment_mark | put "$VENV/installed"
}

environment_begin() {
    rm -rf "$VENV"
    # A release that was begun with another Python's environment is not whole any more.
    rm -f "$RELEASE_DIR/RELEASE"
    install -d -m 0755 "$RELEASE_DIR"
}

environment_install() {
    python3 -m venv "$VENV"
    # Nothing is compiled here. One library is published as its source alone, which is Python.
    "$VENV/bin/pip" install --disable-pip-version-check --no-input --require-hashes --only-binary :all: --no-binary http-ece \
        -r "$(release_source)/requirements/server.txt"
}

# The same libraries under the same Python need no registry, which may be out of reach on a Friday night. Files are
# linked, not copied: nothing writes into an installed library. Programs name their own Python and are written anew.
environment_take_over() {
    local from=$1 program
    python3 -m venv --without-pip "$VENV"
    cp -a --link "$from/lib/." "$VENV/lib/"
    for program in "$from"/bin/*; do
        # A library that brings a script has it compiled beside it.
        [[ -f $program ]] || continue
        [[ -e $VENV/bin/${program##*/} ]] || sed "1s|^#!$from/|#!$VENV/|" "$program" | put "$VENV/bin/${program##*/}" 0755
    done
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
