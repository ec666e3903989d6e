"""Awkward files through all four steps: a plain sentence or customers, never a fault, never half of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.importing import Kind
from campaigns.models import Customer, CustomerImport, ImportRow
from tests.cast import Ada
from tests.importing.files import NO_LISTS, ODD_LISTS

START = "/customers/import/"
SAID = {"consent": "Gave their number at the counter", "attested": "on"}


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    client.force_login(ada.user)
    return client


def test_the_corpus_is_large() -> None:
    assert len(NO_LISTS) + len(ODD_LISTS) >= 60


@pytest.mark.parametrize("name", NO_LISTS)
def test_what_is_no_list_is_a_plain_sentence_and_leaves_nothing(desk, name) -> None:
    make, said = NO_LISTS[name]
    answer = desk.post(START, SAID | {"file": SimpleUploadedFile("list.csv", make())})
    assert answer.status_code == 422
    (sentence,) = answer.context["form"].errors["file"]
    assert said in sentence
    assert "Nothing was imported." in sentence
    assert (CustomerImport.objects.count(), ImportRow.objects.count(), Customer.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("name", ODD_LISTS)
def test_what_can_be_read_goes_all_the_way_and_adds_up(desk, name) -> None:
    make, customers = ODD_LISTS[name]
    answer = desk.post(START, SAID | {"file": SimpleUploadedFile("list.csv", make())})
    assert answer.status_code == 302, answer.context["form"].errors
    record = CustomerImport.objects.get()
    assert desk.get(answer.url).status_code == 200
    desk.post(f"{START}{record.pk}/review/", follow=True)
    review = desk.get(f"{START}{record.pk}/review/", {"show": "all"}, follow=True)
    assert review.status_code == 200
    record.refresh_from_db()
    desk.post(f"{START}{record.pk}/review/", {"version": record.version})
    assert desk.get(f"{START}{record.pk}/").status_code == 200
    record.refresh_from_db()
    assert Customer.objects.count() == customers == record.counts["added"]
    assert record.counts["rows"] == record.row_count == sum(record.counts[kind] for kind in Kind)
    assert not [row.number for row in record.rows.filter(kind=Kind.REJECTED) if not row.reason.endswith(".")]
