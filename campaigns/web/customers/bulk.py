"""One act for many: those that are ticked, or all that match."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaigns import households, person, replies, tags
from campaigns.filters import Filter
from campaigns.models import AuditEntry, Customer, Membership, Tag
from campaigns.roles import Action
from campaigns.web import tenancy
from campaigns.web.customers import asking, homes
from campaigns.web.customers.acts import number
from campaigns.web.customers.listing import Choice
from campaigns.web.tenancy import BusinessRequest, page

Role = Membership.Role
AT_ONCE = 500


@dataclass(frozen=True)
class Chosen:
    """Whom an act is about; `is_all` when it is everybody who matches, not the ticked ones."""

    people: Sequence[int]
    choice: Choice
    is_all: bool
    ticked: list[int] = field(default_factory=list)


class TooMany(Exception):
    """More than one act takes at once; the text says how many."""


Act = Callable[[BusinessRequest, Chosen], HttpResponse]


@require_POST
@page(Action.CUSTOMERS)
def customers_bulk(request: BusinessRequest) -> HttpResponse:
    """Do it; what cannot be undone is asked about first, with the number it is about."""
    act, most = ACTS.get(request.POST.get("act", ""), (None, 0))
    choice = Choice.of(request.business, request.POST)
    back = redirect(f"{reverse('customers')}?{choice.address()}")
    if act is None:
        messages.warning(request, "Say what should be done with them.")
        return back
    try:
        chosen = _chosen(request, choice, most)
    except TooMany as many:
        messages.warning(request, str(many))
        return back
    if not chosen.people:
        messages.warning(request, "Nobody is chosen. Tick somebody, or all that match.")
        return back
    return act(request, chosen)


def _chosen(request: BusinessRequest, choice: Choice, most: int) -> Chosen:
    is_all = request.POST.get("all") == "yes"
    ticked = [] if is_all else [key for key in map(number, request.POST.getlist("chosen")) if key is not None]
    if len(ticked) > AT_ONCE:
        raise TooMany(f"More than {AT_ONCE} are ticked. Tick fewer, or narrow the list down and take all that match.")
    rows = choice.people(request.business) if is_all else request.business.customers.filter(pk__in=ticked)
    people = list(rows.order_by("pk").values_list("pk", flat=True)[: most + 1])
    if len(people) > most:
        raise TooMany(f"More than {most:,} match, and {most:,} is the most at once. Narrow the list down first.")
    return Chosen(people, choice, is_all, ticked)


def _some(keys: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(keys)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _back(chosen: Chosen) -> HttpResponse:
    return redirect(f"{reverse('customers')}?{chosen.choice.address()}")


def counted(n: int) -> str:
    """“One customer”, “12 customers”."""
    return "One customer" if n == 1 else f"{n:,} customers"


def _wanted_tags(request: BusinessRequest) -> list[str]:
    try:
        found = list(tags.split(request.POST.get("tags", "")))
    except tags.BadTag as bad:
        messages.warning(request, bad.sentence)
        return []
    if not found:
        messages.warning(request, "Write the tag first.")
    return found


def _tag(request: BusinessRequest, chosen: Chosen) -> HttpResponse:
    if names := _wanted_tags(request):
        worn, made = Tag.customers.through, Tag.named(request.business, names)
        with transaction.atomic():
            for part in _some(chosen.people):
                pairs = [worn(customer_id=key, tag_id=tag.pk) for key in part for tag in made]
                worn.objects.bulk_create(pairs, ignore_conflicts=True)
            _note(request, "tag customers", chosen, ", ".join(names))
        messages.success(request, f"{counted(len(chosen.people))} tagged {', '.join(names)}.")
    return _back(chosen)


def _untag(request: BusinessRequest, chosen: Chosen) -> HttpResponse:
    if names := _wanted_tags(request):
        folded = [tags.folded(name) for name in names]
        worn = Tag.customers.through.objects.filter(tag__business=request.business, tag__folded__in=folded)
        with transaction.atomic():
            gone = sum(worn.filter(customer__in=part).delete()[0] for part in _some(chosen.people))
            _note(request, "untag customers", chosen, ", ".join(names))
        messages.success(request, f"{counted(gone)} had {', '.join(names)}, and no longer.")
    return _back(chosen)


def _ask(request: BusinessRequest, chosen: Chosen) -> HttpResponse:
    draft = asking.draft(request, Filter(chosen=tuple(chosen.people)), counted(len(chosen.people)))
    return asking.onward(draft)


def _stop(request: BusinessRequest, chosen: Chosen) -> HttpResponse:
    if request.POST.get("sure") != "yes":
        return _confirm(request, chosen, "stop")
    for each in _people(request, chosen):
        replies.stop(each, "Asked us to stop", request.user, timezone.now())
    messages.success(request, f"{counted(len(chosen.people))} stopped for good. Nothing more goes to them.")
    return _back(chosen)


def _erase(request: BusinessRequest, chosen: Chosen) -> HttpResponse:
    if not tenancy.may(request, Action.ERASE):
        raise PermissionDenied
    if request.POST.get("sure") != "yes":
        return _confirm(request, chosen, "erase")
    for each in _people(request, chosen):
        person.ask(each, request.user, timezone.now())
    words = "Nothing more goes to them from now on, and what is kept about them is being erased."
    messages.success(request, f"{counted(len(chosen.people))} will be forgotten. {words}")
    return redirect("customers")


def _household(request: BusinessRequest, chosen: Chosen) -> HttpResponse:
    homes.made(request, list(chosen.people))
    return _back(chosen)


def _people(request: BusinessRequest, chosen: Chosen) -> Iterator[Customer]:
    for part in _some(chosen.people):
        yield from request.business.customers.filter(pk__in=part).select_related("business__organization")


def _confirm(request: BusinessRequest, chosen: Chosen, act: str) -> HttpResponse:
    context = {"section": "customers", "chosen": chosen, "act": act, "counted": counted(len(chosen.people))}
    return render(request, "customers/bulk.html", context)


def _note(request: BusinessRequest, act: str, chosen: Chosen, words: str) -> None:
    AuditEntry.write(request.organization, act, request.business, request.user, f"{len(chosen.people)}: {words}")


#: What can be done, and with how many at once.
ACTS: dict[str, tuple[Act, int]] = {
    "tag": (_tag, 20_000),
    "untag": (_untag, 20_000),
    "ask": (_ask, 5_000),
    "household": (_household, households.MOST),
    "stop": (_stop, 500),
    "erase": (_erase, 500),
}
