"""For a WSGI server: ``gunicorn -k gthread --threads 8 campaigns.sandbox.wsgi:app``.

``SANDBOX_STORE`` is the path of the store's file (default: only in this process), ``SANDBOX_SITE`` the address of our
site, for the links in the page.
"""

import os

from .app import make_app
from .store import Store

app = make_app(
    Store(os.environ.get("SANDBOX_STORE", ":memory:")),
    site=os.environ.get("SANDBOX_SITE", "").rstrip("/"),
)
