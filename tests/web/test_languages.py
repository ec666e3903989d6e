"""The pages of a campaign that speaks several languages, and where a customer's language comes from."""

import pytest
from django.urls import reverse

from campaigns import importing, invitations, launch
from campaigns.models import Campaign, Customer, Wording
from tests.cast import NOON, make_campaign, make_customer

SPANISH = invitations.READY["es"].beginning(stop_in_each=False)


def text(answer) -> str:
    return answer.content.decode()


def in_spanish(**more: str) -> dict[str, str]:
    return {"languages": "es"} | {f"{name}_es": words for name, words in SPANISH.items()} | more


@pytest.fixture
def words(ada):
    own = {"greeting": invitations.GREETING, "ask": invitations.ASK}
    return {"name": "Autumn", "card": ada.card.pk, "flow": "greeting_first"} | own


@pytest.fixture
def draft(ada) -> Campaign:
    made = make_campaign(ada)
    Wording.objects.create(campaign=made, language="es", **SPANISH)
    return made


# ---- writing -------------------------------------------------------------------------------------------------------


def test_a_language_is_added_with_ready_words_and_nothing_typed_is_lost(desk, words):
    answer = desk.post(
        reverse("campaign_new"), words | {"name": "Half a na", "greeting": "Hi", "go": "add", "add": "es"}
    )
    assert answer.status_code == 200
    form = answer.context["form"]
    assert [form[name].value() for name in ("name", "greeting", "greeting_es")] == [
        "Half a na",
        "Hi",
        SPANISH["greeting"],
    ]
    assert not form.errors
    assert not Campaign.objects.exists()


def test_a_language_we_do_not_speak_begins_empty(desk, words):
    form = desk.post(reverse("campaign_new"), words | {"go": "add", "add": "pl"}).context["form"]
    assert form["greeting_pl"].value() is None
    assert [tongue.is_open for tongue in form.tongues()] == [True]


@pytest.mark.parametrize("code", ["xx", "en", "", "es<script>", "greeting"])
def test_what_is_no_further_language_adds_none(desk, words, code):
    answer = desk.post(reverse("campaign_new"), words | {"go": "add", "add": code})
    assert (answer.status_code, answer.context["form"].others) == (200, [])


def test_adding_twice_keeps_what_was_written(desk, words):
    answer = desk.post(reverse("campaign_new"), words | in_spanish(ask_es="¿Qué tal?") | {"go": "add", "add": "es"})
    form = answer.context["form"]
    assert (form.others, form["ask_es"].value()) == (["es"], "¿Qué tal?")


def test_a_language_is_removed_on_the_page_and_from_the_draft_when_it_is_saved(desk, draft, words):
    address = reverse("campaign_edit", args=[draft.pk])
    assert desk.post(address, words | in_spanish() | {"go": "drop es"}).context["form"].others == []
    assert draft.other_wordings.count() == 1
    desk.post(address, words | {"go": "save"})
    assert draft.other_wordings.count() == 0


def test_saving_keeps_the_words_of_each_language(desk, words):
    desk.post(reverse("campaign_new"), words | in_spanish() | {"go": "save"})
    (kept,) = Campaign.objects.get().other_wordings.all()
    assert (kept.language, kept.greeting, kept.ask) == ("es", SPANISH["greeting"], SPANISH["ask"])


def test_a_draft_opens_with_the_words_of_each_language(desk, draft):
    form = desk.get(reverse("campaign_edit", args=[draft.pk])).context["form"]
    assert (form.others, form["greeting_es"].value()) == (["es"], SPANISH["greeting"])


def test_a_sound_draft_is_kept_while_it_is_written_in_each_language(desk, draft, words):
    said = words | in_spanish(ask_es="¿Cómo le fue? Todo ayuda.")
    assert "Saved" in text(desk.post(reverse("campaign_draft_preview", args=[draft.pk]), said))
    assert draft.other_wordings.get().ask == "¿Cómo le fue? Todo ayuda."


def test_a_language_left_empty_is_not_kept(desk, words):
    empty = {f"{name}_es": "  " for name in SPANISH}
    desk.post(reverse("campaign_new"), words | in_spanish(**empty) | {"go": "save"})
    assert not Campaign.objects.get().other_wordings.exists()


def test_a_language_half_written_is_refused_at_its_field(desk, words):
    answer = desk.post(reverse("campaign_new"), words | in_spanish(ask_es=""))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["ask_es"])
    assert "Write this in Spanish too" in text(answer)


def test_a_rule_speaks_at_the_field_of_the_language(desk, words):
    answer = desk.post(reverse("campaign_new"), words | in_spanish(ask_es="Deje una reseña y reciba un descuento"))
    assert list(answer.context["form"].errors) == ["ask_es"]


def test_words_of_a_started_campaign_stay_in_each_language(desk, ada, draft, words, clock):
    make_customer(ada.business, language="es")
    launch.launch(draft, ada.user, clock())
    desk.post(reverse("campaign_draft_preview", args=[draft.pk]), words | in_spanish(ask_es="¿Otra cosa?"))
    assert draft.other_wordings.get().ask == SPANISH["ask"]


def test_another_businesss_draft_cannot_be_written_in_any_language(desk, rival, words):
    theirs = make_campaign(rival)
    answer = desk.post(reverse("campaign_edit", args=[theirs.pk]), words | in_spanish() | {"go": "save"})
    assert answer.status_code == 404
    assert not Wording.objects.exists()


# ---- looking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "say", "begins"), [("es", "", "Hola"), ("", "es", "Hola"), ("es", "en", "Hi")])
def test_the_preview_follows_the_customer_or_the_switch(desk, ada, words, language, say, begins):
    person = make_customer(ada.business, language=language)
    answer = text(desk.post(reverse("campaign_preview"), words | in_spanish() | {"as": person.pk, "say": say}))
    assert f"{begins} Grace" in answer
    assert (invitations.READY["es"].link_title in answer) == (begins == "Hola")


def test_the_preview_says_when_there_are_no_words_in_their_language(desk, ada, words):
    person = make_customer(ada.business, language="pl")
    assert "This customer reads Polish." in text(desk.post(reverse("campaign_preview"), words | {"as": person.pk}))


def test_a_finding_names_the_language(desk, grace, words):
    answer = text(desk.post(reverse("campaign_preview"), words | in_spanish(greeting_es="Hola, gracias.")))
    assert "In the greeting, in Spanish" in answer


def test_the_page_says_which_languages_customers_speak(desk, ada):
    for number, code in enumerate(["es", "es", "pl", "en", ""]):
        make_customer(ada.business, number, language=code)
    answer = desk.get(reverse("campaign_new"))
    assert answer.context["spoken"] == [("es", "Spanish", 2), ("pl", "Polish", 1)]
    assert "2 speak Spanish, 1 speaks Polish." in text(answer)


def test_merge_fields_are_put_in_with_a_fallback_of_the_language(desk, ada, draft):
    make_customer(ada.business, technician="Dana")
    answer = text(desk.get(reverse("campaign_edit", args=[draft.pk])))
    assert 'data-insert="{technician|nuestro equipo}" data-into="id_greeting_es"' in answer


def test_the_check_says_how_many_get_which(desk, ada, draft):
    for number, code in enumerate(["es", "pl", ""]):
        make_customer(ada.business, number, language=code)
    answer = text(desk.get(reverse("campaign_check", args=[draft.pk])))
    assert "1 in English, 1 in Spanish, 1 in English because there are no words in Polish." in answer


def test_where_all_get_the_same_the_check_says_nothing_of_it(desk, ada, grace):
    assert "in English" not in text(desk.get(reverse("campaign_check", args=[make_campaign(ada).pk])))


def test_a_spanish_business_begins_in_spanish(desk, ada, grace):
    ada.business.language = "es"
    ada.business.save()
    form = desk.get(reverse("campaign_new")).context["form"]
    assert (form["greeting"].value(), form.language) == (SPANISH["greeting"], "es")


def test_a_draft_stays_in_its_language_when_the_business_takes_another(desk, ada, draft, words):
    ada.business.language = "es"
    ada.business.save()
    desk.post(reverse("campaign_edit", args=[draft.pk]), words | in_spanish() | {"go": "save"})
    draft.refresh_from_db()
    assert (draft.language, draft.other_wordings.get().language) == ("en", "es")


# ---- customers -----------------------------------------------------------------------------------------------------


def test_a_customers_language_is_chosen_and_shown(desk, grace):
    values = {"first_name": "Grace", "last_name": "Hopper", "timezone": "America/Chicago", "language": "es"}
    desk.post(reverse("customer_edit", args=[grace.pk]), values)
    grace.refresh_from_db()
    assert grace.language == "es"
    assert "<dt>Language</dt><dd>Spanish</dd>" in text(desk.get(reverse("customer", args=[grace.pk])))


def test_a_new_customer_can_have_one(desk, ada):
    values = {"phone": "(512) 555-0142", "consent_basis": "Asked at the counter", "language": "vi"}
    desk.post(reverse("customer_new"), values)
    assert Customer.objects.get().language == "vi"


def test_a_language_that_there_is_not_is_refused(desk, grace):
    answer = desk.post(reverse("customer_edit", args=[grace.pk]), {"first_name": "Grace", "language": "xx"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["language"])


LIST = "Name,Phone,{title}\nGrace Hopper,(512) 555-0142,{cell}\n"


@pytest.mark.parametrize("title", ["Language", "Preferred language", "Idioma", "LANG"])
@pytest.mark.parametrize("cell", ["es", "Spanish", "Español", "spa"])
def test_a_list_may_say_it(ada, title, cell):
    raw = LIST.format(title=title, cell=cell).encode()
    importing.run(ada.business, raw, "list.csv", consent="Asked", by=ada.user, now=NOON)
    assert Customer.objects.get().language == "es"


def test_a_language_nobody_knows_is_left_empty_with_a_note(ada):
    raw = LIST.format(title="Language", cell="Klingon").encode()
    (verdict,) = importing.run(ada.business, raw, "list.csv", consent="Asked", by=None, now=NOON).verdicts
    assert verdict.kind == "added"
    assert verdict.notes == ("The language “Klingon” is not known and was left out.",)


def test_a_blank_cell_takes_no_language_away(ada):
    make_customer(ada.business, phone="+15125550142", language="es")
    importing.run(
        ada.business, LIST.format(title="Language", cell="").encode(), "list.csv", consent="Asked", by=None, now=NOON
    )
    assert Customer.objects.get().language == "es"
