# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# --rollback: the release before, and its data where the schema has changed since. What it loses is told first.

rollback() {
    rollback_choose
    rollback_ask
    RELEASE_CHOSEN=$TARGET WEIGHT=heavy
    [[ -n $KEPT || -n $SAVED ]] || WEIGHT=light
    release_take "$TARGET"
    run_step rollback_control_step
    if [[ -z $KEPT && -z $SAVED ]]; then
        run_step switch_step true
    else
        run_step window_step rollback_data true
    fi
    window_end
    run_step final_step
    printf '\n%sLe site est revenu à la version %s%s  (%d s%s)\n' "$BOLD" "$RELEASE_ID" "$PLAIN" "$SECONDS" "$(window_told)"
}

# Fills TARGET, and KEPT (the database as it was) or SAVED (the safety backup) when the schema has changed since.
rollback_choose() {
    local release way
    [[ -n $TARGET ]] || TARGET=$(history_of "$FROM" FROM)
    [[ -n $TARGET ]] || TARGET=$(basename "$(readlink "$PREVIOUS" || true)")
    [[ -n $TARGET ]] || run_refused "Il n’y a pas de version d’avant."
    [[ $TARGET != "$FROM" ]] || run_refused "La version $TARGET est déjà en service."
    release_is_complete "$RELEASES/$TARGET" ||
        run_refused "La version $TARGET n’est pas sur ce serveur. Celles qui y sont : $(rollback_possible)"
    KEPT='' SAVED=''
    way=$(history_since "$TARGET")
    for release in $way; do
        # The oldest change of the schema on the way is the last that this loop meets.
        [[ -z $(history_of "$release" DATABASE) ]] || {
            KEPT=$(database_name "$(history_of "$release" DATABASE)")
            SAVED=$(history_of "$release" SAFETY)
        }
    done
    [[ -z $KEPT ]] || SAVED=''
    [[ -z $SAVED || -d $SHARED/backups/$SAVED ]] ||
        run_refused "Le schéma a changé depuis, et la sauvegarde $SAVED n’est plus là : choisissez-en une autre (./manage.py backups)."
    [[ -n $KEPT || -n $SAVED ]] || rollback_require_known
}

rollback_possible() { (cd "$RELEASES" && printf '%s ' */RELEASE) | sed 's|/RELEASE||g'; }

# A schema that this release does not know, and nothing of it from before: only a backup leads there.
rollback_require_known() {
    local status=0 unknown
    release_take "$TARGET"
    unknown=$(manage upgradedatabase --unknown) || status=$?
    ((status == 0)) && [[ -z $unknown ]] && return 0
    run_refused "La base a un schéma que la version $TARGET ne connaît pas (${unknown:-$status}). Restaurez une sauvegarde de son temps : ./manage.py backups"
}

rollback_ask() {
    printf 'Retour de la version %s à la version %s.\n' "$FROM" "$TARGET"
    release_take "$FROM"
    if [[ -n $KEPT ]]; then
        printf 'Le schéma a changé entre les deux : la base redevient ce qu’elle était. Ce qui serait perdu :\n'
        manage upgradedatabase --losses "$KEPT" | sed 's/^/  /'
    elif [[ -n $SAVED ]]; then
        printf 'Le schéma a changé entre les deux, et la base d’alors n’est plus là : la sauvegarde %s serait restaurée.\n' "$SAVED"
        printf 'Serait perdu tout ce que les clients et les équipes ont fait depuis.\n'
    else
        printf 'Le schéma n’a pas changé : rien n’est perdu, le site n’est pas fermé.\n'
    fi
    ask_to_go_on
}

rollback_control_step() {
    step_begin 'Step 4 : CONTROL' '4 Contrôles'
    # With data from before it cannot be tried on those of now.
    [[ -n $KEPT || -n $SAVED ]] || event Release-trying release_has_answered rollback_try 'la version serait essayée à part'
    event Services-checking units_are_prepared units_prepare 'ses services seraient préparés'
    step_end
}

# On the data as they are: nothing will change them before it serves.
rollback_try() {
    rm -f "$TRIED"
    try_release wait_for_release
}

rollback_data_is_done() { ! database_is_as_before; }

rollback_data() {
    if [[ -n $KEPT ]]; then
        release_take "$FROM"
        manage upgradedatabase --undo "$KEPT"
    else
        manage dbrestore "$SAVED"
    fi
}
