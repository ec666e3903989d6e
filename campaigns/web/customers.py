"""Customers: the list, one customer's story, and what staff may say about somebody."""

import string
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from urllib.parse import urlencode

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import audience, calling, languages, likely, meant, names, phones, replies, tags
from campaigns.models import AuditEntry, Business, Customer, Membership, Tag, open_messages, refresh, take_back
from campaigns.web import story, tenancy, timeline
from campaigns.web.forms_customers import NewCustomerForm, ProfileForm
from campaigns.web.standings import standing
from campaigns.web.tenancy import BusinessRequest, page

PAGE = 50
NO_SIGNS = str.maketrans("", "", string.punctuation)
SENDER = Membership.Role.SENDER


#: What the list can be narrowed to.
FILTERS: Mapping[str, tuple[str, Q]] = {
    "all": ("All", Q()),
    "waiting": ("To read", Q(paused_at__isnull=False, stopped_at=None)),
    "stopped": ("Stopped", Q(stopped_at__isnull=False)),
    "insiders": ("Employees and relatives", Q(is_insider=True)),
    "no-consent": ("Consent missing", Q(consent_basis="")),
}


@require_safe
@page()
def customers(request: BusinessRequest) -> HttpResponse:
    """Everybody the business may or may not ask, newest first, fifty at a time."""
    show = request.GET.get("show", "") if request.GET.get("show") in FILTERS else "all"
    query = request.GET.get("q", "").strip()[:200]
    tag = request.GET.get("tag", "").strip()[: tags.LONGEST]
    people = request.business.customers.filter(FILTERS[show][1]).prefetch_related("tags")
    if tag:
        people = people.filter(tags__in=request.business.tags.filter(folded=tags.folded(tag)))
    found = _page(people, query, _number(request.GET.get("before", "")))
    shown = found[:PAGE]
    reasons = audience.reasons(request.business, shown, timezone.now())
    context = {
        "section": "customers",
        "rows": [(customer, standing(reasons.get(customer.pk))) for customer in shown],
        "filters": _filters(request.business),
        "tags": meant.worn(request.business),
        "show": show,
        "tag": tag,
        "query": query,
        "kept": urlencode({name: value for name, value in (("tag", tag), ("q", query)) if value}),
        "older": shown[-1].pk if len(found) > PAGE else None,
        "is_first": not request.GET.get("before"),
        "may_change": tenancy.may(request, SENDER),
    }
    return render(request, "customers/customers.html", context)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def customer_new(request: BusinessRequest) -> HttpResponse:
    """Add one customer by hand."""
    form = NewCustomerForm(request.business, request.POST or None)
    added = _add(request, form) if request.method == "POST" and form.is_valid() else None
    if added:
        messages.success(request, f"{added.name or 'The customer'} is in the list.")
        return redirect("customer", added.pk)
    context = {"section": "customers", "form": form, "tags": meant.worn(request.business)}
    return render(request, "customers/new.html", context, status=422 if form.errors else 200)


@require_safe
@page()
def customer(request: BusinessRequest, pk: int) -> HttpResponse:
    """One customer: profile, consent, and everything that was said and done."""
    person = tenancy.customer(request, pk)
    now = timezone.now()
    reason = audience.why_not(person, now)
    context = {
        "section": "customers",
        "person": person,
        "days": timeline.days(person, now),
        "reason": reason,
        "standing": standing(reason),
        "newest": person.deliveries.order_by("-pk").first(),
        "clocks": _clocks(person, now),
        "zone_source": _zone_source(person),
        "language": languages.name(person.language),
        "tags": person.tags.order_by("folded"),
        "has_stopped": reason is not None and reason.code in {"stopped", "suppressed"},
        "may_change": tenancy.may(request, SENDER),
    }
    return render(request, "customers/customer.html", context)


@require_http_methods(["GET", "POST"])
@page(SENDER)
def customer_edit(request: BusinessRequest, pk: int) -> HttpResponse:
    """Mend a name, a visit or a time zone.  The number is who they are, and stays."""
    person = tenancy.customer(request, pk)
    form = ProfileForm(request.POST or None, initial=ProfileForm.values_of(person))
    if request.method == "POST" and form.is_valid():
        if form.has_changed():
            # A first name that is mended counts again: what somebody decided to call the old one is forgotten.
            forgotten = {"spoken_name": None} if "first_name" in form.changed_data else {}
            values = form.cleaned_data | forgotten
            worn = tags.split(values.pop("tags"))
            with transaction.atomic():
                _write(request, person, "change customer", ", ".join(form.changed_data), **values)
                person.tags.set(Tag.named(request.business, worn))
        messages.success(request, "Saved. Messages already written keep the words they have.")
        return redirect("customer", person.pk)
    context = {"section": "customers", "person": person, "form": form, "tags": meant.worn(request.business)}
    return render(request, "customers/edit.html", context, status=422 if form.errors else 200)


@require_POST
@page(SENDER)
def customer_stop(request: BusinessRequest, pk: int) -> HttpResponse:
    """They asked us by phone, at the counter or by post not to write again (M2)."""
    person = tenancy.customer(request, pk)
    replies.stop(person, how="Asked us by phone to stop", by=request.user, now=timezone.now())
    messages.success(request, "Stopped for good. Nothing more goes to this number, from any of your businesses.")
    return redirect("customer", person.pk)


@require_POST
@page(SENDER)
def customer_insider(request: BusinessRequest, pk: int) -> HttpResponse:
    """Employee or relative, or not any more (R5)."""
    person = tenancy.customer(request, pk)
    if person.is_insider:
        _write(request, person, "not an insider", is_insider=False)
        messages.success(request, "Not an employee or relative any more.")
    else:
        _write(request, person, "mark insider", is_insider=True)
        _take_back(person, "Employee or relative: reviews from insiders are not allowed")
        messages.success(request, "Marked as employee or relative, who are never asked for a review.")
    return redirect("customer", person.pk)


@require_POST
@page(SENDER)
def customer_reviewed(request: BusinessRequest, pk: int) -> HttpResponse:
    """They have written a review, or it was a mistake to say so.

    The button says which of the two it means, so that two people who press it at once do not undo each other.
    """
    person = tenancy.customer(request, pk)
    if request.POST.get("reviewed", "no" if person.reviewed_at else "yes") == "no":
        _not_reviewed(request, person)
        messages.success(request, "Counts as not reviewed again. What was taken back stays so.")
    else:
        _reviewed(request, person)
        messages.success(request, "Reviewed. Nothing more goes out to ask for it.")
    return _back_from(request, person)


@require_POST
@page(SENDER)
def customer_served(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody gives their word that the business served this customer (R6)."""
    person = tenancy.customer(request, pk)
    if not person.is_attested:
        _write(request, person, "say it is a customer", is_attested=True)
    messages.success(request, "Kept, with your name: you served this customer.")
    return redirect("customer", person.pk)


@require_POST
@page(SENDER)
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


@require_http_methods(["GET", "POST"])
@page(SENDER)
def customers_compare(request: BusinessRequest) -> HttpResponse:
    """Who has likely reviewed: a pasted list of reviews against those who were asked lately."""
    if request.method == "POST":
        text = request.POST.get("reviews", "")
        found = likely.look(request.business, text, timezone.now())
        read = len(likely.read(text))
        messages.info(request, f"{_counted(read, 'review')} read. {_matches_words(len(found))}")
        return redirect("customers_compare")
    waiting = request.business.customers.filter(likely_at__isnull=False).order_by("likely_at", "pk")
    return render(request, "customers/compare.html", {"section": "customers", "waiting": waiting[:PAGE]})


@require_POST
@page(SENDER)
def customer_likely(request: BusinessRequest, pk: int) -> HttpResponse:
    """Theirs, or not."""
    person = tenancy.customer(request, pk)
    name = person.name or "The customer"
    if request.POST.get("theirs") == "yes":
        _reviewed(request, person)
        messages.success(request, f"{name} has reviewed. Nothing more goes out to ask for it.")
    else:
        likely.is_not_theirs(person, request.user)
        messages.success(request, f"Not by {name}. A reminder that is still to come goes out.")
    return redirect("customers_compare")


def _counted(number: int, word: str) -> str:
    return f"One {word}" if number == 1 else f"{number} {word}s"


def _matches_words(found: int) -> str:
    if not found:
        return "Nobody who was asked in the last 60 days is likely among them."
    return f"{_counted(found, 'customer')} may be among them; say which."


@require_POST
@page(SENDER)
def customer_as_stored(request: BusinessRequest, pk: int) -> HttpResponse:
    """Call them by the stored name again."""
    person = tenancy.customer(request, pk)
    if person.spoken_name is not None:
        calling.as_stored([person], request.user)
        messages.success(request, f"Called {person.first_name} again." if person.first_name else "As stored again.")
    return redirect("customer", person.pk)


@require_POST
@page(SENDER)
def customer_resume(request: BusinessRequest, pk: int) -> HttpResponse:
    """Somebody has read the words that held this customer back, and they were no wish to stop (M2)."""
    person = tenancy.customer(request, pk)
    if person.paused_at:
        _write(request, person, "read their words", person.paused_words, paused_at=None, paused_words="")
        messages.success(request, "Read. This customer may be asked again.")
    return redirect("customer", person.pk)


def _add(request: BusinessRequest, form: NewCustomerForm) -> Customer | None:
    """The new customer; None when somebody else has just added the same number."""
    said = {"consent_at": timezone.now(), "consent_by": request.user, "is_attested": True}
    values = form.cleaned_data.copy()
    worn = tags.split(values.pop("tags"))
    try:
        with transaction.atomic():
            added: Customer = request.business.customers.create(**said, **values)
            added.tags.set(Tag.named(request.business, worn))
            AuditEntry.write(request.organization, "add customer", added, request.user)
    except IntegrityError:
        form.add_error("phone", "This number has just been added by somebody else.")
        return None
    return added


def _reviewed(request: BusinessRequest, person: Customer) -> None:
    """Message rows are taken before the customer's, as everywhere."""
    if person.reviewed_at is None:
        with transaction.atomic():
            _take_back(person, "Has reviewed already")
            _write(request, person, "mark reviewed", reviewed_at=timezone.now(), likely_at=None)
            _note_review(person, timezone.now())


def _not_reviewed(request: BusinessRequest, person: Customer) -> None:
    if person.reviewed_at is not None:
        with transaction.atomic():
            _write(request, person, "not reviewed", reviewed_at=None)
            for delivery in person.deliveries.filter(reviewed_at__isnull=False).select_related("campaign"):
                delivery.note(reviewed_at=None)


def _back_from(request: BusinessRequest, person: Customer) -> HttpResponse:
    """To the row of the campaign where the button was pressed, else to the customer."""
    number = _number(request.POST.get("delivery", ""))
    delivery = person.deliveries.filter(pk=number).first() if number is not None else None
    return redirect(story.row_address(delivery)) if delivery else redirect("customer", person.pk)


def _write(request: BusinessRequest, person: Customer, act: str, words: str = "", **values: object) -> None:
    """Change the row and say in the book who did it."""
    with transaction.atomic():
        Customer.objects.filter(pk=person.pk).update(**values)
        AuditEntry.write(request.organization, act, person, request.user, words)


def _take_back(person: Customer, reason: str) -> None:
    """What has not left yet for this customer stays here."""
    with transaction.atomic():
        waiting = open_messages(person.messages.select_related("delivery__campaign"))
        gone = take_back(waiting, reason, timezone.now())
        refresh([message.delivery for message in gone if message.delivery is not None])


def _note_review(person: Customer, at: datetime) -> None:
    """The campaign's row shows it too, where something went out."""
    newest = person.deliveries.filter(sent_at__isnull=False).order_by("-pk").select_related("campaign").first()
    if newest:
        newest.note(reviewed_at=at)


def _page(people: "QuerySet[Customer]", query: str, before: int | None) -> list[Customer]:
    """One more than a page of them, so that the reader knows whether there are others."""
    rows = people.order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if not query:
        return list(rows[: PAGE + 1])
    wanted = folded(query).split()
    known = rows.values_list("pk", "first_name", "last_name", "phone").iterator(2000)
    found = (pk for pk, first, last, phone in known if matches(f"{first} {last}", phone, wanted))
    return list(rows.filter(pk__in=list(islice(found, PAGE + 1))))


def matches(name: str, phone: str, wanted: Iterable[str]) -> bool:
    """Each word is part of the name or of the number.  Looked at here: no database folds é and Ł alike."""
    full = folded(name)
    return all(word in full or (word.isdecimal() and word in phone) for word in wanted)


def folded(text: str) -> str:
    """Letters and digits without capitals, accents and signs: "O’Neill" and "oneill", "(503) 555" and "503 555"."""
    if text.isascii():
        return text.lower().translate(NO_SIGNS)
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(c for c in plain if c.isalnum() or c.isspace())


def _filters(business: Business) -> list[tuple[str, str, int]]:
    """Name in the address, words and number of customers, of each filter; one query."""
    counted = {key.replace("-", "_"): Count("pk", filter=condition or None) for key, (_, condition) in FILTERS.items()}
    numbers = business.customers.aggregate(**counted)
    return [(key, words, numbers[key.replace("-", "_")]) for key, (words, _) in FILTERS.items()]


def _clocks(person: Customer, now: datetime) -> list[tuple[str, datetime]]:
    """Each zone the customer may be in, with the time there."""
    zones = dict.fromkeys(audience.zones(person))
    return [(zone.key, now.astimezone(zone)) for zone in zones]


def _zone_source(person: Customer) -> str:
    """How we know where the customer lives."""
    if person.timezone:
        return "Written down for this customer."
    hints = set(phones.zones(person.phone))
    if not hints:
        return "Where your business is; the number says nothing."
    if hints == {person.business.timezone}:
        return "Where your business is; the number fits."
    return "By the number, and where your business is. Only hours that suit all of them count."


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


urlpatterns: list[URLPattern] = [
    path("customers/", customers, name="customers"),
    path("customers/new/", customer_new, name="customer_new"),
    path("customers/compare/", customers_compare, name="customers_compare"),
    path("customers/<int:pk>/likely/", customer_likely, name="customer_likely"),
    path("customers/<int:pk>/", customer, name="customer"),
    path("customers/<int:pk>/edit/", customer_edit, name="customer_edit"),
    path("customers/<int:pk>/stop/", customer_stop, name="customer_stop"),
    path("customers/<int:pk>/insider/", customer_insider, name="customer_insider"),
    path("customers/<int:pk>/reviewed/", customer_reviewed, name="customer_reviewed"),
    path("customers/<int:pk>/served/", customer_served, name="customer_served"),
    path("customers/<int:pk>/call/", customer_call, name="customer_call"),
    path("customers/<int:pk>/as-stored/", customer_as_stored, name="customer_as_stored"),
    path("customers/<int:pk>/resume/", customer_resume, name="customer_resume"),
]
