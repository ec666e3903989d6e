"""The System page: what /readyz tells a machine, said to the owner in words, with what concerns their own messages.

What is said of the machine is for every owner; of rows only those of the owner's account are counted.
"""

import json
import shutil
import sqlite3
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from campaigns import connecting, status, stuck, tallies
from campaigns.chert.events import event_from_json
from campaigns.models import Attempt, ChertEvent, Delivery, Organization, open_messages
from campaigns.roles import Action
from campaigns.web.campaigns import words
from campaigns.web.tenancy import BusinessRequest, page
from reviews import health

HOUR = timedelta(hours=1)
#: So many of the newest events are looked at for how late they came.
EVENTS = 50
#: A share of answers with 5xx below which nobody need do anything, in percent.
FEW = 5


@dataclass(frozen=True)
class Line:
    """One thing that is looked at: how it is, since when, and what to do."""

    name: str
    words: str
    todo: str
    since: datetime | None
    is_ok: bool


@dataclass(frozen=True)
class Figure:
    """One number with its name, and what it means where that is not plain."""

    name: str
    value: str
    hint: str = ""
    to: str = ""
    at: datetime | None = None


@require_safe
@page(Action.SYSTEM)
def system(request: BusinessRequest) -> HttpResponse:
    """The whole page."""
    return render(request, "system/system.html", _context(request))


@require_safe
@page(Action.SYSTEM)
def live(request: BusinessRequest) -> HttpResponse:
    """What moves on it, for the page that stays open."""
    return render(request, "system/_live.html", _context(request))


def _context(request: BusinessRequest) -> dict[str, Any]:
    now, found = timezone.now(), health.examine()
    lines = [_line(finding) for finding in found]
    groups = stuck.of_account(request.organization, now)
    return {
        "section": "settings",
        "lines": sorted(lines, key=lambda line: line.is_ok),
        "trouble": (trouble := sum(not line.is_ok for line in lines)),
        "trouble_words": words.spelled(trouble).capitalize(),
        "notes": health.notes_of_the_machine(),
        "stuck": [group for group in groups if group.cause.is_trouble],
        "stuck_at": LOOKED_AT if sum(group.count for group in groups) >= stuck.MOST else 0,
        "queue": list(_queue(request, now)),
        "chert": list(_chert(request.organization, now)),
        "machine": list(_machine()),
        "now": now,
    }


LOOKED_AT = stuck.MOST

# --- the checks in words --------------------------------------------------------------------------------------------

#: What each check is called, how it reads when all is well, and what to do where its own sentence does not say so.
WORDS: Mapping[str, tuple[str, str, str]] = {
    "database": (
        "Database",
        "It takes writes.",
        "Look whether it runs and its disk has room. Nothing is sent meanwhile, and nothing is lost.",
    ),
    "migrations": (
        "Shape of the database",
        "It is that of this program.",
        "manage.py start brings it up to date.",
    ),
    "sqlite": ("SQLite", "Free of the fault that can damage a database.", "Back up, then upgrade."),
    "clock": ("Clock", "It agrees with the database’s and with Chert’s.", "timedatectl set-ntp true does it on Linux."),
    "worker": ("Sending", "At work.", "Start Goodword again, or its worker where that runs by itself."),
    "sweep": ("Tidying up", "Done every second.", "Start the worker again; its log says what went wrong."),
    "queue": ("Messages that are due", "None is left lying.", "Start the worker again; its log says what went wrong."),
    "poll": ("Chert’s log of replies", "Read regularly.", "Start the worker again; its log says what went wrong."),
    "disk": ("Disk", "There is room.", "Make room, or take a larger one: pictures are drawn onto it."),
}


def _line(finding: health.Finding) -> Line:
    name, well, todo = WORDS[finding.name]
    said = well if finding.is_ok else finding.word
    return Line(name, said, "" if finding.is_ok else todo, finding.since, finding.is_ok)


# --- their own messages ---------------------------------------------------------------------------------------------


def _queue(request: BusinessRequest, now: datetime) -> Iterator[Figure]:
    account = request.organization
    due = open_messages().filter(organization=account, due_at__lte=now)
    oldest = due.order_by("due_at").values_list("due_at", flat=True).first()
    yield Figure("Due now", f"{due.count():,}", "Those of paused campaigns too.")
    yield Figure("Due longest", span(now - oldest) if oldest else "Nothing", at=oldest)
    yield from _doubtful(request)
    lost = tallies.last_day(tallies.LOST_LEASES, account.pk, now)
    yield Figure("Begun and not finished in time", f"{lost:,}", "In 24 hours. Each was taken up anew.")


def _doubtful(request: BusinessRequest) -> Iterator[Figure]:
    """All of the account in one number, and a way to each campaign of the business that is looked at."""
    rows = Delivery.objects.filter(
        campaign__business__organization=request.organization, status=status.Delivery.IN_DOUBT
    )
    here = rows.filter(campaign__business=request.business).order_by("campaign")
    yield Figure("May have been sent", f"{rows.count():,}", "Each waits for somebody to look.")
    for pk, name, number in here.values_list("campaign", "campaign__name").annotate(Count("pk")):
        yield Figure(
            f"… in {name}", f"{number:,}", "See and decide", f"{reverse('campaign', args=[pk])}?show=doubt#who"
        )


def _chert(account: Organization, now: datetime) -> Iterator[Figure]:
    yield _share(account, now)
    yield Figure("Its log read", _ago(account.events_read_at, now), at=account.events_read_at)
    yield _lag(account)
    refused = tallies.last_day(tallies.REFUSED_SIGNATURES, account.pk, now)
    hint = "In 24 hours. Somebody who is not Chert knows the address, or its secret has changed: connect anew."
    yield Figure("Calls without its signature", f"{refused:,}", hint if refused else "In 24 hours.")


def _share(account: Organization, now: datetime) -> Figure:
    mine = Attempt.objects.filter(started_at__gt=now - HOUR, message__organization=account).exclude(outcome="")
    counted = mine.aggregate(all=Count("pk"), bad=Count("pk", filter=Q(http_status__gte=500)))
    if not counted["all"]:
        return Figure("Answers with an error of its own", "No calls", "In the last hour.")
    percent = 100 * counted["bad"] / counted["all"]
    calm = "Usual below 5 %." if percent < FEW else "That is much. What failed is tried again by itself."
    return Figure("Answers with an error of its own", f"{percent:.0f} %", f"Of {counted['all']:,} in an hour. {calm}")


def _lag(account: Organization) -> Figure:
    """How long the newest events took to reach us by the webhook, the middle one of them."""
    if not connecting.is_connected(account):
        return Figure("Its calls arrive after", "Not called", "We ask every few seconds instead.")
    lags = sorted(_lags(account))
    return Figure("Its calls arrive after", span(lags[len(lags) // 2]) if lags else "No call yet")


def _lags(account: Organization) -> Iterator[timedelta]:
    newest = ChertEvent.objects.filter(organization=account).order_by("-pk")[:EVENTS]
    for row in newest:
        happened = event_from_json(row.payload).timestamp if row.came_by == "webhook" else None
        if happened:
            yield max(row.received_at - happened, timedelta(0))


# --- the machine ----------------------------------------------------------------------------------------------------


def _machine() -> Iterator[Figure]:
    yield Figure("Goodword", version())
    if connection.vendor == "sqlite":
        yield Figure("Database", f"SQLite {sqlite3.sqlite_version}", "One file on this server.")
    else:
        yield Figure("Database", connection.display_name)
    disk = shutil.disk_usage(settings.DATA_DIR)
    yield Figure("Disk", f"{_size(disk.free)} free", f"Of {_size(disk.total)}.")
    yield _backup()


@cache
def version() -> str:
    """This program's, as its project file says."""
    project: dict[str, Any] = tomllib.loads((settings.ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def _backup() -> Figure:
    """What whoever made the last backup has left; anything unreadable counts as none."""
    try:
        said = json.loads(settings.LAST_BACKUP.read_text())
        at, size = parse_datetime(said["at"]), int(said["bytes"])
    except (OSError, ValueError, TypeError, KeyError):
        at, size = None, 0
    if at is None or timezone.is_naive(at):
        return Figure("Last backup", "None yet", "Customers, consents and every STOP are in this database alone.")
    return Figure("Last backup", span(timezone.now() - at) + " ago", _size(size), at=at)


def _size(number: float) -> str:
    """'34 GB', '812 MB'."""
    return f"{number / 1e9:,.0f} GB" if number >= 1e9 else f"{number / 1e6:,.1f} MB"


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{span(now - at)} ago" if at else "Not yet"


def span(time: timedelta) -> str:
    """'3 seconds', '4 minutes', '5 hours', '2 days'; nothing below zero."""
    seconds = max(time.total_seconds(), 0)
    steps = ((120, 1, "second"), (7200, 60, "minute"), (172800, 3600, "hour"), (float("inf"), 86400, "day"))
    size, word = next((size, word) for most, size, word in steps if seconds < most)
    number = int(seconds // size)
    return f"{number:,} {word}" + ("" if number == 1 else "s")


urlpatterns: list[URLPattern] = [
    path("system/", system, name="system"),
    path("system/live", live, name="system_live"),
]
