"""What a person sees when something went wrong (S51)."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from campaigns.urls import urlpatterns as ours
from reviews.urls import handler400, handler500

__all__ = ["handler400", "handler500"]


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the inside")


def is_locked(request: HttpRequest) -> HttpResponse:
    raise OperationalError("database is locked")


def takes_a_file(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.FILES)))


urlpatterns = [*ours, path("breaks/", breaks), path("locked/", is_locked), path("file/", takes_a_file)]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def visitor() -> Client:
    """Sees what the site answers; the plain client would raise the error instead."""
    return Client(raise_request_exception=False)


def test_our_fault_shows_nothing_of_the_inside(visitor):
    answer = visitor.get("/breaks/")
    assert answer.status_code == 500
    assert "went wrong on our side" in answer.text
    assert "inside" not in answer.text


def test_our_fault_names_the_id_that_stands_in_the_log(visitor):
    answer = visitor.get("/breaks/")
    reference = re.search(r"Reference (\w+)", answer.text)
    assert reference
    assert reference[1] == answer.headers["X-Request-ID"]


def test_a_database_that_cannot_be_asked_is_away_for_a_moment_and_in_the_log(visitor, caplog):
    """F-53."""
    answer = visitor.get("/locked/")
    assert (answer.status_code, "Goodword is away for a moment." in answer.text) == (503, True)
    assert "database is locked" in caplog.text


def test_an_upload_over_the_ceiling_is_told_what_fits(visitor, settings):
    settings.UPLOAD_CEILING_BYTES = 1_000
    answer = visitor.post("/file/", {"list": SimpleUploadedFile("list.csv", b"x" * 2_000)})
    assert answer.status_code == 413
    assert "A list may have 50 MB and a photo 15 MB." in answer.text


def test_a_page_that_is_not_there_is_told_kindly(visitor):
    answer = visitor.get("/no-such-page/")
    assert answer.status_code == 404
    assert "Goodword" in answer.text


def test_a_wrong_host_is_not_understood(visitor):
    answer = visitor.get("/sign-in/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
