"""How sure a share is, and whether two shares differ by more than chance.  (pure)

Wilson's score interval for one share: E. B. Wilson, "Probable inference, the law of succession, and statistical
inference", JASA 22 (1927) 209-212.  For the difference of two independent shares the hybrid score interval, method 10
of R. G. Newcombe, "Interval estimation for the difference between independent proportions: comparison of eleven
methods", Statistics in Medicine 17 (1998) 873-890.  Both hold for small numbers and for none at all, where the usual
"plus or minus" does not.
"""

from dataclasses import dataclass
from math import sqrt

#: The normal deviate of 95 in 100, two-sided.
Z = 1.959963984540054
#: Customers on each side below which nobody is told that the sides differ.
LEAST = 30


@dataclass(frozen=True)
class Interval:
    """Where the true value lies, 95 times in 100; shares from 0 to 1, differences from -1 to 1."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Is it all on one side of none?"""
        return self.low > 0 or self.high < 0


def share(part: int, whole: int) -> Interval:
    """Of a share: `part` of `whole`.  Of nobody everything is possible.  Raises ValueError for no share at all."""
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    if whole == 0:
        return Interval(0.0, 1.0)
    p, z2 = part / whole, Z * Z
    middle = 2 * part + z2
    half = Z * sqrt(z2 + 4 * part * (1 - p))
    low, high = (middle - half) / (2 * (whole + z2)), (middle + half) / (2 * (whole + z2))
    return Interval(0.0 if part == 0 else low, 1.0 if part == whole else high)


def difference(part: int, whole: int, other_part: int, other_whole: int) -> Interval:
    """Of how much larger the first share is than the other."""
    mine, theirs = share(part, whole), share(other_part, other_whole)
    if not whole or not other_whole:
        return Interval(-1.0, 1.0)
    p, q = part / whole, other_part / other_whole
    down = sqrt((p - mine.low) ** 2 + (theirs.high - q) ** 2)
    up = sqrt((mine.high - p) ** 2 + (q - theirs.low) ** 2)
    return Interval(p - q - down, p - q + up)


def tells_apart(part: int, whole: int, other_part: int, other_whole: int) -> bool:
    """Do the numbers tell the two apart: enough on each side, and a difference that chance alone seldom makes?"""
    enough = min(whole, other_whole) >= LEAST
    return enough and difference(part, whole, other_part, other_whole).excludes_zero
