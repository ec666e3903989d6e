"""The house as drawn: arrows go down, one module sends, one place writes each word, and nothing knows about ratings."""

import ast
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from campaigns.importing import titles

ROOT = Path(__file__).resolve().parent.parent
HOUSE = [
    path
    for folder in ("campaigns", "reviews")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if "migrations" not in path.parts
]
TEXTS = [*HOUSE, *sorted((ROOT / "templates").rglob("*.html")), *sorted((ROOT / "tests").rglob("*.py"))]
#: Words for what customers think of the business.  No field, form or column may know them (R1, R2, R7).
OPINIONS = re.compile(r"rating|stars?\b|score|nps|sentiment|satisf|happy|happiness|feeling|mood|review_text|opinion")

EMPTY_WORDS = ["utils", "util", "helpers", "helper", "services", "service", "common", "misc", "manager"]


@cache
def tree(path):
    return ast.parse(path.read_text())


def named(path):
    return str(path.relative_to(ROOT))


def calls(path):
    return [
        node for node in ast.walk(tree(path)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def test_the_import_contracts_are_kept():
    run = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"
    done = subprocess.run([sys.executable, "-c", run], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_is_called_pure_never_asks_for_the_database(request):
    """`.ci/run` leaves it out on PostgreSQL."""
    pure = [item for item in request.session.items if item.get_closest_marker("pure")]
    asking = {"db", "transactional_db", "client", "live_server", "ada"}
    django = [item for item in pure if "tests/sandbox" not in item.nodeid and asking & set(item.fixturenames)]
    assert [item.nodeid for item in django + [i for i in pure if i.get_closest_marker("django_db")]] == []


def test_every_module_of_the_domain_stands_in_the_picture():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {name.strip() for line in contracts[0]["layers"] for name in line.split("|")}
    outside = {"migrations", "sandbox", "apps", "templatetags", "__init__"}
    modules = {p.stem for p in (ROOT / "campaigns").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert modules - layers - outside == set()


def test_the_sandbox_is_started_by_nobody_but_the_supervisor_and_imported_by_nobody():
    importers = [named(p) for p in HOUSE if "sandbox" not in p.parts and imports(p, "campaigns.sandbox")]
    assert importers == []


def imports(path, module):
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return any(name == module or name.startswith(f"{module}.") for name in found)


def test_only_the_outbox_sends():
    senders = {named(p) for p in HOUSE for call in calls(p) if call.func.attr in ("send", "open_chat", "send_message")}
    ours = {name for name in senders if not name.startswith(("campaigns/chert/", "campaigns/sandbox/"))}
    assert ours == {"campaigns/outbox/walk.py", "campaigns/outbox/requests.py"}


def test_the_words_of_messages_are_written_in_few_places():
    """One writer of each status: the model, and a person's two ways out of doubt."""
    writers = {named(p) for p in HOUSE for call in calls(p) if writes_status(call) and "sandbox" not in p.parts}
    assert writers <= {"campaigns/models/message.py", "campaigns/models/campaign.py", "campaigns/outbox/settle.py"}


def writes_status(call):
    return call.func.attr in ("update", "_leave_doubt") and any(word.arg == "status" for word in call.keywords)


@pytest.mark.parametrize("name", EMPTY_WORDS)
def test_no_module_is_called_by_a_word_that_says_nothing(name):
    assert [named(p) for p in HOUSE if p.stem == name or p.parent.name == name] == []


def test_no_import_hides_in_a_function():
    hidden = [
        f"{named(path)}:{inner.lineno}"
        for path in HOUSE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_no_business_runs_over_signals():
    """The app itself has one: a library keeps a list of sessions, and offers no other way to say under which names."""
    house = [path for path in HOUSE if named(path) != "campaigns/apps.py"]
    assert [named(p) for p in house if imports(p, "django.db.models.signals") or imports(p, "django.dispatch")] == []


def test_only_the_settings_and_the_doors_read_the_environment():
    readers = {named(p) for p in HOUSE if imports(p, "environ") or reads_environment(p)}
    doors = {"campaigns/sandbox/wsgi.py", "campaigns/management/commands/start.py"}
    assert {r for r in readers - doors if not r.startswith("reviews/") and "management" not in r} == set()


def reads_environment(path):
    names = [node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)]
    return ("environ" in names and imports(path, "os")) or "getenv" in names


def test_no_file_outgrows_its_room():
    assert [named(p) for p in HOUSE if len(p.read_text().splitlines()) > 420] == []


def test_every_function_can_be_seen_at_once():
    long = [
        f"{named(path)}:{node.name}"
        for path in HOUSE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 45
    ]
    assert long == []


def test_nothing_is_left_to_be_done():
    marks = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError|# type: ignore\s*$", re.MULTILINE)
    assert [named(p) for p in TEXTS if p != Path(__file__) and marks.search(p.read_text())] == []


def test_no_field_of_any_noun_knows_what_customers_think():
    """R2: cannot gate, by construction."""
    nouns = apps.get_app_config("campaigns").get_models()
    fields = [f"{noun.__name__}.{field.name}" for noun in nouns for field in noun._meta.get_fields()]
    assert [name for name in fields if OPINIONS.search(name)] == []


def test_no_column_of_an_import_stands_for_what_customers_think():
    assert [field for field in titles.Field if OPINIONS.search(str(field.value))] == []


def test_no_form_asks_what_customers_think():
    forms = [p for p in HOUSE if "web" in p.parts]
    names = {
        target.id
        for path in forms
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for line in node.body
        if isinstance(line, ast.Assign)
        for target in line.targets
        if isinstance(target, ast.Name)
    }
    assert [name for name in names if OPINIONS.search(name.lower())] == []


def test_no_page_promises_what_nobody_can_promise():
    """M11, D7."""
    promises = re.compile(r"HIPAA[- ]compliant|exempt from the TCPA|TCPA[- ]exempt", re.IGNORECASE)
    assert [named(p) for p in TEXTS if p != Path(__file__) and promises.search(p.read_text())] == []


def lock():
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pinned}


def wanted():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()]
    asked = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    return [Requirement(line) for line in asked]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_what_the_project_asks_for(requirement):
    version = lock().get(canonicalize_name(requirement.name))
    assert version is not None
    assert requirement.specifier.contains(version, prereleases=True)


def test_the_lock_is_hashed_and_names_no_index():
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(r"--(?:extra-)?index-url|--find-links|https?://", text)
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []
