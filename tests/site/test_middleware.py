"""What stands on every answer (S23, S28)."""

import contextlib

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory

from campaigns.models import User
from reviews import middleware

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
ADDRESSES = ["/healthz", "/no-such-page/", "/static/no-such-file.css", "/static/css/look.css"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.django_db
def test_every_answer_carries_the_headers(client, address):
    with contextlib.closing(client.get(address)) as answer:
        headers = answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert "geolocation=()" in headers["Permissions-Policy"]


@pytest.mark.django_db
def test_a_page_is_sealed_against_other_sites(client):
    headers = client.get("/no-such-page/").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_wrong_host_is_refused(client):
    assert client.get("/no-such-page/", headers={"host": "evil.example"}).status_code == 400


def test_every_answer_has_an_id_of_its_own(client):
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert first != second


def test_a_plausible_id_from_the_proxy_is_kept(client):
    assert client.get("/healthz", headers={"x-request-id": "abc-123_45"}).headers["X-Request-ID"] == "abc-123_45"


def test_an_id_that_could_break_a_log_line_is_not_taken(client):
    assert client.get("/healthz", headers={"x-request-id": "abc defgh ijk"}).headers["X-Request-ID"] != "abc defgh ijk"


def answered(user: object, **headers: str) -> HttpResponse:
    request = RequestFactory().get("/")
    request.user = user
    return middleware.private_pages(lambda _: HttpResponse("page", headers=headers))(request)


def test_a_page_for_somebody_signed_in_is_kept_by_no_cache():
    assert "no-store" in answered(User(email="ada@example.com"))["Cache-Control"]


def test_a_view_that_decided_about_caching_is_left_alone():
    assert answered(User(), **{"Cache-Control": "private, max-age=60"})["Cache-Control"] == "private, max-age=60"


def test_a_page_for_everybody_may_be_kept():
    assert "Cache-Control" not in answered(AnonymousUser())
