"""Tags for the look: icons, status chips, form inputs, people's names and times."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers
from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from campaigns import status

register = template.Library()

#: Icon for each word of a delivery, a campaign, and of what the customer did.
ICONS: Mapping[str, str] = {
    "planned": "calendar-clock",
    "rendered": "image",
    "uploaded": "hourglass",
    "greeted": "message-circle",
    "sent": "send",
    "delivered": "check",
    "read": "check-check",
    "in_doubt": "circle-question-mark",
    "refused": "circle-x",
    "expired": "clock-alert",
    "skipped": "circle-minus",
    "cancelled": "ban",
    "opened": "mouse-pointer-click",
    "replied": "reply",
    "reviewed": "check-check",
    "stopped": "hand",
    "draft": "pencil-line",
    "paused": "pause",
    "held": "hand",
    "finished": "check-check",
}
#: Words that are not in the status table: what the customer did, and what a campaign is.
WORDS: Mapping[str, str] = {"opened": "Opened link", "replied": "Replied", "reviewed": "Reviewed", "stopped": "Stopped"}
#: A campaign's state borrows the look of the delivery word nearest to it.
BORROWED: Mapping[str, str] = {
    "draft": "planned",
    "reviewed": "read",
    "finished": "read",
    "paused": "warn",
    "held": "warn",
}


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """One Lucide icon, inline.  Decorative unless `label` says in words what it shows."""
    return _draw(str(name), str(extra), str(label))


@lru_cache(maxsize=512)
def _draw(name: str, extra: str, label: str) -> SafeString:
    attributes = {"class": f"icon {extra}".strip()}
    attributes |= {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    return SafeString(lucide(name, size=18, **attributes))


@register.inclusion_tag("_chip.html")
def chip(word: str, label: str = "") -> dict[str, str]:
    """A status as icon, word and colour, always the three."""
    word = str(word)
    return {
        "look": BORROWED.get(word, word),
        "icon": ICONS.get(word, "circle-minus"),
        "label": label or _label(word),
        "running": "yes" if word == "running" else "",
    }


def _label(word: str) -> str:
    if word in WORDS:
        return WORDS[word]
    labels = dict(status.Campaign.choices) | dict(status.Message.choices) | dict(status.Delivery.choices)
    return str(labels.get(word, word))


@register.simple_tag(name="input")
def draw_input(field: BoundField, extra: str = "", **attributes: str) -> SafeString:
    """The field's widget in the look.  Django itself ties hint and error to it (aria-describedby, aria-invalid)."""
    attrs = {name.replace("_", "-"): value for name, value in attributes.items()}
    return field.as_widget(attrs={"class": f"input {extra}".strip(), **attrs})


@register.filter
def initials(name: object) -> str:
    """At most two letters for a round face: first letters of the first and the last word."""
    words = re.findall(r"\w+", str(name).split("@")[0])
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper()


@register.simple_tag
def sandbox_address() -> str:
    """Where the pretend phones are, or nothing when messages go to real people."""
    parts = urlsplit(settings.CHERT_API_BASE)
    return f"{parts.scheme}://{parts.netloc}/" if _is_loopback(parts.hostname or "") else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@register.filter
def clock(moment: datetime | None) -> str:
    """'9:42' today, 'Sat 9:42' within a week, otherwise '18 Nov, 9:42', in the zone of the page."""
    if moment is None:
        return ""
    local, today = timezone.localtime(moment), timezone.localdate()
    time = f"{local:%-H:%M}"
    days = abs((local.date() - today).days)
    if days == 0:
        return time
    if days < 7:
        return f"{local:%a} {time}"
    return f"{day(local)}, {time}"


@register.filter
def day(moment: datetime | None) -> str:
    """'18 Nov', with the year when it is not this one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localdate().year else f" {local.year}"
    return f"{local:%-d %b}{year}"


@register.filter
def long_day(moment: datetime | None) -> str:
    """'Monday 23 November', with the year when it is not this one."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    year = "" if local.year == timezone.localdate().year else f" {local.year}"
    return f"{local:%A %-d %B}{year}"


@register.filter
def spoken_day(moment: datetime) -> str:
    """'Today', 'Yesterday', or 'Monday 12 October'."""
    days = (timezone.localdate() - timezone.localdate(moment)).days
    return {0: "Today", 1: "Yesterday"}.get(days) or long_day(moment)


@register.filter
def zone_name(zone: tzinfo | str) -> str:
    """'Chicago' for America/Chicago."""
    return str(zone).rsplit("/", 1)[-1].replace("_", " ")


@register.filter
@lru_cache(maxsize=4096)
def phone(number: str) -> str:
    """'(503) 555-0142' for North America, '+49 30 901820' elsewhere; what cannot be read stays as it is."""
    try:
        parsed = phonenumbers.parse(str(number), None)
    except phonenumbers.NumberParseException:
        return "" if str(number).startswith("+x") else str(number)  # of somebody who was erased
    national = parsed.country_code == 1
    kind = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, kind)


@register.filter
def grouped(number: int) -> str:
    """98412 as 98,412."""
    return f"{number:,}"


@register.filter
def short_clock(moment: datetime | None) -> str:
    """'9:42' today, 'Sat' within a week, otherwise '18 Nov': for the edge of a list."""
    if moment is None:
        return ""
    days = abs((timezone.localdate(moment) - timezone.localdate()).days)
    local = timezone.localtime(moment)
    return f"{local:%-H:%M}" if days == 0 else f"{local:%a}" if days < 7 else day(moment)
