"""The nine switches of the weather panel: each is one knob, turned to one setting."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from .knobs import Knobs


@dataclass(frozen=True)
class Sky:
    """A switch: what it is called, which knob it turns and how far."""

    name: str
    knob: str
    turned: Any
    icon: str
    word: str
    hint: str


SKIES = (
    Sky("slow", "latency_ms", 3000, "hourglass", "Slow", "each call takes 3 seconds"),
    Sky("drops", "reset_before", 0.5, "unplug", "Connection drops", "half the time, before it is taken"),
    Sky("breaks", "reset_after", 0.5, "unplug", "Connection breaks", "half the time, before the answer"),
    Sky("busy", "p429", 0.2, "cloud-rain", "Busy", "one call in five is turned away"),
    Sky("fails", "p500", 0.2, "circle-x", "Failing", "one call in five ends in an error (500)"),
    Sky("garbled", "non_json", 0.2, "file", "Garbled", "one answer in five is a page, not data"),
    Sky("away", "away", True, "moon", "Away", "nothing answers at all"),
    Sky("echo", "echo", True, "copy", "Echo", "every notice comes twice"),
    Sky("key", "key_refused", True, "key", "Key refused", "as if the key had been changed"),
)


def is_on(sky: Sky, knobs: Knobs) -> bool:
    return bool(getattr(knobs, sky.knob))


def changes(knobs: Knobs, wanted: Container[str]) -> dict[str, Any]:
    """Which knobs to turn so that exactly these switches are on; one that is on already keeps its finer setting."""
    return {
        sky.knob: sky.turned if sky.name in wanted else getattr(Knobs(), sky.knob)
        for sky in SKIES
        if (sky.name in wanted) != is_on(sky, knobs)
    }
