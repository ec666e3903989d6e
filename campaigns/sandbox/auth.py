"""Who is calling (contract §3): bearer token or signature; the signature is looked at first."""

import hashlib
import hmac

from .problems import Problem
from .store import Store, Tenant
from .wire import Request

SKEW = 300


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The hex HMAC over ``<timestamp>.<body>``; the key is the secret as text."""
    return hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def caller(store: Store, request: Request, now: float) -> Tenant:
    """The tenant behind this call.  Raises Problem 2001, 2004, 2005, 2012 or 2013."""
    if request.header("x-chert-signature"):
        return _allowed(_by_signature(store, request, now))
    return bearer(store, request)


def bearer(store: Store, request: Request) -> Tenant:
    """The tenant whose secret is the bearer token; uploads accept nothing else."""
    scheme, _, token = request.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem(2012)
    slug = request.header("x-chert-tenant")
    tenants = [_named(store, slug)] if slug else store.tenants()
    found = [each for each in tenants if hmac.compare_digest(each.secret.encode(), token.strip().encode())]
    if not found:
        raise Problem(2004)
    if not slug and (found[0].multi_tenant or len(found) > 1):
        raise Problem(2012, "This account needs the x-chert-tenant header.")
    return _allowed(found[0])


def _by_signature(store: Store, request: Request, now: float) -> Tenant:
    slug = request.header("x-chert-tenant")
    if not slug:
        raise Problem(2012, "A signature needs the x-chert-tenant header.")
    tenant = _named(store, slug)
    version, _, rest = request.header("x-chert-signature").partition(",")
    timestamp, _, given = rest.partition(",")
    if version != "v1" or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise Problem(2004)
    if abs(now - int(timestamp)) > SKEW:
        raise Problem(2013)
    if not hmac.compare_digest(sign(tenant.secret, int(timestamp), request.body).encode(), given.encode()):
        raise Problem(2004)
    return tenant


def _named(store: Store, slug: str) -> Tenant:
    tenant = store.tenant(slug)
    if tenant is None:
        raise Problem(2001)
    return tenant


def _allowed(tenant: Tenant) -> Tenant:
    if tenant.suspended:
        raise Problem(2005, "This tenant is suspended.")
    return tenant
