"""One seed, one short life: shops with customers, lines, campaigns; workers who take turns; and whatever goes wrong.

Each worker is a greenlet.  At every seam (a statement outside a transaction, a call to Chert before, in and after its
effect) it may change places with others, freeze for as long as it pleases the seed, or die.  All in one thread, on one
clock, with one source of chance, so that a seed is the same life every time.
"""

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import time_machine
from django.db import OperationalError, connection
from django.utils import timezone
from greenlet import getcurrent, greenlet

from campaigns import events as chert_events
from campaigns import outbox, receipts, status
from campaigns.brakes import absence
from campaigns.models import Message, Organization
from campaigns.outbox import leases
from campaigns.outbox.run import _work as send_what_is_due
from tests.simulation import checker
from tests.simulation.database import Backup
from tests.simulation.nemesis import Killed, Nemesis
from tests.simulation.people import REFUSALS, People, doubtful
from tests.simulation.shops import Shop
from tests.simulation.watch import Watch, held
from tests.simulation.world import World

#: A Monday noon in Chicago, an evening, a Saturday before a short Sunday, the evening before summer time begins, and
#: the one before it ends.
STARTS = (
    datetime(2026, 3, 2, 18, 0, tzinfo=UTC),
    datetime(2026, 3, 3, 1, 50, tzinfo=UTC),
    datetime(2026, 3, 7, 20, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 1, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 0, 40, tzinfo=UTC),
)
#: The nights in which the clocks of people change.
NIGHTS = (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), datetime(2026, 11, 1, 7, 0, tzinfo=UTC))
MOMENTS = """
    SELECT due_at, lease_until, slow_until
    FROM campaigns_message JOIN campaigns_organization o ON o.id = organization_id
    WHERE status IN ('planned', 'rendered', 'uploaded')
"""
#: How long a list may lag behind what was sent: where it alone tells, by more.
LAGS = {
    True: (timedelta(0), timedelta(seconds=1), timedelta(seconds=30)),
    False: (timedelta(0), timedelta(seconds=30), timedelta(seconds=50)),
}
STEPS = 14
#: Of work, waiting, what the clock does, clicks, answers and webhooks.
WEIGHTS = (42, 20, 11, 9, 8, 14)
ASLEEP = "F-07 asleep"
#: Which fault a death is, by where a call stood.
KILLED = {"before": "F-01", "after": "F-02", "mid": "F-04"}
#: Its number counts what the connection has done in other lives, too.
SAVEPOINT = re.compile(r'"s\d+_x\d+"')
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
        #: What went wrong, by the number of its fault and how often (tests/test_matrix.py).
        self.met: Counter[str] = Counter()
        self.nemesis = Nemesis(self.chance, self.tell, self.go, self._meet)
        self.world = World(lambda: self.now, timezone.now)
        self.watch = Watch(self.world)
        self.world.tell = self.tell
        self.world.watch, self.world.seam = self.watch.call, self.seam
        self.world.before = lambda name, request: self.nemesis.before(self.world, name, request)
        self.world.after = lambda name, request, answer: self.nemesis.after(self.world, name, request, answer)
        self.workers: list[Worker] = []
        self.dead: set[str] = set()
        self._numbers = count(1)
        self._main = getcurrent()
        self.beat: int | None = None
        #: The steps before which the database is saved and put back; none in most lives.
        self._save_at, self._restore_at = -1, -1

    def begin(self) -> None:
        """The shops, and what kind of Chert they have."""
        chance, world = self.chance, self.world
        lag = chance.choice([0, 0, 1, 2])
        world.keys_on_follow_ups = chance.random() < 0.7
        world.lag = LAGS[world.keys_on_follow_ups][lag]
        self.shops = [Shop(number, world, chance, self.tell) for number in range(chance.choice([1, 1, 2]))]
        self.people = People(self.shops, world, self.watch, chance, self.tell, self._meet)
        if world.keys_on_follow_ups and chance.random() < 0.2:  # what a backup has forgotten only a key can know
            self._save_at, self._restore_at = sorted(chance.sample(range(STEPS), 2))
        for shop in self.shops:
            shop.campaign("Spring")

    # --- telling and time ------------------------------------------------------------------------------------------

    def _meet(self, fault: str) -> None:
        self.met[fault] += 1

    def tell(self, event: str) -> None:
        """One line of the story."""
        mine = next((worker.name for worker in self.workers if worker.line is getcurrent()), "")
        self.story.append(f"{timezone.now():%a %d %H:%M:%S}  {mine:8} {event}")

    def go(self, how_far: timedelta) -> None:
        """Let time pass."""
        before, self.now = self.now, self.now + how_far
        self._traveller.shift(how_far)
        if any(before <= night < self.now for night in NIGHTS):
            self._meet("F-60 night of a clock change")
        self.world.settle()

    def _jump(self) -> None:
        """Our host's clock is set wrong by an hour, or right again (F-60)."""
        step = timedelta(hours=self.chance.choice([-1, 1]))
        self._skew += step
        self._traveller.shift(step)
        self.world.leapt += max(step, timedelta(0))
        self._meet("F-60 clock jumps")
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
            self._meet("F-05 killed" if where.startswith("a statement") else f"{KILLED[where.split()[0]]} killed")
            self.tell(f"dies at {where}")
            raise Killed
        too_hard = where == "before follow up" and not self.world.keys_on_follow_ups
        if luck < self.nemesis.death + self.nemesis.freeze and not connection.in_atomic_block and not too_hard:
            worker.at = where
            self._meet(ASLEEP)
            self.tell(f"freezes at {where}")
            self._main.switch()
            self.tell("wakes")

    def statement(self, execute: Callable, sql: str, params: object, many: bool, context: object) -> object:
        """Between our process and the database: a seam, and now and then a database that is busy (F-53)."""
        if getcurrent() is not self._main and not self.nemesis.is_calm and not self.watch.is_looking:
            self.seam(f"a statement: {SAVEPOINT.sub('…', sql)[:60]}")
            if self.chance.random() < self.nemesis.busy:
                self._meet("F-53 busy database")
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
        return sum(map(self._bury, sorted(self.dead)))

    def _bury(self, name: str) -> int:
        freed = leases._let_go(name, sorted(leases._IN_HAND.get(name, ())))
        leases._IN_HAND.pop(name, None)  # now its file is gone, and nobody asks again
        self.dead.discard(name)
        return freed

    def remember(self, beat: int) -> None:
        """Our host's file with the number of the last beat, which no backup touches."""
        self.beat = beat

    # --- steps -------------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Begin, live through all steps, come to rest, and let the books be checked."""
        self.begin()
        people = self.people
        steps = (self._work, self._wait, self._hear, people.click, people.write_back, people.news)
        for number, step in enumerate(self.chance.choices(steps, WEIGHTS, k=STEPS)):
            self._save_or_restore(number)
            step()
            self.watch.step()
        people.news()  # every phone that has heard from us has news of it, sooner or later
        self.watch.step()
        self._calm()
        checker.the_books(self.world, timezone.now())

    def _save_or_restore(self, number: int) -> None:
        if number == self._save_at:
            self._backup = Backup(self.now, self.beat)
            self.tell("the database is saved")
        if number == self._restore_at:
            self._restore()

    def _restore(self) -> None:
        """Every process ends, and the database is put back as it was an hour ago or longer (F-54)."""
        for worker in list(self.workers):
            worker.line.throw(Killed)
            self.workers.remove(worker)
        self.people.write_back()
        self.people.lose_webhooks()  # while nobody is at work here: only Chert's log still knows
        self.go(max(self._backup.at + timedelta(hours=1) - self.now, timedelta(seconds=1)))  # it takes a while, too
        self._backup.put_back()
        for shop in self.shops:
            shop.look_around()
        self.watch.forget(self._backup.at, self.now, is_noticed=self.beat != self._backup.beat)
        self._meet("F-54 backup put back")
        self.tell("the database is put back as it was")

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
        naps = self.met[ASLEEP]
        send_what_is_due()
        if self.met[ASLEEP] == naps:  # who slept since the last question may go home by an old clock
            self.watch.leases(timezone.now())

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

    # --- rest --------------------------------------------------------------------------------------------------------

    def _calm(self) -> None:
        """Nothing goes wrong any more; who is frozen wakes; everything goes on until nothing is left to do."""
        self.tell("nothing goes wrong any more")
        self.nemesis.is_calm = True
        while self.workers:
            self._let(self.workers[0])
        absence.look(timezone.now())
        for shop in self.shops:
            self._go_on(shop)
        leases.free_the_dead()
        self._come_to_rest()
        for shop in self.shops:
            for message in doubtful(shop):
                self._leave_doubt(message)
        self._come_to_rest()

    def _go_on(self, shop: Shop) -> None:
        shop.organization.resume()
        for campaign in shop.campaigns:
            campaign.refresh_from_db()
            if campaign.state == status.Campaign.DRAFT:
                shop.launch(campaign)
            elif campaign.state in (status.Campaign.PAUSED, status.Campaign.HELD):
                self.people.resume(shop, campaign)

    def _leave_doubt(self, message: Message) -> None:
        """Every other one is settled; so the last of each kind of life is seen, too."""
        try:
            if self.chance.random() < 0.5:
                self.people.leave_doubt(message)
        except REFUSALS as refused:
            self.tell(f"the {message.kind} stays in doubt: {refused}")
        self.watch.step()

    @staticmethod
    def _is_unheard() -> bool:
        return Organization.objects.filter(unheard_since__isnull=False).exists()

    def _come_to_rest(self) -> None:
        self._listen()
        for _ in range(ROUNDS):
            send_what_is_due()
            self.watch.leases(timezone.now())
            self.watch.step()
            moment = self._next_moment()
            if moment is None and self._is_unheard():  # its turn to read the log comes, as the clock goes on
                moment = timezone.now() + chert_events.AWAY
            if moment is None:
                break
            self.go(moment - timezone.now() + timedelta(seconds=5))
            if self._is_unheard():
                self._listen()
        held(moment is None, "I2: it does not come to rest")
        outbox.sweep(timezone.now())
