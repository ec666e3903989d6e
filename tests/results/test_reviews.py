"""Reviews that are brought: read, matched to those asked before, kept once, and decided by a person."""

from datetime import date

import pytest

from campaigns import launch, likely, person
from campaigns.models import Customer, Message, Review
from campaigns.results import reviews
from campaigns.results.reviews import BadList, Line
from tests.cast import at_once, make_campaign, make_customer, walk_to_the_end
from tests.test_households import LEE, home_of


@pytest.fixture
def asked(ada, grace, sandbox, clock):
    """Grace was asked on Monday 2 March; her reminder is to come on Thursday."""
    launch.launch(make_campaign(ada, remind_after=3, reminder="Once more?"), ada.user, clock())
    walk_to_the_end(clock)
    return grace


def bring(ada, text, clock):
    return reviews.take_in(ada.business, reviews.read(text), clock())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Grace Hopper", Line("Grace Hopper", None, "")),
        ("Grace H., 2026-03-04", Line("Grace H.", date(2026, 3, 4), "")),
        ("Grace H.\t4 March 2026\tLovely bread", Line("Grace H.", date(2026, 3, 4), "Lovely bread")),
        ("Grace H., March 4, 2026", Line("Grace H.", date(2026, 3, 4), "")),
        ("Grace H., two weeks ago, Lovely", Line("Grace H.", None, "two weeks ago Lovely")),
        ("Name,Date,Stars,Text\nGrace H.,2026-03-04,1,Dry bread", Line("Grace H.", date(2026, 3, 4), "Dry bread")),
        ("Stars;Reviewer;Created at\n5;Grace H.;2026-03-04T09:15:00Z", Line("Grace H.", date(2026, 3, 4), "")),
        ('Reviewer,Comment\n"Hopper, Grace","Line one\nline two"', Line("Hopper, Grace", None, "Line one line two")),
    ],
)
def test_a_list_is_read_as_people_have_it(text, line):
    assert reviews.read(text) == [line]


@pytest.mark.parametrize("text", ["", "\n\n", "★★★★★", "Name,Date", "1,2,3", "\0\0"])
def test_a_list_without_a_name_is_refused_and_says_what_was_kept(text):
    with pytest.raises(BadList, match="Nothing was kept"):
        reviews.read(text)


@pytest.mark.parametrize(
    "raw", [b"PK\x03\x04zip", b"%PDF-1.7", b"x" * (reviews.MOST_BYTES + 1), b"\xff\xfe\x00", b"\x81\x8d\xff"]
)
def test_a_file_that_is_none_is_refused(raw):
    with pytest.raises(BadList, match="Nothing was kept"):
        reviews.text_of(raw)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_in_the_encodings_spreadsheets_write(encoding):
    assert reviews.read(reviews.text_of("José G., 2026-03-04".encode(encoding)))[0].author == "José G."


def test_more_than_can_be_looked_at_is_refused_whole():
    with pytest.raises(BadList, match="5,000 reviews are the most"):
        reviews.read("Grace Hopper\n" * 5001)


def test_as_many_as_can_be_looked_at_are_taken():
    assert len(reviews.read("Grace Hopper\n" * 5000)) == 5000
    assert len(reviews.text_of(b"x" * reviews.MOST_BYTES)) == reviews.MOST_BYTES


def test_a_match_waits_holds_the_reminder_and_says_nothing_yet(asked, ada, clock):
    assert bring(ada, "Linus T.\nGrace H., 2026-03-03", clock) == reviews.Taken(2, 2, 1)
    asked.refresh_from_db()
    [found] = reviews.waiting(ada.business)
    assert (found.customer, found.state, asked.reviewed_at) == (asked, "waiting", None)
    assert "First name and initial are the same; written the day after" in found.reason
    assert (asked.likely_words, bool(asked.likely_at)) == ("Grace H., 3 March 2026", True)


def test_stars_and_texts_change_nothing_and_are_not_kept(asked, ada, clock):
    bring(ada, "Name,Date,Stars,Text\nGrace H.,2026-03-04,1,Dry plumcake", clock)
    [one] = Review.objects.all()
    assert "plumcake" not in " ".join(str(getattr(one, field.attname)) for field in one._meta.concrete_fields)
    assert {field.name for field in Review._meta.get_fields()} & {"stars", "text", "rating"} == set()


def test_the_same_list_twice_changes_nothing(asked, ada, clock):
    text = "Name,Date,Text\nGrace H.,2026-03-03,Lovely\nLinus T.,2026-03-03,Fine"
    bring(ada, text, clock)
    before = list(Review.objects.values())
    assert bring(ada, text.replace("Grace H.", "grace h"), clock) == reviews.Taken(2, 0, 0)
    assert list(Review.objects.values()) == before


def test_what_somebody_refused_does_not_come_up_again(asked, ada, clock):
    bring(ada, "Grace H., 2026-03-03", clock)
    assert reviews.decide(Review.objects.get(), "refused", ada.user, clock())
    likely.is_not_theirs(asked, ada.user)
    bring(ada, "Grace H., 2026-03-03", clock)
    assert (Review.objects.count(), list(reviews.waiting(ada.business))) == (1, [])


def test_only_the_first_decision_counts(asked, ada, clock):
    bring(ada, "Grace H., 2026-03-03", clock)
    review = Review.objects.get()
    assert [reviews.decide(review, state, ada.user, clock()) for state in ("refused", "confirmed")] == [True, False]
    assert Review.objects.get().state == "refused"


def test_nor_by_another_list_that_says_more_of_it(asked, ada, clock):
    bring(ada, "Grace H., 2026-03-03", clock)
    likely.is_not_theirs(asked, ada.user)
    assert bring(ada, "Name,Date,Text\nGrace H.,2026-03-03,Lovely", clock) == reviews.Taken(1, 1, 0)
    assert bring(ada, "Grace H., 2026-03-04", clock).waiting == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_bring_one_list_at_once_keep_it_once(asked, ada, clock):
    done = at_once([lambda: bring(ada, "Grace H., 2026-03-03\nLinus T.", clock) for _ in range(4)])
    assert sorted(taken.new for taken in done) == [0, 0, 0, 2]
    assert Review.objects.count() == 2


def test_one_customer_has_one_review_waiting_and_the_surest(asked, ada, clock):
    bring(ada, "Grace H., 2026-03-03\nGrace Hopper, 2026-03-03", clock)
    [found] = reviews.waiting(ada.business)
    assert (found.author, Review.objects.filter(state="unmatched").count()) == ("Grace Hopper", 1)


def test_who_has_one_waiting_gets_no_second_from_the_next_list(asked, ada, clock):
    bring(ada, "Grace H., 2026-03-03", clock)
    assert bring(ada, "Grace Hopper, 2026-03-04", clock).waiting == 0


def test_another_entry_of_somebody_who_was_joined_is_matched_to_nobody(asked, ada, clock):
    stays = make_customer(ada.business, 9, first_name="Somebody", last_name="Else")
    Customer.objects.filter(pk=asked.pk).update(merged_into=stays)
    assert bring(ada, "Grace Hopper, 2026-03-03", clock).waiting == 0


def test_who_has_reviewed_already_is_not_asked_about(asked, ada, clock):
    Customer.objects.update(reviewed_at=clock())
    assert bring(ada, "Grace Hopper", clock).waiting == 0


def test_who_was_never_asked_or_long_ago_is_no_match(asked, ada, clock):
    make_customer(ada.business, 7, first_name="Linus", last_name="Torvalds")
    clock.go(days=366)
    assert bring(ada, "Grace Hopper\nLinus Torvalds", clock).waiting == 0


def test_another_businesss_customers_are_not_matched(asked, rival, clock):
    assert bring(rival, "Grace Hopper", clock) == reviews.Taken(1, 1, 0)


def test_the_same_review_of_two_businesses_is_two(asked, ada, rival, clock):
    bring(ada, "Grace Hopper, 2026-03-03", clock)
    assert bring(rival, "Grace Hopper, 2026-03-03", clock).new == 1


def test_a_thousand_reviews_cost_a_fixed_number_of_queries(asked, ada, clock, django_assert_max_num_queries):
    text = "\n".join(f"Somebody Else{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}, x{n}" for n in range(1000))
    with django_assert_max_num_queries(22):
        assert bring(ada, text, clock).new == 1000


def test_erased_the_name_is_gone_and_the_same_list_does_not_bring_it_back(asked, ada, clock):
    text = "Grace H., 2026-03-03\nLinus T.\nGrace  HOPPER, 2019-03-05"
    bring(ada, text, clock)
    assert person.carry_out(person.ask(asked, ada.user, clock()), clock())
    assert sorted(Review.objects.values_list("author", flat=True)) == ["", "", "Linus T."]
    assert Review.objects.exclude(customer=None).count() == 0
    assert bring(ada, text, clock).new == 0


def test_joined_the_review_goes_with_the_one_who_stays(asked, ada, clock):
    stays = make_customer(ada.business, 9, first_name="Gracie", last_name="Hopper")
    bring(ada, "Grace Hopper, 2026-03-03", clock)
    person.join(stays, asked, [], ada.user, clock())
    assert Review.objects.get().customer == stays
    assert [each.customer for each in reviews.waiting(ada.business)] == [stays]


def test_who_was_asked_in_a_group_is_matched_like_everybody(ada, sandbox, clock):
    home_of(ada, *LEE)
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)
    assert bring(ada, "Marcus Lee, 2026-03-02\nDana Lee, 2026-03-02\nDana L., 2026-03-01", clock).waiting == 2
    Customer.objects.update(likely_at=None)
    clock.go(days=366)
    assert bring(ada, "Dana Lee, 2027-03-02", clock).waiting == 0


def test_a_guess_from_before_reviews_were_kept_is_still_to_be_decided(asked, ada, rival, clock):
    Customer.objects.filter(pk=asked.pk).update(likely_at=clock(), likely_words="Grace H.")
    assert (list(reviews.held(ada.business)), reviews.to_decide(ada.business)) == ([asked], 1)
    assert reviews.to_decide(rival.business) == 0


def test_a_guess_with_its_review_counts_once(asked, ada, clock):
    bring(ada, "Grace Hopper, 2026-03-03", clock)
    assert (list(reviews.held(ada.business)), reviews.to_decide(ada.business)) == ([], 1)


def test_decided_on_the_customers_page_it_is_no_question_any_more(asked, ada, clock):
    bring(ada, "Grace Hopper, 2026-03-03", clock)
    likely.is_not_theirs(asked, ada.user)
    assert list(reviews.waiting(ada.business)) == []
    assert Message.objects.filter(kind="reminder", status="planned").exists()


def row(person, state, confidence=70):
    """A review that was brought before, and what became of it."""
    whose = {"organization": person.business.organization, "business": person.business, "customer": person}
    number = Review.objects.count()
    return Review.objects.create(**whose, author="G.", fingerprint=f"{number}", state=state, confidence=confidence)


def test_the_surest_stands_first_and_who_has_reviewed_is_no_question(ada, grace, clock):
    people = [grace, *(make_customer(ada.business, number) for number in (2, 3))]
    Customer.objects.update(likely_at=clock())
    rows = [row(person, "waiting", sure) for person, sure in zip(people, (50, 90, 70), strict=True)]
    Customer.objects.filter(pk=people[2].pk).update(reviewed_at=clock())
    assert list(reviews.waiting(ada.business)) == [rows[1], rows[0]]


def test_only_what_somebody_said_is_theirs_is_counted_as_theirs(ada, grace):
    for state in ("confirmed", "refused", "waiting", "unmatched"):
        row(grace, state)
    assert reviews.tally(ada.business) == {"brought": 4, "theirs": 1}


def test_what_was_refused_before_stays_so_and_asks_nothing(ada, grace, clock):
    Customer.objects.update(likely_at=clock())
    row(grace, "refused")
    assert list(reviews.held(ada.business)) == [grace]
    row(grace, "waiting")
    reviews.settle(grace, "confirmed", ada.user, clock())
    assert list(Review.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "confirmed"]
