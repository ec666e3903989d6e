"""Everything we hold about one person as a file for them: readable JSON and their pictures (D1, S57)."""

import json
import tempfile
import zipfile
from datetime import datetime
from typing import IO, Any

from campaigns.models import picture_path
from campaigns.person import places
from campaigns.person.whose import Whose

#: Bytes that are held in memory; more lies in a temporary file without a name.
IN_MEMORY = 8 * 1024 * 1024
ABOUT = (
    "Everything that {organization} keeps about one person in Goodword, on {day}. person.json holds it as text, "
    "the folder pictures holds what was drawn for them. Times are in UTC.\n\n"
    "Not in here, because it lies elsewhere: what Chert, who carried the messages, keeps of its own; "
    "what is on the phone itself; older backups of this database.\n"
)


def everything(whose: Whose) -> dict[str, list[dict[str, Any]]]:
    """Place by place."""
    return {place.name: place.held(whose) for place in places.PLACES}


def as_zip(whose: Whose, now: datetime) -> IO[bytes]:
    """The file, from its beginning.  Whoever gets it closes it."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer streams and closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        about = ABOUT.format(organization=whose.organization.name, day=f"{now.day} {now:%B %Y}")
        archive.writestr("README.txt", about)
        written = {"exported": now, "organization": whose.organization.name} | everything(whose)
        archive.writestr("person.json", json.dumps(written, indent=2, ensure_ascii=False, default=str))
        for name in whose.pictures:
            if picture_path(name).exists():
                archive.write(picture_path(name), f"pictures/{name}", zipfile.ZIP_STORED)
    target.seek(0)
    return target
