"""An answer is read to its end, to the deadline, or to the size limit: whichever comes first."""

import zlib
from collections.abc import Callable, Iterator

import httpx

from .envelope import Answer
from .transport import Deadline

LARGEST_ANSWER = 1024 * 1024  # bytes, unpacked

_Unpack = Callable[[bytes, int], bytes]  # a chunk into at most so many bytes


def receive(response: httpx.Response, deadline: Deadline) -> Answer:
    """The answer. Its body is None where it is too large, too slow, cut off or packed in a way we do not open.

    The status is known by then and can still mean something: a 429 is one even without its words.
    """
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        return Answer(response.status_code, headers, _body(response, deadline))
    except (httpx.HTTPError, httpx.StreamError, OSError, zlib.error):
        return Answer(response.status_code, headers, None)
    finally:
        response.close()


def _body(response: httpx.Response, deadline: Deadline) -> bytes | None:
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    if unpack is None:
        return None
    body = bytearray()
    for chunk in _chunks(response):
        body += unpack(chunk, LARGEST_ANSWER + 1 - len(body))
        if len(body) > LARGEST_ANSWER or deadline.is_over:
            return None
    return bytes(body)


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    """The bytes as they come off the wire. Not httpx's own unpacking: a bomb of 64 KiB would become 64 MiB in it."""
    stream = response.stream
    assert isinstance(stream, httpx.SyncByteStream)
    return iter(stream)


def _unpacker(encoding: str) -> _Unpack | None:
    """No packing is asked for, but something in between may pack all the same."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda chunk, most: chunk[:most]
        case "gzip" | "x-gzip" | "deflate":
            return zlib.decompressobj(wbits=47).decompress
        case _:
            return None
