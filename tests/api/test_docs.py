"""The examples in docs/api.md, run as they stand against the running site."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from campaigns.models import Customer, Delivery, Suppression, WebhookEndpoint
from campaigns.outgoing import signing
from tests.api.conftest import make_program
from tests.cast import make_customer

TEXT = (django_settings.ROOT / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^```(bash|python|json)\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
RUN = [(kind, words) for kind, words in BLOCKS if kind != "json" and "def " not in words]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(transactional_db, ada, sandbox, live_server, settings):
    """The site at an address of this machine, in which webhooks to others are taken as they are live."""
    settings.CHERT_API_BASE = "http://127.0.0.1:9/api/v1"
    for number in range(3):
        make_customer(ada.business, number)
    words = make_program(ada.organization).words
    return {**os.environ, "GOODWORD": live_server.url, "TOKEN": words, "no_proxy": "127.0.0.1,localhost"}


def run(kind: str, words: str, site: dict[str, str]) -> str:
    command = ["bash", "-euo", "pipefail", "-c", words] if kind == "bash" else [sys.executable, "-c", words]
    done = subprocess.run(command, env=site, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_example_does_what_its_heading_says(site, ada):
    if not shutil.which("curl"):
        pytest.skip("There is no curl here.")
    said = [run(kind, words, site) for kind, words in RUN]
    assert '"delivery"' in said[0]
    assert "Will be asked at" in said[1]
    assert '"rejected": 1' in said[2]
    assert len(said[3].splitlines()) == Customer.objects.count() == 6
    assert Delivery.objects.filter(customer__first_name__in=["Marcus", "Ana"]).count() == 2
    assert Suppression.known(ada.organization, ["+15125550199"])
    assert "whsec_" in said[-1]
    assert WebhookEndpoint.objects.count() == 1


def test_the_example_repeated_with_its_key_does_nothing_twice(site):
    if not shutil.which("curl"):
        pytest.skip("There is no curl here.")
    first, second = (run(*RUN[0], site) for _ in range(2))
    assert first == second
    assert Delivery.objects.count() == 1


def test_the_signature_of_ours_passes_the_check_it_shows(monkeypatch):
    [words] = [words for kind, words in BLOCKS if "def is_from_goodword" in words]
    there: dict = {}
    exec(words, there)  # the example itself
    secret, body = "whsec_" + "eA" * 21 + "eA==", b'{"type":"message.sent"}'
    headers = signing.headers([secret], "evt_1", int(there["time"].time()), body)
    assert there["is_from_goodword"](secret, headers, body)
    assert not there["is_from_goodword"](secret, headers, body + b" ")


def test_it_names_every_event():
    assert [word for word in WebhookEndpoint.Event.values if f"`{word}`" not in TEXT] == []
