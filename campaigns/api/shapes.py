"""What programs send and get.  Fields nobody knows are refused: what is misspelt must not be lost in silence (S17)."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from ninja import Schema
from pydantic import ConfigDict, Field

from campaigns.models import ApiToken, WebhookEndpoint

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Name = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=120)]
Phone = Annotated[str, Field(min_length=2, max_length=40, description="As people write it, or E.164.")]
Consent = Annotated[
    str, Field(min_length=1, max_length=300, description="How they agreed to be written to, in a sentence.")
]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, Field(max_length=100)]
Which = Annotated[int, Field(ge=1, le=2**63 - 1, description="The location; needed where there are several.")]


class Said(Schema):
    """Of everything here."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


# --- what they send -------------------------------------------------------------------------------------------------


class Person(Said):
    """A customer, known by the number.  What is not said stays as it is."""

    phone: Phone
    first_name: Name = ""
    last_name: Name = ""
    last_visit: date | None = None
    timezone: Annotated[str, Field(max_length=64, description="Like America/Chicago.")] = ""
    language: Annotated[str, Field(max_length=40, description="Like en or Spanish.")] = ""
    technician: Words = ""
    service: Words = ""
    tags: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] = []


class OnePerson(Person):
    """A customer of a location, and how they agreed."""

    business: Which | None = None
    consent: Consent


class ManyPeople(Said):
    """Up to a thousand, who all agreed in the same way."""

    business: Which | None = None
    consent: Consent
    customers: Annotated[list[Person], Field(min_length=1, max_length=1000)]


class Number(Said):
    """A number that must never be written to again."""

    phone: Phone
    business: Which | None = None


class Whom(Said):
    """The customer by whom a person is known."""

    customer: Id


class NewWebhook(Said):
    """An address, and what it wants to hear."""

    url: Annotated[str, Field(min_length=1, max_length=500)]
    events: Annotated[list[WebhookEndpoint.Event], Field(min_length=1, max_length=20)]
    business: Which | None = None
    with_phone: bool = False


class Empty(Said):
    """Nothing; the address says all."""


class Pages(Said):
    """Which page of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None


class CustomerPages(Pages):
    """Which customers."""

    business: Id | None = None
    phone: Phone | None = None


class CampaignPages(Pages):
    """Which campaigns."""

    business: Id | None = None


class DeliveryPages(Pages):
    """Which deliveries."""

    campaign: Id | None = None
    customer: Id | None = None
    status: Annotated[str, Field(max_length=10)] | None = None
    changed_since: (
        Annotated[
            int,
            Field(ge=0, le=2**63 - 1, description="A version: what changed after it, oldest first. Needs campaign."),
        ]
        | None
    ) = None


# --- what they get --------------------------------------------------------------------------------------------------


class BusinessShape(Said):
    """A location."""

    id: int
    name: str
    timezone: str
    country: str


class ConsentShape(Said):
    """How they agreed."""

    words: str
    at: datetime | None
    source: str


class CustomerShape(Said):
    """A customer."""

    id: int
    business: int
    phone: str
    first_name: str
    last_name: str
    called: str
    timezone: str
    language: str
    last_visit: date | None
    technician: str
    service: str
    tags: list[str]
    consent: ConsentShape
    is_insider: bool
    stopped_at: datetime | None
    paused_at: datetime | None
    reviewed_at: datetime | None
    created_at: datetime


class WhyNot(Said):
    """Why a customer would not be asked now."""

    code: str
    detail: str
    until: datetime | None


class CustomerWithReason(CustomerShape):
    """A customer, and why they would not be asked now; null when they may be."""

    not_asked_because: WhyNot | None


class Kept(Said):
    """What became of a customer that was sent."""

    outcome: str
    detail: str
    notes: list[str]
    customer: CustomerShape


class OutcomeShape(Said):
    """What became of one of many; `index` counts from 0."""

    index: int
    outcome: str
    detail: str
    notes: list[str]
    customer: int | None


class ManyKept(Said):
    """What became of each, and how many ended in which way; the counts add up to `total`."""

    total: int
    counts: dict[str, int]
    outcomes: list[OutcomeShape]


class CampaignShape(Said):
    """A campaign.  The counts by status add up to `total`."""

    id: int
    business: int
    name: str
    state: str
    language: str
    version: int
    total: int
    counts: dict[str, int]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class DeliveryShape(Said):
    """Where one customer stands in one campaign."""

    id: int
    business: int
    campaign: int
    customer: int
    status: str
    reason: str
    reason_code: str
    version: int
    planned_for: datetime | None
    greeted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    clicked_at: datetime | None
    replied_at: datetime | None
    stopped_at: datetime | None
    reviewed_at: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None
    created_at: datetime


class Asked(Said):
    """The delivery of a request, and what became of the customer that was sent with it."""

    delivery: DeliveryShape
    customer: CustomerShape
    notes: list[str]


class Stopped(Said):
    """The number is silent from now on, in every location; how many customers of the account have it."""

    phone: str
    customers: int


class ExportShape(Said):
    """Everything kept about one person, place by place."""

    customer: int
    exported_at: datetime
    places: dict[str, list[dict[str, Any]]]


class ErasureShape(Said):
    """How far the forgetting is: nothing goes to them from `asked_at` on, and nothing is left from `done_at` on."""

    id: int
    asked_at: datetime
    done_at: datetime | None


class WebhookShape(Said):
    """An address that is told what happens."""

    id: int
    url: str
    events: list[str]
    business: int | None
    with_phone: bool
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_why: str
    #: Until when a secret that was replaced signs beside the newest; null where none does.
    old_secret_until: datetime | None


class WebhookWithSecret(WebhookShape):
    """The same with its secret, which is shown this once."""

    secret: str


class CallShape(Said):
    """One event for one address, and whether it was taken."""

    id: int
    webhook: int
    event: str
    type: str
    happened_at: datetime
    tries: int
    tried_at: datetime | None
    answered: int | None
    detail: str
    told_at: datetime | None
    due_at: datetime | None
    given_up_at: datetime | None


class ProblemShape(Schema):
    """What went wrong (RFC 9457).  `code` is for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[dict[str, str]] = []


SCOPES = {str(scope): str(scope.label) for scope in ApiToken.Scope}
