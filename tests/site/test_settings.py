"""The settings under other environments, each in a process of its own."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from packaging.requirements import Requirement

ROOT = settings.ROOT


def manage(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "DATA_DIR": str(folder), **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


def shown(folder: Path, expression: str, **variables: str) -> str:
    code = f"from django.conf import settings; print({expression})"
    answer = manage(folder, "shell", "--no-imports", "-c", code, **variables)
    return answer.stdout.strip() or answer.stderr


@pytest.mark.processes
def test_the_deployment_check_is_clean_and_silences_nothing(tmp_path):
    answer = manage(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SITE_URL="https://reviews.example.com")
    assert "no issues (0 silenced)" in answer.stdout, answer.stderr


@pytest.mark.processes
def test_an_https_site_has_cookies_that_no_neighbour_can_set(tmp_path):
    names = shown(tmp_path, "settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME", SITE_URL="https://r.example.com")
    assert names == "__Host-session __Host-csrf"


@pytest.mark.processes
def test_only_the_sites_own_host_is_answered_whatever_the_environment_asks_for(tmp_path):
    star = {"ALLOWED_HOSTS": "*", "DJANGO_ALLOWED_HOSTS": "*"}
    assert shown(tmp_path, "settings.ALLOWED_HOSTS", SITE_URL="https://r.example.com", **star) == "['r.example.com']"
    assert shown(tmp_path, "settings.ALLOWED_HOSTS", SITE_URL="https://r.example.com") == "['r.example.com']"


SANDBOX = {"CHERT_API_BASE": "http://127.0.0.1:9/api/v1"}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SITE_URL": "r.example.com"}, "SITE_URL is a public address"),
        ({"SITE_URL": "https://r.example.com", "DEBUG": "1"}, "DEBUG shows the inside"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too short"),
        ({"SECRET_KEY": "changeme" * 9}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "django-insecure-" + "abcdefghijklmnopqrstuvwxyz" * 2}, "SECRET_KEY can be guessed"),
        ({"ENCRYPTION_KEYS": "short"}, "ENCRYPTION_KEYS are 32 random bytes"),
        ({"ENCRYPTION_KEYS": "A" * 43 + "="}, "ENCRYPTION_KEYS are 32 random bytes"),
        ({"SUPPRESSION_KEY": "secret"}, "SUPPRESSION_KEY can be guessed"),
        ({"SITE_URL": "https://*"}, "SITE_URL is a public address"),
        ({"CHERT_API_BASE": "http://api.example.com/v1"}, "CHERT_API_BASE must begin with https://"),
        ({"DATABASE_URL": "postgres://me:pw@db.example.com/g"}, "DATABASE_URL would speak to db.example.com"),
        ({"REDIS_URL": "redis://cache:6379/0"}, "REDIS_URL would speak to cache"),
        ({"MIGRATION_URL": "postgres://owner@127.0.0.1/g"}, "MIGRATION_URL is for the owner"),
        ({"BREACHED_PASSPHRASES": "/nowhere"}, "BREACHED_PASSPHRASES is a file"),
        ({"CHERT_KEYS": "forgotten"}, "CHERT_KEYS is honoured or ignored."),
        ({"LEASE_SECONDS": "48"}, "LEASE_SECONDS must be at least 49"),
        ({"CALL_SECONDS": "41", "LEASE_SECONDS": "60"} | SANDBOX, "LEASE_SECONDS must be at least 66"),
        ({"CALL_SECONDS": "4", "LEASE_SECONDS": "7"} | SANDBOX, "LEASE_SECONDS must be at least 10"),
    ],
)
def test_a_dangerous_environment_is_refused_in_one_sentence(tmp_path, variables, sentence):
    answer = manage(tmp_path, "check", **variables)
    assert answer.returncode == 1
    assert answer.stderr.startswith(sentence)
    assert len(answer.stderr.splitlines()) == 1


@pytest.mark.processes
def test_keys_are_made_once_and_are_nobody_elses_to_read(tmp_path):
    first, second = (shown(tmp_path / "data", "settings.SECRET_KEY, settings.ENCRYPTION_KEYS") for _ in range(2))
    assert first == second
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "data").glob("*_key*")} == {0o600}


def test_tests_keep_away_from_what_is_kept():
    assert not settings.DATA_DIR.is_relative_to(ROOT)
    assert "goodword-test-" in str(settings.DATA_DIR)


def test_every_static_file_that_a_style_sheet_names_is_there(tmp_path):
    manifest = {"staticfiles": {"BACKEND": settings.MANIFEST}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES={**settings.STORAGES, **manifest}):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()


def locked() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if line and line[0].isalnum()]
    return {pin.name: str(pin.specifier).removeprefix("==") for pin in pins}


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["scale"],
        *project["dependency-groups"]["dev"],
    ]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_the_project(requirement):
    assert requirement.specifier.contains(locked()[requirement.name])


def test_the_lock_holds_hashes_and_names_no_index():
    text = (ROOT / "requirements.lock").read_text()
    assert text.count("--hash=sha256:") > len(locked())
    assert "://" not in text
    assert "--index-url" not in text


@pytest.mark.processes
@pytest.mark.parametrize(
    ("base", "seconds"),
    [("http://127.0.0.1:9/api/v1", "2.0 9.0"), ("https://console.trychert.com/api/v1", "30.0 60.0")],
)
def test_calls_and_leases_are_shortened_towards_a_sandbox_only(tmp_path, base, seconds):
    said = "str(settings.CALL_SECONDS), str(settings.LEASE_SECONDS)"
    assert shown(tmp_path, f"' '.join(({said}))", CHERT_API_BASE=base, CALL_SECONDS="2") == seconds


@pytest.mark.processes
def test_who_freezes_inside_a_transaction_is_cut_off_before_the_others_give_up(tmp_path):
    options = "settings.DATABASES['default']['OPTIONS']['options']"
    said = shown(tmp_path, options, DATABASE_URL="postgres://postgres@127.0.0.1/nowhere")
    limits = dict(each.removesuffix("s").split("=") for each in said.split() if "=" in each)
    assert int(limits["idle_in_transaction_session_timeout"]) < int(limits["lock_timeout"])


@pytest.mark.processes
def test_a_worker_that_freezes_inside_a_transaction_is_cut_off_sooner(tmp_path):
    """Two of its hands, one behind the other, hold nobody up for as long as a lock is waited for."""
    cut = "__import__('reviews.celery', fromlist=['_']).be_cut_off_soon()"
    options = "__import__('django.db', fromlist=['_']).connections['default'].settings_dict['OPTIONS']['options']"
    said = shown(tmp_path, f"{cut} or {options}", DATABASE_URL="postgres://postgres@127.0.0.1/nowhere")
    limits = dict(each.removesuffix("s").split("=") for each in said.split() if "=" in each)
    assert 3 * int(limits["idle_in_transaction_session_timeout"]) < int(limits["lock_timeout"])


@pytest.mark.processes
def test_one_address_sets_the_mail_server(tmp_path):
    asked = "settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.DEFAULT_FROM_EMAIL"
    mail = {"EMAIL_URL": "smtp+tls://ada:geheim@mail.example.com:587", "SITE_URL": "https://r.example.com"}
    assert shown(tmp_path, asked, **mail) == "mail.example.com 587 True Goodword <goodword@r.example.com>"
    assert shown(tmp_path, "settings.EMAIL_BACKEND", EMAIL_URL="").endswith("console.EmailBackend")


@pytest.mark.processes
def test_proxies_are_believed_only_where_there_are_some(tmp_path):
    assert shown(tmp_path, "settings.TRUSTED_PROXIES", FORWARDED_ALLOW_IPS="10.0.0.1") == "[]"
    behind = {"FORWARDED_ALLOW_IPS": "10.0.0.1,10.1.0.0/16", "SITE_URL": "https://r.example.com"}
    assert shown(tmp_path, "settings.TRUSTED_PROXIES", **behind) == "['10.0.0.1', '10.1.0.0/16']"
    assert shown(tmp_path, "settings.TRUSTED_PROXIES", SITE_URL="https://r.example.com") == "['127.0.0.1', '::1']"
