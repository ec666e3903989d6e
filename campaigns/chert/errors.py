"""What can go wrong with a call, named by what the caller does next.

ChertError                 carries the evidence: http_status, code, trace_id, retryable, retry_after, detail
├── Refused                this request, for good: never repeat it
│   └── ForeignUpload      the upload address is not Chert's; not a byte was sent there
├── NotSent                certainly not sent: come back, not before `retry_after` seconds
├── Unknown                perhaps sent: repeat only the very same bytes with the same key
└── AccountTrouble         the request is fine, the account is not: pause, fail nobody (`reason`, `advice`)

ValueError                 mistakes of the program or the settings, found before any call (see mistakes.py)
├── InvalidMessage         a message that Chert's rules forbid
├── BadAddress             an API address we do not talk to
├── BadCredentials         a secret or tenant name that cannot be right
└── BadSignature           a webhook that was not signed by who it claims

Which of them it is, is decided once, by `classify` below. No text here holds a secret, a phone number or a message.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypedDict, Unpack

import httpx

from .codes import ACCOUNT, MEANING, NOT_NOW, is_retryable
from .envelope import Answer, Envelope, retry_after
from .mistakes import BadAddress, BadCredentials, BadSignature, InvalidMessage

__all__ = [
    "AccountTrouble",
    "BadAddress",
    "BadCredentials",
    "BadSignature",
    "ChertError",
    "ForeignUpload",
    "InvalidMessage",
    "NotSent",
    "Refused",
    "Unknown",
    "classify",
]


class Evidence(TypedDict, total=False):
    """What is known about a call that went wrong."""

    http_status: int | None
    code: int | None
    trace_id: str | None
    retryable: bool | None
    retry_after: float | None
    said: str


class ChertError(Exception):
    """A call that did not end with a usable answer. `detail` is one plain sentence, fit for a page.

    `retry_after` is in seconds, at most an hour, None when Chert named no time. `retryable` is Chert's own flag, None
    when there was none. `said` is Chert's wording with digits hidden: for developers, and in no `str` or `repr`.
    """

    def __init__(
        self,
        detail: str = "",
        *,
        http_status: int | None = None,
        code: int | None = None,
        trace_id: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        said: str = "",
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.http_status = http_status
        self.code = code
        self.trace_id = trace_id
        self.retryable = retryable
        self.retry_after = retry_after
        self.said = said

    def __str__(self) -> str:
        evidence = {
            "HTTP": self.http_status,
            "code": self.code,
            "trace": self.trace_id,
            "retry after": self.retry_after,
        }
        known = ", ".join(f"{name} {value}" for name, value in evidence.items() if value is not None)
        return f"{self.detail} ({known})" if known else self.detail

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"


class Refused(ChertError):
    """Chert will never take this request. Nothing was sent."""


class ForeignUpload(Refused):
    """The upload address lies on another host than the API. The secret stays home; no call was made."""


class NotSent(ChertError):
    """Certainly not sent. The same request may be tried again, not before `retry_after` seconds when that is given."""


class Unknown(ChertError):
    """Perhaps sent, perhaps not. Only the very same bytes with the same key may be repeated."""


class AccountTrouble(ChertError):
    """Nothing is wrong with the request: the account cannot send. Pause it; fail no customer for it.

    `reason` is one of: key, permission, clock, payment, unverified, not_configured. `advice` says what a person can do.
    """

    def __init__(
        self, detail: str = "", *, reason: str = "key", advice: str = "", **evidence: Unpack[Evidence]
    ) -> None:
        super().__init__(detail, **evidence)
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True)
class _Case:
    """Everything the decision looks at."""

    answer: Answer
    envelope: Envelope | None
    attempt: int

    @property
    def status(self) -> int:
        return self.answer.http_status

    @property
    def code(self) -> int | None:
        return self.envelope.code if self.envelope else None

    @property
    def retryable(self) -> bool:
        """Chert's flag wins over code and status; without one, Chert's own table speaks."""
        if self.envelope and self.envelope.retryable is not None:
            return self.envelope.retryable
        return is_retryable(self.code, self.status)


# The first rule that fits decides. (What may be called certain: reliability contract, "sent or not?".)
_RULES: tuple[tuple[Callable[[_Case], bool], type[ChertError]], ...] = (
    # A 2xx that ends up here had no readable id: Chert may well have taken the message. A redirect is never followed,
    # and some are sent after the work is done (303).
    (lambda case: case.status < 400, Unknown),
    # The account is at fault, not this customer. Comes before the flag: waiting or giving up would both be wrong.
    (lambda case: case.code in ACCOUNT, AccountTrouble),
    # On a repeat, a conflict may just mean that the first try arrived.
    (lambda case: case.status == 409 and case.attempt > 1, Unknown),
    # "Too many requests" is said before anything is done, by whoever stands in front.
    (lambda case: case.status == 429 and case.envelope is None, NotSent),
    # Without Chert's envelope the answer is a proxy's, and a proxy can speak after Chert has accepted. So even a 4xx
    # proves nothing: the same bytes are safe to repeat, a wrong "refused" is not safe to believe.
    (lambda case: case.envelope is None, Unknown),
    (lambda case: not case.retryable, Refused),
    (lambda case: case.status < 500 or case.code in NOT_NOW, NotSent),
    # Chert itself failed, somewhere between taking the message and telling us.
    (lambda case: True, Unknown),
)

# A connection that never stood carried nothing. Everything later may have.
_TRANSPORT: tuple[tuple[type[Exception], type[ChertError], str], ...] = (
    (httpx.PoolTimeout, NotSent, "No connection to Chert was free."),
    (httpx.ConnectTimeout, NotSent, "Chert could not be reached in time."),
    (httpx.ConnectError, NotSent, "Chert could not be reached."),
    (httpx.TimeoutException, Unknown, "Chert did not answer in time."),
    (Exception, Unknown, "The connection broke before Chert's answer was complete."),
)

# What lies behind a connection that never stood, when the system tells.
_BEHIND: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "The address of Chert could not be found (DNS)."),
    (ssl.SSLError, "No secure connection to Chert could be made; its certificate was not accepted."),
    (ConnectionRefusedError, "Chert could not be reached: the connection was refused."),
)


def classify(evidence: Answer | Exception, *, attempt: int = 1, now: float = 0.0) -> ChertError:
    """What an unhappy end means for the caller. The only place where that is decided.

    `evidence` is an answer that was not a usable success, or what the transport raised. `attempt` counts the tries of
    these very bytes, from 1. `now` is unix time, to read a Retry-After that is a date.
    """
    if isinstance(evidence, Exception):
        return _from_transport(evidence)
    case = _Case(evidence, Envelope.of(evidence), attempt)
    return _build(next(consequence for fits, consequence in _RULES if fits(case)), case, now)


def _from_transport(evidence: Exception) -> ChertError:
    consequence, detail = next((made, says) for kind, made, says in _TRANSPORT if isinstance(evidence, kind))
    if consequence is NotSent:
        behind = (says for cause in _chain(evidence) for kind, says in _BEHIND if isinstance(cause, kind))
        detail = next(behind, detail)
    return consequence(detail)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _build(consequence: type[ChertError], case: _Case, now: float) -> ChertError:
    error = _account_trouble(case) if consequence is AccountTrouble else consequence(_sentence(case))
    error.http_status = case.status
    error.code = case.code
    error.trace_id = case.answer.trace_id
    error.retryable = case.envelope.retryable if case.envelope else None
    error.retry_after = retry_after(case.answer, case.envelope, now)
    error.said = case.envelope.said if case.envelope else ""
    return error


def _account_trouble(case: _Case) -> AccountTrouble:
    code = case.code or 0
    trouble = ACCOUNT[code]
    return AccountTrouble(MEANING[code], reason=trouble.reason, advice=trouble.advice)


def _sentence(case: _Case) -> str:
    if case.answer.body is None:
        return "Chert's answer did not come whole in time, or was too large."
    if case.status < 300:
        return "Chert answered, but not in a form that says what became of the request."
    if case.status < 400:
        return "Chert's address answered with a redirect, which is never followed."
    if case.envelope is None:
        return "Something answered in Chert's place, without saying what became of the request."
    return MEANING.get(case.code or 0, "Chert did not take the request.")
