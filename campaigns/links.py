"""The customer's link: which address goes out, and what happens when it is opened."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from campaigns import connection, outgoing
from campaigns.asking import reminders
from campaigns.models import Business, Click, Delivery

#: Words in a User-Agent that betray a preview robot.  iMessage's own fetcher calls itself facebookexternalhit (S35).
ROBOTS = (
    "bot",
    "facebookexternalhit",
    "preview",
    "crawl",
    "spider",
    "slurp",
    "curl/",
    "wget/",
    "python",
    "httpx",
    "go-http-client",
    "scanner",
    "chert",
)


def are_counted(business: Business) -> bool:
    """Do this business's links come through us?

    Not by choice, and not where our own address cannot be reached from a phone while Chert is live: a customer must
    never get a link that does not open.
    """
    from_anywhere = settings.SITE_URL.startswith("https://") and not connection.is_loopback(settings.SITE_URL)
    return business.links == Business.Links.COUNTED and (from_anywhere or connection.is_loopback())


def address(business: Business, token: str) -> str:
    """What goes into the link card: our redirect, or the review address itself."""
    if not are_counted(business):
        return business.review_url
    return settings.SITE_URL + reverse("open_link", args=[token])


def is_robot(agent: str, method: str = "GET", purpose: str = "") -> bool:
    """A machine that looks, not a person who taps."""
    agent = agent.lower()
    if "headlesschrome" in agent and not connection.is_loopback():  # on this machine it is somebody trying us out
        return True
    return method != "GET" or "prefetch" in purpose.lower() or not agent or any(word in agent for word in ROBOTS)


def open_link(token: str, *, agent: str, robot: bool, now: datetime) -> str | None:
    """Write the opening down and say where to go; None for a token nobody has.

    The destination comes from the database only (S32).  A robot is written down too, but the row says "opened link"
    for people alone.
    """
    if not token.isascii() or not token.isprintable():  # no token of ours, and PostgreSQL takes no NUL
        return None
    delivery = Delivery.everything.select_related("campaign__business").filter(token=token).first()
    if delivery is None:
        return None
    Click.objects.create(delivery=delivery, at=now, is_robot=robot, agent=agent[:200])
    if not robot and delivery.clicked_at is None:
        with transaction.atomic():
            reminders.take_back_of(Q(delivery=delivery), "The link was opened", now)
            delivery.note(clicked_at=now)
            outgoing.of_delivery(outgoing.Event.CLICKED, delivery, now)
    return delivery.campaign.business.review_url
