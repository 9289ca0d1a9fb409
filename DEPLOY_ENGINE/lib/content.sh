# shellcheck shell=bash
# What a release holds: the project's files, and its static files, collected and compressed. The file RELEASE, written
# last, says that it is whole.

content_is_there() { release_identify && [[ $(release_sum "$RELEASE_DIR") == "${RELEASE_ID##*-}" ]]; }

content_copy() {
    release_identify
    install -d -m 0755 "$RELEASE_DIR"
    # What an earlier attempt left and the source does not have would change the release's sum.
    (cd "$RELEASE_DIR" && release_files . | xargs -0 -r rm -f)
    content_transfer "$(release_source)" "$RELEASE_DIR"
    chmod 0755 "$RELEASE_DIR/manage.py"
    # A release is replaced, the watch's log stays.
    [[ ! -d $RELEASE_DIR/SUPERVISION_ENGINE ]] || point "$RELEASE_DIR/SUPERVISION_ENGINE/log" "$LOGS/supervision_logs"
    "$VENV/bin/python" -m compileall -q -x '/(oc_pizza_venv|static|tests|benchmarks)/' "$RELEASE_DIR"
}

# content_transfer FROM TO: a release's files, root's, readable by all.
content_transfer() {
    (cd "$1" && release_files . | tar --create --null --no-recursion --files-from - --owner 0 --group 0 --mode 'u=rwX,go=rX') |
        tar --extract --directory "$2" --same-permissions
}

resources_are_formatted() {
    release_identify && release_is_complete "$RELEASE_DIR" && [[ -f $RELEASE_DIR/static/staticfiles.json ]] &&
        [[ -z $(find "$RELEASE_DIR" \( -user "$SERVICE_USER" -o -perm /022 \) ! -type l -print -quit) ]]
}

# Static files are collected by the service user, which never writes anything else of a release, and become root's.
format_resources() {
    release_identify
    rm -rf "$RELEASE_DIR/static" "$RELEASE_DIR/RELEASE"
    install -d -o "$SERVICE_USER" -m 0755 "$RELEASE_DIR/static"
    STATIC_ROOT=$RELEASE_DIR/static manage collectstatic --no-input --verbosity 0
    chown -R root:root "$RELEASE_DIR"
    chmod -R u=rwX,go=rX "$RELEASE_DIR"
    printf '%s\n' "$RELEASE_ID" | put "$RELEASE_DIR/RELEASE"
}
