"""Writing a campaign: the form, the rules, and the exact message for a chosen customer."""

from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

from campaigns import invitations, launch
from campaigns.models import Campaign, Customer
from campaigns.web.campaigns import audiences
from tests.cast import make_campaign, make_customer


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def words(ada):
    return {
        "name": "Autumn",
        "card": ada.card.pk,
        "flow": "greeting_first",
        "greeting": invitations.GREETING,
        "ask": invitations.ASK,
    }


@pytest.fixture
def draft(ada) -> Campaign:
    return make_campaign(ada)


def test_a_new_campaign_begins_with_words_that_keep_the_rules(desk, grace):
    answer = desk.get(reverse("campaign_new"))
    assert "Says who is writing, and how to stop." in text(answer)
    assert "Hi Grace, it&#x27;s Ada from Ada&#x27;s Bakery" in text(answer)
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(("go", "then"), [("save", "campaign_edit"), ("check", "campaign_check")])
def test_saving_keeps_it_as_a_draft(desk, words, go, then):
    answer = desk.post(reverse("campaign_new"), words | {"go": go})
    made = Campaign.objects.get()
    assert answer.url == reverse(then, args=[made.pk])
    assert (made.state, made.name, made.card_id) == ("draft", "Autumn", words["card"])


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("ask", "Give us five stars and get 10% off your next visit!"),
        ("greeting", "Hi {first_name}, thanks!"),
        ("greeting", "Hi {firstname}, it's {sender} from {business}. Reply STOP to stop."),
        ("name", ""),
        ("flow", "whatever"),
    ],
)
def test_what_may_not_be_sent_is_refused_and_what_was_typed_is_kept(desk, words, field, written):
    answer = desk.post(reverse("campaign_new"), words | {field: written, "name": "Kept name"} | {field: written})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "What you typed is still here" in text(answer)
    assert not Campaign.objects.exists()


def test_another_businesss_card_cannot_be_chosen(desk, words, rival):
    answer = desk.post(reverse("campaign_new"), words | {"card": rival.card.pk})
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


def test_extra_fields_are_ignored(desk, words):
    desk.post(reverse("campaign_new"), words | {"state": "running", "version": "9", "business": "7"})
    made = Campaign.objects.get()
    assert (made.state, made.version) == ("draft", 0)


def test_the_preview_shows_the_exact_message_for_the_chosen_customer(desk, ada, words):
    zoe = make_customer(ada.business, 5, first_name="Zoë")
    answer = text(desk.post(reverse("campaign_preview"), words | {"as": zoe.pk, "ask": "How was it, {first_name}?"}))
    assert "Hi Zoë" in answer
    assert "How was it, Zoë?" in answer
    assert "Thanks, Zoë!" in answer
    assert invitations.LINK_TITLE in answer


def test_the_preview_of_all_at_once_has_no_greeting(desk, grace, words):
    answer = text(desk.post(reverse("campaign_preview"), words | {"flow": "all_at_once", "as": grace.pk}))
    assert "Hi Grace" not in answer


def test_the_preview_speaks_while_the_words_are_still_wrong(desk, grace, words):
    answer = desk.post(reverse("campaign_preview"), words | {"ask": "10% off for five stars"})
    assert answer.status_code == 200
    assert "c-brick" in text(answer)
    assert not Campaign.objects.exists()


def test_an_unknown_merge_field_is_named(desk, grace, words):
    assert "{nickname}" in text(desk.post(reverse("campaign_preview"), words | {"ask": "Hello {nickname}"}))


def test_a_name_that_looks_like_a_field_stays_a_name(desk, ada, words):
    odd = make_customer(ada.business, 6, first_name="{business}<b>")
    answer = text(desk.post(reverse("campaign_preview"), words | {"as": odd.pk}))
    assert "Hi {business}&lt;b&gt;" in answer


def test_a_sound_draft_is_kept_while_it_is_written(desk, draft, words):
    answer = text(desk.post(reverse("campaign_draft_preview", args=[draft.pk]), words | {"name": "Better"}))
    draft.refresh_from_db()
    assert draft.name == "Better"
    assert "Saved" in answer


def test_an_unsound_draft_is_not(desk, draft, words):
    desk.post(reverse("campaign_draft_preview", args=[draft.pk]), words | {"greeting": "", "name": "Worse"})
    draft.refresh_from_db()
    assert draft.name == "Autumn"


def test_the_words_of_a_started_campaign_stay_as_they_went_out(desk, ada, grace, words, clock):
    started = make_campaign(ada)
    launch.launch(started, ada.user, clock())
    for name in ("campaign_edit", "campaign_draft_preview"):
        desk.post(reverse(name, args=[started.pk]), words | {"name": "Changed", "go": "save"})
    started.refresh_from_db()
    assert (started.name, started.state) == ("Autumn", "running")


def test_the_picture_is_drawn_for_the_customer_and_kept_nowhere(desk, ada, grace):
    address = reverse("campaign_preview_picture", args=[ada.card.pk])
    hers, nobodys = (desk.get(address, {"as": pk}).content for pk in (grace.pk, "x"))
    assert Image.open(BytesIO(hers)).size == (560, 700)
    assert hers != nobodys


def test_customers_worth_a_look_are_offered_first(desk, ada, grace):
    make_customer(ada.business, 2, first_name="Maximiliana Wilhelmina")
    make_customer(ada.business, 3, first_name="")
    make_customer(ada.business, 4, first_name="伟")
    worth = dict(desk.get(reverse("campaign_new")).context["samples"].worth)
    assert worth["Longest name"].first_name == "Maximiliana Wilhelmina"
    assert worth["No first name"].first_name == ""
    assert worth["Another script"].first_name == "伟"


def test_without_customers_the_preview_shows_an_example(desk):
    assert "Hi Marcus" in text(desk.get(reverse("campaign_new")))


def test_without_a_card_it_says_where_to_make_one(desk, ada):
    ada.business.cards.all().delete()
    answer = text(desk.get(reverse("campaign_new")))
    assert "No card yet" in answer
    assert reverse("cards") in answer


def test_a_draft_can_be_thrown_away_and_a_started_one_cannot(desk, ada, draft, grace, clock):
    desk.post(reverse("campaign_throw_away", args=[draft.pk]))
    assert not Campaign.objects.filter(pk=draft.pk).exists()
    started = make_campaign(ada)
    launch.launch(started, ada.user, clock())
    desk.post(reverse("campaign_throw_away", args=[started.pk]))
    assert Campaign.objects.filter(pk=started.pk).exists()
    assert Customer.objects.filter(pk=grace.pk).exists()


def test_merge_fields_are_offered_where_customers_have_something_to_say(desk, ada, grace):
    assert "{technician|our team}" not in text(desk.get(reverse("campaign_new")))
    Customer.objects.filter(pk=grace.pk).update(technician="Dana", last_visit="2026-02-27")
    answer = text(desk.get(reverse("campaign_new")))
    assert 'data-insert="{technician|our team}"' in answer
    assert 'data-insert="{visit_date|the other day}"' in answer
    assert "{service|" not in answer


def test_the_preview_fills_every_field_of_the_customer(desk, grace, words):
    Customer.objects.filter(pk=grace.pk).update(technician="Dana", spoken_name="Gracie")
    said = {"as": grace.pk, "ask": "{first_name}, how was {technician}?"}
    answer = text(desk.post(reverse("campaign_preview"), words | said))
    assert "Gracie, how was Dana?" in answer
    assert "Thanks, Gracie!" in answer


def test_a_very_long_list_is_not_checked_by_the_way(desk, draft, grace, monkeypatch):
    monkeypatch.setattr(audiences, "LOOKED_AT", 0)
    assert "See the pictures" in text(desk.get(reverse("campaign_edit", args=[draft.pk])))


def test_a_finding_names_its_rule_and_offers_better_words(desk, grace, words):
    answer = text(desk.post(reverse("campaign_preview"), words | {"ask": "Si quedó contento, deje una reseña"}))
    assert "Ask everyone alike · R1" in answer
    assert "<q>Bueno o no tan bueno, todo ayuda.</q>" in answer
    assert "Must change:" in answer


def test_a_refused_text_says_what_to_write_instead(desk, words):
    answer = desk.post(reverse("campaign_new"), words | {"ask": "Leave a review and get 10% off"})
    assert "Better: “A short review helps us" in answer.context["form"].errors["ask"][0]


def test_what_only_warns_is_kept_and_shown(desk, draft, words):
    answer = text(
        desk.post(reverse("campaign_draft_preview", args=[draft.pk]), words | {"ask": "PLEASE TELL YOUR FRIENDS"})
    )
    draft.refresh_from_db()
    assert draft.ask == "PLEASE TELL YOUR FRIENDS"
    assert "Please tell your friends" in answer


def test_markup_in_a_text_stays_words_in_the_finding(desk, grace, words):
    answer = text(desk.post(reverse("campaign_preview"), words | {"ask": "a coupon <<b>img src=x</b>>"}))
    assert "<b>img" not in answer
