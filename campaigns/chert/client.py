"""The one door to Chert's messaging API. One call each, no retries: those belong to whoever keeps the request.

    client = Client("https://console.trychert.com/api/v1", Bearer(secret))
    sent = client.send(open_chat("+15005550001", ["+15005550006"], [Text("Hi Ada!")], key))

Every method raises a ChertError (see errors.py) unless it returns. Nothing but the configured host is ever called.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import unquote

import httpx

from . import answers
from .addresses import base_address, below, upload_address
from .answers import Message, PhoneNumber, Sent, Subscription, Unreadable, UploadSlot
from .credentials import Credentials
from .envelope import Answer
from .errors import classify
from .events import EventPage, event_from_json
from .ids import ChatId, MessageId, SubscriptionId, in_path
from .receiving import receive
from .requests import FrozenRequest, encode
from .transport import STANDARD, Deadline, Deadlines, Transport, uptime, within

WEBHOOK_VERSION = "2026-05-04"
MOST_EVENTS = 200
USER_AGENT = "goodword-chert/1"

_T = TypeVar("_T")


class Client:
    """Talks to one Chert address for one account, over connections that are kept. Safe to share between threads.

    `transport` replaces the network, or is one Transport shared by the clients of many accounts. `clock` is unix time,
    for signatures and dates; `monotonic` measures deadlines. `on_skew` is told, after each answer that is dated, how
    many seconds `clock` is ahead of Chert's at least (negative: behind); it must not raise.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = uptime,
        deadlines: Deadlines = STANDARD,
        on_skew: Callable[[float], None] | None = None,
    ) -> None:
        self._base = base_address(base_url)
        self._credentials = credentials
        self._clock = clock
        self._monotonic = monotonic
        self._deadlines = deadlines
        self._on_skew = on_skew
        self._http = _http(transport or Transport())

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Client({str(self._base)!r}, {self._credentials!r})"

    # Messages

    def deadline(self) -> Deadline:
        """When a call that begins now must be over. Whoever writes a call down before making it takes this then."""
        return self._until(self._deadlines.json)

    def send(self, request: FrozenRequest, *, attempt: int = 1, deadline: Deadline | None = None) -> Sent:
        """Send a frozen request, byte for byte. `attempt` counts the tries of these very bytes, from 1.

        A `deadline` that was taken before and is over lets no byte leave and raises NotSent: the process has slept.
        """
        answer = self._call(request.method, request.path, request.body, attempt=attempt, deadline=deadline)
        return self._read(answer, lambda body: _sent(body, request, answer), attempt)

    def message(self, message_id: MessageId) -> Message:
        """One message, to learn what has become of it."""
        return self._read(self._call("GET", f"messages/{in_path(message_id)}"), answers.message)

    def messages(self, chat_id: ChatId) -> list[Message]:
        """The 200 newest messages of a chat, oldest first. Chert has no way to ask for older ones."""
        return self._read(self._call("GET", f"chats/{in_path(chat_id)}/messages"), answers.messages)

    def react(self, message_id: MessageId, reaction: str) -> None:
        """Post a tapback: love, like, dislike, laugh, emphasize or question. Each call posts another one."""
        self._call("POST", f"messages/{in_path(message_id)}/react", encode({"reaction": reaction}))

    def typing(self, chat_id: ChatId, *, typing: bool = True) -> None:
        """Show, or stop showing, that somebody is writing. Best effort."""
        self._call("POST", f"chats/{in_path(chat_id)}/typing", encode({"state": "typing" if typing else "stopped"}))

    def mark_read(self, chat_id: ChatId) -> None:
        """Send a read receipt for the chat."""
        self._call("POST", f"chats/{in_path(chat_id)}/mark-read")

    # Lines and pictures

    def phone_numbers(self) -> list[PhoneNumber]:
        """The lines of the account. Also the cheapest way to test a connection."""
        return self._read(self._call("GET", "phone-numbers"), answers.phone_numbers)

    def reserve_upload(self, filename: str, content_type: str, size_bytes: int) -> UploadSlot:
        """Ask for a place to upload a file of this size to."""
        body = encode({"filename": filename, "content_type": content_type, "size_bytes": size_bytes})
        return self._read(self._call("POST", "attachments", body), lambda read: answers.upload_slot(read, content_type))

    def upload(self, slot: UploadSlot, content: bytes) -> None:
        """Put the bytes into their slot. Raises ForeignUpload, without a call, where that is on another host."""
        url = upload_address(self._base, slot.upload_url)
        headers = {**slot.headers, **self._credentials.upload_headers()}
        answer = self._exchange("PUT", url, content, headers, self._until(self._deadlines.upload))
        if not answer.is_success:
            raise classify(answer, now=self._clock())

    # Events

    def subscribe(self, url: str, events: Sequence[str] = (), version: str = WEBHOOK_VERSION) -> Subscription:
        """Have events sent to `url`; no names means all. Every call makes another one; its secret is told only now."""
        body = encode({"url": url, "events": list(events), "version": version})
        return self._read(self._call("POST", "webhook-subscriptions", body), _with_secret)

    def subscriptions(self) -> list[Subscription]:
        """All subscriptions of the account, without their secrets."""
        return self._read(self._call("GET", "webhook-subscriptions"), answers.subscriptions)

    def unsubscribe(self, subscription_id: SubscriptionId) -> None:
        """End a subscription."""
        self._call("DELETE", f"webhook-subscriptions/{in_path(subscription_id)}")

    def events(
        self,
        since: datetime | str | None = None,
        cursor: str | None = None,
        limit: int = MOST_EVENTS,
        type: str | None = None,
    ) -> EventPage:
        """A page of the events log, newest first, strictly after `since`. Go on with the page's `next_cursor`."""
        limit = max(1, min(limit, MOST_EVENTS))
        query = {"since": _iso(since), "cursor": cursor, "limit": str(limit), "type": type}
        answer = self._call("GET", "events", query={name: value for name, value in query.items() if value})
        return self._read(answer, _event_page)

    # How a call is made

    def _until(self, seconds: float) -> Deadline:
        return Deadline(self._monotonic() + seconds, self._monotonic)

    def _call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        attempt: int = 1,
        query: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,
    ) -> Answer:
        """One JSON call. Returns the answer if it is a success, raises what it means otherwise."""
        url = below(self._base, path, query)
        headers = self._credentials.headers(body, self._clock())
        if body:
            headers["content-type"] = "application/json"
        answer = self._exchange(method, url, body, headers, deadline or self.deadline())
        if not answer.is_success:
            raise classify(answer, attempt=attempt, now=self._clock())
        return answer

    def _exchange(
        self, method: str, url: httpx.URL, body: bytes, headers: Mapping[str, str], deadline: Deadline
    ) -> Answer:
        timeout = self._deadlines.timeout(max(deadline.left(), 0.0))
        request = self._http.build_request(method, url, content=body or None, headers=headers, timeout=timeout)
        asked = self._clock()
        if deadline.is_over:
            raise classify(httpx.ConnectTimeout("The time of this call was over before it began."))
        try:
            with within(deadline):
                answer = receive(self._http.send(request, stream=True), deadline)
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise classify(error) from error
        self._compare(asked, answer.date)
        return answer

    def _compare(self, asked: float, dated: float | None) -> None:
        """Tell by how much the clocks differ surely: the date is a whole second somewhere between asking and now."""
        if self._on_skew is not None and dated is not None:
            self._on_skew(max(asked - dated - 1, 0.0) - max(dated - self._clock(), 0.0))

    def _read(self, answer: Answer, read: Callable[[object], _T], attempt: int = 1) -> _T:
        """The answer as a value; a success that cannot be read is as good as no answer."""
        try:
            return read(answer.json)
        except Unreadable as error:
            raise classify(answer, attempt=attempt, now=self._clock()) from error


def _http(transport: httpx.BaseTransport) -> httpx.Client:
    """No redirects, nothing from the environment, no cookies, and no packed answers asked for."""
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
    headers = {"user-agent": USER_AGENT, "accept": "application/json", "accept-encoding": "identity"}
    return httpx.Client(
        transport=transport, headers=headers, cookies=no_cookies, follow_redirects=False, trust_env=False
    )


def _sent(body: object, request: FrozenRequest, answer: Answer) -> Sent:
    return answers.sent(body, _chat_of(request.path), answer.trace_id, answer.http_status)


def _chat_of(path: str) -> ChatId | None:
    """The chat a frozen request speaks in; None when it opens one."""
    match path.split("/"):
        case ["chats", chat_id, "messages"]:
            return ChatId(unquote(chat_id))
        case _:
            return None


def _with_secret(body: object) -> Subscription:
    made = answers.subscription(body)
    if not made.secret:
        raise Unreadable("A subscription without its secret is of no use.")
    return made


def _event_page(body: object) -> EventPage:
    answer = answers.table(body)
    events = tuple(event_from_json(row) for row in answers.rows(answer.get("events")) if isinstance(row, dict))
    return EventPage(events, answers.words(answer.get("next_cursor")) or None)


def _iso(moment: datetime | str | None) -> str | None:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return moment
