"""Nothing but the configured host is ever called."""

import httpx
import pytest

from campaigns.chert import (
    AttachmentId,
    BadAddress,
    Bearer,
    Client,
    ForeignUpload,
    Refused,
    Signed,
    Unknown,
    UploadSlot,
)
from campaigns.chert.requests import FrozenRequest

from . import peers
from .conftest import ACCEPTED, BASE, SECRET, answer, connect


@pytest.mark.parametrize(
    "base",
    [
        "https://console.trychert.com/api/v1",
        "https://console.trychert.com/api/v1/",
        "https://console.trychert.com:8443",
        "http://127.0.0.1:9000/api/v1",
        "http://127.8.9.1/api/v1",
        "http://localhost:9000/api/v1",
        "http://[::1]:9000/api/v1",
    ],
)
def test_these_addresses_are_taken(base):
    client = Client(base, Bearer(SECRET))
    assert str(client._base).rstrip("/") == base.rstrip("/")
    client.close()


@pytest.mark.parametrize(
    "base",
    [
        "http://console.trychert.com/api/v1",
        "http://127.0.0.1.evil.test/api/v1",
        "http://localhost.evil.test/api/v1",
        "http://0.0.0.0/api/v1",
        "http://10.0.0.1/api/v1",
        "ftp://console.trychert.com",
        "https://user:secret@console.trychert.com/api/v1",
        "https://console.trychert.com/api/v1?x=1",
        "https://console.trychert.com/api/v1?",
        "https://console.trychert.com/api/v1#x",
        "https://console.trychert.com\\@evil.test/",
        "https://console.trychert.com/a b",
        "https://console.trychert.com:99999/",
        "https://" + "a" * 64 + ".test/",
        "https://a..test/",
        "https://[::1/",
        "https://",
        "console.trychert.com/api/v1",
        "",
        None,
    ],
)
def test_these_addresses_are_refused_before_any_call(base):
    with pytest.raises(BadAddress):
        Client(base, Bearer(SECRET))


@pytest.mark.parametrize("base", [BASE, f"{BASE}/", f"{BASE}//"])
def test_a_path_lies_below_the_base(greeting, base):
    client, wire = connect(base=base)
    client.send(greeting)
    assert str(wire.last.url) == "https://chert.test/api/v1/chats"


@pytest.mark.parametrize(
    "path",
    [
        "/chats",
        "//evil.test/chats",
        "https://evil.test/chats",
        "../chats",
        "chats/../../x",
        "chats/%2e%2E/x",
        "chats/./x",
        "chats//x",
        "chats?x=1",
        "chats#x",
        "chats\\x",
        "chats\r\nx: y",
        "chats/é",
        "",
    ],
)
def test_a_path_that_leads_elsewhere_is_not_called(path):
    client, wire = connect()
    with pytest.raises(ValueError, match="path"):
        client.send(FrozenRequest("POST", path, b"{}"))
    assert wire.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(greeting, status):
    """F-34."""
    client, wire = connect(httpx.Response(status, headers={"location": "https://evil.test/"}))
    with pytest.raises(Unknown):
        client.send(greeting)
    assert [request.url.host for request in wire.requests] == ["chert.test"]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_proxies_of_the_environment_are_ignored(monkeypatch, name):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with peers.peer(peers.answers_politely) as peer, Client(peer.base, Bearer(SECRET)) as client:
        assert client.phone_numbers() == []


def test_cookies_are_not_kept(greeting):
    client, wire = connect(answer(200, ACCEPTED, set_cookie="who=we; Path=/"))
    client.send(greeting)
    client.send(greeting)
    assert "cookie" not in wire.last.headers


def upload(url, credentials=None):
    client, wire = connect(httpx.Response(200), credentials=credentials)
    client.upload(UploadSlot(AttachmentId("a"), url, {"content-type": "image/jpeg"}, None), b"picture")
    return wire


@pytest.mark.parametrize(
    "url",
    [
        "https://chert.test/api/v1/attachments/a/upload",
        "https://CHERT.test:443/api/v1/attachments/a/upload",
        "/api/v1/attachments/a/upload",
    ],
)
def test_an_upload_goes_to_the_host_of_the_api(url):
    wire = upload(url)
    assert str(wire.last.url) == "https://chert.test/api/v1/attachments/a/upload"
    assert (wire.last.method, wire.last.content, wire.last.headers["content-length"]) == ("PUT", b"picture", "7")
    assert wire.last.headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/api/v1/attachments/a/upload",
        "//evil.test/upload",
        "http://chert.test/api/v1/attachments/a/upload",
        "http://chert.test:443/api/v1/attachments/a/upload",
        "https://chert.test:8443/api/v1/attachments/a/upload",
        "https://chert.test.evil.test/upload",
        "https://chert.test@evil.test/upload",
        "https://who@chert.test/upload",
        "https://evil.test\\@chert.test/upload",
        "https://chert.test./upload",
        "file:///etc/passwd",
        "https://[::1/upload",
    ],
)
def test_an_upload_to_any_other_host_is_refused_and_the_secret_stays_home(url):
    """F-35."""
    client, wire = connect(httpx.Response(200))
    with pytest.raises(ForeignUpload) as caught:
        client.upload(UploadSlot(AttachmentId("a"), url, {}, None), b"picture")
    assert wire.requests == []
    assert isinstance(caught.value, Refused)


def test_an_upload_is_always_by_bearer():
    wire = upload(f"{BASE}/attachments/a/upload", Signed(SECRET, "ada"))
    assert wire.last.headers["authorization"] == f"Bearer {SECRET}"
    assert wire.last.headers["x-chert-tenant"] == "ada"
    assert "x-chert-signature" not in wire.last.headers
