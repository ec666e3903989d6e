"""What a text may not say is found and named; what people really write is left alone."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import invitations, optouts, rules
from campaigns.rules import health, spanish, tables
from campaigns.rules.tables import STOP
from tests.rules_corpus import GUILTY, INNOCENT

GREETING = "Hi {first_name}, it's {sender} from {business}. Thank you! (Reply STOP and I won't write again.)"
ASK = "If you have a minute, we'd love to hear how it was. Good or not so good, it all helps."


def found(text, rule_id, **more):
    return [finding for finding in rules.scan(text, "greeting", **more) if finding.rule_id == rule_id]


def test_the_shipped_texts_are_clean():
    assert rules.check(invitations.GREETING, invitations.ASK, business="Ada's Bakery") == []


def test_ordinary_sentences_are_left_alone():
    assert [(text, rules.scan(text, "greeting")) for text in INNOCENT if rules.scan(text, "greeting")] == []


@pytest.mark.parametrize("rule_id", sorted({rule_id for rule_id, _ in GUILTY}))
def test_forbidden_phrases_are_found_by_their_rule(rule_id):
    assert [text for rule, text in GUILTY if rule == rule_id and not found(text, rule_id)] == []


ALL_RULES = [*tables.RULES, *spanish.RULES, *health.CLINICAL]


@pytest.mark.parametrize("rule", ALL_RULES)
def test_every_pattern_finds_its_own_example(rule):
    flags = re.IGNORECASE | re.MULTILINE
    lost = [words for words, pattern in rule.patterns if not re.search(pattern, rules._unaccented(words), flags)]
    assert lost == []


@pytest.mark.parametrize("better", sorted({rule.better for rule in ALL_RULES}))
def test_the_better_words_keep_every_rule(better):
    assert better
    assert rules.scan(better, "greeting", health=True) == []


def test_the_corpus_is_large_enough():
    assert len(set(INNOCENT)) >= 180
    assert len(set(GUILTY)) >= 200


def test_an_ordinary_sentence_is_left_alone_without_its_accents_too():
    assert [text for text in INNOCENT if rules.scan(rules._unaccented(text), "greeting")] == []


def test_a_forbidden_phrase_is_found_without_its_accents_and_in_capitals_too():
    for change in (rules._unaccented, str.upper):
        missed = [text for rule, text in GUILTY if rule[0] in "RM" and not found(change(text), rule)]
        assert missed == []


def test_a_reward_blocks_and_is_named_as_it_was_written():
    (finding,) = rules.blocks(rules.scan("Leave us a review and get\n a FREE  Coffee!"))
    assert finding.phrase == "Leave us a review and get a FREE Coffee"
    assert finding.rule_id == "R3"
    assert f"“{finding.phrase}”" in finding.sentence


@pytest.mark.parametrize("text", ["We would love a 5-star rating", "⭐⭐⭐⭐⭐ please", "Denos cinco estrellas"])
def test_asking_for_stars_is_refused(text):
    (finding,) = rules.scan(text)
    assert (finding.level, finding.rule_id) == ("block", "R4")


@pytest.mark.parametrize("text", ["Thank you ⭐⭐", "⭐️⭐️⭐️ thanks"])
def test_a_few_stars_as_an_ornament_only_warn(text):
    (finding,) = rules.scan(text)
    assert (finding.level, finding.rule_id) == ("warn", "R4")


def test_curly_quotes_and_invisible_marks_hide_nothing():
    assert found("We’ll send you a gi\u200bft card", "R3")
    assert found("You\u00a0could\u00a0win a prize", "R3")


def test_the_name_of_the_business_offers_nothing():
    text = "It's Todd from Free Gift Cards & Five Star Discount Tire. How did it go?"
    assert rules.scan(text, business="Free Gift Cards & Five Star Discount Tire") == []
    assert rules.scan(text)


def test_two_phrases_give_two_findings_and_one_phrase_one():
    assert [f.phrase for f in rules.scan("A coupon here. A raffle there.")] == ["coupon", "raffle"]
    assert len(rules.scan("Get a 10% discount")) == 1


def test_a_first_message_names_the_business_and_says_how_to_stop():
    assert rules.check(GREETING, ASK) == []
    assert [f.rule_id for f in rules.check("Hi {first_name}, it's Todd.", ASK)] == ["M10", "M10"]


def test_the_business_may_be_named_by_its_name():
    text = "It’s Todd from ada’s bakery. Reply STOP to end this."
    assert rules.check(text, ASK, business="Ada's Bakery") == []
    assert rules.check(text, ASK, business="Charlie's Cakes")


@pytest.mark.parametrize(
    "words",
    ["Reply STOP.", "Text stop to end", 'Send "stop" and I won\'t write', "Opt out any time", "unsubscribe: say so"],
)
def test_there_are_several_ways_to_say_how_to_stop(words):
    assert rules.check(f"Todd from {{business}}. {words}", ASK) == []


@pytest.mark.parametrize(
    "words",
    [
        "Responda ALTO y no le escribo más.",
        "Responde «baja»",
        "Conteste con la palabra cancelar",
        "Escríbeme alto",
        "Envíe STOP",
        "Diga no más",
        "Puede darse de baja",
    ],
)
def test_there_are_several_ways_to_say_it_in_spanish(words):
    assert rules.check(f"Le escribe Ana, de {{business}}. {words}", ASK) == []


@pytest.mark.parametrize("word", ["stop", "quit", "end", "cancel", "unsubscribe"])
def test_a_word_the_first_message_may_offer_is_final_when_it_comes_back(word):
    assert STOP.search(f"Reply {word}")
    assert optouts.read(word) is optouts.Wish.STOP


@pytest.mark.parametrize(
    "word", ["alto", "baja", "parar", "pare", "cancelar", "salir", "no mas", "detener", "terminar", "fin", "stop"]
)
def test_a_spanish_word_the_first_message_may_offer_is_final_when_it_comes_back(word):
    assert STOP.search(f"Responda {word}")
    assert optouts.read(word) is optouts.Wish.STOP


@pytest.mark.parametrize("words", ["STOP BY OUR SHOP", "Text stop by", "A stop at the shop"])
def test_a_stop_of_another_kind_is_no_way_to_stop(words):
    assert [f.rule_id for f in rules.check(f"{{business}}: {words}", ASK) if f.level == "block"] == ["M10"]


def test_what_is_missing_is_offered_in_the_language_of_the_text():
    name, stop = rules.check("Hola, gracias por su visita. Le escribe Ana.", ASK)
    assert stop.better == "Responda ALTO y no le escribo más."
    assert name.better == "Le escribe {sender}, de {business}."


def test_every_finding_has_a_rule_and_nearly_every_one_better_words():
    findings = [finding for _, text in GUILTY for finding in rules.scan(text, "greeting")]
    assert all(finding.rule_name and finding.sentence for finding in findings)
    assert {f.rule_id for f in findings if not f.better} <= {"merge"}


def test_the_phrase_is_named_with_its_accents():
    (finding,) = found("¿Y una reseña más? Participe en la RIFA del jamón.", "R3")
    assert finding.phrase == "RIFA"
    assert found("Déjenos una buena reseña", "R4")[0].phrase == "Déjenos una buena reseña"


def test_spanish_gets_spanish_words():
    (finding,) = found("Si quedó contento, déjenos una reseña", "R1")
    assert finding.better == "Bueno o no tan bueno, todo ayuda."
    assert finding.level == "block"
    assert finding.words.endswith("Better: “Bueno o no tan bueno, todo ayuda.”")


def test_a_name_said_without_llc_offers_nothing_either():
    assert rules.scan("Free Gift Cards here. How was it?", business="Free Gift Cards, LLC") == []


TELLING = [
    "Thank you for coming in for your root canal.",
    "We hope your treatment went well.",
    "How is the back pain?",
    "Your test results are in. How did we do?",
    "Thank you for being our patient.",
    "How was your visit on Monday?",
    "Thanks for your appointment on March 3.",
    "Hope the Botox settled well.",
    "Thanks for your {service}!",
    "See you after {visit_date|the other day}.",
    "Gracias por su limpieza dental.",
    "¿Cómo va después de la cirugía?",
    "Esperamos que su tratamiento vaya bien.",
    "Gracias por ser nuestro paciente.",
    "Gracias por su cita del 3 de marzo.",
    "¿Cómo sigue el dolor?",
    "Le mandamos la receta. ¿Cómo fue su embarazo?",
]
DISCREET = [
    "Hi {first_name|there}, it's {sender} from {business}. Thank you for your visit!",
    "You were very patient with us. How did it go?",
    "Thanks for filling out the form.",
    "Our hours of operation are 9 to 5.",
    "Give it a shot: a short review helps.",
    "We are open on Monday.",
    "{technician} says hello.",
    "Hola {first_name|}, gracias por su visita. ¿Cómo le fue?",
    "Fue muy paciente con nosotros, gracias.",
    "Abrimos el lunes.",
]


@pytest.mark.parametrize("text", TELLING)
def test_a_practice_may_not_say_what_somebody_came_for(text):
    assert "D7" in [finding.rule_id for finding in rules.blocks(rules.scan(text, health=True))]
    assert rules.scan(text) == []


@pytest.mark.parametrize("text", DISCREET)
def test_a_practice_may_say_thank_you(text):
    assert rules.scan(text, health=True) == []


def test_the_shipped_texts_suit_a_practice():
    assert rules.check(invitations.GREETING, invitations.ASK, health=True) == []


@pytest.mark.parametrize("text", ["{service}", "PLEASE COME BACK SOON", "x" * 400, "so happy! 🎉🎉🎉🎉", "wow!!!!"])
def test_manners_only_warn(text):
    assert rules.blocks(rules.scan(text)) == []


def test_a_long_text_says_how_long_it_is():
    (finding,) = rules.scan("word " * 100)
    assert (finding.rule_id, finding.level) == ("style", "warn")
    assert "500 letters" in finding.sentence


def test_what_a_field_will_hold_is_no_shouting_and_no_length():
    assert rules.scan("Thanks, {FIRST_NAME} {BUSINESS} {SENDER}! " + "{first_name}" * 60) == []


@pytest.mark.parametrize("text", ["👨‍👩‍👧‍👦 🇲🇽", "Thanks 👍🏽 👋🏿", "❤️ you", "Wow 😊 so good 😊 thanks 🌷"])
def test_a_family_a_flag_and_a_hand_are_one_each(text):
    assert rules.scan(text) == []


def test_shouting_gets_its_own_words_back_in_a_quiet_voice():
    (finding,) = rules.scan("PLEASE TELL YOUR FRIENDS!")
    assert finding.better == "Please tell your friends!"


def test_stopping_by_is_no_way_to_stop():
    assert [f.rule_id for f in rules.check("{business} here. Thanks for letting us stop by!", ASK)] == ["M10"]


def test_without_a_greeting_the_ask_is_the_first_message():
    findings = rules.check("", ASK)
    assert [(f.rule_id, f.where) for f in findings] == [("M10", "ask"), ("M10", "ask")]


def test_an_address_blocks_in_any_message():
    text = "{business} (reply STOP): see https://example.com/menu."
    assert [(f.rule_id, f.level, f.where) for f in rules.check(text, ASK)] == [("1005", "block", "greeting")]
    assert [(f.rule_id, f.level, f.where) for f in rules.check("", text)] == [("1005", "block", "ask")]
    assert [(f.rule_id, f.level, f.where) for f in rules.check(GREETING, text)] == [("1005", "block", "ask")]


def test_an_address_that_comes_in_by_the_business_name_blocks_in_the_first_message_alone():
    (finding,) = rules.check(GREETING, "How was {business}? Flowers.com reads it all.", business="Flowers.com")
    assert (finding.rule_id, finding.phrase, finding.where) == ("1005", "Flowers.com", "greeting")
    assert "without its ending" in finding.sentence


def test_known_fields_pass_in_every_spelling():
    assert rules.scan("Hi {{first_name}}, {First_Name|friend} {sender|} {business}") == []


def test_an_unknown_field_is_named_with_those_there_are():
    (finding,) = found("Hi {name}", "merge")
    assert finding.phrase == "{name}"
    assert "{first_name}" in finding.sentence


def test_no_text_at_all_blocks():
    assert [f.rule_id for f in rules.check(" ", "")] == ["empty"]


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_stumble(text):
    for finding in rules.check(text, text, business=text[:20]):
        assert finding.sentence


@pytest.mark.parametrize(
    "piece",
    [
        "a review and ",
        "get ",
        "free free ",
        "if you leave ",
        "[first ",
        "{",
        "$1 ",
        "reply to ",
        "bad review ",
        "you ",
        "deje una reseña y ",
        "si ",
        "A B ",
        "AAAA ",
        "!",
        "🎉",
        "responda y el ",
        "<<",
        "*|",
        "##",
        "AA-",
    ],
)
def test_a_text_made_to_keep_us_busy_is_read_at_once(piece):
    text = (piece * 2000)[:4000]
    start = time.process_time()
    rules.scan(text, health=True)
    assert time.process_time() - start < 1
