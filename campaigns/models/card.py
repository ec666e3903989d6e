"""Cards and their versions: designs, who changed them, and the files they are drawn from."""

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone as clock

from campaigns import cards, status
from campaigns.models.business import Business
from campaigns.models.people import User

#: Changes by the same person belong to one sitting, and to one version, while no longer pause lies between them.
SITTING: Final = timedelta(minutes=30)
#: A file this young may be about to be named by a row.
YOUNG: Final = timedelta(minutes=1)
#: The states in which a campaign has been started: its picture stays as it is.
STARTED: Final = tuple(state for state in status.Campaign if state != status.Campaign.DRAFT)


def photo_path(name: str) -> Path:
    """Where a card's photo lies."""
    return Path(settings.DATA_DIR) / "photos" / name


def keep_photo(jpeg: bytes) -> str:
    """Keep a cleaned photo and return its file name: its own SHA-256, so that the same photo is kept once."""
    name = f"{hashlib.sha256(jpeg).hexdigest()}.jpg"
    _keep(photo_path(name), jpeg)
    return name


def logo_path(name: str) -> Path:
    """Where a business's logo lies, as a PNG."""
    return Path(settings.DATA_DIR) / "logos" / name


def keep_logo(png: bytes) -> str:
    """Keep a cleaned logo and return its file name; as with photos, the same logo is kept once."""
    name = f"{hashlib.sha256(png).hexdigest()}.png"
    _keep(logo_path(name), png)
    return name


def _keep(path: Path, content: bytes) -> None:
    """Write the whole file or nothing, in a folder that is ours alone.  One that is there counts as new again."""
    if path.exists():
        path.touch()
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_suffix(f".{secrets.token_hex(4)}")
    half.write_bytes(content)
    half.replace(path)


class CardInUse(Exception):
    """The card is the picture of a campaign that has not been started yet; the message names it."""


@dataclass(frozen=True)
class Kept:
    """What became of a save: the row that holds it, and who was quicker when it came too late to be the card."""

    card: "Card"
    quicker: "Card | None" = None


class Card(models.Model):
    """One version of a picture design: a photo, text boxes with merge fields, perhaps a logo.

    The versions of a card are a family, in which one is current. What a started campaign uses never changes.
    """

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="cards")
    name = models.CharField(max_length=120)
    design = models.JSONField()
    #: File name under DATA_DIR/photos: the SHA-256 of the cleaned photo, so one photo is kept once.
    photo = models.CharField(max_length=80)
    #: File name under DATA_DIR/logos; empty when the design has no logo layer.
    logo = models.CharField(max_length=80, default="", blank=True)
    family = models.UUIDField(default=uuid.uuid4, db_index=True)
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    #: Counts the saves of this row, so that a desk can say on which one it built.
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    #: What two versions of a card may differ in.
    CONTENT: ClassVar = ("name", "design", "photo", "logo")

    def __str__(self) -> str:
        return self.name

    # --- Factories ----------------------------------------------------------------------------------------------

    @classmethod
    def from_photo(cls, business: Business, name: str, photo: cards.Photo) -> "Card":
        """A card on somebody's own photo, not yet saved; the words stand where the first starter has them."""
        return cls(business=business, name=name, design=cards.design_for(photo), photo=keep_photo(photo.jpeg))

    @classmethod
    def from_starter(cls, business: Business, starter: cards.Starter | None = None) -> "Card":
        """A card on a shipped design (by default the first), not yet saved."""
        chosen = starter or cards.starters()[0]
        return cls(business=business, name=chosen.name, design=dict(chosen.design), photo=keep_photo(chosen.photo))

    def duplicate(self, by: User) -> "Card":
        """The same design as a card of its own, saved."""
        content = self.content() | {"name": f"Copy of {self.name}"[:120]}
        return Card.objects.create(business=self.business, changed_by=by, **content)

    # --- Mutators -----------------------------------------------------------------------------------------------

    def keep(self, by: User, built_on: int, *, fresh: bool = False, **changes: Any) -> Kept:
        """Save changes that were made on this row as it was at revision `built_on`.

        1. Nobody has saved since: the row itself changes while the same person is at it and no campaign has been
           started with it; otherwise (and when `fresh`) the next version takes its place, and drafts follow.
        2. It is what was saved last, sent once more because the answer was lost: nothing is done.
        3. Somebody was quicker: nothing is lost. The changes become a version beside the current one (or the current
           one, when the card was deleted meanwhile and only a campaign still kept this row).
        """
        moment = clock.now()
        with transaction.atomic():
            if not fresh and self._change(by, built_on, moment, changes):
                self.refresh_from_db()
                return Kept(self)
            if self._retire(built_on):
                return Kept(self._next(by, moment, changes, is_current=True))
            quicker = self.current()
            if quicker and quicker.changed_by_id == by.pk and quicker.content() == self.content() | changes:
                return Kept(quicker)
            return Kept(self._next(by, moment, changes, is_current=quicker is None), quicker)

    def _change(self, by: User, built_on: int, now: datetime, changes: dict[str, Any]) -> bool:
        """Compare and set, in one statement: True when the row was still the one that was built on."""
        here = Card.objects.filter(pk=self.pk, revision=built_on, is_current=True)
        ours = here.filter(changed_by=by, changed_at__gt=now - SITTING).exclude(campaigns__state__in=STARTED)
        ours = ours.exclude(second_in__state__in=STARTED)
        return bool(ours.update(revision=F("revision") + 1, changed_at=now, **changes))

    def _retire(self, built_on: int) -> bool:
        """Stop being the current version, if this is still the one that was built on."""
        here = Card.objects.filter(pk=self.pk, revision=built_on, is_current=True)
        return bool(here.update(revision=F("revision") + 1, is_current=False))

    def _next(self, by: User, now: datetime, changes: dict[str, Any], *, is_current: bool) -> "Card":
        self._lock()
        numbers = self.versions().values_list("version", flat=True)
        made = Card.objects.create(
            business=self.business,
            family=self.family,
            version=max(numbers, default=0) + 1,
            is_current=is_current,
            created_at=now,
            changed_at=now,
            changed_by=by,
            **self.content() | changes,
        )
        if is_current:
            self._hand_over(made)
        return made

    def _hand_over(self, to: "Card") -> None:
        """Campaigns that have not been started follow the current version."""
        self.campaigns.filter(state=status.Campaign.DRAFT).update(card=to)
        self.second_in.filter(state=status.Campaign.DRAFT).update(card_b=to)

    def take_over(self) -> None:
        """Become the current version, in place of the one that is; that one stays among the versions."""
        with transaction.atomic():
            self._lock()
            before = self.current()
            if before and before.pk != self.pk and before._retire(before.revision):
                before._hand_over(self)
            Card.objects.filter(pk=self.pk).update(is_current=True, revision=F("revision") + 1)
        self.refresh_from_db()

    def move_out(self) -> None:
        """Leave the family and be a card of its own.  Only for a version that is not current."""
        Card.objects.filter(pk=self.pk, is_current=False).update(
            family=uuid.uuid4(), version=1, is_current=True, name=f"Copy of {self.name}"[:120]
        )
        self.refresh_from_db()

    def bring_back(self, by: User) -> "Card":
        """This older version once more, as the newest."""
        with transaction.atomic():
            self._lock()
            current = self.current()
            if current is None:
                return self._next(by, clock.now(), {}, is_current=True)
            return current.keep(by, current.revision, fresh=True, **self.content()).card

    def _lock(self) -> None:
        """Hold all versions until the transaction ends: whoever changes which one is current does so alone.

        What this statement itself would return may be older than what it waited for: ask again afterwards.
        """
        list(self.versions().select_for_update().order_by("pk").values_list("pk"))

    # --- Queries ------------------------------------------------------------------------------------------------

    def versions(self) -> "models.QuerySet[Card]":
        """All versions of this card."""
        return Card.objects.filter(business_id=self.business_id, family=self.family)

    def current(self) -> "Card | None":
        """The version that is the card now; None when the card was deleted and a campaign still keeps this one."""
        return self.versions().select_related("changed_by").filter(is_current=True).first()

    def content(self) -> dict[str, Any]:
        """Everything two versions may differ in."""
        return {name: getattr(self, name) for name in self.CONTENT}

    def drawing(self) -> cards.Card:
        """The design as the renderer takes it.  Raises `cards.BadDesign`, or OSError when the photo is gone."""
        logo = logo_path(self.logo).read_bytes() if self.logo else b""
        design, _ = cards.mended(self.design)
        return cards.Card.from_json(design, photo_path(self.photo).read_bytes(), logo)


def throw_away(card: Card) -> None:
    """Delete a card.  Versions that a started campaign uses stay with their files, as nobody's current version.

    Raises `CardInUse` while a campaign that has not been started would lose its picture.
    """
    with transaction.atomic():
        card._lock()
        if names := ", ".join(f"“{name}”" for name in _drafts_with(card)):
            raise CardInUse(names)
        card.versions().update(is_current=False)
        unused = list(card.versions().filter(campaigns=None, second_in=None))
        Card.objects.filter(pk__in=[version.pk for version in unused]).delete()
    _forget_files(unused)


def _drafts_with(card: Card) -> list[str]:
    """Names of campaigns that have not been started and show it, on either of their sides."""
    found: list[str] = []
    for side in ("campaigns", "second_in"):
        drafts = card.versions().filter(**{f"{side}__state": status.Campaign.DRAFT})
        found += drafts.values_list(f"{side}__name", flat=True)
    return list(dict.fromkeys(found))


def _forget_files(gone: list[Card]) -> None:
    """Remove the files that no card and no business names any more."""
    for photo in {version.photo for version in gone}:
        if not Card.objects.filter(photo=photo).exists():
            _forget(photo_path(photo))
    for logo in {version.logo for version in gone if version.logo}:
        if not Card.objects.filter(logo=logo).exists() and not Business.objects.filter(logo=logo).exists():
            _forget(logo_path(logo))


def _forget(path: Path) -> None:
    """A file that was kept only now may be named by a card that is being made this moment: it stays."""
    if path.exists() and path.stat().st_mtime < time.time() - YOUNG.total_seconds():
        path.unlink(missing_ok=True)
