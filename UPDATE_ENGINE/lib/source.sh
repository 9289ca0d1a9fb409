# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# What is to become the new release: the running one with the components in their places, or the project at another
# commit. Put together aside; the running release is only read.

readonly WORKSHOP=/var/cache/oc-pizza
readonly STAGED=$WORKSHOP/update

# A run that only looks has a folder of its own: another may be at work.
controller() { printf '%s/controller/controller.ini\n' "${RUN_SCRATCH:-$WORKSHOP}"; }

# The components as the site's user may read them: root's own folders are closed to it.
source_lay_out() {
    local folder file
    folder=$(dirname "$(controller)")
    [[ -z ${RUN_SCRATCH:-} ]] || chmod 0711 "$RUN_SCRATCH"
    rm -rf "$folder"
    install -d -m 0755 "$WORKSHOP" "$folder" "$folder/components"
    install -m 0644 "$UPDATE/controller.ini" "$(controller)"
    for file in "$UPDATE"/components/*; do
        # As they are: what a link leads to is not the operator's word.
        [[ ! -e $file && ! -L $file ]] || cp --no-dereference --recursive "$file" "$folder/components/"
    done
    chmod -R a+rX "$folder"
}

# Fills WEIGHT (none, light, heavy); an invalid controller.ini ends the run with all that is wrong, line by line.
source_weigh() {
    if [[ -n $REF ]]; then
        WEIGHT=heavy
        CONF[SOURCE_REF]=$REF
        return
    fi
    source_lay_out
    release_take "$FROM"
    local status=0
    WEIGHT=$(manage update_lhc --weight --controller "$(controller)") || status=$?
    ((status == 0)) && return
    log_event Components-checking "ERROR (controller.ini)"
    printf '\n%sRien n’a été changé.%s Corrigez %s, puis recommencez.\n' "$RED" "$PLAIN" "$UPDATE/controller.ini" >&2
    exit 1
}

# --check: nothing is written that stays.
source_told() {
    [[ ! -f $UPDATE_BEGUN ]] || printf 'Une mise à jour interrompue laisse le site fermé : relancez sudo %s, elle remet tout en place.\n' "$0"
    if [[ -n $REF ]]; then
        CONF[SOURCE_REF]=$REF
        release_fetch >>"$RUN_DETAILS" 2>&1 || run_refused "« $REF » est introuvable dans ${CONF[SOURCE]}."
        release_identify
        [[ $RELEASE_ID != "$FROM" ]] || { printf 'Rien à mettre à jour : la version %s a déjà ce contenu.\n' "$FROM" && exit 0; }
        printf '%s donnerait la version %s, à la place de %s. Le site serait fermé quelques secondes.\n' "$REF" "$RELEASE_ID" "$FROM"
        exit 2
    fi
    source_lay_out
    release_take "$FROM"
    manage update_lhc --check --controller "$(controller)" || exit 1
    [[ $(manage update_lhc --weight --controller "$(controller)") == none ]] || exit 2
    exit 0
}

source_step() {
    if [[ -n $REF ]]; then
        step_begin 'Step 2 : PROJECT' '2 Projet'
        event Project-downloading source_is_fetched release_fetch 'le projet serait pris du dépôt'
        event Components-checking components_are_kept components_refuse 'les composants posés seraient comparés'
    else
        step_begin 'Step 2 : COMPONENTS' '2 Composants'
        event Components-updating source_is_staged source_stage 'les composants seraient posés'
    fi
    step_end
}

source_is_fetched() { [[ $(cat "$(release_cache)/fetched" 2>/dev/null) == "$RUN_ID" ]]; }

source_is_staged() { [[ $(cat "$STAGED.made" 2>/dev/null) == "$RUN_ID" ]]; }

# The manual's models_2.6.py brings no migration with it: makemigrations writes it here, where it becomes part of the
# release. All of it by the site's user, then root's.
source_stage() {
    rm -rf "$STAGED"
    install -d -m 0755 "$STAGED"
    content_transfer "$RELEASES/$FROM" "$STAGED"
    chown -R "$SERVICE_USER" "$STAGED"
    release_take "$FROM"
    manage update_lhc --into "$STAGED" --controller "$(controller)"
    [[ $WEIGHT == light ]] || source_make_migrations
    chown -R root:root "$STAGED"
    printf '%s' "$RUN_ID" | put "$STAGED.made"
}

source_make_migrations() {
    local -a cities
    mapfile -t cities < <(cd "$STAGED" && printf '%s\n' city_[0-9][0-9][0-9])
    systemd-run --quiet --pipe --wait --collect --uid "$SERVICE_USER" --property WorkingDirectory="$STAGED" \
        --property EnvironmentFile="$ENVIRONMENT" --property NoNewPrivileges=yes --setenv PYTHONDONTWRITEBYTECODE=1 \
        "$RELEASES/$FROM/oc_pizza_venv/bin/python" manage.py makemigrations --no-input --no-header "${cities[@]}"
}

# From here the release is known by its name.
source_choose() {
    [[ -n $REF ]] || RELEASE_SOURCE=$STAGED
    release_identify
    RELEASE_CHOSEN=$RELEASE_ID
}
