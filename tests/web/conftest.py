"""For the pages: Ada's browser, signed in."""

import pytest
from django.test import Client

from tests.cast import Ada


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    client.force_login(ada.user)
    return client
