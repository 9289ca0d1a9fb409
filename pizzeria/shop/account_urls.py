"""Accounts, under /compte/: django-allauth's pages that we offer, at addresses of our own, and no other of them.

Their names are the library's. What opens something by its address alone stands under `lien/`, which no log keeps.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as social
from django.urls import path, re_path

from pizzeria.shop.views import account_entrance, devices, elsewhere, second_factor, unlocking

urlpatterns = [
    path("connexion/", account.login, name="account_login"),
    path("deconnexion/", account.logout, name="account_logout"),
    path("inactif/", account.account_inactive, name="account_inactive"),
    path("creer/", account.signup, name="account_signup"),
    path("confirmer-identite/", account.reauthenticate, name="account_reauthenticate"),
    path("e-mail/", account.email, name="account_email"),
    path("e-mail/a-confirmer/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^lien/e-mail/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("mot-de-passe/", account.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("mot-de-passe/oublie/", account.password_reset, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^lien/mot-de-passe/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    re_path(r"^lien/invitation/(?P<key>[-:\w]+)/$", account_entrance.invitation, name="account_invitation"),
    path("mot-de-passe/change/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("bloque/", unlocking.ask_for_link, name="account_unlock"),
    path("lien/navigateur/<str:secret>/", unlocking.know_browser, name="account_know_browser"),
    path("second-facteur/", second_factor.index, name="mfa_index"),
    path("second-facteur/verifier/", second_factor.authenticate, name="mfa_authenticate"),
    path("second-facteur/confirmer/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-facteur/application/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-facteur/application/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-facteur/secours/", second_factor.recovery_codes, name="mfa_view_recovery_codes"),
    path("second-facteur/secours/nouveaux/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-facteur/secours/fichier/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("cles/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("cles/ajouter/", second_factor.add_passkey, name="mfa_add_webauthn"),
    path("cles/connexion/", second_factor.passkey_sign_in, name="mfa_login_webauthn"),
    path("cles/confirmer/", second_factor.passkey_again, name="mfa_reauthenticate_webauthn"),
    path("cles/<int:pk>/retirer/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("cles/<int:pk>/nom/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("appareils/", devices.devices, name="usersessions_list"),
    path("externe/", social.connections, name="socialaccount_connections"),
    path("externe/creer/", social.signup, name="socialaccount_signup"),
    path("externe/annule/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("externe/erreur/", social.login_error, name="socialaccount_login_error"),
    path("google/", elsewhere.google_begin, name="google_login"),
    path("google/retour/", elsewhere.google_back, name="google_callback"),
    path("facebook/", elsewhere.facebook_begin, name="facebook_login"),
    path("facebook/retour/", elsewhere.facebook_back, name="facebook_callback"),
]
