"""Everything about one person as a file for them (D1, S57)."""

import json
import zipfile

from campaigns import person
from tests.cast import make_customer
from tests.person.canaries import CANARIES, NUMBER, whole_life


def read(customer, clock):
    with person.as_zip(person.Whose.of(customer), clock()) as packed, zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        return json.loads(archive.read("person.json")), names, archive.read("person.json").decode()


def test_every_word_of_theirs_is_in_the_file(ada, sandbox, clock):
    her, _ = whole_life(ada, sandbox, clock)
    facts, names, text = read(her, clock)
    missing = [word for word in CANARIES if word not in text and word != "555-0187"]
    assert missing == []
    assert {"messages", "deliveries", "opened_links", "events_from_chert", "rows_of_lists", "acts", "profiles"} < set(
        facts
    )
    assert len([name for name in names if name.startswith("pictures/")]) == 3


def test_a_message_is_told_with_its_words_as_they_went_and_each_try(ada, sandbox, clock):
    her, _ = whole_life(ada, sandbox, clock)
    facts, _, _ = read(her, clock)
    ask = next(each for each in facts["messages"] if each["kind"] == "Picture, text and link")
    assert ask["exact_request"]
    assert ask["tries"][-1]["outcome"] == "Accepted"
    assert any(each["delivered"] and each["read"] for each in facts["messages"])
    assert {"from": "the customer"}.items() <= next(m for m in facts["messages"] if "plumcake" in m["words"]).items()


def test_nobody_else_is_in_the_file(ada, rival, sandbox, clock):
    make_customer(rival.business, phone=NUMBER, first_name="Mallory", last_name="Rivalcustomer")
    her, _ = whole_life(ada, sandbox, clock)
    _, _, text = read(her, clock)
    assert "Rivalcustomer" not in text
    assert "Torvald" not in text
