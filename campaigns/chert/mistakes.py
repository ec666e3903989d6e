"""Mistakes of the program or its settings, found before any call. What can go wrong with a call stands in errors.py."""


class InvalidMessage(ValueError):
    """A message that Chert's rules forbid, found before any call. The text says which rule."""


class BadAddress(ValueError):
    """Not an address the client talks to: https is needed, or http on this very machine."""


class BadCredentials(ValueError):
    """A secret or tenant name that cannot be right. The text never repeats it."""


class BadSignature(ValueError):
    """A webhook whose signature is missing, malformed, wrong, or outside its five minutes."""
