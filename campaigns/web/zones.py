"""Time zones to choose from, as people look for them: those of the United States first, then the world by region."""

from functools import cache
from zoneinfo import available_timezones

AMERICAN = (
    ("America/New_York", "Eastern (New York)"),
    ("America/Chicago", "Central (Chicago)"),
    ("America/Denver", "Mountain (Denver)"),
    ("America/Phoenix", "Arizona (Phoenix)"),
    ("America/Los_Angeles", "Pacific (Los Angeles)"),
    ("America/Anchorage", "Alaska (Anchorage)"),
    ("Pacific/Honolulu", "Hawaii (Honolulu)"),
)
REGIONS = ("America", "Europe", "Africa", "Asia", "Australia", "Pacific", "Atlantic", "Indian")

Choices = list[tuple[str, list[tuple[str, str]]]]


@cache
def names() -> frozenset[str]:
    """Every zone this computer knows by a place."""
    return frozenset(name for name in available_timezones() if name.split("/")[0] in REGIONS)


@cache
def choices() -> Choices:
    """Groups of (name, words) for a select."""
    return [("United States", list(AMERICAN)), *((region, _of(region)) for region in REGIONS)]


def _of(region: str) -> list[tuple[str, str]]:
    return [(name, _words(name)) for name in sorted(names()) if name.startswith(f"{region}/")]


def _words(name: str) -> str:
    """'Buenos Aires, Argentina' for America/Argentina/Buenos_Aires."""
    return ", ".join(reversed(name.replace("_", " ").split("/")[1:]))
