"""How a customer stands, as a chip: one for each reason of `audience`."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.asking.audience import Reason


@dataclass(frozen=True)
class Standing:
    """How a customer stands, for a chip: look, icon and word, and the sentence beneath it."""

    look: str
    icon: str
    word: str
    sentence: str = ""


#: The usual cases wear no chip, so that the others are seen.
MAY_BE_ASKED = Standing("", "", "May be asked")
#: The look of each reason of `audience`.
STANDINGS: Mapping[str, Standing] = {
    "stopped": Standing("stopped", "hand", "Stopped"),
    "suppressed": Standing("stopped", "hand", "Stopped"),
    "insider": Standing("skipped", "user-x", "Employee or relative"),
    "no_consent": Standing("warn", "shield-question-mark", "Consent missing"),
    "no_visit": Standing("warn", "calendar-x", "No visit recorded"),
    "paused": Standing("warn", "message-square-warning", "To read"),
    "reviewed": Standing("read", "check-check", "Reviewed"),
    "no_mobile": Standing("skipped", "phone-off", "No mobile"),
    "same_phone": Standing("skipped", "copy", "Twice in the list"),
    "unanswered": Standing("skipped", "circle-minus", "No answer"),
    "recent": Standing("", "", "Not yet"),
    "elsewhere": Standing("sent", "send", "In a campaign"),
    "together": Standing("skipped", "users", "In a group"),
    "name": Standing("warn", "user-round-search", "Name to look at"),
}


def standing(reason: Reason | None) -> Standing:
    """The chip for this reason, or for none."""
    if reason is None:
        return MAY_BE_ASKED
    known = STANDINGS[reason.code]
    sentence = reason.sentence.removeprefix(f"{known.word}: ")
    return Standing(known.look, known.icon, known.word, sentence[:1].upper() + sentence[1:])
