"""What is known of an organization while it is being erased, and a little longer than the organization itself."""

from collections.abc import Mapping

from django.db import models


class Closing(models.Model):
    """An organization of which nothing is to be left, from its last day until the database's file is written anew.

    It holds numbers and names nobody.  It points to no row, because it outlives them, and is the last to go.
    """

    organization = models.PositiveBigIntegerField(unique=True)
    #: The numbers of its locations, and of who belonged to it.
    locations = models.JSONField(default=list)
    people = models.JSONField(default=list)
    began_at = models.DateTimeField()
    #: When Chert is asked next to call us no more; None once it has been told, or asked for long enough.
    tell_at = models.DateTimeField(null=True, blank=True)
    #: How many rows of each table are gone.
    counts = models.JSONField(default=dict)
    #: Since then the organization itself is gone; sessions, files and the database's own file come after that.
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"closing {self.pk}"

    def count(self, gone: Mapping[str, int]) -> None:
        """So many more rows are gone, by the label of their table.  Call in the commit that lets them go."""
        row = Closing.objects.select_for_update().get(pk=self.pk)
        for label, number in gone.items():
            name = label.rpartition(".")[2]
            row.counts[name] = row.counts.get(name, 0) + number
        row.save(update_fields=["counts"])
