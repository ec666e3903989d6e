"""How far one part of a job came."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """Rows that are done now, and the number of the last of them.  No rows: there was nothing left."""

    rows: int
    last: int = 0

    @classmethod
    def over(cls, numbers: list[int]) -> "Step":
        """These rows, in their order."""
        return cls(len(numbers), numbers[-1] if numbers else 0)
