"""manage.py on a machine where nothing is installed."""

import importlib.util
import shutil
from types import ModuleType

import pytest
from django.conf import settings

pytestmark = pytest.mark.processes


@pytest.fixture
def door(tmp_path) -> ModuleType:
    """manage.py alone in a folder, with a lock that asks for nothing: .venv is tested here, not the network."""
    shutil.copy(settings.ROOT / "manage.py", tmp_path)
    (tmp_path / "requirements.lock").write_text("# nothing\n")
    spec = importlib.util.spec_from_file_location("door", tmp_path / "manage.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def no_network(monkeypatch):
    """No index and no uv, so that pip does the work alone."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


@pytest.fixture
def no_venv(door, monkeypatch):
    """A Python that cannot make an environment: what is there afterwards has not been made anew."""
    monkeypatch.setattr(door.sys, "executable", shutil.which("false"))


def test_an_environment_is_made_with_one_line_and_kept_when_the_lock_changes(door, no_network, capfd):
    door.furnish("old")
    assert capfd.readouterr().out.count("\n") == 1
    made = door.PYTHON.lstat().st_mtime_ns
    door.furnish("new")
    assert door.STAMP.read_text() == "new"
    assert door.PYTHON.lstat().st_mtime_ns == made


def complete(door: ModuleType) -> None:
    door.PYTHON.parent.mkdir(parents=True)
    door.PYTHON.touch()
    door.STAMP.write_text("hash")


def test_a_complete_environment_is_left_alone(door, no_venv, capfd):
    complete(door)
    door.furnish("hash")
    assert capfd.readouterr().out == ""


def test_a_half_made_environment_does_not_count(door, no_venv):
    complete(door)
    door.UNFINISHED.touch()
    with pytest.raises(SystemExit):
        door.furnish("hash")


def test_an_environment_whose_python_is_gone_does_not_count(door, no_venv):
    complete(door)
    door.PYTHON.unlink()
    with pytest.raises(SystemExit):
        door.furnish("hash")


def test_packages_that_cannot_be_had_leave_nothing_half_made(door, no_network):
    door.LOCK.write_text("django==5.2.19 --hash=sha256:" + "0" * 64 + "\n")
    with pytest.raises(SystemExit, match="The packages could not be installed"):
        door.furnish("hash")
    assert not door.VENV.exists()


def test_a_python_without_venv_is_told_what_to_install(door, no_venv):
    with pytest.raises(SystemExit, match="apt install python3-venv"):
        door.furnish("hash")
    assert not door.VENV.exists()


def test_an_old_python_is_told_its_age(door, monkeypatch):
    monkeypatch.setattr(door.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"Goodword needs Python 3\.11 or newer; this is "):
        door.furnish("hash")


def test_a_machine_that_wants_no_environment_is_left_alone(door, monkeypatch):
    monkeypatch.setenv("GOODWORD_NO_VENV", "1")
    assert door.ready()
