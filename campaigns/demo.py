"""The demo business: Texas Prime Plumbing, two dozen customers with the names real lists have, a campaign to start."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from campaigns import cards, connecting, connection, invitations, provisioning, status
from campaigns.models import (
    Business,
    Campaign,
    Card,
    Click,
    Customer,
    Delivery,
    Message,
    Suppression,
    User,
    picture_path,
    refresh,
)

NAME = "Texas Prime Plumbing"
EMAIL = "todd@texas-prime-plumbing.example"
LINE = "+15125550100"
PLACE = "ChIJ_TexasPrimePlumbing_demo"
CONSENT = "Gave the number when booking and agreed to messages about the visit"

#: First name, last name, last digits of the number, days since the visit, time zone if known.
PEOPLE = (
    ("Marcus", "Bell", "0101", 3, ""),
    ("José", "García", "0102", 3, "America/Chicago"),
    ("Zoë", "Müller", "0103", 4, ""),
    ("Siobhán", "O'Neill", "0104", 4, ""),
    ("伟", "李", "0105", 5, "America/Los_Angeles"),
    ("محمد", "الحسن", "0106", 5, ""),
    ("MARGARET", "HOLLOWAY", "0107", 6, ""),
    ("Maximiliana Wilhelmina", "Featherstonehaugh-Cholmondeley", "0108", 6, ""),
    ("", "", "0109", 7, ""),
    ("Łukasz", "Wójcik", "0110", 7, ""),
    ("Ольга", "Петренко", "0111", 8, ""),
    ("Ελένη", "Παπαδοπούλου", "0112", 8, ""),
    ("יוסף", "כהן", "0113", 9, ""),
    ("प्रिया", "शर्मा", "0114", 9, ""),
    ("สมชาย", "ใจดี", "0115", 10, ""),
    ("지민", "박", "0116", 10, ""),
    ("さくら", "田中", "0117", 11, ""),
    ("Nguyễn Thị", "Hoa", "0118", 11, ""),
    ("Anne-Marie", "d'Arcy", "0119", 12, "America/New_York"),
    ("Jo", "Li", "0120", 12, ""),
    ("Denise", "Okafor", "0121", 13, ""),
    ("Tomás", "Rivera", "0122", 13, ""),
    ("Grace", "Lindqvist", "0198", 14, ""),
    ("Dee", "Castellano", "0199", 14, ""),
)
#: Three who will not be asked, and why.
STOPPED = ("Ray", "Dunmore", "0130")
RECENT = ("Hannah", "Whitfield", "0131")
INSIDER = ("Todd", "Prime", "0132")
#: Days ago that the recent one was asked.
ASKED_AGO = 41


def make() -> User:
    """Make the demo business once; later calls only see to it that the sandbox knows it.  Returns its owner.

    Raises RuntimeError against a live Chert: the demo belongs to a sandbox.
    """
    if not connection.is_loopback():
        raise RuntimeError("The demo business is for the sandbox only.")
    business = Business.objects.filter(name=NAME).select_related("organization").first()
    if business is not None:
        return _again(business)
    made = provisioning.provision(_wanted())
    with transaction.atomic():
        _fill(made.business, made.owner, timezone.now())
    return made.owner


def _wanted() -> provisioning.Wanted:
    return provisioning.Wanted(
        name=NAME,
        sender="Todd",
        email=EMAIL,
        secret=secrets.token_hex(16),
        timezone="America/Chicago",
        place_id=PLACE,
        lines=[LINE],
        line_budget=500,
        line_gap=1,
        ask_after=4,
        window="00:00-24:00",
        names=_names(),
    )


def _names() -> dict[str, str]:
    people = [(first, last, digits) for first, last, digits, _, _ in PEOPLE]
    named = [*people, STOPPED, RECENT, INSIDER]
    return {_phone(digits): f"{first} {last}".strip() for first, last, digits in named}


def _phone(digits: str) -> str:
    return f"+1512555{digits}"


def _again(business: Business) -> User:
    organization = business.organization
    provisioning.introduce(organization, _names())
    connecting.try_to_connect(organization)
    return User.objects.get(email=EMAIL)


def _fill(business: Business, owner: User, now: datetime) -> None:
    card = _card(business)
    for first, last, digits, days, zone in PEOPLE:
        _customer(business, owner, now, first, last, digits, days=days, zone=zone)
    stopped = _customer(business, owner, now, *STOPPED, days=20)
    Customer.objects.filter(pk=stopped.pk).update(stopped_at=now - timedelta(days=4), stopped_how="Asked us by phone")
    Suppression.add(business.organization, stopped.phone, "Asked us by phone", now)
    insider = _customer(business, owner, now, *INSIDER, days=30)
    Customer.objects.filter(pk=insider.pk).update(is_insider=True)
    then = now.astimezone(business.zone) - timedelta(days=ASKED_AGO)  # by the calendar: the clocks may have changed
    _asked_before(_customer(business, owner, now, *RECENT, days=43), card, then)
    Campaign.objects.create(
        business=business,
        name="Autumn service visits",
        card=card,
        greeting=invitations.GREETING,
        ask=invitations.ASK,
        created_by=owner,
    )


def _card(business: Business) -> Card:
    card = Card.from_starter(business)
    card.save()
    return card


def _customer(
    business: Business, owner: User, now: datetime, first: str, last: str, digits: str, *, days: int, zone: str = ""
) -> Customer:
    return Customer.objects.create(
        business=business,
        first_name=first,
        last_name=last,
        phone=_phone(digits),
        timezone=zone,
        last_visit=(now - timedelta(days=days)).date(),
        consent_basis=CONSENT,
        is_attested=True,
        consent_at=now - timedelta(days=days),
        consent_by=owner,
        consent_source="the demo's own list",
    )


def _asked_before(customer: Customer, card: Card, then: datetime) -> None:
    """One finished campaign in the past, so that there is a history to look at."""
    business = customer.business
    campaign = Campaign.objects.create(
        business=business,
        name="Water heater checks",
        card=card,
        greeting=invitations.GREETING,
        ask=invitations.ASK,
        state=status.Campaign.FINISHED,
        created_at=then,
        started_at=then,
        finished_at=then + timedelta(minutes=3),
    )
    delivery = Delivery.objects.create(campaign=campaign, customer=customer, created_at=then, planned_for=then)
    _past_message(delivery, Message.Kind.GREETING, campaign.greeting, then, "")
    _past_message(delivery, Message.Kind.ASK, campaign.ask, then + timedelta(minutes=2), _past_picture(card, customer))
    refresh([delivery])
    Click.objects.create(delivery=delivery, at=then + timedelta(minutes=9), agent="Safari on iPhone")
    delivery.note(clicked_at=then + timedelta(minutes=9))


def _past_message(delivery: Delivery, kind: str, text: str, then: datetime, picture: str) -> None:
    business = delivery.customer.business
    Message.objects.create(
        organization=business.organization,
        business=business,
        customer=delivery.customer,
        delivery=delivery,
        kind=kind,
        status=status.Message.READ,
        text=text,
        picture=picture,
        created_at=then,
        sent_at=then,
        delivered_at=then + timedelta(seconds=2),
        read_at=then + timedelta(minutes=7),
        attempts=1,
        first_attempt_at=then,
    )


def _past_picture(card: Card, customer: Customer) -> str:
    name = f"demo-{customer.pk}.jpg"
    path = picture_path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(cards.render(card.drawing(), customer.words()))
    return name
