"""`manage.py launch`: a campaign to every customer who may be asked."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from campaigns import cards, invitations, launch, pacing, picture_checks, plans, wordings
from campaigns.filters import Filter
from campaigns.management.answering import Answer, business_named, operator
from campaigns.models import REMIND_AFTER, AuditEntry, Business, Campaign, Card
from campaigns.steering import dry_run


class Command(Answer):
    help = "Ask every customer who may be asked. With --dry-run nothing is made and nothing is sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--business", required=True, help="its slug")
        parser.add_argument("--name", required=True, help="of the campaign")
        parser.add_argument("--photo", type=Path, help="a photo to draw the names on")
        parser.add_argument("--card", type=int, help="or a card that is there already")
        parser.add_argument("--text", type=Path, help="a text file: the words under the picture")
        parser.add_argument("--remind-after", type=int, metavar="DAYS", help="remind once, 1 to 14 days later")
        parser.add_argument("--visited-from", metavar="DAY", help="last visit on this day or later")
        parser.add_argument("--visited-until", metavar="DAY", help="last visit on this day or earlier")
        parser.add_argument("--technician", default="", help="only customers of this one")
        parser.add_argument("--service", default="", help="only those for whom this was done")
        parser.add_argument("--tag", action="append", default=[], help="only with this tag, or another that is given")
        parser.add_argument("--never-asked", action="store_true", help="only those who were never asked")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--csv", metavar="FILE", help="with --dry-run: everybody meant, as a CSV file; - prints it")

    def handle(self, *args: Any, **options: Any) -> None:
        business = business_named(options["business"])
        campaign = _campaign(business, options)
        if options["csv"] and not options["dry_run"]:
            raise CommandError("--csv tells what would happen: it goes with --dry-run.")
        plan = launch.check(campaign, timezone.now()) if options["dry_run"] else _launch(campaign, business)
        if options["csv"]:
            self._export(campaign, plan, options["csv"])
        if options["csv"] != "-":
            self._answer(campaign, plan, business, options)

    def _answer(self, campaign: Campaign, plan: launch.Plan, business: Business, options: dict[str, Any]) -> None:
        self.answer(options, _found(campaign, plan, business), lambda: _words(campaign, plan, business))

    def _export(self, campaign: Campaign, plan: launch.Plan, file: str) -> None:
        """Write the rows of the dry run; a file that cannot be written leaves nothing else undone."""
        content = dry_run.as_csv(campaign, plan)
        try:
            if file == "-":
                self.stdout.write(b"".join(content).decode("utf-8-sig"), ending="")
            else:
                with Path(file).open("wb") as sheet:
                    sheet.writelines(content)
        except OSError as wrong:
            raise CommandError(f"{file} cannot be written: {wrong.strerror}.") from wrong
        organization = campaign.business.organization
        AuditEntry.write(organization, "export dry run", campaign.name, operator(campaign.business), "CSV")


def _campaign(business: Business, options: dict[str, Any]) -> Campaign:
    """The draft, not saved yet, so that a refusal leaves nothing behind."""
    least, most = REMIND_AFTER
    if options["remind_after"] is not None and not least <= options["remind_after"] <= most:
        raise CommandError(f"A reminder may follow after {least} to {most} days.")
    ready = invitations.READY[business.language].beginning(stop_in_each=wordings.writes_to_the_uk(business))
    return Campaign(
        business=business,
        language=business.language,
        name=options["name"][:120],
        card=_card(business, options),
        greeting=ready["greeting"],
        ask=_text(options["text"]) if options["text"] else ready["ask"],
        flow=business.flow,
        who=_only(options).as_json(),
        remind_after=options["remind_after"],
        reminder=ready["reminder"] if options["remind_after"] else "",
        created_by=operator(business),
    )


def _only(options: dict[str, Any]) -> Filter:
    """Whom it means."""
    said = {name: options[name] for name in ("technician", "service", "never_asked")}
    since, until = _day_of(options["visited_from"]), _day_of(options["visited_until"])
    return Filter(since, until, tags=tuple(options["tag"]), **said)


def _day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise CommandError(f"{text} is no day; write it as 2026-11-01.") from wrong


def _launch(campaign: Campaign, business: Business) -> launch.Plan:
    plan = launch.check(campaign, timezone.now())
    if not plan.is_ready:
        raise CommandError(" ".join(plan.problems))
    if campaign.card is not None and campaign.card.pk is None:
        campaign.card.save()
        campaign.card = campaign.card
    campaign.save()
    try:
        return launch.launch(campaign, operator(business), timezone.now())
    except (launch.NotReady, launch.NotPossible) as refused:
        raise CommandError(str(refused)) from refused


def _card(business: Business, options: dict[str, Any]) -> Card | None:
    if options["card"]:
        found = business.cards.filter(pk=options["card"]).first()
        if found is None:
            raise CommandError(f"{business.name} has no card {options['card']}.")
        return found
    if options["photo"]:
        return _card_from(business, options["photo"])
    return business.cards.filter(is_current=True).order_by("-pk").first() or Card.from_starter(business)


def _card_from(business: Business, path: Path) -> Card:
    try:
        return Card.from_photo(business, path.stem[:120], cards.clean_photo(_read(path)))
    except cards.BadPhoto as bad:
        raise CommandError(str(bad)) from bad


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise CommandError(f"{path} cannot be read: {missing.strerror}.") from missing


def _text(path: Path) -> str:
    try:
        return _read(path).decode("utf-8-sig").strip()
    except UnicodeDecodeError as wrong:
        raise CommandError(f"{path} is not a text file in UTF-8.") from wrong


def _found(campaign: Campaign, plan: launch.Plan, business: Business) -> dict[str, Any]:
    end = plan.finishes_at
    return {
        "campaign": campaign.pk,
        "deliveries": len(plan.will_ask),
        "skipped": plan.counts(),
        "only": campaign.only.as_json(),
        "finishes_on": end.astimezone(business.zone).date().isoformat() if end else None,
        "plan": [_day(day, business) for day in plan.days],
        "waiting": len(plan.waiting),
        "ahead": plan.ahead,
        "problems": plan.problems,
        "odd_names": _odd_names(campaign, plan),
    }


def _day(day: pacing.Day, business: Business) -> dict[str, Any]:
    return {
        "day": day.date.isoformat(),
        "count": day.count,
        "first_at": day.first_at.astimezone(business.zone).isoformat(timespec="seconds"),
    }


def _odd_names(campaign: Campaign, plan: launch.Plan) -> int:
    """Whose pictures somebody should look at before."""
    try:
        return len(picture_checks.of(campaign, plan.to_look_at))
    except (cards.BadDesign, OSError):
        return 0


def _words(campaign: Campaign, plan: launch.Plan, business: Business) -> str:
    found = _found(campaign, plan, business)
    who = f"campaign {campaign.pk}" if campaign.pk else "a dry run, nothing was made"
    left_out = ", ".join(f"{count} {code}" for code, count in found["skipped"].items()) or "nobody"
    lines = [f"{found['deliveries']} customers ({who}), done on {found['finishes_on']}.", f"Left out: {left_out}."]
    if campaign.only:
        lines.insert(0, f"{plan.total} of {business.customers.count()} customers are meant: {campaign.only}.")
    if plan.waiting:
        lines.append(f"Wait for their morning: {plans.where(plan.waiting)}.")
    if plan.ahead:
        lines.append(f"Campaigns that are running go first: {plan.ahead} first messages.")
    if odd := found["odd_names"]:
        lines.append(f"Names to look at: {odd}. The page of the draft shows them, with what to call each instead.")
    return "\n".join([*lines, *plan.problems])
