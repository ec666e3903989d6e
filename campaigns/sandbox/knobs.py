"""Everything about the pretend Chert that can be turned: facts nobody has confirmed, and the weather."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

RETRY_AFTER_FORMS = ("seconds", "hour", "date", "garbage", "negative", "absent", "mixed")
BROKEN_FORMS = ("cut", "empty", "page", "shape", "novelty", "drip", "endless", "bomb")
MISMATCH_ANSWERS = ("conflict", "original", "accept")
BUDGET_DAYS = ("utc", "rolling")


@dataclass(frozen=True)
class Knobs:
    """One setting per unconfirmed fact of the contract and one per kind of bad weather.

    Times are seconds unless the name says ``_ms``.  Faults that take a number take a probability from 0 to 1.
    """

    # --- the first message (contract §6.3)
    media_in_first: bool = True  # an uploaded picture may open a 1:1 chat
    triple_in_first: bool = False  # picture and link together may open a 1:1 chat
    url_in_text_refused: bool = True  # a bare address in the text of a first message is 1005
    first_by_route: bool = True  # every POST /chats counts as a first message; else only to a new person
    media_by_url: bool = False  # a media part may name a URL instead of an uploaded attachment
    text_cap: int = 10_000  # longest text part, in characters (1009)
    strict_fields: bool = True  # unknown fields are 1002 instead of being ignored

    # --- keys (contract §5)
    keys_ignored: bool = False  # every repeat acts again
    keys_ignored_on_follow_up: bool = False  # the key counts on /send and /chats only
    key_lifetime: float = 86_400.0  # how long a key is remembered
    key_mismatch: str = "conflict"  # same key, other body: conflict (409), original (first answer), accept

    # --- attachments (contract §7.6)
    slot_lifetime: float = 86_400.0  # from reservation to the end of the upload
    attachment_reuse: bool = True  # one upload may be sent to many people
    foreign_upload: bool = False  # the slot points to another host

    # --- lines (contract §11)
    gap_queues: bool = False  # inside the gap: accept and deliver later, instead of 4002
    budget_day: str = "utc"  # the budget starts again at midnight UTC, or is a rolling 24 hours

    # --- answers
    wrap_message: bool = True  # GET /messages/{id} is {"message": …}
    flat_send_errors: bool = True  # POST /send fails with a flat body
    list_lag: float = 0.0  # how far GET /chats/{id}/messages lags behind a send

    # --- what becomes of a message (contract §8)
    delivered_after: float = 1.0  # half to one and a half times this
    read_after_min: float = 2.0  # after delivery
    read_after_max: float = 5.0
    read_share: float = 1.0  # share of phones that show "read" at all
    no_imessage_suffix: str = "0199"  # numbers that stay "sent" for ever; empty: none
    never_reads_suffix: str = "0198"  # numbers that deliver and are never read; empty: none
    fails_suffix: str = ""  # numbers whose messages turn "failed"; empty: none

    # --- webhooks (contract §9)
    status_events: bool = False  # message.sent, .delivered, .read and .failed arrive too
    webhook_timeout: float = 10.0
    webhook_backoff: float = 1.0  # then twice as long
    webhook_delay: float = 0.0  # up to this late, each on its own, so that they overtake each other
    echo: bool = False  # every notice comes twice, the second one late

    # --- weather: before anything is accepted
    latency_ms: int = 0
    p429: float = 0.0
    retry_after_as: str = "seconds"  # how a 429 says when to come back
    retry_after: int = 1
    p500: float = 0.0
    p500_code: int = 3001
    flip_retryable: bool = False  # every failure says the opposite of what its code means
    reset_before: float = 0.0  # the connection breaks, nothing was accepted
    hang_before: float = 0.0  # silence for hang_s, then the call is accepted after all
    non_json: float = 0.0  # a proxy's 502 page
    redirect: float = 0.0  # 302 to redirect_to
    redirect_to: str = "http://127.0.0.1:9/elsewhere"
    away: bool = False  # nothing answers
    away_as_503: bool = False  # ... or everything answers 503
    key_refused: bool = False  # 2004 for everybody
    account_code: int = 0  # any other account error for everybody, e.g. 2008

    # --- weather: after the call was accepted
    reset_after: float = 0.0
    hang_after: float = 0.0
    hang_s: float = 60.0
    broken_json: float = 0.0
    broken_as: str = "cut"

    # --- weather: when and where
    seed: int = 1
    faults_from: float = 0.0  # unix time
    faults_until: float = 0.0  # unix time; 0 is for ever
    only: str = ""  # faults only on this route, e.g. "POST /chats"; empty: all


CHOICES = {
    "retry_after_as": RETRY_AFTER_FORMS,
    "broken_as": BROKEN_FORMS,
    "key_mismatch": MISMATCH_ANSWERS,
    "budget_day": BUDGET_DAYS,
}
PROBABILITIES = frozenset(
    [
        "p429",
        "p500",
        "reset_before",
        "hang_before",
        "non_json",
        "redirect",
        "reset_after",
        "hang_after",
        "broken_json",
        "read_share",
    ]
)
KINDS: dict[str, type[Any]] = {field.name: type(field.default) for field in fields(Knobs)}


class BadKnob(ValueError):
    """A name nobody knows, or a value that does not fit it."""


def turned(knobs: Knobs, changes: Mapping[str, Any]) -> Knobs:
    """The same knobs with these changes; what is not named stays.  Raises BadKnob."""
    return replace(knobs, **{name: _fitting(name, value) for name, value in changes.items()})


def _fitting(name: str, value: Any) -> Any:
    kind = KINDS.get(name)
    if kind is None:
        raise BadKnob(f"There is no knob named {name!r}.")
    if kind is not bool and isinstance(value, bool):
        value = int(value)  # "reset_after": true means always
    if kind is float and isinstance(value, int):
        value = float(value)
    if type(value) is not kind:
        raise BadKnob(f"{name} takes a {kind.__name__}.")
    if name in CHOICES and value not in CHOICES[name]:
        raise BadKnob(f"{name} is one of {', '.join(CHOICES[name])}.")
    if name in PROBABILITIES and not 0.0 <= float(value) <= 1.0:
        raise BadKnob(f"{name} is a probability from 0 to 1.")
    return value
