"""What people do meanwhile: somebody at the desk clicks, customers write back, webhooks come as they like."""

import random
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from campaigns import events as chert_events
from campaigns import launch, outbox, replies, resend, status, steering
from campaigns.chert.events import event_from_json
from campaigns.models import Campaign, Customer, Delivery, Message
from tests.simulation.shops import NAMES, Shop
from tests.simulation.watch import Watch
from tests.simulation.world import Effect, World

WORDS = ("STOP", "stop please", "thanks!", "👍", "please don't text me", "START")
#: What a page says instead of doing it.
REFUSALS = (launch.NotPossible, resend.NotAllowed, resend.ReasonNeeded, outbox.NotInDoubt)

Act = Callable[["People", Shop, Campaign], None]


class People:
    """Everybody who is no machine.  `met` counts what the engine had to live with."""

    def __init__(
        self,
        shops: list[Shop],
        world: World,
        watch: Watch,
        chance: random.Random,
        tell: Callable[[str], None],
        met: Callable[[str], None],
    ) -> None:
        self.shops, self.world, self.watch, self.chance, self.tell, self.met = shops, world, watch, chance, tell, met
        #: Webhooks under way, with the shop they are for.
        self._owed: list[tuple[Shop, dict[str, Any]]] = []

    # --- the desk ----------------------------------------------------------------------------------------------------

    def click(self) -> None:
        """Somebody at the desk clicks, at a good moment or a bad one."""
        shop = self.chance.choice(self.shops)
        campaign, act = self._one_of(shop.campaigns), self.chance.choice(ACTS)
        if campaign is None:
            return
        campaign.refresh_from_db()
        try:
            act(self, shop, campaign)
        except REFUSALS as refused:
            self.tell(f"{act.__name__} {campaign}: {refused}")
        else:
            self.tell(f"{act.__name__} {campaign}")

    def pause(self, shop: Shop, campaign: Campaign) -> None:
        steering.pause(campaign, None)
        self.met("F-14 pause, resume, cancel")

    def resume(self, shop: Shop, campaign: Campaign) -> None:
        was_held = campaign.state == status.Campaign.HELD
        steering.resume(campaign, None)
        if was_held:
            self.watch.waits_for_a_person.discard(campaign.pk)

    def cancel(self, shop: Shop, campaign: Campaign) -> None:
        if self.chance.random() < 0.4:
            steering.cancel(campaign, None, timezone.now())
            self.met("F-14 pause, resume, cancel")

    def undo(self, shop: Shop, campaign: Campaign) -> None:
        steering.undo(campaign, None)
        self.watch.waits_for_a_person.discard(campaign.pk)
        shop.launch(campaign)

    def resend(self, shop: Shop, campaign: Campaign) -> None:
        deliveries = Delivery.objects.filter(campaign=campaign).select_related("customer__business__organization")
        if delivery := self._one_of(list(deliveries.order_by("pk"))):
            self._resend(delivery, self.chance.choice(["", "They asked for it"]))

    def _resend(self, delivery: Delivery, why: str) -> None:
        resend.resend(delivery, None, why, timezone.now())
        self.tell(f"sent again to {delivery.customer.first_name}")

    def settle(self, shop: Shop, campaign: Campaign) -> None:
        """A message in doubt: one of the two ways out (I11)."""
        if message := self._one_of(doubtful(shop)):
            self.leave_doubt(message)

    def leave_doubt(self, message: Message) -> None:
        """They know that it arrived, if it did; or it goes once more, whether it did or not."""
        keys = {effect.key for effect in self.world.effects}
        knows = message.key in keys and self.chance.random() < 0.6
        if knows or message.delivery is None:  # the answer to a STOP is not sent again
            outbox.it_arrived(message, None, timezone.now())
            self.tell(f"the {message.kind} arrived, says somebody")
        else:
            self._resend(message.delivery, "Nobody knows")

    def second(self, shop: Shop, campaign: Campaign) -> None:
        if len(shop.campaigns) < 2:
            shop.campaign("Summer")

    def repair(self, shop: Shop, campaign: Campaign) -> None:
        shop.organization.resume()

    def stop(self, shop: Shop, campaign: Campaign) -> None:
        everybody = Customer.objects.filter(business=shop.business).select_related("business__organization")
        if customer := self._one_of(list(everybody.order_by("pk"))):
            replies.stop(customer, "Asked us by phone", None, timezone.now())

    def _one_of(self, things: list) -> Any:
        return self.chance.choice(things) if things else None

    # --- the street --------------------------------------------------------------------------------------------------

    def write_back(self) -> None:
        """Who has heard from us writes back."""
        phones = sorted({effect.phone for effect in self.world.effects})
        if phones:
            phone, words = self.chance.choice(phones), self.chance.choice(WORDS)
            by = self.chance.choice(phone.split(",")) if "," in phone else phone
            self._owed.append((self._whose(phone), self.world.reply(phone, words, by)))
            self.tell(f"{NAMES[int(by[-1])]} writes {words!r}{' to the group' if by != phone else ''}")

    def news(self) -> None:
        """Webhooks: late, lost, doubled and in any order (F-44, F-45); the log has what they lose."""
        for effect in self.chance.sample(self.world.effects, min(2, len(self.world.effects))):
            self._owed.append((self._whose(effect.phone), self._receipt(effect)))
        self.chance.shuffle(self._owed)
        for shop, event in self._owed:
            times = self.chance.choice([0, 1, 1, 2, 2])
            for _ in range(times):
                chert_events.store(shop.organization, event_from_json(event), "webhook", timezone.now())
            if times != 1:
                self.met("F-44 doubled webhook" if times else "F-50 lost webhook")
        if len(self._owed) > 1:
            self.met("F-45 shuffled webhooks")
        self._owed = []

    def lose_webhooks(self) -> None:
        """None of those under way arrives."""
        if self._owed:
            self.met("F-50 lost webhook")
        self._owed = []

    def _receipt(self, effect: Effect) -> dict[str, Any]:
        return self.world.receipt(effect, self.chance.choice(["delivered", "read", "delivered", "failed"]))

    def _whose(self, phone: str) -> Shop:
        return next(shop for shop in self.shops if shop.secret == self.world.homes[phone])


def doubtful(shop: Shop) -> list[Message]:
    """What is in doubt."""
    mine = Message.objects.filter(organization=shop.organization, status=status.Message.IN_DOUBT)
    return list(mine.select_related("organization", "delivery__customer__business__organization").order_by("pk"))


#: What may be clicked; some things are clicked more often.
ACTS: tuple[Act, ...] = (
    *(People.pause, People.pause, People.resume, People.resume, People.cancel, People.undo),
    *(People.resend, People.settle, People.settle, People.second, People.repair, People.stop),
)
