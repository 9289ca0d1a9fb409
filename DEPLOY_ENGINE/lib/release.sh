# shellcheck shell=bash
# A release: the project's content under ~/OC_PIZZA_releases/<id>, its virtual environment, its static files. The id
# ends with the content's own sum, so the same content is the same release, whoever brings it and when.

# Where a clone is kept between two deploys; --check makes one that it throws away.
release_cache() { printf '%s\n' "${RUN_SCRATCH:-/var/cache/oc-pizza}"; }

# The folder with the project's files: this one, a clone of SOURCE at SOURCE_REF, or what an update has put together.
release_source() {
    if [[ -n ${RELEASE_SOURCE:-} ]]; then
        printf '%s\n' "$RELEASE_SOURCE"
    elif [[ ${CONF[SOURCE]} == local ]]; then
        printf '%s\n' "$PROJECT"
    else
        printf '%s/source\n' "$(release_cache)"
    fi
}

# Bring the clone to SOURCE_REF; nothing to do for a local source. Once a run: what one step prepared another installs.
# Chained: it is asked in a question, where bash ignores -e, and a fetch that failed must not leave the last one's
# commit in its place.
release_fetch() {
    [[ ${CONF[SOURCE]} == local || -n ${RELEASE_SOURCE:-} ]] && return 0
    local cache clone
    cache=$(release_cache) clone=$(release_source)
    [[ $(cat "$cache/fetched" 2>/dev/null) == "$RUN_ID" ]] && return 0
    install -d -m 0755 "$cache"
    if [[ ! -d $clone/.git || $(git -C "$clone" remote get-url origin) != "${CONF[SOURCE]}" ]]; then
        rm -rf "$clone" && git init --quiet "$clone" && git -C "$clone" remote add origin "${CONF[SOURCE]}" || return 1
    fi
    # gc would stay behind as a process of its own, with the run's lock in its hands.
    git -C "$clone" -c gc.auto=0 fetch --quiet --depth 1 origin "${CONF[SOURCE_REF]}" &&
        git -C "$clone" checkout --quiet --force --detach FETCH_HEAD &&
        git -C "$clone" clean --quiet -dffx &&
        printf '%s' "$RUN_ID" >"$cache/fetched"
}

# What belongs to a release, NUL-separated, sorted. What the operator writes for the engines is the server's.
release_files() {
    (cd "$1" && find . \
        \( -name .git -o -name .venv -o -name .data -o -name __pycache__ -o -name '.*_cache' -o -name .hypothesis \
        -o -path ./oc_pizza_venv -o -path ./static \) -prune -o \
        \( -name '*.pyc' -o -path ./RELEASE -o -path ./DEPLOY_ENGINE/deploy.conf -o -path ./DEPLOY_ENGINE/deploy_logs \
        -o -path ./UPDATE_ENGINE/controller.ini -o -path ./UPDATE_ENGINE/update_logs \
        -o -path './UPDATE_ENGINE/components/*' ! -name README.md \) -prune -o \
        -type f -print0 | LC_ALL=C sort -z)
}

# The sum of the content of a folder's files and of their names.
release_sum() {
    (cd "$1" && release_files . | xargs -0 sha256sum | sha256sum | cut -c 1-12)
}

# Fill RELEASE_ID and RELEASE_DIR: the release that this run puts into service. A folder that already has this content's
# sum is taken again, whole or begun; otherwise the id begins with this run's hour. RELEASE_CHOSEN is one that is known.
release_identify() {
    local source sum found
    if [[ -n ${RELEASE_CHOSEN:-} ]]; then
        release_take "$RELEASE_CHOSEN"
        return 0
    fi
    source=$(release_source)
    [[ -f $source/manage.py && -f $source/requirements/server.txt ]] || {
        echo "$source ne contient pas le projet (manage.py, requirements/server.txt)."
        return 1
    }
    sum=$(release_sum "$source")
    RELEASE_ID=''
    for found in "$RELEASES"/*-"$sum"; do
        [[ -d $found ]] && RELEASE_ID=$(basename "$found")
    done
    release_take "${RELEASE_ID:-$(release_hour)-$sum}"
}

# release_take ID: the release that is worked on from here.
release_take() {
    RELEASE_ID=$1
    RELEASE_DIR=$RELEASES/$RELEASE_ID
    VENV=$RELEASE_DIR/oc_pizza_venv
}

# RUN_ID's date and time as YYYYMMDD-HHMMSS: every step of a run finds the same.
release_hour() {
    local digits=${RUN_ID//[^0-9]/}
    printf '%s-%s' "${digits:0:8}" "${digits:8:6}"
}

release_is_complete() { [[ -f $1/RELEASE ]]; }

# The id of the release in service; nothing before the first deploy.
release_in_service() { [[ ! -L $CURRENT ]] || basename "$(readlink "$CURRENT")"; }

# What UPDATE_ENGINE has put on this server alone, and the source of this run has not or has otherwise: one a line.
components_lost() {
    local applied=$CURRENT/UPDATE_ENGINE/applied.json
    [[ ! -f $applied ]] || python3 - "$applied" "$(release_source)" <<'FIN'
import hashlib, json, pathlib, sys

applied, source = map(pathlib.Path, sys.argv[1:])
for component in json.loads(applied.read_text()):
    file = source / component["target"]
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != component["sha256"]:
        print(component["target"])
FIN
}

# A component that was put on this server alone would vanish with a project that does not have it.
components_are_kept() { [[ -n ${DROPPED:-} || -z $(components_lost) ]]; }

components_refuse() {
    echo 'Ces composants, posés sur ce serveur, manquent à cette version du projet ou y sont autres :'
    components_lost | sed 's/^/  /'
    echo 'Ajoutez-les au projet, ou abandonnez-les : --drop-components'
    return 1
}

# manage COMMAND...: this run's release's manage.py, which becomes the service user by itself.
manage() {
    (cd "$RELEASE_DIR" && RELEASE_ID=$RELEASE_ID "$VENV/bin/python" manage.py "$@")
}

# Keep the newest complete releases; never remove the one in service, the last good one or the one being made.
release_prune() {
    local keep=${CONF[KEEP_RELEASES]} name kept=0
    local -A spared=()
    for name in "$CURRENT" "$PREVIOUS"; do
        [[ -L $name ]] && spared[$(basename "$(readlink "$name")")]=1
    done
    spared[$RELEASE_ID]=1
    while IFS= read -r name; do
        if release_is_complete "$RELEASES/$name" && ((kept < keep)); then
            kept=$((kept + 1))
        elif [[ ! -v spared[$name] ]]; then
            echo "version retirée : $name"
            rm -rf "${RELEASES:?}/${name:?}"
        fi
    done < <(find "$RELEASES" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -r)
}
