"""The contact sheet: who lies on it, what needs a look, what is decided there, and pictures that are never old."""

import re
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from campaigns import calling, launch, limits, steering
from campaigns.models import AuditEntry, Campaign, Customer, Delivery, Membership
from campaigns.web.campaigns import prints
from tests.cast import at_once, make_campaign, make_customer


@pytest.fixture
def draft(ada, grace) -> Campaign:
    """Grace, whose name is fine, and Marcus, whose name shouts."""
    make_customer(ada.business, 2, first_name="MARCUS", last_name="Bell")
    return make_campaign(ada)


@pytest.fixture
def marcus(draft) -> Customer:
    return Customer.objects.get(first_name="MARCUS")


def text(answer) -> str:
    return answer.content.decode()


def sheet(client, campaign, **query):
    return client.get(reverse("campaign_pictures", args=[campaign.pk]), query)


def proof(client, campaign, customer):
    """How this customer's picture needs a look; None when it does not."""
    proofs = sheet(client, campaign).context["proofs"]
    return next((each for each in proofs if each.look.customer == customer), None)


def press(client, button, campaign, customer=None, **form):
    """Press a button; where a name is decided, on what the page shows just now."""
    where = [campaign.pk, customer.pk] if customer else [campaign.pk]
    return client.post(reverse(f"campaign_{button}", args=where), form, follow=True)


def call(client, campaign, customer, name):
    seen = client.get(reverse("campaign_picture", args=[campaign.pk, customer.pk])).context["decision"].seen
    return press(client, "call", campaign, customer, name=name, seen=seen)


def called(customer) -> str | None:
    return Customer.objects.get(pk=customer.pk).spoken_name


def addresses(answer) -> list[str]:
    return [unescape(found) for found in dict.fromkeys(re.findall(r'<image href="([^"]+)"', text(answer)))]


def test_it_says_how_many_pictures_and_how_many_need_a_look(desk, draft):
    answer = text(sheet(desk, draft))
    assert "2 pictures. One needs a look." in answer
    assert "All in capitals." in answer
    assert "Say “<bdi>Marcus</bdi>”" in answer
    assert 'aria-label="Thanks, Grace!' in answer


def test_an_odd_one_is_shown_as_it_is_and_as_it_would_be(desk, draft, marcus):
    shown = proof(desk, draft, marcus)
    assert shown.before.words.startswith("Thanks, MARCUS!")
    assert shown.after.words.startswith("Thanks, Marcus!")


def test_one_picture_holds_all_the_prints(desk, ada, draft):
    for number in range(10, 70):
        make_customer(ada.business, number)
    fetched = addresses(sheet(desk, draft))
    assert len(fetched) == 2  # before and after, and the first fifty
    drawn = desk.get(fetched[1])
    assert Image.open(BytesIO(drawn.content)).size == (10 * prints.WIDTH, 5 * 270)
    assert "max-age" in drawn["Cache-Control"]
    assert "private" in drawn["Cache-Control"]


def test_the_number_of_queries_does_not_grow(desk, ada, draft, django_assert_max_num_queries):
    limits.forget()  # of what another test has in hand
    for number in range(10, 70):
        make_customer(ada.business, number, first_name="MARCUS" if number % 2 else "Dana")
    with django_assert_max_num_queries(14):
        answer = sheet(desk, draft)
    desk.get(addresses(answer)[1])  # the first of ten also takes from what may be drawn at a stretch
    with django_assert_max_num_queries(8):
        desk.get(addresses(answer)[0])


@pytest.mark.parametrize("change", [{"first_name": "Graciela"}, {"spoken_name": "Gracie"}])
def test_an_old_sheet_is_not_served_for_a_new_name(desk, draft, grace, change):
    before = addresses(sheet(desk, draft))
    Customer.objects.filter(pk=grace.pk).update(**change)
    assert [desk.get(address).status_code for address in before] == [200, 404]
    assert addresses(sheet(desk, draft))[1] != before[1]


def test_a_changed_card_has_other_sheets(desk, draft, ada):
    before = addresses(sheet(desk, draft))
    ada.card.design["boxes"][0]["colour"] = "#123456"
    ada.card.save()
    assert {desk.get(address).status_code for address in before} == {404}
    assert not set(before) & set(addresses(sheet(desk, draft)))


@pytest.mark.parametrize("who", ["", "1", "x", "1-2-3", "-", "1'--", "9" * 30, "-".join(["1"] * 51), "٣"])
def test_made_up_addresses_draw_nothing(desk, draft, who):
    address = reverse("campaign_sheet", args=[draft.pk])
    assert desk.get(address, {"who": who, "kind": "as_is", "v": "abc"}).status_code == 404


def test_the_rival_finds_nothing_there_and_changes_nothing(client, draft, marcus, rival, desk):
    fetched = [reverse("campaign_pictures", args=[draft.pk]), *addresses(sheet(desk, draft))]
    fetched.append(reverse("campaign_picture", args=[draft.pk, marcus.pk]))
    client.force_login(rival.user)
    assert {client.get(address).status_code for address in fetched} == {404}
    for name in ("call", "leave_out", "put_back"):
        assert press(client, name, draft, marcus, name="X").status_code == 404
    assert press(client, "call_all", draft).status_code == 404
    assert press(client, "as_stored", draft, who=marcus.pk).status_code == 404


def test_another_businesss_customer_is_on_none_of_ours(desk, draft, rival):
    stranger = make_customer(rival.business, first_name="STRANGER")
    assert desk.get(reverse("campaign_picture", args=[draft.pk, stranger.pk])).status_code == 404
    assert press(desk, "leave_out", draft, stranger).status_code == 404
    Customer.objects.filter(pk=stranger.pk).update(spoken_name="Kept")
    press(desk, "as_stored", draft, who=stranger.pk)
    assert called(stranger) == "Kept"


def test_a_sheet_of_our_customers_is_not_drawn_by_the_rival(client, draft, grace, rival):
    theirs = make_campaign(rival)
    address = prints.of(theirs.pk, prints.Design.of(rival.card), [grace])[0].address
    client.force_login(rival.user)
    assert client.get(address).status_code == 404


def test_a_viewer_looks_and_changes_nothing(desk, draft, marcus):
    Membership.objects.update(role=Membership.Role.VIEWER)
    answer = text(sheet(desk, draft))
    assert "MARCUS" in answer
    assert "Say “" not in answer
    for name in ("call", "leave_out", "put_back"):
        assert press(desk, name, draft, marcus, name="X").status_code == 403
    assert press(desk, "call_all", draft).status_code == 403


def test_strangers_are_sent_to_sign_in(draft):
    assert sheet(Client(), draft).url.startswith(reverse("sign_in"))


def test_a_suggestion_is_taken_with_one_click_and_given_back_with_another(desk, draft, marcus):
    seen = proof(desk, draft, marcus).decision.seen
    answer = press(desk, "call", draft, marcus, name="Marcus", seen=seen)
    assert "2 pictures.</h1>" in text(answer)
    assert "is called “<bdi>Marcus</bdi>” now" in text(answer)
    assert AuditEntry.objects.get(act="call differently").about == f"customer {marcus.pk}"
    undone = press(desk, "as_stored", draft, who=marcus.pk)
    assert "One needs a look." in text(undone)
    assert called(marcus) is None


def test_what_was_decided_is_said_once(desk, draft, marcus):
    call(desk, draft, marcus, "Marcus")
    assert 'id="done"' not in text(sheet(desk, draft))
    assert "says “<bdi>Marcus</bdi>”" in text(sheet(desk, draft))


def test_fine_as_it_is_is_not_asked_again(desk, draft, marcus):
    answer = call(desk, draft, marcus, "MARCUS")
    assert "stays as it is" in text(answer)
    assert proof(desk, draft, marcus) is None


def test_any_other_name_can_be_typed(desk, draft, marcus):
    call(desk, draft, marcus, "  Marc\u202e\n ")
    assert called(marcus) == "Marc"


def test_a_name_longer_than_names_can_be_is_refused(desk, draft, marcus):
    assert "200 characters; this one has 2000" in text(call(desk, draft, marcus, "M" * 2000))
    assert called(marcus) is None


def test_without_a_name_the_card_says_its_words_alone(desk, draft, marcus):
    call(desk, draft, marcus, "")
    assert 'aria-label="Thanks!' in text(sheet(desk, draft))


def test_of_two_who_decide_differently_the_second_is_told(desk, draft, marcus):
    seen = proof(desk, draft, marcus).decision.seen
    press(desk, "call", draft, marcus, name="Marcus", seen=seen)
    answer = press(desk, "call", draft, marcus, name="", seen=seen)
    assert "Somebody has just changed this name" in text(answer)
    assert called(marcus) == "Marcus"


def test_of_two_who_decide_alike_nobody_is_troubled(desk, draft, marcus):
    seen = proof(desk, draft, marcus).decision.seen
    press(desk, "call", draft, marcus, name="Marcus", seen=seen)
    answer = press(desk, "call", draft, marcus, name="Marcus", seen=seen)
    assert "Somebody has just" not in text(answer)


def test_all_at_once(desk, ada, draft, marcus):
    lee = make_customer(ada.business, 3, first_name="Lee, Dana")
    nameless = make_customer(ada.business, 4, first_name="")
    answer = sheet(desk, draft)
    assert "Take all three" in text(answer)
    done = press(desk, "call_all", draft, seen=answer.context["all_seen"])
    assert [called(each) for each in (marcus, lee, nameless)] == ["Marcus", "Dana", ""]
    assert "3 names taken as suggested." in text(done)
    assert AuditEntry.objects.filter(by=ada.user, act__startswith="call").count() == 2


def test_all_at_once_is_undone_at_once(desk, ada, draft, marcus):
    make_customer(ada.business, 3, first_name="DANA")
    done = press(desk, "call_all", draft, seen=sheet(desk, draft).context["all_seen"])
    press(desk, "as_stored", draft, who=done.context["done"]["who"])
    assert not Customer.objects.filter(spoken_name__isnull=False).exists()


def test_all_at_once_takes_only_what_was_seen(desk, ada, draft, marcus):
    seen = sheet(desk, draft).context["all_seen"]
    make_customer(ada.business, 3, first_name="DANA")
    assert "The list has changed meanwhile" in text(press(desk, "call_all", draft, seen=seen))
    assert called(marcus) is None


def test_who_is_left_out_is_not_asked_and_the_sums_add_up(desk, ada, draft, marcus, clock):
    press(desk, "leave_out", draft, marcus)
    assert "One picture.</h1>" in text(sheet(desk, draft))
    plan = launch.launch(draft, ada.user, clock())
    assert (len(plan.will_ask), plan.counts(), plan.total) == (1, {"left_out": 1}, 2)
    delivery = Delivery.objects.get(customer=marcus)
    assert (delivery.status, delivery.reason) == ("skipped", "Left out by hand on the contact sheet")
    assert sum(draft.counts().values()) == 2


def test_the_check_names_who_was_left_out(desk, draft, marcus):
    press(desk, "leave_out", draft, marcus)
    answer = text(desk.get(reverse("campaign_check", args=[draft.pk])))
    assert "left out by hand" in answer
    assert "Left out by hand on the contact sheet" in answer


def test_leaving_out_counts_for_this_campaign_alone(desk, ada, draft, marcus, clock):
    press(desk, "leave_out", draft, marcus)
    assert launch.check(make_campaign(ada), clock()).counts() == {}


def test_putting_back_is_one_click(desk, draft, marcus, ada):
    assert "Left out by hand" in text(press(desk, "leave_out", draft, marcus))
    assert "Left out by hand" not in text(press(desk, "put_back", draft, marcus))
    acts = AuditEntry.objects.filter(by=ada.user).values_list("act", "words")
    assert list(acts) == [("leave out", f"customer {marcus.pk}"), ("put back", f"customer {marcus.pk}")]


def test_a_started_campaign_is_only_looked_at(desk, ada, draft, marcus, clock):
    all_seen, seen = sheet(desk, draft).context["all_seen"], proof(desk, draft, marcus).decision.seen
    launch.launch(draft, ada.user, clock())
    answer = text(sheet(desk, draft))
    assert "nothing can be changed here any more" in answer
    assert "Say “" not in answer
    for name in ("leave_out", "put_back"):
        assert "started already" in text(press(desk, name, draft, marcus))
    assert "started already" in text(press(desk, "call", draft, marcus, name="Marcus", seen=seen))
    assert "started already" in text(press(desk, "call_all", draft, seen=all_seen))
    assert called(marcus) is None
    assert not draft.left_out.exists()


def test_odd_names_hinder_no_start(desk, draft, marcus):
    desk.post(reverse("campaign_start", args=[draft.pk]))
    assert Delivery.objects.filter(customer=marcus, status="planned").exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_is_left_out_while_it_starts_is_either_skipped_or_told_so(ada, clock):
    marcus, grace = (make_customer(ada.business, n) for n in (1, 2))
    draft = make_campaign(ada)
    acts = [lambda: steering.leave_out(draft, marcus, ada.user), lambda: launch.launch(draft, ada.user, clock())]
    refused, _ = at_once(acts)
    delivery = Delivery.objects.get(customer=marcus)
    assert (delivery.status == "skipped") != isinstance(refused, launch.NotPossible)
    assert Delivery.objects.filter(customer=grace, status="planned").exists()


def test_fifty_at_a_time_by_plain_links(desk, ada, draft):
    for number in range(10, 130):
        make_customer(ada.business, number, first_name=f"Dana{chr(97 + number % 26)}")
    first = sheet(desk, draft)
    second = desk.get(f"{reverse('campaign_pictures', args=[draft.pk])}?{first.context['shown'].more}")
    shown = [[customer.pk for customer, _ in page.context["shown"].prints] for page in (first, second)]
    assert [len(page) for page in shown] == [50, 50]
    assert not set(shown[0]) & set(shown[1])
    assert "100 of 121 shown." in text(second)


def test_more_comes_as_one_scrolls(desk, ada, draft, grace):
    for number in range(10, 70):
        make_customer(ada.business, number)
    address, headers = reverse("campaign_pictures", args=[draft.pk]), {"HX-Request": "true", "HX-Target": "more"}
    more = desk.get(address, {"after": grace.pk}, headers=headers)
    assert text(more).count('id="print-') == 50
    assert "<html" not in text(more)


def test_a_name_is_found_stored_or_spoken(desk, draft, marcus, ada):
    make_customer(ada.business, 5, first_name="Zoë", last_name="Müller")
    call(desk, draft, marcus, "Marky")
    for words in ("bell", "marky", "zoe mull", "1002"):
        shown = sheet(desk, draft, q=words).context["shown"].prints
        assert len(shown) == 1, words
    assert "0 pictures for “<bdi>nobody</bdi>”" in text(sheet(desk, draft, q="nobody"))


def test_many_that_need_a_look_are_looked_at_page_by_page(desk, ada, draft):
    for number in range(10, 50):
        make_customer(ada.business, number, first_name="DANA")
    first = sheet(desk, draft)
    second = sheet(desk, draft, look=first.context["next_looks"])
    assert [len(page.context["proofs"]) for page in (first, second)] == [25, 16]
    assert {desk.get(address).status_code for address in addresses(second)} == {200}


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "9" * 40}, {"look": "-1"}, {"q": "\x00'\""}, {"after": ""}]
)
def test_rubbish_in_the_address_is_no_harm(desk, draft, query):
    assert sheet(desk, draft, **query).status_code == 200


def test_one_picture_is_shown_on_the_phone(desk, draft, marcus, grace):
    answer = desk.get(reverse("campaign_picture", args=[draft.pk, grace.pk]))
    assert "Hi Grace, it&#x27;s Ada from" in text(answer)
    assert answer.context["before"] == marcus  # those that need a look lie first
    assert reverse("campaign_picture", args=[draft.pk, marcus.pk]) in text(answer)
    assert f"#print-{grace.pk}" in answer.context["back"]


def test_what_is_decided_on_the_large_picture_is_shown_there(desk, draft, marcus):
    address = reverse("campaign_picture", args=[draft.pk, marcus.pk])
    seen = desk.get(address).context["decision"].seen
    form = {"name": "Marcus", "seen": seen, "from": "picture"}
    answer = desk.post(reverse("campaign_call", args=[draft.pk, marcus.pk]), form, follow=True)
    assert answer.redirect_chain[-1][0] == address
    assert "Hi Marcus," in text(answer)
    assert "As stored again" in text(answer)


def test_the_way_back_leads_to_the_stretch_where_the_print_lies(desk, ada, draft):
    people = [make_customer(ada.business, number) for number in range(10, 80)]
    answer = desk.get(reverse("campaign_picture", args=[draft.pk, people[-1].pk]))
    assert f'id="print-{people[-1].pk}"' in text(desk.get(answer.context["back"].split("#")[0]))


def test_who_is_not_asked_has_no_picture(desk, draft, ada):
    cousin = make_customer(ada.business, 7, is_insider=True)
    assert desk.get(reverse("campaign_picture", args=[draft.pk, cousin.pk])).status_code == 404


def test_html_in_a_name_is_text_and_every_name_is_isolated(desk, ada, draft):
    make_customer(ada.business, 8, first_name="<script>alert(1)</script>", last_name="")
    make_customer(ada.business, 9, first_name="محمد", last_name="الحسن")
    answer = text(sheet(desk, draft))
    assert "<script>alert" not in answer
    assert "<bdi>محمد الحسن</bdi>" in answer


def test_nobody_to_ask_is_said(desk, ada):
    assert "Nobody to ask just now" in text(sheet(desk, make_campaign(ada)))


def test_without_a_card_it_says_what_to_do(desk, ada, grace):
    answer = text(sheet(desk, make_campaign(ada, card=None)))
    assert "No card yet" in answer


def test_a_card_that_cannot_be_drawn_is_said_in_words(desk, draft, ada):
    ada.card.photo = "gone.jpg"
    ada.card.save()
    assert "The card cannot be drawn." in text(sheet(desk, draft))
    assert text(desk.get(reverse("campaign_edit", args=[draft.pk])))
    assert "Ask 2 customers" in text(desk.get(reverse("campaign_check", args=[draft.pk])))


def test_undo_brings_an_earlier_decision_back(desk, draft, marcus, ada):
    calling.call(marcus, "Mr. Bell", ada.user)
    done = call(desk, draft, marcus, "Marc")
    assert f'name="was-{marcus.pk}" value="Mr. Bell"' in text(done)
    press(desk, "as_stored", draft, who=marcus.pk, **{f"was-{marcus.pk}": "Mr. Bell"})
    assert called(marcus) == "Mr. Bell"


def test_undo_of_a_first_decision_leaves_none(desk, draft, marcus):
    assert 'name="was-' not in text(call(desk, draft, marcus, "Marc"))


@pytest.mark.parametrize("trouble", ["gone", "none", "damaged"])
def test_taking_all_for_a_card_that_cannot_be_drawn_takes_nothing(desk, draft, ada, marcus, trouble):
    seen = sheet(desk, draft).context["all_seen"]
    if trouble == "none":
        Campaign.objects.update(card=None)
    ada.card.photo = "gone.jpg" if trouble == "gone" else ada.card.photo
    ada.card.design = {"boxes": 3} if trouble == "damaged" else ada.card.design
    ada.card.save()
    answer = press(desk, "call_all", draft, seen=seen)
    assert (answer.status_code, called(marcus)) == (200, None)


def test_as_many_as_one_likes_are_taken_back_at_once(desk, draft):
    who = ["-".join(map(str, range(start, start + 50))) for start in range(1, 45_000, 50)]
    assert press(desk, "as_stored", draft, who=who).status_code == 200


def test_who_was_erased_between_page_and_click_is_gone(desk, draft, marcus):
    seen = proof(desk, draft, marcus).decision.seen
    gone = marcus.pk
    marcus.delete()
    where = [draft.pk, gone]
    assert desk.post(reverse("campaign_call", args=where), {"name": "Marcus", "seen": seen}).status_code == 404
    assert desk.post(reverse("campaign_leave_out", args=where)).status_code == 404


def test_who_stopped_between_page_and_click_is_on_the_sheet_no_more(desk, draft, marcus, clock):
    seen = sheet(desk, draft).context["all_seen"]
    Customer.objects.filter(pk=marcus.pk).update(stopped_at=clock())
    answer = press(desk, "call_all", draft, seen=seen)
    assert proof(desk, draft, marcus) is None
    assert (answer.status_code, called(marcus)) == (200, None)


def test_a_card_without_words_shows_the_photo_and_needs_no_look_for_room(desk, ada, draft):
    ada.card.design = {**ada.card.design, "boxes": []}
    ada.card.save()
    make_customer(ada.business, 3, first_name="W" * 200)
    answer = sheet(desk, draft)
    assert desk.get(addresses(answer)[0]).status_code == 200


def test_writing_and_checking_lead_to_the_sheet(desk, draft):
    for page in ("campaign_edit", "campaign_check"):
        answer = text(desk.get(reverse(page, args=[draft.pk])))
        assert "See all 2" in answer
        assert "One picture needs a look</a> before you launch." in answer
        assert reverse("campaign_pictures", args=[draft.pk]) in answer
