"""How often one may try: counted for each address, each account, and the two together (S2).

A stranger at one address has used up *their* tries at somebody's account, not that person's.  One who comes from many
addresses uses up those of the account, for a quarter of an hour; then whoever has signed in from this browser before
still gets in, for such a browser has tries of its own, and so does everybody with a passkey or a link by mail.
"""

import hashlib
import secrets

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from campaigns.accounts import origin
from campaigns.models import User

#: Tries in vain that are looked at within a quarter of an hour.
PER_ADDRESS = 20
PER_PERSON = 20
#: ... of one person from one address, or from one browser they have used before.
PER_PERSON_AND_ADDRESS = 10
WINDOW = 15 * 60
#: Codes of an app, and recovery codes, of one person; passkeys, from one address.
CODES, PASSKEYS = 10, 60
#: Mails that are asked for: for one address of mail, and from one network address, within an hour.
MAILS_TO, MAILS_FROM, HOUR = 5, 20, 60 * 60

KNOWN_FOR = 180 * 24 * 3600  # seconds
MOST_KNOWN = 5
SALT = "known browser"
#: Where a request carries the slots it has taken.
TAKEN = "goodword.tries"


def may_sign_in(request: HttpRequest, email: str) -> bool:
    """Take one try at this account; False when there is none left."""
    address, person = origin.network(origin.of(request)), User.objects.normalize_email(email)
    device = _known(request).get(_hash(person))
    last = (f"device:{device}", PER_PERSON_AND_ADDRESS) if device else (f"person:{person}", PER_PERSON)
    taken: list[str] = []
    for whose, allowed in (
        (f"address:{address}", PER_ADDRESS),
        (f"pair:{address}:{person}", PER_PERSON_AND_ADDRESS),
        last,
    ):
        slot = _slot(whose, allowed)
        if not slot:
            return False
        taken.append(slot)
    request.META[TAKEN] = taken
    return True


def give_back(request: HttpRequest) -> None:
    """It was the right passphrase: an office behind one address comes in each morning without using its tries up."""
    for slot in request.META.pop(TAKEN, []):
        cache.delete(slot)


def may_show_passkey(request: HttpRequest) -> bool:
    """A passkey cannot be guessed, so only an address is counted."""
    return _take(f"passkey:{origin.network(origin.of(request))}", PASSKEYS)


def may_ask_passkey(request: HttpRequest) -> bool:
    """What a passkey has to sign is kept in a session, and nobody makes thousands of these."""
    return _take(f"passkey-asks:{origin.network(origin.of(request))}", PASSKEYS)


def may_give_code(user: User) -> bool:
    """Six digits can be guessed: few tries, whatever the address.  Who is here knows the passphrase already."""
    return _take(f"code:{user.pk}", CODES)


def may_ask_for_mail(request: HttpRequest, email: str) -> bool:
    """Nobody's letter box is filled, and nobody learns which address is known here by asking for many."""
    address, person = origin.network(origin.of(request)), User.objects.normalize_email(email)
    return _take(f"mail-from:{address}", MAILS_FROM, HOUR) and _take(f"mail-to:{person}", MAILS_TO, HOUR)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """This browser is known to be this person's from now on.  The cookie opens nothing, it has tries of its own."""
    known = {_hash(user.email): secrets.token_urlsafe(12)} | _known(request)
    newest = dict([(_hash(user.email), known[_hash(user.email)]), *known.items()][:MOST_KNOWN])
    response.set_cookie(
        settings.KNOWN_COOKIE_NAME,
        signing.dumps(newest, salt=SALT),
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    """Who has signed in from this browser before: a hash of each address of mail, and the browser's name for it."""
    try:
        found = signing.loads(request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {}
    return dict(found)


def _take(whose: str, allowed: int, seconds: int = WINDOW) -> bool:
    return bool(_slot(whose, allowed, seconds))


def _slot(whose: str, allowed: int, seconds: int = WINDOW) -> str:
    """Each try takes a slot for a while; its name, or nothing.  `add` is a compare-and-set, so tries at once take
    different ones."""
    names = (f"sign-in:{_hash(whose)}:{number}" for number in range(allowed))
    return next((name for name in names if cache.add(name, 1, seconds)), "")


def _hash(whose: str) -> str:
    return hashlib.sha256(whose.encode()).hexdigest()[:40]
