"""Two accounts that have lived: something of every kind that has an id, and the other's words in every text."""

import shutil
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from campaigns import answering, gestures, households, launch, links, outgoing, person
from campaigns.models import (
    Apart,
    ApiToken,
    AuditEntry,
    Business,
    Campaign,
    Conversation,
    Customer,
    CustomerImport,
    Erasure,
    FrontDesk,
    Invitation,
    Message,
    Opening,
    OutgoingEvent,
    QuickAnswer,
    Review,
    Suppression,
    Tag,
    WebhookCall,
    logo_path,
    photo_path,
)
from campaigns.results import reviews
from campaigns.steering import trial
from tests.cast import Ada, Clock, answer, make_campaign, make_customer, walk_to_the_end

#: What stands in every text of the one who must not be seen, and the digits of their numbers.
CANARY, DIGITS = "Zebraquill", "737555"
#: What stands in Ada's.
OWN_WORD, OWN_DIGITS = "Gooseberry", "512555"


@dataclass
class Life:
    """An account, what its ids are by their kind, and a token that may do everything."""

    owner: Ada
    ids: dict[str, Any] = field(default_factory=dict)
    words: str = ""


def two_lives(ada: Ada, rival: Ada, sandbox: Any, clock: Clock) -> tuple[Life, Life]:
    """Ada's and the rival's, lived through at the same time."""
    mine, theirs = begun(ada, OWN_WORD, OWN_DIGITS, clock), begun(rival, CANARY, DIGITS, clock)
    walk_to_the_end(clock)
    for life, word in ((mine, OWN_WORD), (theirs, CANARY)):
        answered(life, word, sandbox, clock)
    walk_to_the_end(clock)
    return mine, theirs


def one_life(ada: Ada, sandbox: Any, clock: Clock) -> Life:
    """Ada's alone."""
    mine = begun(ada, OWN_WORD, OWN_DIGITS, clock)
    walk_to_the_end(clock)
    answered(mine, OWN_WORD, sandbox, clock)
    return mine


def begun(owner: Ada, word: str, digits: str, clock: Clock) -> Life:
    """Up to the moment in which messages leave."""
    _rename(owner, word, digits)
    people = [_customer(owner, word, digits, number) for number in range(1, 9)]
    made = make_campaign(owner, name=f"{word} spring")
    trial.make(made, owner.user, clock(), like=people[0])
    launch.launch(made, owner.user, clock())
    life = Life(owner, {"campaign": made.pk, "customer": people[0].pk, "user": owner.user.pk})
    life.ids["business"], life.ids["number"] = owner.business.pk, owner.line.number
    return life


def _rename(owner: Ada, word: str, digits: str) -> None:
    """Their word is in every name."""
    for row in (owner.organization, owner.business):
        row.name = f"{word} {type(row).__name__}"
        row.save()
    owner.user.first_name, owner.user.last_name, owner.user.phone = word, "Owner", f"+1{digits}0199"
    owner.user.save()
    owner.business.sender, owner.business.logo = word, f"{word}-logo.png"
    owner.business.save()
    for made in (photo_path(f"{word}-photo.jpg"), logo_path(owner.business.logo)):
        made.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(photo_path(owner.card.photo), made)
    owner.card.name, owner.card.photo = f"{word} card", f"{word}-photo.jpg"
    owner.card.save()


def _customer(owner: Ada, word: str, digits: str, number: int) -> Customer:
    made = make_customer(
        owner.business,
        first_name=word,
        last_name=f"{word}son{number}",
        phone=f"+1{digits}{2000 + number}",
        consent_basis=f"{word} consent",
        service=f"{word} service",
        technician=f"{word} technician",
        last_visit=timezone.localdate(),
    )
    made.tags.set(Tag.named(owner.business, [f"{word} tag"]))
    return made


def answered(life: Life, word: str, sandbox: Any, clock: Clock) -> None:
    """What comes after somebody has written back."""
    owner, ids = life.owner, life.ids
    people = list(owner.business.customers.order_by("pk"))
    answer(sandbox, clock, people[0], f"{word} was lovely")
    talk = Conversation.objects.select_related("business__organization", "customer__business__organization").get(
        customer=people[0]
    )
    theirs = Message.objects.filter(customer=people[0], kind=Message.Kind.INBOUND).latest("pk")
    gestures.tap(theirs, "love", owner.user, clock())
    ids |= {"conversation": talk.pk, "inbound": theirs.pk}
    said = answering.answer(talk, f"{word} thanks", owner.user, clock(), slip=word, seen=answering.newest(talk))
    campaign = Campaign.objects.get(pk=ids["campaign"])
    delivery = campaign.deliveries.get(customer=people[0])
    links.open_link(delivery.token, agent=f"{word}/1.0 iPhone", robot=False, now=clock())
    home = households.join(owner.business, [people[3].pk, people[4].pk], owner.user, clock())
    Suppression.add(owner.organization, people[5].phone, f"{word} asked to stop", clock())
    AuditEntry.write(owner.organization, "read their words", people[0], owner.user, f"{word} words")
    Opening.objects.create(business=owner.business, day=clock().date(), way="card", people=7)
    ids |= {"answer": said.pk, "delivery": delivery.pk, "household": home.pk, "trial": trial.of(campaign).get().pk}
    ids |= {"draft": make_campaign(owner, name=f"{word} draft").pk, "card": owner.card.pk, "line": owner.line.pk}
    ids |= {"photo": owner.card.photo, "logo": owner.business.logo, "starter": "x", "font": "inter"}
    ids |= _brought(life, word, clock) | _programs(life, word, clock)
    erased = _erased(life, word)
    invitation, _ = Invitation.make(owner.organization, "viewer", owner.user, f"{word.lower()}@example.com")
    desk, _ = FrontDesk.make(owner.business, f"{word} desk", owner.user)
    ids |= {"invitation": invitation.pk, "front_desk": desk.pk, "member": owner.organization.memberships.get().pk}
    ids |= _sign_in(owner, word) | {"apart": _apart(owner, people[:2]).pk}
    ids |= {"quick_answer": _quick(owner, word).pk, "erasure": erased.pk}


def _sign_in(owner: Ada, word: str) -> dict[str, int]:
    """Where the owner is signed in; and the rival has a passkey, of which nobody asks anything but whose it is."""
    session = UserSession.objects.create(user=owner.user, ip="192.0.2.1", session_key=word)
    if word != CANARY:
        return {"session": session.pk, "passkey": 0}
    passkey = Authenticator.objects.create(user=owner.user, type=Authenticator.Type.WEBAUTHN, data={"name": word})
    return {"session": session.pk, "passkey": passkey.pk}


def _apart(owner: Ada, people: list[Customer]) -> Apart:
    made = Apart.objects.create(business=owner.business, by=owner.user)
    made.people.set(people)
    return made


def _quick(owner: Ada, word: str) -> QuickAnswer:
    return QuickAnswer.objects.create(organization=owner.organization, name=f"{word} quick", text=f"{word} says hello")


def _erased(life: Life, word: str) -> Erasure:
    """Somebody who wished to be forgotten, and is waiting for it."""
    goes = _customer(life.owner, word, "737555" if word == CANARY else "512555", 90)
    return person.ask(goes, life.owner.user, timezone.now())


def _brought(life: Life, word: str, clock: Clock) -> dict[str, Any]:
    """A list and some reviews."""
    desk = Client()
    desk.force_login(life.owner.user)
    list_of_two = f"First name,Mobile\n{word},(512) 555-0142\n{word},call the shop\n".encode()
    said = {"consent": f"{word} at the counter", "attested": "on"}
    desk.post("/customers/import/", said | {"file": SimpleUploadedFile(f"{word}.csv", list_of_two)})
    record = CustomerImport.objects.filter(business=life.owner.business).latest("pk")
    desk.get(f"/customers/import/{record.pk}/review/", follow=True)
    reviews.take_in(life.owner.business, reviews.read(f"{word} {word}son1, 2026-03-02\nSomebody Else"), clock())
    review = Review.objects.filter(business=life.owner.business).first()
    return {"import": record.pk, "row": 3, "review": review.pk}


def _programs(life: Life, word: str, clock: Clock) -> dict[str, Any]:
    """A token and a webhook that was told something."""
    owner = life.owner
    token, life.words = ApiToken.make(owner.organization, f"{word} till", list(ApiToken.Scope.values), owner.user)
    hook = outgoing.add(owner.organization, f"http://127.0.0.1:9/{word}", ["message.sent"], owner.user)
    event = OutgoingEvent.objects.create(
        organization=owner.organization,
        business=owner.business,
        customer=owner.business.customers.first(),
        type="message.sent",
        data={},
        at=clock(),
    )
    call = WebhookCall.objects.create(event=event, endpoint=hook, detail=f"{word} said no")
    second = Business.objects.create(
        organization=owner.organization, name=f"{word} second", slug=f"{word.lower()}-second", sender=word
    )
    return {"token": token.pk, "webhook": hook.pk, "call": call.pk, "second": second.pk}
