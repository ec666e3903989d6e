"""Quick answers: kept for the organization, changed, removed; the rules speak and forbid nothing."""

import pytest
from django.urls import reverse

from campaigns.models import AuditEntry, Membership, QuickAnswer


def text(response) -> str:
    return response.content.decode()


def keep(client, name="Hours", words="We are open until six, {first_name}."):
    return client.post(reverse("quick_answers"), {"name": name, "text": words})


def test_without_any_the_page_says_what_they_are_for(desk):
    assert "No quick answers yet" in text(desk.get(reverse("quick_answers")))


def test_one_is_kept_changed_and_removed(desk, ada):
    assert keep(desk).url == reverse("quick_answers")
    kept = QuickAnswer.objects.get()
    assert kept.organization == ada.organization
    desk.post(reverse("quick_answer", args=[kept.pk]), {"name": "Hours", "text": "Until seven."})
    assert "Until seven." in text(desk.get(reverse("quick_answers")))
    desk.post(reverse("quick_answer_remove", args=[kept.pk]))
    assert not QuickAnswer.objects.exists()
    assert AuditEntry.objects.filter(act__contains="quick answer").count() == 3


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("", "Words", "Name"),
        ("Name", "", "Text"),
        ("Name", "{nobody} knows", "not a merge field"),
        ("n" * 61, "x", "60"),
    ],
)
def test_what_cannot_be_kept_is_said_and_the_words_stay(desk, name, words, said):
    answer = keep(desk, name, words)
    assert answer.status_code == 422
    assert said in text(answer)
    assert words in text(answer)
    assert not QuickAnswer.objects.exists()


def test_the_rules_speak_and_it_is_kept_all_the_same(desk):
    keep(desk, "Reward", "A free cake for your review!")
    assert "speak" in text(desk.get(reverse("quick_answers")))
    assert QuickAnswer.objects.exists()


def test_thirty_are_the_most(desk, ada):
    QuickAnswer.objects.bulk_create(
        QuickAnswer(organization=ada.organization, name=str(n), text="x") for n in range(30)
    )
    assert "the most" in text(keep(desk))
    assert QuickAnswer.objects.count() == 30


def test_another_organizations_are_not_there(client, desk, rival):
    keep(desk)
    kept = QuickAnswer.objects.get()
    desk.get("/")  # the message of the act has been seen
    client.force_login(rival.user)
    assert "Hours" not in text(client.get(reverse("quick_answers")))
    for name in ("quick_answer", "quick_answer_remove"):
        assert client.post(reverse(name, args=[kept.pk]), {"name": "x", "text": "y"}).status_code == 404


def test_senders_use_them_and_managers_write_them(client, ada):
    Membership.objects.update(role=Membership.Role.SENDER)
    client.force_login(ada.user)
    assert client.get(reverse("quick_answers")).status_code == 403
    assert keep(client).status_code == 403


def test_read_receipts_can_be_switched_off(desk, ada):
    desk.post(reverse("quick_answers_receipts"), {})
    ada.organization.refresh_from_db()
    assert ada.organization.sends_receipts is False
    desk.post(reverse("quick_answers_receipts"), {"receipts": "on"})
    ada.organization.refresh_from_db()
    assert ada.organization.sends_receipts is True
