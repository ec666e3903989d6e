"""Who may do what: every address × every role, by real requests, against a table of its own (S14)."""

import re
from collections.abc import Callable
from itertools import product

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import is_valid_path, resolve, reverse
from django.utils import timezone

from campaigns import front_desk, roles
from campaigns.models import Allowance, Business, Membership
from campaigns.roles import Action, Reach, Rights, Role
from tests.isolation.answers import read
from tests.isolation.lives import Life, one_life
from tests.isolation.rules import OURS, RULES, address

#: How somebody signs in is for whoever has signed in, and never for a PIN.
OWN_SIGN_IN = (
    *("you", "prove", "prove_options", "passphrase", "app_add", "app_remove", "new_codes", "passkey_add"),
    *("passkey_remove", "address", "address_verify", "session_end", "sessions_end"),
)
#: The lowest role that gets in, by page.  Written down a second time on purpose: the first is what is tested.
LOWEST: dict[str, tuple[str, ...]] = {
    "viewer": (
        *("dashboard", "dashboard_running", "switch_business", "campaigns", "campaign", "campaign_live"),
        *("campaign_results", "campaign_pictures", "campaign_picture", "campaign_sheet", "delivery_row"),
        *("delivery_picture", "delivery_thumbnail", "customers", "customer", "customer_households", "cards", "card"),
        *("card_versions", "card_preview", "card_starter", "card_letters", "photo_file", "logo_file", "inbox"),
        *("inbox_live", "inbox_unread", "inbox_mark", "conversation", "results", "results_csv", "locations"),
        *("location_choice", "link_kit", "link_kit_code_svg", "link_kit_code_png", "link_kit_card_png"),
        *("link_kit_card_pdf", "own_pin"),
        *OWN_SIGN_IN,
    ),
    "sender": (
        *("campaign_new", "campaign_preview", "campaign_audience", "campaign_preview_picture", "campaign_edit"),
        *("campaign_draft_preview", "campaign_draft_audience", "campaign_throw_away", "campaign_call_all"),
        *("campaign_as_stored", "campaign_call", "campaign_leave_out", "campaign_put_back", "campaign_check"),
        *("campaign_dry_run", "campaign_dry_run_pictures", "campaign_test", "campaign_test_latest", "tested"),
        *("campaign_start", "campaign_pause", "campaign_resume", "campaign_go_on_unheard", "campaign_cancel"),
        *("campaign_rest", "campaign_today", "campaign_undo", "campaign_no_reminders", "campaign_csv"),
        *("delivery_arrived", "delivery_resend", "customers_bulk", "customer_new", "household_join"),
        *(
            "household_dissolve",
            "household_leave",
            "household_apart",
            "household_again",
            "customer_edit",
            "customer_ask",
        ),
        *("customer_likely", "customer_stop", "customer_insider", "customer_reviewed", "customer_served"),
        *("customer_call", "customer_as_stored", "customer_resume", "customer_join", "customers_csv", "imports"),
        *("import_upload", "import_columns", "import_review", "import_mend", "import_progress", "import_done"),
        *("import_undo", "import_rejected", "card_new", "card_draw", "card_notes", "card_save", "card_settle"),
        *("card_form", "card_photo", "card_bring_back", "card_copy", "card_delete", "conversation_answer"),
        *("conversation_typing", "conversation_read", "conversation_assign", "conversation_done"),
        *("conversation_stop", "conversation_tapback", "answer_now", "answer_back", "answer_arrived"),
        *("answer_again", "reviews", "review_decide"),
    ),
    "manager": (
        *("customer_export", "customer_erase", "customer_erased", "quick_answers", "quick_answers_receipts"),
        *("quick_answer", "quick_answer_remove", "settings", "settings_logo", "settings_logo_remove"),
        *("settings_lines", "settings_brakes", "settings_line_release", "settings_test", "settings_connect"),
        *("api_tokens", "api_token_revoke", "webhooks", "webhook", "webhook_resume", "webhook_remove"),
        *("webhook_secret", "webhook_end_old", "activity", "activity_csv"),
        *("webhook_replay", "people", "person_role", "person_locations", "person_remove", "invitation_withdraw"),
        *("front_desks", "front_desk_end", "location_new"),
    ),
    "owner": (
        "settings_second_step",
        "settings_keeping",
        "settings_key",
        "settings_line_add",
        "system",
        "system_live",
        "close",
        "close_keep",
    ),
}
#: What nobody does with a PIN, of what a sender may: files that leave the house, and the PIN itself.
NOT_BY_PIN = {"campaign_dry_run", "campaign_dry_run_pictures", "campaign_csv", "customers_csv", "import_rejected"} | {
    "own_pin",
    *OWN_SIGN_IN,
}
#: What concerns the whole account, so that it is not for whoever sees some of its locations only.
WHOLE = {
    *("customer_export", "customer_erase", "customer_erased", "quick_answers", "quick_answers_receipts"),
    *("quick_answer", "quick_answer_remove", "settings_brakes", "api_tokens", "api_token_revoke", "webhooks"),
    *("webhook", "webhook_resume", "webhook_remove", "webhook_replay", "people", "person_role"),
    *("webhook_secret", "webhook_end_old", "activity", "activity_csv"),
    *("person_locations", "person_remove", "invitation_withdraw", "location_new", *LOWEST["owner"]),
}
NEEDED = {name: role for role, names in LOWEST.items() for name in names}
ORDER = ("viewer", "sender", "manager", "owner")


@pytest.fixture
def life(ada, sandbox, clock) -> Life:
    return one_life(ada, sandbox, clock)


def refused(client: Client, life: Life, method: str, name: str) -> bool | None:
    """Is this page, with something of one’s own, refused?  Nothing is really done.  None: another method."""
    [route] = [each for each in OURS if each.name == name]
    cookies = client.cookies.copy()
    with transaction.atomic():
        Allowance.objects.all().delete()
        answer = getattr(client, method)(address(route, life.ids))
        read(answer)
        transaction.set_rollback(True)
    client.cookies = cookies
    assert answer.status_code != 302 or not answer["Location"].startswith(reverse("sign_in")), name
    return None if answer.status_code == 405 else answer.status_code == 403


def astray(client: Client, life: Life, is_closed: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Pages that are open where they should be closed, or the other way round."""
    cells = product(NEEDED, ("get", "post"))
    return [(name, m) for name, m in cells if refused(client, life, m, name) not in (None, is_closed(name))]


def is_above(role: str, name: str) -> bool:
    return ORDER.index(role) < ORDER.index(NEEDED[name])


def test_every_page_stands_in_the_table_once():
    written = [name for names in LOWEST.values() for name in names]
    assert sorted(written) == sorted(name for name, rule in RULES.items() if not rule.is_public)


@pytest.mark.parametrize("role", ORDER)
def test_each_role_gets_in_where_the_table_says_and_nowhere_else(life, client, role):
    client.force_login(life.owner.user)
    Membership.objects.update(role=role)
    assert astray(client, life, lambda name: is_above(role, name)) == []


@pytest.mark.parametrize("role", ["viewer", "owner"])
def test_with_a_pin_one_does_what_a_sender_does_at_most(life, client, role):
    unlock(client, life)
    Membership.objects.update(role=role)
    lower = min(role, "sender", key=ORDER.index)
    assert astray(client, life, lambda name: is_above(lower, name) or name in NOT_BY_PIN) == []


def test_who_sees_some_locations_only_does_nothing_that_concerns_the_whole_account(life, client):
    Membership.objects.update(role="manager")
    Membership.objects.get().locations.set([life.owner.business])
    client.force_login(life.owner.user)
    assert astray(client, life, lambda name: is_above("manager", name) or name in WHOLE) == []


def unlock(client: Client, life: Life) -> None:
    """Ada marks her device, and unlocks it with her PIN."""
    member = Membership.objects.get(user=life.owner.user)
    front_desk.keep_pin(member, "83512")
    client.force_login(life.owner.user)
    client.post(reverse("front_desks"), {"name": "Counter"})
    answer = client.post(reverse("front_desk"), {"member": member.pk, "pin": "83512"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("dashboard"))


#: Where a page leads: links, forms, and what htmx asks for.
LEADS = re.compile(r'\b(?:href|action|formaction|hx-get|hx-post)="(/[^"#?]*)')


def offered(client: Client, life: Life, role: str) -> set[tuple[str, str]]:
    """From which page to which door, where the door is shut to this role."""
    found = set()
    for route in OURS:
        if route.name not in NEEDED or is_above(role, route.name):
            continue
        answer = client.get(address(route, life.ids))
        read(answer)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            doors = {resolve(path).url_name or "" for path in LEADS.findall(answer.content.decode()) if is_ours(path)}
            found |= {(route.name, door) for door in doors if door in NEEDED and is_above(role, door)}
    return found


def is_ours(path: str) -> bool:
    return not path.startswith("/static/") and is_valid_path(path)


@pytest.mark.parametrize("role", ["viewer", "sender", "manager"])
def test_no_page_offers_what_its_reader_may_not_do(life, client, role):
    """The account stands still, too: then most pages say what is to be done."""
    client.force_login(life.owner.user)
    Membership.objects.update(role=role)
    life.owner.organization.pause("key", "Chert does not accept the key.", timezone.now())
    assert offered(client, life, role) == set()


# --- the table itself -----------------------------------------------------------------------------------------------


def test_a_higher_role_may_whatever_a_lower_one_may():
    for action in Action:
        may = [action in Rights(role) for role in roles.RANKS]
        assert may == sorted(may, reverse=True), action


def test_nothing_above_a_sender_goes_by_pin():
    assert {action.lowest for action in Action if action.reach is Reach.EVERYWHERE} <= {Role.SENDER, Role.VIEWER}


def test_every_act_in_the_table_is_asked_for_somewhere():
    files = [each for folder in ("campaigns", "reviews") for each in (settings.ROOT / folder).rglob("*.py")]
    told = "".join(path.read_text() for path in files)
    assert [action.name for action in Action if f"Action.{action.name}" not in told] == []


def test_templates_ask_for_acts_that_there_are():
    asked = set()
    for path in (settings.ROOT / "templates").rglob("*.html"):
        asked |= set(re.findall(r"request\.may\.(\w+)", path.read_text()))
    assert asked
    assert asked <= {action.name.lower() for action in Action}


def test_the_settings_show_the_table_as_it_is(desk, ada):
    Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")
    page = desk.get(reverse("people")).content.decode()
    for action, allowed in roles.table():
        row = page.split(action.sentence)[1].split("</tr>")[0]
        assert ("with a PIN" in row, "only who sees all" in row) == (action.is_by_pin, action.is_whole)
        assert [cell.count('aria-label="Yes"') for cell in row.split("<td>")[1:]] == list(map(int, allowed))


# --- at once --------------------------------------------------------------------------------------------------------


def test_a_lowered_role_counts_at_the_next_click(desk, ada):
    assert desk.get(reverse("settings")).status_code == 200
    Membership.objects.update(role="sender")
    assert desk.get(reverse("settings")).status_code == 403
    assert desk.get(reverse("campaign_new")).status_code == 200


def test_the_navigation_offers_no_door_that_is_closed(desk, ada):
    Membership.objects.update(role="viewer")
    page = desk.get("/").content.decode()
    assert reverse("settings") not in re.findall(r'href="([^"]+)"', page)
