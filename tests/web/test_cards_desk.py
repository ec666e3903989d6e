"""The desk: the picture of what is typed, notes on it, and that it is kept without losing anybody's work."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from campaigns import cards
from campaigns.models import Card, Membership, User, keep_logo, photo_path
from tests.cast import Ada, at_once, make_campaign

WORDS = {"first_name": "Grace", "sender": "Ada's", "business": "Ada's Bakery"}


def send(desk: Client, name: str, card: Card, body: object):
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return desk.post(reverse(name, args=[card.pk]), raw, content_type="application/json")


def at(card: Card) -> str:
    return reverse("card", args=[card.pk])


def draw(desk: Client, card: Card, design: object, **more: object):
    return send(desk, "card_draw", card, {"design": design, "words": WORDS} | more)


def save(desk: Client, card: Card, design: object, revision: int = 1, **more: object):
    return send(desk, "card_save", card, {"design": design, "revision": revision, "name": "Van"} | more)


def changed(card: Card, **box: object) -> dict:
    """The card's design with its first text changed."""
    first, *others = card.design["boxes"]
    return {**card.design, "boxes": [{**first, **box}, *others]}


@pytest.fixture
def second(ada: Ada) -> Client:
    """Grace, who works for Ada too, at her own browser."""
    grace = User.objects.create_user("grace@example.com", "correct horse battery", first_name="Grace")
    Membership.objects.create(user=grace, organization=ada.organization, role=Membership.Role.SENDER)
    browser = Client()
    browser.force_login(grace)
    return browser


def sit_down(ada: Ada) -> None:
    """Ada is at the card already."""
    Card.objects.update(changed_by=ada.user)


# --- the picture ----------------------------------------------------------------------------------------------------


def test_the_picture_is_the_renderers_own_byte_for_byte(desk, ada):
    design = changed(ada.card, text="Bravo, {first_name|}!", rotation=-4)
    drawn = draw(desk, ada.card, design)
    assert drawn["Content-Type"] == "image/jpeg"
    assert drawn.content == cards.render(cards.Card.from_json(design, photo_path(ada.card.photo).read_bytes()), WORDS)


def test_drawing_keeps_nothing(desk, ada):
    draw(desk, ada.card, changed(ada.card, text="Bravo"))
    assert Card.objects.get().design == ada.card.design


def test_a_key_costs_at_most_five_questions_to_the_database(desk, ada, django_assert_max_num_queries):
    draw(desk, ada.card, ada.card.design)  # the first of ten also takes from what may be drawn at a stretch
    with django_assert_max_num_queries(5):
        assert draw(desk, ada.card, ada.card.design).status_code == 200


def test_while_something_is_dragged_the_picture_is_half_as_large(desk, ada):
    full, half = draw(desk, ada.card, ada.card.design), draw(desk, ada.card, ada.card.design, half=True)
    assert len(half.content) < len(full.content) / 2


def test_notes_say_what_was_left_out_and_what_is_hard_to_read(desk, ada):
    design = changed(ada.card, text="Bravo, {first_name|}!", colour="#9cc8ea")
    notes = send(desk, "card_notes", ada.card, {"design": design, "words": WORDS | {"first_name": "ꡀꡁꡂ"}}).json()
    assert notes["alt"].startswith("Bravo, ꡀꡁꡂ!")
    assert "No font here has" in notes["boxes"][0]["note"]
    assert notes["boxes"][0]["said"].startswith("Hard to read here")
    assert notes["boxes"][0]["fixes"][0] == {"label": "Dark letters", "change": {"colour": "#221f1a"}}


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ({"x": 5000}, "reaches outside"),
        ({"width": 0}, "has no size"),
        ({"width": -5}, "has no size"),
        ({"x": 10**400}, "must be a number"),
        ({"x": "12"}, "must be a number"),
        ({"text": "x" * 2000}, "300 is the most"),
        ({"text": "Hi {nickname}"}, "{nickname} is not a merge field"),
        ({"font": "papyrus"}, "font is one of"),
        ({"font": ["hand"]}, "must be text"),
        ({"colour": "red;}"}, "is not a colour"),
        ({"rotation": 300}, "can be turned"),
        ({"text": None}, "must be text"),
        ({"onclick": "alert(1)"}, "cards do not know"),
    ],
)
@pytest.mark.parametrize("name", ["card_draw", "card_notes", "card_save"])
def test_a_text_that_cannot_be_drawn_is_refused_with_its_number(desk, ada, name, box, said):
    answer = send(desk, name, ada.card, {"design": changed(ada.card, **box), "words": WORDS, "revision": 1})
    assert answer.status_code == 422
    assert said in answer.json()["problem"]
    assert answer.json()["box"] == 1
    assert Card.objects.get().design == ada.card.design


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_numbers_that_are_none_are_refused(desk, ada, number):
    raw = json.dumps({"design": changed(ada.card, x=123456), "revision": 1}).replace("123456", number)
    for name in ("card_draw", "card_save"):
        assert send(desk, name, ada.card, raw).status_code in {400, 422}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'"design"',
        b"{}",
        b'{"design": []}',
        b"[" * 60_000,
        b'{"design": {"boxes": [{"text": "\\u0000"}]}, "revision": 1}',
        b'{"design": {"boxes": [{"text": "\\ud800"}]}, "revision": 1}',
    ],
)
@pytest.mark.parametrize("name", ["card_draw", "card_notes", "card_save"])
def test_rubbish_is_a_bad_request_and_changes_nothing(desk, ada, name, raw):
    answer = send(desk, name, ada.card, raw)
    assert answer.status_code == 400
    assert "what was saved is kept" in answer.json()["problem"]
    assert Card.objects.get().revision == 1


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_a_design_that_is_far_too_large_is_refused(desk, ada, size):
    assert draw(desk, ada.card, changed(ada.card, text="x" * size)).status_code == 413


def test_nine_texts_are_one_too_many(desk, ada):
    eight = [ada.card.design["boxes"][0]] * 8
    assert draw(desk, ada.card, {**ada.card.design, "boxes": eight}).status_code == 200
    answer = save(desk, ada.card, {**ada.card.design, "boxes": [*eight, eight[0]]})
    assert "8 is the most" in answer.json()["problem"]


def test_words_that_are_no_words_are_left_out(desk, ada):
    odd = {"first_name": ["Grace"], "sender": None, "nickname": "x", "business": "x" * 10_000}
    assert send(desk, "card_draw", ada.card, {"design": ada.card.design, "words": odd}).status_code == 200
    assert send(desk, "card_draw", ada.card, {"design": ada.card.design, "words": 7}).status_code == 200


@pytest.mark.parametrize("name", ["card_draw", "card_notes", "card_save", "card_settle"])
def test_the_rival_finds_no_desk(client, ada, rival, name):
    client.force_login(rival.user)
    assert send(client, name, ada.card, {"design": ada.card.design, "revision": 1}).status_code == 404


@pytest.mark.parametrize("name", ["card_draw", "card_notes", "card_save", "card_settle"])
def test_a_viewer_cannot_design(desk, ada, name):
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert send(desk, name, ada.card, {"design": ada.card.design, "revision": 1}).status_code == 403


def test_a_viewer_sees_the_picture_and_no_desk(desk, ada):
    Membership.objects.update(role=Membership.Role.VIEWER)
    page = desk.get(reverse("card", args=[ada.card.pk]))
    assert reverse("card_preview", args=[ada.card.pk]) in page.content.decode()
    assert "start" not in page.context


def test_saving_needs_the_pages_own_token(ada):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    assert save(strict, ada.card, ada.card.design).status_code == 403


# --- keeping --------------------------------------------------------------------------------------------------------


def test_what_is_on_the_desk_is_kept(desk, ada):
    sit_down(ada)
    answer = save(desk, ada.card, changed(ada.card, text="Bravo!"), name="Our van")
    kept = Card.objects.get()
    assert (kept.name, kept.design["boxes"][0]["text"], kept.changed_by) == ("Our van", "Bravo!", ada.user)
    assert answer.json()["revision"] == kept.revision == 2


def test_changes_of_one_sitting_are_one_version(desk, ada, clock):
    sit_down(ada)
    for revision in (1, 2, 3):
        clock.go(minutes=20)
        save(desk, ada.card, changed(ada.card, text=f"Text {revision}"), revision)
    assert Card.objects.get().version == 1


def test_after_a_pause_a_new_version_begins(desk, ada, clock):
    sit_down(ada)
    clock.go(minutes=31)
    answer = save(desk, ada.card, changed(ada.card, text="Later"))
    assert answer.json()["version"] == 2
    assert "Later" not in str(Card.objects.get(version=1).design)


def test_somebody_else_begins_a_new_version(desk, second, ada):
    sit_down(ada)
    assert save(second, ada.card, changed(ada.card, text="Grace's")).json()["version"] == 2


def test_a_started_campaign_keeps_its_picture_and_a_draft_follows(desk, ada, campaign):
    sit_down(ada)
    draft = make_campaign(ada, name="Next")
    save(desk, ada.card, changed(ada.card, text="New"))
    campaign.refresh_from_db()
    draft.refresh_from_db()
    assert (campaign.card.version, draft.card.version) == (1, 2)
    assert "New" not in str(campaign.card.design)


def test_who_comes_too_late_is_told_and_loses_nothing(desk, second, ada):
    sit_down(ada)
    save(desk, ada.card, changed(ada.card, text="Ada's"))
    answer = save(second, ada.card, changed(ada.card, text="Grace's"))
    assert answer.status_code == 409
    assert answer.json()["theirs"] | {"when": ""} == {"at": at(ada.card), "who": "Ada's", "when": "", "isYou": False}
    assert Card.objects.get(is_current=True).design["boxes"][0]["text"] == "Ada's"
    assert Card.objects.get(is_current=False).design["boxes"][0]["text"] == "Grace's"


def test_a_second_tab_of_the_same_person_loses_nothing_either(desk, ada):
    sit_down(ada)
    save(desk, ada.card, changed(ada.card, text="First tab"))
    answer = save(desk, ada.card, changed(ada.card, text="Second tab"))
    assert (answer.status_code, answer.json()["theirs"]["isYou"]) == (409, True)
    texts = Card.objects.values_list("design__boxes__0__text", flat=True)
    assert sorted(texts) == ["First tab", "Second tab"]


def test_the_same_sent_twice_is_kept_once(desk, ada):
    """The answer to the first was lost on the way."""
    sit_down(ada)
    design = cards.Card.from_json(changed(ada.card, text="Bravo"), b"").to_json()
    save(desk, ada.card, design)
    assert save(desk, ada.card, design).json()["revision"] == 2
    assert Card.objects.count() == 1


def test_the_same_sent_twice_is_kept_once_also_as_a_new_version(desk, ada, campaign):
    design = cards.Card.from_json(changed(ada.card, text="Bravo"), b"").to_json()
    first, again = save(desk, ada.card, design), save(desk, ada.card, design)
    assert first.json()["at"] == again.json()["at"]
    assert Card.objects.count() == 2


@pytest.fixture
def late(desk, second, ada) -> Card:
    """Grace's version, which came too late."""
    sit_down(ada)
    save(desk, ada.card, changed(ada.card, text="Ada's"))
    save(second, ada.card, changed(ada.card, text="Grace's"))
    return Card.objects.get(is_current=False)


def test_the_late_one_can_become_the_card(second, ada, late):
    draft = make_campaign(ada)
    answer = send(second, "card_settle", late, {"wish": "mine"})
    assert answer.json()["at"] == reverse("card", args=[late.pk])
    assert Card.objects.get(is_current=True) == late
    draft.refresh_from_db()
    assert draft.card == late
    assert Card.objects.filter(design__boxes__0__text="Ada's").exists()


def test_the_late_one_can_become_a_card_of_its_own(second, ada, late):
    send(second, "card_settle", late, {"wish": "own"})
    late.refresh_from_db()
    assert (late.is_current, late.version, late.name) == (True, 1, "Copy of Van")
    assert late.family != ada.card.family


@pytest.mark.parametrize("wish", [None, "theirs", "", {"a": 1}])
def test_only_a_clear_wish_settles(second, late, wish):
    assert send(second, "card_settle", late, {"wish": wish}).status_code == 400


def test_what_a_campaign_was_started_with_is_never_moved(desk, ada, campaign):
    save(desk, ada.card, changed(ada.card, text="Newer"))
    for wish in ("mine", "own"):
        assert send(desk, "card_settle", ada.card, {"wish": wish}).status_code == 404
    assert Card.objects.get(pk=ada.card.pk).family == ada.card.family


def test_the_current_card_has_nothing_to_settle(desk, ada):
    assert send(desk, "card_settle", ada.card, {"wish": "own"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_the_card_and_all_are_kept(ada):
    sit_down(ada)
    acts = [lambda n=n: ada.card.keep(ada.user, 1, name=f"Card {n}") for n in range(8)]
    kept = at_once(acts)
    assert sum(each.quicker is None for each in kept) == 1
    assert Card.objects.filter(is_current=True).count() == 1
    assert set(Card.objects.values_list("name", flat=True)) == {f"Card {n}" for n in range(8)}
    assert sorted(Card.objects.values_list("version", flat=True)) == list(range(1, 9))


@pytest.mark.django_db(transaction=True)
def test_of_many_versions_that_take_over_at_once_one_is_the_card(ada):
    late = [ada.card.keep(ada.user, 99, name=f"Late {n}").card for n in range(4)]
    at_once([card.take_over for card in late])
    assert Card.objects.filter(is_current=True).count() == 1


@pytest.mark.parametrize("revision", [None, "1", 0, -1, 2**40, 1.5, True])
def test_a_save_that_does_not_say_on_what_it_built_is_refused(desk, ada, revision):
    assert save(desk, ada.card, ada.card.design, revision).status_code == 400


# --- photo, letters and logo that are not there -----------------------------------------------------------------------


def test_a_card_whose_photo_is_gone_opens_and_says_so(desk, ada):
    ada.card.photo = "gone.jpg"
    ada.card.save()
    page = desk.get(reverse("card", args=[ada.card.pk])).content.decode()
    assert "no longer on this server" in page
    assert "Thanks, Marcus!" in page
    assert reverse("card_photo", args=[ada.card.pk]) in page
    assert draw(desk, ada.card, ada.card.design).status_code == 410
    assert desk.get(reverse("card_form", args=[ada.card.pk])).url == reverse("card", args=[ada.card.pk])
    assert desk.get("/cards/").status_code == 200


def test_a_photo_that_is_none_any_more_is_said(desk, ada):
    photo_path("broken.jpg").write_bytes(b"no photo")
    ada.card.photo = "broken.jpg"
    ada.card.save()
    assert desk.get(reverse("card", args=[ada.card.pk])).status_code == 200
    assert "cannot be read" in draw(desk, ada.card, ada.card.design).json()["problem"]


def test_letters_that_are_gone_are_shown_in_others_and_said(desk, ada):
    ada.card.design = changed(ada.card, font="papyrus")
    ada.card.save()
    page = desk.get(reverse("card", args=[ada.card.pk]))
    assert "The font of text box 1 is no longer here" in page.content.decode()
    assert page.context["start"]["design"]["boxes"][0]["font"] == "sans"
    assert desk.get(reverse("card_preview", args=[ada.card.pk])).status_code == 200


@pytest.fixture
def logo(ada: Ada) -> str:
    out = BytesIO()
    Image.new("RGBA", (200, 100), "maroon").save(out, "PNG")
    ada.business.logo = keep_logo(out.getvalue())
    ada.business.save()
    return ada.business.logo


def test_the_logo_is_drawn_and_kept_with_the_card(desk, ada, logo):
    with_logo = {**ada.card.design, "logo": {"x": 50, "y": 900, "width": 300, "height": 200}}
    assert draw(desk, ada.card, with_logo).content != draw(desk, ada.card, ada.card.design).content
    save(desk, ada.card, with_logo)
    assert Card.objects.get(is_current=True).logo == logo


def test_a_design_without_the_layer_names_no_logo(desk, ada, logo):
    save(desk, ada.card, ada.card.design)
    assert Card.objects.get(is_current=True).logo == ""


def test_without_a_logo_its_place_stays_empty(desk, ada):
    with_logo = {**ada.card.design, "logo": {"x": 50, "y": 900, "width": 300, "height": 200}}
    assert draw(desk, ada.card, with_logo).content == draw(desk, ada.card, ada.card.design).content


def test_a_version_of_long_ago_is_not_in_the_way(desk, ada, clock):
    sit_down(ada)
    for revision in range(1, 4):
        clock.go(hours=1)
        newest = Card.objects.get(is_current=True)
        save(desk, newest, changed(ada.card, text=f"Text {revision}"), newest.revision)
    assert Card.objects.get(is_current=True).version == 4
    assert Card.objects.get(version=1).changed_at < Card.objects.get(version=4).changed_at - timedelta(hours=2)
