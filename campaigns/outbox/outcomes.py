"""What became of a call, written down: the row, the attempt, and whatever the answer changes for others."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone as clock

from campaigns import chert, commits, lines, outgoing, status, topic
from campaigns.asking import audience, reminders
from campaigns.brakes import breaker, minute
from campaigns.models import (
    Attempt,
    Campaign,
    LeaseLost,
    Line,
    Message,
    Organization,
    new_key,
    open_messages,
    take_back,
)
from campaigns.outbox import chats
from campaigns.outbox.patience import back_off, is_silence, rest

log = logging.getLogger(__name__)

#: Codes that say Chert has forgotten the upload (contract §4.2).
UPLOAD_GONE = frozenset({5001, 5004})
#: Chert has no way to deliver just now, which says nothing about this message.
CANNOT_DELIVER = 3002
NOT_OUR_LINE = 2006
MOST_UPLOADS = 8
#: Refusals that may only mean "not as a first message" (contract §6.3).
NOT_AS_FIRST_CODES = frozenset({1002, 1005, 1011, 4099})
NOT_AS_FIRST_STATUS = frozenset({422, 501})
#: The step in which a chat is read for what arrived.
LOOK = "look"
#: Seconds after sending until Chert is first asked whether it was delivered.
FIRST_LOOK = 2

_FREE: dict[str, Any] = {"lease_token": "", "lease_until": None}


def begin(message: Message, step: str, now: datetime) -> Attempt:
    """Write down that a call is about to be made.  Call inside the transaction that freezes the request."""
    return Attempt.objects.create(message=message, step=step, started_at=now)


def sent(
    message: Message, attempt: Attempt, answer: chert.Sent, now: datetime, *, remind_at: datetime | None = None
) -> None:
    """Chert took it.  Chat, line and what waits for this message are kept in the same commit, its reminder too."""
    seen = {"http_status": answer.http_status, "trace_id": (answer.trace_id or "")[:120]}
    with _closing(attempt, Attempt.Outcome.SENT, now, **seen):
        if message.kind == Message.Kind.GREETING:
            _let_the_ask_follow(message, now)
        elif attempt.step == LOOK:  # as a database that was put back remembers it, its greeting may still wait for it:
            _call_the_greeting(message, now)  # it is in that chat as well, or somebody has to know that it is not (I2)
        chat = answer.chat_id or message.chat_id
        chats.keep(message, chat)
        message.advance(
            status.Message.SENT,
            token=message.lease_token,
            sent_at=now,
            chert_id=answer.message_id,
            chat_id=chat,
            is_calling=False,
            is_unclear=False,
            reason="",
            check_at=now + timedelta(seconds=FIRST_LOOK),
            **_FREE,
        )
        outgoing.of_message(outgoing.Event.SENT, message, now)
        if remind_at:
            reminders.plan(message, remind_at)
        message.show()
    breaker.answered(message.organization, now)


def found(message: Message, answer: chert.Sent, now: datetime, *, remind_at: datetime | None = None) -> None:
    """A look into the chat shows that it arrived, though its answer was lost."""
    sent(message, begin(message, LOOK, now), answer, now, remind_at=remind_at)


def look_again(message: Message, started: datetime, error: chert.ChertError, now: datetime) -> None:
    """Its chat could not be read: come back, still unclear.  Where the account is at fault, it is paused."""
    again = now + rest(message, error, _tries(message, "send"), now)
    with transaction.atomic():
        _write_try(message, LOOK, started, now, _outcome_of(error), **_evidence(error))
        _back(message, again, reason=error.detail)
    if isinstance(error, chert.AccountTrouble):
        _pause_account(message.organization, error, now)
    breaker.failed(message.organization, error, now)


def _let_the_ask_follow(greeting: Message, now: datetime) -> None:
    due = now + timedelta(seconds=greeting.business.ask_after)
    Message.objects.filter(
        delivery=greeting.delivery, round=greeting.round, kind=Message.Kind.ASK, status__in=status.OPEN
    ).update(due_at=due, reason="")


def failed(message: Message, attempt: Attempt, error: chert.ChertError, now: datetime) -> None:
    """Chert did not take it, or nobody knows.  What follows is named by the error's class."""
    again = now + rest(message, error, _tries(message, "send"), now)
    match error:
        case chert.AccountTrouble():
            with _closing(attempt, Attempt.Outcome.ACCOUNT, now, **_evidence(error)):
                _pause_account(message.organization, error, now)
                _back(message, now, **_uncounted(message))
        case chert.NotSent():
            with _closing(attempt, Attempt.Outcome.NOT_SENT, now, **_evidence(error)):
                _come_back(message, error, again, now)
        case chert.Unknown():
            with _closing(attempt, Attempt.Outcome.UNKNOWN, now, **_evidence(error)):
                counted = _uncounted(message, keep_time=True) if _is_nobody_s(message, error) else {}
                _back(message, again, is_unclear=True, reason=error.detail, **counted)
        case _:
            with _closing(attempt, Attempt.Outcome.REFUSED, now, **_evidence(error)):
                _refused(message, error, now)
    breaker.failed(message.organization, error, now)


def _come_back(message: Message, error: chert.NotSent, again: datetime, now: datetime) -> None:
    """Certainly not sent: come back.  A wish to wait is no failed try, and slows more than this row (F-23)."""
    is_wish = error.retry_after is not None or error.http_status == 429 or error.code == minute.LINES_FULL
    all_until = now + max(timedelta(seconds=error.retry_after or 0), back_off(1))
    if error.code == minute.LINES_FULL and message.line is not None:
        lines.rest(message.line, all_until)
    elif error.http_status == 429:
        message.organization.slow(all_until)
    counted: dict[str, Any] = {}
    if is_wish or _is_nobody_s(message, error):
        counted = _uncounted(message, keep_time=not is_wish)
    _back(message, again, reason=error.detail, **counted)


def _is_nobody_s(message: Message, error: chert.ChertError) -> bool:
    """A try that says nothing about this message is not counted, or a break of minutes would end every row (F-41).

    Its twelve hours run on.
    """
    return message.organization.away_since is not None or is_silence(error) or error.code == CANNOT_DELIVER


def _uncounted(message: Message, *, keep_time: bool = False) -> dict[str, Any]:
    """This try does not count; and where nothing else was tried, its twelve hours have not begun either."""
    begun = message.attempts > 1 or message.is_unclear or keep_time
    return {"attempts": message.attempts - 1, "first_attempt_at": message.first_attempt_at if begun else None}


def _refused(message: Message, error: chert.ChertError, now: datetime) -> None:
    if error.code in UPLOAD_GONE and message.attachment_id and not message.is_unclear:
        _upload_anew(message, now)
    elif error.code == NOT_OUR_LINE and message.line is not None and not message.is_unclear:
        _leave_the_line(message, message.line, error, now)
    elif message.kind == Message.Kind.ALL and _may_be_first_only(error) and not message.is_unclear:
        greet_instead(message, now)
    else:
        give_up(message, status.Message.REFUSED, error.detail)


def _leave_the_line(message: Message, line: Line, error: chert.ChertError, now: datetime) -> None:
    """The line is at fault, not the customer: it is switched off, and its messages wait for another one (F-43)."""
    lines.switch_off(line)
    anew = {"line": None, "path": "", "body": None, "key": new_key()}
    _back(message, now, reason=error.detail, **anew, **_uncounted(message))


def _may_be_first_only(error: chert.ChertError) -> bool:
    return error.code in NOT_AS_FIRST_CODES or error.http_status in NOT_AS_FIRST_STATUS


def _upload_anew(message: Message, now: datetime) -> None:
    """A new attachment makes a new body, and a new body needs a new key."""
    message.move(
        status.Message.RENDERED,
        token=message.lease_token,
        attachment_id="",
        path="",
        body=None,
        key=new_key(),
        due_at=now,
        is_calling=False,
        reason="Chert had forgotten the picture; uploading it again",
        **_FREE,
    )


def greet_instead(message: Message, now: datetime) -> None:
    """The line takes no picture or link in a first message: greeting first, then the rest, and nothing twice."""
    delivery = message.delivery
    assert delivery is not None
    shared = {
        "organization": message.organization,
        "business": message.business,
        "customer": message.customer,
        "delivery": delivery,
        "round": message.round,
        "language": message.language,
    }
    greeting = delivery.campaign.wording(message.language, delivery.variant).greeting
    with transaction.atomic():
        Message.objects.create(**shared, kind=Message.Kind.GREETING, text=greeting, due_at=now, line=message.line)
        Message.objects.create(
            **shared,
            kind=Message.Kind.ASK,
            text=message.text,
            status=message.status,
            picture=message.picture,
            attachment_id=message.attachment_id,
            rendered_at=message.rendered_at,
            uploaded_at=message.uploaded_at,
        )
        Campaign.everything.filter(pk=delivery.campaign_id).update(flow="greeting_first")
        words = "The line takes no picture or link in a first message; the greeting goes first"
        message.move(
            status.Message.CANCELLED, token=message.lease_token, reason=words, is_calling=False, line=None, **_FREE
        )


def give_up(message: Message, end: status.Message, reason: str) -> None:
    """End it.  Where a call may have arrived, the end is doubt, whatever the reason: no refusal without proof.

    Greeting and ask end together: the one that waits for this one is taken back.  Behind a doubtful greeting the ask
    goes on waiting for a person.
    """
    if message.is_unclear and end != status.Message.IN_DOUBT:
        end, reason = status.Message.IN_DOUBT, f"{_doubt(message)} {reason}"
    with transaction.atomic():
        if message.delivery is not None and end != status.Message.IN_DOUBT:
            others = Message.objects.filter(delivery=message.delivery, round=message.round).exclude(pk=message.pk)
            take_back(open_messages(others), reason, clock.now())
        message.move(end, token=message.lease_token, reason=reason[:300], is_calling=False, **_FREE)


def _doubt(message: Message) -> str:
    if message.is_frozen:
        return "The connection broke before the answer."
    return "It may have gone out before the database was put back."


def wait(message: Message, until: datetime, reason: str) -> None:
    """Not now: come back then, and say why on the row."""
    shown = reason != message.reason
    message.keep(token=message.lease_token, visible=shown, due_at=until, reason=reason[:300], **_FREE)


def stumbled(message: Message, now: datetime) -> None:
    """We failed, not Chert.  The row comes back a few times and then ends in words, instead of circling for ever.

    A call that may have been under way stays marked as begun, which the next walk takes for unclear.
    """
    mine = Message.objects.filter(pk=message.pk, lease_token=message.lease_token, status__in=status.OPEN)
    mine.update(attempts=F("attempts") + 1, due_at=now + back_off(message.attempts + 1), **_FREE)


def let_go(message: Message) -> None:
    """The lease is too short for another call: give it back untouched."""
    message.keep(token=message.lease_token, **_FREE)


def let_the_greeting_go_first(message: Message, now: datetime) -> None:
    """The ask waits without a time; the greeting's success gives it one."""
    with transaction.atomic():
        _call_the_greeting(message, now)
        message.keep(token=message.lease_token, due_at=None, **_FREE)


def _call_the_greeting(message: Message, now: datetime) -> bool:
    """Make the greeting due that goes before this ask; False where none has been waiting."""
    if message.kind != Message.Kind.ASK or message.delivery is None:
        return False
    greeting = Message.objects.filter(
        delivery=message.delivery, round=message.round, kind=Message.Kind.GREETING, status=status.Message.PLANNED
    )
    return bool(greeting.filter(due_at=None).update(due_at=message.due_at or now))


def uploaded(message: Message, started: datetime, attachment: chert.AttachmentId, now: datetime) -> None:
    """The picture is at Chert.  A greeting that has been waiting for it is called to the front in the same commit."""
    gained: dict[str, Any] = {"attachment_id": attachment, "uploaded_at": now, "reason": ""}
    with commits.repeatable():
        _write_try(message, "upload", started, now, Attempt.Outcome.SENT)
        if _call_the_greeting(message, now):
            gained |= {"due_at": None, **_FREE}
        message.advance(status.Message.UPLOADED, token=message.lease_token, **gained)
        message.show()


def upload_failed(message: Message, started: datetime, error: chert.ChertError, now: datetime) -> None:
    """An upload harms nobody when repeated, so it is never in doubt; only a refusal ends it."""
    is_final = isinstance(error, chert.Refused) and error.code not in UPLOAD_GONE  # a slot that ran out is no refusal
    again = now + rest(message, error, _tries(message, "upload") + 1, now)
    with transaction.atomic():
        _write_try(message, "upload", started, now, _outcome_of(error), **_evidence(error))
        if isinstance(error, chert.AccountTrouble):
            _back(message, now)
        elif is_final or _counted_uploads(message) >= MOST_UPLOADS:
            give_up(message, status.Message.REFUSED, error.detail)
        else:
            _back(message, again, reason=error.detail)
    # After the commit: the pause takes back what nobody is calling, this message too.
    if isinstance(error, chert.AccountTrouble):
        _pause_account(message.organization, error, now)
    elif error.http_status == 429:
        message.organization.slow(now + max(timedelta(seconds=error.retry_after or 0), back_off(1)))
    breaker.failed(message.organization, error, now)


_OUTCOMES: dict[type[chert.ChertError], Attempt.Outcome] = {
    chert.NotSent: Attempt.Outcome.NOT_SENT,
    chert.Unknown: Attempt.Outcome.UNKNOWN,
    chert.AccountTrouble: Attempt.Outcome.ACCOUNT,
}


def _outcome_of(error: chert.ChertError) -> Attempt.Outcome:
    return _OUTCOMES.get(type(error), Attempt.Outcome.REFUSED)


def _counted_uploads(message: Message) -> int:
    """Uploads that Chert itself answered and did not take, since it was away last."""
    account = message.organization
    answered = Q(http_status__lt=500) | Q(code__isnull=False)
    failed = [Attempt.Outcome.REFUSED, Attempt.Outcome.UNKNOWN]
    tries = message.tries.filter(answered, step="upload", outcome__in=failed).exclude(code=CANNOT_DELIVER)
    if account.back_at is not None:
        tries = tries.filter(started_at__gt=account.back_at)
    if account.away_since is not None:
        tries = tries.filter(started_at__lt=account.away_since)
    return tries.count()


def _tries(message: Message, step: str) -> int:
    return message.tries.filter(step=step).count()


def _write_try(
    message: Message, step: str, started: datetime, now: datetime, outcome: Attempt.Outcome, **evidence: Any
) -> None:
    milliseconds = round((now - started) / timedelta(milliseconds=1))
    _tell(step, outcome, **evidence)
    Attempt.objects.create(
        message=message, step=step, started_at=started, outcome=outcome, milliseconds=max(milliseconds, 0), **evidence
    )


def local_time(message: Message, moment: datetime) -> str:
    """A moment as the customer's clock shows it, with the place that decides."""
    zone = audience.own_zone(message.customer.timezone) or message.business.zone
    local = moment.astimezone(zone)
    return f"{local:%A} {local.hour}:{local:%M} {zone.key.rpartition('/')[2].replace('_', ' ')}"


def _back(message: Message, due: datetime, **kept: Any) -> None:
    reason = kept.get("reason", message.reason)
    kept["reason"] = reason[:300]
    visible = reason != message.reason
    message.keep(token=message.lease_token, visible=visible, due_at=due, is_calling=False, **kept, **_FREE)


def _pause_account(organization: Organization, error: chert.AccountTrouble, now: datetime) -> None:
    organization.pause(error.reason, f"{error.detail} {error.advice}".strip(), now)


@contextmanager
def _closing(attempt: Attempt, outcome: Attempt.Outcome, now: datetime, **evidence: Any) -> Iterator[None]:
    """Complete the attempt and the row in one commit.  When the lease is lost, the attempt alone keeps what it saw."""
    milliseconds = round((now - attempt.started_at) / timedelta(milliseconds=1))
    mine = Attempt.objects.filter(pk=attempt.pk)
    values = {"outcome": outcome, "milliseconds": max(milliseconds, 0), **evidence}
    _tell(attempt.step, outcome, **evidence)
    try:
        with transaction.atomic():
            mine.update(**values)  # first: what follows locks the campaign's row until the commit
            yield
    except LeaseLost:
        mine.update(**values)
        raise


def _evidence(error: chert.ChertError) -> dict[str, Any]:
    return {
        "http_status": error.http_status,
        "code": error.code,
        "trace_id": (error.trace_id or "")[:120],
        "detail": error.detail[:300],
    }


def _tell(step: str, outcome: Attempt.Outcome, **evidence: Any) -> None:
    """One entry for a call that did not do it, and one for the curious that did; the ids stand beside it."""
    topic.traced(evidence.get("trace_id"))
    level = logging.DEBUG if outcome == Attempt.Outcome.SENT else logging.INFO
    log.log(level, "%s: %s, HTTP %s, code %s", step, outcome, evidence.get("http_status"), evidence.get("code"))
