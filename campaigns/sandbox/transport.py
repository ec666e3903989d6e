"""The sandbox inside a process, for an httpx client: no socket, and a broken connection looks like one."""

import httpx

from .app import Sandbox
from .wire import ConnectionBroken


class SandboxTransport(httpx.BaseTransport):
    """Hands requests straight to the WSGI app; ConnectionBroken becomes ``httpx.ReadError``."""

    def __init__(self, app: Sandbox) -> None:
        self._inner = httpx.WSGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._inner.handle_request(request)
        except ConnectionBroken:
            raise httpx.ReadError("The connection broke.", request=request) from None
