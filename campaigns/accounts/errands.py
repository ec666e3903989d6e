"""What is done after the answer: mails, and notes about tries in vain.  The row is the queue here too."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from campaigns.accounts import noting, origin
from campaigns.models import Errand, User

log = logging.getLogger(__name__)
Kind = Errand.Kind

#: At one tick.
MOST = 50
#: While one is under way nobody else takes it up: longer than a mail server may take.
LEASE = timedelta(minutes=2)
#: A mail server that is away is asked again after so long, doubled each time, so often.
PAUSE, TRIES = timedelta(minutes=1), 7


def ask(kind: Kind, address: str, request: HttpRequest, words: str = "") -> None:
    """Let the clock do this.  Costs the same whoever the address belongs to."""
    Errand.objects.create(
        kind=kind, address=User.objects.normalize_email(address)[:254], origin=origin.of(request), words=words
    )


def tell(request: HttpRequest, user: User, sentence: str) -> None:
    """Tell somebody by mail that the way they sign in has changed, so that they notice when it was not them."""
    ask(Kind.NOTICE, user.email, request, sentence)


def run(now: datetime) -> None:
    """Do what is due."""
    for errand in Errand.objects.filter(due_at__lte=now)[:MOST]:
        mine = Errand.objects.filter(pk=errand.pk, due_at=errand.due_at)
        if mine.update(due_at=now + LEASE, tries=F("tries") + 1):
            _do(errand, now)


def _do(errand: Errand, now: datetime) -> None:
    try:
        WAYS[Kind(errand.kind)](errand)
    except (SMTPException, OSError):
        log.warning("the mail server took nothing", exc_info=True)
        if errand.tries + 1 < TRIES:
            again = now + PAUSE * 2**errand.tries
            Errand.objects.filter(pk=errand.pk).update(due_at=again)
            return
    Errand.objects.filter(pk=errand.pk).delete()


def _reset(errand: Errand) -> None:
    """Where nobody has the address, nothing: the page has said the same to both."""
    user = User.objects.filter(email=errand.address, is_active=True).first()
    if user is not None:
        key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
        link = settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=key)
        _mail(errand, "Your new passphrase", "mail/reset.txt", {"link": link})


def _verify(errand: Errand) -> None:
    for row in EmailAddress.objects.filter(email=errand.address, verified=False):
        link = settings.SITE_URL + reverse("account_confirm_email", args=[EmailConfirmationHMAC(row).key])
        _mail(errand, "Is this your address?", "mail/verify.txt", {"link": link})


def _notice(errand: Errand) -> None:
    _mail(errand, "The way you sign in has changed", "mail/notice.txt", {"link": settings.SITE_URL})


def _failure(errand: Errand) -> None:
    user = User.objects.filter(email=errand.address).first()
    if user is not None:
        noting.note_failure(user, errand.origin, errand.words)


def _mail(errand: Errand, subject: str, template: str, words: dict[str, str]) -> None:
    """Links are made from SITE_URL, never from what a browser has called us (S30)."""
    text = render_to_string(template, {"errand": errand, "site": settings.SITE_URL, **words})
    send_mail(f"{subject} · Goodword", text, None, [errand.address])


WAYS: Final[dict[Kind, Callable[[Errand], None]]] = {
    Kind.RESET: _reset,
    Kind.VERIFY: _verify,
    Kind.NOTICE: _notice,
    Kind.FAILURE: _failure,
}
