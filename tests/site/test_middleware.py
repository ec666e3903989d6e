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


def test_a_wrong_host_is_refused_and_the_refusal_is_sealed_as_well(client):
    answer = client.get("/no-such-page/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert sealed(answer)
    assert b"evil.example" not in answer.content


def sealed(answer):
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    wanted |= {"Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "same-origin"}
    return {name: answer.headers.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.django_db
def test_probes_files_and_errors_are_sealed_as_pages_are(client, address):
    with contextlib.closing(client.get(address)) as answer:
        assert sealed(answer)
        assert not {"Server", "X-Powered-By", "Access-Control-Allow-Origin"} & set(answer.headers)


@pytest.fixture
def https(settings):
    """As with an https address in SITE_URL."""
    settings.SITE_IS_HTTPS = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.KNOWN_COOKIE_NAME = "__Host-known"
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.mark.parametrize("address", [*ADDRESSES, "/sign-in/"])
@pytest.mark.parametrize("host", ["testserver", "evil.example"])
@pytest.mark.django_db
def test_over_https_every_answer_asks_for_https_for_two_years(client, https, address, host):
    with contextlib.closing(client.get(address, secure=True, headers={"host": host})) as answer:
        seconds, *more = answer["Strict-Transport-Security"].split("; ")
    assert int(seconds.removeprefix("max-age=")) >= 365 * 24 * 3600
    assert "includeSubDomains" in more


def test_over_https_cookies_are_this_hosts_alone_and_no_script_reads_them(client, https, ada):
    client.get("/sign-in/", secure=True)
    given = {"email": ada.user.email, "passphrase": "correct horse battery"}
    client.post("/sign-in/", given, secure=True, headers={"referer": "https://testserver/sign-in/"})
    client.force_login(ada.user)
    client.get("/", secure=True)
    assert set(client.cookies) >= {"__Host-session"}
    for name, cookie in client.cookies.items():
        assert name.startswith("__Host-")
        assert (cookie["path"], cookie["domain"] or "", cookie["samesite"]) == ("/", "", "Lax")
        assert cookie["secure"]
        assert cookie["httponly"]


@pytest.mark.parametrize("address", ["/api/v1/customers", "/webhooks/chert/x/", "/api/v1/nothing"])
@pytest.mark.django_db
def test_a_program_that_comes_over_http_is_refused_and_not_led_on(client, https, address):
    answer = client.post(address, {}, headers={"authorization": "Bearer gw_x"})
    assert (answer.status_code, "Location" in answer.headers) == (403, False)
    assert client.get("/sign-in/").status_code == 301


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
