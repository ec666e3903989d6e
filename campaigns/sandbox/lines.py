"""First touches: how many a line may make a day and how far apart (contract §11)."""

from .knobs import Knobs
from .problems import Problem
from .store import Line, Store
from .times import midnight

DAY = 86_400.0


def free_at(store: Store, line: Line, knobs: Knobs, now: float) -> float:
    """The moment from which this line may write to somebody new; ``now`` when it may at once."""
    at = now
    if line.gap:
        row = store.one("SELECT max(at) AS last FROM first_touches WHERE line_id = ?", line.id)
        at = max(at, row["last"] + line.gap) if row and row["last"] is not None else at
    if line.budget is not None:
        at = _after_budget(store, line, line.budget, knobs, at)
    return at


def _after_budget(store: Store, line: Line, budget: int, knobs: Knobs, at: float) -> float:
    if budget <= 0:
        return midnight(at) + DAY
    if knobs.budget_day == "rolling":
        oldest = store.one(
            "SELECT at FROM first_touches WHERE line_id = ? ORDER BY at DESC LIMIT 1 OFFSET ?", line.id, budget - 1
        )
        return max(at, oldest["at"] + DAY) if oldest else at
    while _touched(store, line, midnight(at)) >= budget:
        at = midnight(at) + DAY
    return at


def _touched(store: Store, line: Line, day: float) -> int:
    return store.number(
        "SELECT count(*) FROM first_touches WHERE line_id = ? AND at >= ? AND at < ?", line.id, day, day + DAY
    )


def touch(store: Store, line: Line, knobs: Knobs, now: float) -> float:
    """Use up one first touch; gives the moment the message starts.  Raises Problem 3002 or 4002."""
    if not line.is_active:
        raise Problem(3002, "This line is not active.", retry_after=60)
    at = free_at(store, line, knobs, now)
    if at > now and not knobs.gap_queues:
        raise Problem(4002, retry_after=at - now)
    store.insert("first_touches", line_id=line.id, at=at)
    return at


def choose(store: Store, tenant: str, knobs: Knobs, now: float) -> Line:
    """The tenant's line that is free soonest; the first of equals.  Raises Problem 2006 when there is none."""
    active = [line for line in store.lines(tenant) if line.is_active]
    if not active:
        raise Problem(2006, "This tenant has no active line.")
    return min(active, key=lambda line: free_at(store, line, knobs, now))
