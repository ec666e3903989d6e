"""Webhooks on their way out: signed, repeated after a 5xx or silence, never after a 4xx (contract §9.4)."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import httpx

from . import auth, events
from .knobs import Knobs
from .store import Row, Store
from .times import stamp

Post = Callable[[str, Mapping[str, str], bytes], int]  # url, headers, body -> HTTP status; raises OSError
MAX_TRIES = 3
LOOK_EVERY = 0.1
log = logging.getLogger(__name__)


class Poster:
    """Posts over real HTTP; follows no redirect and heeds no proxy of the environment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property  # made when first needed: loading the certificates takes a moment
    def _client(self) -> httpx.Client:
        return httpx.Client(trust_env=False, follow_redirects=False)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        timeout = self._store.knobs().webhook_timeout
        try:
            return self._client.post(url, headers=dict(headers), content=body, timeout=timeout).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionError(type(error).__name__) from error


class Courier(threading.Thread):
    """Delivers what is due, for as long as the process lives."""

    def __init__(self, store: Store, clock: Callable[[], float], post: Post) -> None:
        super().__init__(name="sandbox-courier", daemon=True)
        self._store, self._clock, self._post = store, clock, post
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                deliver_due(self._store, self._clock(), self._post)
            except Exception:
                log.exception("A webhook could not be delivered; trying again.")

    def stop(self) -> None:
        self._stopped.set()
        self.join()


def deliver_due(store: Store, now: float, post: Post) -> int:
    """Make one attempt at every delivery that is due; gives how many there were.

    For a second at most: signatures carry `now`, and behind a long queue they would be too old to be believed.
    """
    count, end = 0, time.monotonic() + 1
    while time.monotonic() < end and (owed := _claim(store, now)):
        attempt(store, owed, now, post)
        count += 1
    return count


def _claim(store: Store, now: float) -> Row | None:
    """Take the next due delivery and keep others off it for a while."""
    with store.transaction():
        owed = store.one(
            "SELECT * FROM deliveries WHERE state = 'pending' AND due_at <= ? ORDER BY due_at, id LIMIT 1", now
        )
        if owed:
            lease = now + store.knobs().webhook_timeout + 5
            store.run("UPDATE deliveries SET due_at = ? WHERE id = ?", lease, owed["id"])
    return owed


def attempt(store: Store, owed: Row, now: float, post: Post) -> tuple[str, int | None]:
    """Post it once and write down what came of it: the new state, and the HTTP status if there was one."""
    subscription = events.subscription(store, owed["subscription_id"])
    event = store.one("SELECT * FROM events WHERE id = ?", owed["event_id"])
    if subscription is None or event is None or not subscription["is_active"]:
        store.run("UPDATE deliveries SET state = 'failed' WHERE id = ?", owed["id"])
        return "failed", None
    status, note = _posted(subscription, event, now, post)
    knobs, tries = store.knobs(), owed["tries"] + 1
    state, due_at = _outcome(knobs, status, tries, now)
    store.run(
        "UPDATE deliveries SET state = ?, tries = ?, due_at = ?, attempts = ?, delivered_at = ? WHERE id = ?",
        *(
            state,
            tries,
            due_at,
            json.dumps([*json.loads(owed["attempts"]), note]),
            now if state == "delivered" else None,
        ),
        owed["id"],
    )
    return state, status


def _posted(subscription: Row, event: Row, now: float, post: Post) -> tuple[int | None, dict[str, Any]]:
    body = json.dumps(json.loads(event["payload"]) | {"webhook_version": subscription["version"]}).encode()
    started, status, error = time.monotonic(), None, ""
    try:
        status = post(subscription["url"], headers(subscription, event, body, int(now)), body)
    except OSError as trouble:
        error = str(trouble) or type(trouble).__name__
    note = {
        "at": stamp(now),
        "status": status,
        "duration_ms": round((time.monotonic() - started) * 1000),
        "subscription_id": subscription["id"],
    }
    return status, note | ({"error": error} if error else {})


def _outcome(knobs: Knobs, status: int | None, tries: int, now: float) -> tuple[str, float | None]:
    if status is not None and 200 <= status < 300:
        return "delivered", None
    if (status is None or status >= 500) and tries < MAX_TRIES:
        return "pending", now + knobs.webhook_backoff * 2 ** (tries - 1)
    return "failed", None


def headers(subscription: Row, event: Row, body: bytes, timestamp: int) -> dict[str, str]:
    """The headers of a delivery, with the signature in both forms (contract §9.2, §9.3)."""
    signature = auth.sign(subscription["secret"], timestamp, body)
    return {
        "Content-Type": "application/json",
        "X-Webhook-Event": event["type"],
        "X-Webhook-Event-Id": event["event_id"],
        "X-Webhook-Subscription-Id": subscription["id"],
        "X-Webhook-Timestamp": str(timestamp),
        "X-Webhook-Signature": f"t={timestamp},v1={signature}",
        "x-chert-signature": f"v1,{timestamp},{signature}",
    }
