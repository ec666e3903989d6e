"""A business with something in every room, so that every address has something to show; its words may be hostile.

It knows nothing of pytest: besides the tests it is run in a process beside a running site,
`python -m tests.furnished EMAIL [hostile]`, and then prints what the addresses need.
"""

import json
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils import timezone

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
    django.setup()

from campaigns import cards, invitations
from campaigns.importing import keeping
from campaigns.models import (
    Apart,
    ApiToken,
    AuditEntry,
    Business,
    Campaign,
    Card,
    Conversation,
    Customer,
    CustomerImport,
    Delivery,
    Erasure,
    FrontDesk,
    Household,
    ImportRow,
    Invitation,
    Line,
    Message,
    Organization,
    OutgoingEvent,
    QuickAnswer,
    Review,
    Tag,
    User,
    WebhookCall,
    WebhookEndpoint,
    keep_logo,
    picture_path,
)
from campaigns.models.people import SignInLink

#: Columns of words that mean something to the program; every other column of words is somebody's to fill.
MEANT = frozenset(
    {"phone", "number", "timezone", "country", "language", "slug", "key", "token", "token_hash", "shown", "path"}
    | {"picture", "photo", "logo", "chat_id", "chert_id", "attachment_id", "folded", "window", "search", "phone_hash"}
    | {"webhook_path", "webhook_subscription", "webhook_url", "paused_reason", "lease_token", "job_token", "password"}
    | {"came_by", "event_id", "reason_code", "slip", "word", "variant", "act", "way", "short_code", "code", "trace_id"}
    | {"outcome", "step", "fingerprint", "asked", "file_path", "chert_tenant", "email", "problem", "network"}
    | {"review_url", "kind", "cells", "said", "before", "wrote", "notes"}
)
Room = dict[str, Any]


def furnish(business: Business, user: User, words: Sequence[str] = ("Ada", "Lovelace", "Kept well")) -> Room:
    """Put something into every room; returns the numbers by which the addresses know it."""
    text = cycle(words)
    many = max(len(words) // 3, 12)
    people = _people(business, many, text)
    lists = _lists(business, user, many)
    made = _campaigns(business, user, people)
    talk = _talk(business, user, people)
    room = {
        **lists,
        **made,
        **talk,
        **_programs(business, user, people[0]),
        **_cards(business, user),
        **_members(business, user, people),
        "customer": people[0].pk,
        "other_customer": people[1].pk,
        "household": _household(business, people),
        "erasure": _erasure(business, user),
        "review": _reviews(business, people, many),
        "quick_answer": _quick_answers(business, many),
        "line": _line(business),
        "logo": _logo(business),
        "sign_in": SignInLink.make(user),
        "short_code": business.short_code,
    }
    _activity(business, user, words)
    return room


def make_hostile(words: Sequence[str]) -> None:
    """Fill every column of words of every row with these, whole."""
    for model in apps.get_app_config("campaigns").get_models():
        fields = [field for field in model._meta.concrete_fields if _is_free(field)]
        if not fields or model is AuditEntry:
            continue
        rows = list(model._base_manager.all())
        for place, field in enumerate(fields):  # each column goes on in the list where the one before it ended
            fitting = [each for each in words if len(each) <= (field.max_length or 10_000)]
            for number, row in enumerate(rows):
                setattr(row, field.attname, fitting[(place * len(rows) + number) % len(fitting)])
        model._base_manager.bulk_update(rows, [field.name for field in fields], batch_size=50)
    _into_json(words)


def open_door(business: Business, campaign: int) -> Room:
    """Where answers come in, what signs them, and who may answer: everybody has been greeted in this campaign."""
    organization = Organization.objects.get(pk=business.organization_id)
    organization.webhook_secret = organization.webhook_secret or "ab" * 32
    organization.save(update_fields=["webhook_secret"])
    asked = Delivery.objects.filter(campaign=campaign).select_related("customer").order_by("pk")
    greetings = [
        Message(
            organization=organization,
            business=business,
            customer=each.customer,
            delivery=each,
            kind="greeting",
            status="read",
            text="Hello",
            sent_at=timezone.now(),
            chert_id=f"greeting-{each.pk}",
        )
        for each in asked
    ]
    Message.objects.bulk_create(greetings)
    return {
        "door": f"/webhooks/chert/{organization.webhook_path}/",
        "signed_with": organization.webhook_secret,
        "phones": [each.customer.phone for each in asked],
        "greetings": [each.chert_id for each in greetings],
    }


def _is_free(field: Any) -> bool:
    is_words = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
    return is_words and not (field.choices or field.unique or field.name in MEANT or hasattr(field, "bound_to"))


def _into_json(words: Sequence[str]) -> None:
    fitting = cycle(words)
    for row in ImportRow.objects.all():
        cells = [*row.values[:2], row.values[2]]
        cells[0], cells[1] = next(fitting), next(fitting)
        said = {"phone": row.phone, "first_name": cells[0], "last_name": cells[1], "service": next(fitting)}
        notes = json.dumps([next(fitting)])
        ImportRow.objects.filter(pk=row.pk).update(
            cells=json.dumps(cells), said=json.dumps(said), notes=notes, reason=next(fitting)[:400], wants_look=True
        )
    for record in CustomerImport.objects.all():
        record.titles, record.notes = [next(fitting) for _ in range(3)], [next(fitting) for _ in range(5)]
        record.save(update_fields=["titles", "notes"])
    for card in Card.objects.all():
        for box in card.design["boxes"]:
            box["text"] = next(fitting)[:200]
        card.save(update_fields=["design"])


def _people(business: Business, many: int, text: Any) -> list[Customer]:
    now = timezone.now()
    made = [
        Customer(
            business=business,
            first_name=next(text),
            last_name=next(text),
            phone=f"+1512555{2000 + number:04d}",
            timezone="America/Chicago",
            consent_basis=next(text),
            consent_source=next(text),
            consent_at=now,
            is_attested=True,
            technician=next(text)[:120],
            service=next(text)[:120],
            last_visit=(now - timedelta(days=3)).date(),
        )
        for number in range(many)
    ]
    for each in made[3:6]:
        each.stopped_at, each.stopped_how = now, next(text)[:200]
    for each in made[6:9]:
        each.paused_at, each.paused_words = now, next(text)[:300]
    Customer.objects.bulk_create(made)
    for each in made[:20]:
        each.tags.set(Tag.named(business, [f"tag {each.pk}"]))
    return made


def _lists(business: Business, user: User, many: int) -> Room:
    """A list in each of its states."""
    now, later = timezone.now(), timezone.now() + timedelta(days=300)
    common: Room = {"business": business, "by": user, "file_name": "list.csv", "titles": ["First", "Last", "Phone"]}
    common |= {"row_count": many, "kept": "all", "mapping": {"first_name": 0, "last_name": 1, "phone": 2}}
    states: dict[str, Room] = {
        "import_columns": {},
        "import_review": {"reviewed_at": now},
        "import_working": {"reviewed_at": now, "job": "save", "job_until": later, "job_token": "x"},
        "import_done": {"reviewed_at": now, "saved_from": now, "done_at": now},
        "import_undone": {"reviewed_at": now, "saved_from": now, "done_at": now, "undone_at": now},
    }
    kinds = ("added", "rejected", "duplicate", "updated")
    room: Room = {}
    for name, more in states.items():
        record = CustomerImport.objects.create(**common, **more)
        rows = [
            ImportRow(
                record=record,
                number=number + 2,
                cells=json.dumps(["Edna", "Bee", f"(512) 555-{4000 + number}"]),
                kind=kinds[number % 4],
                phone=f"+1512555{4000 + number}",
                reason="There is no number" if number % 4 == 1 else "",
                said=json.dumps({"phone": f"+1512555{4000 + number}", "first_name": "Edna"}),
                wants_look=number % 4 == 1,
            )
            for number in range(many)
        ]
        ImportRow.objects.bulk_create(rows)
        CustomerImport.objects.filter(pk=record.pk).update(counts=keeping.counted(record))
        room[name] = record.pk
    return room


def _campaigns(business: Business, user: User, people: Sequence[Customer]) -> Room:
    """A campaign in each of its states, with everybody in it; nothing is due, so nothing is sent."""
    now = timezone.now()
    card = Card.from_starter(business)
    card.save()
    words = {"greeting": invitations.GREETING, "ask": invitations.ASK, "card": card, "created_by": user}
    states: dict[str, Room] = {
        "draft": {"state": "draft"},
        "running": {"state": "running", "started_at": now},
        "paused": {"state": "paused", "started_at": now},
        "held": {"state": "paused", "started_at": now, "held_at": now, "held_reason": "Away for a day."},
        "finished": {"state": "finished", "started_at": now, "finished_at": now},
        "cancelled": {"state": "cancelled", "started_at": now},
    }
    room: Room = {"campaigns": [], "card": card.pk, "photo": card.photo}
    for name, more in states.items():
        made = Campaign.objects.create(business=business, name=f"The {name} one", **words, **more)
        room["campaigns"].append(made.pk)
        room[name] = made.pk
        if name != "draft":
            room[f"{name}_deliveries"] = _deliveries(made, people)
    room["campaign"], room["delivery"] = room["running"], room["running_deliveries"][0]
    return room


def _deliveries(campaign: Campaign, people: Sequence[Customer]) -> list[int]:
    now = timezone.now()
    words = ("sent", "read", "refused", "skipped", "expired", "in_doubt", "delivered", "cancelled")
    rows = [
        Delivery(
            campaign=campaign,
            customer=person,
            status=words[number % len(words)],
            reason="For a reason",
            sent_at=now,
            delivered_at=now,
            replied_at=now if number % 3 else None,
            replied_words="Lovely",
        )
        for number, person in enumerate(people)
    ]
    Delivery.objects.bulk_create(rows)
    name = f"furnished-{campaign.pk}.jpg"
    picture_path(name).parent.mkdir(parents=True, exist_ok=True)
    picture_path(name).write_bytes(cards.starters()[0].photo)
    Delivery.objects.filter(pk=rows[0].pk).update(picture=name)
    return [row.pk for row in rows]


def _talk(business: Business, user: User, people: Sequence[Customer]) -> Room:
    """A conversation with everybody; with the first a long one, both ways."""
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(business=business, customer=each, words="Hello", said_at=now, unread=1) for each in people
    )
    said = [_message(business, people[0], number, user) for number in range(len(people))]
    Message.objects.bulk_create(said)
    inbound = next(each for each in said if each.kind == "inbound")
    answer = next(each for each in said if each.kind == "answer")
    talk = Conversation.objects.get(customer=people[0])
    return {"conversation": talk.pk, "inbound": inbound.pk, "message": answer.pk}


def _message(business: Business, person: Customer, number: int, user: User) -> Message:
    is_ours = number % 3 == 2
    return Message(
        organization=business.organization,
        business=business,
        customer=person,
        kind="answer" if is_ours else "inbound",
        round=number + 1,
        status="delivered",
        text="Thank you",
        by=user if is_ours else None,
        sent_at=timezone.now(),
        chert_id=f"furnished-{person.pk}-{number}",
        slip=f"furnished-{number}" if is_ours else None,
    )


def _programs(business: Business, user: User, person: Customer) -> Room:
    organization = business.organization
    token, _ = ApiToken.make(organization, "Till", [ApiToken.Scope.CUSTOMERS_READ], user)
    hook = WebhookEndpoint.objects.create(organization=organization, url="https://hook.example/in", events=[])
    told = {"customer": person.pk}
    event = OutgoingEvent.objects.create(
        organization=organization, business=business, customer=person, type="message.sent", data=told, at=timezone.now()
    )
    call = WebhookCall.objects.create(event=event, endpoint=hook, tries=1, answered=500, detail="They said no")
    return {"token": token.pk, "webhook": hook.pk, "call": call.pk}


def _members(business: Business, user: User, people: Sequence[Customer]) -> Room:
    organization = business.organization
    invitation, _ = Invitation.make(organization, "viewer", user, "somebody@example.com")
    desk, _ = FrontDesk.make(business, "Counter", user)
    apart = Apart.objects.create(business=business, by=user)
    apart.people.set(people[3:5])
    member = organization.memberships.get(user=user)
    return {"member": member.pk, "invitation": invitation.pk, "front_desk": desk.pk, "apart": apart.pk, "nobody": 0}


def _cards(business: Business, user: User) -> Room:
    other = Card.from_starter(business, cards.starters()[1])
    other.save()
    again = other.keep(user, other.revision, fresh=True, name="The second version").card
    return {"other_card": again.pk}


def _household(business: Business, people: Sequence[Customer]) -> int:
    home = Household.objects.create(business=business)
    Customer.objects.filter(pk__in=[people[1].pk, people[2].pk]).update(household=home)
    return home.pk


def _erasure(business: Business, user: User) -> int:
    gone = Customer.objects.create(business=business, phone="+15125551999", erased_at=timezone.now())
    now = timezone.now()
    made = Erasure.objects.create(
        organization=business.organization, customer=gone, by=user, done_at=now, scrubbed_at=now, closed_at=now
    )
    return made.pk


def _reviews(business: Business, people: Sequence[Customer], many: int) -> int:
    common: Room = {"organization": business.organization, "business": business, "state": "waiting", "confidence": 80}
    rows = [
        Review(**common, author="Ada L.", fingerprint=f"{number:064d}", customer=people[number], reason="Same name")
        for number in range(many)
    ]
    return Review.objects.bulk_create(rows)[0].pk


def _quick_answers(business: Business, many: int) -> int:
    rows = [QuickAnswer(organization=business.organization, name="Thanks", text="Thank you") for _ in range(many)]
    return QuickAnswer.objects.bulk_create(rows)[0].pk


def _line(business: Business) -> int:
    known = business.organization.lines.first()
    return (known or Line.objects.create(organization=business.organization, number="+15125550177")).pk


def _logo(business: Business) -> str:
    name = keep_logo((Path(settings.ROOT) / "tests" / "cards" / "golden" / "latin.png").read_bytes())
    Business.objects.filter(pk=business.pk).update(logo=name)
    return name


def _activity(business: Business, user: User, words: Sequence[str]) -> None:
    for each in words:
        AuditEntry.write(business.organization, each[:40] or "act", each[:80], user, each[:300])


def main(email: str, *how: str) -> Room:
    """For the owner of that address, in the database of the environment."""
    user = User.objects.get(email=email)
    business = Business.objects.filter(organization__memberships__user=user).order_by("pk")[0]
    if "hostile" not in how:
        return furnish(business, user)
    payloads = json.loads(sys.stdin.read())
    room = furnish(business, user, payloads)
    make_hostile(payloads)
    return room | open_door(business, room["running"])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
