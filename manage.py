"""Goodword's door.  `python3 manage.py start` runs it, `python3 manage.py test` tests it.

Nothing needs to be installed first: where the packages are missing, .venv is made from requirements.lock, and it is
brought up to date when that file has changed.  A machine that has the packages already (a container) is left alone, and
so is every machine with GOODWORD_NO_VENV set.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV, LOCK = ROOT / ".venv", ROOT / "requirements.lock"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.sha256"  # which lock .venv holds; written last
UNFINISHED = VENV / "unfinished"  # there while .venv is being made: a half-made one looks like a good one


def main() -> None:
    if not ready():
        with LOCK.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # two commands at once make one .venv
            furnish(hashlib.sha256(LOCK.read_bytes()).hexdigest())
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


def ready() -> bool:
    """Whether this very interpreter is to be used as it is."""
    if os.environ.get("GOODWORD_NO_VENV") or Path(sys.prefix).resolve() == VENV:
        return True
    return all(find_spec(name) for name in ("django", "django_htmx", "environ", "celery", "whitenoise"))


def furnish(wanted: str) -> None:
    """Make .venv hold what the lock with this hash says."""
    if UNFINISHED.exists() or not PYTHON.exists():
        shutil.rmtree(VENV, ignore_errors=True)
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    print("Goodword: putting the packages of requirements.lock into .venv (once, up to a minute) ...", flush=True)
    if not VENV.exists():
        make()
    if not install():
        give_up("The packages could not be installed; the lines above say why. Is the network there?")
    UNFINISHED.unlink(missing_ok=True)
    STAMP.write_text(wanted)


def make() -> None:
    if sys.version_info[:2] < (3, 11):  # noqa: UP036  an older Python is who this sentence is for
        sys.exit(f"Goodword needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    VENV.mkdir()
    UNFINISHED.touch()
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.DEVNULL).returncode:
        give_up("This Python cannot make a .venv. On Debian and Ubuntu: apt install python3-venv")


def install() -> bool:
    """By uv where it can be had (seconds), else by pip.  Both check every hash."""
    pip, uv = [str(PYTHON), "-m", "pip", "install", "-q"], [str(PYTHON), "-m", "uv", "pip", "install", "-q"]
    locked = ["--require-hashes", "-r", str(LOCK)]
    # uv brings its own certificates; behind a company's proxy only the system's will do.
    environ = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    quick = ([*pip, "uv"], [*uv, "--python", str(PYTHON), *locked])
    if all(subprocess.run(command, env=environ, capture_output=True).returncode == 0 for command in quick):
        return True
    return subprocess.run([*pip, *locked], env=environ).returncode == 0


def give_up(sentence: str) -> None:
    if UNFINISHED.exists():
        shutil.rmtree(VENV, ignore_errors=True)
    sys.exit(sentence)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
