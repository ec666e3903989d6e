"""The seeds of people's apps go along when the key is changed, and an old key is kept for as long as one needs it."""

import json
import os
from base64 import urlsafe_b64encode
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import call_command

from campaigns import vault
from campaigns.accounts import codes
from campaigns.management import rotating
from campaigns.models import Organization

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ring(settings, tmp_path):
    settings.ENCRYPTION_KEYS_FILE = tmp_path / "encryption_keys"
    settings.ENCRYPTION_KEYS_FILE.write_text(urlsafe_b64encode(os.urandom(32)).decode())
    return settings.ENCRYPTION_KEYS_FILE


def kept():
    return Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]


def rotated(**options):
    said = StringIO()
    call_command("rotate_secrets", json=True, stdout=said, **options)
    return json.loads(said.getvalue())


def code():
    return format_hotp_value(hotp_value(SEED, next(yield_hotp_counters_from_time())))


def test_an_app_opens_after_the_key_was_changed_and_the_old_one_thrown_away(ring, ada):
    TOTP.activate(ada.user, SEED)
    before = kept()
    assert rotated(new_key=True)["sealed"]["mfa_authenticator.data"] == 1
    os.utime(ring, (0, 0))  # the new key is known for long
    assert rotated(drop_old=True)["dropped"] == 1
    assert kept() != before
    assert codes.opens(ada.user, code())


def test_a_seed_that_no_key_opens_is_named_and_left(ring, ada):
    TOTP.activate(ada.user, SEED)
    Organization.objects.update(chert_secret="")  # nothing else needs the old key
    Authenticator.objects.update(data={"secret": vault.encrypt("another place", SEED)})
    rotating.add_key()
    [found] = [each for each in rotating.rotate() if each.name == "mfa_authenticator.data"]
    assert (found.done, found.left, len(found.shut)) == (0, 1, 1)
    os.utime(ring, (0, 0))
    with pytest.raises(rotating.NotPossible, match="1 secrets"):
        rotating.drop_old()
    assert len(vault.keys()) == 2


def test_a_seed_in_a_form_is_theirs_and_half_an_hour_old_at_most(ada, rival):
    with time_machine.travel(0, tick=False) as clock:
        sealed = codes.begin(ada.user)
        assert codes.seed(ada.user, sealed)
        assert codes.seed(rival.user, sealed) is None
        clock.shift(codes.PATIENCE + 1)
        assert codes.seed(ada.user, sealed) is None
