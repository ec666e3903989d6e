"""A client for the Chert messaging API. It knows httpx and nothing of the product around it."""

from .answers import Message, PhoneNumber, Sent, State, Subscription, UploadSlot
from .client import Client
from .credentials import Bearer, Credentials, Signed
from .envelope import Answer
from .errors import (
    AccountTrouble,
    BadAddress,
    BadCredentials,
    BadSignature,
    ChertError,
    ForeignUpload,
    InvalidMessage,
    NotSent,
    Refused,
    Unknown,
    classify,
)
from .events import Event, EventPage
from .ids import AttachmentId, ChatId, ConversationId, EventId, LineId, MessageId, SubscriptionId
from .parts import Media, OtherPart, Part, RichLink, Text, contains_url
from .requests import FrozenRequest, open_chat, send_message
from .transport import Deadline, Deadlines, Transport
from .webhooks import BadEvent

__all__ = [
    "AccountTrouble",
    "Answer",
    "AttachmentId",
    "BadAddress",
    "BadCredentials",
    "BadEvent",
    "BadSignature",
    "Bearer",
    "ChatId",
    "ChertError",
    "Client",
    "ConversationId",
    "Credentials",
    "Deadline",
    "Deadlines",
    "Event",
    "EventId",
    "EventPage",
    "ForeignUpload",
    "FrozenRequest",
    "InvalidMessage",
    "LineId",
    "Media",
    "Message",
    "MessageId",
    "NotSent",
    "OtherPart",
    "Part",
    "PhoneNumber",
    "Refused",
    "RichLink",
    "Sent",
    "Signed",
    "State",
    "Subscription",
    "SubscriptionId",
    "Text",
    "Transport",
    "Unknown",
    "UploadSlot",
    "classify",
    "contains_url",
    "open_chat",
    "send_message",
]
