"""Who we are to Chert: the secret itself in a header, or a signature made with it at each attempt."""

import re
from dataclasses import dataclass, field

from .mistakes import BadCredentials
from .signing import sign

_SECRET = re.compile(r"[!-~]{8,512}", re.ASCII)  # visible ASCII only: what an HTTP header can carry unharmed
_TENANT = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


@dataclass(frozen=True)
class Bearer:
    """The signing secret as a bearer token; `tenant` is needed only by accounts with several tenants."""

    secret: str = field(repr=False)
    tenant: str | None = None

    def __post_init__(self) -> None:
        _check(self.secret, self.tenant)

    def headers(self, body: bytes, now: float) -> dict[str, str]:
        """The headers that prove who we are for one attempt."""
        return _bearer(self.secret, self.tenant)

    def upload_headers(self) -> dict[str, str]:
        """The same for uploading bytes."""
        return _bearer(self.secret, self.tenant)


@dataclass(frozen=True)
class Signed:
    """A signature over time and body instead of the secret; made anew at each attempt, good for five minutes."""

    secret: str = field(repr=False)
    tenant: str

    def __post_init__(self) -> None:
        _check(self.secret, self.tenant)

    def headers(self, body: bytes, now: float) -> dict[str, str]:
        """The headers that prove who we are for one attempt at the unix time `now`."""
        timestamp = int(now)
        signature = f"v1,{timestamp},{sign(self.secret, timestamp, body)}"
        return {"x-chert-tenant": self.tenant, "x-chert-signature": signature}

    def upload_headers(self) -> dict[str, str]:
        """Uploads take no signature, only the bearer form (Chert docs, attachments)."""
        return _bearer(self.secret, self.tenant)


Credentials = Bearer | Signed


def _bearer(secret: str, tenant: str | None) -> dict[str, str]:
    headers = {"authorization": f"Bearer {secret}"}
    return headers | {"x-chert-tenant": tenant} if tenant else headers


def _check(secret: str, tenant: str | None) -> None:
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise BadCredentials("The signing secret must be at least 8 visible characters without spaces.")
    if tenant is not None and not _TENANT.fullmatch(tenant):
        raise BadCredentials("The tenant name may hold only letters, digits, dots, dashes and underscores.")
