"""Words in several languages: which is whose, and that nothing of another one slips in."""

import re
from datetime import date

import pytest
from django.db import IntegrityError
from django.http import QueryDict

from campaigns import chert, invitations, languages, launch, merge, optouts, resend, rules, wordings
from campaigns.models import AuditEntry, Campaign, Message, Wording
from campaigns.outbox import outcomes
from campaigns.web.campaigns.forms import DraftForm
from tests.cast import answer, at_once, ledger, make_campaign, make_customer, walk_to_the_end, work

SPANISH = invitations.READY["es"]
ALL_FIELDS = "".join(f" {{{field}}}." for field in merge.FIELDS)
#: Every text of our own, with the language it is in.
TEXTS = [
    (language, text)
    for language, ready in invitations.READY.items()
    for stop_in_each in (False, True)
    for text in ready.beginning(stop_in_each=stop_in_each).values()
]
NOBODY = merge.words(first_name="", sender="Ada", business="Ada's")


def add_spanish(campaign: Campaign, **more: str) -> Wording:
    words = SPANISH.beginning(stop_in_each=False) | more
    return Wording.objects.create(campaign=campaign, language="es", **words)


def said(sandbox) -> list[str]:
    """Every text the pretend Chert took, in order."""
    return [part["value"] for sent in ledger(sandbox, "message") for part in sent["parts"] if part["type"] == "text"]


# ---- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["es", "ES", " es ", "es-MX", "es_US", "Spanish", "Español", "espanol", "spa", "Spanish (Mexico)", "ESP"]
)
def test_spanish_is_known_by_many_names(text):
    assert languages.read(text) == "es"


@pytest.mark.parametrize(("text", "code"), [("中文", "zh"), ("Tiếng Việt", "vi"), ("Kreyòl ayisyen", "ht"), ("", "")])
def test_a_language_is_known_by_its_own_name(text, code):
    assert languages.read(text) == code


@pytest.mark.parametrize("text", ["Klingon", "Spanglish", "1", "e", "-", "Grace"])
def test_what_no_language_is_called_is_not_guessed(text):
    with pytest.raises(languages.UnknownLanguage):
        languages.read(text)


def test_every_language_is_read_by_its_code_and_both_its_names():
    for code, language in languages.KNOWN.items():
        assert {languages.read(word) for word in (code, language.name, language.own_name, *language.aliases)} == {code}


def test_each_language_we_speak_has_all_our_words():
    assert set(invitations.READY) == set(languages.STAND_INS) == set(languages.SPOKEN)
    assert {frozenset(words) for words in languages.STAND_INS.values()} == {frozenset(merge.FIELDS)}


# ---- our own words -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop_in_each", [False, True])
@pytest.mark.parametrize("health", [False, True])
@pytest.mark.parametrize("language", languages.SPOKEN)
def test_our_words_keep_every_rule(language, health, stop_in_each):
    texts = invitations.READY[language].beginning(stop_in_each=stop_in_each)
    shared = {"business": "Ada's Bakery", "language": language, "health": health, "stop_in_each": stop_in_each}
    assert rules.check(**texts, **shared) == []
    assert rules.check("", texts["greeting"], texts["reminder"], **shared) == []


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_every_word_our_texts_tell_people_to_write_is_a_final_stop(language, text):
    told = re.findall(r"(?:Reply|Responda) (\w+)", text)
    assert [optouts.read(word) for word in told] == [optouts.Wish.STOP] * len(told)
    assert bool(told) == bool(re.search(r"\b[A-Z]{3,}\b", text))


@pytest.mark.parametrize("word", ["STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE"])
def test_the_words_we_look_for_in_other_languages_are_final_too(word):
    assert rules.tables.STOP_IN_CAPITALS.search(f"回复{word}退订")
    assert optouts.read(word) is optouts.Wish.STOP


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_our_texts_stay_far_below_what_a_message_may_hold(language, text):
    longest = merge.words(first_name="x" * 200, sender="y" * 60, business="z" * 120, language=language)
    assert len(merge.fill(text, longest, language)) < 1000
    assert chert.Text(merge.fill(text, longest, language))


def test_the_link_cards_and_confirmations_are_short_enough():
    for ready in invitations.READY.values():
        assert len(ready.link_title) <= 60
        assert rules.scan(ready.confirmation) == []


def test_a_spanish_text_says_no_english_word_for_what_it_does_not_know():
    filled = merge.fill(SPANISH.greeting + ALL_FIELDS + SPANISH.reminder, {}, "es")
    english = set(re.findall(r"\w+", " ".join(languages.STAND_INS["en"].values())))
    assert not english & set(re.findall(r"\w+", filled))
    assert filled.startswith("Hola, le escribe el equipo, de nosotros.")


def test_a_day_is_said_as_they_say_it():
    days = [languages.said_day(date(2026, month, 3), "es") for month in (1, 9, 11)]
    assert days == ["3 de enero", "3 de septiembre", "3 de noviembre"]
    assert languages.said_day(date(2026, 11, 3), "en") == "November 3"


def test_a_visit_reads_well_known_or_not():
    text = "Gracias por su visita del {visit_date}."
    fields = merge.words(first_name="", sender="", business="", visit=date(2026, 11, 3), language="es")
    assert merge.fill(text, fields, "es") == "Gracias por su visita del 3 de noviembre."
    assert merge.fill(text, NOBODY, "es") == "Gracias por su visita del otro día."


# ---- languages we do not speak -------------------------------------------------------------------------------------

POLISH = "Dzień dobry {first_name|}, tu {sender}, {business}. Napisz STOP, a nie napiszę więcej."


def test_words_by_hand_in_a_language_we_do_not_speak_are_taken():
    assert rules.check(POLISH, "Jak było?", business="Ada's Bakery", language="pl") == []


@pytest.mark.parametrize("field", ["{first_name}", "{service}", "{ Technician }", "{{first_name}}"])
def test_there_a_field_brings_its_own_fallback(field):
    (finding,) = rules.blocks(rules.scan(f"Jak było, {field}?", language="pl"))
    assert (finding.rule_id, finding.phrase) == ("merge", field)
    assert "we know no word in Polish" in finding.sentence


def test_there_no_day_can_be_said():
    (finding,) = rules.blocks(rules.scan("Jak było {visit_date|}?", language="pl"))
    assert "how a day is said in Polish" in finding.sentence


@pytest.mark.parametrize("text", ["Tu {business}.", "Tu {business}. Przystanek: stop.", "Tu {business}: STOPPEN!"])
def test_there_the_way_to_stop_is_one_of_our_words_in_capitals(text):
    assert [f.rule_id for f in rules.check(text, "Jak było?", language="pl")] == ["M10"]


def test_in_english_such_a_word_alone_is_not_enough():
    assert [f.rule_id for f in rules.check("{business} here. That is the END.", "How was it?")] == ["M10"]


def test_the_rules_of_all_languages_hold_in_every_one():
    text = "Zostaw opinię and get 10% off, o reciba un descuento."
    assert "R3" in [finding.rule_id for finding in rules.scan(text, language="pl")]


# ---- who gets which ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "begins"), [("es", "Hola"), ("en", "Hi"), ("", "Hi"), ("pl", "Hi")])
def test_each_gets_the_words_of_their_language_and_others_the_campaigns_own(ada, sandbox, clock, language, begins):
    make_customer(ada.business, language=language)
    draft = make_campaign(ada)
    add_spanish(draft)
    launch.launch(draft, ada.user, clock())
    walk_to_the_end(clock)
    assert said(sandbox)[0].startswith(begins)


def test_link_card_day_and_stand_ins_are_in_the_language_of_the_words(ada, sandbox, clock):
    make_customer(ada.business, language="es", first_name="", last_visit=date(2026, 2, 27))
    draft = make_campaign(ada)
    add_spanish(draft, ask="¿Cómo le fue el {visit_date} con {technician}?")
    launch.launch(draft, ada.user, clock())
    walk_to_the_end(clock)
    assert said(sandbox)[0].startswith("Hola, le escribe Ada, de Ada's Bakery.")
    assert said(sandbox)[1] == "¿Cómo le fue el 27 de febrero con nuestro equipo?"
    assert ledger(sandbox, "message")[1]["parts"][-1]["title"] == SPANISH.link_title


def test_the_reminder_is_in_their_language(ada, sandbox, clock):
    make_customer(ada.business, language="es")
    draft = make_campaign(ada, remind_after=1, reminder=invitations.REMINDER)
    add_spanish(draft)
    launch.launch(draft, ada.user, clock())
    walk_to_the_end(clock)
    reminder = Message.objects.get(kind="reminder")
    assert (reminder.language, reminder.text) == ("es", SPANISH.reminder)


def test_sending_again_keeps_to_their_language(ada, sandbox, clock):
    person = make_customer(ada.business, language="es")
    draft = make_campaign(ada)
    add_spanish(draft)
    launch.launch(draft, ada.user, clock())
    walk_to_the_end(clock)
    resend.resend(draft.deliveries.get(), ada.user, "They asked", clock())
    assert person.messages.filter(round=2).get().text == SPANISH.ask


def test_a_line_that_wants_the_greeting_first_gets_it_in_the_same_language(ada, sandbox, clock):
    make_customer(ada.business, language="es")
    draft = make_campaign(ada, flow="all_at_once", ask=f"{invitations.GREETING} {invitations.ASK}")
    add_spanish(draft, ask=f"{SPANISH.greeting} {SPANISH.ask}")
    launch.launch(draft, ada.user, clock())
    whole = Message.objects.get()
    Message.objects.filter(pk=whole.pk).update(lease_token="mine")
    whole.lease_token = "mine"
    outcomes.greet_instead(whole, clock())
    assert Message.objects.get(kind="greeting").text == SPANISH.greeting


@pytest.mark.parametrize(
    ("theirs", "business", "begins"), [("es", "en", "No volverá"), ("pl", "es", "No volverá"), ("", "en", "You won't")]
)
def test_a_stop_is_confirmed_in_their_language(ada, sandbox, clock, theirs, business, begins):
    ada.business.language = business
    ada.business.save()
    person = make_customer(ada.business, language=theirs)
    launch.launch(make_campaign(ada), ada.user, clock())
    work(clock)
    answer(sandbox, clock, person, "ALTO")
    work(clock)
    assert said(sandbox)[-1].startswith(begins)


def test_the_check_says_how_many_get_which(ada, clock):
    people = [make_customer(ada.business, n, language=code) for n, code in enumerate(["", "en", "es", "pl", "pl"])]
    draft = make_campaign(ada)
    add_spanish(draft)
    shares = ["2 in English", "1 in Spanish", "2 in English because there are no words in Polish"]
    assert list(map(str, wordings.shares(draft, people))) == shares


def test_a_language_whose_words_break_a_rule_stops_the_launch_and_is_named(ada, grace, clock):
    draft = make_campaign(ada)
    add_spanish(draft, greeting="Hola, gracias por su visita.")
    with pytest.raises(launch.NotReady, match="In Spanish: The first message does not say how to stop"):
        launch.launch(draft, ada.user, clock())


def test_a_reminder_without_words_in_one_language_is_named(ada, grace, clock):
    draft = make_campaign(ada, remind_after=3, reminder=invitations.REMINDER)
    add_spanish(draft, reminder="")
    with pytest.raises(launch.NotReady, match="no words in Spanish yet"):
        launch.launch(draft, ada.user, clock())


def test_a_campaign_has_one_wording_of_a_language(ada):
    draft = make_campaign(ada)
    add_spanish(draft)
    with pytest.raises(IntegrityError):
        add_spanish(draft)


def test_a_launch_sends_the_words_that_are_kept_and_not_an_older_copy(ada, grace, clock):
    draft = make_campaign(ada)
    Campaign.objects.filter(pk=draft.pk).update(greeting=f"{invitations.GREETING} Bye!")
    launch.launch(draft, ada.user, clock())
    assert grace.messages.get(kind="greeting").text.endswith("Bye!")


def test_a_launch_of_many_asks_for_the_words_once(ada, clock, django_assert_max_num_queries):
    for number in range(30):
        make_customer(ada.business, number, language="es")
    draft = make_campaign(ada)
    add_spanish(draft)
    with django_assert_max_num_queries(60):
        launch.launch(draft, ada.user, clock())
    assert AuditEntry.objects.filter(act="launch").count() == 1


def test_a_picture_says_the_day_in_the_language_of_the_business(ada):
    ada.business.language = "es"
    person = make_customer(ada.business, language="en", last_visit=date(2026, 2, 27))
    assert person.words()["visit_date"] == "27 de febrero"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_", range(4))
def test_who_writes_while_another_starts_either_comes_first_or_too_late(ada, clock, _):
    """The words that went out are the words that are kept, in each language."""
    person = make_customer(ada.business, language="es")
    draft = make_campaign(ada)
    add_spanish(draft)
    typed = QueryDict(mutable=True)
    typed.update({"name": "X", "flow": "greeting_first", "card": ada.card.pk, "languages": "es"})
    typed.update({"greeting": invitations.GREETING, "ask": invitations.ASK})
    typed.update({f"{name}_es": words for name, words in SPANISH.beginning(stop_in_each=True).items()})
    form = DraftForm(ada.business, typed, language="en")
    assert form.is_valid(), form.errors
    at_once([lambda: form.keep(draft), lambda: launch.launch(Campaign.objects.get(pk=draft.pk), None, clock())])
    assert person.messages.get(kind="ask").text == draft.other_wordings.get().ask
