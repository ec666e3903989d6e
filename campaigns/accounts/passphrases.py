"""What a passphrase must be: 12 to 128 characters of any kind, and not one that many people have (S5)."""

from functools import cache

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError

from campaigns.accounts import breached
from campaigns.models import User

SHORTEST, LONGEST = 12, 128
#: By the name of Django's finding.
SENTENCES = {
    "password_too_short": f"At least {SHORTEST} characters. A short sentence is easy to keep in mind.",
    "password_too_common": "Many people have this one, so it is tried first. Take another.",
    "breached": "It is in a list of passphrases that were stolen somewhere. Take another.",
    "password_too_similar": "It is too much like your name or address. Take another.",
}


def trouble(passphrase: str, user: User | None = None) -> list[str]:
    """What is wrong with it, in sentences; nothing where it will do."""
    try:
        validate_password(passphrase, user)
    except ValidationError as found:
        return [SENTENCES.get(each.code or "", " ".join(each.messages)) for each in found.error_list]
    if _is_stretched(passphrase.lower()):
        return [SENTENCES["password_too_common"]]
    file = settings.BREACHED_PASSPHRASES
    return [SENTENCES["breached"]] if file and breached.is_known(passphrase, file) else []


def _is_stretched(passphrase: str) -> bool:
    """A common one that was only made longer, by digits and signs at its ends or by saying it again."""
    core = passphrase.strip("0123456789 .,:;!?*#-_+")
    unit = passphrase[: (passphrase + passphrase).find(passphrase, 1)]
    return core in _common() or (unit != passphrase and (unit in _common() or len(unit) < 4))


@cache
def _common() -> frozenset[str]:
    """Those that Django knows, some twenty thousand."""
    return frozenset(CommonPasswordValidator().passwords)
