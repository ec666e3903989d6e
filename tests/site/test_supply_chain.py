"""What the product is made of: every package and every file of others by hash, and nothing dangerous in ours."""

import ast
import hashlib
import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from campaigns.management import bill
from tests.test_architecture import HOUSE, named, tree

ROOT = Path(settings.ROOT)
#: Where a dangerous word stands all the same, and why nothing of users gets there.
REASONS: dict[tuple[str, str], str] = {
    ("campaigns/templatetags/look.py", "SafeString"): "icons, drawn by the lucide package from names in our templates",
}
DANGEROUS_NAMES = {"eval", "exec", "compile", "mark_safe", "SafeString", "SafeText", "__import__"}
DANGEROUS_MODULES = {"pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "xmlrpc", "telnetlib", "ftplib"}
DANGEROUS_CALLS = {"raw", "extra", "RawSQL", "system", "popen", "mktemp"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("bill") / "bill.json"
    call_command("sbom", out=path, verbosity=0)
    return json.loads(path.read_text())


# --- the lock -------------------------------------------------------------------------------------------------------


def test_every_line_of_the_lock_is_read_and_every_package_has_a_hash():
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line[:1].isalnum()]
    pins = bill.pins(ROOT)
    assert len(pins) == len(lines)
    assert [pin.name for pin in pins if not pin.hashes] == []


def test_what_is_installed_here_is_what_the_lock_says():
    wrong = [pin.name for pin in bill.pins(ROOT) if installed(pin.name) not in (None, pin.version)]
    assert wrong == []


def installed(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


# --- files of others ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("each", bill.shipped(ROOT), ids=lambda each: each.path.name)
def test_a_file_of_others_is_the_one_that_its_line_describes(each):
    assert hashlib.sha256(each.path.read_bytes()).hexdigest() == each.sha256


def test_every_file_for_browsers_that_is_not_our_own_text_has_a_line():
    known = {each.path for each in bill.shipped(ROOT)}
    files = {
        path for path in (ROOT / "static").rglob("*") if path.is_file() and path.suffix not in {".css", ".js", ".md"}
    }
    licences = {path for path in files if path.name.endswith("-OFL.txt")}
    assert files - licences - known == set()


def test_no_script_or_style_of_ours_is_somebody_elses():
    """Vendored code says so in its first lines, and belongs into SOURCES.md."""
    foreign = re.compile(r"@license|copyright|\(c\) 20|licensed under|sourceMappingURL", re.IGNORECASE)
    ours = [path for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js"}]
    assert [path.name for path in ours if foreign.search(path.read_text())] == []


# --- the bill of materials ------------------------------------------------------------------------------------------


def test_the_bill_names_every_package_and_every_file(made):
    refs = {each["bom-ref"] for each in made["components"]}
    assert {pin.ref for pin in bill.pins(ROOT)} <= refs
    assert {f"file:{each.path.relative_to(ROOT).as_posix()}" for each in bill.shipped(ROOT)} <= refs
    assert any(ref.startswith("pkg:npm/htmx.org@2.") for ref in refs)


def test_the_bill_keeps_the_rules_of_its_format(made):
    """CycloneDX 1.6: what its schema demands of the parts that we use."""
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert set(made) <= {"$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata"} | TOP
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", made["serialNumber"])
    assert isinstance(made["version"], int)
    assert made["version"] >= 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["metadata"]["timestamp"])
    for each in [made["metadata"]["component"], *made["components"]]:
        keeps_the_rules(each)


TOP = {"components", "dependencies"}
PARTS = {"type", "bom-ref", "name", "version", "description", "scope", "hashes", "licenses", "purl", "properties"}


def keeps_the_rules(each):
    assert set(each) <= PARTS
    assert each["type"] in {"application", "library", "file"}
    assert each["name"]
    assert each.get("scope", "required") in {"required", "optional", "excluded"}
    assert re.fullmatch(r"pkg:(pypi|npm|generic)/[a-z0-9.-]+@[\w.!+-]+", each.get("purl", "pkg:pypi/x@1"))
    for one in each.get("hashes", []):
        assert set(one) == {"alg", "content"}
        assert one["alg"] == "SHA-256"
        assert re.fullmatch(r"[a-f0-9]{64}", one["content"])
    licences = each.get("licenses", [])
    expressions = [one for one in licences if "expression" in one]
    assert not expressions or len(licences) == 1
    for one in licences:
        assert set(one) == {"expression"} or set(one["license"]) in ({"id"}, {"name"})


def test_every_reference_in_the_bill_leads_to_one_part(made):
    refs = [made["metadata"]["component"]["bom-ref"], *(each["bom-ref"] for each in made["components"])]
    assert len(refs) == len(set(refs))
    for each in made["dependencies"]:
        assert {each["ref"], *each["dependsOn"]} <= set(refs)
        assert len(each["dependsOn"]) == len(set(each["dependsOn"]))
    assert len({each["ref"] for each in made["dependencies"]}) == len(made["dependencies"])


def test_whatever_is_installed_here_has_a_licence(made):
    without = [each["name"] for each in made["components"] if not each.get("licenses")]
    assert [name for name in without if installed(name)] == []


def test_what_runs_is_told_from_what_only_tests(made):
    scopes = {each["name"]: each["scope"] for each in made["components"]}
    assert (scopes["django"], scopes["psycopg"], scopes["pytest"]) == ("required", "optional", "excluded")
    assert (scopes["kombu"], scopes["mypy"], scopes["htmx.org"]) == ("required", "excluded", "required")


def test_the_same_lock_makes_the_same_bill(made, tmp_path):
    call_command("sbom", out=tmp_path / "again.json", verbosity=0)
    again = json.loads((tmp_path / "again.json").read_text())
    timeless = [each | {"metadata": each["metadata"] | {"timestamp": ""}} for each in (made, again)]
    assert timeless[0] == timeless[1]


# --- our own sources ------------------------------------------------------------------------------------------------


def uses(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Name) and node.id in DANGEROUS_NAMES:
            yield node.id
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in DANGEROUS_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in DANGEROUS_MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DANGEROUS_CALLS:
            yield node.func.attr
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            yield "shell"


def test_no_dangerous_word_stands_in_our_sources_without_a_reason():
    found = {(named(path), word) for path in HOUSE for word in uses(path)}
    assert found - REASONS.keys() == set()


def test_every_reason_is_still_needed():
    assert REASONS.keys() - {(named(path), word) for path in HOUSE for word in uses(path)} == set()


def test_no_template_says_that_something_is_safe():
    unsafe = re.compile(r"\|\s*(?:safe|safeseq)\b|autoescape\s+off|\{%\s*debug")
    assert [path.name for path in (ROOT / "templates").rglob("*.html") if unsafe.search(path.read_text())] == []


def test_no_template_carries_script_style_or_a_handler_of_its_own():
    """S24: what the policy would refuse, and what htmx would run."""
    inline = re.compile(
        r"\shx-on|\son[a-z]+\s*=|\sstyle\s*=|javascript:|hx-vals=.js:|<style|<script(?![^>]*\ssrc=)", re.I
    )
    pages = [path for path in (ROOT / "templates").rglob("*.html") if "sandbox" not in path.parts]
    assert [named(path) for path in pages if inline.search(path.read_text())] == []


def test_no_script_of_ours_makes_markup_or_code_of_text():
    sinks = re.compile(
        r"\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function\(|setHTMLUnsafe"
    )
    scripts = list((ROOT / "static" / "js").rglob("*.js"))
    assert [named(path) for path in scripts if sinks.search(path.read_text())] == []


def test_the_broker_carries_nothing_but_json():
    assert (settings.CELERY_ACCEPT_CONTENT, settings.CELERY_TASK_SERIALIZER) == (["json"], "json")
