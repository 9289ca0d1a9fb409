"""Settings of who has an account and of what they sign in with: `settings` has them all, and whoever asks asks there."""

import os

from django.core.exceptions import ImproperlyConfigured

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "pizzeria.accounts.backends.IdentifierBackend",
    "pizzeria.accounts.backends.ClientBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "shop:account"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "pizzeria.accounts.passwords.HouseWordsValidator"},
]

# Clients sign in by e-mail; the staff has a door of its own (backoffice/views/sign_in.py), by identifier.
ACCOUNT_ADAPTER = "pizzeria.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "identifier"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Whoever signs up is told that an account exists (UC 2.1); whoever has a password mailed is told nothing.
ACCOUNT_PREVENT_ENUMERATION = False
# One address an account: another one counts once it is confirmed, and the first one is told.
ACCOUNT_CHANGE_EMAIL = True
# In the browser that signed up, and nowhere else.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_FORMS = {
    "login": "pizzeria.accounts.forms.SignInForm",
    "signup": "pizzeria.accounts.forms.SignUpForm",
    "add_email": "pizzeria.accounts.forms.NewEmailForm",
    "change_password": "pizzeria.accounts.forms.ChangePasswordForm",
    "set_password": "pizzeria.accounts.forms.SetPasswordForm",
    "reset_password": "pizzeria.accounts.forms.ResetForm",
    "reset_password_from_key": "pizzeria.accounts.forms.ResetKeyForm",
    "reauthenticate": "pizzeria.accounts.forms.ReauthenticateForm",
}
SOCIALACCOUNT_FORMS = {"signup": "pizzeria.accounts.forms.SocialSignUpForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Ours hold across processes: OC_PIZZA/limits.py.
ACCOUNT_RATE_LIMITS = False
SOCIALACCOUNT_ADAPTER = "pizzeria.accounts.elsewhere.SignInAdapter"
MFA_ADAPTER = "pizzeria.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = False
MFA_TOTP_ISSUER = "OC Pizza"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Nobody is in before their e-mail is confirmed; who is may change it, second factor or not.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_FORMS = {
    "authenticate": "pizzeria.accounts.second_factor.CodeForm",
    "reauthenticate": "pizzeria.accounts.second_factor.CodeAgainForm",
    "activate_totp": "pizzeria.accounts.second_factor.FirstCodeForm",
    "add_webauthn": "pizzeria.accounts.passkeys.NewPasskeyForm",
    "edit_webauthn": "pizzeria.accounts.passkeys.NameForm",
    "login_webauthn": "pizzeria.accounts.passkeys.SignInForm",
    "authenticate_webauthn": "pizzeria.accounts.passkeys.SecondFactorForm",
    "reauthenticate_webauthn": "pizzeria.accounts.passkeys.AgainForm",
}
# Who runs a shop, the group or the server shows a second proof; "optional" is for a demonstration, whose logins are printed.
SECOND_FACTOR = os.environ.get("SECOND_FACTOR") or "required"
if SECOND_FACTOR not in {"required", "optional"}:
    raise ImproperlyConfigured(f"SECOND_FACTOR is required or optional, not {SECOND_FACTOR!r}.")
# Signing in elsewhere: each shows where its two keys are set.
GOOGLE_CLIENT_ID = os.environ.get("GOOGLE_CLIENT_ID", "")
GOOGLE_CLIENT_SECRET = os.environ.get("GOOGLE_CLIENT_SECRET", "")
FACEBOOK_CLIENT_ID = os.environ.get("FACEBOOK_CLIENT_ID", "")
FACEBOOK_CLIENT_SECRET = os.environ.get("FACEBOOK_CLIENT_SECRET", "")
# Other addresses than theirs, in tests only: `check --deploy` refuses them.
GOOGLE_API = os.environ.get("GOOGLE_API", "")
FACEBOOK_API = os.environ.get("FACEBOOK_API", "")
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_PROVIDERS = {
    "google": {
        "provider_class": "pizzeria.accounts.elsewhere.Google",
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "email", "profile"],
    },
    "facebook": {
        "provider_class": "pizzeria.accounts.elsewhere.Facebook",
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["email", "public_profile"],
        "FIELDS": ["id", "email", "name", "first_name", "last_name"],
    },
}
