"""What staff may say about one customer: that they stopped, are one of us, have reviewed, were served."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import calling, finding, households, likely, names, replies
from campaigns.models import AuditEntry, Conversation, Customer, Message, Review, open_messages, refresh, take_back
from campaigns.results import reviews
from campaigns.roles import Action
from campaigns.web import story, tenancy
from campaigns.web.tenancy import BusinessRequest, page

STATES = {True: Review.State.CONFIRMED, False: Review.State.REFUSED}
REMINDED = "A reminder that is still to come goes out."


@require_POST
@page(Action.CUSTOMERS)
def customer_stop(request: BusinessRequest, pk: int) -> HttpResponse:
    """They asked us by phone, at the counter or by post not to write again (M2)."""
    person = tenancy.customer(request, pk)
    replies.stop(person, how="Asked us by phone to stop", by=request.user, now=timezone.now())
    messages.success(request, "Stopped for good. Nothing more goes to this number, from any of your businesses.")
    return redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def customer_insider(request: BusinessRequest, pk: int) -> HttpResponse:
    """Employee or relative, or not any more (R5)."""
    person = tenancy.customer(request, pk)
    if person.is_insider:
        write(request, person, "not an insider", is_insider=False)
        messages.success(request, "Not an employee or relative any more.")
    else:
        write(request, person, "mark insider", is_insider=True)
        _take_back(person, "Employee or relative: reviews from insiders are not allowed")
        messages.success(request, "Marked as employee or relative, who are never asked for a review.")
    return redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def customer_reviewed(request: BusinessRequest, pk: int) -> HttpResponse:
    """They have written a review, or it was a mistake to say so.

    The button says which of the two it means, so that two people who press it at once do not undo each other.
    """
    person = tenancy.customer(request, pk)
    if request.POST.get("reviewed", "no" if person.reviewed_at else "yes") == "no":
        _not_reviewed(request, person)
        messages.success(request, "Counts as not reviewed again. What was taken back stays so.")
    else:
        mark_reviewed(request, person)
        messages.success(request, "Reviewed. Nothing more goes out to ask for it.")
    return back_from(request, person)


@require_POST
@page(Action.CUSTOMERS)
def customer_likely(request: BusinessRequest, pk: int) -> HttpResponse:
    """The review that is likely theirs is, or is not; every one that waits for it is decided with it."""
    person = tenancy.customer(request, pk)
    is_theirs = request.POST.get("theirs") == "yes"
    with transaction.atomic():
        reviews.settle(person, STATES[is_theirs], request.user, timezone.now())
        if is_theirs:
            mark_reviewed(request, person)
        else:
            likely.is_not_theirs(person, request.user)
    name = person.name or "the customer"
    theirs, not_theirs = f"By {name}. Nothing more goes out to ask for it.", f"Not by {name}. {REMINDED}"
    messages.success(request, theirs if is_theirs else not_theirs)
    return redirect("reviews") if request.POST.get("from") == "reviews" else redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def customer_served(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody gives their word that the business served this customer (R6)."""
    person = tenancy.customer(request, pk)
    if not person.is_attested:
        write(request, person, "say it is a customer", is_attested=True)
    messages.success(request, "Kept, with your name: you served this customer.")
    return redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def customer_call(request: BusinessRequest, pk: int) -> HttpResponse:
    """An odd name is fine as it stands, or they are called by none."""
    person = tenancy.customer(request, pk)
    is_fine = request.POST.get("name") == "fine"
    try:
        calling.call(person, person.first_name if is_fine else names.NO_NAME, request.user)
        messages.success(request, "The name is fine as it is." if is_fine else "Texts and picture do without a name.")
    except calling.Changed as changed:
        messages.warning(request, str(changed))
    return redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def customer_as_stored(request: BusinessRequest, pk: int) -> HttpResponse:
    """Call them by the stored name again."""
    person = tenancy.customer(request, pk)
    if person.spoken_name is not None:
        calling.as_stored([person], request.user)
        messages.success(request, f"Called {person.first_name} again." if person.first_name else "As stored again.")
    return redirect("customer", person.pk)


@require_POST
@page(Action.CUSTOMERS)
def customer_resume(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody has read the words that held this customer back, and they were no wish to stop (M2)."""
    person = tenancy.customer(request, pk)
    if person.paused_at:
        write(request, person, "read their words", person.paused_words, paused_at=None, paused_words="")
        messages.success(request, "Read. This customer may be asked again.")
    return back_from(request, person)


def mark_reviewed(request: BusinessRequest, person: Customer) -> None:
    """Message rows are taken before the customer's, as everywhere."""
    if person.reviewed_at is None:
        with transaction.atomic():
            _take_back(person, "Has reviewed already")
            write(request, person, "mark reviewed", reviewed_at=timezone.now(), likely_at=None)
            _note_review(person, timezone.now())


def _not_reviewed(request: BusinessRequest, person: Customer) -> None:
    if person.reviewed_at is not None:
        with transaction.atomic():
            write(request, person, "not reviewed", reviewed_at=None)
            for delivery in person.deliveries.filter(reviewed_at__isnull=False).select_related("campaign"):
                delivery.note(reviewed_at=None)


def back_from(request: BusinessRequest, person: Customer) -> HttpResponse:
    """To the row of the campaign, or the conversation, where the button was pressed, else to the customer."""
    if request.POST.get("from") == "inbox" and (talk := Conversation.objects.filter(customer=person).first()):
        return redirect("conversation", talk.pk)
    wanted = number(request.POST.get("delivery", ""))
    delivery = person.deliveries.filter(pk=wanted).first() if wanted is not None else None
    return redirect(story.row_address(delivery)) if delivery else redirect("customer", person.pk)


def write(request: BusinessRequest, person: Customer, act: str, words: str = "", **values: object) -> None:
    """Change the row and say in the book who did it."""
    if {"first_name", "last_name"} & values.keys():
        first, last = (str(values.get(name, getattr(person, name))) for name in ("first_name", "last_name"))
        values["search"] = finding.indexed(first, last, person.phone)
    with transaction.atomic():
        Customer.objects.filter(pk=person.pk).update(**values)
        AuditEntry.write(request.organization, act, person, request.user, words)


def _take_back(person: Customer, reason: str) -> None:
    """What has not left yet for this customer stays here."""
    with transaction.atomic():
        theirs = Q(customer=person) | Q(household__in=households.of([person]))
        asking = Message.objects.filter(theirs).exclude(kind=Message.Kind.ANSWER)  # which asks for nothing
        waiting = open_messages(asking.select_related("delivery__campaign"))
        gone = take_back(waiting, reason, timezone.now())
        refresh([message.delivery for message in gone if message.delivery is not None])


def _note_review(person: Customer, at: datetime) -> None:
    """The campaign's row shows it too, where something went out."""
    newest = person.deliveries.filter(sent_at__isnull=False).order_by("-pk").select_related("campaign").first()
    if newest:
        newest.note(reviewed_at=at)


def number(text: str) -> int | None:
    """A key out of an address; None where it cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
