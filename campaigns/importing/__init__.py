"""A spreadsheet becomes customers: read, guess the columns, look, then write all of it or nothing.

look(raw, country)            the list and what its columns stand for
review(business, raw)         what would become of every row; nothing is written
run(business, raw, name, …)   the same, done
"""

from .cleaning import LONGEST_WORDS
from .csv_out import plain_cell, safe_cell
from .errors import BadFile, BadMapping, ImportRefused, NoConsent, NoPhoneColumn
from .mapping import Columns
from .outcome import Kind, Person, Verdict
from .reading import MOST_BYTES
from .table import MOST_ROWS, Table
from .titles import Field
from .writing import Outcome, Review, file_label, look, review, run

__all__ = [
    "LONGEST_WORDS",
    "MOST_BYTES",
    "MOST_ROWS",
    "BadFile",
    "BadMapping",
    "Columns",
    "Field",
    "ImportRefused",
    "Kind",
    "NoConsent",
    "NoPhoneColumn",
    "Outcome",
    "Person",
    "Review",
    "Table",
    "Verdict",
    "file_label",
    "look",
    "plain_cell",
    "review",
    "run",
    "safe_cell",
]
