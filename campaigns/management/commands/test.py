"""`python3 manage.py test`: the whole suite.  Further arguments go to pytest as they are."""

import sys

import pytest
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Run the tests (pytest). Everything after the command goes to pytest."
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(pytest.main(argv[2:]))
