"""Who belongs to an organization: invited, made a member, given another role, let go.

An organization never is without an owner, nobody gives or takes more than they have themselves, and of many who accept
one invitation at once one becomes a member (S19).
"""

import secrets
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from campaigns import accounts
from campaigns.models import AuditEntry, Business, Invitation, Membership, Organization, User
from campaigns.roles import RANKS, Role, reaches

#: Accounts that one invitation makes; more only spell somebody's address in many ways.
MOST_ACCOUNTS: Final = 3


class Refused(Exception):
    """It was not done; the text says why, for people."""


def of(organization: Organization) -> list[Membership]:
    """Everybody, those who may most first."""
    rows = organization.memberships.select_related("user").prefetch_related("locations")
    rows = rows.order_by("user__first_name", "user__email")
    return sorted(rows, key=lambda each: RANKS.index(Role(each.role)))


# --- invitations ----------------------------------------------------------------------------------------------------


def invite(organization: Organization, role: str, email: str, by: Membership, now: datetime) -> tuple[Invitation, str]:
    """A new invitation and its token.  Raises `Refused` for a role above one's own."""
    if not reaches(by.role, role):
        raise Refused("You can invite people up to your own role. Nobody was invited.")
    with transaction.atomic():
        made, token = Invitation.make(organization, role, by.user, email, now)
        AuditEntry.write(organization, "invite", made, by.user, f"as {made.get_role_display()}")
    return made, token


def write_to(invitation: Invitation, address: str) -> bool:
    """Write to whom it is for; False where no mail leaves this server just now.  `address` opens it."""
    house, by = " ".join(invitation.organization.name.split()), invitation.made_by
    who = " ".join((by.get_full_name() or by.email).split()) if by else "Somebody"
    words = (
        f"{who} invites you to work with {house} on Goodword.\n\n"
        f"Open this within seven days; it works once:\n{address}\n\n"
        "If you do not know what this is about, do nothing."
    )
    try:
        return bool(send_mail(f"{house} invites you to Goodword", words, None, [invitation.email]))
    except (OSError, ValueError):  # no mail server, or one that did not want it
        return False


def pending(organization: Organization, now: datetime) -> "QuerySet[Invitation]":
    """Those that nobody has accepted yet, the newest first."""
    return Invitation.still_open(now).filter(organization=organization).order_by("-pk")


def withdraw(invitation: Invitation, by: User, now: datetime) -> bool:
    """From now on it opens nothing; False where it did not any more."""
    with transaction.atomic():
        if not Invitation.still_open(now).filter(pk=invitation.pk).update(withdrawn_at=now):
            return False
        AuditEntry.write(invitation.organization, "withdraw invitation", invitation, by)
    return True


def accept(invitation: Invitation, user: User, now: datetime) -> Membership:
    """Make this person a member.  Raises `Refused`; then the invitation is as it was."""
    with transaction.atomic():
        house = Organization.objects.select_for_update().get(pk=invitation.organization_id)
        if house.memberships.filter(user=user).exists():
            raise Refused("You belong to it already. The invitation is still good for somebody else.")
        if house.closes_at is not None:
            raise Refused("It is being closed. You have not joined it.")
        taken = Invitation.still_open(now).filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user)
        if not taken:
            raise Refused("This invitation has been used, was withdrawn, or is too old.")
        made = Membership.objects.create(organization=house, user=user, role=invitation.role)
        AuditEntry.write(house, "join", made, user, f"as {made.get_role_display()}")
    return made


def open_account(invitation: Invitation, email: str, passphrase: str) -> None:
    """An account for somebody who has none; where there is one already nothing is changed, and nobody is told (S4).

    Either way they sign in next, and accept after that.  A watch does not tell either: for who is known as much is
    written, under a name of nobody's, and taken back before the commit.
    """
    user = accounts.new(email.lower(), passphrase)
    is_new = not User.objects.filter(email__iexact=user.email).exists()
    if not is_new:
        user.email = f"{secrets.token_hex(8)}@nobody.invalid"
    few = Invitation.objects.filter(pk=invitation.pk, accounts__lt=MOST_ACCOUNTS)
    with transaction.atomic():
        is_one_of_few = few.update(accounts=F("accounts") + int(is_new))
        with suppress(IntegrityError), transaction.atomic():  # somebody else's click may have come first
            accounts.enter(user, verified=False)  # whoever invites sees the link, too
            transaction.set_rollback(not (is_new and is_one_of_few))


# --- roles ----------------------------------------------------------------------------------------------------------


def change_role(member: Membership, role: str, by: Membership) -> bool:
    """Give a member another role; False where they have it already.  Raises `Refused`."""
    with transaction.atomic():
        now = _locked(member, by)
        if now.role == role:
            return False
        if not reaches(by.role, role):
            raise Refused("You can give roles up to your own. Nothing was changed.")
        if now.role == Role.OWNER:
            _keeps_an_owner(now)
        if role == Role.OWNER:
            now.locations.clear()
        Membership.objects.filter(pk=now.pk).update(role=role)
        words = f"{now.get_role_display()} to {Role(role).label}"
        AuditEntry.write(now.organization, "change role", now, by.user, words)
    return True


def limit(member: Membership, locations: Collection[Business], by: Membership) -> None:
    """Let a member see these locations of the account and no others; all of them where none is named.

    Raises `Refused`.
    """
    with transaction.atomic():
        now = _locked(member, by)
        if now.role == Role.OWNER and locations:
            raise Refused("An owner sees every location. Give them another role first; nothing was changed.")
        now.locations.set(each for each in locations if each.organization_id == now.organization_id)
        names = ", ".join(sorted(each.name for each in locations)) or "all"
        AuditEntry.write(now.organization, "limit to locations", now, by.user, names)


def remove(member: Membership, by: Membership) -> None:
    """Let them go: from their next click on they see nothing here.  Raises `Refused`."""
    with transaction.atomic():
        now = _locked(member, by)
        if now.role == Role.OWNER:
            _keeps_an_owner(now)
        AuditEntry.write(now.organization, "remove member", now, by.user, now.get_role_display())
        now.delete()


def _locked(member: Membership, by: Membership) -> Membership:
    """The member as they are now, with nobody else changing anybody of the organization meanwhile."""
    Organization.objects.select_for_update().get(pk=member.organization_id)
    rows = Membership.objects.select_related("organization", "user")
    now = rows.filter(pk=member.pk).first()
    mine = rows.filter(pk=by.pk).first()
    if now is None:
        raise Refused("They do not belong to it any more. Nothing was changed.")
    if mine is None or not reaches(mine.role, now.role):
        raise Refused("Their role is above yours. Only an owner can change that; nothing was changed.")
    by.role = mine.role
    return now


def _keeps_an_owner(goes: Membership) -> None:
    others = Membership.objects.filter(organization=goes.organization_id, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=goes.pk).exists():
        raise Refused("This is the last owner. Make somebody else an owner first; nothing was changed.")
