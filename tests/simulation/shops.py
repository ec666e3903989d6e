"""Who there is in a life: an organization or two, each with its business, lines, customers, and campaigns."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from campaigns import households, launch
from campaigns.invitations import GREETING, REMINDER
from campaigns.models import Business, Campaign, Card, Customer, Line, Organization
from tests.simulation.world import World

NAMES = ("Grace", "Marcus", "Zoë", "José", "Wei", "Amina")
#: Fit to be the first message too, where everything goes at once.
ASK = "{sender} from {business} here. Would you tell others how it went? Reply STOP to end."
REVIEW = "https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4"


class Shop:
    """One organization.  Its number (0, 1) is in its secret, its lines and its customers' phones."""

    def __init__(self, number: int, world: World, chance: random.Random, tell: Callable[[str], None]) -> None:
        self.number, self.world, self.chance, self.tell = number, world, chance, tell
        self.secret = f"00112233445566778899aabbccddee{number:02}"
        name = ("Ada", "Linus")[number]
        self.organization = Organization.objects.create(
            name=f"{name}'s", slug=name.lower(), chert_secret=self.secret, created_at=timezone.now()
        )
        self.business = self._business(name)
        Line.objects.bulk_create(self._line(n) for n in range(chance.choice([1, 1, 2])))
        self._people(timezone.now())
        self.card = Card.objects.create(business=self.business, name="Van", design={})
        self.campaigns: list[Campaign] = []

    def _business(self, name: str) -> Business:
        return Business.objects.create(
            organization=self.organization,
            name=f"{name}'s Bakery",
            slug=f"{name.lower()}-bakery",
            sender=name,
            timezone=("America/Chicago", "America/Los_Angeles")[self.number],
            review_url=REVIEW,
            ask_after=self.chance.choice([0, 120, 600]),
            cool_down_days=self.chance.choice([0, 0, 90]),
        )

    def _line(self, n: int) -> Line:
        number = f"+1512555{self.number}10{n}"
        return Line(organization=self.organization, number=number, budget=self.chance.choice([2, 30, 30]), gap=600)

    def _people(self, now: datetime) -> None:
        many = self.chance.choice([1, 2] if self.number else [1, 1, 2, 2, 3, 4])
        Customer.objects.bulk_create(self._one_of_them(n, name, now) for n, name in enumerate(NAMES[:many]))
        two = list(self.business.customers.order_by("pk")[:2])
        if len(two) == 2 and self._of_its_own().random() < 0.5:
            households.join(self.business, [each.pk for each in two], None, now)
            self.tell(f"{two[0].first_name} and {two[1].first_name} are one household")

    def _of_its_own(self) -> random.Random:
        """Chance that leaves the rest of the life as it would have been."""
        return random.Random(repr(self.chance.getstate()))

    def _one_of_them(self, n: int, name: str, now: datetime) -> Customer:
        phone = f"+1512555{self.number}20{n}"
        known = 0.3 if self.world.keys_on_follow_ups else 0.8  # where keys are ignored, it shows in chats that exist
        self.world.homes[phone] = self.secret
        return Customer(
            business=self.business,
            first_name=name,
            phone=phone,
            timezone=self.chance.choice([self.business.timezone, self.business.timezone, "America/New_York"]),
            consent_basis="Asked at the counter",
            consent_at=now,
            is_attested=True,
            chat_id=self.world.chat_of(phone) if self.chance.random() < known else "",
        )

    def campaign(self, name: str) -> None:
        """Write a campaign and launch it."""
        chance = self.chance
        reminds = chance.random() < 0.3
        campaign = Campaign.objects.create(
            business=self.business,
            name=name,
            card=self.card,
            greeting=f"{GREETING} {name}.",
            ask=f"{ASK} {name}.",
            flow=chance.choice(list(Business.Flow)),
            remind_after=chance.choice([1, 3]) if reminds else None,
            reminder=f"{REMINDER} {name}." if reminds else "",
        )
        self.campaigns.append(campaign)
        self.launch(campaign)

    def launch(self, campaign: Campaign) -> None:
        """Start it, at once or with time to undo."""
        wait = launch.TIME_TO_UNDO if self.chance.random() < 0.5 else timedelta(0)
        try:
            launch.launch(campaign, None, timezone.now(), begin_after=wait)
            self.tell(f"{campaign} is launched, {campaign.flow}, reminder after {campaign.remind_after}")
        except (launch.NotReady, launch.NotPossible) as refused:
            self.tell(f"{campaign} is not launched: {refused}")

    def look_around(self) -> None:
        """After the database was put back: which campaigns are there still?"""
        there = set(Campaign.objects.values_list("pk", flat=True))
        self.campaigns = [campaign for campaign in self.campaigns if campaign.pk in there]
