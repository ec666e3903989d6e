"""Can somebody in between read what is said to the database, to Redis and to the mail server?  (ASVS 12.3.1)"""

from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
#: Of libpq: those that look at whose certificate it is; `require` takes anybody's.
VERIFIED = {"verify-ca", "verify-full"}
#: Of Redis: the cache's client looks at certificates by itself, and Celery's, not asked to, takes anybody's.
ASKED = {"required", "cert_required"}
#: What to do instead, by the variable.
_TABLES = "Add ?sslmode=verify-full&sslrootcert=FILE."
CURE = {
    "DATABASE_URL": _TABLES,
    "MIGRATION_URL": _TABLES,
    "REDIS_URL": "Use rediss://…?ssl_cert_reqs=required&ssl_ca_certs=FILE.",
    "EMAIL_URL": "Use smtp+tls:// or smtp+ssl://.",
}
#: Schemes that are encrypted, and whose certificates are looked at without being asked to.
SEALED = {"smtp+tls", "smtps", "smtp+ssl"}


def check_roles(working: str, owning: str) -> None:
    """Raises `ImproperlyConfigured` for an owner of tables that nobody works with."""
    if owning and not working:
        raise ImproperlyConfigured("MIGRATION_URL is for the owner of a PostgreSQL: set DATABASE_URL, too, or neither.")


def check(**urls: str) -> None:
    """Raises `ImproperlyConfigured` for the first of these variables that would speak in the open."""
    for name, url in urls.items():
        if host := plain(url):
            raise ImproperlyConfigured(
                f"{name} would speak to {host} so that others on the way can read it. {CURE[name]} "
                "Where nobody else is on that network: TRUSTED_NETWORK=1."
            )


def plain(url: str) -> str:
    """The host to which this address would speak in the open, or without asking who it is; else empty.

    What stays on this machine, through loopback or a socket, nobody is in between of.
    """
    parts = urlsplit(url)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    is_here = not parts.hostname or parts.hostname in LOOPBACK or parts.hostname.lower().startswith("%2f")
    if is_here or parts.scheme in SEALED:
        return ""
    if parts.scheme == "rediss":
        return "" if asked.get("ssl_cert_reqs", "").lower() in ASKED else str(parts.hostname)
    return "" if asked.get("sslmode") in VERIFIED else str(parts.hostname)
