"""An import is taken back: whoever came with it goes, whoever it changed is as before.

Three things stay, and the page names them: customers who were asked or are in a campaign, what somebody has changed
since, and every wish to stop (a suppression belongs to the number, not to the customer).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from campaigns import finding
from campaigns import tags as words_of
from campaigns.models import AuditEntry, Business, Customer, CustomerImport, Delivery, ImportRow, Message, Tag

from . import keeping, statements
from .known import Known, by_phone
from .outcome import Person
from .rows import WRITTEN
from .step import Step

#: How long an import can be taken back.
WITHIN = timedelta(days=1)

Word = ImportRow.Undone


@dataclass(frozen=True)
class Now:
    """The customers of some rows as they are at this moment."""

    by_pk: Mapping[int, Known]
    asked: frozenset[int]


def look(record: CustomerImport, now: datetime, most: int) -> list[ImportRow]:
    """The next rows that did something."""
    after = record.rows.filter(number__gt=record.job_at, is_saved=True, customer__isnull=False)
    return list(after.order_by("number")[:most])


def part(record: CustomerImport, rows: list[ImportRow]) -> Step:
    """Take back what these rows did, in the caller's transaction."""
    Business.objects.select_for_update().get(pk=record.business_id)  # no launch takes up anybody meanwhile
    there = _there(record.business, rows)
    words = [_take_back(row, there) for row in rows]
    gone = [row.customer for row, word in zip(rows, words, strict=True) if word == Word.GONE and row.customer]
    _erase(record.business, gone)
    values = ([str(word), row.pk] for row, word in zip(rows, words, strict=True))
    statements.update(ImportRow, ["undone"], values)
    return Step.over([row.number for row in rows])


def finish(record: CustomerImport, now: datetime) -> None:
    """All of it has been looked at."""
    found = dict(record.rows.exclude(undone="").order_by().values_list("undone").annotate(Count("pk")))
    record.undone_at, record.undone = now, {str(word): found.get(str(word), 0) for word in Word}
    if record.done_at is None:  # stopped in the middle: what was not saved is not
        record.done_at, record.counts = now, keeping.counted(record)
    words = ", ".join(f"{number} {word}" for word, number in Counter(record.undone).items())
    AuditEntry.write(record.business.organization, "took back an import", record, record.by, words)


def _there(business: Business, rows: Sequence[ImportRow]) -> Now:
    phones = [row.phone for row in rows]
    known = by_phone(business, phones, lock=True).values()
    mine = [row.customer for row in rows if row.customer]
    asked = Q(chat_id__gt="") | Q(stopped_at__isnull=False) | Q(paused_at__isnull=False) | Q(reviewed_at__isnull=False)
    asked |= Q(household__isnull=False)  # somebody joined them by hand since
    busy = set(business.customers.filter(asked, pk__in=mine).values_list("pk", flat=True))
    busy |= set(Delivery.everything.filter(customer__in=mine).values_list("customer", flat=True))
    busy |= set(Message.objects.filter(customer__in=mine).values_list("customer", flat=True))
    busy |= set(Customer.everything.filter(joined__isnull=False, pk__in=mine).values_list("pk", flat=True))
    joined = set(Customer.everything.filter(pk__in=mine, merged_into__isnull=False).values_list("pk", flat=True))
    return Now({customer.pk: customer for customer in known if customer.pk not in joined}, frozenset(busy))


def _take_back(row: ImportRow, there: Now) -> Word:
    """What is done about the customer of this row; those who go are erased by the caller, all at once."""
    customer = there.by_pk.get(row.customer or 0)
    if customer is None:
        return Word.MISSING
    wrote = Person.from_json(keeping.loaded(row.wrote))
    if row.before:
        return _restore(customer, keeping.loaded(row.before), wrote)
    if customer.pk in there.asked:
        return Word.ASKED
    return Word.GONE if _same(customer.person, wrote) else Word.CHANGED


def _same(one: Person, other: Person) -> bool:
    plain = all(getattr(one, name) == getattr(other, name) for name in WRITTEN)
    return plain and _folded(one.tags) == _folded(other.tags)


def _folded(names: Sequence[str]) -> set[str]:
    return {words_of.folded(name) for name in names}


def _restore(customer: Known, kept: Mapping[str, Any], wrote: Person) -> Word:
    """Every value that the import changed and nobody since: as before."""
    before = Person.from_json(kept)
    changed = [name for name in WRITTEN if getattr(before, name) != getattr(wrote, name)]
    untouched = [name for name in changed if getattr(customer.person, name) == getattr(wrote, name)]
    values = {name: getattr(before, name) for name in untouched}
    if "first_name" in values and customer.spoken_name is None:
        values["spoken_name"] = kept.get("spoken_name")
    if not kept.get("is_attested", True):
        values["is_attested"] = False
    if untouched:
        now = {name: values.get(name, getattr(customer.person, name)) for name in ("first_name", "last_name")}
        values["search"] = finding.indexed(now["first_name"], now["last_name"], customer.person.phone)
    Customer.objects.filter(pk=customer.pk).update(**values)
    return _told(len(changed), len(untouched), _take_off(customer, before, wrote))


def _take_off(customer: Known, before: Person, wrote: Person) -> bool:
    """Tags that came with the list; False when they were changed since."""
    added = _folded(wrote.tags) - _folded(before.tags)
    if not added:
        return True
    if _folded(customer.person.tags) != _folded(wrote.tags):
        return False
    worn = Tag.customers.through.objects
    worn.filter(customer_id=customer.pk, tag__folded__in=added).delete()
    return True


def _told(changed: int, untouched: int, tags_are_back: bool) -> Word:
    if untouched == changed and tags_are_back:
        return Word.BACK
    return Word.PARTLY if untouched or (tags_are_back and not changed) else Word.CHANGED


def _erase(business: Business, customers: Sequence[int]) -> None:
    Tag.customers.through.objects.filter(customer_id__in=customers).delete()
    business.customers.filter(pk__in=customers).delete()
