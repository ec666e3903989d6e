"""Seals every secret of the tests' database anew, in a process that may be killed."""

import os
from pathlib import Path

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviews.settings")
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
settings.ENCRYPTION_KEYS_FILE = Path(os.environ["ROTATE"])
django.setup()

from campaigns.management import rotating  # noqa: E402  after Django knows its settings

rotating.BATCH = 20
print("ready", flush=True)  # noqa: T201  the test waits for it
rotating.rotate()
