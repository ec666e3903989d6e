"""How a text speaks: capitals, length, emoji.  None of it is forbidden; all of it reads like advertising."""

import re
from collections.abc import Iterator

#: People read so much of a message from a business at a glance.
LONG = 320
#: Emoji side by side that are still a smile.
MOST_IN_A_ROW = 2
MOST_EMOJI = 5

#: Words that are written in capitals for a reason.
_IN_CAPITALS = (
    "STOP QUIT END REVOKE OPT OUT CANCEL UNSUBSCRIBE START ALTO BAJA PARAR PARE CANCELAR SALIR NO DE YES OK SI "
    "LLC INC USA US UK TV AC HVAC BBQ DIY VIP SUV ABC GPS LED NYC LA TX CA NY FL AM PM ID PS RV BMW GMC VW KFC"
)
_CAPITALS = frozenset(re.findall(r"\w+", _IN_CAPITALS))
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SHOUT = re.compile(r"\b[^\W\d_a-z]{2,}(?:'[A-Z]+)?(?:[ ,;:&-]+[^\W\d_a-z]+(?:'[A-Z]+)?)*[!?]*")
_MARKS = re.compile(r"[!?¡¿]{3,}")
_SKIN, _JOIN = "[\U0001f3fb-\U0001f3ff\ufe0f]*", "\u200d"
_ONE = rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|(?![\U0001f3fb-\U0001f3ff])[\U0001f300-\U0001faff\u2600-\u27bf\u2764]{_SKIN})"
_EMOJI = re.compile(rf"{_ONE}(?:{_JOIN}{_ONE})*")
_STARS = re.compile("[⭐★☆🌟✨]")


def speaks(text: str) -> Iterator[tuple[str, str, str]]:
    """(phrase, what is odd about it, better words) for each thing that reads like advertising."""
    yield from _shouting(text)
    marks = _MARKS.search(text)
    if marks:
        yield marks.group(), "one mark says as much, and does not shout.", marks.group()[0]
    yield from _emoji(text)
    if len(text) > LONG:
        yield "", f"This is long: {len(text)} letters. Two or three short sentences get read; keep it under {LONG}.", ""


def _shouting(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _SHOUT.finditer(text):
        words = _WORD.findall(match.group())
        loud = [word for word in words if word.isupper() and word not in _CAPITALS and len(word) > 1]
        if len(loud) >= 3 or (len(loud) == 2 and sum(map(len, loud)) >= 12):
            phrase = match.group().strip(" ,;:&-")
            yield phrase, "capitals read as shouting.", phrase.capitalize()
            return


def _emoji(text: str) -> Iterator[tuple[str, str, str]]:
    """Stars are left to the rule about stars."""
    found = [match for match in _EMOJI.finditer(text) if not _STARS.match(match.group())]
    row = re.search(rf"(?:{_EMOJI.pattern}\s?){{{MOST_IN_A_ROW + 1},}}", _STARS.sub("", text))
    if row:
        phrase = row.group().strip()
        yield phrase, "so many emoji in a row read like advertising. One is plenty.", found[0].group()
    elif len(found) > MOST_EMOJI:
        yield "", f"There are {len(found)} emoji in it. One or two are plenty.", ""
