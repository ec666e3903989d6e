"""Every place where something of a person is kept: the one list by which they are handed out and forgotten.

Whoever adds a table or a file with people in it adds a place here.  A place can tell what it holds of somebody, in
words that go into a file for them (D1), and forget it (D2).  Forgetting happens in one transaction, in the order of the
list: message rows before campaigns, deliveries and customers, as everywhere.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from campaigns.models import (
    AuditEntry,
    Campaign,
    Click,
    Customer,
    Delivery,
    Message,
    Suppression,
    Tag,
    User,
    nobodys_number,
)
from campaigns.models.campaign import link_token
from campaigns.person import authors, bodies, homes, lists, programs, talks
from campaigns.person.whose import Whose

Fact = dict[str, Any]
ERASED = "Erased at their wish"


@dataclass(frozen=True)
class Place:
    """Where something is kept: its name in the file for them, what it holds, and how it forgets (how many)."""

    name: str
    held: Callable[[Whose], list[Fact]]
    forget: Callable[[Whose, datetime], int]


# --- messages and tries ---------------------------------------------------------------------------------------------


def _messages(whose: Whose) -> list[Fact]:
    return [
        {
            "message": message.pk,
            "kind": message.get_kind_display(),
            "from": "the customer" if not message.is_outbound else "us",
            "words": message.text,
            "exact_request": _request(message),
            "language": message.language,
            "status": message.get_status_display(),
            "why": message.reason,
            "round": message.round,
            "sent_by": _person(message.by),
            "note": message.note,
            "from_line": message.line.number if message.line else "",
            "delivery": message.delivery_id,
            "chat_at_chert": message.chat_id,
            "id_at_chert": message.chert_id,
            "picture_at_chert": message.attachment_id,
            "picture": f"pictures/{message.picture}" if message.picture else "",
            "written": message.created_at,
            "due": message.due_at,
            "sent": message.sent_at,
            "delivered": message.delivered_at,
            "read": message.read_at,
            "tries": [_try(each) for each in message.tries.all()],
        }
        for message in whose.messages
    ]


def _request(message: Message) -> Any:
    return json.loads(bytes(message.body)) if message.body else None


def _try(each: Any) -> Fact:
    kept = ("step", "started_at", "http_status", "code", "trace_id", "milliseconds", "detail")
    return {name: getattr(each, name) for name in kept} | {"outcome": each.get_outcome_display() or "Cut off"}


def _forget_messages(whose: Whose, now: datetime) -> int:
    """With their tries, which go by themselves."""
    return Message.objects.filter(customer__in=whose.rows).delete()[1].get("campaigns.Message", 0)


# --- deliveries and opened links ------------------------------------------------------------------------------------


def _deliveries(whose: Whose) -> list[Fact]:
    columns = ("planned_for", "greeted_at", "sent_at", "delivered_at", "read_at", "clicked_at", "replied_at")
    more = (
        "stopped_at",
        "reviewed_at",
        "remind_at",
        "reminded_at",
        "replied_words",
        "variant",
        "is_test",
        "created_at",
    )
    return [
        {
            "delivery": each.pk,
            "campaign": each.campaign.name,
            "location": each.campaign.business.name,
            "status": each.get_status_display(),
            "why": each.reason,
            "link": each.token,
            "picture": f"pictures/{each.picture}" if each.picture else "",
        }
        | {name: getattr(each, name) for name in (*columns, *more)}
        for each in whose.deliveries
    ]


def _forget_deliveries(whose: Whose, now: datetime) -> int:
    """The rows stay with their word and times, so that the campaigns add up; nothing of them leads to anybody."""
    by_campaign: dict[int, list[Delivery]] = {}
    for each in whose.deliveries:
        by_campaign.setdefault(each.campaign_id, []).append(each)
    for _, some in sorted(by_campaign.items()):
        version = some[0].campaign.touch()
        for each in some:
            Delivery.everything.filter(pk=each.pk).update(
                version=version, token=link_token(), picture="", replied_words="", reason=ERASED, remind_at=None
            )
    return len(whose.deliveries)


def _clicks(whose: Whose) -> list[Fact]:
    rows = Click.objects.filter(delivery__customer__in=whose.rows).order_by("pk")
    return [
        {"delivery": each.delivery_id, "opened": each.at, "by_a_robot": each.is_robot, "browser": each.agent}
        for each in rows
    ]


def _forget_clicks(whose: Whose, now: datetime) -> int:
    return Click.objects.filter(delivery__customer__in=whose.rows).delete()[0]


# --- the book of acts -----------------------------------------------------------------------------------------------


def _acts_about(whose: Whose) -> Iterator[AuditEntry]:
    told = [*whose.numbers, *whose.names]
    mine = Q(about__in=whose.labels) | Q(words__in=[str(person) for person in whose.rows])
    for words in told:
        mine |= Q(words__contains=words) | Q(about__contains=words)
    yield from AuditEntry.objects.filter(mine, organization=whose.organization).select_related("by").order_by("pk")


def _acts(whose: Whose) -> list[Fact]:
    return [
        {"at": each.at, "act": each.act, "about": each.about, "by": _person(each.by), "words": each.words}
        for each in _acts_about(whose)
    ]


def _forget_acts(whose: Whose, now: datetime) -> int:
    """What was done stays, and by whom of us; about whom, and in which words, does not (S58)."""
    entries = list(_acts_about(whose))
    for each in entries:
        told = any(words in each.about for words in (*whose.numbers, *whose.names))
        AuditEntry.objects.filter(pk=each.pk).masked(about=told)
    return len(entries)


# --- who they are ---------------------------------------------------------------------------------------------------


def _profiles(whose: Whose) -> list[Fact]:
    tests = set(whose.tests)
    return [_profile(person) | {"is_a_test_of_ours": person in tests} for person in whose.rows]


def _profile(person: Customer) -> Fact:
    hidden = {"id", "business", "household", "search", "line", "consent_by", "merged_into", "drawn_for", "is_test"}
    hidden |= {"erased_at"}
    plain = {field.name: getattr(person, field.attname) for field in person._meta.concrete_fields}
    return {
        "customer": person.pk,
        "location": person.business.name,
        **{name: value for name, value in plain.items() if name not in hidden},
        "consent_recorded_by": _person(person.consent_by),
        "same_person_as": person.merged_into_id,
        "tags": list(person.tags.order_by("folded").values_list("name", flat=True)),
        "left_out_of": list(Campaign.objects.filter(left_out=person).values_list("name", flat=True)),
    }


def _forget_profiles(whose: Whose, now: datetime) -> int:
    """The row stays for the deliveries it carries, and is nobody."""
    pks = [person.pk for person in whose.rows]
    worn = list(Tag.objects.filter(customers__in=pks).values_list("pk", flat=True))
    Customer.tags.through.objects.filter(customer__in=pks).delete()
    Tag.objects.filter(pk__in=worn, customers=None).delete()
    Campaign.left_out.through.objects.filter(customer__in=pks).delete()
    for person in whose.rows:
        Customer.everything.filter(pk=person.pk).update(**_nobody(person, now))
    return len(whose.people)


def _nobody(person: Customer, now: datetime) -> dict[str, Any]:
    """A new row's values, but for those that the database or the outbox asks for."""
    kept = {"id", "business", "is_test", "phone", "erased_at", "stopped_at", "stopped_how", "created_at"}
    empty = Customer(business=person.business)
    blank = {f.attname: getattr(empty, f.attname) for f in person._meta.concrete_fields if f.name not in kept}
    gone = {"phone": nobodys_number(), "erased_at": now, "created_at": now, "stopped_at": now, "stopped_how": ERASED}
    return blank | gone


def _suppressions(whose: Whose) -> list[Fact]:
    found = Suppression.known(whose.organization, whose.numbers)
    return [{"number": number, "must_never_be_written_to": True} for number in sorted(found)]


def _keep_suppressions(whose: Whose, now: datetime) -> int:
    """The scrambled number outlives them, so that no list brings them back (D3, S60)."""
    numbers = {person.phone for person in whose.people}
    for number in sorted(numbers):
        Suppression.add(whose.organization, number, ERASED, now)
    return len(numbers)


def _person(user: User | None) -> str:
    return (user.get_full_name() or user.email) if user else ""


#: In the order in which they are forgotten.
PLACES = (
    Place("never_to_be_written_to", _suppressions, _keep_suppressions),
    Place("told_to_programs", programs.held, programs.forget),
    Place("conversations", talks.held, talks.forget),
    Place("households", homes.held, homes.forget),
    Place("messages", _messages, _forget_messages),
    Place("opened_links", _clicks, _forget_clicks),
    Place("deliveries", _deliveries, _forget_deliveries),
    Place("reviews", authors.held, authors.forget),
    Place("events_from_chert", bodies.held, bodies.forget),
    Place("rows_of_lists", lists.held, lists.forget),
    Place("acts", _acts, _forget_acts),
    Place("profiles", _profiles, _forget_profiles),
)


def forget(whose: Whose, now: datetime) -> dict[str, int]:
    """Forget them everywhere; how much there was in each place.  Call inside a transaction."""
    assert transaction.get_connection().in_atomic_block
    for known in ("deliveries", "messages", "to_groups", "chats", "chert_ids", "labels"):  # read while it is there
        getattr(whose, known)
    return {place.name: place.forget(whose, now) for place in PLACES}


def pictures(whose: Whose) -> list[str]:
    """File names under DATA_DIR/pictures of everything drawn for them, what may be half drawn too."""
    said = (*whose.messages, *whose.to_groups)
    drawn = {f"{message.key}{ending}" for message in said for ending in (".jpg", ".half")}
    return sorted(drawn.union(whose.pictures, (each.picture for each in whose.to_groups if each.picture)))
