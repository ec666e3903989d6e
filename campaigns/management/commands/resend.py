"""`manage.py resend`: send again to one customer, with the same guards as the button."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import resend
from campaigns.management.answering import Answer, delivery_numbered, operator


class Command(Answer):
    help = "Send again to one customer. A customer who was asked recently needs --reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("delivery", type=int)
        parser.add_argument("--reason", default="", help="why it is sent all the same; it is kept")

    def handle(self, *args: Any, **options: Any) -> None:
        delivery = delivery_numbered(options["delivery"])
        try:
            resend.resend(delivery, operator(delivery.customer.business), options["reason"], timezone.now())
        except (resend.NotAllowed, resend.ReasonNeeded) as refused:
            raise CommandError(str(refused)) from refused
        delivery.refresh_from_db()
        found = {"delivery": delivery.pk, "campaign": delivery.campaign_id, "status": delivery.status}
        self.answer(options, found, lambda: f"Delivery {delivery.pk} goes out again.")
