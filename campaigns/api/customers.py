"""Customers: read, entered one by one or many at once, and a number that must stay silent."""

from collections import Counter

from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status

from campaigns import importing, phones, replies
from campaigns.api import paging, shapes, whose
from campaigns.api.door import ApiRequest
from campaigns.api.problems import Problem, wrong
from campaigns.api.whose import Bearer, Scope
from campaigns.asking import audience
from campaigns.importing import Entered, Field, Kind
from campaigns.models import ApiToken, AuditEntry, Business, Customer, Suppression

router = Router(tags=["Customers"])
READ, WRITE = Bearer(Scope.CUSTOMERS_READ), Bearer(Scope.CUSTOMERS_WRITE)
_SAID = (Field.PHONE, Field.FIRST_NAME, Field.LAST_NAME, Field.TIMEZONE, Field.LANGUAGE)
_TOLD = (*_SAID, Field.TECHNICIAN, Field.SERVICE)
#: Why nobody was entered, as a code.
_CODES = {Kind.REJECTED: "invalid", Kind.SUPPRESSED: "suppressed", Kind.STOPPED: "stopped"}


@router.get("/businesses", auth=READ, response=paging.Page[shapes.BusinessShape], operation_id="list_businesses")
def businesses(request: ApiRequest) -> paging.Page[shapes.BusinessShape]:
    """The locations this token may see.  Their ids go into the other requests."""
    rows = whose.businesses(request.token).order_by("pk")
    items = [
        shapes.BusinessShape(id=each.pk, name=each.name, timezone=each.timezone, country=each.country) for each in rows
    ]
    return paging.Page[shapes.BusinessShape](items=items, next=None)


@router.get("/customers", auth=READ, response=paging.Page[shapes.CustomerShape], operation_id="list_customers")
def customers(request: ApiRequest, pages: Query[shapes.CustomerPages]) -> paging.Page[shapes.CustomerShape]:
    """Customers, the oldest first, perhaps of one location or with one number."""
    paging.refuse_strangers(request, shapes.CustomerPages)
    rows = whose.customers(request.token).order_by("pk")
    if pages.business is not None:
        rows = rows.filter(business=whose.business(request.token, pages.business))
    if pages.phone is not None:
        rows = rows.filter(phone__in=_writings(request.token, pages.phone))
    if last := paging.after(pages.cursor):
        rows = rows.filter(pk__gt=last[0])
    found = list(rows[: pages.limit + 1])
    shown = found[: pages.limit]
    more = paging.cursor_of(shown[-1].pk) if len(found) > len(shown) else None
    return paging.Page[shapes.CustomerShape](items=[shape(each) for each in shown], next=more)


@router.get("/customers/{int:customer}", auth=READ, response=shapes.CustomerWithReason, operation_id="get_customer")
def customer(request: ApiRequest, customer: int) -> shapes.CustomerWithReason:
    """One customer, and why they would not be asked now."""
    person = whose.found(whose.customers(request.token), customer)
    reason = audience.why_not(person, timezone.now())
    why = shapes.WhyNot(code=reason.code, detail=reason.sentence, until=reason.until) if reason else None
    return shapes.CustomerWithReason(**shape(person).model_dump(), not_asked_because=why)


@router.post("/customers", auth=WRITE, response={200: shapes.Kept, 201: shapes.Kept}, operation_id="add_customer")
def customer_add(request: ApiRequest, person: shapes.OnePerson) -> Status[shapes.Kept]:
    """Add a customer, or say more about the one with this number: 201 for a new one, 200 for one that was known."""
    return _kept(request.token, person)


@router.put("/customers", auth=WRITE, response={200: shapes.Kept, 201: shapes.Kept}, operation_id="put_customer")
def customer_put(request: ApiRequest, person: shapes.OnePerson) -> Status[shapes.Kept]:
    """The same.  It may be repeated as it is, and needs no Idempotency-Key."""
    return _kept(request.token, person)


@router.post("/customers/bulk", auth=WRITE, response=shapes.ManyKept, operation_id="add_customers")
def customers_add(request: ApiRequest, many: shapes.ManyPeople) -> shapes.ManyKept:
    """Up to 1,000 customers at once, all or none written; what became of each stands beside its index."""
    home = whose.business(request.token, many.business)
    entered = enter(request.token, home, many.customers, many.consent)
    outcomes = [
        shapes.OutcomeShape(
            index=index, outcome=each.kind, detail=each.reason, notes=list(each.notes), customer=each.customer
        )
        for index, each in enumerate(entered)
    ]
    found = Counter(each.kind for each in entered)
    counts = {str(kind): found[kind] for kind in Kind}
    return shapes.ManyKept(total=len(outcomes), counts=counts, outcomes=outcomes)


@router.post("/opt-outs", auth=WRITE, response=shapes.Stopped, operation_id="stop_number")
def opt_out(request: ApiRequest, number: shapes.Number) -> shapes.Stopped:
    """Never write to this number again, in any location of the account.  Only its owner can take that back."""
    token, now = request.token, timezone.now()
    phone = _parsed(number.phone, _home(token, number.business).country)
    how = f"Asked to stop; said by the program {token.name}"
    mine = Customer.everything.filter(business__organization=token.organization, is_test=False, erased_at=None)
    people = mine.filter(phone__in=phones.writings(phone)).select_related("business__organization", "merged_into")
    known = people.order_by("pk").first()
    if known is None:
        Suppression.add(token.organization, phone, how, now)
        AuditEntry.write(token.organization, "stop", "a number without a customer", token.created_by, how)
    else:
        stays = known.merged_into or known
        stays.business = known.business
        replies.stop(stays, how, token.created_by, now)
    return shapes.Stopped(phone=phone, customers=people.filter(stopped_at__isnull=False).count())


# --- entering -------------------------------------------------------------------------------------------------------


def enter(token: ApiToken, home: Business, people: list[shapes.Person], consent: str) -> list[Entered]:
    """What became of each of these, read and written as the rows of a list are."""
    source = f"The program {token.name}"
    said = [_said(person) for person in people]
    try:
        done = importing.enter(home, said, consent=consent, source=source, by=token.created_by, now=timezone.now())
    except importing.NoConsent as refused:
        raise wrong("/consent", refused.sentence, "no_consent") from refused
    counts = Counter(str(each.kind) for each in done)
    words = f"{token.name}: " + ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
    AuditEntry.write(token.organization, "customers by program", token, token.created_by, words)
    return done


def enter_one(token: ApiToken, home: Business, person: shapes.OnePerson) -> tuple[Entered, Customer]:
    """What became of one, and who it is.  Raises a problem where nobody could be entered."""
    [done] = enter(token, home, [person], person.consent)
    if done.kind == Kind.REJECTED:
        raise wrong("/phone", done.reason)
    if done.kind in _CODES:
        raise Problem(422, _CODES[done.kind], f"{done.reason} Nothing was changed.")
    return done, whose.found(whose.customers(token), done.customer or 0)


def _kept(token: ApiToken, person: shapes.OnePerson) -> Status[shapes.Kept]:
    done, known = enter_one(token, whose.business(token, person.business), person)
    kept = shapes.Kept(outcome=done.kind, detail=done.reason, notes=list(done.notes), customer=shape(known))
    return Status(201 if done.kind == Kind.ADDED else 200, kept)


def _said(person: shapes.Person) -> dict[Field, str]:
    visit = {Field.LAST_VISIT: person.last_visit.isoformat()} if person.last_visit else {}
    return {field: getattr(person, field) for field in _TOLD} | visit | {Field.TAGS: ",".join(person.tags)}


def _home(token: ApiToken, pk: int | None) -> Business:
    """Where a number is read; any location will do where none is named."""
    rows = whose.businesses(token).order_by("pk")
    if pk is not None:
        return whose.found(rows, pk)
    return rows[0]


def _parsed(written: str, country: str) -> str:
    try:
        return phones.parse(written, country)
    except phones.BadPhone as bad:
        raise wrong("/phone", bad.sentence) from bad


def _writings(token: ApiToken, written: str) -> tuple[str, ...]:
    try:
        return tuple(phones.writings(phones.parse(written, _home(token, None).country)))
    except phones.BadPhone as bad:
        raise Problem(422, "invalid", bad.sentence, errors=[{"parameter": "phone", "detail": bad.sentence}]) from bad


def shape(person: Customer) -> shapes.CustomerShape:
    """A customer as programs read one."""
    plain = ("phone", "first_name", "last_name", "called", "timezone", "language", "last_visit", "technician")
    more = ("service", "is_insider", "stopped_at", "paused_at", "reviewed_at", "created_at")
    return shapes.CustomerShape(
        id=person.pk,
        business=person.business_id,
        tags=sorted(tag.name for tag in person.tags.all()),
        consent=shapes.ConsentShape(words=person.consent_basis, at=person.consent_at, source=person.consent_source),
        **{name: getattr(person, name) for name in (*plain, *more)},
    )
