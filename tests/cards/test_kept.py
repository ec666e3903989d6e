"""What a process keeps of drawn cards is bounded in bytes, whatever is drawn."""

import random
from concurrent.futures import ThreadPoolExecutor

from campaigns.cards import drawing, layers, lettering, render
from campaigns.cards.kept import ENTRY, Kept

from .designs import WORDS, box, card, flat_photo, forget

LARGEST = flat_photo(size=(2160, 2160))
HINDI = "अआइकखगघचछजझटठडढणतथदधन"


def largest(text="{first_name}", **changes):
    whole = box(text, x=0, y=0, width=2160, height=2160, **changes)
    return card(whole, photo=LARGEST, width=2160, height=2160)


def test_the_longest_unused_goes_first():
    kept = Kept(2 * ENTRY + 25, len)
    kept.keep("a", "x" * 10)
    kept.keep("b", "x" * 10)
    assert kept.get("a") == "x" * 10
    kept.keep("c", "x" * 10)
    assert (kept.get("b"), len(kept), kept.size) == (None, 2, 2 * ENTRY + 20)


def test_what_is_too_heavy_is_handed_out_and_not_kept():
    kept = Kept(1000, len)
    assert kept.made("a", lambda: "x" * 2000) == "x" * 2000
    assert (len(kept), kept.size) == (0, 0)


def test_the_same_again_is_counted_once():
    kept = Kept(10_000, len)
    for length in (10, 20, 30):
        kept.keep("a", "x" * length)
    assert kept.size == 30 + ENTRY


def test_many_threads_keep_the_count_right():
    kept = Kept(20 * ENTRY, len)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: kept.made(n % 37, lambda: "x" * (n % 37)), range(4000)))
    assert kept.size == sum(len(kept.get(key) or "") + ENTRY for key in range(37) if kept.get(key) is not None)


def test_customers_on_whose_card_nothing_fits_take_room_as_well():
    forget()
    for number in range(20):
        render(card(box(width=1, height=1)), {**WORDS, "first_name": f"N{number}"})
    assert drawing._bands.size == 20 * ENTRY


def test_large_panels_in_many_colours_do_not_fill_the_memory():
    for number in range(6):
        render(largest("x {first_name}", effect="panel", effect_colour=f"#00000{number}"), WORDS)
    assert layers._inks.size <= layers.MOST_INK_BYTES
    assert layers._panels.size <= layers.MOST_PANEL_BYTES


def test_large_letters_do_not_fill_the_memory():
    for size in range(400, 600, 10):
        render(largest(size=size), {"first_name": "GWQÅ"})
    assert 0 < lettering._large_letters.size <= lettering.MOST_LARGE_BYTES
    assert lettering._usual_letter.cache_info().maxsize * lettering.LARGE**2 < 60_000_000


def test_large_joined_names_do_not_fill_the_memory():
    chance = random.Random(1)
    for size in range(500, 600, 2):
        render(largest(size=size), {"first_name": "".join(chance.sample(HINDI, 6))})
    assert 0 < lettering._shaped_runs.size <= lettering.MOST_SHAPED_BYTES
