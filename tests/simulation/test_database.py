"""A backup of a life puts every row back as it was, on both databases (F-54)."""

from campaigns.models import Customer, Message
from tests.simulation.database import WRITTEN, Backup


def rows():
    return {model: list(model._base_manager.order_by("pk").values()) for model in WRITTEN}


def test_what_came_after_a_backup_is_forgotten(campaign, clock):
    before = rows()
    backup = Backup(clock(), None)
    Message.objects.update(status="sent", body=b"{}")
    Customer.objects.update(first_name="Somebody")
    backup.put_back()
    assert rows() == before
    assert before[Message]
