"""The one table of what another tenant's ids may do at each address: nothing.

An address that is not in here fails the tests (G15): say what its ids stand for, or that it is for everybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Rule:
    """What stands in the address, by the name it has there; who is not signed in sees a page that is for everybody."""

    ids: Mapping[str, str] = field(default_factory=dict)
    is_public: bool = False


OWN, PUBLIC = Rule(), Rule(is_public=True)


def _of(kind: str, *names: str, **more: str) -> dict[str, Rule]:
    return dict.fromkeys(names, Rule({"pk": kind} | more))


RULES: dict[str, Rule] = {
    # For whoever has the link, the code or the secret; none of them knows who is signed in.
    **dict.fromkeys(("sign_in", "sign_in_link", "sign_out", "open_link", "short_link", "chert_webhook"), PUBLIC),
    **dict.fromkeys(("account_login", "sign_in_passkey", "mfa_authenticate", "forgotten"), PUBLIC),
    **dict.fromkeys(("account_confirm_email", "account_reset_password_from_key"), PUBLIC),
    "customers/compare/": PUBLIC,  # leads to the page that took its place
    **dict.fromkeys(("join", "join_link", "front_desk", "front_desk_lock"), PUBLIC),
    # The description of the API, which holds nothing of anybody; and an address under /api/ that nobody has.
    **dict.fromkeys(("api_openapi", "api_reference", r"^api(?:/[\s\S]*)?\Z"), PUBLIC),
    # Pages without an id: they show what belongs to the chosen business.
    **dict.fromkeys(("dashboard", "dashboard_running", "switch_business", "system", "system_live"), OWN),
    **dict.fromkeys(("campaigns", "campaign_new", "campaign_preview", "campaign_audience"), OWN),
    **dict.fromkeys(("customers", "customers_bulk", "customer_new", "customer_households", "household_join"), OWN),
    **dict.fromkeys(("household_apart", "customers_csv", "imports", "import_upload"), OWN),
    **dict.fromkeys(("inbox", "inbox_live", "inbox_unread", "quick_answers", "quick_answers_receipts"), OWN),
    **dict.fromkeys(("results", "results_csv", "reviews", "cards", "card_new", "api_tokens", "webhooks"), OWN),
    **dict.fromkeys(("settings", "settings_logo", "settings_logo_remove", "settings_lines", "settings_brakes"), OWN),
    **dict.fromkeys(("settings_line_add", "settings_key", "settings_test", "settings_connect"), OWN),
    **dict.fromkeys(("link_kit", "link_kit_code_svg", "link_kit_code_png", "link_kit_card_png"), OWN),
    **dict.fromkeys(("link_kit_card_pdf", "people", "front_desks", "own_pin"), OWN),
    **dict.fromkeys(
        ("settings_second_step", "settings_keeping", "activity", "activity_csv", "close", "close_keep"), OWN
    ),
    # How somebody signs in is theirs, and no tenant's.
    **dict.fromkeys(("you", "prove", "prove_options", "passphrase", "app_add", "app_remove", "new_codes"), OWN),
    **dict.fromkeys(("passkey_add", "address", "address_verify", "sessions_end"), OWN),
    **_of("session", "session_end"),
    **_of("passkey", "passkey_remove"),
    # All locations somebody may see, in every account they belong to.
    **dict.fromkeys(("locations", "location_choice", "location_new"), OWN),
    # The same for all: our own starters, fonts and numbers, drawn for whoever is signed in.
    **dict.fromkeys(("card_starter", "card_letters", "inbox_mark"), OWN),
    # What has an id.
    **_of("campaign", "campaign", "campaign_live", "campaign_results", "campaign_csv", "campaign_pause"),
    **_of("campaign", "campaign_resume", "campaign_go_on_unheard", "campaign_cancel", "campaign_rest"),
    **_of("campaign", "campaign_today", "campaign_undo", "campaign_no_reminders", "campaign_test_latest"),
    **_of("draft", "campaign_edit", "campaign_draft_preview", "campaign_draft_audience", "campaign_throw_away"),
    **_of("draft", "campaign_pictures", "campaign_sheet", "campaign_call_all", "campaign_as_stored"),
    **_of("draft", "campaign_check", "campaign_dry_run", "campaign_dry_run_pictures", "campaign_test"),
    **_of("draft", "campaign_start"),
    **_of("draft", "campaign_picture", "campaign_call", "campaign_leave_out", "campaign_put_back", customer="customer"),
    "campaign_preview_picture": Rule({"card": "card"}),
    **_of("trial", "tested"),
    **_of("delivery", "delivery_row", "delivery_picture", "delivery_thumbnail", "delivery_arrived", "delivery_resend"),
    **_of("customer", "customer", "customer_edit", "customer_ask", "customer_likely", "customer_stop"),
    **_of("customer", "customer_insider", "customer_reviewed", "customer_served", "customer_call"),
    **_of("customer", "customer_as_stored", "customer_resume", "customer_join", "customer_export", "customer_erase"),
    **_of("customer", "household_leave"),
    **_of("household", "household_dissolve"),
    **_of("apart", "household_again"),
    **_of("erasure", "customer_erased"),
    **_of("import", "import_columns", "import_review", "import_progress", "import_done", "import_undo"),
    **_of("import", "import_rejected"),
    **_of("import", "import_mend", number="row"),
    **_of("conversation", "conversation", "conversation_answer", "conversation_typing", "conversation_read"),
    **_of("conversation", "conversation_assign", "conversation_done", "conversation_stop"),
    **_of("conversation", "conversation_tapback", message="inbound"),
    **_of("conversation", "answer_now", "answer_back", "answer_arrived", "answer_again", message="answer"),
    **_of("quick_answer", "quick_answer", "quick_answer_remove"),
    **_of("review", "review_decide"),
    **_of("card", "card", "card_draw", "card_notes", "card_save", "card_settle", "card_form", "card_photo"),
    **_of("card", "card_versions", "card_bring_back", "card_copy", "card_delete", "card_preview"),
    "photo_file": Rule({"name": "photo"}),
    "logo_file": Rule({"name": "logo"}),
    **_of("line", "settings_line_release"),
    **_of("member", "person_role", "person_locations", "person_remove"),
    **_of("invitation", "invitation_withdraw"),
    **_of("front_desk", "front_desk_end"),
    **_of("token", "api_token_revoke"),
    **_of("webhook", "webhook", "webhook_resume", "webhook_remove", "webhook_secret", "webhook_end_old"),
    **_of("call", "webhook_replay"),
}
#: What else stands in an address.
EXAMPLES = {"key": "van", "font": "inter", "count": 3}

#: Ids that come in a form or behind a question mark, by the page that reads them there.
FIELDS: dict[str, dict[str, str]] = {
    "switch_business": {"business": "business"},
    "campaign_new": {"card": "card", "card_b": "card", "as": "customer"},
    "campaign_edit": {"card": "card", "card_b": "card", "as": "customer"},
    "campaign_preview": {"card": "card", "card_b": "card", "as": "customer"},
    "campaign_draft_preview": {"card": "card", "card_b": "card", "as": "customer"},
    "campaign_preview_picture": {"as": "customer"},
    "campaign_pictures": {"card": "card", "after": "customer", "who": "customer"},
    "campaign_sheet": {"card": "card", "after": "customer", "who": "customer"},
    "campaign_picture": {"card": "card"},
    "campaign_call_all": {"who": "customer"},
    "campaign_leave_out": {"from": "customer"},
    "campaign_test": {"as": "customer", "back": "draft"},
    "card": {"as": "customer"},
    "card_draw": {"as": "customer"},
    "card_form": {"as": "customer"},
    "card_preview": {"as": "customer"},
    "customers": {"before": "customer"},
    "customers_bulk": {"chosen": "customer"},
    "household_join": {"chosen": "customer", "customer": "customer"},
    "household_apart": {"chosen": "customer", "customer": "customer"},
    "activity": {"by": "user"},
    "activity_csv": {"by": "user"},
    "customer_served": {"delivery": "delivery"},
    "customer_join": {"with": "customer"},
    "conversation_assign": {"to": "user"},
    "conversation": {"before": "conversation", "quick": "quick_answer", "again": "answer"},
    "inbox": {"before": "conversation"},
    "inbox_live": {"thread": "conversation", "talk": "conversation", "list": "conversation"},
    "settings_line_add": {"number": "number"},
    "person_locations": {"locations": "business"},
    "api_tokens": {"business": "business"},
    "webhooks": {"business": "business"},
}
#: Names read from a request that hold no id.
NO_ID = {
    *("act", "add", "all", "bleed", "days", "done", "edit", "go", "kind", "look", "mended", "name", "next", "open"),
    *("page", "q", "receipts", "reviewed", "reviews", "say", "seen", "show", "side", "starter", "state", "sure"),
    *("needed", "credential", "seed", "code", "passphrase", "reach"),
    *(
        "drop",
        "how",
        "role",
        "tags",
        "tapback",
        "text",
        "theirs",
        "until",
        "v",
        "version",
        "width",
        "languages",
        "remove",
        "revision",
    ),
}


@dataclass(frozen=True)
class Route:
    """One address of the product: its name (or its pattern, where it has none) and what stands in it."""

    name: str
    parameters: tuple[str, ...]


def routes() -> list[Route]:
    """Every address outside the API, which has a description of its own."""
    return sorted({*_walk(get_resolver().url_patterns)}, key=lambda route: (route.name, route.parameters))


def _walk(patterns: list[URLPattern | URLResolver]) -> Iterator[Route]:
    for each in patterns:
        if isinstance(each, URLPattern):
            yield Route(each.name or str(each.pattern), tuple(sorted(each.pattern.converters)))
        elif each.namespace != "api":
            yield from _walk(each.url_patterns)


ROUTES = [route for route in routes() if route.name in RULES]
OURS = [route for route in ROUTES if not RULES[route.name].is_public]


def address(route: Route, ids: dict[str, Any]) -> str:
    kinds = RULES[route.name].ids
    given = {name: ids[kinds[name]] if name in kinds else EXAMPLES[name] for name in route.parameters}
    return reverse(route.name, kwargs=given)
