"""One seed, one short life: customers, lines, campaigns; workers who take turns; and whatever goes wrong between them.

Each worker is a greenlet.  At every seam (a statement outside a transaction, a call to Chert before, in and after its
effect) it may change places with others, freeze for as long as it pleases the seed, or die.  All in one thread, on one
clock, with one source of chance, so that a seed is the same life every time.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import time_machine
from django.db import OperationalError, connection
from django.utils import timezone
from greenlet import getcurrent, greenlet

from campaigns import events as chert_events
from campaigns import launch, outbox, receipts, replies, resend, status, steering
from campaigns.chert.events import event_from_json
from campaigns.invitations import GREETING, REMINDER
from campaigns.models import Business, Campaign, Card, Customer, Delivery, Line, Message, Organization
from campaigns.outbox import leases
from campaigns.outbox.run import _work as send_what_is_due
from tests.simulation import checker
from tests.simulation.nemesis import Killed, Nemesis
from tests.simulation.world import Effect, World

SECRET = "00112233445566778899aabbccddeeff"
NAMES = ("Grace", "Marcus", "Zoë", "José", "Wei", "Amina")
#: Fit to be the first message too, where everything goes at once.
ASK = "{sender} from {business} here. Would you tell others how it went? Reply STOP to end."
WORDS = ("STOP", "stop please", "thanks!", "👍", "please don't text me", "START")
#: A Monday noon in Chicago, an evening, a Saturday before a short Sunday, and the evening before summer time begins.
STARTS = (
    datetime(2026, 3, 2, 18, 0, tzinfo=UTC),
    datetime(2026, 3, 3, 1, 50, tzinfo=UTC),
    datetime(2026, 3, 7, 20, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 1, 30, tzinfo=UTC),
)
MOMENTS = """
    SELECT due_at, lease_until, slow_until
    FROM campaigns_message JOIN campaigns_organization o ON o.id = organization_id
    WHERE status IN ('planned', 'rendered', 'uploaded')
"""
STEPS = 14
#: Rounds of work in which everything must have come to rest, once nothing goes wrong any more.
ROUNDS = 90


def moment_of(value: datetime | str) -> datetime:
    """A time as the database gives it to whoever asks by hand."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass
class Worker:
    """A process at its work: its name, its life line, and where it stands frozen."""

    name: str
    line: greenlet
    #: Can a sweep on our host see that it died?
    is_near: bool
    at: str = ""


class Life:
    """Everything that happens under one seed.  `story` tells it, a line per event."""

    def __init__(self, seed: int, traveller: time_machine.Traveller) -> None:
        self.seed = seed
        self.story: list[str] = []
        self.chance = random.Random(seed)
        self._traveller = traveller
        self.now = self.chance.choice(STARTS)
        self._skew = timedelta(0)
        traveller.move_to(self.now, tick=False)
        self.nemesis = Nemesis(self.chance, self.tell, self.go)
        self.watch = checker.Watch()
        self.world = World(lambda: self.now, timezone.now)
        self.world.tell = self.tell
        self.world.watch, self.world.seam = self.watch.call, self.seam
        self.world.before = lambda name, request: self.nemesis.before(self.world, name, request)
        self.world.after = lambda name, request, answer: self.nemesis.after(self.world, name, request, answer)
        self.workers: list[Worker] = []
        self.dead: set[str] = set()
        self._numbers = count(1)
        self._main = getcurrent()
        self._owed: list[dict] = []

    # --- what there is -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A business, its lines, its customers and the first campaign."""
        chance = self.chance
        self.organization = Organization.objects.create(name="Ada's", slug="ada", chert_secret=SECRET)
        self.business = Business.objects.create(
            organization=self.organization,
            name="Ada's Bakery",
            slug="bakery",
            sender="Ada",
            review_url="https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4",
            ask_after=chance.choice([0, 120, 600]),
            cool_down_days=chance.choice([0, 0, 90]),
        )
        for number in range(chance.choice([1, 1, 2])):
            Line.objects.create(
                organization=self.organization,
                number=f"+1512555010{number}",
                budget=chance.choice([2, 30, 30]),
                gap=600,
            )
        self._people()
        self.card = Card.objects.create(business=self.business, name="Van", design={})
        self.world.lag = timedelta(seconds=chance.choice([0, 0, 1, 30]))
        self.world.keys_on_follow_ups = chance.random() < 0.7
        self.campaigns: list[Campaign] = []
        self._campaign("Spring")

    def _people(self) -> None:
        many = self.chance.choice([1, 1, 2, 2, 3, 4])
        Customer.objects.bulk_create(self._one_of_them(f"+1512555200{n}", name) for n, name in enumerate(NAMES[:many]))

    def _one_of_them(self, phone: str, name: str) -> Customer:
        return Customer(
            business=self.business,
            first_name=name,
            phone=phone,
            timezone="America/Chicago",
            consent_basis="Asked at the counter",
            consent_at=self.now,
            is_attested=True,
            chat_id=self.world.chat_of(phone) if self.chance.random() < 0.3 else "",
        )

    def _campaign(self, name: str) -> None:
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
        self._launch(campaign)

    def _launch(self, campaign: Campaign) -> None:
        wait = launch.TIME_TO_UNDO if self.chance.random() < 0.5 else timedelta(0)
        try:
            launch.launch(campaign, None, timezone.now(), begin_after=wait)
            self.tell(f"{campaign} is launched, {campaign.flow}, reminder after {campaign.remind_after}")
        except (launch.NotReady, launch.NotPossible) as refused:
            self.tell(f"{campaign} is not launched: {refused}")

    # --- telling and time ------------------------------------------------------------------------------------------

    def tell(self, event: str) -> None:
        """One line of the story."""
        mine = next((worker.name for worker in self.workers if worker.line is getcurrent()), "")
        self.story.append(f"{timezone.now():%a %d %H:%M:%S}  {mine:8} {event}")

    def go(self, how_far: timedelta) -> None:
        """Let time pass."""
        self.now += how_far
        self._traveller.shift(how_far)
        self.world.settle()

    def _jump(self) -> None:
        """Our host's clock is set wrong by an hour, or right again (F-60)."""
        step = timedelta(hours=self.chance.choice([-1, 1]))
        self._skew += step
        self._traveller.shift(step)
        self.world.leapt += max(step, timedelta(0))
        self.tell(f"our clock jumps by {step}")

    # --- workers -----------------------------------------------------------------------------------------------------

    def seam(self, where: str) -> None:
        """The worker at work may die here, freeze here, or go on."""
        worker = next((one for one in self.workers if one.line is getcurrent()), None)
        if worker is None or self.nemesis.is_calm:
            return
        share = 0.15 if where.startswith("a statement") else 1
        luck = self.chance.random() / share
        if luck < self.nemesis.death:
            self.tell(f"dies at {where}")
            raise Killed
        too_hard = where == "before follow up" and not self.world.keys_on_follow_ups
        if luck < self.nemesis.death + self.nemesis.freeze and not connection.in_atomic_block and not too_hard:
            worker.at = where
            self.tell(f"freezes at {where}")
            self._main.switch()
            self.tell("wakes")

    def statement(self, execute: Callable, sql: str, params: object, many: bool, context: object) -> object:
        """Between our process and the database: a seam, and now and then a database that is busy (F-53)."""
        if getcurrent() is not self._main and not self.nemesis.is_calm and not self.watch.is_looking:
            self.seam(f"a statement: {sql[:60]}")
            if self.chance.random() < self.nemesis.busy:
                raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    def _start(self, job: Callable[[], object], name: str) -> None:
        worker = Worker(f"{name} {next(self._numbers)}", greenlet(lambda: self._live(job)), self.chance.random() < 0.7)
        self.workers.append(worker)
        self._let(worker)

    def _live(self, job: Callable[[], object]) -> None:
        try:
            job()
        except Killed:
            worker = next(one for one in self.workers if one.line is getcurrent())
            if worker.is_near:
                self.dead.add(worker.name)
        except OperationalError:
            self.tell("gives up: the database is busy")

    def _let(self, worker: Worker) -> None:
        """Let it work until its next seam."""
        worker.line.switch()
        if worker.line.dead:
            self.workers.remove(worker)

    def name_of_worker(self) -> str:
        """What leases ask: who is at work?"""
        return next((one.name for one in self.workers if one.line is getcurrent()), "main")

    def free_the_dead(self) -> int:
        """What the kernel knows of our own host: whose lock has come free."""
        return sum(leases._let_go(name, sorted(leases._IN_HAND.pop(name, ()))) for name in sorted(self.dead))

    # --- steps -------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Begin, live through all steps, come to rest, and let the books be checked."""
        self.begin()
        steps = (self._work, self._wait, self._hear, self._person, self._customer, self._news)
        weights = (45, 25, 12, 8, 7, 3)
        for step in self.chance.choices(steps, weights, k=STEPS):
            step()
            self.watch.step()
        self._calm()
        checker.the_books(self.world, timezone.now())

    def _work(self) -> None:
        """A ring of the doorbell, or somebody who slept wakes up."""
        if self.workers and self.chance.random() < 0.7:
            self._let(self.chance.choice(self.workers))
        elif len(self.workers) < 3:
            if self.chance.random() < 0.6 and (moment := self._next_moment()):  # most rings find something to do
                self.go(moment - timezone.now() + timedelta(seconds=1))
            self._start(self._look, "worker")

    def _look(self) -> None:
        chert_events.catch_up(timezone.now)
        leases.free_the_dead()
        send_what_is_due()

    def _wait(self) -> None:
        chance = self.chance.random()
        if chance < 0.05 and self.world.keys_on_follow_ups:  # a chat is searched by time, and our time must be right
            self._jump()
        elif chance < 0.1:
            self.go(timedelta(hours=self.chance.choice([12, 24])))
            self.tell("a night passes")
        elif chance < 0.5 and (moment := self._next_moment()):
            self.go(max(moment - timezone.now(), timedelta(0)) + timedelta(seconds=1))
        else:
            self.go(timedelta(seconds=self.chance.choice([1, 5, 30, 61, 200])))

    def _next_moment(self) -> datetime | None:
        """When something falls due, or a lease or a rest runs out."""
        now = timezone.now()
        with connection.cursor() as cursor:  # by hand: it is asked a dozen times in each life
            cursor.execute(MOMENTS)
            moments = [moment_of(value) for row in cursor.fetchall() for value in row if value]
        return min((moment for moment in moments if moment > now), default=None)

    def _hear(self) -> None:
        jobs = (
            (lambda: receipts.look(timezone.now, most=3), "receipts"),
            (self._listen, "events"),
            (lambda: outbox.sweep(timezone.now()), "sweep"),
        )
        if len(self.workers) < 4:
            self._start(*self.chance.choice(jobs))

    @staticmethod
    def _listen() -> None:
        chert_events.poll(timezone.now)
        chert_events.handle(timezone.now)

    def _person(self) -> None:
        """Somebody at the desk clicks, at a good moment or a bad one."""
        campaign = self.chance.choice(self.campaigns)
        act = self.chance.choice(
            (
                self._pause,
                self._pause,
                self._resume,
                self._resume,
                self._cancel,
                self._undo,
                self._resend,
                self._settle,
                self._second,
                self._repair,
                self._stop,
            )
        )
        campaign.refresh_from_db()
        try:
            act(campaign)
        except (launch.NotPossible, resend.NotAllowed, resend.ReasonNeeded, outbox.NotInDoubt) as refused:
            self.tell(f"{act.__name__} {campaign}: {refused}")
        else:
            self.tell(f"{act.__name__} {campaign}")

    def _pause(self, campaign: Campaign) -> None:
        steering.pause(campaign, None)

    def _resume(self, campaign: Campaign) -> None:
        steering.resume(campaign, None)

    def _cancel(self, campaign: Campaign) -> None:
        if self.chance.random() < 0.4:
            steering.cancel(campaign, None, timezone.now())

    def _undo(self, campaign: Campaign) -> None:
        steering.undo(campaign, None)
        self._launch(campaign)

    def _resend(self, campaign: Campaign) -> None:
        deliveries = Delivery.objects.filter(campaign=campaign).select_related("customer__business__organization")
        if delivery := self._one_of(list(deliveries.order_by("pk"))):
            resend.resend(delivery, None, self.chance.choice(["", "They asked for it"]), timezone.now())
            self.tell(f"sent again to {delivery.customer.first_name}")

    def _settle(self, campaign: Campaign) -> None:
        """A message in doubt: they know that it arrived, if it did."""
        keys = {effect.key for effect in self.world.effects}
        if message := self._one_of(list(Message.objects.filter(status="in_doubt", key__in=keys).order_by("pk"))):
            outbox.it_arrived(message, None, timezone.now())

    def _second(self, campaign: Campaign) -> None:
        if len(self.campaigns) < 2:
            self._campaign("Summer")

    def _repair(self, campaign: Campaign) -> None:
        self.organization.resume()

    def _stop(self, campaign: Campaign) -> None:
        if customer := self._one_of(list(Customer.objects.select_related("business__organization").order_by("pk"))):
            replies.stop(customer, "Asked us by phone", None, timezone.now())

    def _one_of(self, things: list) -> object:
        return self.chance.choice(things) if things else None

    def _customer(self) -> None:
        """Who has heard from us writes back."""
        phones = sorted({effect.phone for effect in self.world.effects})
        if phones:
            phone, words = self.chance.choice(phones), self.chance.choice(WORDS)
            self._owed.append(self.world.reply(phone, words))
            self.tell(f"{NAMES[int(phone[-1])]} writes {words!r}")

    def _news(self) -> None:
        """Webhooks: late, lost, doubled and in any order (F-44, F-45); the log has what they lose."""
        for effect in self.chance.sample(self.world.effects, min(2, len(self.world.effects))):
            self._owed.append(self._receipt(effect))
        self.chance.shuffle(self._owed)
        for event in self._owed:
            for _ in range(self.chance.choice([0, 1, 1, 2])):
                chert_events.store(self.organization, event_from_json(event), "webhook", timezone.now())
        self._owed = []

    def _receipt(self, effect: Effect) -> dict:
        return self.world.receipt(effect, self.chance.choice(["delivered", "read", "delivered", "failed"]))

    # --- rest --------------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """Nothing goes wrong any more; who is frozen wakes; everything goes on until nothing is left to do."""
        self.tell("nothing goes wrong any more")
        self.nemesis.is_calm = True
        while self.workers:
            self._let(self.workers[0])
        self.organization.resume()
        for campaign in self.campaigns:
            campaign.refresh_from_db()
            if campaign.state == status.Campaign.DRAFT:
                self._launch(campaign)
            elif campaign.state in (status.Campaign.PAUSED, status.Campaign.HELD):
                steering.resume(campaign, None)
        leases.free_the_dead()
        self._listen()
        for _ in range(ROUNDS):
            send_what_is_due()
            self.watch.step()
            moment = self._next_moment()
            if moment is None:
                break
            self.go(moment - timezone.now() + timedelta(seconds=5))
        checker.held(moment is None, "I2: it does not come to rest")
        outbox.sweep(timezone.now())
