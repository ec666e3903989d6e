"""The settings: what may be said there, and what Chert answers."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from campaigns import connection
from campaigns.models import AuditEntry, Business, Card, Line, Membership, Organization
from tests.cast import LINE, SECRET, Ada, give_secret, turn

PAGE = "/settings/"
LIVE = "https://console.trychert.com/api/v1"
#: A second key the pretend Chert knows nothing of.
WRONG = "deadbeefdeadbeefdeadbeefdeadbeef"


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    """Ada's browser, signed in."""
    client.force_login(ada.user)
    return client


@pytest.fixture
def live(settings, monkeypatch) -> None:
    """Chert itself at the other end; nothing is sent there."""
    settings.CHERT_API_BASE = LIVE


def words(response) -> str:
    return response.content.decode()


def given(ada: Ada, **more: object) -> dict[str, object]:
    """The business form as a browser sends it."""
    b = ada.business
    names = ("name", "sender", "timezone", "country", "review_url", "flow", "ask_after", "links", "cool_down_days")
    names += ("cool_down_scope", "language", "most_unanswered")
    return {name: getattr(b, name) for name in names} | {"opens": "", "closes": ""} | more


def test_it_shows_the_business_its_lines_and_the_number_of_opt_outs(desk, ada) -> None:
    shown = words(desk.get(PAGE))
    assert "Ada&#x27;s Bakery" in shown
    assert "(512) 555-0100" in shown
    assert "0 numbers" in shown


def test_the_key_is_never_shown(desk, ada) -> None:
    assert SECRET not in words(desk.get(PAGE))
    assert "Kept, encrypted" in words(desk.get(PAGE))
    assert SECRET not in words(desk.post(reverse("settings_key"), {"secret": "short"}))


def test_what_was_changed_is_saved_and_written_down(desk, ada) -> None:
    answer = desk.post(PAGE, given(ada, sender="Grace", cool_down_days=120, opens="09:00", closes="18:00"))
    kept = Business.objects.get(pk=ada.business.pk)
    assert answer.status_code == 302
    assert (kept.sender, kept.cool_down_days, kept.window) == ("Grace", 120, "09:00-18:00")
    assert AuditEntry.objects.get(act="change settings").words == "sender, cool_down_days, opens, closes"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("review_url", "https://g.page.evil.com/r/x/review", "not where Google takes reviews"),
        ("review_url", "http://g.page/r/abc/review", "must begin with https"),
        ("review_url", "javascript:alert(1)", "must begin with https"),
        ("country", "XX", "No country has these two letters"),
        ("timezone", "Mars/Olympus", "valid choice"),
        ("sender", "\u200b\u202e", "Nothing of this can be seen"),
        ("name", "", "required"),
        ("ask_after", "-5", "greater than or equal to 0"),
        ("flow", "whatever", "valid choice"),
        ("closes", "18:00", "Give both times"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, ada, field, typed, said) -> None:
    answer = desk.post(PAGE, given(ada, **{field: typed, "cool_down_days": "77"}))
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="77"' in words(answer)
    assert Business.objects.get(pk=ada.business.pk).cool_down_days == 90


def test_a_place_id_becomes_the_address_of_the_review_box(desk, ada) -> None:
    desk.post(PAGE, given(ada, review_url="ChIJN1t_tDeuEmsRUsoyG83frY4"))
    kept = Business.objects.get(pk=ada.business.pk)
    assert kept.review_url == "https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4"


def test_an_address_that_only_opens_the_place_is_taken_with_a_warning(desk, ada) -> None:
    desk.post(PAGE, given(ada, review_url="https://maps.app.goo.gl/abc123"))
    assert "still has to find the review box" in words(desk.get(PAGE))


@pytest.mark.parametrize(("opens", "closes"), [("07:00", "20:00"), ("09:00", "21:30"), ("00:00", "00:00")])
def test_hours_wider_than_the_law_are_refused_for_live_messages(desk, ada, live, opens, closes) -> None:
    answer = desk.post(PAGE, given(ada, opens=opens, closes=closes))
    assert "between 8:00 and 21:00 only" in words(answer)
    assert Business.objects.get(pk=ada.business.pk).window == ""


def test_against_the_sandbox_the_whole_day_is_allowed(desk, ada) -> None:
    desk.post(PAGE, given(ada, opens="00:00", closes="00:00"))
    assert Business.objects.get(pk=ada.business.pk).window == "00:00-24:00"
    assert 'value="00:00"' in words(desk.get(PAGE))


def test_hours_that_never_open_are_refused(desk, ada) -> None:
    assert "never open" in words(desk.post(PAGE, given(ada, opens="18:00", closes="09:00")))


def test_it_says_when_openings_cannot_be_counted(desk, ada, live, settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert "Openings are not counted just now" in words(desk.get(PAGE))


@pytest.mark.parametrize(
    ("budget", "gap", "said"), [(31, 600, "Chert allows 30"), (30, 599, "Chert wants 600"), (-1, 600, "greater")]
)
def test_a_line_may_be_stricter_than_chert_never_looser(desk, ada, live, budget, gap, said) -> None:
    pk = ada.line.pk
    answer = desk.post(reverse("settings_lines"), {f"budget_{pk}": budget, f"gap_{pk}": gap, f"is_active_{pk}": "on"})
    assert answer.status_code == 422
    assert said in words(answer)
    assert Line.objects.get(pk=pk).budget == 1000


def test_a_line_is_lowered_and_rested(desk, ada, live) -> None:
    pk = ada.line.pk
    desk.post(reverse("settings_lines"), {f"budget_{pk}": 10, f"gap_{pk}": 1200})
    line = Line.objects.get(pk=pk)
    assert (line.budget, line.gap, line.is_active) == (10, 1200, False)


def test_a_line_of_the_rival_cannot_be_named_in_the_form(desk, ada, rival) -> None:
    mine, theirs = ada.line.pk, rival.line.pk
    form = {f"budget_{mine}": 5, f"gap_{mine}": 600, f"budget_{theirs}": 1, f"gap_{theirs}": 9999}
    desk.post(reverse("settings_lines"), form)
    assert Line.objects.get(pk=theirs).budget == 1000


def test_test_connection_shows_the_lines_and_which_are_ours(desk, ada) -> None:
    answer = desk.post(reverse("settings_test"), headers={"HX-Request": "true"})
    assert "Chert accepts the key" in words(answer)
    assert "(512) 555-0100" in words(answer)
    assert ">Ours<" in words(answer)
    assert "<html" not in words(answer)


def test_without_a_script_the_answer_stands_on_the_page(desk, ada) -> None:
    answer = desk.post(reverse("settings_test"))
    assert "Chert accepts the key" in words(answer)
    assert "<html" in words(answer)


def test_a_wrong_key_is_a_plain_sentence(desk, ada) -> None:
    give_secret(ada.organization, chert_secret=WRONG)
    answer = desk.post(reverse("settings_test"), headers={"HX-Request": "true"})
    assert "secret" in words(answer)
    assert "Nothing was lost" in words(answer)
    assert WRONG not in words(answer)


def test_chert_being_away_is_a_plain_sentence(desk, ada, sandbox) -> None:
    turn(sandbox, p500=1)
    answer = desk.post(reverse("settings_test"), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Nothing was lost" in words(answer)


def test_a_key_that_chert_refuses_does_not_take_the_place_of_one_that_works(desk, ada) -> None:
    answer = desk.post(reverse("settings_key"), {"secret": WRONG})
    assert answer.status_code == 422
    assert "The key before stays" in words(answer)
    assert WRONG not in words(answer)
    assert Organization.objects.get(pk=ada.organization.pk).chert_secret == SECRET


def test_the_right_key_is_kept_and_an_account_that_stood_still_goes_on(desk, ada) -> None:
    ada.organization.pause("key", "Chert does not accept our key.", timezone.now())
    give_secret(ada.organization, chert_secret=WRONG)
    answer = desk.post(reverse("settings_key"), {"secret": SECRET}, follow=True)
    kept = Organization.objects.get(pk=ada.organization.pk)
    assert "Chert accepts the key" in words(answer)
    assert (kept.chert_secret, kept.paused_at) == (SECRET, None)
    assert AuditEntry.objects.filter(act="change key").exists()


def test_a_paused_account_goes_on_when_the_test_succeeds(desk, ada) -> None:
    ada.organization.pause("key", "Chert does not accept our key.", timezone.now())
    assert "Chert does not accept our key" in words(desk.get(PAGE))
    desk.post(reverse("settings_test"))
    assert Organization.objects.get(pk=ada.organization.pk).paused_at is None


def test_only_a_line_that_chert_names_is_taken_into_use(desk, ada) -> None:
    assert desk.post(reverse("settings_line_add"), {"number": "+15125550177"}).status_code == 404
    Line.objects.all().delete()
    desk.post(reverse("settings_line_add"), {"number": LINE})
    assert Line.objects.get().number == LINE


def test_connecting_where_chert_can_call_us(desk, ada, settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert "Let Chert call us" in words(desk.get(PAGE))
    desk.post(reverse("settings_connect"))
    assert "Chert calls us" in words(desk.get(PAGE))
    assert Organization.objects.get(pk=ada.organization.pk).webhook_secret


@pytest.mark.parametrize(
    ("role", "page", "key"), [("viewer", 403, 403), ("sender", 403, 403), ("manager", 200, 403), ("owner", 200, 422)]
)
def test_who_may_do_what(desk, ada, role, page, key) -> None:
    Membership.objects.update(role=role)
    assert desk.get(PAGE).status_code == page
    assert desk.post(reverse("settings_key"), {"secret": "short"}).status_code == key


def test_no_form_takes_what_it_does_not_ask_for(desk, ada, rival) -> None:
    desk.post(PAGE, given(ada, slug="stolen", organization=rival.organization.pk, chert_secret="x"))
    kept = Business.objects.get(pk=ada.business.pk)
    assert (kept.slug, kept.organization) == ("adas-bakery", ada.organization)


def test_each_sees_the_own_settings_only(rival, ada, client) -> None:
    client.force_login(rival.user)
    assert "Ada&#x27;s" not in words(client.get(PAGE))
    assert "Charlie" in words(client.get(PAGE))


@pytest.fixture(autouse=True)
def fresh_clients() -> None:
    connection.forget()


# --- the logo -------------------------------------------------------------------------------------------------------

LOGO, REMOVE = "/settings/logo/", "/settings/logo/remove/"


def logo(size=(300, 200), colour=(200, 30, 30, 128), form="PNG", **options) -> bytes:
    out = BytesIO()
    Image.new("RGBA", size, colour).save(out, form, **options)
    return out.getvalue()


def upload(content: bytes, name: str = "logo.png") -> dict[str, SimpleUploadedFile]:
    return {"logo": SimpleUploadedFile(name, content, content_type="image/png")}


def kept(ada: Ada) -> str:
    return Business.objects.get(pk=ada.business.pk).logo


def test_a_logo_is_kept_shown_on_two_grounds_and_written_down(desk, ada) -> None:
    answer = desk.post(LOGO, upload(logo()), follow=True)
    address = reverse("logo_file", args=[kept(ada)])
    assert words(answer).count(f'src="{address}"') == 2
    assert Image.open(BytesIO(desk.get(address).content)).mode == "RGBA"
    assert AuditEntry.objects.filter(act="change logo", by=ada.user).count() == 1


def test_another_logo_takes_its_place_and_cards_keep_theirs(desk, ada) -> None:
    desk.post(LOGO, upload(logo()))
    first = kept(ada)
    Card.objects.filter(pk=ada.card.pk).update(logo=first)
    desk.post(LOGO, upload(logo(colour="blue")))
    assert kept(ada) != first
    assert Card.objects.get(pk=ada.card.pk).logo == first
    assert desk.get(reverse("logo_file", args=[first])).status_code == 200


def test_a_logo_is_removed(desk, ada) -> None:
    desk.post(LOGO, upload(logo()))
    answer = desk.post(REMOVE, follow=True)
    assert kept(ada) == ""
    assert "No logo yet" in words(answer)
    assert AuditEntry.objects.filter(act="remove logo").count() == 1


def test_removing_what_is_not_there_does_nothing(desk, ada) -> None:
    assert desk.post(REMOVE).status_code == 302
    assert not AuditEntry.objects.filter(act="remove logo").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This file is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photo we can read"),
        (logo((10, 300)), "only 10 × 300 pixels"),
        (logo((3000, 2000))[:500], "damaged"),
    ],
)
def test_a_bad_logo_is_a_plain_sentence_and_the_one_before_stays(desk, ada, content, said) -> None:
    desk.post(LOGO, upload(logo()))
    before = kept(ada)
    answer = desk.post(LOGO, upload(content))
    assert answer.status_code == 422
    assert said in words(answer)
    assert kept(ada) == before


def test_no_file_is_said_too(desk, ada) -> None:
    assert "Choose a file first" in words(desk.post(LOGO, {}))


def test_a_logo_that_is_too_large_is_refused_before_it_is_read(desk, ada, settings) -> None:
    settings.PHOTO_MAX_BYTES = 100
    assert "15 MB is the most" in words(desk.post(LOGO, upload(logo())))


@pytest.mark.parametrize("name", ["../../logo.png", "a\r\nX: y.png", "\u202egnp.exe", "a" * 5000 + ".png", "\0.png"])
def test_the_name_of_the_file_means_nothing(desk, ada, name) -> None:
    desk.post(LOGO, upload(logo(), name))
    assert len(kept(ada)) == 64 + len(".png")


@pytest.mark.parametrize("role", [Membership.Role.SENDER, Membership.Role.VIEWER])
def test_only_owner_and_manager_change_the_logo(desk, ada, role) -> None:
    Membership.objects.filter(user=ada.user).update(role=role)
    assert desk.post(LOGO, upload(logo())).status_code == 403
    assert desk.post(REMOVE).status_code == 403
    assert kept(ada) == ""


def test_the_rivals_logo_is_not_touched(desk, ada, rival) -> None:
    desk.post(LOGO, upload(logo()))
    assert Business.objects.get(pk=rival.business.pk).logo == ""


def test_the_hours_of_a_stricter_state_are_chosen_by_name(desk, ada):
    desk.post(PAGE, given(ada, preset="rhodeisland", keeps_holidays="on"))
    kept = Business.objects.get(pk=ada.business.pk)
    assert (kept.window, kept.keeps_holidays) == ("rhodeisland", True)
    assert '<option value="rhodeisland" selected>' in words(desk.get(PAGE))


def test_hours_of_ones_own_take_the_place_of_a_preset(desk, ada):
    Business.objects.update(window="texas")
    desk.post(PAGE, given(ada, preset="", opens="10:00", closes="17:00"))
    assert Business.objects.get(pk=ada.business.pk).window == "10:00-17:00"


def test_a_state_nobody_knows_is_refused(desk, ada):
    assert desk.post(PAGE, given(ada, preset="atlantis")).status_code == 422
