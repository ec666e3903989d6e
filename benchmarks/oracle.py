"""Can a stranger with a watch tell at the doors who is known here?

    python3 manage.py bench oracle [--rows 200]

Asks each door about so many that are known and as many that are not, in turns, now the one first and now the other, so
that whatever slows this machine slows both.  Each is asked about once and from an address of its own, as no throttle
cuts in then; what is asked are the real views, with the real hashing, on a database in a file and a cache of its own.
Told of each door are the mean milliseconds by the clock on the wall, what lies between them, how far that may be wrong
(two standard errors), the middle one of the differences of the pairs, and the ratio.  A hash takes hundreds of
milliseconds, and on a busy machine now more and now less; so the doors that hash are asked a second time with a hash of
a thousandth of the work, where nothing hides what else there is.
On PostgreSQL with DATABASE_URL: a database of that name with `test_` before it.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import setup_databases, setup_test_environment, teardown_databases, teardown_test_environment
from django.urls import reverse
from django.utils import timezone

from benchmarks.customers import PLAIN
from campaigns.chert import webhooks
from campaigns.models import Invitation, Organization, User
from campaigns.models.business import webhook_path

#: Is ready to be called; the HTTP status of what came.
Ask = Callable[[], int]
WRONG, FRESH = "surely nobody's passphrase", "a sentence for an account"
#: Networks for measuring; every asking comes from an address of its own.
_ADDRESSES = (f"198.18.{number // 250}.{number % 250 + 1}" for number in count())
_NUMBERS = count(1)


@dataclass(frozen=True)
class Door:
    """What stands before it, how it is asked about a name, and what it may answer."""

    known: list[str]
    unknown: list[str]
    ready: Callable[[Client, str], Ask]
    answers: frozenset[int]


def main(rows: int = 200) -> dict[str, Any]:
    """Furnish the house, knock, and say how the known and the unknown differ."""
    with _house():
        told = {name: _compared(door) for name, door in (_that_hash(rows + 1) | _others(rows + 1)).items()}
    with _house(), override_settings(PASSWORD_HASHERS=[f"{__name__}.Light"]):
        light = {name: _compared(door) for name, door in _that_hash(rows + 1).items()}
    largest = max(abs(each["difference_ms"]) for each in (*told.values(), *light.values()))
    found = {"pairs": rows, "database": connection.vendor, "largest_difference_ms": largest}
    return found | {"doors": told, "doors_with_a_light_hash": light}


class Light(PBKDF2PasswordHasher):
    """The same with a thousandth of the work."""

    iterations = PBKDF2PasswordHasher.iterations // 1000


@contextmanager
def _house() -> Iterator[None]:
    setup_test_environment()
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder, "oracle.sqlite3"))
        old = setup_databases(verbosity=0, interactive=False)
        try:
            with override_settings(STORAGES=PLAIN, SECURE_SSL_REDIRECT=False, CACHES=_caches(folder)):
                yield
        finally:
            teardown_databases(old, verbosity=0)
            teardown_test_environment()


def _caches(folder: str) -> dict[str, Any]:
    """Tries that others have used up are not ours."""
    own = {"LOCATION": folder, "KEY_PREFIX": "goodword-oracle"}
    in_redis = {"KEY_PREFIX": f"goodword-oracle-{time.time():.0f}"}
    return {name: kept | (own if "Files" in kept["BACKEND"] else in_redis) for name, kept in settings.CACHES.items()}


# --- the doors --------------------------------------------------------------------------------------------------------


def _that_hash(rows: int) -> dict[str, Door]:
    encoded, refused = make_password("the right one"), frozenset({422})
    by_links, closed = make_password(None), {"password": encoded, "is_active": False}
    return {
        "sign in": Door(_people(rows, password=encoded), _nobody(rows), _signing_in, refused),
        "sign in, who has no passphrase": Door(_people(rows, password=by_links), _nobody(rows), _signing_in, refused),
        "sign in, a closed account": Door(_people(rows, **closed), _nobody(rows), _signing_in, refused),
        "invitation": Door(_people(rows, password=encoded), _nobody(rows), _joining, frozenset({302})),
    }


def _others(rows: int) -> dict[str, Door]:
    paths, nobodys = _paths(rows), [webhook_path() for _ in range(rows)]
    return {
        "forgotten": Door(_people(rows), _nobody(rows), _forgetting, frozenset({200})),
        "forgotten, a closed account": Door(
            _people(rows, is_active=False), _nobody(rows), _forgetting, frozenset({200})
        ),
        "webhook": Door(paths, nobodys, _knocking, frozenset({401, 404})),
    }


def _nobody(rows: int) -> list[str]:
    return [f"somebody{next(_NUMBERS)}@example.com" for _ in range(rows)]


def _people(rows: int, **more: Any) -> list[str]:
    return [user.email for user in User.objects.bulk_create(User(email=email, **more) for email in _nobody(rows))]


def _paths(rows: int) -> list[str]:
    made = [Organization(name=f"No. {n}", slug=f"no-{n}", webhook_secret=f"{n:064x}") for n in range(rows)]
    for each in made:
        each.save()
    return [each.webhook_path for each in made]


def _signing_in(client: Client, email: str) -> Ask:
    return lambda: client.post(reverse("sign_in"), {"email": email, "passphrase": WRONG}).status_code


def _forgetting(client: Client, email: str) -> Ask:
    return lambda: client.post(reverse("forgotten"), {"email": email}).status_code


def _joining(client: Client, email: str) -> Ask:
    """Each with an invitation of its own, as one makes no more than a few accounts."""
    organization, _ = Organization.objects.get_or_create(name="House", slug="house")
    _, token = Invitation.make(organization, "viewer", User.objects.order_by("pk")[0])
    client.get(reverse("join_link", args=[token]))
    return lambda: client.post(reverse("join"), {"email": email, "passphrase": FRESH}).status_code


def _knocking(client: Client, path: str) -> Ask:
    body = json.dumps({"event": "message.received", "event_id": "x", "data": {}}).encode()
    signed = webhooks.headers_for("nobody's secret", int(timezone.now().timestamp()), body)
    door = reverse("chert_webhook", args=[path])
    return lambda: client.post(door, body, content_type="application/json", headers=signed).status_code


# --- the watch --------------------------------------------------------------------------------------------------------


def _compared(door: Door) -> dict[str, float]:
    """In turns, each time begun by the other; the first pair only opens templates and is not counted."""
    wall: dict[bool, list[float]] = {True: [], False: []}
    for number, pair in enumerate(zip(door.known, door.unknown, strict=True)):
        asks = {is_known: door.ready(_stranger(), name) for is_known, name in zip((True, False), pair, strict=True)}
        for is_known in (True, False) if number % 2 else (False, True):
            milliseconds = _timed(asks[is_known], door.answers)
            if number:
                wall[is_known].append(milliseconds)
    known, unknown = statistics.mean(wall[True]), statistics.mean(wall[False])
    apart = [one - other for one, other in zip(wall[True], wall[False], strict=True)]
    error = statistics.stdev(apart) / len(apart) ** 0.5 if len(apart) > 1 else 0.0
    return {
        "known_ms": round(known, 2),
        "unknown_ms": round(unknown, 2),
        "difference_ms": round(known - unknown, 2),
        "give_or_take_ms": round(2 * error, 2),
        "middle_difference_ms": round(statistics.median(apart), 2),
        "ratio": round(known / unknown, 3),
    }


def _stranger() -> Client:
    return Client(REMOTE_ADDR=next(_ADDRESSES))


def _timed(ask: Ask, answers: frozenset[int]) -> float:
    begun = time.perf_counter()
    status = ask()
    taken = time.perf_counter() - begun
    if status not in answers:
        raise RuntimeError(f"it answered {status}, not one of {sorted(answers)}")
    return taken * 1000
