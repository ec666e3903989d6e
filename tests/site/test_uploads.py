"""The ceiling over uploads."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory


def upload(size: int):
    return RequestFactory().post("/", {"name": "Ada", "file": SimpleUploadedFile("list.csv", b"x" * size)})


def test_what_fits_passes(settings):
    settings.UPLOAD_CEILING_BYTES = 10_000
    request = upload(5_000)
    assert request.FILES["file"].size == 5_000
    assert request.POST["name"] == "Ada"


def test_what_is_larger_is_refused_and_leaves_no_file(settings, tmp_path):
    settings.UPLOAD_CEILING_BYTES = 10_000
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    with pytest.raises(RequestDataTooBig):
        upload(20_000).FILES  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_the_refused_bytes_are_read_away_so_that_the_browser_hears_the_answer(settings):
    settings.UPLOAD_CEILING_BYTES = 10_000
    request = upload(20_000)
    with pytest.raises(RequestDataTooBig):
        request.FILES  # noqa: B018
    assert request.environ["wsgi.input"].read() == b""
