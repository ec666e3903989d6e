"""Customers by program: entered as the rows of a list are, read a page at a time, stopped, asked, erased."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import outbox, person
from campaigns.models import (
    ApiCall,
    AuditEntry,
    Business,
    Campaign,
    Customer,
    CustomerImport,
    Delivery,
    Erasure,
    Message,
    Suppression,
)
from tests.api.conftest import PERSON, code, make_program
from tests.cast import at_once, kinds, make_campaign, make_customer, walk_to_the_end


def test_a_new_customer_is_kept_with_consent_and_who_said_so(ada, till, clock):
    answer = till.post("/customers", PERSON | {"last_visit": "2026-03-01", "tags": ["VIP", "Spa"]})
    kept = Customer.objects.get()
    assert (answer.status_code, answer.json()["outcome"]) == (201, "added")
    assert answer.json()["customer"]["tags"] == ["Spa", "VIP"]
    assert (kept.phone, kept.first_name, kept.consent_basis) == ("+15125550142", "Marcus", PERSON["consent"])
    assert (kept.consent_at, kept.consent_by, kept.is_attested) == (clock(), ada.user, True)
    assert kept.consent_source == "The program Till"
    assert not CustomerImport.objects.exists()


def test_the_number_is_who_they_are_and_what_is_not_said_stays(till):
    till.post("/customers", PERSON | {"last_name": "Lee"})
    answer = till.ask("put", "/customers", {"phone": "(512) 555-0142", "consent": "x", "service": "Roof"})
    assert (answer.status_code, answer.json()["outcome"]) == (200, "updated")
    kept = Customer.objects.get()
    assert (kept.first_name, kept.last_name, kept.service) == ("Marcus", "Lee", "Roof")
    assert kept.consent_basis == PERSON["consent"]


def test_the_same_once_more_changes_nothing(till):
    till.post("/customers", PERSON)
    assert till.ask("put", "/customers", PERSON).json()["outcome"] == "unchanged"


def test_what_cannot_be_read_is_left_out_and_said(till):
    answer = till.post("/customers", PERSON | {"timezone": "Mars/Olympus", "last_visit": "2027-01-01"})
    assert answer.status_code == 201
    assert len(answer.json()["notes"]) == 2
    assert Customer.objects.get().last_visit is None


def test_a_tag_that_says_how_pleased_somebody_is_is_left_out(till):
    answer = till.post("/customers", PERSON | {"tags": ["5 stars"]})
    assert "says how pleased" in answer.json()["notes"][0]
    assert answer.json()["customer"]["tags"] == []


def test_a_number_that_is_none_is_pointed_at(till):
    answer = till.post("/customers", PERSON | {"phone": "call me"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/phone")


@pytest.mark.parametrize("consent", ["\u200b", "   "])
def test_nobody_comes_in_without_a_word_about_consent(till, consent):
    """M9."""
    assert till.post("/customers", PERSON | {"consent": consent}).json()["code"] in {"no_consent", "invalid"}
    assert not Customer.objects.exists()


def test_whoever_stopped_stays_stopped_and_a_number_that_is_suppressed_stays_out(ada, till):
    """S60."""
    make_customer(ada.business, phone="+15125550142", stopped_at=timezone.now())
    Suppression.add(ada.organization, "+15125550143", "Wrote STOP")
    assert code(till.post("/customers", PERSON)) == "stopped"
    assert code(till.post("/customers", PERSON | {"phone": "+15125550143"})) == "suppressed"
    assert Customer.objects.count() == 1


def test_which_location_is_meant_must_be_said_where_there_are_two(ada, till):
    second = Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")
    assert code(till.post("/customers", PERSON)) == "business_needed"
    assert till.post("/customers", PERSON | {"business": second.pk}).json()["customer"]["business"] == second.pk
    limited = make_program(ada.organization, business=second)
    assert limited.post("/customers", PERSON).json()["customer"]["business"] == second.pk


def test_many_at_once_each_with_its_own_end_and_numbers_that_add_up(ada, till):
    make_customer(ada.business, phone="+15125550142", first_name="Marcus")
    Suppression.add(ada.organization, "+15125550143", "Wrote STOP")
    numbers = ["+15125550142", "+15125550143", "nobody", "+15125550144", "(512) 555-0144"]
    answer = till.post("/customers/bulk", {"consent": "List", "customers": [{"phone": each} for each in numbers]})
    said = answer.json()
    kinds_ = [each["outcome"] for each in said["outcomes"]]
    assert kinds_ == ["unchanged", "suppressed", "rejected", "added", "duplicate"]
    assert [each["index"] for each in said["outcomes"]] == [0, 1, 2, 3, 4]
    assert (said["total"], sum(said["counts"].values())) == (5, 5)
    assert [bool(each["customer"]) for each in said["outcomes"]] == [True, False, False, True, True]


def test_a_thousand_at_once_and_not_one_more(till):
    people = [{"phone": f"+1512555{number:04}", "first_name": "N"} for number in range(1001)]
    assert code(till.post("/customers/bulk", {"consent": "x", "customers": people})) == "invalid"
    answer = till.post("/customers/bulk", {"consent": "x", "customers": people[:1000]})
    assert answer.json()["counts"]["added"] + answer.json()["counts"]["rejected"] == 1000


def test_two_programs_that_bring_the_same_number_at_once_make_one_customer(transactional_db, ada, till):
    answers = at_once([lambda: till.ask("put", "/customers", PERSON).status_code for _ in range(4)])
    assert sorted(answers) == [200, 200, 200, 201]
    assert Customer.objects.count() == 1


def test_pages_show_everybody_once_while_others_come_in(ada, till):
    people = [make_customer(ada.business, number).pk for number in range(7)]
    seen, path = [], "/customers?limit=3"
    while path:
        page = till.get(path).json()
        seen += [each["id"] for each in page["items"]]
        make_customer(ada.business, 100 + len(seen)) if len(seen) < 7 else None
        path = f"/customers?limit=3&cursor={page['next']}" if page["next"] else ""
    assert seen[:7] == people
    assert len(seen) == len(set(seen)) == Customer.objects.count()


def test_a_customer_is_found_by_number(ada, till):
    make_customer(ada.business, 1)
    wanted = make_customer(ada.business, 2)
    found = till.get("/customers?phone=(512)%20555-1002").json()["items"]
    assert [each["id"] for each in found] == [wanted.pk]


def test_one_customer_comes_with_the_reason_why_they_would_not_be_asked(ada, till, grace):
    assert till.get(f"/customers/{grace.pk}").json()["not_asked_because"] is None
    Customer.objects.update(is_insider=True)
    assert till.get(f"/customers/{grace.pk}").json()["not_asked_because"]["code"] == "insider"


# --- asking ---------------------------------------------------------------------------------------------------------


def test_ask_marcus_last_visit_today(ada, till, sandbox, clock):
    answer = till.post("/requests", PERSON | {"last_visit": "2026-03-02"})
    assert answer.status_code == 201, answer.content
    delivery = Delivery.objects.get(pk=answer.json()["delivery"]["id"])
    assert (delivery.customer.first_name, delivery.status) == ("Marcus", "planned")
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]
    assert till.get(f"/deliveries/{delivery.pk}").json()["status"] == "read"
    assert AuditEntry.objects.filter(act="asked by program", by=ada.user).count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"is_insider": True}, "insider"),
        ({"consent_basis": ""}, "no_consent"),
        ({"reviewed_at": timezone.now()}, "reviewed"),
        ({"paused_at": timezone.now()}, "paused"),
    ],
)
def test_who_may_not_be_asked_is_not_and_the_reason_has_a_word(ada, till, changed, said):
    make_customer(ada.business, phone="+15125550142", **changed)
    answer = till.post("/requests", PERSON | {"service": "Roof"})
    assert (answer.status_code, code(answer)) == (422, said)
    assert not Campaign.objects.exists()
    assert not Customer.objects.get().service  # nothing was done, and that is the whole of it


def test_who_was_asked_not_long_ago_is_not_and_until_when(ada, till, sandbox, clock):
    till.post("/requests", PERSON)
    assert code(till.post("/requests", PERSON)) == "elsewhere"
    walk_to_the_end(clock)
    outbox.sweep(clock())
    answer = till.post("/requests", PERSON)
    assert (code(answer), answer.json()["until"][:10]) == ("recent", "2026-05-31")


def test_what_we_lack_is_no_reason_of_theirs(ada, till):
    Business.objects.update(review_url="")
    answer = till.post("/requests", PERSON)
    assert (code(answer), "review address" in answer.json()["detail"]) == ("not_ready", True)


def test_asked_twice_at_once_is_asked_once(transactional_db, ada, till):
    """S19."""
    answers = at_once([lambda: till.post("/requests", PERSON).status_code for _ in range(4)])
    assert sorted(answers) == [201, 422, 422, 422]
    assert (Delivery.objects.count(), Campaign.objects.count()) == (1, 1)


def test_words_and_card_are_those_of_the_last_campaign(ada, till):
    make_campaign(ada, ask="See you, {first_name|}! {sender}. Reply STOP to opt out.")
    till.post("/requests", PERSON)
    assert "See you" in Message.objects.get(kind="ask").text


# --- campaigns and deliveries ---------------------------------------------------------------------------------------


def test_the_counts_of_a_campaign_add_up(ada, till, campaign):
    for said in (till.get("/campaigns").json()["items"][0], till.get(f"/campaigns/{campaign.pk}").json()):
        assert (said["total"], sum(said["counts"].values()), said["counts"]["planned"]) == (1, 1, 1)


def test_deliveries_are_narrowed_by_campaign_status_and_customer(ada, till, campaign, grace):
    assert len(till.get(f"/deliveries?campaign={campaign.pk}&status=planned").json()["items"]) == 1
    assert len(till.get(f"/deliveries?customer={grace.pk}&status=read").json()["items"]) == 0
    assert code(till.get("/deliveries?status=happy")) == "invalid"


def test_what_has_changed_since_a_version_comes_oldest_first_and_page_by_page(ada, till, sandbox, clock):
    for number in range(5):
        make_customer(ada.business, number)
    first = till.post("/requests", PERSON).json()["delivery"]
    assert till.get(f"/deliveries?campaign={first['campaign']}&changed_since={first['version']}").json()["items"] == []
    walk_to_the_end(clock)
    changed = till.get(f"/deliveries?campaign={first['campaign']}&changed_since={first['version']}").json()["items"]
    assert [each["status"] for each in changed] == ["read"]
    assert code(till.get("/deliveries?changed_since=1")) == "invalid"


def test_tests_to_oneself_are_not_among_them(ada, till, campaign):
    Delivery.objects.update(is_test=True)
    assert till.get("/deliveries").json()["items"] == []


# --- stopping, handing out, erasing ---------------------------------------------------------------------------------


def test_a_number_is_stopped_in_every_location(ada, till, campaign, grace):
    answer = till.post("/opt-outs", {"phone": "(512) 555-1001"})
    assert answer.json() == {"phone": grace.phone, "customers": 1}
    grace.refresh_from_db()
    assert grace.stopped_how == "Asked to stop; said by the program Till"
    assert Delivery.objects.get().status == "cancelled"


def test_a_number_nobody_has_is_silent_before_it_ever_comes(ada, till):
    assert till.post("/opt-outs", {"phone": "+15125550142"}).json()["customers"] == 0
    assert code(till.post("/customers", PERSON)) == "suppressed"


def test_everything_about_one_person_is_handed_out_and_noted(ada, till, campaign, grace):
    said = till.get(f"/customers/{grace.pk}/export").json()
    assert said["places"]["profiles"][0]["first_name"] == "Grace"
    assert len(said["places"]["messages"]) == 2
    assert AuditEntry.objects.filter(act="export customer").count() == 1


def test_one_person_is_forgotten_and_what_programs_were_answered_too(transactional_db, ada, till, clock):
    kept = till.post("/customers", PERSON | {"last_name": "Leeward"}, key="k1").json()["customer"]
    till.post("/customers/bulk", {"consent": "x", "customers": [{"phone": "512 555 0142 x 9"}]}, key="k2")
    till.post("/customers", PERSON | {"phone": "+15125550199"}, key="k3")
    begun = till.post("/erasures", {"customer": kept["id"]})
    assert (begun.status_code, begun.json()["done_at"]) == (202, None)
    person.work(clock())
    assert till.get(f"/erasures/{begun.json()['id']}").json()["done_at"]
    assert till.get(f"/customers/{kept['id']}").status_code == 404
    answers = dict(ApiCall.objects.values_list("key", "answered"))
    assert (answers["k1"], answers["k2"], answers["k3"]) == (410, 410, 201)
    again = till.post("/customers", PERSON | {"last_name": "Leeward"}, key="k1")
    assert (again.status_code, code(again)) == (410, "answer_forgotten")


def test_erasing_twice_is_erasing_once(ada, till, grace):
    first, second = (till.post("/erasures", {"customer": grace.pk}).json() for _ in range(2))
    assert first == second
    assert Erasure.objects.count() == 1


# --- once and once only ---------------------------------------------------------------------------------------------


def test_the_same_key_and_body_is_answered_and_not_done_again(ada, till, sandbox):
    first, second = (till.post("/requests", PERSON, key="visit-17") for _ in range(2))
    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert second["Idempotency-Replayed"] == "true"
    assert Campaign.objects.count() == 1


def test_the_same_key_with_another_body_or_address_is_refused(till):
    till.post("/customers", PERSON, key="k")
    assert code(till.post("/customers", PERSON | {"first_name": "Mark"}, key="k")) == "key_reused"
    assert code(till.post("/opt-outs", {"phone": PERSON["phone"]}, key="k")) == "key_reused"
    assert Customer.objects.get().first_name == "Marcus"


def test_two_at_once_with_one_key_have_one_effect(transactional_db, ada, till):
    """S19."""
    answers = at_once([lambda: till.post("/requests", PERSON, key="k").status_code for _ in range(6)])
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert (Campaign.objects.count(), ApiCall.objects.count()) == (1, 1)


def test_one_that_is_being_done_is_waited_for_and_one_left_behind_is_done_anew(till, clock):
    till.post("/customers", PERSON, key="k")
    ApiCall.objects.update(answered=None, answer="")
    answer = till.post("/customers", PERSON, key="k")
    assert (answer.status_code, code(answer), answer["Retry-After"]) == (409, "in_progress", "1")
    clock.go(minutes=3)
    assert till.post("/customers", PERSON, key="k").json()["outcome"] == "unchanged"


def test_an_answer_that_is_an_error_is_not_kept(ada, till):
    assert till.post("/customers", PERSON | {"phone": "x1"}, key="k").status_code == 422
    assert not ApiCall.objects.exists()
    assert till.post("/customers", PERSON, key="k").status_code == 201


def test_what_fails_in_the_middle_leaves_nothing_behind(ada, till, monkeypatch):
    """Effect and answer are committed together."""

    def fails(*_):
        raise ValueError

    with monkeypatch.context() as patch:
        patch.setattr("campaigns.api.keys._keep", fails)
        assert till.post("/customers", PERSON, key="k").status_code == 500
    assert (Customer.objects.count(), ApiCall.objects.count()) == (0, 0)
    assert till.post("/customers", PERSON, key="k").status_code == 201


def test_a_key_is_of_one_token_and_of_one_day(ada, till, clock):
    other = make_program(ada.organization)
    till.post("/customers", PERSON, key="k")
    assert other.post("/customers", PERSON, key="k").json()["outcome"] == "unchanged"
    clock.go(hours=25)
    assert till.post("/customers", PERSON, key="k").json()["outcome"] == "unchanged"
    ApiCall.forget(clock() + timedelta(days=2))
    assert not ApiCall.objects.exists()


@pytest.mark.parametrize("key", ["x" * 256, "\x07", "ü"])
def test_a_key_that_is_no_key_is_refused(till, key):
    answer = till.post("/customers", PERSON, key=key)
    assert (answer.status_code, code(answer)) == (400, "bad_key")


def test_the_secret_in_a_kept_answer_cannot_be_read_in_the_database(ada, till):
    """S47."""
    hook = {"url": "http://127.0.0.1:9/hook", "events": ["message.sent"]}
    secret = till.post("/webhooks", hook, key="k").json()["secret"]
    assert secret.startswith("whsec_")
    assert till.post("/webhooks", hook, key="k").json()["secret"] == secret
    [raw] = ApiCall.objects.extra(select={"raw": "answer"}).values_list("raw", flat=True)
    assert secret not in str(raw)
