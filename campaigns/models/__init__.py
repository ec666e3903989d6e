"""The nouns.  Every one belongs to exactly one organization."""

from campaigns.models.business import UNANSWERED, Business, Line, Membership, Organization
from campaigns.models.campaign import REMIND_AFTER, Campaign, Delivery, Wording, picture_path, refresh
from campaigns.models.card import Card, CardInUse, Kept, keep_logo, keep_photo, logo_path, photo_path, throw_away
from campaigns.models.customer import Customer, CustomerImport, Suppression, Tag
from campaigns.models.ledger import AuditEntry, ChertEvent, Click
from campaigns.models.message import (
    Attempt,
    LeaseLost,
    Message,
    asking,
    give_back,
    new_key,
    open_messages,
    take_back,
)
from campaigns.models.people import SignInLink, User
from campaigns.models.pulse import Pulse

__all__ = [
    "REMIND_AFTER",
    "UNANSWERED",
    "Attempt",
    "AuditEntry",
    "Business",
    "Campaign",
    "Card",
    "CardInUse",
    "ChertEvent",
    "Click",
    "Customer",
    "CustomerImport",
    "Delivery",
    "Kept",
    "LeaseLost",
    "Line",
    "Membership",
    "Message",
    "Organization",
    "Pulse",
    "SignInLink",
    "Suppression",
    "Tag",
    "User",
    "Wording",
    "asking",
    "give_back",
    "keep_logo",
    "keep_photo",
    "logo_path",
    "new_key",
    "open_messages",
    "photo_path",
    "picture_path",
    "refresh",
    "take_back",
    "throw_away",
]
