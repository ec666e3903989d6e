"""The words and parts of a message.  Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns import merge
from campaigns.chert.ids import AttachmentId
from campaigns.chert.parts import Media, Part, RichLink, Text

GREETING = (
    "Hi {first_name|there}, it's {sender} from {business}. Thank you for having us! "
    "(Reply STOP and I won't write again.)"
)
ASK = "If you have a minute, would you tell others how it went? Good or not so good, it all helps."
REMINDER = (
    "Hi {first_name|there}, {sender} from {business} once more. If you find a minute, would you tell others how it "
    "went? Good or not so good, it all helps. (Reply STOP and I won't write again.)"
)
CONFIRMATION = "You won't hear from {business} again."
LINK_TITLE = "Write a Google review"


@dataclass(frozen=True)
class Link:
    """The link card: where it leads and what it says, so that the preview needs no fetch."""

    url: str
    business: str
    title: str = LINK_TITLE


def greeting(text: str, fields: Mapping[str, str]) -> list[Part]:
    """The first message: text alone, which every line takes (contract §6.3)."""
    return [Text(merge.fill(text, fields))]


def ask(text: str, fields: Mapping[str, str], attachment: AttachmentId | None, link: Link) -> list[Part]:
    """Picture, text, link in the order Chert recommends for review requests (contract §6.3)."""
    picture: list[Part] = [Media(attachment)] if attachment else []
    card = RichLink(url=link.url, title=link.title, summary=link.business)
    return [*picture, Text(merge.fill(text, fields)), card]


def reminder(text: str, fields: Mapping[str, str], link: Link) -> list[Part]:
    """Other words, no picture, and the very same link."""
    return ask(text, fields, None, link)


def confirmation(business: str) -> list[Part]:
    """The one answer to a STOP: no link, no picture, no marketing (M5)."""
    return [Text(merge.fill(CONFIRMATION, {"business": business}))]
