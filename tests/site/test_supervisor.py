"""Keeping processes alive, with small processes that behave badly."""

import os
import signal
import sys
import time

import pytest

from campaigns.management import supervisor
from campaigns.management.supervisor import Child, GaveUp, Supervisor
from tests.site.processes import command_line, descendants, is_alive, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

STOP_US = "import os, signal; os.kill(os.getppid(), signal.SIGTERM)"


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    for name, seconds in {"PAUSE": 0.01, "PATIENCE": 0.3, "TICK": 0.05, "SILENCE": 0.3, "WAKING": 0.5}.items():
        monkeypatch.setattr(supervisor, name, seconds)


def python(name: str, code: str, **more: object) -> Child:
    return Child(name, [sys.executable, "-c", code], **more)


def run(tmp_path, *children: Child) -> None:
    Supervisor(children, dict(os.environ), tmp_path).run()


def test_what_a_child_says_is_shown_with_its_name(tmp_path, capfd):
    run(tmp_path, python("web", f"print('hello'); print('half a line', end='', flush=True); {STOP_US}"))
    shown = capfd.readouterr().out.splitlines()
    assert "web     | hello" in shown
    assert "web     | half a line" in shown


def test_four_quick_failures_end_it_with_a_sentence(tmp_path, capfd):
    with pytest.raises(GaveUp, match="The web ended 4 times right after its start"):
        run(tmp_path, python("web", "raise SystemExit('no such module')"))
    assert capfd.readouterr().out.count("web     | no such module") == 4


def test_a_child_that_ends_is_started_again(tmp_path, capfd):
    # Leaves a mark in its first life, and finds it in its second.
    born = "import pathlib; mark = pathlib.Path('mark'); print('alive', flush=True)"
    code = f"{born}\nif mark.exists(): {STOP_US}\nmark.touch()"
    run(tmp_path, python("web", code))
    assert capfd.readouterr().out.count("web     | alive") == 2


def test_being_killed_is_not_a_failure_of_its_own():
    child = python("worker", "")
    for _ in range(10):
        child.judge(-signal.SIGKILL, age=0.1)
    assert child.failures == 0


def test_a_long_life_forgives_earlier_failures():
    child = python("worker", "")
    child.judge(1, age=0.1)
    child.judge(1, age=supervisor.QUICK + 1)
    assert child.failures == 0


def test_a_greeting_is_said_once_and_bare(tmp_path, capfd):
    greeting = python("welcome", f"print('Good morning', flush=True); {STOP_US}", once=True)
    run(tmp_path, greeting, python("web", "import time; time.sleep(60)"))
    assert "Good morning" in capfd.readouterr().out.splitlines()


def test_a_hung_child_is_started_again(tmp_path, capfd):
    """Runbook: The worker hangs."""
    # Silent in its first life; its second proves that there was one.
    code = (
        f"import pathlib, time; mark = pathlib.Path('mark')\nif mark.exists(): {STOP_US}\nmark.touch(); time.sleep(60)"
    )
    run(tmp_path, python("worker", code, pulse=lambda: 0.0))
    assert "The worker has given no sign of life for a while." in capfd.readouterr().out


def test_a_child_that_falls_silent_is_started_again_sooner_than_one_that_has_not_woken_yet(
    tmp_path, capfd, monkeypatch
):
    monkeypatch.setattr(supervisor, "WAKING", 60)
    code = (
        "import pathlib, time; mark = pathlib.Path('mark')\n"
        f"if mark.exists(): {STOP_US}\n"
        "mark.touch(); time.sleep(1); pathlib.Path('pulse').touch(); time.sleep(60)"  # slow to wake, then hung
    )
    run(tmp_path, python("worker", code, pulse=lambda: float((tmp_path / "pulse").exists())))
    assert "no sign of life" in capfd.readouterr().out


def test_what_a_former_life_left_is_no_sign_of_this_one(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(supervisor, "WAKING", 60)
    code = f"import time; time.sleep(1); {STOP_US}"
    run(tmp_path, python("worker", code, pulse=lambda: 1.0))
    assert "no sign of life" not in capfd.readouterr().out


def test_a_child_with_a_pulse_is_left_alone(tmp_path, capfd):
    code = f"import time; time.sleep(1); {STOP_US}"
    run(tmp_path, python("worker", code, pulse=time.monotonic))
    assert "no sign of life" not in capfd.readouterr().out


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(os.getpid(), flush=True)
if len(sys.argv) > 1:  # the elder one
    subprocess.Popen([sys.executable, sys.argv[0]], stdout=subprocess.PIPE).stdout.readline()
    os.kill(os.getppid(), signal.SIGTERM)
time.sleep(60)
"""


def test_who_does_not_listen_is_killed_with_all_its_children(tmp_path):
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    family = set()

    def pulse() -> float:
        family.update(pid for pid in descendants(os.getpid()) if "stubborn.py" in command_line(pid))
        return time.monotonic()

    run(tmp_path, Child("worker", [sys.executable, "stubborn.py", "elder"], pulse=pulse))
    assert len(family) == 2
    until(lambda: not any(map(is_alive, family)), seconds=30)


def test_a_full_disk_costs_the_lines_of_that_time_and_none_after_it(tmp_path, monkeypatch):
    with (tmp_path / "log").open("w") as log, open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", log)
        room = os.dup(log.fileno())
        os.dup2(full.fileno(), log.fileno())
        supervisor.say("lost")
        os.dup2(room, log.fileno())
        os.close(room)
        supervisor.say("kept", "web")
    assert (tmp_path / "log").read_text() == "web     | kept\n"


def test_a_terminal_that_has_gone_away_is_no_reason_to_end(tmp_path, monkeypatch):
    ears, mouth = os.pipe()
    os.close(ears)
    with open(mouth, "w") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        run(tmp_path, python("web", f"print('Is anybody there?', flush=True); open('went on', 'w').close(); {STOP_US}"))
    assert (tmp_path / "went on").exists()


def test_nothing_of_us_is_changed_afterwards(tmp_path):
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD)
    run(tmp_path, python("web", STOP_US))
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGCHLD)) == before
