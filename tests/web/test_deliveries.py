"""One row unfolded, its picture, and sending again."""

from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

from campaigns import outbox, replies
from campaigns.models import Message
from tests.cast import ledger, only_delivery, turn, walk_to_the_end, work


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def sent(campaign, clock):
    """Grace's delivery, sent and read."""
    walk_to_the_end(clock)
    return only_delivery(campaign)


@pytest.fixture
def doubtful(campaign, sandbox, clock):
    """Grace's delivery, whose picture may have been sent."""
    work(clock)
    turn(sandbox, reset_after=1.0)
    for _ in range(12):
        work(clock, minutes=200)
    turn(sandbox, reset_after=0.0)
    delivery = only_delivery(campaign)
    assert delivery.status == "in_doubt"
    return delivery


def again(client, delivery, **words):
    return client.post(reverse("delivery_resend", args=[delivery.pk]), words)


def test_unfolding_tells_what_happened_and_what_was_seen(desk, sent):
    answer = text(desk.get(reverse("delivery_row", args=[sent.pk]), {"open": sent.pk}))
    for word in ("Greeted", "Picture, text and link sent", "Delivered", "Read", "What <bdi>Grace</bdi> saw"):
        assert word in answer
    assert 'hx-swap-oob="true"' in answer


def test_folding_leaves_an_empty_hidden_row(desk, sent):
    answer = text(desk.get(reverse("delivery_row", args=[sent.pk])))
    assert f'<tr class="detail" id="detail-{sent.pk}" hidden></tr>' in answer


def test_the_picture_is_the_one_that_was_sent_and_the_thumbnail_is_small(desk, sent):
    picture = b"".join(desk.get(reverse("delivery_picture", args=[sent.pk])).streaming_content)
    thumbnail = desk.get(reverse("delivery_thumbnail", args=[sent.pk]))
    assert Image.open(BytesIO(picture)).size == (1080, 1350)
    assert Image.open(BytesIO(thumbnail.content)).size == (208, 260)
    assert "private" in thumbnail["Cache-Control"]


@pytest.mark.parametrize("name", ["delivery_picture", "delivery_thumbnail"])
def test_a_picture_that_is_not_drawn_is_not_there(desk, campaign, name):
    assert desk.get(reverse(name, args=[only_delivery(campaign).pk])).status_code == 404


def test_sending_again_shows_what_was_received_and_asks_why(desk, sent):
    answer = text(desk.get(reverse("delivery_resend", args=[sent.pk])))
    assert "already received" in answer
    assert "Asked today, free again on" in answer


def test_without_a_reason_nothing_goes_again(desk, sent, sandbox, clock):
    answer = again(desk, sent, reason="  ")
    assert answer.status_code == 422
    assert "Say why" in text(answer)
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 2


def test_with_a_reason_it_goes_once_more_and_the_history_keeps_both(desk, sent, sandbox, clock):
    answer = again(desk, sent, reason="She lost her phone")
    assert answer.url.endswith(f"#delivery-{sent.pk}")
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 3
    story = text(desk.get(reverse("delivery_row", args=[sent.pk]), {"open": sent.pk}))
    assert story.count("Picture, text and link sent") == 2
    assert "She lost her phone" in story


def test_two_clicks_send_once(desk, sent, sandbox, clock):
    again(desk, sent, reason="Once")
    assert again(desk, sent, reason="Twice").status_code == 409
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 3


def test_a_stopped_customer_is_refused_by_the_server_and_not_only_by_the_button(desk, sent, grace, sandbox, clock):
    replies.stop(grace, "Asked us by phone", None, clock())
    answer = again(desk, sent, reason="Please")
    assert answer.status_code == 409
    assert "Nothing was sent" in text(answer)
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 2
    assert "Send again</a>" not in text(desk.get(reverse("delivery_row", args=[sent.pk]), {"open": sent.pk}))


def test_doubt_has_two_ways_out_on_the_row(desk, doubtful):
    answer = text(desk.get(reverse("campaign", args=[doubtful.campaign_id])))
    assert "One may have been sent." in answer
    assert "It arrived" in answer
    assert "Send again" in answer


def test_it_arrived_ends_the_doubt(desk, doubtful):
    desk.post(reverse("delivery_arrived", args=[doubtful.pk]))
    doubtful.refresh_from_db()
    assert doubtful.status == "sent"


def test_arriving_twice_is_not_an_error(desk, doubtful):
    for _ in range(2):
        assert desk.post(reverse("delivery_arrived", args=[doubtful.pk])).status_code == 302


def test_sending_again_in_doubt_warns_first_and_makes_a_new_message(desk, doubtful, clock):
    assert "may have arrived" in text(desk.get(reverse("delivery_resend", args=[doubtful.pk])))
    again(desk, doubtful, reason="It is not on her phone")
    outbox.run(hands=0)
    assert Message.objects.filter(delivery=doubtful, round=2).exists()
