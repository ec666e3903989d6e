"""Why an import was refused, in sentences for the person who brought the file.

ImportRefused       nothing was imported
├── BadFile         the file cannot be read as a list of customers
│   └── NoPhoneColumn   it can, but nobody knows where the numbers are
├── BadMapping      the columns somebody chose do not exist, or stand for two things
├── NoConsent       nobody has said how these people agreed (M9)
└── NotNow          the list is being worked on, or has changed since somebody looked
"""


class ImportRefused(Exception):
    """Nothing was imported.  `sentence` says what happened, what was kept and what to do."""

    def __init__(self, what: str, advice: str) -> None:
        self.sentence = f"{what} Nothing was imported. {advice}"
        super().__init__(self.sentence)


class BadFile(ImportRefused):
    """The file is no list of customers that can be read."""


class NoPhoneColumn(BadFile):
    """No column looks like phone numbers; a person can still point at one."""


class BadMapping(ImportRefused):
    """The chosen columns do not fit the file."""


class NoConsent(ImportRefused):
    """The import was not attested (M9)."""


class NotNow(ImportRefused):
    """It cannot be done at this moment, or not with what the person had before them."""
