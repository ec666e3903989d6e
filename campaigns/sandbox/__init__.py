"""A pretend Chert with phones to look at.  Nothing imports it, and it imports nothing of ours."""

from .app import Sandbox, make_app
from .knobs import Knobs
from .store import Store
from .transport import SandboxTransport
from .wire import ConnectionBroken

__all__ = ["ConnectionBroken", "Knobs", "Sandbox", "SandboxTransport", "Store", "make_app"]
