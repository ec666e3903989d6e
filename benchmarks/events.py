"""Ten thousand events, each three times and in no order, with nobody there for a part of the time (F-50, G11, G12).

    python3 manage.py bench events [--rows 10000] [--stops 200]

Real site, worker and sandbox.  A hundred customers write back, fifty times a second, and the pretend Chert tells us by
webhook, late and out of order; the door (`benchmarks/door.py`) hands each in twice more.  For a minute the door is
shut: Chert gives up after three tries, and what was said meanwhile is to be found in its log.  Other customers write
STOP all the time, while it is shut too.  `recovered_seconds` count from the opening of the door until everything
written before is understood; those of a STOP from its webhook's arrival until nothing is left that could be called.
On PostgreSQL and Redis with DATABASE_URL and REDIS_URL.
"""

import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks import stops as stopping
from benchmarks.door import Door
from benchmarks.harness import SLUG, Site, free_the_line, provisioned, running
from benchmarks.servers import Patient

A_SECOND = 50.0  # replies
SHUT_AFTER, SHUT_FOR = 0.3, 0.3  # as shares of the time in which replies are written ...
LONGEST_SHUT = 60.0  # ... and not for longer than so many seconds
#: Seconds between two looks at everything that was heard.
LOOK = 1.0
CHATTY = 100
ASK_AFTER = 3600  # seconds: whoever writes STOP has still something to come
WRITERS = 4
FIRST_PHONE = 5_551_000
GREETED = "SELECT count(*) FROM campaigns_customer WHERE chat_id <> ''"
HEARD = "SELECT chert_id FROM campaigns_message WHERE kind = 'inbound'"
LEFT = "SELECT count(*) FROM campaigns_chertevent WHERE handled_at IS NULL"
CAME = "SELECT came_by, count(*) FROM campaigns_chertevent GROUP BY came_by"


@dataclass
class Talk:
    """What was written at the phones, and when the door was opened again."""

    written: dict[str, float] = field(default_factory=dict)
    reopened: float = float("inf")
    recovered: float | None = None
    trouble: int = 0


def main(rows: int = 10_000, stops: int = 200, seed: int = 1, limit: float = 1500, **variables: str) -> dict[str, Any]:
    """One run; `variables` go into the environment of the product."""
    door = Door(seed)
    with (
        door.staffed(),
        running(SITE_URL=door.url, **variables) as site,
        contextlib.closing(Patient(site.reader)) as database,
    ):
        door.target = site.url
        _prepared(site, database, CHATTY + stops)
        talk, seen = _spoken(site, database, door, rows, stops, limit)
        return {"events": rows, "stops": len(seen.written)} | _verdict(database, door, talk, seen)


def _prepared(site: Site, database: Any, customers: int) -> None:
    """Everybody has the greeting, and the picture is an hour away."""
    free_the_line(site)
    provisioned(site, customers, ask_after=ASK_AFTER)
    free_the_line(site)
    site.command("launch", "--business", SLUG, "--name", "Benchmark")
    while database.execute(GREETED).fetchone()[0] < customers:
        time.sleep(0.5)
    site.weather(webhook_delay=5.0)


def _spoken(site: Site, database: Any, door: Door, rows: int, stops: int, limit: float) -> tuple[Talk, stopping.Stops]:
    """Let them write until all is written, and wait until all is understood."""
    talk, seen, begun, looked = Talk(), stopping.Stops(), time.monotonic(), 0.0
    lasts = rows / A_SECOND
    shut_for = min(SHUT_FOR * lasts, LONGEST_SHUT)
    writer = threading.Thread(target=_write, args=(site, talk, rows, begun), daemon=True)
    writer.start()
    with httpx.Client(base_url=site.sandbox, timeout=60) as phones:
        while (passed := time.monotonic() - begun) < limit:
            door.is_open = not SHUT_AFTER * lasts <= passed < SHUT_AFTER * lasts + shut_for
            if door.is_open and passed > SHUT_AFTER * lasts and talk.reopened == float("inf"):
                talk.reopened = time.time()
            if len(seen.written) < min(stops, passed / lasts * stops):
                _stop(phones, seen, CHATTY + len(seen.written))
            seen.look(database)
            is_all_written = not writer.is_alive() and len(seen.written) == stops
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                if _look(database, talk) and is_all_written and seen.is_done and not door.waiting:
                    break
            time.sleep(0.05)
    return talk, seen


def _write(site: Site, talk: Talk, rows: int, begun: float) -> None:
    """So many replies, so many a second."""
    with httpx.Client(base_url=site.sandbox, timeout=60) as phones, ThreadPoolExecutor(WRITERS) as pool:
        for number in range(rows):
            time.sleep(max(0.0, begun + number / A_SECOND - time.monotonic()))
            pool.submit(_reply, phones, talk, number)


def _reply(phones: httpx.Client, talk: Talk, number: int) -> None:
    said = {"text": f"Thank you, {number}", "tenant": SLUG}
    answer = phones.post(f"/sandbox/phones/{_phone(number % CHATTY)}/reply", json=said)
    if answer.is_success:
        talk.written[answer.json()["message_id"]] = time.time()
    else:
        talk.trouble += 1


def _phone(number: int) -> str:
    return f"+1512{FIRST_PHONE + number}"


def _stop(phones: httpx.Client, seen: stopping.Stops, number: int) -> None:
    now = time.time()
    if phones.post(f"/sandbox/phones/{_phone(number)}/reply", json={"text": "STOP", "tenant": SLUG}).is_success:
        seen.written[_phone(number)] = now


def _look(database: Any, talk: Talk) -> bool:
    """Is everything understood?  Notes when that was first true of what had been written before the door opened."""
    if time.time() < talk.reopened:
        return False
    heard = {chert_id for (chert_id,) in database.execute(HEARD).fetchall()}
    written = dict(talk.written)
    if talk.recovered is None and all(pk in heard for pk, at in written.items() if at < talk.reopened):
        talk.recovered = time.time()
    return talk.recovered is not None and written.keys() <= heard and not database.execute(LEFT).fetchone()[0]


def _verdict(database: Any, door: Door, talk: Talk, seen: stopping.Stops) -> dict[str, Any]:
    heard = [chert_id for (chert_id,) in database.execute(HEARD).fetchall()]
    of_ours = [chert_id for chert_id in heard if chert_id in talk.written]
    came = stopping.came(database)
    missed = {phone: at for phone, at in seen.written.items() if phone not in came}
    late = [p for p, at in stopping.rows(database, stopping.CALLS) if stopping.seconds(at) > _left_alone(seen, p)]
    return {
        "lost": len(talk.written.keys() - set(heard)) + talk.trouble,
        "doubled": len(of_ours) - len(set(of_ours)),
        "not_understood": database.execute(LEFT).fetchone()[0],
        "recovered_seconds": round(talk.recovered - talk.reopened, 1) if talk.recovered else None,
        "handed_in": {str(status): times for status, times in sorted(door.handed_in.items())},
        "came_first_by": dict(database.execute(CAME).fetchall()),
        "stop_seconds_after_its_webhook": stopping.spread(came, seen.silent),
        "stop_seconds_without_webhook": stopping.spread(missed, seen.silent) if missed else {},
        "stops_not_taken_back": len(seen.written.keys() - seen.silent.keys()),
        "started_after_a_stop": len(late),
    }


def _left_alone(seen: stopping.Stops, phone: str) -> float:
    return seen.silent.get(phone, float("inf"))
