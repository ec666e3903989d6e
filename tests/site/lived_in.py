"""A house with every secret there is, each entered or made through its own page, and a customer who was asked."""

import html
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from campaigns import outgoing
from campaigns.accounts import errands
from campaigns.models import ApiToken, Organization, WebhookEndpoint
from tests.cast import LINE, Ada, Clock, at_the_sandbox, work
from tests.person.canaries import whole_life
from tests.test_webhooks import knock, words_of
from tests.web.test_programs import HOOK, TOKEN
from tests.web.test_second_step import GOOD, shown_now, written_down

PASSPHRASE = "nobody else has ever said this"
CHERT = "c0ffee" * 5 + "c0"


@dataclass
class House:
    """Whose it is, their browser, and the words of each secret by its name."""

    owner: Ada
    desk: Client
    secrets: dict[str, str]

    def told_in(self, text: str) -> set[str]:
        """The names of the secrets that can be read in a text, however it is escaped and spaced."""
        bare = unquote(html.unescape(text)).replace(" ", "")
        return {name for name, words in self.secrets.items() if words.replace(" ", "") in bare}

    def lies_in(self, raw: bytes) -> set[str]:
        """... in the bytes of a file."""
        return {name for name, words in self.secrets.items() if words.encode() in raw}


def lived_in(owner: Ada, sandbox: Any, clock: Clock, desk: Client) -> House:
    """Its owner signs in, enters and makes every secret; what they are for is then done with each of them."""
    person, _ = whole_life(owner, sandbox, clock)
    for cache in caches.all():
        cache.clear()  # of tries that others have used up
    assert desk.post(reverse("sign_in"), GOOD).status_code == 302
    assert desk.post(reverse("passphrase"), {"passphrase": PASSPHRASE}).status_code == 302
    house = House(owner, desk, {"passphrase": PASSPHRASE, "Chert secret": CHERT})
    house.secrets |= _connected(owner, sandbox, desk) | _app(clock, desk) | _programs(desk)
    _used(house, person, clock)
    return house


def _connected(owner: Ada, sandbox: Any, desk: Client) -> dict[str, str]:
    """The key of Chert's account; with it comes the secret that signs its webhooks."""
    told = {"secret": CHERT, "lines": [{"number": LINE, "budget": 1000, "gap": 0}]}
    at_the_sandbox(sandbox).put(f"/sandbox/tenants/{owner.organization.slug}", json=told).raise_for_status()
    desk.post(reverse("settings_key"), {"secret": CHERT, "tenant": ""})
    kept = Organization.objects.get(pk=owner.organization.pk)
    assert kept.chert_secret == CHERT
    return {"webhook secret": kept.webhook_secret, "webhook path": kept.webhook_path}


def _app(clock: Clock, desk: Client) -> dict[str, str]:
    page = desk.get(reverse("app_add"))
    seed = page.context["secret"].replace(" ", "")
    codes = written_down(desk.post(reverse("app_add"), {"seed": page.context["seed"], "code": shown_now(seed)}))
    clock.go(minutes=2)
    return {"seed of the app": seed} | {f"recovery code {number}": code for number, code in enumerate(codes, 1)}


def _programs(desk: Client) -> dict[str, str]:
    everything = TOKEN | {"scopes": ApiToken.Scope.values}
    token = re.search(r"gw_[\w-]{43}", desk.post(reverse("api_tokens"), everything).text)
    desk.post(reverse("webhooks"), HOOK | {"events": WebhookEndpoint.Event.values})
    old = WebhookEndpoint.objects.get()
    desk.post(reverse("webhook_secret", args=[old.pk]))
    new = WebhookEndpoint.objects.get()
    assert token
    assert new.secret != old.secret
    return {"API token": token[0], "signing secret": new.secret, "old signing secret": old.secret}


def _used(house: House, person: Any, clock: Clock) -> None:
    """Chert knocks, so does somebody who forges, a program asks, a wrong code is given, and the clock goes on."""
    door = reverse("chert_webhook", args=[house.secrets["webhook path"]])
    said = words_of(person, "The plumcakecanary again", at=clock().isoformat())
    assert knock(house.desk, door, said, secret=house.secrets["webhook secret"]) == 200
    knock(house.desk, door, secret=CHERT)
    bearer = {"authorization": f"Bearer {house.secrets['API token']}", "idempotency-key": "once"}
    asked = {"url": HOOK["url"], "events": HOOK["events"]}
    made = Client(headers=bearer).post("/api/v1/webhooks", json.dumps(asked), content_type="application/json")
    house.secrets["signing secret that a program made"] = made.json()["secret"]
    stranger = Client()
    stranger.post(reverse("sign_in"), GOOD | {"passphrase": f"{PASSPHRASE}, or so"})
    stranger.post(reverse("sign_in"), GOOD | {"passphrase": PASSPHRASE})
    stranger.post(reverse("mfa_authenticate"), {"code": house.secrets["seed of the app"][:30]})
    stranger.post(reverse("mfa_authenticate"), {"code": house.secrets["recovery code 1"]})
    for _ in range(3):
        work(clock, minutes=2)
        outgoing.run(clock)
        errands.run(clock())
    house.secrets["session key"] = house.desk.cookies[settings.SESSION_COOKIE_NAME].value
    house.secrets["session key of a second browser"] = stranger.cookies[settings.SESSION_COOKIE_NAME].value
