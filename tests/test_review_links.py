"""Which addresses customers may be sent to, and which never."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import review_links

PLACE = "ChIJN1t_tDeuEmsRUsoyG83frY4"
CANONICAL = f"https://search.google.com/local/writereview?placeid={PLACE}"

#: What somebody pastes → the canonical address of the place.
NAMES_THE_PLACE = [
    PLACE,
    f"  {PLACE}\n",
    CANONICAL,
    f"{CANONICAL}&rating=5&hl=en#x",
    f"search.google.com/local/writereview?placeid={PLACE}",
    f"https://search.google.com/local/reviews?placeid={PLACE}",
    f"https://www.google.com/maps?q=place_id:{PLACE}",
    f"https://www.google.com/maps/search/?api=1&query=x&query_place_id={PLACE}",
]

GOOD_AS_THEY_ARE = [
    ("https://g.page/r/CabcDEF12_-9EBM/review", "https://g.page/r/CabcDEF12_-9EBM/review"),
    ("g.page/r/Cabc/review", "https://g.page/r/Cabc/review"),
    ("HTTPS://G.Page/r/Cabc/review/", "https://g.page/r/Cabc/review"),
    ("https://g.page/r/Cabc/review?rating=5#top", "https://g.page/r/Cabc/review"),
    ("https://g.page/r/Cabc/review?q=five+stars", "https://g.page/r/Cabc/review"),
]

BETTER_ONES_EXIST = [
    ("https://g.page/texas-prime/review", "old form"),
    ("https://g.page/texas-prime/reviews", "old form"),
    ("https://g.page/r/Cabc", "opens the place"),
    ("https://maps.app.goo.gl/AbC123", "opens the place"),
    ("https://maps.google.com/?cid=1234567890", "opens the place"),
    ("https://www.google.com/maps/place/Texas+Prime/@30.2,-97.7,17z/data=!3m1?entry=ttu", "opens the place"),
]

REFUSED = [
    ("", "no review address"),
    ("our website", "space"),
    ("hello", "https://"),
    ("http://g.page/r/Cabc/review", "https://"),
    ("javascript:alert(1)", "https://"),
    ("data:text/html,x", "https://"),
    ("//g.page/r/Cabc/review", "https://"),
    ("https:g.page/r/Cabc/review", "not a web address"),
    ("https://[bad", "not a web address"),
    ("https://g.page.evil.com/r/x/review", "g.page.evil.com"),
    (f"https://search.google.com.evil.com/local/writereview?placeid={PLACE}", "evil.com"),
    ("https://evil-g.page/r/x/review", "evil-g.page"),
    (f"https://evil.search.google.com/local/writereview?placeid={PLACE}", "evil.search"),
    ("https://g.page./r/x/review", "g.page."),
    ("https://google.com/maps/place/x", "google.com"),
    ("https://www.yelp.com/biz/x", "yelp"),
    ("https://bit.ly/3abc", "bit.ly"),
    ("https://evil.com@g.page/r/x/review", "@"),
    ("https://g.page@evil.com/r/x/review", "@"),
    ("https://g.page:8443/r/x/review", "port"),
    ("https://g.page:/r/x/review", "port"),
    ("https://ɡ.page/r/x/review", "xn--"),
    ("https://gооgle.com/maps", "xn--"),
    ("https://xn--ggle-55da.com/maps", "looks like"),
    ("https://142.250.1.1/maps", "number of a computer"),
    ("https://2398814977/maps", "number of a computer"),
    ("https://0x7f000001/maps", "number of a computer"),
    ("https://[::1]/maps", "number of a computer"),
    ("https://g.page\\@evil.com/r/x/review", "backslash"),
    ("https://g.page/r/x/review\u200b", "invisible"),
    ("https://g.page/r/x\t/review", "space"),
    ("https://search.google.com/local/writereview", "does not lead to a review"),
    ("https://search.google.com/local/writereview?placeid=a%20b", "does not lead to a review"),
    ("https://www.google.com/search?q=texas+prime", "does not lead to a review"),
    ("https://www.google.com/url?q=https://evil.com", "does not lead to a review"),
    ("https://maps.google.com/url?q=https://evil.com", "does not lead to a review"),
    ("https://www.google.com/maps/url?q=https://evil.com", "does not lead to a review"),
    ("https://www.google.com/mapsevil", "does not lead to a review"),
    ("https://www.google.com/maps/../url?q=https://evil.com", "detour"),
    ("https://www.google.com/maps/%2e%2e/url?q=https://evil.com", "detour"),
    ("https://www.google.com/maps//evil.com", "detour"),
    ("https://www.google.com/maps/%2E%2E/url?q=https://evil.com", "detour"),
    ("https://www.google.com/maps/..%2furl?q=https://evil.com", "detour"),
    ("https://www.google.com/maps/..%5Curl?q=https://evil.com", "detour"),
    ("https://www.google.com/maps/./place/x", "detour"),
    (f"https://www.google.com/search?placeid={PLACE}", "does not lead to a review"),
    ("https://g.page/r/" + "x" * 700 + "/review", "longer than"),
]


def test_the_address_is_built_from_the_place_id():
    assert review_links.from_place_id(f" {PLACE} ") == CANONICAL


def test_a_place_id_may_be_long_and_begin_otherwise():
    assert review_links.from_place_id("Eic" + "a1_-" * 30).endswith("a1_-")
    assert review_links.from_place_id("a" * 20).endswith("a" * 20)


@pytest.mark.parametrize(
    "text", ["", "short", "a" * 19, PLACE + "/", PLACE + "&x=1", "Ch IJN1t_tDeuEmsRUsoyG83frY4", "é" * 25, "a" * 1000]
)
def test_what_is_no_place_id_is_refused(text):
    with pytest.raises(review_links.BadReviewLink):
        review_links.from_place_id(text)


@pytest.mark.parametrize("pasted", NAMES_THE_PLACE)
def test_a_place_named_anywhere_becomes_the_canonical_address(pasted):
    assert review_links.check(pasted) == review_links.ReviewLink(CANONICAL)


@pytest.mark.parametrize(("pasted", "url"), GOOD_AS_THEY_ARE)
def test_the_profiles_own_link_is_accepted_without_its_query(pasted, url):
    assert review_links.check(pasted) == review_links.ReviewLink(url)


@pytest.mark.parametrize(("pasted", "warning"), BETTER_ONES_EXIST)
def test_other_forms_are_accepted_with_a_warning(pasted, warning):
    link = review_links.check(pasted)
    assert warning in (link.warning or "")
    assert "Ask for reviews" in (link.warning or "")


@pytest.mark.parametrize(("pasted", "reason"), REFUSED)
def test_every_other_address_is_refused_with_the_reason(pasted, reason):
    with pytest.raises(review_links.BadReviewLink) as refusal:
        review_links.check(pasted)
    assert reason in refusal.value.sentence


def test_no_rating_travels_in_an_address():
    kept = review_links.check("https://www.google.com/maps?cid=12&rating=5&stars=5&q=Texas+Prime").url
    assert kept == "https://www.google.com/maps?cid=12&q=Texas+Prime"


@given(
    st.text(max_size=80) | st.from_regex(r"https://[a-z.@:/\\]{1,20}google\.com[/.@][a-z/?=:.@]{0,20}", fullmatch=True)
)
def test_whatever_is_accepted_leads_to_one_of_five_hosts(pasted):
    try:
        url = review_links.check(pasted).url
    except review_links.BadReviewLink:
        return
    host = url.removeprefix("https://").partition("/")[0]
    assert host in {"search.google.com", "g.page", "maps.app.goo.gl", "maps.google.com", "www.google.com"}
    assert review_links.check(url).url == url
