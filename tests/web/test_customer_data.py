"""The customer's page: asked, exported, erased, joined; who may, and what it says."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns import launch, person, replies
from campaigns.models import AuditEntry, Campaign, Customer, Erasure, Membership, Message
from campaigns.web import timeline
from tests.cast import answer, is_send, make_campaign, make_customer, only_delivery, walk_to_the_end, work


def page(desk, name, *args, **query):
    return desk.get(reverse(name, args=args), query)


def words(response):
    return response.content.decode()


def become(user, role):
    Membership.objects.filter(user=user).update(role=role)


def test_the_page_costs_a_fixed_number_of_queries(
    desk, ada, campaign, grace, sandbox, clock, django_assert_max_num_queries
):
    walk_to_the_end(clock)
    answer(sandbox, clock, grace, "Lovely")
    for number in range(5):
        AuditEntry.write(ada.organization, "change customer", grace, ada.user, f"last_visit {number}")
    # Seven are every page's: session, person, business, the others of theirs, what is new in the inbox.
    with django_assert_max_num_queries(9 + 7):
        shown = page(desk, "customer", grace.pk)
    assert "Lovely" in words(shown)


def test_the_story_is_told_from_the_newest_day_and_says_by_whom(ada, campaign, grace, clock):
    walk_to_the_end(clock)
    clock.go(days=3)
    replies.stop(grace, "Asked us by phone to stop", ada.user, clock())
    grace.refresh_from_db()
    days = timeline.days(grace, clock())
    assert [entry.title for entry in days[0].entries] == ["Stopped"]
    assert days[0].entries[0].hints == ("Asked us by phone to stop", f"By {ada.user.first_name or ada.user.email}")
    told = [entry.title for day in days[1:] for entry in day.entries]
    assert told.index("Greeted") < told.index("Picture, text and link sent") < told.index("Read")


def test_what_was_changed_and_by_whom_is_told(desk, ada, grace):
    desk.post(reverse("customer_edit", args=[grace.pk]), {"first_name": "Gracie", "last_name": "Hopper"})
    shown = words(page(desk, "customer", grace.pk))
    assert "Profile changed" in shown
    assert "first name" in shown
    assert Customer.objects.filter(search__contains="gracie").exists()


def test_asking_now_makes_a_campaign_of_one_with_the_words_used_last(desk, ada, grace, clock):
    make_customer(ada.business, 2)
    make_campaign(ada, greeting="Hi {first_name}, it's {sender} from {business}. Reply STOP to stop.", name="Last")
    went = desk.post(reverse("customer_ask", args=[grace.pk]))
    draft = Campaign.objects.latest("pk")
    assert went.url == reverse("campaign_check", args=[draft.pk])
    assert draft.greeting.endswith("Reply STOP to stop.")
    assert [each.pk for each in launch.check(draft, clock()).will_ask] == [grace.pk]
    assert "picked by hand" in str(draft.only)


def test_a_draft_for_one_stays_for_one_when_it_is_saved(desk, ada, grace, clock):
    make_customer(ada.business, 2)
    desk.post(reverse("customer_ask", args=[grace.pk]))
    draft = Campaign.objects.latest("pk")
    shown = words(page(desk, "campaign_edit", draft.pk))
    assert "one customer picked by hand" in shown.replace("\n", " ")
    assert f'name="chosen" value="{grace.pk}"' in shown


def test_who_may_not_be_asked_has_no_button_for_it(desk, ada, grace, clock):
    replies.stop(grace, "Wrote STOP", None, clock())
    shown = words(page(desk, "customer", grace.pk))
    assert reverse("customer_ask", args=[grace.pk]) not in shown
    assert reverse("customer_stop", args=[grace.pk]) not in shown


def test_who_was_asked_lately_is_asked_again_with_a_reason_only(desk, campaign, grace, clock):
    walk_to_the_end(clock)
    shown = words(page(desk, "customer", grace.pk))
    assert reverse("customer_ask", args=[grace.pk]) not in shown
    assert reverse("delivery_resend", args=[only_delivery(campaign).pk]) in shown


# --- export ---------------------------------------------------------------------------------------------------------


def test_the_export_is_a_file_and_is_noted(desk, ada, campaign, grace, clock):
    walk_to_the_end(clock)
    got = desk.post(reverse("customer_export", args=[grace.pk]))
    archive = zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content)))
    assert json.loads(archive.read("person.json"))["profiles"][0]["first_name"] == "Grace"
    assert any(name.startswith("pictures/") for name in archive.namelist())
    assert AuditEntry.objects.get(act="export customer").by == ada.user
    assert "no-store" in got["Cache-Control"]


# --- erase ----------------------------------------------------------------------------------------------------------


def test_before_erasing_it_says_what_goes_what_stays_and_what_is_out_of_reach(desk, campaign, grace, clock):
    walk_to_the_end(clock)
    shown = words(page(desk, "customer_erase", grace.pk))
    assert "2 messages" in shown
    assert "scrambled code" in shown
    assert "Chert" in shown
    assert "Backups" in shown


def test_where_the_database_keeps_remains_the_page_says_so(desk, grace):
    keeps = connection.vendor == "postgresql"
    assert ("until their space is used again" in words(page(desk, "customer_erase", grace.pk))) == keeps


def test_without_the_tick_nothing_is_erased(desk, grace):
    assert desk.post(reverse("customer_erase", args=[grace.pk])).status_code == 422
    assert Customer.objects.filter(pk=grace.pk).exists()


def test_erasing_ends_on_a_page_that_says_what_is_left_where(desk, ada, campaign, grace, clock):
    walk_to_the_end(clock)
    went = desk.post(reverse("customer_erase", args=[grace.pk]), {"sure": "yes"})
    shown = words(desk.get(went.url))
    assert "Erased." in shown
    assert "2 messages and replies" in shown
    assert "Grace" not in shown
    assert page(desk, "customer", grace.pk).status_code == 404
    campaign_page = words(page(desk, "campaign", campaign.pk))
    assert "Erased" in campaign_page
    assert "Hopper" not in campaign_page


def test_while_a_call_is_under_way_the_page_says_so_and_looks_again(desk, ada, campaign, grace, wire, clock):
    seen = []

    def meanwhile(request):
        if is_send(request) and not seen:
            went = desk.post(reverse("customer_erase", args=[grace.pk]), {"sure": "yes"})
            seen.append(desk.get(went.url))

    wire.before = meanwhile
    work(clock)
    assert "being sent this very moment" in words(seen[0])
    assert seen[0]["Refresh"] == "3"
    person.work(clock())
    assert Erasure.objects.get().done_at


@pytest.mark.parametrize("name", ["customer_erase", "customer_export", "customer_join", "customer_ask"])
def test_the_rivals_customer_is_a_404(desk, rival, name):
    theirs = make_customer(rival.business, 7)
    assert desk.post(reverse(name, args=[theirs.pk]), {"sure": "yes"}).status_code == 404
    assert Customer.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("name", ["customer_erase", "customer_export"])
def test_only_a_manager_erases_and_exports(desk, ada, grace, name):
    become(ada.user, Membership.Role.SENDER)
    assert desk.post(reverse(name, args=[grace.pk]), {"sure": "yes"}).status_code == 403
    shown = words(page(desk, "customer", grace.pk))
    assert reverse(name, args=[grace.pk]) not in shown
    assert Customer.objects.filter(pk=grace.pk).exists()


def test_an_erasure_of_the_rival_is_a_404(desk, rival, clock):
    erasure = person.ask(make_customer(rival.business, 7), rival.user, clock())
    assert page(desk, "customer_erased", erasure.pk).status_code == 404


# --- join -----------------------------------------------------------------------------------------------------------


def test_the_other_entry_is_offered_compared_and_joined(desk, ada, grace):
    other = make_customer(ada.business, 2, technician="Dana Fox-Hill")
    assert f"?with={other.pk}" in words(page(desk, "customer_join", grace.pk))
    compared = words(page(desk, "customer_join", grace.pk, **{"with": other.pk}))
    assert "Dana Fox-Hill" in compared
    went = desk.post(reverse("customer_join", args=[grace.pk]), {"with": other.pk, "technician": "goes"})
    assert went.url == reverse("customer", args=[grace.pk])
    assert page(desk, "customer", other.pk).url == reverse("customer", args=[grace.pk])
    shown = words(page(desk, "customer", grace.pk))
    assert "Dana Fox-Hill" in shown
    assert "Also known under (512) 555-1002" in shown
    assert "Another entry turned out to be the same customer" in shown


def test_the_other_number_may_be_the_one_that_stays(desk, ada, grace):
    other = make_customer(ada.business, 2)
    went = desk.post(reverse("customer_join", args=[grace.pk]), {"with": other.pk, "stays": "other"})
    assert went.url == reverse("customer", args=[other.pk])


def test_somebody_else_is_found_by_name(desk, ada, grace):
    linus = make_customer(ada.business, 2, first_name="Linus")
    assert f"?with={linus.pk}" in words(page(desk, "customer_join", grace.pk, q="linus"))


def test_joining_with_oneself_or_the_rival_is_not_offered(desk, grace, rival):
    theirs = make_customer(rival.business, 7)
    assert "Who is the same as" in words(page(desk, "customer_join", grace.pk, **{"with": grace.pk}))
    assert page(desk, "customer_join", grace.pk, **{"with": theirs.pk}).status_code == 404


def test_the_story_of_both_is_on_one_page(desk, ada, grace, clock):
    other = make_customer(ada.business, 2)
    Message.objects.create(
        organization=ada.organization,
        business=ada.business,
        customer=other,
        kind="inbound",
        status="received",
        text="From my old phone",
        created_at=timezone.now() - timedelta(days=1),
    )
    person.join(grace, other, [], ada.user, clock())
    assert "From my old phone" in words(page(desk, "customer", grace.pk))


def test_a_number_that_was_joined_is_known_when_somebody_adds_it(desk, ada, grace, clock):
    other = make_customer(ada.business, 2)
    person.join(grace, other, [], ada.user, clock())
    form = {"phone": other.phone, "first_name": "Grace", "consent_basis": "Asked at the counter"}
    shown = desk.post(reverse("customer_new"), form)
    assert shown.status_code == 422
    assert reverse("customer", args=[grace.pk]) in words(shown)
