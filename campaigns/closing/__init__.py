"""An organization is closed: at once nothing more is sent, and a week later nothing of it is left (S62).

deciding   its owners decide, and may change their mind for a week
erasing    what the clock does then, step by step, from wherever it was left
places     which rows there are, found from the foreign keys, and the files they name
people     who belonged to nothing else goes too
files      what no row names any more
"""

from campaigns.closing.deciding import DAYS, Outlook, close, keep, outlook
from campaigns.closing.erasing import work

__all__ = ["DAYS", "Outlook", "close", "keep", "outlook", "work"]
