"""A spreadsheet becomes customers: read, guess the columns, look, then write, and take it back for a day.

look(raw, country)            the list and what its columns stand for
run(business, raw, name, …)   all of it or nothing, in one go, as the command does
enter(business, people, …)    the same for customers that a program brings
keeping, judging, saving, undoing and work   the same stations one after the other, as the pages do
"""

from . import work
from .cleaning import LONGEST_WORDS
from .csv_out import plain_cell, safe_cell
from .entering import Entered, enter
from .errors import BadFile, BadMapping, ImportRefused, NoConsent, NoPhoneColumn, NotNow
from .forgetting import MENDED_WITHIN, forget
from .judging import columns, mend
from .keeping import first_rows, left_out, put
from .mapping import Columns
from .outcome import Kind, Person, Verdict
from .reading import MOST_BYTES
from .table import MOST_ROWS, Row, Table
from .titles import Field
from .undoing import WITHIN
from .whole import Outcome, file_label, look, run

__all__ = [
    "LONGEST_WORDS",
    "MENDED_WITHIN",
    "MOST_BYTES",
    "MOST_ROWS",
    "WITHIN",
    "BadFile",
    "BadMapping",
    "Columns",
    "Entered",
    "Field",
    "ImportRefused",
    "Kind",
    "NoConsent",
    "NoPhoneColumn",
    "NotNow",
    "Outcome",
    "Person",
    "Row",
    "Table",
    "Verdict",
    "columns",
    "enter",
    "file_label",
    "first_rows",
    "forget",
    "left_out",
    "look",
    "mend",
    "plain_cell",
    "put",
    "run",
    "safe_cell",
    "work",
]
