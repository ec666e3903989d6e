"""`manage.py start`, with the real processes."""

import os
import signal
import socket
import sys
from collections.abc import Iterator

import pytest

from tests.site.processes import ADDRESS, Site, is_alive, own_database, running_site, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site"), empty=True) as site:
        yield site


def test_it_starts_and_says_where_it_is(site):
    assert site.get("/healthz").text == "ok"


def test_it_becomes_ready_with_a_worker_that_ticks(site):
    until(lambda: site.get("/readyz").status_code == 200)
    assert site.get("/readyz").json()["ready"]


def test_nothing_is_said_before_the_line_with_the_address(site):
    assert ADDRESS.match(site.said), site.said


def test_the_line_offers_a_link_that_signs_in_once(site):
    assert site.sign_in_url.startswith(f"{site.url}/sign-in/")


def test_static_files_are_served_hashed_and_for_ever(site):
    page = site.get("/sign-in/").text
    (sheet, *_) = [part.split('"')[0] for part in page.split('href="') if part.startswith("/static/")]
    assert "immutable" in site.get(sheet).headers["Cache-Control"]


@pytest.mark.parametrize("words", ["reviews.wsgi", "campaigns.sandbox.wsgi", "celery"])
def test_a_killed_child_is_started_again(site, words):
    before = site.child(words)
    os.kill(before, signal.SIGKILL)
    until(lambda: not is_alive(before))
    after = until(lambda: next(iter(site.children_with(words)), None))
    assert after != before
    assert site.get("/healthz").text == "ok"


def test_a_second_start_on_the_same_data_is_refused(site):
    second = site.manage("start", "--port", "0")
    assert second.returncode == 1
    assert second.stderr.startswith("Goodword is running already on the data in ")
    assert len(second.stderr.splitlines()) == 1


def test_a_port_in_use_is_one_plain_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        site = Site(tmp_path, "--port", port)
        assert site.process.wait(60) == 1
    assert site.said == f"Port {port} is in use. Choose another one: python3 manage.py start --port 8010\n"


def test_commands_beside_it_find_its_site_and_its_sandbox(site):
    code = "from django.conf import settings; print(settings.SITE_URL, settings.CHERT_API_BASE)"
    told = site.manage("shell", "--no-imports", "-c", code).stdout.split()
    assert told[0] == site.url
    assert told[1].startswith("http://127.0.0.1:")


def test_ctrl_c_ends_everything(tmp_path):
    with running_site(tmp_path, "--port", "0", "--no-demo") as site:
        family = site.descendants()
        assert site.stop() == 0
    assert [pid for pid in family if is_alive(pid)] == []
    assert "Traceback" not in site.said


def test_killing_the_supervisor_leaves_no_orphan(tmp_path):
    with own_database(empty=True) as database:
        site = Site(tmp_path, "--port", "0", "--no-demo", **database).wait()
        family = until(lambda: len(site.descendants()) >= 5 and site.descendants())  # two of each server, one worker
        site.process.kill()
        site.process.wait()
        assert until(lambda: not any(map(is_alive, family)), seconds=30)
