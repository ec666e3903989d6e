"""Reviews that are brought on the page: guessed at in words, and decided by a person."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import launch
from campaigns.asking import audience
from campaigns.models import AuditEntry, Customer, Membership, Review
from campaigns.results import reviews
from tests.cast import at_once, ledger, make_campaign, walk_to_the_end, work

REVIEWS = reverse("reviews")


@pytest.fixture
def asked(ada, grace, sandbox, clock):
    """Grace was asked on Monday 2 March; her reminder is to come on Thursday."""
    launch.launch(make_campaign(ada, remind_after=3, reminder="Once more?"), ada.user, clock())
    walk_to_the_end(clock)
    return grace


def paste(client, words):
    return client.post(REVIEWS, {"pasted": words}, follow=True)


def upload(client, content: bytes):
    return client.post(REVIEWS, {"file": SimpleUploadedFile("reviews.csv", content)}, follow=True)


def decide(client, theirs):
    return client.post(reverse("review_decide", args=[Review.objects.first().pk]), {"theirs": theirs}, follow=True)


def text(response) -> str:
    return response.content.decode()


def reminded(sandbox) -> int:
    return sum([part["type"] for part in effect["parts"]] == ["text", "rich_link"] for effect in ledger(sandbox))


def days_later(clock, days):
    for _ in range(days):
        work(clock, minutes=24 * 60)


def test_a_guess_says_who_how_sure_and_why(desk, asked):
    shown = text(paste(desk, "Grace H., 2026-03-03"))
    assert "One review read. One may be by a customer you asked; say which." in shown
    assert "Likely (74 of 100). First name and initial are the same; written the day after they were asked." in shown


def test_a_file_is_read_as_well_and_its_stars_are_not(desk, asked):
    shown = text(upload(desk, b"Stars,Reviewer,Date\n1,Grace Hopper,2026-03-03\n5,Linus T.,2026-03-03\n"))
    assert "2 reviews read. One may be by a customer you asked" in shown
    assert "Very likely (91 of 100)" in shown


def test_confirmed_it_is_the_same_mark_as_by_hand_and_nobody_asks_again(desk, asked, ada, sandbox, clock):
    paste(desk, "Grace Hopper, 2026-03-03")
    assert "Grace Hopper has reviewed." in text(decide(desk, "yes"))
    days_later(clock, 5)
    asked.refresh_from_db()
    assert (bool(asked.reviewed_at), asked.likely_at, reminded(sandbox)) == (True, None, 0)
    assert bool(asked.deliveries.get().reviewed_at)
    assert AuditEntry.objects.filter(act="mark reviewed", about=f"customer {asked.pk}", by=ada.user).count() == 1
    assert audience.of(make_campaign(ada), clock())[0] == []


def test_refused_the_reminder_goes_and_nothing_is_marked(desk, asked, sandbox, clock):
    paste(desk, "Grace Hopper, 2026-03-03")
    assert "Not by Grace Hopper." in text(decide(desk, "no"))
    days_later(clock, 5)
    asked.refresh_from_db()
    assert (asked.reviewed_at, reminded(sandbox), Review.objects.get().state) == (None, 1, "refused")


def test_the_same_list_twice_says_so_and_changes_nothing(desk, asked):
    paste(desk, "Grace Hopper, 2026-03-03")
    assert "All of them were here already; nothing was changed." in text(paste(desk, "Grace Hopper, 2026-03-03"))
    assert Review.objects.count() == 1


@pytest.mark.parametrize("words", ["", "  ", "★★★★★", "Name,Date"])
def test_a_list_without_a_name_is_refused_with_what_to_do(desk, ada, words):
    response = desk.post(REVIEWS, {"pasted": words})
    assert response.status_code == 422
    assert "Nothing was kept." in text(response)


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", b"%PDF-1.7"])
def test_a_file_that_is_none_is_refused(desk, ada, content):
    assert upload(desk, content).status_code == 422
    assert Review.objects.count() == 0


def test_what_is_pasted_is_data(desk, asked):
    Customer.objects.update(first_name="<b>Grace", last_name="Hopper")
    assert "<b>Grace" not in text(paste(desk, "<b>Grace Hopper, 2026-03-03"))


def test_the_second_who_says_so_is_told(desk, asked):
    paste(desk, "Grace Hopper, 2026-03-03")
    decide(desk, "no")
    assert "Somebody has said so already. Nothing was changed." in text(decide(desk, "yes"))
    assert Customer.objects.get().reviewed_at is None


@pytest.mark.django_db(transaction=True)
def test_two_at_once_decide_once(desk, asked, ada):
    paste(desk, "Grace Hopper, 2026-03-03")
    at_once([lambda: decide(desk, "yes") for _ in range(2)])
    assert AuditEntry.objects.filter(act="mark reviewed").count() == 1


def test_the_rival_sees_and_decides_nothing(client, desk, asked, rival):
    paste(desk, "Grace Hopper, 2026-03-03")
    client.force_login(rival.user)
    assert "Grace" not in text(client.get(REVIEWS)).split("<form")[0].split("<main")[-1]
    assert client.post(reverse("review_decide", args=[Review.objects.get().pk]), {"theirs": "yes"}).status_code == 404
    assert Review.objects.get().state == "waiting"


def test_a_viewer_may_not(desk, asked):
    paste(desk, "Grace Hopper, 2026-03-03")
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert (desk.get(REVIEWS).status_code, paste(desk, "X Y").status_code, decide(desk, "yes").status_code) == (
        403,
        403,
        403,
    )


def test_the_results_say_that_somebody_should_decide(desk, asked):
    paste(desk, "Grace Hopper, 2026-03-03")
    assert "One review may be by a customer." in text(desk.get(reverse("results")))


def test_erased_somebody_is_no_question(desk, asked, clock):
    paste(desk, "Grace Hopper, 2026-03-03")
    Customer.objects.filter(pk=asked.pk).update(erased_at=clock())
    assert "Are these theirs?" not in text(desk.get(REVIEWS))


def on_their_page(client, person, theirs, **more):
    return client.post(reverse("customer_likely", args=[person.pk]), {"theirs": theirs, **more}, follow=True)


def test_said_on_the_customers_page_it_is_decided_here_too(desk, asked, sandbox, clock):
    paste(desk, "Grace Hopper, 2026-03-03")
    assert "Has likely reviewed." in text(desk.get(reverse("customer", args=[asked.pk])))
    on_their_page(desk, asked, "yes")
    assert Review.objects.get().state == "confirmed"
    assert "1 brought so far; 1 of them by customers, as you said." in text(desk.get(REVIEWS))
    days_later(clock, 5)
    assert (bool(Customer.objects.get().reviewed_at), reminded(sandbox)) == (True, 0)


def test_not_theirs_on_the_customers_page_lets_the_reminder_go(desk, asked, sandbox, clock):
    paste(desk, "Grace Hopper, 2026-03-03")
    for _ in range(2):
        assert "Not by Grace Hopper." in text(on_their_page(desk, asked, "no"))
    days_later(clock, 5)
    assert (Review.objects.get().state, reminded(sandbox)) == ("refused", 1)
    assert AuditEntry.objects.filter(act="not their review").count() == 1


def test_the_overview_leads_here(desk, asked):
    paste(desk, "Grace Hopper, 2026-03-03")
    shown = text(desk.get("/"))
    assert "One customer has likely reviewed" in shown
    assert f'href="{REVIEWS}"' in shown


def test_a_guess_from_before_reviews_were_kept_is_asked_about_and_decided_here(desk, asked, clock):
    Customer.objects.filter(pk=asked.pk).update(likely_at=clock(), likely_words="Grace H.")
    assert "for the review by “<bdi>Grace H.</bdi>”" in text(desk.get(REVIEWS))
    shown = text(on_their_page(desk, asked, "yes", **{"from": "reviews"}))
    assert "Who has reviewed?" in shown
    assert "By Grace Hopper. Nothing more goes out" in shown
    assert Customer.objects.get().reviewed_at


def test_of_two_reviews_the_second_is_still_a_question_when_the_first_is_refused(desk, asked, clock):
    """They can come to wait for one customer when two entries are joined."""
    paste(desk, "Grace Hopper, 2026-03-03\nGrace H., 2026-03-03")
    Review.objects.update(customer=asked, state="waiting")
    assert "There is another one to say it of." in text(decide(desk, "no"))
    assert reviews.waiting(asked.business).count() == 1


def test_where_it_was_before_leads_here(desk, ada):
    assert desk.get("/customers/compare/").url == REVIEWS


def test_the_rival_says_nothing_of_a_strange_customer(client, desk, asked, rival):
    paste(desk, "Grace Hopper, 2026-03-03")
    client.force_login(rival.user)
    assert on_their_page(client, asked, "yes").status_code == 404
    assert (Review.objects.get().state, Customer.objects.get().reviewed_at) == ("waiting", None)


def test_a_viewer_says_nothing_on_the_customers_page(desk, asked):
    paste(desk, "Grace Hopper, 2026-03-03")
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert on_their_page(desk, asked, "yes").status_code == 403
