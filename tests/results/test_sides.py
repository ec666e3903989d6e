"""Two wordings or pictures side by side: given by chance, kept for good, under the same rules and to the same place."""

import io
import re

import pytest
from PIL import Image

from campaigns import launch, picture_checks, resend, wordings
from campaigns.models import Campaign, Card, CardInUse, Customer, Delivery, Message, Wording, picture_path, throw_away
from campaigns.steering import dry_run, trial
from tests.cast import LINE, ledger, make_campaign, make_card, make_customer, walk_to_the_end, work

#: A greeting that keeps the rules: it names the business, and says how to stop.
OTHER = "Good day {first_name}, {sender} of {business}. A question follows. Reply STOP to opt out."


def people(ada, count: int = 20, **more) -> list[Customer]:
    return [make_customer(ada.business, number, last_name=f"No{number}", **more) for number in range(count)]


@pytest.fixture
def draft(ada) -> Campaign:
    return make_campaign(ada, greeting_b=OTHER)


def greetings(side: str) -> set[str]:
    return set(Message.objects.filter(kind="greeting", delivery__variant=side).values_list("text", flat=True))


def test_a_campaign_with_one_of_each_gives_nobody_a_side(ada, grace, clock):
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    assert (made.is_split, Delivery.objects.get().variant) == (False, "")


@pytest.mark.parametrize("same", [{}, {"greeting_b": "  "}, {"ask_b": "\n"}])
def test_what_is_left_empty_is_no_second_side(ada, same):
    assert not make_campaign(ada, **same).is_split


def test_the_same_words_and_card_again_are_no_second_side(ada):
    made = make_campaign(ada, card_b=ada.card)
    made.greeting_b = made.greeting
    assert not made.is_split


def test_chance_gives_about_half_to_each_and_always_the_same(ada, draft):
    everybody = [Customer(pk=pk, business=ada.business) for pk in range(1, 4001)]
    sides = [draft.side_of(person) for person in everybody]
    assert 1850 < sides.count("B") < 2150
    assert sides == [draft.side_of(person) for person in everybody]


def test_another_campaign_draws_anew(ada, draft):
    other = make_campaign(ada, greeting_b=OTHER)
    everybody = [Customer(pk=pk, business=ada.business) for pk in range(1, 1001)]
    same = sum(draft.side_of(person) == other.side_of(person) for person in everybody)
    assert 400 < same < 600


def test_nothing_about_a_customer_counts(ada, draft):
    person = Customer(pk=7, business=ada.business, first_name="Grace")
    side = draft.side_of(person)
    person.first_name, person.technician, person.phone = "Zoe", "Dana", LINE
    assert draft.side_of(person) == side


def test_each_gets_the_words_of_their_side(ada, draft, clock):
    people(ada)
    launch.launch(draft, ada.user, clock())
    assert set(Delivery.objects.values_list("variant", flat=True)) == {"A", "B"}
    assert (greetings("A"), greetings("B")) == ({draft.greeting}, {OTHER})
    assert set(Message.objects.filter(kind="ask").values_list("text", flat=True)) == {draft.ask}


def test_the_side_stays_whatever_is_changed_later(ada, draft, clock):
    people(ada)
    launch.launch(draft, ada.user, clock())
    before = dict(Delivery.objects.values_list("pk", "variant"))
    Customer.objects.update(language="es")
    walk_to_the_end(clock)
    assert dict(Delivery.objects.values_list("pk", "variant")) == before


def test_who_reads_another_language_is_no_part_of_it(ada, draft, clock):
    Wording.objects.create(campaign=draft, language="es", greeting=f"Hola {OTHER}", ask=draft.ask)
    people(ada, 5, language="es")
    launch.launch(draft, ada.user, clock())
    assert (set(Delivery.objects.values_list("variant", flat=True)), len(greetings(""))) == ({""}, 1)


def test_all_get_the_same_link_to_the_same_place(ada, draft, sandbox, clock):
    people(ada, 8)
    launch.launch(draft, ada.user, clock())
    for _ in range(4):
        walk_to_the_end(clock)
    cards = [str(part) for each in ledger(sandbox) for part in each["parts"] if part["type"] == "rich_link"]
    assert len(cards) == 8
    assert len({re.sub(r"/r/[\w-]+", "/r/", card) for card in cards}) == 1


def test_the_second_side_keeps_the_same_rules(ada, grace, clock):
    made = make_campaign(ada, ask_b="Five stars get 10% off! {first_name}")
    with pytest.raises(launch.NotReady, match="On side B: "):
        launch.launch(made, ada.user, clock())
    assert Delivery.objects.count() == 0


def test_what_both_say_is_said_once(ada):
    made = make_campaign(ada, ask="Win a prize", ask_b="Win a prize, {first_name}")
    told = [finding.words for finding in wordings.findings(made, stop_in_each=False)]
    assert len(told) == len(set(told))


def another_card(ada) -> Card:
    card = make_card(ada.business)
    card.name, card.design["boxes"] = "Second", []
    card.save()
    return card


def test_each_gets_the_picture_of_their_side(ada, clock):
    made = make_campaign(ada, card_b=another_card(ada))
    people(ada, 12)
    launch.launch(made, ada.user, clock())
    for _ in range(5):
        walk_to_the_end(clock)
    drawn = {}
    for each in Delivery.objects.exclude(picture=""):
        drawn.setdefault(each.variant, set()).add(picture_path(each.picture).read_bytes())
    assert len(drawn["B"]) == 1  # nothing on that card changes from customer to customer
    assert drawn["B"].isdisjoint(drawn["A"])


def test_sent_again_by_hand_it_is_the_same_side(ada, draft, sandbox, clock):
    people(ada, 8)
    launch.launch(draft, ada.user, clock())
    for _ in range(4):
        walk_to_the_end(clock)
    second = Delivery.objects.filter(variant="B").first()
    resend.resend(second, ada.user, "Lost it", clock())
    assert second.messages.filter(round=2).count() >= 1
    assert Delivery.objects.get(pk=second.pk).variant == "B"


def test_a_line_that_takes_no_picture_first_greets_in_the_words_of_the_side(ada, sandbox, clock):
    made = make_campaign(ada, ask=OTHER, greeting_b=OTHER, flow="all_at_once")
    people(ada, 8)
    launch.launch(made, ada.user, clock())
    for _ in range(6):
        work(clock, 3)
    assert greetings("B") <= {OTHER}
    assert greetings("A") <= {made.greeting}


def test_the_dry_run_says_who_gets_which_and_in_which_words(ada, draft, clock):
    people(ada)
    plan = launch.check(draft, clock())
    rows = [dict(zip(dry_run.HEADER, row, strict=True)) for row in dry_run.rows(draft, plan)]
    assert {row["Side"] for row in rows} == {"A", "B"}
    assert all(row["Greeting"].startswith("Good day") == (row["Side"] == "B") for row in rows)
    launch.launch(draft, ada.user, clock())
    given = dict(Delivery.objects.values_list("customer__phone", "variant"))
    assert {row["Phone"]: row["Side"] for row in rows} == given


def test_names_are_held_against_the_card_they_are_drawn_on(ada):
    made = make_campaign(ada, card_b=another_card(ada))
    everybody = people(ada, 12, first_name="Bartholomew-Maximilian Konstantinopel")
    found = {look.customer.pk for look in picture_checks.of(made, everybody)}
    assert found == {p.pk for p in everybody} or all(made.side_of(p) == "A" for p in everybody if p.pk in found)


@pytest.mark.parametrize(("side", "said"), [("A", False), ("B", True), ("", False)])
def test_a_test_says_the_side_that_was_asked_for(ada, draft, clock, side, said):
    ada.user.phone = "+15125550199"
    ada.user.save()
    trial.make(draft, ada.user, clock(), side=side)
    assert (Message.objects.get(kind="greeting").text == OTHER) is said


def test_a_card_of_a_second_side_is_not_thrown_away_under_a_draft(ada):
    card = another_card(ada)
    make_campaign(ada, card_b=card, name="Two vans")
    with pytest.raises(CardInUse, match="Two vans"):
        throw_away(card)


def test_a_card_of_a_started_second_side_stays_as_it_went_out(ada, clock):
    card = another_card(ada)
    made = make_campaign(ada, card_b=card)
    people(ada, 4)
    launch.launch(made, ada.user, clock())
    kept = card.keep(ada.user, card.revision, name="Changed").card
    throw_away(kept)
    made.refresh_from_db()
    assert (made.card_b_id, kept.pk != card.pk, Card.objects.filter(pk=card.pk).exists()) == (card.pk, True, True)


def test_a_draft_follows_its_second_card(ada):
    card = another_card(ada)
    made = make_campaign(ada, card_b=card)
    other = Card.objects.get(pk=card.pk)
    Campaign.objects.filter(pk=make_campaign(ada, card=card).pk).update(state="finished")  # so that it is kept anew
    kept = other.keep(ada.user, other.revision, name="Changed").card
    made.refresh_from_db()
    assert made.card_b_id == kept.pk != card.pk


def test_the_zip_draws_each_on_their_own_card(ada, clock):
    made = make_campaign(ada, card_b=another_card(ada))
    people(ada, 6)
    plan = launch.check(made, clock())
    drawings = {side: made.card_of(side).drawing() for side in ("", "A", "B")}
    whole = b"".join(dry_run.as_zip(made, plan, drawings))
    assert Image.open(io.BytesIO(whole[whole.index(b"\xff\xd8\xff") :])).format == "JPEG"
