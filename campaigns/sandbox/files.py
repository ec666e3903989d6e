"""Files for the page: our own under /static/, htmx from its package, and the pictures customers received."""

import mimetypes
from importlib.resources import files
from pathlib import Path

from . import attachments
from .call import World
from .control import Refused
from .wire import Request, Response

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
HTMX = Path(str(files("django_htmx"))) / "static" / "django_htmx"
TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


def static(request: Request) -> Response:
    """GET /static/…: a file of the project's static folder, or of django-htmx's; never anything outside them."""
    path = _within(request.path.removeprefix("/static/"))
    if path is None:
        raise Refused("There is no such file.", 404)
    stat = path.stat()
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if request.header("if-none-match") == tag:
        return Response(304, b"", headers)
    kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(200, path.read_bytes(), headers | {"Content-Type": kind})


def _within(name: str) -> Path | None:
    """The file of this name if it truly lies in one of the two folders."""
    folder, rest = (HTMX, name.removeprefix("django_htmx/")) if name.startswith("django_htmx/") else (STATIC, name)
    if "\0" in rest or any(part.startswith(".") for part in rest.split("/")):
        return None
    path = (folder / rest).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


def picture(world: World, request: Request, id: str) -> Response:
    """GET /sandbox/pictures/{id}: what was uploaded, shown as a picture or handed over as a file."""
    row = attachments.picture(world.store, id)
    if row is None:
        raise Refused("There is no such picture.", 404)
    headers = {
        "Content-Type": row["content_type"],
        "Cache-Control": "private, max-age=3600",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if row["content_type"] not in PICTURES:
        headers |= {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
    return Response(200, bytes(row["content"]), headers)
