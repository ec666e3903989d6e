"""Settings → Activity: who did what, when, from where and for which location; and nobody takes a line back (S50)."""

import csv
import io

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import launch, person, replies
from campaigns.models import ApiToken, AuditEntry, Business, Customer, Membership, Organization
from campaigns.models.ledger import AppendOnly, network
from campaigns.web import activity
from tests.cast import heard_from, make_campaign, make_customer, only_delivery, walk_to_the_end
from tests.web.test_programs import HOOK, TOKEN

PAGE, FILE = reverse("activity"), reverse("activity_csv")


def text(answer):
    return answer.content.decode()


def acts(**only):
    return list(AuditEntry.objects.filter(**only).order_by("pk").values_list("act", flat=True))


# --- the page -------------------------------------------------------------------------------------------------------


def test_before_anything_was_done_the_page_says_so(desk):
    assert "Nothing was done yet." in text(desk.get(PAGE))


def test_it_says_who_when_what_about_whom_from_where_and_for_which_location(desk, ada, grace):
    desk.post(reverse("customer_stop", args=[grace.pk]), REMOTE_ADDR="203.0.113.77")
    page = text(desk.get(PAGE))
    for said in ("Stop", f"Customer {grace.pk}", "Ada", "203.0.113.0/24", "Ada&#x27;s Bakery", "12:00"):
        assert said in page
    assert "203.0.113.77" not in page


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:aaaa:bbbb::7", "2001:db8:aaaa::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_of_an_address_no_more_than_its_network_is_kept(address, kept):
    assert network(address) == kept


def test_what_the_clock_does_comes_from_nowhere_and_belongs_to_its_location(ada, campaign, sandbox, clock):
    walk_to_the_end(clock)
    replies.stop(only_delivery(campaign).customer, "Wrote STOP", None, clock())
    kept = AuditEntry.objects.get(act="stop")
    assert (kept.network, kept.by, kept.business) == ("", None, ada.business)


def test_it_is_read_fifty_at_a_time_by_the_last_line_seen(desk, ada):
    AuditEntry.objects.bulk_create(AuditEntry.line(ada.organization, "stop", f"line {n}", ada.user) for n in range(120))
    seen, address = [], PAGE
    while address:
        page = text(desk.get(address))
        seen += [line.split("<")[0] for line in page.split("<bdi>Line ")[1:]]
        found = page.split('<a class="button soft push" href="?')
        address = f"{PAGE}?{found[1].split(chr(34))[0]}" if len(found) > 1 else ""
    assert seen == [str(n) for n in reversed(range(120))]


def test_a_page_asks_as_much_for_many_lines_as_for_few(desk, ada, django_assert_num_queries):
    def asked():
        with connection.execute_wrapper(lambda execute, *what: queries.append(what[0]) or execute(*what)):
            desk.get(PAGE)
        return len(queries)

    queries: list[str] = []
    AuditEntry.write(ada.organization, "stop", "one", ada.user)
    few = asked()
    AuditEntry.objects.bulk_create(AuditEntry.line(ada.organization, "stop", "x", ada.user) for _ in range(60))
    queries.clear()
    assert asked() == few


def test_it_is_narrowed_by_kind_and_by_person(desk, ada, grace):
    other = type(ada.user).objects.create_user("linus@example.com", first_name="Linus")
    AuditEntry.write(ada.organization, "stop", grace, None)
    AuditEntry.write(ada.organization, "launch", "spring", other)
    AuditEntry.write(ada.organization, "a new kind of act", "x", ada.user)

    def shown(query):
        return [entry.act for entry in desk.get(f"{PAGE}?{query}").context["acts"]]

    assert shown("kind=stops") == shown("by=nobody") == ["stop"]
    assert shown(f"by={other.pk}") == shown(f"kind=sending&by={other.pk}") == ["launch"]
    assert shown("kind=other") == ["a new kind of act"]
    assert shown("kind=stops&by=999") == []
    assert len(shown("kind=%27;DROP&by=x&before=y")) == 3


def test_somebody_who_left_can_still_be_chosen(desk, ada):
    gone = type(ada.user).objects.create_user("linus@example.com", first_name="Linus")
    AuditEntry.write(ada.organization, "launch", "spring", gone)
    assert "Linus" in text(desk.get(PAGE))


def test_nothing_of_another_account_is_there(client, ada, rival, desk):
    AuditEntry.write(rival.organization, "launch", "their campaign", rival.user, "secretcanary")
    for address in (PAGE, FILE, f"{PAGE}?by={rival.user.pk}"):
        answer = desk.get(address)
        whole = b"".join(answer.streaming_content).decode() if answer.streaming else text(answer)
        assert "secretcanary" not in whole
        assert rival.user.email not in whole


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("manager", 200), ("sender", 403), ("viewer", 403)])
def test_it_is_for_managers_and_owners(desk, role, status):
    Membership.objects.update(role=role)
    assert [desk.get(address).status_code for address in (PAGE, FILE)] == [status, status]


# --- the file -------------------------------------------------------------------------------------------------------


def read(answer):
    whole = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(whole)))


def test_the_file_holds_every_line_and_taking_it_out_is_one_more(desk, ada, grace):
    AuditEntry.write(ada.organization, "stop", grace, ada.user, "Asked us to")
    rows = read(desk.get(FILE))
    assert [row["What"] for row in rows] == ["export activity", "stop"]
    assert rows[1] | {"Network": ""} == {
        "When (UTC)": timezone.now().isoformat(timespec="seconds"),
        "Who": "Ada's",
        "E-mail": ada.user.email,
        "What": "stop",
        "About": f"customer {grace.pk}",
        "Words": "Asked us to",
        "Location": "Ada's Bakery",
        "Network": "",
    }


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_of_the_file_can_become_a_formula(desk, ada, formula):
    AuditEntry.write(ada.organization, "stop", formula, ada.user, formula)
    row = read(desk.get(FILE))[1]
    assert (row["About"], row["Words"]) == (f"'{formula}", f"'{formula}")


def test_the_file_is_narrowed_as_the_page_is(desk, ada, grace):
    AuditEntry.write(ada.organization, "stop", grace, ada.user)
    AuditEntry.write(ada.organization, "launch", "spring", ada.user)
    assert [row["What"] for row in read(desk.get(f"{FILE}?kind=stops"))] == ["stop"]


# --- only ever added to ---------------------------------------------------------------------------------------------


@pytest.fixture
def entry(ada, grace):
    AuditEntry.write(ada.organization, "stop", grace, ada.user, "Their words")
    return AuditEntry.objects.get()


def test_the_model_changes_and_removes_nothing(entry):
    entry.words = "others"
    for act in (entry.save, entry.delete, AuditEntry.objects.all().delete, lambda: AuditEntry.objects.update(act="x")):
        with pytest.raises(AppendOnly):
            act()
    assert AuditEntry.objects.get().words == "Their words"


CHANGES = [
    "UPDATE campaigns_auditentry SET words = 'others'",
    "UPDATE campaigns_auditentry SET words = ''",
    "UPDATE campaigns_auditentry SET act = 'launch'",
    "UPDATE campaigns_auditentry SET about = 'customer 0'",
    "UPDATE campaigns_auditentry SET at = '2020-01-01 00:00:00'",
    "UPDATE campaigns_auditentry SET network = '10.0.0.0/24'",
    "UPDATE campaigns_auditentry SET by_id = {other}",
    "UPDATE campaigns_auditentry SET organization_id = {rival}",
    "UPDATE campaigns_auditentry SET words = '█', act = 'x'",
    "DELETE FROM campaigns_auditentry",
    "DELETE FROM campaigns_auditentry WHERE id > 0",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_itself_refuses_whatever_would_change_or_remove_a_line(entry, rival, statement):
    before = AuditEntry.objects.values().get()
    filled = statement.format(other=rival.user.pk, rival=rival.organization.pk)
    with pytest.raises(IntegrityError, match="only ever added to"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(filled)
    assert AuditEntry.objects.values().get() == before


def test_postgresql_does_not_empty_the_table_at_once(entry):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite knows no TRUNCATE")
    with pytest.raises(IntegrityError, match="only ever"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE campaigns_auditentry")
    assert AuditEntry.objects.count() == 1


def test_an_erasure_may_mask_what_was_said_about_somebody(entry, grace, ada, clock):
    person.ask(grace, ada.user, clock())
    person.work(clock())
    kept = AuditEntry.objects.get(pk=entry.pk)
    assert (kept.act, kept.words, kept.by) == ("stop", "█", ada.user)


def test_who_left_becomes_nobody_and_so_does_a_location_that_is_gone(entry, ada):
    Business.objects.create(organization=ada.organization, name="Gone", slug="gone", sender="Ada")
    gone = Business.objects.get(slug="gone")
    AuditEntry.write(ada.organization, "change settings", gone, ada.user)
    gone.delete()
    ada.user.delete()
    assert list(AuditEntry.objects.order_by("pk").values_list("by", "business")) == [
        (None, ada.business.pk),
        (None, None),
    ]


def test_an_account_takes_its_book_with_it_and_nobody_elses(entry, rival, ada):
    AuditEntry.write(rival.organization, "launch", "x", rival.user)
    made = Organization.objects.create(name="Short", slug="short")
    AuditEntry.write(made, "provision", "x", None)
    made.delete()
    assert acts() == ["stop", "launch"]


# --- what leaves a line ---------------------------------------------------------------------------------------------


def _post(name, *args, **data):
    return lambda desk, world: desk.post(reverse(name, args=[world[each] for each in args]), data)


def _get(name, *args):
    return lambda desk, world: b"".join(desk.get(reverse(name, args=[world[each] for each in args])))


#: S50, each by the door a person uses: the act, and how it is done.
LEAVES = {
    "change key": _post("settings_key", secret="00112233445566778899aabbccddeeff", tenant=""),
    "launch": lambda desk, world: world["launch"](),
    "pause": _post("campaign_pause", "running"),
    "cancel": _post("campaign_cancel", "running"),
    "stop": _post("customer_stop", "customer"),
    "export customers": _get("customers_csv"),
    "export customer": lambda desk, world: b"".join(desk.post(reverse("customer_export", args=[world["customer"]]))),
    "export campaign": _get("campaign_csv", "running"),
    "export activity": _get("activity_csv"),
    "erase": lambda desk, world: world["erase"](),
    "make API token": lambda desk, world: desk.post(reverse("api_tokens"), TOKEN),
    "revoke API token": _post("api_token_revoke", "token"),
    "add webhook": lambda desk, world: desk.post(reverse("webhooks"), HOOK),
    "change lines": lambda desk, world: world["lines"](),
    "change brakes": _post("settings_brakes", least_replies=20, enough_to_judge=20),
    "keep words for": _post("settings_keeping", keeps_days=395),
    "read receipts": _post("quick_answers_receipts"),
    "assign conversation": lambda desk, world: world["assign"](),
    "refused": lambda desk, world: world["refused"](),
}


@pytest.fixture
def world(desk, ada, grace, campaign, sandbox, clock):
    talk = heard_from(sandbox, clock, campaign)
    make_customer(ada.business, 8)
    running = make_campaign(ada, name="Running")
    launch.launch(running, ada.user, clock())
    draft, token = make_campaign(ada, name="Next"), ApiToken.make(ada.organization, "Till", [], ada.user)[0]
    someone = make_customer(ada.business, 7)

    def erase():
        person.ask(someone, ada.user, clock())
        person.work(clock())

    def refused():
        Membership.objects.update(role="viewer")
        desk.post(reverse("campaign_pause", args=[campaign.pk]))

    def lines():
        form = desk.get(reverse("settings")).context["lines_form"]
        desk.post(reverse("settings_lines"), {form[name].html_name: "20" for name in form.fields})

    return {
        "running": running.pk,
        "customer": grace.pk,
        "token": token.pk,
        "launch": lambda: launch.launch(draft, ada.user, clock()),
        "erase": erase,
        "refused": refused,
        "lines": lines,
        "assign": lambda: desk.post(reverse("conversation_assign", args=[talk.pk]), {"to": ada.user.pk}),
    }


@pytest.mark.parametrize("act", LEAVES)
def test_it_leaves_a_line(desk, world, ada, act):
    before = AuditEntry.objects.filter(act=act).count()
    LEAVES[act](desk, world)
    kept = AuditEntry.objects.filter(act=act).order_by("-pk")
    assert kept.count() == before + 1
    assert (kept[0].organization, kept[0].by) == (ada.organization, ada.user)
    assert kept[0].business == ada.business
    Membership.objects.update(role="owner")
    assert f"{act[0].upper()}{act[1:]}" in text(desk.get(PAGE))


def test_every_act_of_that_list_has_a_kind():
    assert LEAVES.keys() - activity.KNOWN - {"assign conversation"} == set()


def test_who_asks_again_and_again_for_what_is_not_theirs_fills_no_book(desk, ada, campaign, clock):
    Membership.objects.update(role="viewer")
    for _ in range(5):
        desk.post(reverse("campaign_pause", args=[campaign.pk]))
    assert acts(act="refused") == ["refused"]
    desk.post(reverse("campaign_cancel", args=[campaign.pk]))
    clock.go(seconds=61)
    desk.post(reverse("campaign_pause", args=[campaign.pk]))
    assert list(AuditEntry.objects.filter(act="refused").values_list("about", flat=True)) == [
        "page campaign_pause",
        "page campaign_cancel",
        "page campaign_pause",
    ]


def test_a_form_without_its_token_is_no_refusal_of_a_role(ada, campaign):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    assert strict.post(reverse("campaign_pause", args=[campaign.pk])).status_code == 403
    assert acts(act="refused") == []


def test_a_refusal_stays_a_refusal_when_it_cannot_be_written_down(desk, ada, campaign, monkeypatch):
    def broken(*_):
        raise IntegrityError("full")

    monkeypatch.setattr(AuditEntry, "write", broken)
    Membership.objects.update(role="viewer")
    assert desk.post(reverse("campaign_pause", args=[campaign.pk])).status_code == 403


def test_no_whole_number_of_a_customer_stands_in_the_book(ada, world, desk):
    for act in LEAVES.values():
        act(desk, world)
    said = " ".join(f"{entry.about} {entry.words}" for entry in AuditEntry.objects.all())
    assert [each.phone for each in Customer.objects.all() if each.phone in said] == []
