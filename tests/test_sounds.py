"""What words sound like, to suggest one click.  They move nothing."""

import pytest

from campaigns.sounds import Sound, read
from tests.test_architecture import HOUSE, imports, named

DONE = (
    "Done!",
    "done, thanks",
    "Just left you a review!",
    "I left a great review on Google",
    "Already wrote one on google 👍",
    "Review is up. Thank you for asking!",
    "I've posted my review",
    "reviewed",
    "Ya está",
    "Listo, gracias",
    "Ya les dejé una reseña",
    "Le escribí mi opinión en Google",
    "la reseña ya está puesta",
)
COMPLAINTS = (
    "Honest answer: the rye was too dry this time",
    "I'm very disappointed with the job",
    "It still leaks!!",
    "You were two hours late",
    "Worst service ever",
    "I want a refund",
    "The faucet isn't fixed",
    "You broke my window",
    "Please have a manager call me",
    "wasn't good at all",
    "Pésimo servicio",
    "Quiero un reembolso",
    "Nunca llegaron",
    "el grifo no funciona",
    "Left you a review: terrible job",
)
NEITHER = (
    "Thank you!",
    "Dee loved the cake",
    "I will leave a review tonight",
    "Haven't done it yet, will write a review tomorrow",
    "How do I leave a review?",
    "No complaints here",
    "Not bad at all!",
    "You never disappoint",
    "Your manager was lovely",
    "Are you open on Sunday?",
    "Mañana les dejo una reseña",
    "Todo bien, sin quejas",
    "done deal on the roof next week?",
    "",
    "👍",
    "Дуже смачний хліб, дякую!",
)


@pytest.mark.parametrize("text", DONE)
def test_who_says_it_is_done_sounds_so(text):
    assert read(text) is Sound.DONE


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint_sounds_like_one(text):
    assert read(text) is Sound.COMPLAINT


@pytest.mark.parametrize("text", NEITHER)
def test_the_rest_sounds_like_neither(text):
    assert read(text) is Sound.NONE


def test_ten_thousand_letters_are_read_at_once():
    assert read("left you a " * 2000) is Sound.NONE
    assert read("a" * 10_000) is Sound.NONE


def test_nothing_but_the_pages_of_the_inbox_knows_what_words_sound_like():
    """R1, R2: what decides whom we ask, and which link they get, cannot know."""
    knowing = {named(path) for path in HOUSE if imports(path, "campaigns.sounds")}
    assert knowing == {"campaigns/web/inbox/lists.py", "campaigns/web/inbox/threads.py"}
