"""The sign of life of what sends: one row for the whole installation."""

from django.db import models


class Pulse(models.Model):
    """When somebody was last at work on this database, and how often that has been written down.

    It belongs to no organization and tells nothing about one: it says where this database comes from.
    """

    beat = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"beat {self.beat}"
