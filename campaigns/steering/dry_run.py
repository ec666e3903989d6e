"""The dry run as a file: for everybody meant, what would happen, when, in which words; and every picture.

Nothing is written and nothing is called.  The link of a customer is made when the campaign starts, so the file shows
its form only.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects
from django.utils.text import slugify

from campaigns import cards, languages, launch, links, merge
from campaigns.asking import audience
from campaigns.importing import csv_out
from campaigns.models import Business, Campaign, Customer, Line

#: Pictures in one file; the rows tell of everybody.
MOST_PICTURES = 2000
HEADER = (
    "Name",
    "Phone",
    "What happens",
    "Why",
    "Their time",
    "Their zone",
    "Our time",
    "Line",
    "Kind",
    "Language",
    "Side",
    "Greeting",
    "Request",
    "Reminder",
    "Link",
    "Picture",
)
#: What stands in place of the word that every customer's link has of its own.
OWN_WORD = "a-word-of-their-own"
FIRST, CHAT = "first message", "in the chat you have"
NOT_HERE = f"not in this file, which holds the first {MOST_PICTURES:,} pictures"

Row = Sequence[str]


def rows(campaign: Campaign, plan: launch.Plan) -> Iterator[Row]:
    """One row for everybody meant: first those who will be asked, in the order of the plan, then those who will not."""
    if campaign.pk:  # one that is only tried has no words but its own
        prefetch_related_objects([campaign], "other_wordings")
    numbers = _lines(campaign.business)
    for place, person in enumerate(in_order(plan)):
        yield _asked(campaign, plan, person, numbers, picture_name(place, person) if campaign.card else "")
    for person, reason in plan.skipped:
        yield (person.name, person.phone, "left out", reason.sentence, *("" for _ in HEADER[4:]))


def in_order(plan: launch.Plan) -> list[Customer]:
    """Those who will be asked, the first first."""
    return sorted(plan.will_ask, key=lambda person: (plan.times[person.pk], person.pk))


def picture_name(place: int, person: Customer) -> str:
    """The file of the picture at this place of the plan: its number, and who it is for."""
    return f"{place + 1:05d}-{slugify(person.name) or 'no-name'}"[:60] + ".jpg"


def _asked(campaign: Campaign, plan: launch.Plan, person: Customer, numbers: dict[int, str], picture: str) -> Row:
    at, zones = plan.times[person.pk], audience.zones(person)
    first = plan.lines.get(person.pk)
    line = first.number if first else numbers.get(person.line_id or 0, "")
    is_greeted = not person.known_chat and (campaign.flow == Business.Flow.GREETING_FIRST or bool(person.asked_with))
    side = campaign.side_of(person)
    wording = campaign.wording(person.language, side)
    said = (wording.greeting if is_greeted else "", wording.ask, wording.reminder if campaign.remind_after else "")
    return (
        person.name,
        person.phone,
        "asked",
        "",
        _local(at, zones[0]),
        " or ".join(zone.key for zone in zones),
        _local(at, campaign.business.zone),
        line,
        CHAT if person.known_chat else FIRST,
        languages.name(wording.language),
        side,
        *(_filled(text, person, wording.language) for text in said),
        links.address(campaign.business, OWN_WORD),
        picture,
    )


def _lines(business: Business) -> dict[int, str]:
    """The numbers of the account's lines: a chat goes on where it began."""
    return dict(Line.objects.filter(organization=business.organization_id).values_list("pk", "number"))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _filled(text: str, person: Customer, language: str) -> str:
    """The exact words; a field that does not exist is said in their place, as it would stop the launch."""
    try:
        return merge.fill(text, person.words(language), language)
    except merge.UnknownField as wrong:
        return f"({wrong})"


def as_csv(campaign: Campaign, plan: launch.Plan) -> Iterator[bytes]:
    """The rows as a CSV file, piece by piece.  No cell can become a formula."""
    return csv_out.lines(chain([HEADER], rows(campaign, plan)))


def as_zip(campaign: Campaign, plan: launch.Plan, drawings: Mapping[str, cards.Card]) -> Iterator[bytes]:
    """The same rows and every picture as it will be drawn, piece by piece; no more than one picture is held at a time.

    Of a longer list the first `MOST_PICTURES` pictures; the row says so for the rest.  `drawings` are the card of each
    side, and "" is that of a campaign with one.
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as folder:
        with folder.open(_sheet(), "w") as sheet:
            for piece in csv_out.lines(chain([HEADER], _limited(rows(campaign, plan)))):
                sheet.write(piece)
        for place, person in enumerate(in_order(plan)[:MOST_PICTURES]):
            name = f"pictures/{picture_name(place, person)}"
            drawing = drawings[campaign.side_of(person)]
            folder.writestr(name, cards.render(drawing, person.words()))  # a JPEG gets no smaller
            yield pipe.take()
    yield pipe.take()


def _sheet() -> zipfile.ZipInfo:
    sheet = zipfile.ZipInfo("dry-run.csv")
    sheet.compress_type = zipfile.ZIP_DEFLATED
    return sheet


def _limited(all_rows: Iterator[Row]) -> Iterator[Row]:
    for place, row in enumerate(all_rows):
        yield (*row[:-1], NOT_HERE) if place >= MOST_PICTURES and row[-1] else row


class _Pipe(io.RawIOBase):
    """Where a ZIP is written that nobody holds as a whole: what came in since the last look can be taken out."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        """It only takes."""
        return True

    def write(self, content: object) -> int:
        """Hold it until it is taken."""
        piece = bytes(content)  # type: ignore[call-overload]  # whatever zipfile writes is a buffer
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        """What has been written since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken
