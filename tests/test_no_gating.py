"""Nobody is chosen by what they think (R1, R2): there is no field, title or parameter for it anywhere.

That no model has a column for it, `test_architecture` holds.
"""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from django import forms
from django.urls import get_resolver

import campaigns
from campaigns.asking import audience
from campaigns.filters import Filter
from campaigns.importing import titles
from campaigns.web.campaigns.who import FILTERED, FilterForm

GATES = re.compile(
    r"rating|\brate|rated|stars?\b|score|sentiment|satisf|happy|happi|pleased|mood|\bnps|csat|promoter|detractor|"
    r"feedback|opinion|reaction|emotion|like[sd]\b|thumb",
    re.IGNORECASE,
)
#: Whom one means must not depend on what became of earlier messages either.
ANSWERS = re.compile(r"repl|react|click|read|open|stopp|word", re.IGNORECASE)


def words(*names: str) -> str:
    return " ".join(names).replace("_", " ")


def subclasses(form: type) -> set[type]:
    return {form} | {each for child in form.__subclasses__() for each in subclasses(child)}


def test_no_form_asks_for_it():
    get_resolver().url_patterns  # noqa: B018 - loads every page, and with it every form
    ours = [form for form in subclasses(forms.BaseForm) if form.__module__.startswith("campaigns")]
    names = [name for form in ours for name in form.base_fields]
    assert len(ours) > 8
    assert not GATES.search(words(*names))


def test_no_column_of_a_file_is_read_for_it():
    known = [alias for aliases in titles.ALIASES.values() for alias in aliases]
    assert not GATES.search(words(*titles.Field, *known))
    for title in ("Rating", "NPS", "Satisfaction", "Stars", "Sentiment", "Feedback", "Score", "Happy"):
        assert titles.field_of(title) is None


def test_no_page_takes_it_from_its_address():
    pages = (Path(campaigns.__file__).parent / "web").rglob("*.py")
    asked = [name for page in pages for name in re.findall(r"\.GET(?:\.get\(|\[)\"([^\"]+)\"", page.read_text())]
    assert asked
    assert not GATES.search(words(*asked))


@pytest.mark.parametrize("pattern", [GATES, ANSWERS])
def test_a_filter_knows_visits_and_tags_and_nothing_else(pattern):
    names = [each.name for each in fields(Filter)]
    assert names == ["visited_from", "visited_until", "technician", "service", "tags", "never_asked", "chosen"]
    assert set(names) == set(FILTERED) == set(FilterForm.base_fields)
    assert not pattern.search(words(*names))


def test_no_reason_to_leave_somebody_out_is_one_of_opinion():
    assert not GATES.search(words(*audience.TITLES))
