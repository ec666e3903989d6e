"""Addresses where a review is written: which ones a business may send its customers to.  (pure)

Nothing is fetched (S36).  What is kept holds the place and nothing else: no rating can travel in it (R4).
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit

_PLACE_ID = re.compile(r"[A-Za-z0-9_-]{20,}")
_WORD = r"[A-Za-z0-9_.-]+"
#: Query fields that name a place; every other one is dropped.
_KEPT = frozenset({"cid", "ftid", "q", "query", "api", "query_place_id"})
#: Characters a kept address may have.
_MOST = 600

_ADVICE = (
    "In your Google Business Profile choose “Ask for reviews” and copy the link from there; "
    "it begins with https://g.page/r/ and ends with /review."
)
_OPENS_THE_PLACE = (
    "This address opens the place on Google, and the customer still has to find the review box there. " + _ADVICE
)
_OLD_FORM = "This is the old form of the address, which Google only forwards. " + _ADVICE


class BadReviewLink(ValueError):
    """Customers may not be sent to this address.  `sentence` says why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class ReviewLink:
    """An address that may be sent, and a sentence for the owner where a better one exists."""

    url: str
    warning: str | None = None


def from_place_id(text: str) -> str:
    """The address that opens the review box of this place.  Raises `BadReviewLink` when it is no Place ID.

    Place IDs have no longest form and not all begin with ChIJ (developers.google.com/places/place-id).
    """
    place = text.strip()
    if not _PLACE_ID.fullmatch(place):
        raise BadReviewLink(f"This is not a Google Place ID: it has at least 20 letters, digits, - or _. {_ADVICE}")
    return _within_reason(f"https://search.google.com/local/writereview?placeid={quote(place, safe='')}")


def check(text: str) -> ReviewLink:
    """The review address in what somebody pasted: a link, or a bare Place ID.  Raises `BadReviewLink`.

    1. It must be an https address without a name, password or port, on one of Google's five hosts, spelt exactly.
    2. A Place ID inside it wins: the canonical address is built from it.
    3. Otherwise only the forms Google gives out pass, without what else was in the query.
    """
    pasted = text.strip()
    if _PLACE_ID.fullmatch(pasted):
        return ReviewLink(from_place_id(pasted))
    parts = _split(pasted)
    place = _place_id(parts)
    return ReviewLink(from_place_id(place)) if place else _known_form(parts)


def _split(pasted: str) -> SplitResult:
    _refuse_odd_text(pasted)
    address = pasted if "://" in pasted or not re.match(r"[\w.-]+\.\w+/", pasted) else f"https://{pasted}"
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise BadReviewLink(f"This is not a web address. {_ADVICE}") from error
    if parts.scheme != "https":
        raise BadReviewLink(f"The address must begin with https://. {_ADVICE}")
    if "@" in parts.netloc:
        raise BadReviewLink(f"There is an @ before the name of the site, as false addresses have it. {_ADVICE}")
    if port is not None or parts.netloc.endswith(":"):
        raise BadReviewLink(f"The address names a port, which Google’s addresses never do. {_ADVICE}")
    _refuse_other_hosts(parts.hostname or "")
    _refuse_detours(parts)
    return parts


def _within_reason(url: str) -> str:
    if len(url) > _MOST:
        raise BadReviewLink(f"The address is longer than {_MOST} characters. {_ADVICE}")
    return url


def _refuse_odd_text(pasted: str) -> None:
    if not pasted:
        raise BadReviewLink(f"There is no review address. {_ADVICE}")
    if "\\" in pasted or any(c.isspace() or unicodedata.category(c) in {"Cc", "Cf"} for c in pasted):
        raise BadReviewLink(f"There is a space, a backslash or an invisible character in the address. {_ADVICE}")


def _refuse_other_hosts(host: str) -> None:
    if host in _FORMS:
        return
    if not host:
        raise BadReviewLink(f"This is not a web address. {_ADVICE}")
    if not host.isascii() or "xn--" in host:
        raise BadReviewLink(f"“{_punycode(host)}” only looks like a Google address. {_ADVICE}")
    if re.fullmatch(r"[0-9a-fx.:]+", host):
        raise BadReviewLink(f"This is the number of a computer, not a Google address. {_ADVICE}")
    raise BadReviewLink(f"“{host[:80]}” is not where Google takes reviews. {_ADVICE}")


def _punycode(host: str) -> str:
    """The name as the network sees it (S33), so that a look-alike letter shows."""
    try:
        return host.encode("idna").decode()[:80]
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode()[:80]


def _refuse_detours(parts: SplitResult) -> None:
    """Some of Google’s own paths send people on to any address at all; none of them is a review link."""
    path = parts.path.lower()
    steps = path.split("/")
    if ".." in steps or "." in steps or "//" in path or "%2e" in path or "%2f" in path or "%5c" in path:
        raise BadReviewLink(f"The address takes a detour that no review link needs. {_ADVICE}")


def _place_id(parts: SplitResult) -> str | None:
    """The Place ID an address of Google names, wherever it stands."""
    query = dict(parse_qsl(parts.query))
    named = query.get("placeid") if parts.path in {"/local/writereview", "/local/reviews"} else None
    in_words = re.fullmatch(r"place_id:(.+)", query.get("q", ""))
    place = named or query.get("query_place_id") or (in_words[1] if in_words else None)
    return place if place and _PLACE_ID.fullmatch(place) else None


def _known_form(parts: SplitResult) -> ReviewLink:
    for pattern, warning in _FORMS[parts.hostname or ""]:
        if re.fullmatch(pattern, parts.path):
            return ReviewLink(_rebuilt(parts), warning)
    raise BadReviewLink(f"This address of Google does not lead to a review. {_ADVICE}")


def _rebuilt(parts: SplitResult) -> str:
    path = quote(parts.path.rstrip("/") or "/", safe="/%@:!$&'()*+,;=~-._")
    kept = [] if parts.hostname == "g.page" else [(k, v) for k, v in parse_qsl(parts.query) if k in _KEPT]
    return _within_reason(f"https://{parts.hostname}{path}" + (f"?{urlencode(kept)}" if kept else ""))


#: Host → the paths that lead to a place, each with what the owner should know.  Hosts are matched exactly.
_FORMS: dict[str, tuple[tuple[str, str | None], ...]] = {
    "search.google.com": (),
    "g.page": (
        (rf"/r/{_WORD}/review/?", None),
        (rf"/r/{_WORD}/?", _OPENS_THE_PLACE),
        (rf"/{_WORD}/reviews?/?", _OLD_FORM),
        (rf"/{_WORD}/?", _OPENS_THE_PLACE),
    ),
    "maps.app.goo.gl": ((rf"/{_WORD}", _OPENS_THE_PLACE),),
    "maps.google.com": ((r"/?", _OPENS_THE_PLACE), (r"/maps(?!/url)(/.*)?", _OPENS_THE_PLACE)),
    "www.google.com": ((r"/maps(?!/url)(/.*)?", _OPENS_THE_PLACE),),
}
