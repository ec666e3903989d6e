"""What an answer holds, read to its end."""

from typing import Any


def read(answer: Any) -> bytes:
    """All of it.  A file is closed here: `close` of the answer would end the request, and with it the connection."""
    if not answer.streaming:
        return bytes(answer.content)
    raw = b"".join(answer.streaming_content)
    if file := getattr(answer, "file_to_stream", None):
        file.close()
    return raw
