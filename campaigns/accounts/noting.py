"""What happens at the door is written down in every account the person belongs to (S50): who, when, from where."""

from django.http import HttpRequest

from campaigns.accounts import origin
from campaigns.models import AuditEntry, Organization, User
from campaigns.models.ledger import network


def note(request: HttpRequest, user: User, act: str, words: str = "") -> None:
    """The person themselves did this."""
    _write(user, act, user, words, origin.of(request))


def note_failure(user: User, address: str, words: str) -> None:
    """Somebody tried to be this person.  Nobody knows who, so it is said of them and not by them."""
    _write(user, "sign in failed", None, words, address)


def note_by_hand(user: User, act: str) -> None:
    """Whoever runs this installation did it, at its command line."""
    _write(user, act, None, "at the command line", "")


def _write(user: User, act: str, by: User | None, words: str, address: str) -> None:
    theirs = Organization.objects.filter(memberships__user=user).distinct()
    lines = [AuditEntry.line(each, act, user, by, words) for each in theirs]
    for line in lines:
        line.network = network(address)
    AuditEntry.objects.bulk_create(lines)
