# shellcheck shell=bash
# Files that the engine installs: rendered from conf_files, compared, replaced in one rename.

# render FILE: the template with @KEY@ replaced by deploy.conf's values; a name that it does not know is an error.
render() {
    local text key
    text=$(cat "$1" && printf .)
    text=${text%.}
    for key in "${!CONF[@]}"; do
        # Quoted: bash 5.2 reads & in a replacement as what was found.
        text=${text//"@$key@"/"${CONF[$key]}"}
    done
    if [[ $text =~ @[A-Z_]+@ ]]; then
        echo "$1 : ${BASH_REMATCH[0]} n’est pas une clé de deploy.conf." >&2
        return 1
    fi
    printf '%s' "$text"
}

# is_rendered TEMPLATE FILE: FILE is what TEMPLATE gives with today's settings.
is_rendered() {
    local wanted
    wanted=$(render "$1" && printf .) || return 1
    [[ -f $2 && $(cat "$2" && printf .) == "$wanted" ]]
}

# put FILE [MODE]: standard input becomes FILE, whole or not at all.
put() {
    local file=$1 mode=${2:-0644} fresh
    fresh=$(mktemp "$(dirname "$file")/.$(basename "$file").XXXXXX")
    cat >"$fresh"
    chmod "$mode" "$fresh"
    sync "$fresh"
    mv -f "$fresh" "$file"
}

# put_rendered TEMPLATE FILE [MODE]
put_rendered() {
    local text
    text=$(render "$1" && printf .)
    printf '%s' "${text%.}" | put "$2" "${3:-0644}"
}

# point LINK TARGET: a symbolic link made or moved in one rename.
point() {
    ln -sfn "$2" "$1.new"
    mv -fT "$1.new" "$1"
}

packages_are_installed() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] || return 1
    done
}

as_user() { runuser -u "$SERVICE_USER" -- "$@"; }
