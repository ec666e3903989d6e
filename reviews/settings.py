"""The site's settings: the only place where the environment is read.  Safe on a laptop with nothing set."""

import base64
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from datetime import timedelta
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from campaigns.management import running
from reviews import disks, logs, wires
from reviews.sqlite3 import BREATH

env = environ.Env()

ROOT = Path(__file__).resolve().parent.parent
# Tests never touch what is kept, however they were started and whatever the environment says.
TESTING = "pytest" in sys.modules or sys.argv[1:2] == ["test"]
# Several hosts at one PostgreSQL share this folder: pictures drawn by one are uploaded by another, and a host with a
# folder of its own takes the database for one that has moved, and holds its campaigns (campaigns/brakes/absence.py).
DATA_DIR = Path(tempfile.mkdtemp(prefix="goodword-test-") if TESTING else env.str("DATA_DIR", str(ROOT / "var")))
DATA_DIR = DATA_DIR.resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)


def private_folder(name: str) -> Path:
    """A folder in DATA_DIR that only we can look into."""
    folder = DATA_DIR / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def kept_secret(name: str, made: str) -> str:
    """The secret from the environment, else from a 0600 file in DATA_DIR, which is made once."""
    given = env.str(name, default="")
    if given:
        return str(given)
    path, fresh = DATA_DIR / name.lower(), DATA_DIR / f"{name.lower()}.{os.getpid()}"
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(made)
        with suppress(FileExistsError):
            os.link(fresh, path)  # whole or not at all, and the first of two processes wins
        fresh.unlink()
    return path.read_text().strip()


def new_encryption_key() -> str:
    """256 random bits."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def is_encryption_key(given: str) -> bool:
    """32 bytes that somebody has drawn: of random ones nearly all differ."""
    try:
        raw = base64.urlsafe_b64decode(given)
    except ValueError:
        return False
    return len(raw) == 32 and len(set(raw)) >= 16


# --- Where we are ---------------------------------------------------------------------------------------------------

# Commands beside a running `start` belong to its site: its address, and its sandbox.
BESIDE = running.look(DATA_DIR)
SITE_URL_GIVEN = env.str("SITE_URL", default="").rstrip("/")
SITE_URL = SITE_URL_GIVEN or BESIDE.get("SITE_URL", "http://127.0.0.1:8000")
CHERT_API_BASE_GIVEN = env.str("CHERT_API_BASE", default="").rstrip("/")
CHERT_API_BASE = CHERT_API_BASE_GIVEN or BESIDE.get("CHERT_API_BASE", "https://console.trychert.com/api/v1")
# Only `manage.py provision` reads it, so that a secret never stands on a command line.
CHERT_SIGNING_SECRET = env.str("CHERT_SIGNING_SECRET", default="")
REDIS_URL = env.str("REDIS_URL", default="")
DATABASE_URL = env.str("DATABASE_URL", default="")
MIGRATION_URL = env.str("MIGRATION_URL", default="")  # the owner of the tables, see campaigns/management/owner.py
EMAIL_URL = env.str("EMAIL_URL", default="")

site = urlsplit(SITE_URL)
SITE_IS_HTTPS = site.scheme == "https"
LOOPBACK_NAMES = {"127.0.0.1", "localhost", "::1"}
SITE_IS_LOOPBACK = site.hostname in LOOPBACK_NAMES
if site.scheme not in {"http", "https"} or not site.hostname or "*" in site.hostname:
    raise ImproperlyConfigured(f"SITE_URL is a public address like https://reviews.example.com, not {SITE_URL!r}.")
chert = urlsplit(CHERT_API_BASE)
if chert.scheme != "https" and not (chert.scheme == "http" and chert.hostname in LOOPBACK_NAMES):
    raise ImproperlyConfigured("CHERT_API_BASE must begin with https://, or be a loopback address (S38).")
wires.check_roles(DATABASE_URL, MIGRATION_URL)
if not env.bool("TRUSTED_NETWORK", default=False):
    wires.check(DATABASE_URL=DATABASE_URL, MIGRATION_URL=MIGRATION_URL, REDIS_URL=REDIS_URL, EMAIL_URL=EMAIL_URL)

DEBUG = env.bool("DEBUG", default=False)
if DEBUG and not SITE_IS_LOOPBACK:
    raise ImproperlyConfigured("DEBUG shows the inside to everyone: unset it, or set SITE_URL to a loopback address.")
SECRET_KEY = kept_secret("SECRET_KEY", secrets.token_urlsafe(64))
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is too short: give at least 50 random characters, or none and one is made.")
if len(set(SECRET_KEY)) < 16 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured("SECRET_KEY can be guessed: give 50 random characters or more, or none and one is made.")
ENCRYPTION_KEYS = kept_secret("ENCRYPTION_KEYS", new_encryption_key()).split(",")
if not all(map(is_encryption_key, ENCRYPTION_KEYS)):
    raise ImproperlyConfigured(
        "ENCRYPTION_KEYS are 32 random bytes each, in URL-safe base64, with commas between. Give none and one is made."
    )
# In a file, a running site takes up a new one by itself (campaigns/vault.py).
ENCRYPTION_KEYS_FILE = None if env.str("ENCRYPTION_KEYS", default="") else DATA_DIR / "encryption_keys"
SUPPRESSION_KEY = kept_secret("SUPPRESSION_KEY", secrets.token_hex(32))  # lost, and every "never again" is lost with it
if len(SUPPRESSION_KEY) < 32 or len(set(SUPPRESSION_KEY)) < 6:
    raise ImproperlyConfigured("SUPPRESSION_KEY can be guessed: give 32 random characters or more, or none.")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] if SITE_IS_LOOPBACK else [site.hostname]
CSRF_TRUSTED_ORIGINS = [f"{site.scheme}://{site.netloc}"]

# --- The site -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "campaigns",
]
MIDDLEWARE = [
    "reviews.middleware.request_id",
    "reviews.middleware.security_headers",
    "reviews.health.probes",
    "reviews.middleware.programs_by_https",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "campaigns.accounts.session_keys.keys_alone",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "campaigns.accounts.sessions.ages",
    "reviews.middleware.private_pages",
    "reviews.middleware.refusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "reviews.urls"
WSGI_APPLICATION = "reviews.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_USER_MODEL = "campaigns.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "dashboard"

# --- What is kept ---------------------------------------------------------------------------------------------------

if DATABASE_URL:
    # A connection per thread, kept a minute and asked before use.  No pool: every thread here is long-lived.
    default = env.db("DATABASE_URL")
    default.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    default["OPTIONS"] = {
        "connect_timeout": 10,
        # Whoever freezes inside a transaction is cut off before those who wait for its locks give up.  What we look for
        # is in memory or on an SSD, so an index is never as dear as PostgreSQL takes it for.  And what is prepared
        # (campaigns/prepared.py) is planned once.
        "options": "-c lock_timeout=10s -c idle_in_transaction_session_timeout=8s -c random_page_cost=1.1 "
        "-c plan_cache_mode=force_generic_plan",
        "prepare_threshold": 1_000_000,  # times that anything else is asked before it is prepared unasked
        **default.get("OPTIONS", {}),  # the address may ask for more, like ?sslmode=require
    }
    DATABASES = {"default": default}
else:
    far = disks.network_file_system(DATA_DIR)
    if far and not env.bool("SQLITE_ON_NETWORK", default=False):
        raise ImproperlyConfigured(
            f"SQLite on a network file system ({far}) is corrupted sooner or later: put DATA_DIR on a disk of this "
            "machine, or set DATABASE_URL to a PostgreSQL. If it is a local disk after all: SQLITE_ON_NETWORK=1."
        )
    DATABASES = {
        "default": {
            "ENGINE": "reviews.sqlite3",  # Django's, with a shorter way of waiting for the lock
            "NAME": DATA_DIR / "goodword.sqlite3",
            "CONN_MAX_AGE": 60,  # to open it anew for each request would be a seventh of what a webhook takes
            # IMMEDIATE: a read that becomes a write would fail at once, the time-out unused.
            # FULL: a commit lost in a power cut ("sent") would be a second message.
            # secure_delete: what is erased is written over, not only struck off the list (S58).
            # mmap_size: pages are read where the system keeps them for everybody, instead of being copied one by one
            # into the 2 MB of each connection; a year's results take half the time.  They are addresses more than
            # memory: the system takes it back when it likes, though what tells a process's size counts it.  Writes go
            # as before.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": BREATH,
                "cached_statements": 1000,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA secure_delete=ON; PRAGMA mmap_size=268435456",
            },
            "ATOMIC_REQUESTS": False,  # with IMMEDIATE every page view would take the write lock
        }
    }

# A sign-in throttle counts in every process together, so not in one process's memory; and in a table each count would
# be a durable commit.  Files are shared, and gone without harm.
IN_FILES = {"BACKEND": "reviews.cache.Files", "LOCATION": private_folder("cache")}
IN_REDIS = {
    "BACKEND": "reviews.cache.Redis",
    "LOCATION": REDIS_URL,
    "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},  # a Redis that sleeps must hold nobody up
}
PREFIX = {"KEY_PREFIX": "goodword-test" if TESTING else "goodword"}
CACHES = {"default": {**(IN_REDIS if REDIS_URL else IN_FILES), **PREFIX}, "spare": {**IN_FILES, **PREFIX}}

# --- Files ----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = DATA_DIR / "static"
MANIFEST = "reviews.modules.Manifest"
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"  # tests run without collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN if TESTING else MANIFEST},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ALLOW_ALL_ORIGINS = False  # our files are for our pages
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = TESTING
MEDIA_ROOT = private_folder("files")  # no MEDIA_URL: pictures are served by views that ask who is there (S20)

PHOTO_MAX_BYTES = 15 * 1024 * 1024
IMPORT_MAX_BYTES = 50 * 1024 * 1024
UPLOAD_CEILING_BYTES = 60 * 1024 * 1024  # above it nothing is stored; below it the form says what is too large
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # larger files stream to a temporary file
FILE_UPLOAD_TEMP_DIR = private_folder("uploads")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "reviews.uploads.Ceiling",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # everything that is not a file: forms, webhooks
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# --- Safety (Django's deployment check is clean with an https SITE_URL) ----------------------------------------------

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Behind a proxy gunicorn itself learns the scheme from X-Forwarded-Proto, and only from the addresses it trusts
# (FORWARDED_ALLOW_IPS, by default loopback), so SECURE_PROXY_SSL_HEADER stays unset.
SECURE_SSL_REDIRECT = SITE_IS_HTTPS
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if SITE_IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SITE_IS_HTTPS
SECURE_HSTS_PRELOAD = SITE_IS_HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_IS_HTTPS
SESSION_ENGINE = "campaigns.accounts.session_keys"
SESSION_COOKIE_NAME = "__Host-session" if SITE_IS_HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SITE_IS_HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
KNOWN_COOKIE_NAME = "__Host-known" if SITE_IS_HTTPS else "known"
# Seconds: a session ends after so long, or when nobody has done anything for so long (S7); and whoever wants to touch
# keys, people or what opens the door has shown within so long who they are (S8).
SESSION_LONGEST = SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_IDLE = 12 * 3600
SESSION_BREATH = 5 * 60  # a sign of life is written down once in so many, not at each page
PROOF_LASTS = 10 * 60
PASSWORD_RESET_TIMEOUT = 3600
# Only these are believed when they say for whom they ask; on a loopback address there is no proxy.
TRUSTED_PROXIES = [] if SITE_IS_LOOPBACK else env.list("FORWARDED_ALLOW_IPS", default=["127.0.0.1", "::1"])
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "campaigns.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_CHANGE_EMAIL = True
# Whoever has an account was invited, or made it where Goodword runs; nobody can take another's address by signing up.
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # seconds from the passphrase to the second step
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # ours count otherwise, see campaigns/accounts/tries.py
MFA_ADAPTER = "campaigns.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # recovery codes are ours, because the library keeps what they are made from
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # the danger is that somebody signs up in another's name, and nobody can
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a finger, a face or a PIN, so that a passkey alone is two factors
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SITE_IS_LOOPBACK
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
BREACHED_PASSPHRASES = Path(path) if (path := env.str("BREACHED_PASSPHRASES", default="")) else None
if BREACHED_PASSPHRASES and not BREACHED_PASSPHRASES.is_file():
    raise ImproperlyConfigured(
        "BREACHED_PASSPHRASES is a file of SHA-1 hashes in order, and there is none by this name."
    )
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the slow one is slow on purpose

# Mail: one address, like smtp+tls://name:password@mail.example.com:587.  Without it mails are printed.
vars().update(env.email_url_config(EMAIL_URL or "consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", default="") or f"Goodword <goodword@{site.hostname}>"

# --- Sending --------------------------------------------------------------------------------------------------------

# Seconds that one call to Chert may take, from its first byte to the last of the answer; most of the rest follows from
# it.  Fewer only towards a sandbox, where nobody wants to wait for a frozen worker.
CALL_SECONDS = env.float("CALL_SECONDS", default=30.0) if chert.hostname in LOOPBACK_NAMES else 30.0
UPLOAD_SECONDS = 4 * CALL_SECONDS
ALLOWED_SKEW = 2  # seconds between a host's clock and the database's; beyond them the host sends nothing
# A lease that ends during a call, by anybody's clock, lets a second worker make the same call.
SHORTEST_LEASE = 1.5 * CALL_SECONDS + 2 * ALLOWED_SKEW
HANDFUL_SECONDS = 2  # ... and the last of a handful that was claimed at once is begun so much later than the first
# How long a claimed message is ours; and one with its picture still to come.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=max(2 * CALL_SECONDS, SHORTEST_LEASE + HANDFUL_SECONDS))
UPLOAD_LEASE_SECONDS = max(1.5 * UPLOAD_SECONDS, UPLOAD_SECONDS + LEASE_SECONDS)
GRACE_SECONDS = 4 * CALL_SECONDS  # how far a chat may lag behind what was sent (reliability §2.3)
SANDBOX_LAGS = env.bool("SANDBOX_LAGS", default=False)  # a sandbox shows at once what it took, unless it is made not to
if CALL_SECONDS < 1 or LEASE_SECONDS < SHORTEST_LEASE:
    raise ImproperlyConfigured(f"LEASE_SECONDS must be at least {ceil(SHORTEST_LEASE)}: no lease may end in a call.")
# How long Chert surely knows the key of a message; nothing that may have arrived is repeated after it (F-40).
KEY_LIFE = timedelta(hours=env.float("CHERT_KEY_HOURS", default=24))
if timedelta(hours=0.1) > KEY_LIFE:
    raise ImproperlyConfigured("CHERT_KEY_HOURS must leave time for a repeat, 0.1 at least.")
# Does Chert answer a repeat as it answered the first call?  It says so; whoever finds that it acts says "ignored".
KEYS = env.str("CHERT_KEYS", default="honoured")
KEYS_ARE_HONOURED = KEYS == "honoured"
if KEYS not in {"honoured", "ignored"}:
    raise ImproperlyConfigured("CHERT_KEYS is honoured or ignored.")
# Calls to Chert at the same time in one process.  SQLite has one writer, for which more of them would only wait.
OUTBOX_THREADS = 8 if DATABASE_URL else 5
# Away for longer than this, and what is late by more than this waits for a person.  A restart or a deploy is shorter.
ALLOWED_ABSENCE = timedelta(hours=1)
PULSE = DATA_DIR / "pulse"  # how often work was written down, kept beside the database to notice an older one

# --- Celery: the clock.  Rows are the queue; what the broker carries is a doorbell that may be lost or doubled --------

CELERY_BROKER_URL = REDIS_URL or "doorbell://localhost/"  # see reviews/doorbell.py
BROKER_FOLDERS = [private_folder("doorbell"), private_folder("doorbell-control")]
FILES = {
    "data_folder_in": str(BROKER_FOLDERS[0]),  # one app: what goes out comes in
    "data_folder_out": str(BROKER_FOLDERS[0]),
    "control_folder": str(BROKER_FOLDERS[1]),
    "polling_interval": 0.1,
}
PATIENCE = {"socket_timeout": 5, "socket_connect_timeout": 5}  # with a Redis that sleeps: a worker must be able to end
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600, **PATIENCE} if REDIS_URL else FILES
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # however long Redis is away: reviews/spare.py rings meanwhile
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # a full Redis refuses, and a worker would end of it again and again
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_CONCURRENCY = 6
CELERY_WORKER_PREFETCH_MULTIPLIER = 2
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # in memory, no file to corrupt


def every(seconds: float, task: str) -> dict[str, object]:
    """A doorbell each so many seconds; one that nobody heard in five is thrown away."""
    return {"task": task, "schedule": seconds, "options": {"expires": 5}}


CELERY_BEAT_SCHEDULE = {
    "look": every(1, "campaigns.tasks.look"),
    "receipts": every(1, "campaigns.tasks.receipts"),
    "round": every(1, "campaigns.tasks.go_round"),
    "forget lists": every(60, "campaigns.tasks.forget_lists"),
    "close": every(5, "campaigns.tasks.close"),
    "forget programs": every(60, "campaigns.tasks.forget_programs"),
    "forget sessions": every(600, "campaigns.tasks.forget_sessions"),
    "look back": every(60, "campaigns.tasks.look_back"),
    "heartbeat": every(2, "reviews.celery.heartbeat"),
}
HEARTBEAT = DATA_DIR / "heartbeat"  # its time of change is the worker's last sign of life
SWEPT = DATA_DIR / "swept"  # ... and the end of its last sweep
LAST_BACKUP = DATA_DIR / "last_backup.json"  # {"at": an ISO moment, "bytes": a number}, written by whoever made one

# --- Logs -----------------------------------------------------------------------------------------------------------

LOGGING = logs.configuration(env.str("LOG_LEVEL", default="INFO"))
