"""Secrets at rest: whoever has the database and not the key has nothing, and can swap nothing (S47)."""

import json
import os
import subprocess
import sys
import time
from base64 import urlsafe_b64encode
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.models.functions import Length

from campaigns import vault
from campaigns.management import rotating
from campaigns.models import ApiCall, ApiToken, Organization, WebhookEndpoint
from campaigns.models.fields import EncryptedTextField
from tests.cast import RIVAL_SECRET, SECRET, at_once, give_secret

OURS = "campaigns_organization.chert_secret:1"


@pytest.fixture
def ring(settings, tmp_path):
    """Keys in a file of their own."""
    settings.ENCRYPTION_KEYS_FILE = tmp_path / "encryption_keys"
    settings.ENCRYPTION_KEYS_FILE.write_text(drawn())
    return settings.ENCRYPTION_KEYS_FILE


def drawn():
    return urlsafe_b64encode(os.urandom(32)).decode()


def raw(organization, column="chert_secret"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM campaigns_organization WHERE id = %s", [organization.pk])
        return cursor.fetchone()[0]


def put(organization, text, column="chert_secret"):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE campaigns_organization SET {column} = %s WHERE id = %s", [text, organization.pk])


def secret_of(ada):
    return Organization.objects.get(pk=ada.organization.pk).chert_secret


def rotated(**options):
    said = StringIO()
    call_command("rotate_secrets", json=True, stdout=said, **options)
    return json.loads(said.getvalue())


def grow_old(ring):
    os.utime(ring, (time.time() - 120,) * 2)


def test_a_text_opens_for_its_purpose_alone():
    kept = vault.encrypt(OURS, "hush")
    assert vault.decrypt(OURS, kept) == "hush"
    for other in ("campaigns_organization.chert_secret:2", "campaigns_organization.webhook_secret:1", ""):
        with pytest.raises(vault.Shut):
            vault.decrypt(other, kept)


def test_the_same_text_is_never_kept_twice_alike():
    assert len({vault.encrypt(OURS, "hush") for _ in range(1000)}) == 1000


@pytest.mark.parametrize("place", range(0, 60, 4))
def test_a_text_with_one_letter_changed_does_not_open(place):
    kept = vault.encrypt(OURS, "hush")
    letter = "A" if kept[place % len(kept)] != "A" else "B"
    with pytest.raises(vault.Shut):
        vault.decrypt(OURS, kept[: place % len(kept)] + letter + kept[place % len(kept) + 1 :])


@pytest.mark.parametrize("strange", ["", "hush", "sealed1:", "sealed1:00000000:AAAA", "gAAAAAB", "sealed1::::", "é"])
def test_what_was_never_sealed_does_not_open(strange):
    with pytest.raises(vault.Shut):
        vault.decrypt(OURS, strange)


def test_a_secret_copied_to_another_tenant_is_refused(ada, rival):
    put(rival.organization, raw(ada.organization))
    with pytest.raises(vault.Shut):
        secret_of(rival)
    assert secret_of(ada) == SECRET


def test_a_secret_copied_to_another_column_is_refused(ada):
    put(ada.organization, raw(ada.organization), "webhook_secret")
    with pytest.raises(vault.Shut):
        assert Organization.objects.get().webhook_secret


def test_what_a_webhook_or_a_program_has_is_bound_to_its_tenant_too(ada, rival):
    both = [ada.organization, rival.organization]
    hooks = [WebhookEndpoint.objects.create(organization=each, url="https://x.test") for each in both]
    WebhookEndpoint.objects.filter(pk=hooks[0].pk).update(organization=rival.organization)
    with pytest.raises(vault.Shut):
        assert WebhookEndpoint.objects.get(pk=hooks[0].pk).secret
    assert WebhookEndpoint.objects.get(pk=hooks[1].pk).secret.startswith("whsec_")
    tokens = [ApiToken.make(each, "x", [], None)[0] for each in both]
    call = ApiCall.objects.create(token=tokens[0], key="k", asked="", answer="them")
    ApiCall.objects.filter(pk=call.pk).update(token=tokens[1])
    with pytest.raises(vault.Shut):
        assert ApiCall.objects.get().answer


def test_what_is_kept_outside_a_column_remembers_when_it_was_sealed(clock):
    kept = vault.seal("17:seed")
    assert vault.unseal(kept) == vault.unseal(kept, 600) == "17:seed"
    clock.go(seconds=601)
    with pytest.raises(vault.Shut):
        vault.unseal(kept, 600)
    with pytest.raises(vault.Shut):
        vault.unseal(vault.encrypt(OURS, "0:seed"))


def test_sealed_texts_in_the_json_of_others_are_sealed_anew(ring):
    kept = {"secret": vault.seal("seed"), "name": "Phone", "more": [vault.seal("x"), 1, None]}
    rotating.add_key()
    fresh = rotating.resealed(kept)
    assert (vault.unseal(fresh["secret"]), fresh["name"], vault.unseal(fresh["more"][0])) == ("seed", "Phone", "x")
    assert vault.is_current(fresh["secret"])
    assert rotating.resealed(fresh) == fresh


def test_loading_a_row_opens_nothing(ada):
    """So no traceback, dump or log of a row can hold what nobody asked for."""
    [row] = Organization.objects.all()
    assert SECRET not in repr(vars(row))
    assert Organization.objects.values_list("chert_secret", flat=True)[0].startswith("sealed1:")
    said = StringIO()
    call_command("dumpdata", "campaigns.organization", stdout=said)
    assert SECRET not in said.getvalue()


def test_what_is_set_reads_back_before_and_after_it_is_saved(ada):
    row = Organization.objects.get()
    row.chert_secret = "another"
    assert row.chert_secret == "another"
    row.save(update_fields=["chert_secret"])
    assert (row.chert_secret, secret_of(ada), "another" in repr(vars(row))) == ("another", "another", False)


def test_nobody_can_write_a_plain_secret_past_its_row(ada):
    with pytest.raises(TypeError), transaction.atomic():
        Organization.objects.update(chert_secret="plain")
    with pytest.raises(ValueError, match="Save the row first"), transaction.atomic():
        Organization.objects.bulk_create([Organization(name="x", slug="x", chert_secret="plain")])
    assert secret_of(ada) == SECRET


def test_every_encrypted_column_names_what_it_is_bound_to():
    bound = {f"{model.__name__}.{column.name}": column.bound_to for model, column in rotating.columns()}
    assert bound == {
        "Organization.chert_secret": "pk",
        "Organization.webhook_secret": "pk",
        "ApiCall.answer": "token_id",
        "WebhookEndpoint.secret": "organization_id",
        "WebhookEndpoint.old_secrets": "organization_id",
    }
    assert EncryptedTextField(bound_to="x").clone().bound_to == "x"


def test_a_secret_of_the_last_release_is_read_and_sealed_anew(ring, ada):
    old = Fernet(ring.read_text()).encrypt(b"from before").decode()
    put(ada.organization, old)
    assert secret_of(ada) == "from before"
    assert rotated()["sealed"]["campaigns_organization.chert_secret"] == 1
    assert (secret_of(ada), raw(ada.organization)[:8]) == ("from before", "sealed1:")


def test_a_new_key_is_taken_up_by_a_running_site_and_the_old_one_goes(ring, ada, rival):
    """Runbook: The encryption key is to be changed."""
    told = rotated(new_key=True)
    assert (told["keys"], sum(told["sealed"].values()), told["left"]) == (2, 2, {})
    assert raw(ada.organization).startswith(f"sealed1:{told['key']}:")
    grow_old(ring)
    assert rotated(drop_old=True)["dropped"] == 1
    assert len(ring.read_text().split(",")) == 1
    assert (secret_of(ada), secret_of(rival)) == (SECRET, RIVAL_SECRET)
    assert ring.stat().st_mode & 0o777 == 0o600


def test_what_was_sealed_anew_is_not_touched_again(ring, ada, rival):
    rotated(new_key=True)
    before = raw(ada.organization)
    assert sum(rotated()["sealed"].values()) == 0
    assert raw(ada.organization) == before


def test_killed_in_the_middle_it_is_read_and_goes_on(ring, ada, rival, monkeypatch):
    monkeypatch.setattr(rotating, "BATCH", 1)
    rotating.add_key()
    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(die_after_the_first)
    marks = {raw(each.organization).split(":")[1] for each in (ada, rival)}
    assert len(marks) == 2
    assert (secret_of(ada), secret_of(rival)) == (SECRET, RIVAL_SECRET)
    assert sum(rotated()["sealed"].values()) == 1


def die_after_the_first(column):
    if column.done:
        raise KeyboardInterrupt


def test_what_somebody_saves_meanwhile_is_not_lost(ring, ada, monkeypatch):
    rotating.add_key()
    real = vault.decrypt

    def somebody_is_quicker(purpose, kept):
        monkeypatch.setattr(vault, "decrypt", real)
        give_secret(ada.organization, chert_secret="just entered")
        return real(purpose, kept)

    monkeypatch.setattr(vault, "decrypt", somebody_is_quicker)
    assert rotated()["sealed"]["campaigns_organization.chert_secret"] == 0
    assert secret_of(ada) == "just entered"


def test_old_keys_stay_while_anything_needs_them(ring, ada, rival):
    put(rival.organization, raw(ada.organization))
    rotating.add_key()
    grow_old(ring)
    with pytest.raises(rotating.NotPossible, match="1 secrets still need"):
        rotating.drop_old()
    assert len(ring.read_text().split(",")) == 2


def test_old_keys_stay_for_a_minute_because_of_those_who_are_writing(ring, ada):
    rotated(new_key=True)
    with pytest.raises(CommandError, match="not a minute old"):
        rotated(drop_old=True)


def test_what_no_key_opens_is_named_and_kept(ring, ada, rival):
    put(rival.organization, raw(ada.organization))
    before = raw(rival.organization)
    with pytest.raises(
        CommandError, match=rf"1 are left.*campaigns_organization.chert_secret {rival.organization.pk}\."
    ):
        rotated(new_key=True)
    assert raw(rival.organization) == before


def test_keys_from_a_variable_are_changed_there(settings, ada):
    settings.ENCRYPTION_KEYS_FILE, settings.ENCRYPTION_KEYS = None, [drawn(), *vault.keys()]
    assert secret_of(ada) == SECRET
    assert sum(rotated()["sealed"].values()) == 1
    with pytest.raises(CommandError, match="the variable ENCRYPTION_KEYS"):
        rotated(new_key=True)
    settings.ENCRYPTION_KEYS = [drawn()]
    with pytest.raises(vault.Shut):
        secret_of(ada)


@pytest.mark.django_db
def test_two_who_make_a_key_at_once_lose_none(ring):
    at_once([rotating.add_key] * 6)
    assert len(set(ring.read_text().split(","))) == 7


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_killed_while_a_site_writes_nothing_is_lost(ring, ada):
    """Real processes: rotate, kill -9, again and again, beside one who enters secrets."""
    many = [Organization.objects.create(name=f"{n}", slug=f"o{n}", chert_secret=f"secret {n}") for n in range(400)]
    rotating.add_key()
    environ = {**os.environ, "ROTATE": str(ring), "TEST_DATABASE": str(connections["default"].settings_dict["NAME"])}
    for wait in (0.0, 0.02, 0.05, 0.1):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.rotate_in_a_process"], cwd=site.ROOT, env=environ, stdout=-1
        )
        child.stdout.readline()
        time.sleep(wait)
        give_secret(many[-1], chert_secret=f"new {wait}")
        child.kill()
        child.wait()
        child.stdout.close()
    assert rotated()["left"] == {}
    kept = {each.slug: each.chert_secret for each in Organization.objects.filter(slug__startswith="o")}
    assert kept == {f"o{n}": f"secret {n}" for n in range(399)} | {"o399": "new 0.1"}


def test_the_longest_secret_fits_and_an_empty_one_is_empty(ada):
    give_secret(ada.organization, chert_secret="x" * 10_000, webhook_secret="")
    assert (secret_of(ada), raw(ada.organization, "webhook_secret")) == ("x" * 10_000, "")
    assert Organization.objects.annotate(n=Length("chert_secret")).get().n < 15_000
