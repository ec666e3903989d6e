"""Cards: the list, making one, the desk, and the picture that is always the renderer's own."""

from base64 import b64decode
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from campaigns import cards, launch, status
from campaigns.models import AuditEntry, Campaign, Card, Membership, photo_path
from campaigns.web.cards.samples import samples
from tests.cast import Ada, make_customer

LIST = "/cards/"
NEW = "/cards/new/"


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    """Ada's browser, signed in."""
    client.force_login(ada.user)
    return client


def words(response) -> str:
    return response.content.decode()


def photo(width: int = 800, height: int = 1000, kind: str = "JPEG", colour: str = "navy", **how) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind, **how)
    return out.getvalue()


def upload(content: bytes, name: str = "van.jpg") -> dict[str, object]:
    return {"photo": SimpleUploadedFile(name, content, content_type="image/jpeg")}


def typed(desk: Client, card: Card, **more: object) -> dict[str, object]:
    """The form of the desk as a browser sends it, with some of it changed."""
    form = desk.get(reverse("card_form", args=[card.pk])).context["form"]
    return {name: form[name].value() for name in form.fields} | more


def look(desk: Client, card: Card, **more: object):
    """The plain form, sent by “Show it”."""
    return desk.post(reverse("card_form", args=[card.pk]), typed(desk, card, look="1", **more))


def save(desk: Client, card: Card, **more: object):
    """The plain form, sent by “Save the card”."""
    return desk.post(reverse("card_form", args=[card.pk]), typed(desk, card, **more))


def shown(response) -> bytes:
    """The picture inside the page."""
    return b64decode(response.context["look"]["source"].removeprefix("data:image/jpeg;base64,"))


def test_the_cards_hang_as_prints(desk, ada) -> None:
    shown = words(desk.get(LIST))
    assert ">Van<" in shown
    assert reverse("card_preview", args=[ada.card.pk]) in shown
    assert 'alt="Thanks, Marcus!' in shown


def test_without_a_card_it_says_what_to_do(desk, ada) -> None:
    Card.objects.all().delete()
    assert "Make your first card" in words(desk.get(LIST))


def test_a_card_begins_with_one_of_the_shipped_designs(desk, ada) -> None:
    key = cards.starters()[1].key
    answer = desk.post(NEW, {"starter": key})
    made = Card.objects.latest("pk")
    assert answer.url == reverse("card", args=[made.pk])
    assert made.name == cards.starter(key).name
    assert photo_path(made.photo).exists()
    assert AuditEntry.objects.filter(act="add card").exists()


def test_a_shipped_design_is_shown_small(desk, ada) -> None:
    answer = desk.get(reverse("card_starter", args=[cards.starters()[0].key]))
    assert answer["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(answer.content)).width == 360
    assert desk.get(reverse("card_starter", args=["nothing"])).status_code == 404
    assert desk.post(NEW, {"starter": "nothing"}).status_code == 404


def test_a_card_begins_with_a_photo_of_ones_own(desk, ada) -> None:
    desk.post(NEW, upload(photo(), "Our shop front.jpeg"))
    made = Card.objects.latest("pk")
    assert (made.business, made.name) == (ada.business, "Our shop front")
    assert Image.open(BytesIO(photo_path(made.photo).read_bytes())).size == (800, 1000)


def test_where_a_photo_was_taken_is_not_kept(desk, ada) -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home, 12 Elm Street"
    desk.post(NEW, upload(photo(exif=exif.tobytes())))
    assert b"Elm Street" not in photo_path(Card.objects.latest("pk").photo).read_bytes()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photo we can read"),
        (b"GIF89a" + b"\0" * 50, "not a photo we can read"),
        (photo(1, 1), "only 1 × 1 pixels"),
        (photo()[:400], "damaged"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "damaged"),
        (b"\0\0\0\x18ftypavif" + b"\0" * 50, "an AVIF picture"),
    ],
)
def test_a_bad_photo_is_a_plain_sentence_on_the_field(desk, ada, content, said) -> None:
    answer = desk.post(NEW, upload(content))
    assert answer.status_code == 422
    assert said in answer.context["form"].errors["photo"][0]
    assert Card.objects.count() == 1


def test_a_photo_that_is_too_large_is_refused_before_it_is_read(desk, ada, settings) -> None:
    settings.PHOTO_MAX_BYTES = 1000
    assert "15 MB is the most" in words(desk.post(NEW, upload(photo())))


def test_no_photo_is_said_too(desk, ada) -> None:
    assert desk.post(NEW, {}).status_code == 422


def test_the_preview_is_the_very_picture_of_the_renderer(desk, ada, grace) -> None:
    answer = desk.get(reverse("card_preview", args=[ada.card.pk]), {"as": str(grace.pk)})
    fields = {"first_name": "Grace", "sender": ada.business.sender, "business": ada.business.name}
    assert answer.content == cards.render(ada.card.drawing(), fields)


def test_pictures_are_for_the_members_alone_and_kept_nowhere(desk, ada) -> None:
    address = reverse("card_preview", args=[ada.card.pk])
    answer = desk.get(address)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(address).url.startswith(reverse("sign_in"))


@pytest.mark.parametrize("name", ["card", "card_form", "card_preview", "card_photo"])
def test_the_rival_finds_nothing_there(client, ada, rival, name) -> None:
    client.force_login(rival.user)
    assert client.get(reverse(name, args=[ada.card.pk])).status_code in {404, 405}
    assert client.post(reverse(name, args=[ada.card.pk])).status_code in {404, 405}


def test_the_rivals_customer_cannot_be_drawn_for(desk, ada, rival) -> None:
    secret = make_customer(rival.business, first_name="Secretname")
    answer = desk.get(reverse("card_preview", args=[ada.card.pk]), {"as": str(secret.pk)})
    assert answer.content == desk.get(reverse("card_preview", args=[ada.card.pk])).content


def test_the_samples_are_the_names_that_test_a_design_hardest(ada) -> None:
    for number, name in enumerate(["Jo", "Maximiliana Wilhelmina", "伟", "", "Zoë"]):
        make_customer(ada.business, number, first_name=name, last_name="")
    known = {sample.key: sample.first_name for sample in samples(ada.business)}
    assert known["longest"] == "Maximiliana Wilhelmina"
    assert known["script"] == "伟"
    assert known["none"] == ""
    assert samples(ada.business)[0].first_name == "Zoë"  # the newest with an ordinary name


def test_without_customers_an_example_is_drawn(ada) -> None:
    assert samples(ada.business)[0].first_name == "Marcus"


def test_the_plain_form_shows_what_is_typed_before_it_is_saved(desk, ada, grace) -> None:
    answer = look(desk, ada.card, text_1="Bravo, {first_name|}!", **{"as": "none"})
    assert 'alt="Bravo!' in words(answer)
    assert shown(answer) != shown(look(desk, ada.card, **{"as": "none"}))
    ada.card.refresh_from_db()
    assert "Bravo" not in str(ada.card.design)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"text_1": "Hi {nickname}"}, "is not a merge field"),
        ({"text_1": "x" * 400}, "at most 300"),
        ({"colour_1": "red;}"}, "is not a colour"),
        ({"place_1": "own", "x_1": 900, "width_1": 900}, "reaches outside"),
        ({"size_1": 5000}, "less than or equal to 600"),
        ({"font_1": "comic"}, "valid choice"),
        ({"band_edge": "bottom", "band_size": 1340}, "no room for the photo"),
    ],
)
def test_what_cannot_be_drawn_is_said_and_what_was_typed_stays(desk, ada, more, said) -> None:
    answer = save(desk, ada.card, text_2="Kept words", **more)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Kept words" in words(answer)
    assert said in words(look(desk, ada.card, **more))


@pytest.mark.parametrize("place", ["upper", "middle", "lower", "band"])
@pytest.mark.parametrize("shape", ["portrait", "square", "landscape"])
def test_every_place_fits_on_every_shape(desk, ada, place, shape) -> None:
    answer = save(desk, ada.card, shape=shape, place_1=place, band_edge="bottom", band_size=240)
    assert answer.status_code == 302


def test_texts_in_their_own_place_follow_when_the_shape_changes(desk, ada) -> None:
    save(desk, ada.card, shape="landscape")
    newest = Card.objects.get(is_current=True)
    assert (newest.design["width"], newest.design["height"]) == (1350, 1080)
    assert newest.drawing()


def test_saving_without_a_change_changes_nothing_about_the_design(desk, ada) -> None:
    before = ada.card.drawing()
    save(desk, ada.card)
    newest = Card.objects.get(is_current=True)
    assert cards.render(newest.drawing(), {"first_name": "Jo"}) == cards.render(before, {"first_name": "Jo"})


def test_an_empty_text_is_left_away(desk, ada) -> None:
    save(desk, ada.card, text_1="Only this", text_2="")
    assert [box["text"] for box in Card.objects.get(is_current=True).design["boxes"]] == ["Only this"]


def test_a_campaign_begins_with_the_card_one_comes_from(desk, ada, rival) -> None:
    desk.post(NEW, {"starter": cards.starters()[1].key})
    new = reverse("campaign_new")
    assert desk.get(new, {"card": ada.card.pk}).context["form"]["card"].value() == ada.card.pk
    for other in (rival.card.pk, "9" * 30, "x", ""):
        assert desk.get(new, {"card": other}).context["form"]["card"].value() == Card.objects.latest("pk").pk


def test_the_lines_of_a_text_stay_lines(desk, ada) -> None:
    save(desk, ada.card, text_1="Thank you!\r\nSee you soon")
    assert Card.objects.get(is_current=True).design["boxes"][0]["text"] == "Thank you!\nSee you soon"


def test_a_form_that_was_filled_in_on_an_older_version_is_kept_beside(desk, ada) -> None:
    form = typed(desk, ada.card, text_1="Typed meanwhile")
    save(desk, ada.card, text_1="Saved meanwhile")
    answer = desk.post(reverse("card_form", args=[ada.card.pk]), form, follow=True)
    assert "Somebody saved this card while you were at it" in words(answer)
    assert Card.objects.filter(is_current=False, design__boxes__0__text="Typed meanwhile").exists()
    assert Card.objects.get(is_current=True).design["boxes"][0]["text"] == "Saved meanwhile"


def test_a_photo_given_to_an_older_version_comes_to_the_newest(desk, ada) -> None:
    save(desk, ada.card, text_1="Newer words")
    desk.post(reverse("card_photo", args=[ada.card.pk]), upload(photo(colour="maroon")))
    newest = Card.objects.get(is_current=True)
    assert (newest.version, newest.design["boxes"][0]["text"]) == (3, "Newer words")


def test_a_launched_campaign_keeps_its_picture(desk, ada, campaign) -> None:
    save(desk, ada.card, text_1="New words")
    newest = Card.objects.get(is_current=True)
    assert newest.pk != ada.card.pk
    assert Campaign.objects.get().card == ada.card
    assert "New words" not in str(Card.objects.get(pk=ada.card.pk).design)
    assert desk.get(reverse("card", args=[ada.card.pk])).url == reverse("card", args=[newest.pk])


def test_another_photo_keeps_the_words_and_the_photo_of_before(desk, ada) -> None:
    desk.post(reverse("card_photo", args=[ada.card.pk]), upload(photo(colour="maroon")))
    newest = Card.objects.get(is_current=True)
    assert newest.design["boxes"] == ada.card.design["boxes"]
    assert (newest.version, newest.photo != "test-photo.jpg") == (2, True)
    assert Card.objects.get(version=1).photo == "test-photo.jpg"


def test_a_bad_photo_leaves_the_card_as_it_was(desk, ada) -> None:
    answer = desk.post(reverse("card_photo", args=[ada.card.pk]), upload(b"no picture"))
    assert answer.status_code == 422
    assert "not a photo we can read" in words(answer)
    assert Card.objects.get().photo == "test-photo.jpg"


def test_a_name_no_font_can_draw_is_said(desk, ada) -> None:
    make_customer(ada.business, first_name="ꡀꡁꡂ")
    answer = look(desk, ada.card, **{"as": "script"})
    assert answer.context["look"]["problems"]


def test_html_in_the_name_of_a_card_is_text(desk, ada) -> None:
    save(desk, ada.card, name="<script>alert(1)</script>")
    assert "<script>alert" not in words(desk.get(LIST))
    newest = Card.objects.get(is_current=True)
    assert "<script>alert" not in words(desk.get(reverse("card", args=[newest.pk])))
    assert "<script>alert" not in words(desk.get(reverse("card_versions", args=[newest.pk])))


def test_a_viewer_looks_and_changes_nothing(desk, ada) -> None:
    form = typed(desk, ada.card, text_1="Changed")
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert desk.get(reverse("card", args=[ada.card.pk])).status_code == 200
    assert desk.post(reverse("card_form", args=[ada.card.pk]), form).status_code == 403
    assert desk.post(NEW, {"starter": "van"}).status_code == 403
    assert desk.post(reverse("card_photo", args=[ada.card.pk]), upload(photo())).status_code == 403


def test_a_card_can_be_used_at_once(desk, ada, grace, clock) -> None:
    desk.post(NEW, {"starter": cards.starters()[0].key})
    made = Card.objects.latest("pk")
    campaign = Campaign.objects.create(
        business=ada.business,
        name="With it",
        card=made,
        greeting="Hi {first_name|there}, it's {sender} from {business}. (Reply STOP and I won't write again.)",
        ask="How was it?",
    )
    launch.launch(campaign, ada.user, timezone.now())
    assert campaign.deliveries.get().status == status.Delivery.PLANNED
