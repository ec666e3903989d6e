"""To the United Kingdom every message says how to stop, not the first one alone (D5)."""

import pytest

from campaigns import invitations, launch, rules, wordings
from campaigns.models import Business
from tests.cast import make_campaign, make_customer

LONDON = "+447911123456"
ASK, REMINDER = "How was it?", "Hi, {business} once more."
STOP = "Reply STOP and I won't write again."


def found(ask: str, reminder: str = "", greeting: str = invitations.GREETING) -> list[tuple[str, str]]:
    findings = rules.check(greeting, ask, reminder, business="Ada's Bakery", stop_in_each=True)
    return [(finding.rule_id, finding.where) for finding in findings]


def test_ask_and_reminder_need_a_way_to_stop_too():
    assert found(ASK, REMINDER) == [("D5", "ask"), ("D5", "reminder")]


def test_with_one_in_each_all_is_well():
    assert found(f"{ASK} {STOP}", f"{REMINDER} {STOP}") == []


def test_all_at_once_the_first_message_is_said_so_once():
    assert found(ASK, greeting="") == [("M10", "ask"), ("M10", "ask")]


def test_better_words_are_offered_in_the_language_of_the_text():
    (finding,) = rules.check(
        invitations.READY["es"].greeting, "¿Cómo le fue?", business="Ada's", language="es", stop_in_each=True
    )
    assert finding.better == "Responda ALTO y no le escribo más."


@pytest.mark.parametrize(("country", "phone", "is_there"), [("US", LONDON, True), ("GB", "", True), ("US", "", False)])
def test_it_holds_for_a_business_there_or_with_a_customer_there(ada, grace, country, phone, is_there):
    Business.objects.filter(pk=ada.business.pk).update(country=country)
    ada.business.refresh_from_db()
    if phone:
        make_customer(ada.business, 2, phone=phone)
    assert wordings.writes_to_the_uk(ada.business) == is_there


def test_it_does_not_hold_for_others(ada, rival, grace, clock):
    make_customer(rival.business, 2, phone=LONDON)
    assert not wordings.writes_to_the_uk(ada.business)
    assert launch.check(make_campaign(ada), clock()).is_ready


@pytest.mark.parametrize("left_out", [{}, {"is_insider": True}])
def test_a_launch_without_it_is_refused_also_for_whom_is_left_out(ada, grace, clock, left_out):
    """Whoever is left out today may be sent to by hand tomorrow."""
    make_customer(ada.business, 2, phone=LONDON, timezone="Europe/London", **left_out)
    with pytest.raises(launch.NotReady, match="every message must say how to stop"):
        launch.launch(make_campaign(ada), ada.user, clock())


def test_the_words_a_draft_begins_with_there_can_be_launched(ada, clock):
    make_customer(ada.business, 2, phone=LONDON, timezone="Europe/London")
    words = invitations.READY["en"].beginning(stop_in_each=True)
    assert launch.check(make_campaign(ada, remind_after=3, **words), clock()).is_ready
