"""How long the desk of a card takes on the server, from the key to the picture: `manage.py bench designer --json`.

A whole request through Django's test client, with middleware, session and role, on a test database that is thrown
away; photo, fonts and base warm, as for anybody who has typed one letter. Wall time in milliseconds.
"""

import json
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment
from django.urls import reverse
from PIL import Image

from campaigns.models import Business, Card, Membership, Organization, User, keep_photo

LETTERS = "Thanks so much, {first_name|}! See you next time, and mind the step."
WORDS = {"first_name": "Marcus", "sender": "Todd", "business": "Texas Prime Plumbing"}


def main(rows: int = 60) -> dict[str, Any]:
    """So many keys, so many steps of a dragged text and of a dragged photo; for `manage.py bench designer`."""
    with tempfile.TemporaryDirectory(prefix="goodword-") as folder:
        settings.DATA_DIR = Path(folder)
        settings.ALLOWED_HOSTS = ["testserver"]
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        name = str(connection.settings_dict["NAME"])
        setup_test_environment(debug=False)
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            return measure(rows)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
            teardown_test_environment()


def measure(rows: int) -> dict[str, Any]:
    """Median and 95th percentile of each gesture, and how many questions a key asks the database."""
    desk = Desk(*_somebody_with_a_card())
    desk.draw(desk.design)  # opens photo and fonts
    with CaptureQueriesContext(connection) as asked:
        desk.draw(desk.typed(0))
    queries = len(asked)
    return {
        "typing": _spread([_timed(lambda n=n: desk.draw(desk.typed(n))) for n in range(rows)]),
        "dragging_a_text": _spread([_timed(lambda n=n: desk.draw(desk.moved(n))) for n in range(rows)]),
        "dragging_the_photo": _spread([_timed(lambda n=n: desk.draw(desk.panned(n), half=True)) for n in range(rows)]),
        "letting_the_photo_go": _spread([_timed(lambda n=n: desk.draw(desk.panned(n))) for n in range(rows // 4)]),
        "notes": _spread([_timed(lambda n=n: desk.ask("card_notes", desk.typed(n))) for n in range(rows // 4)]),
        "saving": _spread([_timed(lambda n=n: desk.save(desk.typed(n))) for n in range(rows // 4)]),
        "queries_a_key": queries,
        "photo": "1728 × 2160, with the grain of a real one",
    }


class Desk:
    """Somebody signed in at a card."""

    def __init__(self, client: Client, card: Card) -> None:
        self.client, self.card, self.revision = client, card, 1
        self.design: dict[str, Any] = dict(card.design)

    def typed(self, letters: int) -> dict[str, Any]:
        """The design after so many letters."""
        return self._with(text=LETTERS[: 3 + letters % (len(LETTERS) - 3)].replace("{", "(").replace("}", ")"))

    def moved(self, step: int) -> dict[str, Any]:
        """The design with its first text dragged a little further."""
        return self._with(x=20 + step % 80)

    def panned(self, step: int) -> dict[str, Any]:
        """The design with its photo dragged a little further, as no other before."""
        return {**self.design, "focus": [0.5, (step + 1) / 1000 + secrets.randbelow(1000) / 1100000], "zoom": 1.2}

    def _with(self, **parts: Any) -> dict[str, Any]:
        first, *others = self.design["boxes"]
        return {**self.design, "boxes": [{**first, **parts}, *others]}

    def draw(self, design: dict[str, Any], half: bool = False) -> None:
        """One picture."""
        self.ask("card_draw", design, half=half)

    def save(self, design: dict[str, Any]) -> None:
        """One save, on top of the one before."""
        self.revision = self.ask("card_save", design, revision=self.revision).json()["revision"]

    def ask(self, name: str, design: dict[str, Any], **more: object) -> Any:
        """One request; fails loudly when it is refused."""
        body = json.dumps({"design": design, "words": WORDS} | more)
        answer = self.client.post(reverse(name, args=[self.card.pk]), body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        return answer


def _somebody_with_a_card() -> tuple[Client, Card]:
    user = User.objects.create_user("todd@bench.example", secrets.token_hex(16))
    organization = Organization.objects.create(name="Bench", slug="bench")
    Membership.objects.create(user=user, organization=organization)
    business = Business.objects.create(organization=organization, name="Bench", slug="bench", sender="Todd")
    card = Card.from_starter(business)
    card.photo, card.changed_by = keep_photo(_grainy_photo()), user
    card.save()
    client = Client()
    client.force_login(user)
    return client, card


def _grainy_photo() -> bytes:
    """A photo as large as they are kept, and as hard to decode as a real one."""
    size = (1728, 2160)
    grain = Image.effect_noise(size, 40).convert("RGB")
    colours = Image.merge("RGB", [Image.linear_gradient("L").resize(size).rotate(turn) for turn in (0, 90, 180)])
    with closing(BytesIO()) as out:
        Image.blend(colours, grain, 0.2).save(out, "JPEG", quality=90)
        return out.getvalue()


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _spread(found: list[float]) -> dict[str, float]:
    return {"median_ms": round(statistics.median(found), 1), "p95_ms": round(statistics.quantiles(found, n=20)[-1], 1)}
