"""Who did what: the book of acts of the account, newest first, and as a file (S50)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from campaigns.models import AuditEntry, Membership, User
from campaigns.roles import Action
from campaigns.web import spreadsheet
from campaigns.web.customers.acts import number
from campaigns.web.limiting import limited
from campaigns.web.proving import Fresh
from campaigns.web.tenancy import BusinessRequest, page

PAGE = 50
#: Those who did something among so many of the newest acts can be chosen, whether or not they are still members.
SAMPLED = 5_000
NOBODY = "nobody"
HEADER = ("When (UTC)", "Who", "E-mail", "What", "About", "Words", "Location", "Network")

#: The acts by kind.  One that stands nowhere is shown under all, and under "Everything else".
KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "door": (
        "Signing in and refusals",
        frozenset(
            {"sign in", "sign in failed", "sign out", "refused", "own phone", "unlock front desk"}
            | {"wrong PIN", "change passphrase", "reset passphrase", "change address", "ask for another address"}
            | {"add app", "remove app", "add passkey", "remove passkey", "make recovery codes", "end session"}
            | {"end sessions", "forget second step"}
        ),
    ),
    "people": (
        "People",
        frozenset(
            {"invite", "withdraw invitation", "join", "change role", "limit to locations", "remove member"}
            | {"mark front desk", "end front desk", "set PIN", "drop PIN"}
            | {"ask for second step", "ask for no second step"}
        ),
    ),
    "sending": (
        "Campaigns and sending",
        frozenset(
            {"launch", "undo start", "pause", "resume", "cancel", "hold", "go on", "go on without the log", "test"}
            | {"rest until tomorrow", "go on today", "leave out", "put back", "drop reminders", "throw away draft"}
            | {"send again", "send again after doubt", "it arrived", "asked by program", "answer", "take back answer"}
            | {"pick customers", "release line"}
        ),
    ),
    "stops": ("Stops", frozenset({"stop", "start", "read their words"})),
    "taken": (
        "Files taken out, and erasures",
        frozenset(
            {"export campaign", "export customer", "export customers", "export dry run", "export activity"}
            | {"erase", "erase by program"}
        ),
    ),
    "settings": (
        "Keys, lines and settings",
        frozenset(
            {"change key", "connect", "add line", "change lines", "change brakes", "change settings", "provision"}
            | {"close organization", "keep organization"}
            | {"change logo", "remove logo", "make API token", "revoke API token", "add webhook", "remove webhook"}
            | {
                "resume webhook",
                "replay webhook",
                "webhook switched off",
                "new webhook secret",
                "end old webhook secret",
            }
            | {"read receipts", "add location", "keep words for"}
        ),
    ),
    "customers": (
        "Customers and lists",
        frozenset(
            {"add customer", "change customer", "join customers", "tag customers", "untag customers"}
            | {"imported customers", "saved a list", "take back an import", "took back an import"}
            | {
                "tell apart",
                "propose again",
                "customers by program",
                "mark reviewed",
                "not reviewed",
                "not their review",
            }
        ),
    ),
}
OTHER = "other"
KNOWN = frozenset().union(*(acts for _, acts in KINDS.values()))


@dataclass(frozen=True)
class Choice:
    """What somebody looks at, as it stands in the address; what makes no sense is passed over."""

    kind: str
    by: str

    @classmethod
    def of(cls, given: QueryDict) -> "Choice":
        """By the words of an address."""
        kind, by = given.get("kind", ""), given.get("by", "")
        is_person = by == NOBODY or number(by) is not None
        return cls(kind if kind in KINDS or kind == OTHER else "", by if is_person else "")

    @property
    def address(self) -> str:
        """The query string."""
        return urlencode({name: value for name, value in (("kind", self.kind), ("by", self.by)) if value})

    def acts(self, request: BusinessRequest) -> QuerySet[AuditEntry]:
        """Those that are meant, newest first; of this account alone."""
        rows = request.organization.audit.select_related("by", "business").order_by("-pk")
        if self.kind:
            rows = rows.exclude(act__in=KNOWN) if self.kind == OTHER else rows.filter(act__in=KINDS[self.kind][1])
        if self.by:
            rows = rows.filter(by=None if self.by == NOBODY else number(self.by))
        return rows


@require_safe
@page(Action.ACTIVITY)
def activity(request: BusinessRequest) -> HttpResponse:
    """Fifty at a time."""
    choice, before = Choice.of(request.GET), number(request.GET.get("before", ""))
    rows = choice.acts(request)
    found = list(rows.filter(pk__lt=before)[: PAGE + 1] if before is not None else rows[: PAGE + 1])
    context = {
        "section": "settings",
        "choice": choice,
        "acts": found[:PAGE],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "is_first": before is None,
        "kinds": [(key, words) for key, (words, _) in KINDS.items()],
        "other": OTHER,
        "people": _people(request),
        "nobody": NOBODY,
    }
    return render(request, "settings/activity.html", context)


@require_safe
@page(Action.ACTIVITY, fresh=Fresh.ALL, while_closing=True)
@limited("export")
def activity_csv(request: BusinessRequest) -> HttpResponseBase:
    """All that match, as a file; that it was taken out stands in the book as well."""
    choice = Choice.of(request.GET)
    AuditEntry.write(request.organization, "export activity", request.business, request.user, choice.address)
    return spreadsheet.csv_response(f"activity-{request.business.slug}", HEADER, _lines(choice.acts(request)))


def _lines(rows: QuerySet[AuditEntry]) -> Iterator[list[object]]:
    for each in rows.iterator(chunk_size=1_000):
        by, place = each.by, each.business
        yield [
            each.at.isoformat(timespec="seconds"),
            (by.get_full_name() or by.email) if by else "",
            by.email if by else "",
            each.act,
            each.about,
            each.words,
            place.name if place else "",
            each.network,
        ]


def _people(request: BusinessRequest) -> list[User]:
    """Members, and whoever did something lately."""
    newest = request.organization.audit.order_by("-pk").values("by")[:SAMPLED]
    member = Membership.objects.filter(organization=request.organization, user=OuterRef("pk"))
    lately: dict[str, Any] = {"pk__in": newest}
    return list(User.objects.filter(Q(Exists(member)) | Q(**lately)).order_by("email"))


urlpatterns: list[URLPattern] = [
    path("settings/activity/", activity, name="activity"),
    path("settings/activity/activity.csv", activity_csv, name="activity_csv"),
]
