"""Whose data a request may see."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Business, Membership
from tests.cast import make_campaign, make_customer, only_delivery

PAGES = [
    *("dashboard", "campaigns", "campaign_new", "customers", "cards", "settings", "inbox", "quick_answers"),
    *("results", "reviews"),
]


READ = ("campaign", "campaign_live", "campaign_edit", "campaign_check", "campaign_csv", "campaign_results")


def of_campaign(pk) -> list[tuple[str, str]]:
    read = [("get", name) for name in READ]
    acts = ("edit", "preview", "throw_away", "start", "pause", "resume", "cancel")
    written = [("post", f"campaign_{act}".replace("_preview", "_draft_preview")) for act in acts]
    return [(method, reverse(name, args=[pk])) for method, name in read + written]


def of_delivery(pk) -> list[tuple[str, str]]:
    read = [("get", name) for name in ("row", "picture", "thumbnail", "resend")]
    written = [("post", name) for name in ("arrived", "resend")]
    return [(method, reverse(f"delivery_{name}", args=[pk])) for method, name in read + written]


def test_another_tenants_ids_are_not_there(client, rival, campaign):
    client.force_login(rival.user)
    addresses = of_campaign(campaign.pk) + of_delivery(only_delivery(campaign).pk)
    addresses += [("get", reverse("campaign_preview_picture", args=[campaign.card_id]))]
    for method, address in addresses:
        assert getattr(client, method)(address).status_code == 404, (method, address)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_asks_who_is_there_and_is_kept_by_no_cache(client, desk, ada, name):
    address = reverse(name)
    assert "no-store" in desk.get(address)["Cache-Control"]
    client.logout()
    assert client.get(address).url.startswith(reverse("sign_in"))


def test_a_fragment_sends_the_whole_window_to_the_sign_in(client, campaign):
    answer = client.get(reverse("campaign_live", args=[campaign.pk]), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, reverse("sign_in"))


def test_a_viewer_may_look_and_may_not_act(client, ada, campaign):
    Membership.objects.update(role=Membership.Role.VIEWER)
    client.force_login(ada.user)
    assert client.get(reverse("campaign", args=[campaign.pk])).status_code == 200
    assert b"Pause" not in client.get(reverse("campaign", args=[campaign.pk])).content
    assert client.post(reverse("campaign_pause", args=[campaign.pk])).status_code == 403
    assert client.get(reverse("campaign_csv", args=[campaign.pk])).status_code == 403


def test_losing_the_membership_counts_at_the_next_click(desk, ada):
    assert desk.get("/").status_code == 200
    ada.user.memberships.all().delete()
    answer = desk.get("/")
    assert answer.status_code == 403
    assert "do not belong to a business" in answer.content.decode()


def test_one_may_switch_between_ones_own_businesses_only(desk, ada, rival):
    second = Business.objects.create(organization=ada.organization, name="Ada's Café", slug="cafe", sender="Ada")
    desk.post(reverse("switch_business"), {"business": second.pk})
    assert "Ada&#x27;s Café" in desk.get("/").content.decode()
    for strange in (rival.business.pk, "x", "", 2**70):
        assert desk.post(reverse("switch_business"), {"business": strange}).status_code == 404


def test_what_belongs_to_my_other_business_is_not_on_this_ones_pages(desk, ada):
    second = Business.objects.create(organization=ada.organization, name="Zeta", slug="zeta", sender="Z")
    make_customer(second, first_name="Elsewhere")
    assert "Elsewhere" not in desk.get(reverse("customers")).content.decode()


def test_a_form_without_its_token_changes_nothing(ada, campaign):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    assert strict.post(reverse("campaign_pause", args=[campaign.pk])).status_code == 403
    campaign.refresh_from_db()
    assert campaign.state == "running"


def test_looking_changes_nothing(desk, ada, campaign):
    draft = make_campaign(ada)
    delivery = only_delivery(campaign)
    before = (campaign.version, delivery.version, draft.state)
    for method, address in of_campaign(campaign.pk) + of_campaign(draft.pk) + of_delivery(delivery.pk):
        if method == "get":
            desk.get(address)
    for each in (campaign, delivery, draft):
        each.refresh_from_db()
    assert (campaign.version, delivery.version, draft.state) == before
