"""From where somebody comes: a proxy of ours is believed, nobody else."""

import pytest
from django.test import RequestFactory

from campaigns.accounts import origin


@pytest.mark.parametrize(
    ("peer", "header", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.1.1.1", "1.2.3.4", "1.2.3.4"),
        ("10.1.1.1", "9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("10.1.1.1", "9.9.9.9, 1.2.3.4, 10.2.2.2", "1.2.3.4"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("10.1.1.1", "rubbish", "10.1.1.1"),
        ("10.1.1.1", "::ffff:1.2.3.4", "1.2.3.4"),
        ("", "1.2.3.4", "0.0.0.0"),
    ],
)
def test_the_header_is_read_from_its_end_and_only_as_far_as_our_proxies_wrote_it(settings, peer, header, found):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    request = RequestFactory().get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": header} if header else {})
    assert origin.of(request) == found


def test_without_a_proxy_of_ours_the_header_is_nothing(settings):
    settings.TRUSTED_PROXIES = []
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "1.2.3.4"})
    assert origin.of(request) == "127.0.0.1"
