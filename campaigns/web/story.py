"""One delivery told in full: what was done and when, and what the customer saw."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from campaigns import cards, status
from campaigns.asking import together
from campaigns.models import Card, Customer, Delivery, Message
from campaigns.web import phone, timeline

#: Rows of a campaign's table on one page.
PER_PAGE = 50


@dataclass(frozen=True)
class Story:
    """What unfolds beneath a row, and stands beside the form for sending again."""

    delivery: Delivery
    entries: list[timeline.Entry]
    bubbles: list[phone.Bubble]

    @property
    def called(self) -> str:
        """How to call the customer in a sentence."""
        return self.delivery.customer.first_name or "the customer"

    @property
    def may_go_again(self) -> bool:
        """Is there anything left that a person could send again?  The answer of the domain is asked on its page."""
        d = self.delivery
        return d.status not in status.DELIVERY_OPEN and not d.customer.stopped_at


def of(delivery: Delivery) -> Story:
    """The story of one delivery, its messages read anew."""
    days = timeline.days(delivery.customer, timezone.now())
    entries = [entry for day in days if day.campaign == delivery.campaign for entry in day.entries]
    return Story(delivery, sorted(entries, key=lambda entry: entry.at), bubbles(delivery))


def bubbles(delivery: Delivery) -> list[phone.Bubble]:
    """What is on the customer's phone from this campaign."""
    theirs = Message.objects.filter(delivery=delivery).select_related("business", "customer")
    messages = list(theirs.order_by("sent_at", "pk"))
    address = reverse("delivery_picture", args=[delivery.pk]) if delivery.picture else ""
    return phone.seen(messages, address, picture_words(delivery.card, together.speaking(delivery)))


def picture_words(card: Card | None, customer: Customer) -> str:
    """What the picture says, for those who cannot see it."""
    if card is None:
        return ""
    try:
        settings = cards.drawn_texts(card.drawing(), customer.words())
    except (cards.BadDesign, OSError):
        return ""
    return " ".join(setting.text for setting in settings)


def row_address(delivery: Delivery) -> str:
    """Where this delivery's row stands, on its page of the whole list."""
    before = delivery.campaign.deliveries.filter(pk__lt=delivery.pk).count()
    number = before // PER_PAGE + 1
    asked = f"?page={number}" if number > 1 else ""
    return f"{reverse('campaign', args=[delivery.campaign_id])}{asked}#delivery-{delivery.pk}"
