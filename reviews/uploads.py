"""A ceiling over all uploads: what is larger is refused before it fills the disk."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

CHUNK = 1024 * 1024
PATIENCE = 4  # how many ceilings we read and drop, so that the browser is there to hear the answer


class Ceiling(FileUploadHandler):
    """First of the upload handlers: looks at the length, and lets what fits pass by untouched."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        if content_length > settings.UPLOAD_CEILING_BYTES:
            drain(input_data, min(content_length, PATIENCE * settings.UPLOAD_CEILING_BYTES))
            raise RequestDataTooBig(f"A request of {content_length} bytes is more than this site takes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def drain(stream: Any, length: int) -> None:
    """Read so many bytes away.  A browser that is cut off in mid-upload shows its own error page, not ours."""
    while length > 0 and (chunk := stream.read(min(CHUNK, length))):
        length -= len(chunk)
