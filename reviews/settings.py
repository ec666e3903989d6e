"""The site's settings: the only place where the environment is read.  Safe on a laptop with nothing set."""

import secrets
import sys
from pathlib import Path

import environ
from cryptography.fernet import Fernet

env = environ.Env()

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", default=str(ROOT / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
TESTING = "pytest" in sys.modules


def kept_secret(name: str, made: str) -> str:
    """The secret from the environment, else from a 0600 file in DATA_DIR, which is made once."""
    given = env.str(name, default="")
    if given:
        return given
    path = DATA_DIR / name.lower()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(made)
    return path.read_text().strip()


SECRET_KEY = kept_secret("SECRET_KEY", secrets.token_urlsafe(50))
ENCRYPTION_KEYS = kept_secret("ENCRYPTION_KEYS", Fernet.generate_key().decode()).split(",")
# Opt-outs survive erasure as a keyed hash (D3); the key lies outside the database and is never rotated with the others.
SUPPRESSION_KEY = kept_secret("SUPPRESSION_KEY", secrets.token_urlsafe(32))
DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
CHERT_API_BASE = env.str("CHERT_API_BASE", default="https://console.trychert.com/api/v1").rstrip("/")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "campaigns",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
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

if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "goodword.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
            },
        }
    }
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = DATA_DIR / "static"
LOGIN_URL = "sign_in"
