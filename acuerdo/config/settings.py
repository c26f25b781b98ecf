"""Settings, from the environment only. A name ending in _FILE is read from that file."""

import os
from pathlib import Path

import environ
from csp.constants import NONCE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env("ACUERDO_DATA_DIR", default=str(PACKAGE.parent / ".data")))

DEBUG = env.bool("ACUERDO_DEBUG", default=False)
DEMO = env.bool("ACUERDO_DEMO", default=False)
SECRET_KEY = env("ACUERDO_SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set ACUERDO_SECRET_KEY or ACUERDO_SECRET_KEY_FILE.")

# Links and webhook signatures are built from these two, never from the Host header.
BASE_URL = env("ACUERDO_BASE_URL", default="http://127.0.0.1:8000")
LIVE_URL = env("ACUERDO_LIVE_URL", default="")
ALLOWED_HOSTS = env.list(
    "ACUERDO_ALLOWED_HOSTS", default=[BASE_URL.split("//")[1].split(":")[0], "localhost"]
)
IS_HTTPS = BASE_URL.startswith("https://")
PROVIDER_URL = env("ACUERDO_PROVIDER_URL", default="http://127.0.0.1:8025")
# The memory of the demonstration's provider: where its lines are written down for it.
PROVIDER_LOG = env("ACUERDO_PROVIDER_LOG", default="")

INSTALLED_APPS = [
    # First, so that its sign-in pages win over allauth's.
    "acuerdo.ui",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
    "acuerdo.organization",
    "acuerdo.events",
    "acuerdo.spreadsheets",
    "acuerdo.customers",
    "acuerdo.channels",
    "acuerdo.interactions",
    "acuerdo.contact_policy",
    "acuerdo.ledger",
    "acuerdo.conversations",
    "acuerdo.calls",
    "acuerdo.flows",
    "acuerdo.simulator",
    "acuerdo.server",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "acuerdo.organization.middleware.OrganizationMiddleware",
    "acuerdo.conversations.receiving.webhooks.WebhookMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "acuerdo.organization.appearance.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "acuerdo.organization.once.OnceMiddleware",
]

ROOT_URLCONF = "acuerdo.config.urls"
WSGI_APPLICATION = "acuerdo.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "acuerdo.organization.context.workspace",
                "acuerdo.simulator.context.sign_ins",
            ],
        },
    }
]

# A new connection costs more than a page (scram), so the pool is not optional.
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=0,
    CONN_HEALTH_CHECKS=False,
)
DATABASES["default"].setdefault("OPTIONS", {}).update(
    pool={
        "min_size": 1,
        "max_size": env.int("ACUERDO_POOL_SIZE", default=12),
        "timeout": 10,
        "max_lifetime": 1800,
    },
    options="-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s",
)

AUTH_USER_MODEL = "organization.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "acuerdo.organization.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *([LIVE_URL] if LIVE_URL else [])],
        "frame-ancestors": ["'none'"],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "es"
# Each by its own name. The words of the screens are Spanish; ``bin/translate`` keeps the English.
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A file on its way in: its size on the wire, and unpacked for an xlsx.
IMPORT_MAX_BYTES = 60 * 1024 * 1024
IMPORT_MAX_UNPACKED_BYTES = 800 * 1024 * 1024
IMPORT_MAX_ROWS = 500_000
EXPORT_KEPT_DAYS = 7
# How long an adviser can take back a message that was just sent.
UNDO_SECONDS = env.int("ACUERDO_UNDO_SECONDS", default=5)

EMAIL_BACKEND = env("ACUERDO_EMAIL_BACKEND", default="django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env("ACUERDO_EMAIL_HOST", default="localhost")
EMAIL_SECURITY = env("ACUERDO_EMAIL_SECURITY", default="") or "none"
if EMAIL_SECURITY not in ("tls", "starttls", "none"):
    raise ImproperlyConfigured("ACUERDO_EMAIL_SECURITY is tls, starttls or none.")
EMAIL_USE_SSL, EMAIL_USE_TLS = EMAIL_SECURITY == "tls", EMAIL_SECURITY == "starttls"
EMAIL_PORT = env.int("ACUERDO_EMAIL_PORT", default=465 if EMAIL_USE_SSL else 25)
EMAIL_HOST_USER = env("ACUERDO_EMAIL_USER", default="")
EMAIL_HOST_PASSWORD = env("ACUERDO_EMAIL_PASSWORD", default="")
DEFAULT_FROM_EMAIL = env("ACUERDO_EMAIL_FROM", default="acuerdo@localhost")
EMAIL_TIMEOUT = 20

PROCRASTINATE_IMPORT_PATHS = [
    "acuerdo.spreadsheets.tasks",
    "acuerdo.customers.tasks",
    "acuerdo.customers.periodic",
    "acuerdo.flows.periodic",
    "acuerdo.calls.periodic",
    "acuerdo.spreadsheets.periodic",
    "acuerdo.events.periodic",
    "acuerdo.channels.periodic",
    "acuerdo.conversations.periodic",
    "acuerdo.organization.periodic",
]
# What the worker drains beside the jobs: each does one batch and says how many it did.
DRAINS = [
    "acuerdo.events.dispatch.drain",
    "acuerdo.channels.imap.receiving.drain",
    "acuerdo.conversations.receiving.inbound.drain",
    "acuerdo.conversations.sending.delivery.drain",
    "acuerdo.conversations.receiving.stranger_replies.drain",
    "acuerdo.conversations.sending.lookups.drain",
    "acuerdo.conversations.receiving.media.drain",
    "acuerdo.conversations.bulk.running.drain",
    "acuerdo.flows.execution.drain",
]
# Apps whose ``subscribers`` and ``sheets`` modules are discovered.
DISCOVERED_APPS = [app for app in INSTALLED_APPS if app.startswith("acuerdo.")]

# Writes the facts of the apps that lie below the event log.
FACT_RECORDER = "acuerdo.events.log.record"
# Whose customer it is, for the live stream, which lies below the customers.
CUSTOMER_OWNERS = "acuerdo.customers.assignment.owners_of"

CHANNEL_ADAPTERS = {
    "simulated": "acuerdo.channels.simulated.adapter",
    "smtp": "acuerdo.channels.smtp.adapter",
    "hosted_mail": "acuerdo.channels.hosted_mail.adapter",
    "sms_http": "acuerdo.channels.sms_http.adapter",
    "sms_twilio": "acuerdo.channels.sms_twilio.adapter",
    "whatsapp_cloud": "acuerdo.channels.whatsapp_cloud.adapter",
}

# host:port of providers inside the own network, which files may be fetched from.
OUTBOUND_ALLOWED = [
    each for each in os.environ.get("ACUERDO_OUTBOUND_ALLOWED", "").split(",") if each
]

# New keys of a channel wait for a second administrator. Off: a small office has one.
SECOND_PERSON = os.environ.get("ACUERDO_SECOND_PERSON") == "1"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Faults are told by type and place: their words repeat what people wrote, and who they are.
    "formatters": {"discreet": {"()": "acuerdo.primitives.tracebacks.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["console"], "level": os.environ.get("ACUERDO_LOG_LEVEL", "WARNING")},
    # They write whole addresses, and some providers want their key in one.
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore", "urllib3")},
}
# The proxy in front redirects to TLS; whether subdomains follow is its owner's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
TEST_RUNNER = "django.test.runner.DiscoverRunner"
