"""What never-twice costs: our outbox beside the design that is usually written, in turns on the same machine.

The usual one: a task for each customer opens photo and font, draws, uploads, posts greeting and picture under new keys,
and writes a status afterwards.  It loses and doubles when killed; here nothing is killed, and only the price is seen.
Both use the same client, database (SQLite), cards, threads and sandbox, without Celery around them, each turn in a
fresh process with a sandbox of its own.  For `manage.py bench deliveries`.
"""

import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.harness import LINE, ROOT, SECRET, SLUG, answers, customers_file, free_port, stop, wait_until

TURNS = 3
THREADS = 4
SANDBOX = [sys.executable, "-m", "gunicorn", "-c", "reviews/gunicorn.conf.py", "campaigns.sandbox.wsgi:app", "--bind"]


def compare(rows: int = 300) -> dict[str, Any]:
    """So many customers each way, three turns; medians, and ours as a multiple of the usual."""
    seen: dict[str, list[dict[str, float]]] = {"naive": [], "ours": []}
    for _ in range(TURNS):
        for way, turns in seen.items():
            turns.append(_in_a_fresh_process(way, rows))
    found = {way: {name: statistics.median(t[name] for t in turns) for name in turns[0]} for way, turns in seen.items()}
    ratios = {name: round(found["ours"][name] / value, 2) for name, value in found["naive"].items() if value}
    return {"customers": rows, "turns": TURNS} | found | {"ours_over_naive": ratios}


def _in_a_fresh_process(way: str, rows: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="goodword-") as name, _sandbox(Path(name)) as address:
        more = {"DATA_DIR": name, "CHERT_API_BASE": f"{address}/api/v1", "CHERT_SIGNING_SECRET": SECRET}
        environ = {**os.environ, **more, "DJANGO_SETTINGS_MODULE": "reviews.settings", "LOG_LEVEL": "ERROR"}
        environ.pop("DATABASE_URL", None)
        program = [sys.executable, "-m", "benchmarks.naive", way, str(rows), address]
        done = subprocess.run(program, cwd=ROOT, env=environ, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextlib.contextmanager
def _sandbox(folder: Path) -> Iterator[str]:
    address = f"127.0.0.1:{free_port()}"
    environ = {**os.environ, "DATA_DIR": str(folder), "SANDBOX_STORE": str(folder / "sandbox.sqlite3")}
    with (folder / "sandbox.txt").open("wb") as log:
        process = subprocess.Popen([*SANDBOX, address], cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        wait_until(lambda: answers(f"http://{address}/sandbox/ledger"), 30)
        yield f"http://{address}"
    finally:
        stop(process)


# --- the fresh process ------------------------------------------------------------------------------------------------


@dataclass
class Commits:
    """Counts transactions that wrote something, on every connection of this process."""

    count: int = 0

    def watch(self, connection: Any, **_: Any) -> None:
        """Receives Django's `connection_created`."""
        wrote = False

        def executed(execute: Any, statement: str, *rest: Any) -> Any:
            nonlocal wrote
            result = execute(statement, *rest)
            if statement.startswith(("INSERT", "UPDATE", "DELETE")):
                wrote = connection.in_atomic_block
                self.count += not wrote
            return result

        def heard(statement: str) -> None:
            nonlocal wrote
            if statement in ("COMMIT", "ROLLBACK"):
                self.count += wrote and statement == "COMMIT"
                wrote = False

        connection.execute_wrappers.append(executed)
        connection.connection.set_trace_callback(heard)


def one_turn(way: str, rows: int, sandbox: str) -> dict[str, float]:
    """Send to so many customers, and say what each cost."""
    from django.conf import settings  # after django.setup()
    from django.db.backends.signals import connection_created

    commits = Commits()
    _prepared(rows, sandbox)
    connection_created.connect(commits.watch)
    calls = _calls(sandbox)
    began, spent = time.perf_counter(), time.process_time()
    doorbells = WAYS[way]()
    seconds, spent = time.perf_counter() - began, time.process_time() - spent
    if not doorbells:
        doorbells = seconds * sum(1 / ring["schedule"] for ring in settings.CELERY_BEAT_SCHEDULE.values())
    return {
        "deliveries_per_second": round(rows / seconds, 1),
        "cpu_ms_per_delivery": round(1000 * spent / rows, 2),
        "requests_per_delivery": round((_calls(sandbox) - calls) / rows, 2),
        "broker_messages_per_delivery": round(doorbells / rows, 3),
        "commits_per_delivery": round(commits.count / rows, 2),
    }


def _calls(sandbox: str) -> int:
    return int(httpx.get(f"{sandbox}/sandbox/ledger", timeout=60).json()["calls"])


def _prepared(rows: int, sandbox: str) -> None:
    from django.core.management import call_command

    line = {"number": LINE, "budget": None, "gap": 0}
    told = {"secret": SECRET, "lines": [line]}
    httpx.put(f"{sandbox}/sandbox/tenants/{SLUG}", json=told).raise_for_status()
    said = {"stdout": io.StringIO()}
    people = str(customers_file(Path(os.environ["DATA_DIR"]), rows))
    call_command("migrate", verbosity=0)
    who = ["--name", "Bench Plumbing", "--sender", "Todd", "--email", "todd@bench.example", "--line", LINE]
    pace = ["--line-budget", "1000000", "--line-gap", "0", "--ask-after", "0", "--window", "00:00-24:00"]
    call_command("provision", *who, *pace, "--place-id", "ChIJ_benchmark_place_000", **said)
    call_command("import_customers", people, "--business", SLUG, "--consent", "They are customers", **said)
    call_command("launch", "--business", SLUG, "--name", "Benchmark", **said)


def _ours() -> int:
    """Rows are the queue: however many, the clock rings as often."""
    from campaigns import outbox
    from campaigns.models import Delivery

    while Delivery.objects.exclude(status__in=["sent", "delivered", "read", "skipped"]).exists():
        outbox.run(THREADS)
    return 0


def _naive() -> int:
    """A task for each customer, and a broker's message for each task."""
    from django.db import connections

    from campaigns.models import Delivery

    def task(pk: int) -> None:
        _send_one(Delivery.objects.select_related("campaign__card", "customer__business__organization").get(pk=pk))

    with ThreadPoolExecutor(THREADS) as pool:
        tasks = list(pool.map(task, Delivery.objects.exclude(status="skipped").values_list("pk", flat=True)))
        list(pool.map(lambda _: connections.close_all(), range(THREADS)))
    return len(tasks)


def _send_one(delivery: Any) -> None:
    from campaigns import chert, connection, invitations, links
    from campaigns.models import Delivery, new_key

    campaign, customer = delivery.campaign, delivery.customer
    business, words = customer.business, customer.words("en")
    client = connection.client(business.organization)
    picture = _drawn(campaign.card.drawing().photo, words["first_name"])
    slot = client.reserve_upload("thank-you.jpg", "image/jpeg", len(picture))
    client.upload(slot, picture)
    greeting = invitations.greeting(campaign.greeting, words, "en")
    chat = client.send(chert.open_chat(LINE, [customer.phone], greeting, new_key())).chat_id
    link = invitations.Link(links.address(business, delivery.token), business.name, invitations.link_title("en"))
    ask = invitations.ask(campaign.ask, words, slot.attachment_id, link, "en")
    client.send(chert.send_message(chat, ask, new_key()))
    Delivery.objects.filter(pk=delivery.pk).update(status="sent")


def _drawn(photo: bytes, name: str) -> bytes:
    """As it is often written: photo and font opened, and the photo made to fit, for every customer."""
    from PIL import Image, ImageDraw, ImageFont

    from campaigns.cards import typefaces

    with Image.open(io.BytesIO(photo)) as opened:
        picture = opened.convert("RGB").resize((1080, 1350), Image.Resampling.LANCZOS)
    font = ImageFont.truetype(str(typefaces.CHOICES["hand"].path), 150)
    ImageDraw.Draw(picture).text((540, 200), f"Thanks, {name}!", "#1b3a24", font, "ms")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


WAYS = {"ours": _ours, "naive": _naive}

if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(one_turn(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
