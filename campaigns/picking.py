"""Asking somebody now: a campaign of one, or of those who were picked, with the words that were used last."""

from datetime import datetime

from django.db import transaction

from campaigns import invitations, launch, wordings
from campaigns.asking import audience
from campaigns.filters import Filter
from campaigns.models import AuditEntry, Business, Campaign, Customer, Delivery, User, Wording

#: What a new one takes over from the last one.
TAKEN = ("language", "greeting", "ask", "flow", "remind_after", "reminder", "card_id")


class NotAsked(Exception):
    """This customer is not asked now.  `reason` says why, as the pages do; its code is `not_ready` where it is us."""

    def __init__(self, reason: audience.Reason) -> None:
        super().__init__(reason.sentence)
        self.reason = reason


def draft(business: Business, only: Filter, whom: str, by: User | None, now: datetime) -> Campaign:
    """A draft with the words and the card of the newest campaign, else with those that are ready."""
    last = business.campaigns.order_by("-pk").first()
    made = Campaign(
        business=business,
        name=f"{whom}, {now.astimezone(business.zone):%-d %B %Y}",
        who=only.as_json(),
        created_by=by,
    )
    for name, value in (_of(last) if last else _ready(business)).items():
        setattr(made, name, value)
    made.save()
    others = [Wording(campaign=made, **_words(each)) for each in last.other_wordings.all()] if last else []
    Wording.objects.bulk_create(others)
    AuditEntry.write(business.organization, "pick customers", made, by, whom)
    return made


def ask_now(person: Customer, by: User | None, now: datetime) -> Delivery:
    """Start a campaign for this customer alone; their hours, the line's pace and every other guard hold as ever.

    Raises `NotAsked`; then nothing was made.
    """
    try:
        with transaction.atomic():
            made = draft(person.business, Filter(chosen=(person.pk,)), "One customer", by, now)
            for _, reason in launch.check(made, now).skipped:
                raise NotAsked(reason)
            launch.launch(made, by, now)
    except launch.NotReady as missing:  # or somebody else has asked them in this very moment
        lacking = audience.Reason("not_ready", " ".join(missing.sentences))
        raise NotAsked(audience.why_not(person, now) or lacking) from missing
    rows = Delivery.objects.select_related("campaign", "customer")
    return rows.get(campaign=made, customer=person)


def _of(last: Campaign) -> dict[str, object]:
    taken = {name: getattr(last, name) for name in TAKEN}
    current = last.card.current() if last.card else None
    return taken | {"card_id": current.pk if current else _newest_card(last.business)}


def _newest_card(business: Business) -> int | None:
    return business.cards.filter(is_current=True).order_by("-pk").values_list("pk", flat=True).first()


def _words(wording: Wording) -> dict[str, str]:
    return {name: getattr(wording, name) for name in ("language", "greeting", "ask", "reminder")}


def _ready(business: Business) -> dict[str, object]:
    ready = invitations.READY[business.language].beginning(stop_in_each=wordings.writes_to_the_uk(business))
    words = {name: ready[name] for name in ("greeting", "ask", "reminder")}
    return {"language": business.language, "flow": business.flow, "card_id": _newest_card(business), **words}
