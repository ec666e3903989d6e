"""How often Python looks for garbage that keeps itself alive."""

import gc

#: New objects after which the youngest are looked through; Python's own figure is 700, less than one page makes.
YOUNG = 50_000


def settle() -> None:
    """Call once when all is loaded, in a process that shows pages: what is there now stays, and is not looked at again.

    Python would look through it again and again, for a seventh of all that the tests of the pages take.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 100)
