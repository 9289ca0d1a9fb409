# shellcheck shell=bash disable=SC2034 # what is set here is read by the other parts
# The safety backup, the new release beside the running one, and everything that can be asked of it before it serves.

readonly SAFETY=$WORKSHOP/safety

safety_step() {
    step_begin 'Step 1 : SAFETY BACKUP' '1 Sauvegarde de sûreté'
    event Database-saving safety_is_made safety_make 'la base et les médias seraient sauvegardés'
    step_end
}

safety_is_made() { [[ $(sed -n 1p "$SAFETY" 2>/dev/null) == "$RUN_ID" && -n $(safety_name) ]]; }

safety_name() { sed -n 2p "$SAFETY" 2>/dev/null; }

safety_make() {
    local folder
    install -d -m 0755 "$WORKSHOP"
    release_take "$FROM"
    folder=$(manage dbbackup --safety --no-drill)
    printf '%s\n%s\n' "$RUN_ID" "safety/$(basename "$(tail -n 1 <<<"$folder" | sed 's/.* //')")" | put "$SAFETY"
}

release_step() {
    step_begin 'Step 3 : RELEASE' '3 Nouvelle version'
    event Virtual-environment-installation environment_is_there create_environment 'un environnement virtuel serait créé'
    event Virtual-environment-activation environment_works recreate_environment 'l’environnement virtuel serait refait'
    event Project-downloading content_is_there content_copy 'la version serait copiée'
    event Ressources-access-formatting resources_are_formatted format_resources 'les fichiers statiques seraient rassemblés'
    step_end
}

control_step() {
    step_begin 'Step 4 : CONTROL' '4 Contrôles'
    event Release-checking release_is_checked release_check 'la version serait vérifiée'
    [[ $WEIGHT == light ]] || event Migrations-checking migrations_are_compatible migrations_refuse 'les migrations seraient vérifiées'
    event Release-trying release_has_answered release_try 'la version serait essayée à part'
    event Services-checking units_are_prepared units_prepare 'ses services seraient préparés'
    step_end
}

release_is_checked() { [[ $(cat "$WORKSHOP/checked" 2>/dev/null) == "$RUN_ID" ]]; }

# Noted outside the release, which is sealed by now.
release_check() { manage check && printf '%s' "$RUN_ID" | put "$WORKSHOP/checked"; }

migrations_are_compatible() { [[ -n $ACCEPTED ]] || manage lintpending; }

migrations_refuse() {
    manage lintpending || true
    echo 'Avec ce schéma, un retour au seul code serait impossible. Écrivez une migration compatible (une migration faite sur'
    echo 'ce serveur se reprend dans le projet), ou acceptez-le : --accept-incompatible'
    return 1
}

release_has_answered() { [[ $(cat "$TRIED" 2>/dev/null) == "$RELEASE_ID" ]]; }

release_try() {
    rm -f "$TRIED"
    try_release candidate_answers
}

# candidate_answers UNIT SOCKET ID: it is ready and shows its first page; or only the schema, still to come, keeps it
# from being ready.
candidate_answers() {
    local deadline=$((SECONDS + READY_SECONDS)) said=''
    while ((SECONDS < deadline)); do
        said=$(readiness "$2") || true
        if [[ $said == *"\"release\": \"$3\""* && $said == *'"problems": {"migrations":'* ]]; then
            return 0
        elif [[ $(ready_release "$2") == "$3" ]]; then
            behind_nginx "$2" / --fail --output /dev/null && return 0
            echo "La version $3 est prête, mais sa première page répond par une erreur."
            return 1
        fi
        systemctl is-active --quiet "$1" || break
        sleep 0.2
    done
    echo "La version $3 n’est pas prête : ${said:-$1 s’est arrêté}"
    return 1
}

readonly PREPARED=$WORKSHOP/units

units_are_prepared() { [[ $(cat "$PREPARED.made" 2>/dev/null) == "$RELEASE_ID" ]]; }

# Before the site is closed: it would wait for it.
units_prepare() {
    rm -rf "$PREPARED" "$PREPARED.made"
    install -d "$PREPARED"
    units_render "$PREPARED"
    units_verify "$PREPARED"
    printf '%s' "$RELEASE_ID" | put "$PREPARED.made"
}

# switch_step NOTE: nothing is stopped; the socket is held, and requests wait in it until this release answers. NOTE
# writes down what was done.
switch_step() {
    step_begin 'Step 5 : SWITCH' '5 Passage'
    event Gunicorn-service-file-configuration units_are_in_place units_put_prepared 'les services seraient écrits'
    event Gunicorn-service-activation site_is_active activate_site 'le site passerait à cette version'
    event Nginx-service-activation nginx_follows nginx_follow 'Nginx lirait ses fichiers'
    "$1"
    step_end
}

# A light update that did not come to its end: the release before takes its place again.
switch_back() {
    [[ ${WEIGHT:-} == light && -n ${FROM:-} && $(release_in_service) != "$FROM" ]] || return 0
    RELEASE_CHOSEN=$FROM
    switch_back_step &
    wait $! || printf '%sLe retour à la version %s a échoué.%s\n' "$RED" "$FROM" "$PLAIN" >&2
}

switch_back_step() {
    step_begin 'Back : PREVIOUS RELEASE' '↩ Retour'
    release_take "$FROM"
    rm -f "$PREPARED.made"
    event Services-checking units_are_prepared units_prepare 'les services de cette version seraient préparés'
    event Gunicorn-service-file-configuration units_are_in_place units_put_prepared 'les services seraient écrits'
    event Gunicorn-service-activation site_is_active activate_site 'le site reviendrait à cette version'
    event Nginx-service-activation nginx_follows nginx_follow 'Nginx lirait ses fichiers'
    step_end
}

final_step() {
    step_begin 'Final step : Launch the website' '  Le site répond'
    event Website-connection website_answers launch_website 'le site serait interrogé'
    step_end
}
