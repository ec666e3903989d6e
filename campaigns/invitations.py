"""The words and parts of a message.  Pure: values in, values out."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns import languages, merge
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
HOW_TO_STOP = "(Reply STOP and I won't write again.)"


@dataclass(frozen=True)
class Ready:
    """Words that keep the rules, in one language: those a draft begins with, and those of our own."""

    greeting: str
    ask: str
    reminder: str
    #: Ends a text in which every message must say how to stop (D5).
    how_to_stop: str
    link_title: str
    confirmation: str

    def beginning(self, *, stop_in_each: bool) -> dict[str, str]:
        """The three texts a draft begins with; greeting and reminder say how to stop anyway."""
        ask = f"{self.ask} {self.how_to_stop}" if stop_in_each else self.ask
        return {"greeting": self.greeting, "ask": ask, "reminder": self.reminder}


READY: Mapping[str, Ready] = {
    languages.ENGLISH: Ready(GREETING, ASK, REMINDER, HOW_TO_STOP, LINK_TITLE, CONFIRMATION),
    languages.SPANISH: Ready(
        greeting="Hola {first_name|}, le escribe {sender}, de {business}. ¡Gracias por su confianza! "
        "(Responda ALTO y no le escribo más.)",
        ask="Si tiene un minuto, ¿les contaría a otros cómo le fue? Bueno o no tan bueno, todo ayuda.",
        reminder="Hola {first_name|}, le escribe otra vez {sender}, de {business}. Si encuentra un minuto, ¿les "
        "contaría a otros cómo le fue? Bueno o no tan bueno, todo ayuda. (Responda ALTO y no le escribo más.)",
        how_to_stop="(Responda ALTO y no le escribo más.)",
        link_title="Escribir una reseña en Google",
        confirmation="No volverá a recibir mensajes de {business}.",
    ),
}
"""By the code of the language; `languages.SPOKEN` are those there are."""


def link_title(language: str) -> str:
    """What the link card says beside words in this language, and in English beside one we do not speak."""
    return READY[languages.spoken(language, languages.ENGLISH)].link_title


@dataclass(frozen=True)
class Link:
    """The link card: where it leads and what it says, so that the preview needs no fetch."""

    url: str
    business: str
    title: str = LINK_TITLE


def greeting(text: str, fields: Mapping[str, str], language: str = languages.ENGLISH) -> list[Part]:
    """The first message: text alone, which every line takes (contract §6.3).  `language` is the one of the text."""
    return [Text(merge.fill(text, fields, language))]


def ask(
    text: str,
    fields: Mapping[str, str],
    attachment: AttachmentId | None,
    link: Link,
    language: str = languages.ENGLISH,
) -> list[Part]:
    """Picture, text, link in the order Chert recommends for review requests (contract §6.3)."""
    picture: list[Part] = [Media(attachment)] if attachment else []
    card = RichLink(url=link.url, title=link.title, summary=link.business)
    return [*picture, Text(merge.fill(text, fields, language)), card]


def reminder(text: str, fields: Mapping[str, str], link: Link, language: str = languages.ENGLISH) -> list[Part]:
    """Other words, no picture, and the very same link."""
    return ask(text, fields, None, link, language)


def confirmation(business: str, language: str = languages.ENGLISH) -> list[Part]:
    """The one answer to a STOP: no link, no picture, no marketing (M5)."""
    said = READY[languages.spoken(language, languages.ENGLISH)].confirmation
    return [Text(merge.fill(said, {"business": business}, language))]
