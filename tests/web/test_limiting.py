"""Who does too much at a stretch is told so on the page, keeps what was typed, and stands in nobody's way."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from campaigns import limits
from campaigns.models import AuditEntry, CustomerImport, Membership, User
from tests.cast import make_campaign

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def two_of_each(monkeypatch):
    """Two at once, and again two within a minute."""
    for act in limits.LIMITS:
        monkeypatch.setitem(limits.LIMITS, act, limits.Limit(2, 60.0, f"2 of {act} a minute"))
    limits.forget()


def text(response) -> str:
    return response.content.decode()


def colleague(ada) -> Client:
    user = User.objects.create_user("ben@example.com", "correct horse battery")
    Membership.objects.create(user=user, organization=ada.organization, role=Membership.Role.MANAGER)
    theirs = Client()
    theirs.force_login(user)
    return theirs


def export(client):
    return client.get(reverse("customers_csv"))


def used_up(desk, address, **how):
    """The third try."""
    for _ in range(2):
        assert desk.get(address, **how).status_code == 200
    return desk.get(address, **how)


def test_a_burst_of_exports_is_answered_429_from_the_third_on(desk, ada):
    answers = [export(desk).status_code for _ in range(20)]
    assert answers == [200, 200] + [429] * 18
    assert AuditEntry.objects.filter(act="export customers").count() == 2


def test_the_page_says_what_was_too_much_and_when_it_goes_on(desk):
    answer = used_up(desk, reverse("customers_csv"))
    assert answer["Retry-After"] == "30"
    for words in ("A moment, please", "we take 2 of export a minute from one person", "Go on in 30 seconds"):
        assert words in text(answer)
    assert f'href="{reverse("customers_csv")}"' in text(answer)


def test_others_are_not_affected_and_with_the_clock_it_goes_on(desk, ada, rival, client, clock):
    used_up(desk, reverse("customers_csv"))
    assert export(colleague(ada)).status_code == 200
    theirs = Client()
    theirs.force_login(rival.user)
    assert export(theirs).status_code == 200
    assert desk.get(reverse("customers")).status_code == 200
    clock.go(seconds=30)
    assert [export(desk).status_code, export(desk).status_code] == [200, 429]


def test_what_was_typed_stands_on_the_page_and_is_sent_by_its_button(desk, clock):
    pasted = "First name,Phone\n<b>Grace</b>,5125550142\n"
    form = {"pasted": pasted, "consent": "Asked at the counter"}
    for _ in range(2):
        desk.post(reverse("import_upload"), form)
    before = CustomerImport.objects.count()
    answer = desk.post(reverse("import_upload"), form)
    assert (answer.status_code, CustomerImport.objects.count()) == (429, before)
    assert answer.context["typed"] == [("pasted", pasted), ("consent", "Asked at the counter")]
    assert "&lt;b&gt;Grace&lt;/b&gt;,5125550142" in text(answer)
    assert "<b>Grace" not in text(answer)
    assert f'action="{reverse("import_upload")}"' in text(answer)


def test_looking_at_a_form_costs_nothing(desk):
    assert {desk.get(reverse("import_upload")).status_code for _ in range(9)} == {200}


def test_a_file_has_to_be_chosen_again_and_the_page_says_so(desk, ada):
    address = reverse("card_photo", args=[ada.card.pk])
    for _ in range(3):
        answer = desk.post(address, {"photo": SimpleUploadedFile("van.jpg", b"no photo")})
    assert answer.status_code == 429
    assert "the file has to be chosen again" in text(answer)


def test_a_fragment_gets_a_notice_above_and_leaves_the_form_alone(desk, ada):
    draft = make_campaign(ada)
    address = reverse("campaign_draft_preview", args=[draft.pk])
    for _ in range(3):
        answer = desk.post(address, {"ask": "Hello"}, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (429, "#messages", "innerHTML")
    assert "what you typed is still here" in text(answer)
    assert "<html" not in text(answer)


def test_every_page_lets_such_a_notice_in(desk):
    config = json.loads(text(desk.get("/")).split('name="htmx-config" content=\'')[1].split("'")[0])
    assert {"code": "4(22|29)", "swap": True} in config["responseHandling"]


def test_the_desk_of_a_card_gets_a_sentence_it_can_show(desk, ada):
    address = reverse("card_draw", args=[ada.card.pk])
    body = json.dumps({"design": ada.card.design, "words": {}})
    for _ in range(3):
        answer = desk.post(address, body, content_type="application/json")
    assert answer.status_code == 429
    assert answer.json()["problem"].startswith("That was a lot at once")


def test_a_test_to_oneself_is_limited_wherever_its_button_stands(desk, ada):
    draft = make_campaign(ada)
    address = reverse("campaign_edit", args=[draft.pk])
    for _ in range(3):
        answer = desk.post(address, {"go": "test", "name": "Other words"})
    assert answer.status_code == 429
    draft.refresh_from_db()
    assert draft.name != "Other words"
    assert desk.post(reverse("campaign_test", args=[draft.pk]), {"phone": "5125550142"}).status_code == 429
    assert desk.post(address, {"name": "Autumn"}).status_code != 429


#: Every address that is limited, and how it is called; each with an id that is there.
LIMITED = (
    *[("get", "link_kit_code_svg"), ("get", "link_kit_code_png"), ("get", "link_kit_card_png")],
    *[("get", "link_kit_card_pdf"), ("get", "customers_csv"), ("get", "campaign_csv"), ("get", "campaign_dry_run")],
    *[("get", "card_preview"), ("get", "campaign_preview_picture"), ("get", "campaign_sheet")],
    *[("post", "customer_export"), ("post", "settings_logo"), ("post", "card_new"), ("post", "card_photo")],
    *[("post", "import_upload"), ("post", "card_notes"), ("post", "campaign_draft_preview")],
)


def burst(desk, method, address) -> int:
    """One of many; a file that is handed out is read to its end, which closes it."""
    answer = getattr(desk, method)(address)
    if answer.streaming:
        list(answer)
    return answer.status_code


@pytest.mark.parametrize(("method", "name"), LIMITED)
def test_each_of_them_stops_in_a_burst(desk, ada, grace, settings, method, name):
    draft = make_campaign(ada)
    number = {"campaign": draft.pk, "card": ada.card.pk, "customer": grace.pk}.get(name.partition("_")[0])
    if name == "campaign_preview_picture":
        number = ada.card.pk
    needs_one = name.partition("_")[0] in ("campaign", "card", "customer") and name != "card_new"
    address = reverse(name, args=[number] if needs_one else [])
    codes = [burst(desk, method, address) for _ in range(20)]
    assert 429 not in codes[:2]
    assert set(codes[2:]) == {429}


def test_another_tenants_id_is_still_not_there(desk, rival):
    assert desk.get(reverse("card_preview", args=[rival.card.pk])).status_code == 404


def test_who_may_not_do_it_at_all_is_told_that_and_spends_nothing(desk, ada):
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert export(desk).status_code == 403
    assert ada.organization.allowances.count() == 0
