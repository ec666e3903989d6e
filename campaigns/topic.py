"""What is being worked on this moment, as ids: put beside whatever is logged meanwhile (see reviews/logs.py).

Numbers of our own and Chert's trace id, never a name or a phone number.  Each thread has its own topic.  And the
request that is being answered, for the book of acts: where somebody came from, and for which location.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

Ids = Mapping[str, int | str]

_NOTHING: Ids = MappingProxyType({})
_topic: ContextVar[Ids] = ContextVar("topic", default=_NOTHING)
_request: ContextVar[tuple[Any, str]] = ContextVar("request", default=(None, ""))


@contextmanager
def about(**ids: int | str | None) -> Iterator[None]:
    """In here it is about these, and about what was named around it; what is None is left out.

    By names like `campaign_id`: an entry has a `message` already, its words.
    """
    token = _topic.set({**_topic.get(), **{name: value for name, value in ids.items() if value}})
    try:
        yield
    finally:
        _topic.reset(token)


def traced(trace_id: str | None) -> None:
    """Chert calls the call just made by this id: said until this topic ends.  Outside of one nothing is kept."""
    current = _topic.get()
    if current and trace_id:
        _topic.set({**current, "trace_id": trace_id[:120]})


def ids() -> Ids:
    """What it is about just now."""
    return _topic.get()


@contextmanager
def answering(request: Any, address: str) -> Iterator[None]:
    """In here this request is being answered, and it came from that network address."""
    token = _request.set((request, address))
    try:
        yield
    finally:
        _request.reset(token)


def request() -> tuple[Any, str]:
    """The request that is being answered and where it came from; None and nothing for the clock and commands."""
    return _request.get()
