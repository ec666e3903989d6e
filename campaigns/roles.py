"""Who may do what: one table, asked by every page and every template, and shown in the settings as it is (S14).

A role may do what the ones below it may.  Whoever adds a page says which of these acts it is; an act that is none of
them gets a line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.db.models import TextChoices


class Role(TextChoices):
    """What somebody is in an organization, the one who may most first."""

    OWNER = "owner", "Owner"
    MANAGER = "manager", "Manager"
    SENDER = "sender", "Sender"
    VIEWER = "viewer", "Viewer"


RANKS: Final = tuple(Role)


class Reach(Enum):
    """Who may do it, among those whose role reaches."""

    #: Everybody; at a shared front desk, too, that was unlocked with a PIN.
    EVERYWHERE = "everywhere"
    #: Everybody who has signed in.
    SIGNED_IN = "signed in"
    #: Those who see every location: it concerns the whole account.
    WHOLE = "whole"


class Action(Enum):
    """Something that can be done: the lowest role that may, the words, and how far it reaches."""

    LOOK = Role.VIEWER, "See campaigns, customers, conversations, cards and results", Reach.EVERYWHERE
    ASK = Role.SENDER, "Ask customers: write, start, pause and cancel campaigns, send again", Reach.EVERYWHERE
    ANSWER = Role.SENDER, "Answer customers, assign conversations, put them away", Reach.EVERYWHERE
    CUSTOMERS = Role.SENDER, "Add and change customers, bring lists, stop a number", Reach.EVERYWHERE
    CARDS = Role.SENDER, "Make and change cards", Reach.EVERYWHERE
    REVIEWS = Role.SENDER, "Bring reviews, and say whose they are", Reach.EVERYWHERE
    TAKE_OUT = Role.SENDER, "Take lists of customers out as files", Reach.SIGNED_IN
    EXPORT = Role.MANAGER, "Hand out everything kept about one customer", Reach.WHOLE
    ERASE = Role.MANAGER, "Erase a customer for good", Reach.WHOLE
    QUICK_ANSWERS = Role.MANAGER, "Change the quick answers", Reach.WHOLE
    SETTINGS = Role.MANAGER, "Change a location: its settings, its logo, its lines", Reach.SIGNED_IN
    BRAKES = Role.MANAGER, "Say when lines rest, for every location", Reach.WHOLE
    LOCATIONS = Role.MANAGER, "Add a location, and say which lines are for every location", Reach.WHOLE
    PROGRAMS = Role.MANAGER, "Let other programs in: tokens and webhooks", Reach.WHOLE
    PEOPLE = Role.MANAGER, "Invite people, change and end what they may do, up to one’s own role", Reach.WHOLE
    OWN_PIN = Role.VIEWER, "Set a PIN of one’s own for a shared front desk", Reach.SIGNED_IN
    OWN_SIGN_IN = Role.VIEWER, "Keep one’s own passphrase, passkeys, second step and sessions", Reach.SIGNED_IN
    FRONT_DESK = Role.MANAGER, "Mark a device as a shared front desk", Reach.SIGNED_IN
    ACTIVITY = Role.MANAGER, "Read who did what, and take it out as a file", Reach.WHOLE
    SECOND_STEP = Role.OWNER, "Ask everybody for a second step", Reach.WHOLE
    KEEPING = Role.OWNER, "Say how long words and pictures are kept", Reach.WHOLE
    CONNECTION = Role.OWNER, "Keep the key of Chert, and take lines into use", Reach.WHOLE
    CLOSE = Role.OWNER, "Close the organization, and keep it after all", Reach.WHOLE
    SYSTEM = Role.OWNER, "See how the installation is doing", Reach.WHOLE

    def __init__(self, lowest: Role, sentence: str, reach: Reach) -> None:
        self.lowest, self.sentence, self.reach = lowest, sentence, reach

    @property
    def is_by_pin(self) -> bool:
        """Somebody with a PIN may, too."""
        return self.reach is Reach.EVERYWHERE

    @property
    def is_whole(self) -> bool:
        """Only somebody who sees every location may."""
        return self.reach is Reach.WHOLE


def reaches(role: str, other: str) -> bool:
    """Is it the other role, or one that may more?"""
    return RANKS.index(Role(role)) <= RANKS.index(Role(other))


def up_to(role: str) -> list[Role]:
    """This role and those that may less: what somebody with it may give to others."""
    return [each for each in RANKS if reaches(role, each)]


@dataclass(frozen=True)
class Rights:
    """What one person may do just now: `Action.ERASE in rights`, and in templates `request.may.erase`."""

    role: str
    #: They have unlocked a shared front desk with a PIN.
    by_pin: bool = False
    #: They see some of the account's locations only.
    is_limited: bool = False

    def __contains__(self, action: Action) -> bool:
        if not reaches(self.role, action.lowest):
            return False
        if self.by_pin and action.reach is not Reach.EVERYWHERE:
            return False
        return not (self.is_limited and action.reach is Reach.WHOLE)

    def __getitem__(self, name: str) -> bool:
        return Action[name.upper()] in self


def table() -> Iterator[tuple[Action, list[bool]]]:
    """Every line of the table: what can be done, and which of the roles may."""
    for action in Action:
        yield action, [action in Rights(role) for role in RANKS]
