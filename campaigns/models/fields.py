"""A text column that is unreadable without the key outside the database, and in any other row than its own."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute

from campaigns import vault
from campaigns.vault import Sealed

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField  # only the stubs know it by its types


class _Opened(DeferredAttribute):
    """Loading a row opens nothing; asking for the text does, for as long as the caller holds it."""

    field: "EncryptedTextField"

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        kept = super().__get__(instance, cls)
        return self.field.open(instance, kept) if isinstance(kept, Sealed) else kept

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(Text):
    """Text kept encrypted and authenticated (S47), bound to table, column and `bound_to`: the row's own key, or its
    tenant's.  What was copied from another row or tenant raises `vault.Shut` when it is asked for.

    `QuerySet.update` knows no row: give it `sealed(instance, text)`.
    """

    descriptor_class = _Opened

    def __init__(self, *args: Any, bound_to: str = "pk", **options: Any) -> None:
        super().__init__(*args, **options)
        self.bound_to = bound_to

    def clone(self) -> "EncryptedTextField":
        """Bound to the same: that is no matter of migrations, so `deconstruct` does not tell it."""
        made: EncryptedTextField = super().clone()
        made.bound_to = self.bound_to
        return made

    def purpose(self, bound: object) -> str:
        """What a text of this column is put away for; `bound` is the value of `bound_to`."""
        return f"{self.model._meta.db_table}.{self.column}:{bound}"

    def sealed(self, instance: models.Model, text: str) -> str:
        """The text as it is kept in this row; an empty one is kept as it is."""
        bound = getattr(instance, self.bound_to)
        if bound is None:
            raise ValueError(f"{self} is bound to {self.bound_to}, which is not known yet. Save the row first.")
        return vault.encrypt(self.purpose(bound), text) if text else text

    def open(self, instance: models.Model, kept: Sealed) -> str:
        """The text.  Raises `vault.Shut`."""
        return vault.decrypt(self.purpose(getattr(instance, self.bound_to)), kept)

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        """What was loaded goes back as it came; what was set is sealed."""
        value = instance.__dict__.get(self.attname, "")
        if value and not isinstance(value, Sealed):
            value = self.sealed(instance, value)
            setattr(instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """What goes into the database.  Raises TypeError for a text that nobody has sealed."""
        if value and not isinstance(value, Sealed):
            raise TypeError(f"{self} takes no plain text here: seal it for its row first.")
        return str(value) if value else value

    def from_db_value(self, value: Any, expression: object, connection: object) -> Any:
        """Still sealed; the row opens it."""
        return Sealed(value) if value else value

    def value_to_string(self, obj: models.Model) -> str:
        """Whoever dumps rows gets what the database has."""
        return str(obj.__dict__.get(self.attname, ""))


def sealed(row: models.Model, column: str, text: str) -> str:
    """The text as that row keeps it in that column, for `QuerySet.update`."""
    field = row._meta.get_field(column)
    assert isinstance(field, EncryptedTextField)
    return field.sealed(row, text)
