"""Fonts the machine happens to have decide nothing here."""

import pytest

from campaigns.cards import scripts, setting, system_fonts


def forget():
    for kept in (system_fonts._files, system_fonts.for_script, scripts._font_for, setting._fit):
        kept.cache_clear()


@pytest.fixture
def only_these_fonts(monkeypatch):
    """Call it with folders: the system has the fonts in these, and no others."""

    def only(*folders):
        monkeypatch.setattr(system_fonts, "_folders", lambda: list(folders))
        forget()

    yield only
    monkeypatch.undo()
    forget()


@pytest.fixture(autouse=True)
def no_other_fonts(only_these_fonts):
    """The shipped ones alone."""
    only_these_fonts()
