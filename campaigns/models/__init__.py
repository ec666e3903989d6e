"""The nouns.  Every one belongs to exactly one organization."""

from campaigns.models.business import KEEPS, UNANSWERED, Business, Line, Membership, Organization, new_short_code
from campaigns.models.campaign import (
    FIRST_SIDE,
    REMIND_AFTER,
    SECOND_SIDE,
    Campaign,
    Delivery,
    Wording,
    picture_path,
    refresh,
)
from campaigns.models.card import Card, CardInUse, Kept, keep_logo, keep_photo, logo_path, photo_path, throw_away
from campaigns.models.closing import Closing
from campaigns.models.customer import Customer, Erasure, Suppression, Tag, nobodys_number
from campaigns.models.household import Apart, Household
from campaigns.models.imports import CustomerImport, ImportRow
from campaigns.models.inbox import Conversation, Gesture, QuickAnswer, Tapback
from campaigns.models.kit import Allowance, Opening
from campaigns.models.ledger import AuditEntry, ChertEvent, Click
from campaigns.models.members import FrontDesk, Invitation
from campaigns.models.message import (
    Attempt,
    LeaseLost,
    Message,
    asking,
    by_hand,
    give_back,
    new_key,
    open_messages,
    take_back,
    written_last,
)
from campaigns.models.people import Errand, RecoveryCode, SignInLink, User
from campaigns.models.programs import ApiCall, ApiToken, OutgoingEvent, WebhookCall, WebhookEndpoint
from campaigns.models.pulse import Pulse
from campaigns.models.reviews import Review

__all__ = [
    "FIRST_SIDE",
    "KEEPS",
    "REMIND_AFTER",
    "SECOND_SIDE",
    "UNANSWERED",
    "Allowance",
    "Apart",
    "ApiCall",
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "Business",
    "Campaign",
    "Card",
    "CardInUse",
    "ChertEvent",
    "Click",
    "Closing",
    "Conversation",
    "Customer",
    "CustomerImport",
    "Delivery",
    "Erasure",
    "Errand",
    "FrontDesk",
    "Gesture",
    "Household",
    "ImportRow",
    "Invitation",
    "Kept",
    "LeaseLost",
    "Line",
    "Membership",
    "Message",
    "Opening",
    "Organization",
    "OutgoingEvent",
    "Pulse",
    "QuickAnswer",
    "RecoveryCode",
    "Review",
    "SignInLink",
    "Suppression",
    "Tag",
    "Tapback",
    "User",
    "WebhookCall",
    "WebhookEndpoint",
    "Wording",
    "asking",
    "by_hand",
    "give_back",
    "keep_logo",
    "keep_photo",
    "logo_path",
    "new_key",
    "new_short_code",
    "nobodys_number",
    "open_messages",
    "photo_path",
    "picture_path",
    "refresh",
    "seal",
    "take_back",
    "throw_away",
    "unseal",
    "written_last",
]
