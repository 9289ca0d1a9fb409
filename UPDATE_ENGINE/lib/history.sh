# shellcheck shell=bash
# What each update came from, so that it can be taken back: a file a release, beside the releases.

# The update that puts RELEASE_ID in the place of FROM. What is known of releases that are gone goes.
history_note() {
    local known
    install -d -m 0755 "$SHARED/updates"
    for known in "$SHARED/updates"/*; do
        [[ -d $RELEASES/${known##*/} ]] || rm -f "$known"
    done
    {
        printf 'FROM=%s\n' "$FROM"
        printf 'AT=%s\n' "$(date --iso-8601=seconds)"
        [[ ! -f $UPDATE_BEGUN ]] || database_is_as_before || printf 'DATABASE=%s\n' "$(begun DATABASE)"
        [[ $WEIGHT == light ]] || printf 'SAFETY=%s\n' "$(safety_name)"
    } | put "$SHARED/updates/$RELEASE_ID"
}

# history_of RELEASE KEY
history_of() { sed -n "s/^$2=//p" "$SHARED/updates/$1" 2>/dev/null || true; }

# The releases that were put into service since TARGET, the newest first; nothing when the way back is not known.
history_since() {
    local at=$FROM way=''
    while [[ $at != "$1" ]]; do
        [[ -n $at && " $way " != *" $at "* ]] || return 0
        way+="$at "
        at=$(history_of "$at" FROM)
    done
    printf '%s' "$way"
}
