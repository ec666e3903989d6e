"""One phone number out of a cell that holds several, where the program that wrote it says which is which.  (pure)

QuickBooks Online writes “Phone: (555) 010-1234 Mobile: (555) 010-7788” (its report “Customer Contact List”), Google
Contacts writes “555-0101 ::: 555-0102”, Jobber “555-0101, 555-0102” in its columns “… Phone #s”.  Two numbers in any
other list are left to a person: see `phones.parse`.
"""

import re

_LABEL = re.compile(r"(?<![^\W\d_])(mobile|cell|phone|main|home|work|other|fax|pager)\s*:\s*", re.IGNORECASE)
_NO_PHONES = frozenset({"fax", "pager"})
_WHOLE = re.compile(r"[+(]?[\d\s().\-/+]+")
_FEWEST = 7


def holds_many(title: str) -> bool:
    """Whether a column of this title is made to hold several: “Main Phone #s”."""
    return title.strip().lower().endswith("phone #s")


def choose(cell: str, *, many: bool = False) -> tuple[str, str]:
    """The number to read, and a sentence where others stood beside it; a cell without labels or marks as it is.

    `many`: the column is made to hold several, and a comma stands between them.
    """
    found = _labelled(cell) or _listed(cell, many)
    if not found:
        return cell, ""
    return found[0], f"{len(found)} numbers stood here; {found[0]} was taken." if len(found) > 1 else ""


def _labelled(cell: str) -> list[str]:
    """The numbers behind labels, the mobile ones first; a fax is none."""
    parts = _LABEL.split(cell)
    if len(parts) < 3 or parts[0].strip():
        return []
    pairs = [(label.lower(), number.strip(" ,;")) for label, number in zip(parts[1::2], parts[2::2], strict=True)]
    good = [pair for pair in pairs if pair[0] not in _NO_PHONES and pair[1]]
    return list(dict.fromkeys(number for _, number in sorted(good, key=lambda pair: pair[0] not in {"mobile", "cell"})))


def _listed(cell: str, many: bool) -> list[str]:
    parts = [part.strip() for part in re.split(":::|[,;]" if many else ":::", cell)]
    good = list(dict.fromkeys(part for part in parts if part))
    whole = all(_WHOLE.fullmatch(part) and sum(map(str.isdigit, part)) >= _FEWEST for part in good)
    return good if len(parts) > 1 and whole else []
