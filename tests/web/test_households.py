"""Households at the desk: joined from the list or a proposal, told on each page, taken apart again."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns import households, launch, replies
from campaigns.models import Apart, Conversation, Customer, Household, Membership
from tests.cast import answer, make_campaign, make_customer, walk_to_the_end
from tests.test_households import LEE, home_of


@pytest.fixture
def lees(ada):
    return home_of(ada, *LEE)


@pytest.fixture
def alike(ada):
    day = {"last_visit": date(2026, 2, 27), "last_name": "Lee"}
    return [make_customer(ada.business, n, first_name=name, **day) for n, name in ((1, "Marcus"), (2, "Dana"))]


@pytest.fixture
def asked(ada, lees, sandbox, clock):
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    walk_to_the_end(clock)
    return made


def get(desk, name, *args):
    response = desk.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def bulk(desk, *people, **more):
    chosen = {"act": "household", "chosen": [each.pk for each in people]} | more
    return desk.post(reverse("customers_bulk"), chosen, follow=True).content.decode()


def test_those_ticked_become_one_household(desk, alike):
    assert "Marcus &amp; Dana Lee are one household now" in bulk(desk, *alike)
    assert Household.objects.get().members.count() == 2
    assert "Household</a>" in get(desk, "customers")


def test_five_are_told_that_it_is_too_many(desk, ada):
    people = [make_customer(ada.business, n) for n in range(1, 6)]
    assert "4 is the most at once" in bulk(desk, *people)
    assert not Household.objects.exists()


def test_the_list_says_why_not(desk, alike, ada):
    replies.stop(alike[0], "Asked us by phone", ada.user, alike[0].created_at)
    assert "asked us to stop" in bulk(desk, *alike)


def test_another_businesss_customers_are_not_joined(desk, alike, rival):
    theirs = make_customer(rival.business)
    bulk(desk, alike[0], theirs)
    desk.post(reverse("household_join"), {"chosen": [alike[0].pk, theirs.pk]})
    assert not Household.objects.exists()


def test_a_customers_page_proposes_and_joins_at_a_click(desk, alike):
    html = get(desk, "customer", alike[0].pk)
    assert "One household?" in html
    chosen = {"customer": alike[0].pk, "chosen": [each.pk for each in alike]}
    html = desk.post(reverse("household_join"), chosen, follow=True).content.decode()
    assert "Marcus &amp; Dana Lee" in html
    assert "One household?" not in html


def test_the_page_of_households_has_proposals_and_those_there_are(desk, ada, alike):
    home_of(ada, ("Sam", "Ortiz"), ("Kit", "Ames"), start=5)
    html = get(desk, "customer_households")
    assert "Marcus &amp; Dana Lee" in html
    assert "Sam Ortiz &amp; Kit Ames" in html


def apart(desk, *people, **more):
    return desk.post(
        reverse("household_apart"), {"chosen": [each.pk for each in people]} | more, follow=True
    ).content.decode()


def test_a_proposal_is_sent_away_and_can_be_taken_back(desk, alike):
    html = apart(desk, *alike)
    assert "Not a household, and not proposed again." in html
    assert "Take it back" in html
    assert "One household?" not in html
    row = Apart.objects.get()
    html = desk.post(reverse("household_again", args=[row.pk]), follow=True).content.decode()
    assert "One household?" in html
    assert "Take it back: " not in html


def test_it_is_sent_away_on_a_customers_page_too(desk, alike):
    assert "Not a household" in get(desk, "customer", alike[0].pk)
    html = apart(desk, *alike, customer=alike[0].pk)
    assert "One household?" not in html
    assert "Not a household with somebody of the same name" in html


def test_another_businesss_customers_are_not_told_apart_nor_together_again(client, desk, alike, rival):
    theirs = make_customer(rival.business)
    assert "not in the list any more" in apart(desk, alike[0], theirs)
    apart(desk, *alike)
    client.force_login(rival.user)
    assert "Marcus" not in get(client, "customer_households")
    assert client.post(reverse("household_again", args=[Apart.objects.get().pk])).status_code == 404


def test_who_may_only_look_tells_nobody_apart(desk, alike):
    apart(desk, *alike)
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert "Take it back" not in get(desk, "customer_households")
    assert desk.post(reverse("household_apart"), {"chosen": [1, 2]}).status_code == 403
    assert desk.post(reverse("household_again", args=[Apart.objects.get().pk])).status_code == 403


def test_without_any_it_says_how_to_make_one(desk):
    assert "No households yet" in get(desk, "customer_households")


def test_somebody_elses_households_are_not_shown_or_dissolved(desk, rival):
    theirs = home_of(rival, *LEE)
    assert "Marcus" not in get(desk, "customer_households")
    assert desk.post(reverse("household_dissolve", args=[theirs[0].household_id])).status_code == 404
    assert desk.post(reverse("household_leave", args=[theirs[0].pk])).status_code == 404
    assert Household.objects.get().is_open


def test_who_may_only_look_sees_them_and_changes_nothing(desk, ada, lees):
    Membership.objects.update(role=Membership.Role.VIEWER)
    html = get(desk, "customer_households")
    assert "Marcus &amp; Dana Lee" in html
    assert "Dissolve" not in html
    home = lees[0].household_id
    for name, pk in (("household_dissolve", home), ("household_leave", lees[0].pk)):
        assert desk.post(reverse(name, args=[pk])).status_code == 403
    assert desk.post(reverse("household_join"), {"chosen": [1, 2]}).status_code == 403
    assert Household.objects.get().is_open


def test_one_is_taken_out_on_their_page(desk, lees):
    html = get(desk, "customer", lees[0].pk)
    assert "Marcus &amp; Dana Lee" in html
    desk.post(reverse("household_leave", args=[lees[0].pk]))
    assert not Customer.objects.exclude(household=None).exists()
    assert "Asked alone from now on" in get(desk, "customer", lees[0].pk)


def test_it_is_dissolved_on_the_page_of_households(desk, lees):
    html = desk.post(reverse("household_dissolve", args=[lees[0].household_id]), follow=True).content.decode()
    assert "Dissolved: each of them is asked alone" in html


@pytest.mark.parametrize("chosen", [[], ["x"], ["1" * 30], ["-1"], [1, 1], list(range(1, 200))])
def test_rubbish_joins_nobody(desk, lees, chosen):
    for name in ("household_join", "household_apart"):
        desk.post(reverse(name), {"chosen": chosen, "customer": "x"})
    assert (Household.objects.count(), Apart.objects.count()) == (1, 0)


def test_names_are_only_text(desk, ada):
    evil = "<script>x</script>"
    lees = home_of(ada, (evil, "Lee"), ("Dana", "Lee"))
    for html in (get(desk, "customer_households"), get(desk, "customer", lees[1].pk)):
        assert evil not in html
        assert "&lt;script&gt;" in html


def test_the_check_says_who_is_asked_together_and_who_alone(desk, ada, lees):
    campaign = make_campaign(ada)
    html = get(desk, "campaign_check", campaign.pk)
    assert "Asked together with Marcus Lee" in html
    assert "In one group" in html
    campaign.left_out.add(lees[1])
    assert "asked alone" in get(desk, "campaign_check", campaign.pk)


def test_the_row_says_that_it_is_a_household(desk, asked):
    assert "as a household" in get(desk, "campaign", asked.pk)


def test_each_ones_page_tells_what_went_to_the_group(desk, asked, lees):
    for person in lees:
        html = get(desk, "customer", person.pk)
        assert "In the group of the household." in html
        assert "Picture, text and link sent" in html
    assert "Asked together with Marcus Lee" in html


def test_a_closed_group_says_so_with_the_reason(desk, asked, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "STOP")
    html = get(desk, "customer", lees[0].pk)
    assert "somebody in it asked us to stop" in html
    assert "Group closed" in get(desk, "customer_households")


def test_the_inbox_says_who_wrote_and_that_it_was_in_a_group(desk, asked, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "Lovely bread")
    html = get(desk, "inbox")
    assert "Dana Lee" in html
    assert "In a group" in html
    talk = get(desk, "conversation", Conversation.objects.get().pk)
    assert "In the group of their household" in talk
    assert "Goes to the group of their household" in talk
    assert "Hi Marcus &amp; Dana" in talk


def test_the_inbox_names_no_group_where_there_is_a_chat_of_their_own(desk, asked, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "Lovely bread")
    Customer.objects.filter(pk=lees[1].pk).update(chat_id="her-own")
    assert "Goes to the group" not in get(desk, "conversation", Conversation.objects.get().pk)


def test_the_page_to_send_again_works_for_a_household(desk, asked, lees):
    assert "Hi Marcus &amp; Dana" in get(desk, "delivery_resend", asked.deliveries.get(together_with=None).pk)


def test_the_list_asks_the_same_number_of_questions_however_many_households(desk, ada, django_assert_max_num_queries):
    for n in range(10):
        home_of(ada, ("A", f"L{n}"), ("B", f"L{n}"), start=10 * n + 1)
    with django_assert_max_num_queries(30):
        get(desk, "customers")
    with django_assert_max_num_queries(30):
        get(desk, "customer_households")
    assert households.listed(ada.business).count() == 10
