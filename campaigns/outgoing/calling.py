"""One call to an address outside: signed, short, without redirects, and nothing of its answer kept but the status."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import httpx

from campaigns.chert.transport import Deadline, Transport, uptime, within
from campaigns.models import OutgoingEvent, WebhookEndpoint
from campaigns.outgoing import signing
from campaigns.outgoing.addresses import BadAddress, Guarded, check
from campaigns.outgoing.telling import written

#: Seconds for the whole of a call.
LONGEST = 15.0
#: The most that an answer may ask us to wait, in seconds.
LONGEST_WISH = 24 * 3600


@dataclass(frozen=True)
class Answer:
    """What came of a call: its HTTP status (None: nobody answered), and a sentence where it was not taken."""

    status: int | None = None
    trouble: str = ""
    #: Seconds that it asks us to wait.
    wait: int = 0

    @property
    def is_taken(self) -> bool:
        """2xx, and nothing else (Standard Webhooks)."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """It wants to hear nothing any more."""
        return self.status == 410


def body_of(event: OutgoingEvent, endpoint: WebhookEndpoint) -> bytes:
    """What is told; with the number only where the address asked for it, and while there is one."""
    data = dict(event.data)
    if endpoint.with_phone and not event.customer.phone.startswith("+x"):
        data["phone"] = event.customer.phone
    told = {"type": event.type, "timestamp": written(event.at), "data": data}
    return json.dumps(told, separators=(",", ":")).encode()


def call(event: OutgoingEvent, endpoint: WebhookEndpoint, now: datetime) -> Answer:
    """Tell one address; never raises for what goes wrong on the way."""
    body = body_of(event, endpoint)
    headers = {
        "content-type": "application/json",
        "user-agent": "Goodword-Webhooks/1",
        **signing.headers(endpoint.signs_with(now), event.event_id, int(now.timestamp()), body),
    }
    try:
        check(endpoint.url)  # once more: what was allowed towards a sandbox is not, towards Chert
        with (
            within(Deadline(uptime() + LONGEST)),
            _client().stream("POST", endpoint.url, content=body, headers=headers) as answer,
        ):
            return _read(answer)
    except BadAddress as bad:
        return Answer(trouble=str(bad))
    except httpx.TimeoutException:
        return Answer(trouble=f"No answer within {LONGEST:.0f} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Answer(trouble=f"The connection failed ({type(error).__name__}).")


def _read(answer: httpx.Response) -> Answer:
    status = answer.status_code
    if 200 <= status < 300:
        return Answer(status)
    if 300 <= status < 400:
        return Answer(status, "It sends us on to another address, which is not followed.")
    wish = answer.headers.get("retry-after", "")
    wait = min(int(wish), LONGEST_WISH) if wish.isascii() and wish.isdecimal() and len(wish) < 8 else 0
    return Answer(status, f"It answered {status}.", wait)


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    return httpx.Client(
        transport=Transport(connections=20, backend=Guarded()), trust_env=False, follow_redirects=False, timeout=LONGEST
    )
