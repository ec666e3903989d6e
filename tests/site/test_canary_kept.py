"""Where secrets and people are kept, and where nothing of them is: database, cache, broker, files (S47, S48)."""

import pickle
import zlib
from pathlib import Path

import pytest
import redis
from celery.signals import before_task_publish
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from reviews.celery import app
from tests.person.canaries import CANARIES, in_the_files, is_sqlite
from tests.site.lived_in import House, lived_in

pytestmark = pytest.mark.django_db(transaction=True)

#: An address is no secret that opens anything, for each knock is signed; but it stands in its own columns alone.
PATH_IS_IN = {"campaigns_organization.webhook_path", "campaigns_organization.webhook_url"}
#: How Redis gives out each kind of what it keeps, whole.
READS = {b"string": ["GET"], b"set": ["SMEMBERS"], b"hash": ["HGETALL"], b"list": ["LRANGE", 0, -1]}
READS |= {b"zset": ["ZRANGE", 0, -1]}


@pytest.fixture
def rung():
    """What anybody has put on the broker: the task, and what it carries."""
    rings = []

    def note(sender, body, **_):
        rings.append((sender, body[0], body[1]))

    before_task_publish.connect(note)
    yield rings
    before_task_publish.disconnect(note)


@pytest.fixture
def house(transactional_db, ada, sandbox, clock, client, settings, rung) -> House:
    settings.SITE_URL = "http://127.0.0.1:8000"
    return lived_in(ada, sandbox, clock, client)


def in_columns():
    """Every value of every row as the database has it, with its table and column."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [f"{table}.{column[0]}" for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((name, _readable(value)) for name, value in zip(names, row, strict=True))


def _readable(value):
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def in_the_cache():
    """What the files of the cache hold once they are unpacked; their names are hashes."""
    for path in Path(settings.DATA_DIR, "cache").glob("*.djcache"):
        with path.open("rb") as kept:
            pickle.load(kept)  # until when it is kept
            yield zlib.decompress(kept.read())


def in_redis():
    """Every key and value, the broker's as well as the cache's."""
    if not settings.REDIS_URL:
        return
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        for key in server.scan_iter():
            read, *which = READS[server.type(key)]
            yield key + repr(server.execute_command(read, key, *which)).encode()


def on_the_broker():
    """What lies in its folders when every bell has been rung once, and nobody has listened."""
    for ring in settings.CELERY_BEAT_SCHEDULE.values():
        app.send_task(ring["task"], expires=60)
    yield from (path.read_bytes() for folder in settings.BROKER_FOLDERS for path in folder.rglob("*.*"))
    yield from in_redis()
    with app.connection_for_write() as broker:
        broker.default_channel.queue_purge("celery")


def test_no_secret_is_kept_in_the_clear_in_any_column_or_file(house):
    """And what a session holds is packed in its column, so it is unpacked."""
    found = {(place, name) for place, words in in_columns() for name in house.told_in(words)}
    assert found == {(place, "webhook path") for place in PATH_IS_IN}
    assert {name for each in Session.objects.all() for name in house.told_in(str(each.get_decoded()))} == set()
    files = [path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()]
    of_the_database = {"webhook path"} if is_sqlite() else set()
    assert {name for path in files for name in house.lies_in(path.read_bytes())} == of_the_database


def test_nobody_rings_but_the_clock_and_its_rings_carry_nothing(house, rung):
    """The rows are the queue: neither a page nor the work puts anything on the broker."""
    assert rung == []
    carried = list(on_the_broker())
    assert len(carried) >= 1
    assert [(args, named) for _, args, named in rung] == [((), {})] * len(settings.CELERY_BEAT_SCHEDULE)
    assert {name for raw in carried for name in house.lies_in(raw)} == set()
    assert [word for word in CANARIES for raw in carried if word.encode() in raw] == []


def test_nothing_of_anybody_is_in_the_cache(house):
    """It counts tries and remembers moments, under names that are hashes."""
    kept = [*in_the_cache(), *in_redis()]
    assert len(kept) > 3
    assert {name for raw in kept for name in house.lies_in(raw)} == set()
    assert [word for word in (*CANARIES, house.owner.user.email) for raw in kept if word.encode() in raw] == []


def test_customers_are_in_the_database_and_in_no_other_file_and_no_name_of_one(house):
    database = Path(str(connection.settings_dict["NAME"])).name
    assert {each for each in in_the_files() if not each.startswith(database)} == set()
    names = [str(path) for path in Path(settings.DATA_DIR).rglob("*")]
    assert [name for name in names for word in CANARIES if word in name] == []
