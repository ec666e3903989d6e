"""A new business on this installation: account, location, lines and owner, made together or not at all."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from campaigns import chert, connecting, connection, pacing, phones, review_links
from campaigns.models import AuditEntry, Business, Line, Membership, Organization, User

log = logging.getLogger(__name__)


class Refused(ValueError):
    """The business cannot be made as asked; the text says why and what to do."""


@dataclass(frozen=True)
class Wanted:
    """What somebody asked for.  Phone numbers as people write them; the secret as Chert gave it."""

    name: str
    sender: str
    email: str
    secret: str
    timezone: str = "America/Chicago"
    country: str = "US"
    review_url: str = ""
    place_id: str = ""
    lines: Sequence[str] = ()
    line_budget: int = pacing.MOST_A_DAY
    line_gap: int = pacing.LEAST_GAP
    ask_after: int = 120
    window: str = ""
    #: Names for the phones of the pretend Chert, by number.
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Provisioned:
    """What was made, and what Chert had to say about it (empty when all is well)."""

    business: Business
    owner: User
    lines: list[Line]
    trouble: str = ""


def provision(wanted: Wanted) -> Provisioned:
    """Make the business.  An account whose secret is known gets another location.  Raises `Refused` with a sentence."""
    numbers, address = _checked(wanted)
    with transaction.atomic():
        organization = _organization(wanted)
        business = _business(wanted, organization, address)
        owner = _owner(wanted, organization)
        lines = [_line(number, wanted, organization, business) for number in numbers]
        AuditEntry.write(organization, "provision", business, owner)
        introduce(organization, wanted.names)  # a worker asks for the log within a second of the commit
    return Provisioned(business, owner, lines, connecting.try_to_connect(organization, owner))


def add_location(organization: Organization, given: Mapping[str, Any], by: User) -> Business:
    """One more location of an account; `given` are its columns, checked."""
    slug = slugify(given["name"])[:60] or "location"
    if Business.objects.filter(slug=slug).exists():  # perhaps somebody else's, of which nothing is told
        slug = f"{slug}-{secrets.token_hex(4)}"
    with transaction.atomic():
        made = Business.objects.create(organization=organization, slug=slug, **given)
        AuditEntry.write(organization, "add location", made, by, made.name)
    return made


def _checked(wanted: Wanted) -> tuple[list[str], str]:
    """Everything that can be wrong, before anything is written."""
    if not wanted.name.strip() or not wanted.sender.strip():
        raise Refused("A business needs a name, and the first name of the person who writes.")
    if Business.objects.filter(slug=slugify(wanted.name)).exists():
        raise Refused(f"There is a business called {wanted.name} already. Choose another name.")
    try:
        ZoneInfo(wanted.timezone)
        pacing.Window.parse(wanted.window, may_be_wide=connection.is_loopback())
        chert.Bearer(wanted.secret)
        return [phones.parse(number, wanted.country) for number in wanted.lines], _address(wanted)
    except (ZoneInfoNotFoundError, IsADirectoryError) as unknown:
        raise Refused(f"{wanted.timezone} is not a time zone. One is America/Chicago.") from unknown
    except ValueError as wrong:
        raise Refused(str(wrong)) from wrong


def _address(wanted: Wanted) -> str:
    check_pace(wanted.line_budget, wanted.line_gap)
    if wanted.place_id:
        return review_links.from_place_id(wanted.place_id)
    return review_links.check(wanted.review_url).url if wanted.review_url else ""


def check_pace(budget: int, gap: int) -> None:
    """Raise `Refused` for a pace that Chert does not allow; against a sandbox anything goes (M12)."""
    if budget < 0 or gap < 0:
        raise Refused("A line's budget and gap cannot be negative.")
    if not connection.is_loopback() and (budget > pacing.MOST_A_DAY or gap < pacing.LEAST_GAP):
        raise Refused("Chert allows a line 30 first messages a day, 10 minutes apart. Choose less, not more.")


def _organization(wanted: Wanted) -> Organization:
    known = (org for org in Organization.objects.order_by("pk") if org.chert_secret == wanted.secret)
    found = next(known, None)
    return found or Organization.objects.create(
        name=wanted.name.strip(), slug=slugify(wanted.name), chert_secret=wanted.secret
    )


def _business(wanted: Wanted, organization: Organization, address: str) -> Business:
    return Business.objects.create(
        organization=organization,
        name=wanted.name.strip(),
        slug=slugify(wanted.name),
        sender=wanted.sender.strip(),
        timezone=wanted.timezone,
        country=wanted.country,
        review_url=address,
        ask_after=wanted.ask_after,
        window=wanted.window,
    )


def _owner(wanted: Wanted, organization: Organization) -> User:
    email = User.objects.normalize_email(wanted.email)
    owner = User.objects.filter(email=email).first() or User.objects.create_user(email, first_name=wanted.sender)
    Membership.objects.get_or_create(user=owner, organization=organization)
    return owner


def _line(number: str, wanted: Wanted, organization: Organization, business: Business) -> Line:
    """One that another location has, or every one, is for every location from then on: nobody loses theirs."""
    is_known = organization.lines.filter(number=number).exclude(business=business).exists()
    line, _ = Line.objects.update_or_create(
        organization=organization,
        number=number,
        defaults={
            "business": None if is_known else business,
            "budget": wanted.line_budget,
            "gap": wanted.line_gap,
            "is_active": True,
        },
    )
    return line


def introduce(organization: Organization, names: Mapping[str, str] | None = None) -> None:
    """Tell a sandbox on this machine about an account and its lines.  Nothing happens where there is none.

    Chert itself knows its tenants; a pretend one has to be told, by its own control address.
    """
    if not connection.is_loopback():
        return
    base = urlsplit(settings.CHERT_API_BASE)
    lines = [{"number": line.number, "budget": line.budget, "gap": line.gap} for line in organization.lines.all()]
    told = {"secret": organization.chert_secret, "name": organization.name, "lines": lines, "names": dict(names or {})}
    try:
        with httpx.Client(transport=connection.fresh_transport(), trust_env=False, timeout=5) as client:
            client.put(f"{base.scheme}://{base.netloc}/sandbox/tenants/{organization.slug}", json=told)
    except httpx.HTTPError as trouble:
        log.info("no sandbox was there to be told: %s", type(trouble).__name__)
