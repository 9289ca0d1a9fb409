"""Settings, all from the environment; what varies between machines has no default in production."""

import os
import re
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from OC_PIZZA.logs import configuration
from OC_PIZZA.server import release_of
from OC_PIZZA.signing_in import *  # noqa: F403 - settings too: who has an account, and what they sign in with
from pizzeria.trail import follow

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str) -> bool:
    value = os.environ.get(name, "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} is 0 or 1, not {value!r}.")
    return value == "1"


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"Set {name} in the environment (`make run` does it for a demonstration).")
    return value


def _share(name: str) -> float:
    value = os.environ.get(name) or "0"
    try:
        share = float(value)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise ImproperlyConfigured(f"{name} is a share from 0 to 1, not {value!r}.")
    return share


def _networks(name: str, default: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(network.strip()) for network in os.environ.get(name, default).split(",") if network.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is addresses or networks with commas between them: {error}") from error


def _mail_security(name: str) -> tuple[bool, bool]:
    """Whether a mail connection is upgraded to TLS, and whether it begins with it."""
    if name not in {"none", "starttls", "tls"}:
        raise ImproperlyConfigured(f"EMAIL_SECURITY is none, starttls or tls, not {name!r}.")
    return name == "starttls", name == "tls"


DEBUG = _flag("DEBUG")
SECRET_KEY = _required("SECRET_KEY")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if origin]
_RELEASE = release_of(BASE_DIR)
RELEASE_ID = os.environ.get("RELEASE_ID") or _RELEASE or "development"

INSTALLED_APPS = [
    # The cities come first: their templates and static files override the shared ones.
    "city_001",
    "city_002",
    "city_003",
    "pizzeria.stores",
    "pizzeria.catalogue",
    "pizzeria.ledger",
    "pizzeria.stock",
    "pizzeria.accounts",
    "pizzeria.payments",
    "pizzeria.promotions",
    "pizzeria.ordering",
    "pizzeria.live",
    "pizzeria.webhooks",
    "pizzeria.notifications",
    "pizzeria.shop",
    "pizzeria.backoffice",
    "pizzeria.api",
    "pizzeria.operations",
    "pizzeria.supervision",
    # After the shop, whose templates of their pages come first.
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.facebook",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "pizzeria.operations.middleware.TrailMiddleware",
    "pizzeria.supervision.middleware.MeasureMiddleware",
    "pizzeria.operations.middleware.ClientAddressMiddleware",
    "pizzeria.api.middleware.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "pizzeria.operations.policy.PolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "pizzeria.shop.middleware.LanguageMiddleware",
    "pizzeria.operations.middleware.LengthMiddleware",
    "django.middleware.common.CommonMiddleware",
    "pizzeria.operations.middleware.DoorMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pizzeria.accounts.seen.SeenMiddleware",
    "pizzeria.accounts.known_browsers.KnownBrowserMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pizzeria.operations.middleware.LimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pizzeria.backoffice.middleware.AuditMiddleware",
]

ROOT_URLCONF = "OC_PIZZA.urls"
WSGI_APPLICATION = "OC_PIZZA.wsgi.application"
ASGI_APPLICATION = "OC_PIZZA.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pizzeria.shop.context.here",
            ],
            # Whatever loads Django's `i18n` gets this.
            "libraries": {"i18n": "OC_PIZZA.i18n"},
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        _required("DATABASE_URL"), engine="OC_PIZZA.postgresql", conn_max_age=60, conn_health_checks=True
    )
}
# PostgreSQL keeps the plan of a statement that comes again: planning an order's took it longer than writing it.
DATABASES["default"].setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=3)
# What it reads is in memory or on an SSD. Its default is a disk with a head that moves, for which it would rather read
# the whole stock than look up the ten rows of it that an order takes.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c random_page_cost=1.1")

# For the models that an operator gives a city.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["OC_PIZZA.formats"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / ("static" if _RELEASE else ".data/static"))
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or BASE_DIR / ".data" / "media")
BACKUP_ROOT = Path(os.environ.get("BACKUP_ROOT") or BASE_DIR / ".data" / "backups")
# A public key of `age` to encrypt backups for; the file of the secret one, which only a restore needs.
BACKUP_AGE_RECIPIENT = os.environ.get("BACKUP_AGE_RECIPIENT", "")
BACKUP_AGE_IDENTITY = os.environ.get("BACKUP_AGE_IDENTITY", "")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Each process's own. What templates keep (`{% cache %}`) is apart: what else is remembered never pushes it out.
IN_MEMORY = "django.core.cache.backends.locmem.LocMemCache"
CACHES = {
    "default": {"BACKEND": IN_MEMORY},
    "template_fragments": {"BACKEND": IN_MEMORY, "LOCATION": "fragments"},
}

EMAIL_HOST = os.environ.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail_security(os.environ.get("EMAIL_SECURITY") or "none")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = (
    os.environ.get("DEFAULT_FROM_EMAIL") or "OC Pizza <ne-pas-repondre@oc-pizza.example>"
)
if not (_RELEASE or os.environ.get("EMAIL_HOST")):
    # A demonstration writes to nobody: its mails are printed.
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# What clients are told of their orders leads here: messages leave the worker, whom nobody has asked by an address.
SITE_URL = os.environ.get("SITE_URL") or f"{'https' if _flag('HTTPS') else 'http'}://{ALLOWED_HOSTS[0]}"
# What is kept of the addresses that asked for silence is sealed with this. Whoever changes SECRET_KEY puts the old one here:
# with another, those who asked for silence are written to again.
SILENCE_KEY = os.environ.get("SILENCE_KEY") or SECRET_KEY
# SMS: the address of a service that apprise knows, with {number} where the client's goes. None is sent without it.
APPRISE_SMS_URL = os.environ.get("APPRISE_SMS_URL", "")
if APPRISE_SMS_URL and "{number}" not in APPRISE_SMS_URL:
    raise ImproperlyConfigured("APPRISE_SMS_URL has {number} where the client's number goes.")
# Web push: the key that signs (`./manage.py vapidkeys` makes one), and whom a push service writes to. None without the key.
VAPID_PRIVATE_KEY = os.environ.get("VAPID_PRIVATE_KEY", "")
if VAPID_PRIVATE_KEY and not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", VAPID_PRIVATE_KEY):
    raise ImproperlyConfigured("VAPID_PRIVATE_KEY is what `./manage.py vapidkeys` prints.")
VAPID_CONTACT = os.environ.get("VAPID_CONTACT") or f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _flag("HTTPS")
# With this prefix, a browser takes a cookie from this very host over HTTPS only: no other site of the domain can set it.
_COOKIE_PREFIX = "__Host-" if _flag("HTTPS") else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
KNOWN_BROWSER_COOKIE_NAME = f"{_COOKIE_PREFIX}oc_known"
CART_COOKIE_NAME = f"{_COOKIE_PREFIX}oc_cart"
CHANGE_COOKIE_NAME = f"{_COOKIE_PREFIX}oc_change"
USUAL_COOKIE_NAME = f"{_COOKIE_PREFIX}oc_usual"
SCREEN_COOKIE_NAME = f"{_COOKIE_PREFIX}oc_screen"
if _flag("HTTPS"):
    # nginx sets this header on every request, whatever the client has sent.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
# The engines and the supervision ask behind nginx, where there is no HTTPS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains, and
    "security.W021",  # its preload list, bind every other site of the domain: the group decides, not this site
    "templates.W003",  # `i18n` is there twice: TEMPLATES says which one is meant
]
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "pizzeria.shop.views.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Nothing takes a file.
FILE_UPLOAD_HANDLERS = ["pizzeria.uploads.RefuseFiles"]
# A menu's page may be this much behind the database; its counts catch up by the live events.
MENU_STATE_SECONDS = 0.25

# The promise (decision 21): for how many days ahead a slot can be chosen, and how long before its work the kitchen sees an order.
ORDER_AHEAD_DAYS = 7
BOARD_AHEAD_MINUTES = 30

# Addresses that no limit counts, with commas between them: a shop's own line, a load test. By default this machine's.
UNLIMITED_ADDRESSES = _networks("UNLIMITED_ADDRESSES", "127.0.0.0/8,::1")

# How long the update of each morning keeps who a client was: without any activity (RGPD, article 5), and on the orders,
# which are accounting documents, from the end of their year on (Code de commerce, article L123-22).
CLIENT_RETENTION_YEARS = 3
ORDER_RETENTION_YEARS = 10
# And for how long the rest. The audit log: six months at least, which the database asks for too. What a guest's own browser
# remembers of them; the table of attempts beyond the end of their window; tokens, after their end, so that one sees why.
AUDIT_RETENTION_MONTHS = 12
UNCONFIRMED_ACCOUNT_DAYS = 14
CART_RETENTION_DAYS = 7
USUAL_RETENTION_DAYS = 180
ATTEMPT_RETENTION_DAYS = 1
JOB_RETENTION_DAYS = 7
TOKEN_RETENTION_DAYS = 30
WEBHOOK_RETENTION_DAYS = 30
NOTICE_RETENTION_DAYS = 30
# How far back the oldest backup goes (operations/backups/retention.py): what is deleted here is gone there by then.
BACKUPS_GO_BACK_MONTHS = 12
# And nginx's log of who asked for what: as Debian's logrotate has it (/etc/logrotate.d/nginx).
ACCESS_LOG_DAYS = 14

# Paid online (B31): the three keys of the Stripe account, or none and nobody is asked to. The address is another one in tests.
STRIPE_SECRET_KEY = os.environ.get("STRIPE_SECRET_KEY", "")
STRIPE_PUBLISHABLE_KEY = os.environ.get("STRIPE_PUBLISHABLE_KEY", "")
STRIPE_WEBHOOK_SECRET = os.environ.get("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API = os.environ.get("STRIPE_API") or "https://api.stripe.com"

# Webhooks go to https and to public addresses only; a developer's own receiver stands on this machine, where no release is.
WEBHOOK_LOOPBACK = DEBUG or not _RELEASE

# The manual's contract (6.2.2, 8.1): schedule, dotted path of the job.
CRONJOBS = [
    ("0 6 * * *", "city_001.cron.cyclic_update"),
    ("0 6 * * *", "city_002.cron.cyclic_update"),
    ("0 6 * * *", "city_003.cron.cyclic_update"),
    ("0 6 1 * *", "city_001.cron.cyclic_backup"),
    ("0 6 1 * *", "city_002.cron.cyclic_backup"),
    ("0 6 1 * *", "city_003.cron.cyclic_backup"),
]

# Whether this is a release on a server: elsewhere nobody keeps backups, and no timer starts the jobs.
ON_SERVER = bool(_RELEASE)
# Where the watch of SUPERVISION_ENGINE tells how each process is.
WATCH_ROOT = Path(os.environ.get("WATCH_ROOT") or "/run/oc-pizza-watch")
# Who is told of an alert: addresses with commas between them, and a webhook; nobody where both are empty.
ALERT_EMAILS = os.environ.get("ALERT_EMAILS", "")
ALERT_WEBHOOK = os.environ.get("ALERT_WEBHOOK", "")
# Where nginx serves the certificate: asked on this machine, so that no name server and no firewall stands between.
ALERT_TLS_ADDRESS = ("127.0.0.1", 443)
# From when on an alert begins. The share of answers that are a 5xx, over five minutes: fewer requests than this are one
# unlucky client. It ends below half of that share.
ALERT_ERROR_SHARE = 0.05
ALERT_ERROR_REQUESTS = 20
# Percent of the disk. PostgreSQL stops at 100, and a backup needs room; it ends below the second, or it would come and go.
ALERT_DISK_FULL = 85
ALERT_DISK_FINE = 80
# certbot renews 30 days before the end, twice a day: this late, it has failed for a fortnight.
ALERT_CERTIFICATE_DAYS = 14
# One a month (CRONJOBS), and a day to notice.
ALERT_BACKUP_DAYS = 32
# A timer starts its job to the second: a quarter of an hour later, it will not.
ALERT_JOB_MINUTES = 15
# An order is taken within a minute or two; the client was promised twenty for the whole pizza.
ALERT_ORDER_MINUTES = 10

PROCRASTINATE_WORKER_DEFAULTS = {"worker_middleware": [follow]}

LOGGING = configuration(level=os.environ.get("LOG_LEVEL", ""))

# Where errors and check-ins go; nowhere without it. Imported only then: it costs 0.25 s and 20 MB a process.
SENTRY_DSN = os.environ.get("SENTRY_DSN", "")
if SENTRY_DSN:
    from OC_PIZZA.sentry import start

    start(
        dsn=SENTRY_DSN,
        release=RELEASE_ID,
        environment=os.environ.get("SENTRY_ENVIRONMENT") or "production",
        traces_sample_rate=_share("SENTRY_TRACES_SAMPLE_RATE"),
    )
