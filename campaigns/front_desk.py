"""A device that members share: each unlocks it with a PIN, acts as themselves, and it locks itself again.

A PIN is short, so it opens little and is guessed at slowly: only on a device a manager has marked, only what a sender
does day by day, and after a few wrong ones it is good for nothing until its owner, signed in properly, sets another.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from campaigns.models import AuditEntry, Business, FrontDesk, Membership, User

#: How long nobody may touch it before it asks for a PIN again.
IDLE: Final = timedelta(minutes=10)
#: Wrong PINs in a row, after which a member's PIN, and the device, are good for nothing.
MOST_OF_A_MEMBER, MOST_OF_A_DEVICE = 5, 15
LENGTHS: Final = (4, 8)
#: What everybody tries first, besides runs and repetitions (from the lists of PINs people choose).
COMMON: Final = frozenset(
    {
        *("1004", "2580", "0852", "1212", "1313", "6969", "1122", "2112", "1010", "0007", "5683", "0070", "1470"),
        *("1590", "7410", "3690", "9630", "147258", "159753", "112233", "123321", "142536", "789456", "456789"),
    }
)

TOO_MANY = "This PIN was wrong too often. Sign in with your passphrase and set a new one."
WRONG = "That is not their PIN."
ENDED = "PINs were wrong too often at this device. Somebody who manages people has to mark it as a front desk again."


class Refused(Exception):
    """It stays locked, or nothing was kept; the text says why."""


@dataclass(frozen=True)
class Visit:
    """Who has unlocked a front desk, and which, and when somebody last did something there: kept in the session."""

    desk: int
    member: int
    touched: float

    def kept(self) -> dict[str, float]:
        """For the session."""
        return {"desk": self.desk, "member": self.member, "touched": self.touched}

    @classmethod
    def of(cls, kept: Mapping[str, float]) -> "Visit":
        """As the session has it."""
        return cls(int(kept["desk"]), int(kept["member"]), float(kept["touched"]))

    def is_over(self, now: datetime) -> bool:
        """Nobody has touched it for too long; or its clock went wrong."""
        return not 0 <= now.timestamp() - self.touched < IDLE.total_seconds()


# --- PINs -----------------------------------------------------------------------------------------------------------


def weakness(pin: str) -> str:
    """Why this is no PIN to keep, as a sentence; empty where it is one."""
    if not re.fullmatch(r"[0-9]{4,8}", pin):
        return "A PIN has four to eight digits and nothing else."
    steps = {(int(second) - int(first)) % 10 for first, second in pairwise(pin)}
    if steps <= {0} or steps <= {1} or steps <= {9}:
        return "Runs like 1234 and repetitions like 1111 are tried first. Choose another."
    half = len(pin) // 2
    if pin in COMMON or re.fullmatch(r"(?:19|20)[0-9]{2}", pin) or (len(pin) == 2 * half and pin[:half] == pin[half:]):
        return "That is one of the PINs that are tried first: a year, or a pattern. Choose another."
    return ""


def keep_pin(member: Membership, pin: str) -> None:
    """The PIN of a member from now on.  Raises `Refused` for one that is easy to guess."""
    if why := weakness(pin):
        raise Refused(why)
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(pin=make_password(pin), pin_failures=0)
        AuditEntry.write(member.organization, "set PIN", member, member.user)


def drop_pin(member: Membership) -> None:
    """No PIN any more."""
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(pin="", pin_failures=0)
        AuditEntry.write(member.organization, "drop PIN", member, member.user)


# --- devices --------------------------------------------------------------------------------------------------------


def mark(business: Business, name: str, by: User) -> tuple[FrontDesk, str]:
    """A device becomes a front desk of this location; returns it and what the device has to keep."""
    with transaction.atomic():
        made, token = FrontDesk.make(business, name, by)
        AuditEntry.write(business.organization, "mark front desk", made, by, name)
    return made, token


def end(desk: FrontDesk, by: User | None, why: str, now: datetime) -> bool:
    """It is a device like any other again; whoever has unlocked it is out at the next click."""
    with transaction.atomic():
        if not FrontDesk.objects.filter(pk=desk.pk, ended_at=None).update(ended_at=now, ended_why=why):
            return False
        AuditEntry.write(desk.organization, "end front desk", desk, by, why)
    return True


def unlock(desk: FrontDesk, member: Membership, pin: str, now: datetime) -> Visit:
    """Let this member in.  A try is counted before it is looked at, so that many at once are as many.

    Raises `Refused`, with the same words whether they have no PIN or another one.
    """
    if not _take(desk):
        end(desk, None, "PINs were wrong too often", now)
        raise Refused(ENDED)
    tries = Membership.objects.filter(pk=member.pk, pin_failures__lt=MOST_OF_A_MEMBER).exclude(pin="")
    if not tries.update(pin_failures=F("pin_failures") + 1):
        raise Refused(TOO_MANY if member.pin else WRONG)
    if not check_password(pin, member.pin):
        AuditEntry.write(desk.organization, "wrong PIN", member, None, desk.name)
        raise Refused(WRONG)
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(pin_failures=0)
        FrontDesk.objects.filter(pk=desk.pk).update(failures=0, used_at=now)
        AuditEntry.write(desk.organization, "unlock front desk", desk, member.user, desk.name)
    return Visit(desk.pk, member.pk, now.timestamp())


def _take(desk: FrontDesk) -> bool:
    """One more try at this device."""
    tries = FrontDesk.objects.filter(pk=desk.pk, ended_at=None, failures__lt=MOST_OF_A_DEVICE)
    return bool(tries.update(failures=F("failures") + 1))


def who(visit: Visit, desk: FrontDesk | None, now: datetime) -> Membership | None:
    """Who has unlocked this device; None once it has locked itself, was ended, or they may not any more."""
    if desk is None or desk.pk != visit.desk or visit.is_over(now):
        return None
    return desk.members().filter(pk=visit.member).first()
