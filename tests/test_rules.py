"""What a text may not say is found and named; what people really write is left alone."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import invitations, rules
from campaigns.rules import tables

GREETING = "Hi {first_name}, it's {sender} from {business}. Thank you! (Reply STOP and I won't write again.)"
ASK = "If you have a minute, we'd love to hear how it was. Good or not so good, it all helps."

#: Ordinary sentences in which somebody overeager would find a reward, a threat or a trick.
INNOCENT = [
    "Hi {first_name|there}, it's {sender} from {business}. Thank you for choosing us! I have something small for you.",
    "If you have a minute, would you tell others how it went? Good or not so good, it all helps.",
    "We'd love a chance to hear how we did.",
    "Thanks for giving us a chance to earn your trust!",
    "Thanks for having us out for the free estimate. Could you leave us a review?",
    "Hope your free estimate was useful. If you have a moment, a short review helps a lot.",
    "If you have a free minute, feel free to leave us a review!",
    "Feel free to leave a review if you like.",
    "We want to win your trust, review or not.",
    "Thanks for stopping by our gift shop! A review would mean a lot.",
    "It was a treat to work with you. Would you write a review?",
    "Your feedback is a gift to a small shop like ours.",
    "Thank you for paying cash; the receipt is on its way. How did we do?",
    "Thanks for trusting us with your new windows this winter.",
    "We checked all 27 points on your car. How did it go?",
    "Thanks for your $250 deposit. How was the visit?",
    "Thank you for your purchase of a gift. Would you tell others how it went?",
    "Our team would love your feedback, good or bad.",
    "Good or bad, we read every review. Honest reviews help neighbors find us.",
    "We are grateful for every review we receive.",
    "Reply STOP to opt out. The link is below.",
    "Reply with any questions. Here is the link to our page.",
    "Reply here if anything is not right and I'll fix it.",
    "Just tap the link to write a review.",
    "Hope you like the drawing! Todd",
    "You can answer this message any time. Tap the card below to review us.",
    "Thanks for being a great customer. Would you leave an honest review?",
    "It would be great if you could review us on Google.",
    "We'd be happy to hear how it went.",
    "Please do not hesitate to call me.",
    "Don't worry about writing much; one line is plenty.",
    "Never miss an appointment again: see you in spring!",
    "No worries if you don't have time for a review.",
    "We know how busy you are, so no pressure. A short review would help us.",
    "Your opinion counts more than you know. Would you take 30 seconds to review us?",
    "If you get a chance, would you leave us a review?",
    "If you get a moment, could you review us on Google? It takes less than a minute.",
    "Before you write a review, take a look at the photos we sent.",
    "We won an award last year thanks to customers like you!",
    "Please give us a call if the leak comes back.",
    "A review takes less than 2 minutes.",
    "Thanks for picking up your order. We hope the surprise went well!",
    "Your stars in the night sky print is ready. How did we do?",
    "Thank you for your free-range eggs order.",
    "Credit where it is due: you were very patient. Would you write a review?",
    "We would love to give you a call. Todd",
    "Thanks for letting us send you a quote. Mind sharing a review?",
    "The refund for your cancelled appointment went out on Monday. How was our service?",
    "I'd like to send you a picture of the finished work.",
    "Thank you for entering your details at the front desk.",
    "We'll give your review a careful read.",
    "Thank you for the lovely cash-only market day. Would you review us?",
    "Your review will be read by all of us.",
    "Our attorneys enjoyed working with you. Would you leave a review?",
    "Thank you for trusting us with your lawsuit. Would you review our firm?",
    "How would you rate your visit? A review helps others.",
    "Give us a shout if you need anything. Reviews help us too.",
    "Would you share your feedback so that we get better?",
    "You made our day. A review would make our week.",
    "Tell us what went well and what did not.",
    "Text me back any time. I'll send the picture next.",
    "We treat every review as a chance to get better.",
    "We'd love to send you your reward card; sorry it took so long.",
    "Thanks for the points you raised at your visit.",
    "If the link does not open, here is our number: (512) 555-0142.",
]

#: Rule, text.
GUILTY = [
    ("R3", "Leave us a review and get 10% off your next visit!"),
    ("R3", "Get a $5 Starbucks card for your review"),
    ("R3", "Write a review and we'll send you a gift"),
    ("R3", "As a thank you, enjoy a free coffee"),
    ("R3", "Every review enters you to win an iPad"),
    ("R3", "Every reviewer is entered in our monthly drawing"),
    ("R3", "Review us for a chance to win a $100 gift card"),
    ("R3", "Post a review, show it to us, and get a free dessert"),
    ("R3", "Leave a review. Get a free oil change!"),
    ("R3", "We'll take $10 off your next bill if you leave a review"),
    ("R3", "Leave us a review and earn points"),
    ("R3", "50 points for each review"),
    ("R3", "I'll Venmo you for a review"),
    ("R3", "We will give you $20 for a 5-star review"),
    ("R3", "Mention your review at your next visit for a complimentary upgrade"),
    ("R3", "Free drink for everyone who leaves a review"),
    ("R3", "Next wash is on us when you review us"),
    ("R3", "We'll donate $1 to the shelter for every review"),
    ("R3", "Use code REVIEW for 15 percent off"),
    ("R3", "Change your review and we will refund you"),
    ("R3", "We'll refund $20 if you update your review"),
    ("R3", "Get a discount"),
    ("R3", "Review us, receive a gift"),
    ("R3", "Leave a review and you could win a prize"),
    ("R3", "Join our review contest!"),
    ("R3", "In exchange for an honest review you get a treat"),
    ("R3", "a small gift awaits you after your review"),
    ("R3", "You'll get a reward for your review"),
    ("R3", "Leave a review to claim your free T-shirt"),
    ("R3", "Drop us a review and dessert is on the house"),
    ("R3", "review us and the next haircut is half price"),
    ("R3", "Review = free coffee"),
    ("R3", "We're giving away a free grill to one lucky reviewer"),
    ("R3", "$10 for your review"),
    ("R3", "Leave a review & save $15"),
    ("R3", "GIFT CARD inside"),
    ("R3", "g\u200bift card for you"),
    ("R3", "Everyone who posts a review gets cash"),
    ("R3", "loyalty points await"),
    ("R3", "Leave a review and we'll knock $25 off"),
    ("R10", "Please don't leave a bad review"),
    ("R10", "Do not post a negative review"),
    ("R10", "Negative reviews will result in legal action"),
    ("R10", "If you leave a negative review we will charge a $50 fee"),
    ("R10", "By using us you agree not to write negative reviews"),
    ("R10", "Instead of leaving a bad review, call us"),
    ("R10", "We reserve the right to take legal action over false reviews"),
    ("R10", "Customers who leave one-star reviews will be banned"),
    ("R10", "You may not post anything less than 5 stars"),
    ("R10", "Bad reviews void your warranty"),
    ("R10", "No negative reviews please"),
    ("R10", "Before writing a negative review, contact us"),
    ("M13", "Reply YES so the link works"),
    ("M13", "Reply Y and the link will open"),
    ("M13", "Please respond to activate the link"),
    ("M13", "If the link isn't blue, reply to this message and reopen it"),
    ("M13", "Reply to this text, then tap the link"),
    ("M13", "The link becomes clickable once you reply"),
    ("M13", "Save this number to your contacts so the link works"),
    ("M13", "Answer Y to unlock the link"),
    ("M13", "Text back OK to make the link work"),
    ("M13", "Reply “1” so that you can open the link"),
    ("M13", "The link only works after you answer"),
    ("R4", "We'd love a 5-star review"),
    ("R4", "Give us five stars!"),
    ("R4", "⭐⭐⭐⭐⭐"),
    ("R4", "⭐️⭐️⭐️ helps"),
    ("R4", "★★★★★"),
    ("R4", "Rate us 5/5"),
    ("R4", "Please leave a positive review"),
    ("R4", "write us a great Google review"),
    ("R4", "Rate us 5 out of 5 stars"),
    ("R1", "If you were happy with our work, leave a review"),
    ("R1", "If you're satisfied, review us. If not, tell us first."),
    ("R1", "If you loved our work, would you leave us a review?"),
    ("merge", "Hi {name}"),
    ("merge", "Hi {FIRST NAME}"),
    ("merge", "Hi {{first}}"),
    ("merge", "Hi {first_name"),
    ("merge", "Hi first_name}"),
    ("merge", "Hi [First Name]"),
    ("merge", "Hi %FIRST_NAME%"),
    ("merge", "Hi <<name>>"),
    ("merge", "Hi {}"),
    ("1005", "see https://g.page/r/x/review"),
    ("1005", "see www.example.com"),
    ("1005", "review us at g.page/r/abc"),
    ("1005", "review us at texasprime.com"),
    ("R3", "Loyalty‑points: leave a review & earn 20 points"),
]


def found(text, rule_id, **more):
    return [finding for finding in rules.scan(text, "greeting", **more) if finding.rule_id == rule_id]


def test_the_shipped_texts_are_clean():
    assert rules.check(invitations.GREETING, invitations.ASK, business="Ada's Bakery") == []


@pytest.mark.parametrize("text", INNOCENT)
def test_an_ordinary_sentence_is_left_alone(text):
    assert rules.scan(text, "greeting") == []


@pytest.mark.parametrize(("rule_id", "text"), GUILTY)
def test_a_forbidden_phrase_is_found_by_its_rule(rule_id, text):
    assert found(text, rule_id)


@pytest.mark.parametrize("example", [(rule, *pattern) for rule in tables.RULES for pattern in rule.patterns])
def test_every_pattern_finds_its_own_example(example):
    _, words, pattern = example
    assert re.search(pattern, words, re.IGNORECASE | re.MULTILINE)


def test_a_reward_blocks_and_is_named_as_it_was_written():
    (finding,) = rules.blocks(rules.scan("Leave us a review and get\n a FREE  Coffee!"))
    assert finding.phrase == "Leave us a review and get a FREE Coffee"
    assert finding.rule_id == "R3"
    assert f"“{finding.phrase}”" in finding.sentence


def test_stars_only_warn():
    (finding,) = rules.scan("We would love a 5-star rating")
    assert (finding.level, finding.rule_id, finding.phrase) == ("warn", "R4", "5-star")


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


def test_stopping_by_is_no_way_to_stop():
    assert [f.rule_id for f in rules.check("{business} here. Thanks for letting us stop by!", ASK)] == ["M10"]


def test_without_a_greeting_the_ask_is_the_first_message():
    findings = rules.check("", ASK)
    assert [(f.rule_id, f.where) for f in findings] == [("M10", "ask"), ("M10", "ask")]


def test_an_address_blocks_in_the_first_message_and_warns_in_the_next():
    text = "{business} (reply STOP): see https://example.com/menu."
    assert [(f.rule_id, f.level) for f in rules.check(text, ASK)] == [("1005", "block")]
    assert [(f.rule_id, f.level) for f in rules.check("", text)] == [("1005", "block")]
    assert [(f.rule_id, f.level, f.where) for f in rules.check(GREETING, text)] == [("1005", "warn", "ask")]


def test_an_address_that_comes_in_by_the_business_name_blocks_too():
    findings = rules.check(GREETING, ASK, business="Flowers.com")
    assert [(f.rule_id, f.phrase) for f in findings] == [("1005", "Flowers.com")]


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
    ["a review and ", "get ", "free free ", "if you leave ", "[first ", "{", "$1 ", "reply to ", "bad review ", "you "],
)
def test_a_text_made_to_keep_us_busy_is_read_at_once(piece):
    text = (piece * 2000)[:4000]
    start = time.process_time()
    rules.scan(text)
    assert time.process_time() - start < 1
