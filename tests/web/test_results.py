"""Results: the numbers with what they are a part of, their period, their file; and A beside B."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from campaigns import links
from campaigns.models import Business, Campaign, Click, Delivery, Membership, Organization
from campaigns.results.counting import Funnel
from campaigns.web.results.campaign import verdict
from campaigns.web.results.figures import HEADER, strokes
from tests.cast import NOON, make_campaign, make_customer, walk_to_the_end

RESULTS, FILE = reverse("results"), reverse("results_csv")


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def asked(campaign: Campaign, count: int, start: int = 0, **facts) -> None:
    for number in range(start, start + count):
        person = make_customer(campaign.business, number, technician=facts.get("technician", ""))
        known = {name: value for name, value in facts.items() if name != "technician"}
        Delivery.objects.create(campaign=campaign, customer=person, status="sent", **{"sent_at": NOON} | known)


@pytest.fixture
def running(ada) -> Campaign:
    return make_campaign(ada, name="Autumn regulars", state="running")


@pytest.fixture
def some(running) -> Campaign:
    asked(running, 41, delivered_at=NOON, replied_at=NOON, technician="Dana")
    asked(running, 79, 41)
    return running


def rows(response) -> list[dict[str, str]]:
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_each_number_stands_with_what_it_is_a_part_of(desk, some, clock):
    shown = text(desk.get(RESULTS))
    assert '<b>41</b><span class="hint">of 120, 34 %</span>' in shown
    assert "0 of 120 have likely reviewed." in shown


def test_of_a_few_no_percentage_is_said(desk, running, clock):
    asked(running, 19, replied_at=NOON)
    shown = text(desk.get(RESULTS))
    assert "of 19<" in shown
    assert " %" not in shown
    asked(running, 1, 19)
    assert "of 20, 95 %" in text(desk.get(RESULTS))


def test_nobody_asked_is_said_in_words(desk, ada, clock):
    assert "Nobody was asked in these days" in text(desk.get(RESULTS))


def test_it_is_reached_from_the_campaigns_and_from_one_campaign(desk, some, clock):
    assert f'href="{RESULTS}"' in text(desk.get(reverse("campaigns")))
    own = reverse("campaign_results", args=[some.pk])
    assert f'href="{own}"' in text(desk.get(reverse("campaign", args=[some.pk])))
    assert f'href="{RESULTS}?days=30"' in text(desk.get("/"))


def test_the_drawing_has_words_and_the_table_the_same_figures(desk, some, clock):
    shown = text(desk.get(RESULTS))
    assert '<title id="chart-t">Customers asked, by week' in shown
    assert "the tallest is 120 asked" in shown
    assert "2 to 2 Mar 2026" not in shown
    assert '<th role="rowheader" scope="row"><bdi>2 Mar 2026</bdi></th>' in shown


def test_the_bars_are_as_tall_as_the_numbers():
    drawn = strokes([Funnel(asked=100, read=50, replied=25), Funnel(), Funnel(asked=50)])
    assert [(stroke.look, stroke.height) for stroke in drawn] == [
        ("sent", 90),
        ("read", 45),
        ("pen", 22.5),
        ("sent", 45),
    ]
    assert all(stroke.y + stroke.height == 100 for stroke in drawn)
    assert strokes([]) == strokes([Funnel(), Funnel()]) == []


@pytest.mark.parametrize(("query", "count"), [("days=30", 1), ("days=90", 2), ("days=365", 3), ("", 2)])
def test_a_period_may_be_chosen(desk, running, clock, query, count):
    for number, days in enumerate((0, 40, 200)):
        asked(running, 1, number, sent_at=NOON - timedelta(days=days))
    assert f"of {count} have likely reviewed" in text(desk.get(f"{RESULTS}?{query}"))


def test_own_days_are_whole_and_both_in_it(desk, running, clock):
    for number, days in enumerate((0, 1, 2, 3)):
        asked(running, 1, number, sent_at=NOON - timedelta(days=days))
    shown = text(desk.get(RESULTS, {"from": "2026-02-28", "until": "2026-03-01"}))
    assert "0 of 2 have likely reviewed" in shown
    assert 'value="2026-02-28"' in shown


@pytest.mark.parametrize(
    "query",
    [
        {"from": "2026-03-05", "until": "2026-03-01"},
        {"from": "2026-03-05"},
        {"from": "rubbish", "until": "2026-02-31"},
        {"from": "0001-01-01", "until": "9999-12-31"},
        {"from": "9999-12-31", "until": "9999-12-31"},
        {"days": "-1", "from": "\0", "until": "’"},
    ],
)
def test_days_that_are_none_are_said_and_the_usual_ones_shown(desk, some, clock, query):
    response = desk.get(RESULTS, query)
    assert response.status_code == 200
    assert "Other days are shown." in text(response)


def test_where_openings_are_not_counted_there_is_no_number(desk, some, ada, clock):
    Business.objects.update(links=Business.Links.DIRECT)
    shown = text(desk.get(RESULTS))
    assert "Not counted here" in shown
    assert "Preview robots" not in shown
    assert {row["Opened link"] for row in rows(desk.get(FILE))} == {""}
    shown = text(desk.get(reverse("campaign_results", args=[some.pk])))
    assert "Not counted here" in shown
    assert "Preview robots" not in shown


def test_each_location_says_for_itself_whether_openings_are_counted(desk, running, ada, clock):
    asked(running, 1, clicked_at=NOON)
    direct = Business.objects.create(
        organization=ada.organization, name="Zeta", slug="zeta", timezone="UTC", links=Business.Links.DIRECT
    )
    asked(make_campaign_like(running, 1, direct), 1, 5)
    found = {row["Name"]: row["Opened link"] for row in rows(desk.get(FILE)) if row["What"] == "Location"}
    assert found == {"Ada's Bakery": "1", "Zeta": ""}
    places = text(desk.get(RESULTS)).split('id="place-h"')[1].split("</section>")[0]
    assert places.count("not counted") == 1


def test_the_openings_of_one_campaign_are_its_own(desk, running, clock):
    asked(running, 2)
    other = make_campaign_like(running, 1)
    asked(other, 1, 5)
    unsent = Delivery.objects.create(campaign=running, customer=make_customer(running.business, 9), status="planned")
    for delivery in (*running.deliveries.all(), *other.deliveries.all(), unsent):
        Click.objects.create(delivery=delivery)
    assert "People tapped the link 2 times." in text(desk.get(reverse("campaign_results", args=[running.pk])))


def test_robots_stand_apart_from_people(desk, campaign, clock):
    walk_to_the_end(clock)
    [token] = Delivery.objects.values_list("token", flat=True)
    links.open_link(token, agent="facebookexternalhit/1.1", robot=True, now=clock())
    shown = text(desk.get(RESULTS))
    assert "People tapped the link 0 times. Preview robots fetched it 1 time:" in shown


def test_what_is_likely_is_called_likely_and_no_page_knows_a_rating(desk, some, clock):
    shown = text(desk.get(RESULTS))
    assert "Likely reviewed" in shown
    assert not re.search(r"\b(?:stars?|rating|happy|satisf)", re.sub(r"<[^>]+>", " ", shown), re.IGNORECASE)


def test_a_practice_does_not_say_who_was_there(desk, some, ada, clock):
    assert "Who was there" in text(desk.get(RESULTS))
    Business.objects.update(is_health=True)
    assert "Dana" not in text(desk.get(RESULTS))
    assert "Technician" not in {row["What"] for row in rows(desk.get(FILE))}


def test_what_is_typed_into_a_name_is_shown_and_not_run(desk, running, clock):
    asked(running, 1, technician="<script>alert(1)</script>")
    assert "<script>alert" not in text(desk.get(RESULTS))


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_has_the_same_numbers(desk, some, clock):
    found = rows(desk.get(FILE))
    assert list(found[0]) == list(HEADER)
    [whole] = [row for row in found if row["What"] == "All"]
    assert (whole["Asked"], whole["Delivered"], whole["Replied"]) == ("120", "41", "41")
    assert sum(int(row["Asked"]) for row in found if row["What"] == "Week") == 120
    assert [row["Name"] for row in found if row["What"] == "Technician"] == ["Dana", "Nobody named"]


def test_no_cell_becomes_a_formula(desk, running, clock):
    asked(running, 1, technician='=HYPERLINK("http://evil.example")')
    assert not [row for row in rows(desk.get(FILE)) if row["Name"].startswith(("=", "+", "-", "@"))]


# --- tenants and roles ------------------------------------------------------------------------------------------------


def test_the_rival_sees_nothing_of_it(client, some, rival, clock):
    client.force_login(rival.user)
    assert client.get(reverse("campaign_results", args=[some.pk])).status_code == 404
    assert "Nobody was asked" in text(client.get(RESULTS))
    assert "Autumn regulars" not in str(rows(client.get(FILE)))


def test_a_viewer_may_look_and_not_bring_reviews(desk, some, clock):
    Membership.objects.update(role=Membership.Role.VIEWER)
    shown = text(desk.get(RESULTS))
    assert "120" in shown
    assert reverse("reviews") not in shown


def test_locations_are_those_of_this_organization_and_no_other(desk, some, ada, rival, clock):
    Business.objects.create(organization=ada.organization, name="Ada's Second", slug="second", timezone="UTC")
    foreign = Organization.objects.create(name="Elsewhere", slug="elsewhere")
    Business.objects.create(organization=foreign, name="Hers elsewhere", slug="hers", timezone="UTC")
    Membership.objects.create(user=ada.user, organization=foreign, role="owner")
    session = desk.session
    session["business"] = ada.business.pk
    session.save()
    shown = re.search(r"place-h.*", text(desk.get(RESULTS)))[0].split("</section>")[0]
    assert "Ada&#x27;s Second" in shown
    assert "Hers elsewhere" not in shown
    assert "Charlie" not in shown


def test_one_location_alone_needs_no_table(desk, some, clock):
    assert "place-h" not in text(desk.get(RESULTS))


def test_who_is_signed_out_is_asked_to_sign_in(client, some, clock):
    for address in (RESULTS, FILE, reverse("campaign_results", args=[some.pk])):
        assert client.get(address).url.startswith(reverse("sign_in"))


def test_the_page_costs_a_fixed_number_of_queries(desk, running, clock, django_assert_max_num_queries):
    for number in range(60):
        more = make_campaign_like(running, number)
        asked(more, 1, number, technician=f"T{number}")
    with django_assert_max_num_queries(16):
        desk.get(RESULTS)


def make_campaign_like(one: Campaign, number: int, business: Business | None = None) -> Campaign:
    return Campaign.objects.create(
        business=business or one.business,
        name=f"C{number}",
        card=one.card,
        greeting=one.greeting,
        ask=one.ask,
        state="running",
    )


# --- one campaign, and its two sides ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (
            Funnel(asked=29),
            Funnel(asked=90, opened=90),
            "do not tell them apart yet: 29 were asked with A and 90 with B",
        ),
        (Funnel(asked=80, opened=40), Funnel(asked=80, opened=41), "The numbers do not tell them apart yet."),
        (Funnel(asked=80, opened=48), Funnel(asked=70, opened=56), "B was opened more often: 5 to 33 of 100 more."),
        (Funnel(asked=70, opened=56), Funnel(asked=80, opened=48), "A was opened more often: 5 to 33 of 100 more."),
        (Funnel(asked=9000, opened=4500), Funnel(asked=9000, opened=4640), "less than 1 to 3 of 100 more"),
        (Funnel(), Funnel(), "do not tell them apart yet"),
    ],
)
def test_one_plain_sentence_says_which_did_better_or_that_nobody_knows(a, b, said):
    assert said in verdict(a, b, "opened")


def test_the_page_of_a_campaign_shows_both_sides_with_what_they_said(desk, ada, clock):
    made = make_campaign(ada, state="finished", greeting_b="Good day <b>{first_name}</b>")
    asked(made, 80, variant="A", clicked_at=None)
    asked(made, 56, 80, variant="B", clicked_at=NOON)
    asked(made, 14, 136, variant="B")
    asked(made, 3, 150)
    shown = text(desk.get(reverse("campaign_results", args=[made.pk])))
    assert "B was opened more often: 68 to 88 of 100 more." in shown
    assert "56 of 70" in shown
    assert 'data-l="More with B, of 100">+68 to +88</td>' in shown
    assert "Good day &lt;b&gt;" in shown
    assert "Text under the picture" not in shown
    assert "3 more read another language and are in neither." in shown


def test_where_openings_are_not_counted_the_answers_decide_which_side_did_better(desk, ada, clock):
    Business.objects.update(links=Business.Links.DIRECT)
    made = make_campaign(ada, state="finished", greeting_b="Good day {first_name}")
    asked(made, 60, variant="A", clicked_at=NOON)
    asked(made, 60, 60, variant="B", replied_at=NOON)
    shown = text(desk.get(reverse("campaign_results", args=[made.pk])))
    assert "B was answered more often" in shown
    assert "Opened link</th>" not in shown


def test_a_campaign_with_one_side_compares_nothing(desk, some, clock):
    shown = text(desk.get(reverse("campaign_results", args=[some.pk])))
    assert "0 of 120 have likely reviewed." in shown
    assert "A and B" not in shown


def test_a_draft_has_no_results_yet(desk, ada, clock):
    made = make_campaign(ada)
    assert desk.get(reverse("campaign_results", args=[made.pk])).url == reverse("campaign_edit", args=[made.pk])
