"""What the pages say of a line that rests, and the button that ends it."""

from django.urls import reverse

from tests.cast import make_campaign, wrote


def test_the_campaign_page_says_so_and_where_to_end_it(desk, campaign, ada, clock):
    wrote(ada)
    page = desk.get(reverse("campaign", args=[campaign.pk])).content.decode()
    assert "The line is resting until Sat 12:00." in page
    assert "Fewer than 15 of 100 replied this week." in page


def test_the_settings_end_it_with_one_button(desk, ada, clock):
    wrote(ada)
    address = reverse("settings_line_release", args=[ada.line.pk])
    assert address in desk.get(reverse("settings")).content.decode()
    desk.post(address)
    assert address not in desk.get(reverse("settings")).content.decode()


def test_a_rivals_line_is_no_line_to_release(desk, ada, rival):
    assert desk.post(reverse("settings_line_release", args=[rival.line.pk])).status_code == 404


def test_the_plan_says_why_it_begins_so_late(desk, ada, grace, clock):
    wrote(ada)
    page = desk.get(reverse("campaign_check", args=[make_campaign(ada).pk])).content.decode()
    assert "The line is resting until Sat 12:00. Fewer than 15 of 100 replied this week." in page
