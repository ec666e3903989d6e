"""The link kit: a location's code and counter card, as files to print.  (pure: an address and a name in, bytes out)"""

from .counter_card import BLEED, HEIGHT, WIDTH, Sheet, counter_card
from .prints import pdf, png
from .symbols import QUIET, Symbol, symbol

__all__ = ["BLEED", "HEIGHT", "QUIET", "WIDTH", "Sheet", "Symbol", "counter_card", "pdf", "png", "symbol"]
