"""A list of customers somebody brings, and what becomes of each of its rows."""

import json
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone as clock

from campaigns.models.business import Business
from campaigns.models.people import User


class CustomerImport(models.Model):
    """One list: where it came from, what its columns stand for, and what became of it.

    Its rows stand in the database from the first step on, so nothing between the steps depends on a file.  They are as
    readable there as the customers themselves, and are thrown away: see `importing.forgetting`.
    """

    class Job(models.TextChoices):
        """What is being done to it, here or in the worker; nothing while it waits for a person."""

        NONE = "", "waits"
        REVIEW = "review", "is being read"
        SAVE = "save", "is being saved"
        UNDO = "undo", "is being taken back"

    class Kept(models.TextChoices):
        """Which of its rows are here."""

        HALF = "half", "not all have arrived yet"
        ALL = "all", "all"
        LEFT_OUT = "left_out", "only those that were left out"
        NOTHING = "nothing", "none any more"

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="imports")
    #: Who brought the list and gave their word for it (M9).
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    file_name = models.CharField(max_length=300)
    #: The program whose export it is, where its titles say so.
    made_by = models.CharField(max_length=40, default="", db_default="", blank=True)
    consent = models.CharField(max_length=300, default="", blank=True)
    titles = models.JSONField(default=list, db_default=[], blank=True)
    has_header = models.BooleanField(default=True, db_default=True)
    #: Sentences about how the file was read.
    notes = models.JSONField(default=list, db_default=[], blank=True)
    row_count = models.PositiveIntegerField(default=0, db_default=0)
    kept = models.CharField(max_length=10, choices=Kept, default=Kept.NOTHING, db_default=Kept.NOTHING)
    mapping = models.JSONField(default=dict, blank=True)
    #: Counts up whenever the review changes: only what somebody has seen is saved.
    version = models.PositiveIntegerField(default=0, db_default=0)
    #: Rows by what became of them, and after an undo by what that did.
    counts = models.JSONField(default=dict, blank=True)
    undone = models.JSONField(default=dict, db_default={}, blank=True)

    job = models.CharField(max_length=10, choices=Job, default=Job.NONE, db_default=Job.NONE, blank=True)
    #: Rows of the job that are done, for the bar; committed together with them.
    job_rows = models.PositiveIntegerField(default=0, db_default=0)
    #: The number of the last row that is done: the next one to do stands behind it.
    job_at = models.PositiveIntegerField(default=0, db_default=0)
    job_token = models.CharField(max_length=32, default="", db_default="", blank=True)
    job_until = models.DateTimeField(null=True, blank=True)
    job_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    #: Why a job was given up, as a sentence.
    problem = models.CharField(max_length=300, default="", db_default="", blank=True)

    #: Of the release before: where the file lay, and the rows that were left out.  Nothing is written there any more.
    file_path = models.CharField(max_length=300, default="", blank=True)
    rejected = models.JSONField(default=list, blank=True)

    created_at = models.DateTimeField(default=clock.now)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    #: When somebody pressed the button; all its customers carry this moment.
    saved_from = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["job_until"], name="import_at_work", condition=~models.Q(job="")),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportRow(models.Model):
    """One row of a list.  The words and values are JSON in text, so that a hundred thousand are written in seconds."""

    class Undone(models.TextChoices):
        """What an undo did with what this row had written."""

        GONE = "gone", "gone again"
        BACK = "back", "as before"
        PARTLY = "partly", "as before, but for what was changed since"
        ASKED = "asked", "stays: asked, or in a campaign"
        CHANGED = "changed", "stays: changed since"
        MISSING = "missing", "not here any more"

    record = models.ForeignKey(CustomerImport, on_delete=models.CASCADE, related_name="rows")
    #: The one a spreadsheet shows beside it.
    number = models.PositiveIntegerField()
    #: As they came, or as somebody has mended them.
    cells = models.TextField(default="[]")
    is_mended = models.BooleanField(default=False)

    #: `importing.Kind`; empty until it has been read.
    kind = models.CharField(max_length=12, default="", blank=True)
    phone = models.CharField(max_length=20, default="", blank=True)
    reason = models.CharField(max_length=400, default="", blank=True)
    notes = models.TextField(default="[]")
    wants_look = models.BooleanField(default=False)
    #: What the row says about its customer.
    said = models.TextField(default="{}")

    is_saved = models.BooleanField(default=False)
    #: Whom it made or changed; a number and no foreign key, because it outlives them.
    customer = models.PositiveBigIntegerField(null=True, blank=True)
    #: What the customer was before and what was written: an undo needs both.
    before = models.TextField(default="")
    wrote = models.TextField(default="")
    undone = models.CharField(max_length=10, choices=Undone, default="", blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["record", "number"], name="one_row_per_number")]
        indexes: ClassVar = [
            models.Index(fields=["record", "kind", "number"], name="import_row_by_kind"),
            models.Index(fields=["record", "phone"], name="import_row_by_phone"),
        ]

    def __str__(self) -> str:
        return f"row {self.number}"

    @property
    def values(self) -> list[str]:
        """The cells."""
        return list(json.loads(self.cells))

    @property
    def remarks(self) -> list[str]:
        """What wants a look."""
        return list(json.loads(self.notes))

    @property
    def customer_said(self) -> dict[str, Any]:
        """What the row says, by field."""
        return dict(json.loads(self.said))
