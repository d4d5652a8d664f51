"""All settings, in one file, from the environment (see `.env.example`). A missing value stops the start."""

from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.retry import Retry

from lms.env import (
    BASE_DIR,
    ENVIRONMENT,
    VAR_DIR,
    env,
    new_signing_key,
    number,
    one_of,
    origin,
    parsed,
    random_key,
    required,
    secret_of_this_clone,
    signing_key,
    stop,
    with_scheme,
)
from lms.logs import logging_settings
from lms.timetable import TIMETABLE

PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
DEBUG = False

SECRET_KEY = required("SECRET_KEY", "<50 random characters>", otherwise=secret_of_this_clone("secret_key", random_key))
# Keys of before, while sessions and sealed keys of theirs are still about.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
if PRODUCTION and len(SECRET_KEY) < 50:
    stop("SECRET_KEY", "is too short; set it to at least 50 random characters.")

# Where people meet the service, and where course packages are served: two origins, so that a package can never read
# a person's session (docs/adr: content origin).
PORT = number("PORT", 8000)
BASE_URL = origin("BASE_URL", "https://behorighet.example.se", otherwise=f"http://127.0.0.1:{PORT}")
CONTENT_ORIGIN = origin("CONTENT_ORIGIN", "https://innehall.example.se", otherwise=f"http://localhost:{PORT}")
if urlsplit(BASE_URL).hostname == urlsplit(CONTENT_ORIGIN).hostname:
    stop("CONTENT_ORIGIN", "has the same host as BASE_URL; give course packages a host of their own.")
ALLOWED_HOSTS = [
    host.strip()
    for host in required(
        "ALLOWED_HOSTS",
        "behorighet.example.se,innehall.example.se",
        otherwise="127.0.0.1,localhost,testserver",
    ).split(",")
]
_HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "lms.dashboard",
    "cms",
    "courses",
    "competence",
    "lms.audit",
    "lms.users",
    "lms",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_htmx",
    "csp",
    "django_prometheus",
    "django_celery_beat",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.idp.oidc",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    # First: the content origin has no sessions, no log-in and no pages of ours.
    "courses.scorm.content.ContentOriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.middleware.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lms.users.middleware.LanguageMiddleware",
    "competence.rest_api.middleware.ApiMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
                "lms.dashboard.navigation.navigation",
            ],
        },
    }
]

# --- Data -----------------------------------------------------------------------------------------------------------
_DATABASE_EXAMPLE = "postgres://user:password@host/name"
DATABASES: dict[str, Any] = {
    "default": parsed(
        "DATABASE_URL",
        required("DATABASE_URL", _DATABASE_EXAMPLE, otherwise=f"sqlite:///{VAR_DIR}/db.sqlite3"),
        _DATABASE_EXAMPLE,
        dj_database_url.parse,
    )
}
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    # Without immediate transactions, eight writers meet "database is locked".
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={'OFF' if TESTING else 'FULL'};",
    }
    # Tests use a file too: threads that share one connection in memory behave as no real server does.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        # A database that hangs must end in an answer that says so, not in a thread that waits for ever.
        "connect_timeout": 2,
        "options": f"-c statement_timeout={number('STATEMENT_TIMEOUT_MS', 15000)}",
    }
    _database["CONN_MAX_AGE"] = number("CONN_MAX_AGE", 600)
    _database["CONN_HEALTH_CHECKS"] = True

REDIS_URL = required("REDIS_URL", "redis://host:6379/0", otherwise="")
if REDIS_URL:
    with_scheme("REDIS_URL", REDIS_URL, "redis", "rediss", "unix")
CACHES: dict[str, Any] = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            # A cache that is away must cost nobody's patience: one try, and half a second.
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
        }
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

MEDIA_STORAGE_URL = required(
    "MEDIA_STORAGE_URL", "s3://bucket or file:///srv/media", otherwise=f"file://{VAR_DIR}/media"
)
_media = urlsplit(MEDIA_STORAGE_URL)
if _media.scheme == "s3":
    _media_storage: dict[str, Any] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _media.netloc,
            "location": _media.path.strip("/"),
            "file_overwrite": False,
        },
    }
elif _media.scheme == "file":
    _media_storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": _media.path},
    }
else:
    stop("MEDIA_STORAGE_URL", f"is {MEDIA_STORAGE_URL!r}; it must start with file:// or s3://")
MEDIA_ROOT = _media.path if _media.scheme == "file" else ""
MEDIA_URL = "/media/"

# --- Static files and front-end parts -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
_PARTS = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "lms" / "static",
    ("parts/designsystemet", _PARTS / "@digdir" / "designsystemet-css" / "dist"),
    ("parts/font", _PARTS / "@fontsource-variable" / "atkinson-hyperlegible-next" / "files"),
    ("parts/plotly", _PARTS / "plotly.js-basic-dist-min"),
    ("parts/plotly-locales", _PARTS / "plotly.js-locales"),
]
STORAGES: dict[str, Any] = {
    "default": _media_storage,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Tests read the sources' files as they are asked for; elsewhere `collectstatic` has gathered them.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING

# --- People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]  # tests only: a real hash costs half a second
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard:start"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_FORMS = {"login": "lms.users.forms.LoginForm"}
ACCOUNT_ADAPTER = "lms.users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up here: the address comes from the employer
SOCIALACCOUNT_ADAPTER = "lms.users.adapter.SocialAccountAdapter"
# A person is found by subject, then by HSA-ID, never by e-mail address: lms.users.adapter.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
OIDC_SERVER_URL: str = env.str("OIDC_SERVER_URL", "")
OIDC_ORIGINS: list[str] = env.list("OIDC_ORIGINS", [])
if OIDC_SERVER_URL and not OIDC_ORIGINS:
    OIDC_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))]
OIDC_REQUIRED_ACR: list[str] = env.list("OIDC_REQUIRED_ACR", [])
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": []}}
if OIDC_SERVER_URL:
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "siths",
            "name": env.str("OIDC_NAME", "SITHS eID"),
            "client_id": required("OIDC_CLIENT_ID", "<the id that the identity provider gave>", otherwise="demo"),
            "secret": required("OIDC_CLIENT_SECRET", "<the secret that the identity provider gave>", otherwise="demo"),
            "settings": {
                "server_url": OIDC_SERVER_URL,
                "uid_field": "sub",
                "fetch_userinfo": False,
                "oauth_pkce_enabled": True,
            },
        }
    )
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# Machine clients: OAuth 2 client credentials by allauth's provider, with discovery at /.well-known/.
IDP_OIDC_ADAPTER = "competence.rest_api.oidc_adapter.MachineClientAdapter"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600
IDP_OIDC_PRIVATE_KEY = signing_key(
    "IDP_OIDC_PRIVATE_KEY",
    required(
        "IDP_OIDC_PRIVATE_KEY",
        "<an RSA private key in PEM, its line ends written as \\n>",
        otherwise=secret_of_this_clone("oidc_key.pem", new_signing_key),
    ),
)

# What one machine client may ask. An answer about a person counts whether it comes alone or in a batch.
API_REQUESTS_PER_MINUTE = number("API_REQUESTS_PER_MINUTE", 6000)
API_ANSWERS_PER_HOUR = number("API_ANSWERS_PER_HOUR", 100_000)
# For how many seconds a signed statement holds.
STATEMENT_SECONDS = number("STATEMENT_SECONDS", 300)
# Tries at the token endpoint, each of which costs half a second of hashing: of one client, and of all at one address.
TOKENS_PER_MINUTE = number("TOKENS_PER_MINUTE", 20)
TOKEN_REQUESTS_PER_MINUTE = number("TOKEN_REQUESTS_PER_MINUTE", 60)

# Webhooks: seconds for one delivery in all, days of failing after which one is parked, and (for the demo and tests
# only) whether one may be on this machine and without TLS.
WEBHOOK_SECONDS = number("WEBHOOK_SECONDS", 10)
WEBHOOK_PARK_DAYS = number("WEBHOOK_PARK_DAYS", 3)
WEBHOOK_ALLOW_LOOPBACK = not PRODUCTION
# Somebody hears of it when a client asks, in an hour, about more different people, or more that nobody here has, than
# this and than so many times its own busiest hour of the last four weeks.
HARVEST_PEOPLE_PER_HOUR = number("HARVEST_PEOPLE_PER_HOUR", 1000)
HARVEST_UNKNOWN_PER_HOUR = number("HARVEST_UNKNOWN_PER_HOUR", 100)
HARVEST_TIMES_USUAL = number("HARVEST_TIMES_USUAL", 3)

# --- Web security ---------------------------------------------------------------------------------------------------
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_SSL_REDIRECT = _HTTPS and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # asked from within, where there is no TLS
BEHIND_PROXY: bool = env.bool("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Limits by address are by the caller's, which the last proxy adds to X-Forwarded-For.
    ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXIES", 1)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [CONTENT_ORIGIN],
        "frame-ancestors": [NONE],
        # Chromium holds redirects after a form to this, too: the log-in form leads to the identity provider.
        "form-action": [SELF, *OIDC_ORIGINS],
        "base-uri": [NONE],
        "object-src": [NONE],
    },
}
# What the Wagtail admin needs beyond that (lms.middleware): scripts and styles in its pages, previews in a frame.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF],
    "frame-ancestors": [SELF],
}
FORM_RENDERER = "lms.lib.forms.FormRenderer"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a bank of questions in Wagtail's form: some thirty fields for each question
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Other web origins that course packages may fetch scripts, styles, pictures and media from; by default none.
PACKAGE_SOURCES: list[str] = env.list("PACKAGE_SOURCES", [])
PACKAGE_MAX_BYTES = number("PACKAGE_MAX_BYTES", 500 * 1024 * 1024)
IMPORT_MAX_BYTES = number("IMPORT_MAX_BYTES", 200 * 1024 * 1024)
EVIDENCE_MAX_BYTES = number("EVIDENCE_MAX_BYTES", 10 * 1024 * 1024)

# --- Language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "lms" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

# --- The site -------------------------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Hjälpmedel i Västra Götaland"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = "log_in"
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_I18N_ENABLED = False
WAGTAIL_CONTENT_LANGUAGES = [("sv", _("Swedish"))]
WAGTAILADMIN_PERMITTED_LANGUAGES = [("sv", "Svenska"), ("en", "English")]
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False  # å, ä and ö in an address come out as %C3%A5 wherever it is pasted
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False  # accounts are allauth's
WAGTAILADMIN_RICH_TEXT_EDITORS = {
    "default": {
        "WIDGET": "wagtail.admin.rich_text.DraftailRichTextArea",
        "OPTIONS": {"features": ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link"]},
    }
}
WAGTAILEMBEDS_FINDERS: list[Any] = []  # nothing is fetched from an address that an editor writes
WAGTAILIMAGES_IMAGE_MODEL = "cms.SiteImage"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "cms.documents.DocumentForm"
WAGTAILDOCS_INLINE_CONTENT_TYPES: list[str] = []  # every document is a download
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "mp4", "odt", "pdf", "pptx", "txt", "vtt", "webm", "xlsx"]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# --- Background work ------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = required("CELERY_BROKER_URL", "amqp://host//", otherwise="")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if CELERY_BROKER_URL:
    with_scheme("CELERY_BROKER_URL", CELERY_BROKER_URL, "amqp", "amqps", "redis", "rediss")
else:
    # The demo's broker is a folder (lms.lib.folder_broker): one worker, no server.
    _queue = VAR_DIR / "queue"
    for _folder in ("messages", "control"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "folder://localhost"  # the host means nothing; without one kombu warns
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_ALWAYS_EAGER = TESTING and not env.bool("TEST_WITH_WORKER", False)
CELERY_TASK_EAGER_PROPAGATES = TESTING
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]  # a pickle in the queue is not accepted
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = TIMETABLE

# --- Mail, logs and figures -----------------------------------------------------------------------------------------
_EMAIL_EXAMPLE = "smtp://user:password@host:587/?tls=True"
_EMAIL = parsed(
    "EMAIL_URL", required("EMAIL_URL", _EMAIL_EXAMPLE, otherwise="console:"), _EMAIL_EXAMPLE, dj_email_url.parse
)
if "EMAIL_BACKEND" not in _EMAIL:
    stop("EMAIL_URL", f"names no way of sending mail; set it, for example EMAIL_URL={_EMAIL_EXAMPLE}")
vars().update(_EMAIL)
# A mail server that does not answer must not hold a worker, and the row that it is sending, for ever.
EMAIL_TIMEOUT: int = _EMAIL.get("EMAIL_TIMEOUT") or 30
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Hjälpmedel i Västra Götaland <behorighet@example.se>")
# Where a reader writes when something is wrong or out of reach; shown in the footer and on error pages.
CONTACT_EMAIL: str = env.str("CONTACT_EMAIL", "" if PRODUCTION else "hjalpmedel@example.se")
# Who vouches for certificates of our own courses; on each of them for good.
CERTIFICATE_ISSUER: str = env.str("CERTIFICATE_ISSUER", "") or WAGTAIL_SITE_NAME
LOGGING = logging_settings(
    as_json=PRODUCTION,
    level=one_of("LOG_LEVEL", ["WARNING", "INFO", "DEBUG", "ERROR", "CRITICAL"]),
)

METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")  # /metrics for a caller that is not on this machine
PROMETHEUS_EXPORT_MIGRATIONS = False

if TESTING:
    # A page that asks the database once for each row fails its test. Wagtail's own models are not ours to mend.
    INSTALLED_APPS += ["zeal"]
    MIDDLEWARE += ["zeal.middleware.zeal_middleware", "tests.admin_reads.leave_wagtail_admin_out"]
    ZEAL_ALLOWLIST = [{"model": f"{app}.*"} for app in ("wagtail*", "taggit", "contenttypes", "auth")]
    # Completions that are reported together are changes of their own, each with its number.
    ZEAL_ALLOWLIST += [{"model": "competence.Revision"}]
    # Each change of a webhook takes it anew, under its lock; one request may be three changes.
    ZEAL_ALLOWLIST += [{"model": "competence.Webhook"}]
    # A list of completions is read anew after each part: somebody may have stopped it.
    ZEAL_ALLOWLIST += [{"model": "competence.CompletionImport"}]
    # Wagtail looks the shelf of courses up anew for each thing that it does when the shelf is made.
    ZEAL_ALLOWLIST += [{"model": "courses.CourseShelfPage"}]
    # The sizes of an image are made, each by itself, when it is first shown.
    ZEAL_ALLOWLIST += [{"model": "cms.SiteImage", "field": "renditions"}]
