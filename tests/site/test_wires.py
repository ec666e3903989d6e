"""Which addresses would be spoken to in the open."""

import pytest

from reviews import wires

FULL = "sslmode=verify-full&sslrootcert=/etc/ca.pem"


@pytest.mark.parametrize(
    "url",
    [
        *("postgres://me:pw@db.example.com/g", "postgres://me@db/g?sslmode=require", "postgresql://10.0.0.5:5432/g"),
        *("postgres://me@db/g?sslmode=verify-full&sslmode=disable", "redis://cache:6379/0", "redis://127.0.0.2/0"),
        *("rediss://cache:6379/0?ssl_cert_reqs=none", "rediss://cache/0?ssl_cert_reqs=CERT_NONE"),
        *("rediss://cache:6379/0", "rediss://cache:6379/0?ssl_ca_certs=/etc/ca.pem"),
        *("smtp://name:pw@mail.example.com:25", "postgres://127.0.0.1.example.com/g"),
    ],
)
def test_what_others_could_read_or_answer_is_named(url):
    assert wires.plain(url)


@pytest.mark.parametrize(
    "url",
    [
        *("", f"postgres://me:pw@db.example.com/g?{FULL}", "postgres://me@db/g?sslmode=verify-ca"),
        *("postgres://postgres@127.0.0.1:5432/g", "postgres:///g", "postgres://%2Fvar%2Frun%2Fpostgresql/g"),
        *(
            "postgres://me@[::1]/g",
            "rediss://:pw@cache:6380/0?ssl_cert_reqs=required",
            "redis://localhost:6379/5",
            "consolemail://",
        ),
        *("smtp+tls://name:pw@mail.example.com:587", "smtp+ssl://mail.example.com", "smtp://localhost:25"),
    ],
)
def test_what_stays_here_or_is_sealed_is_not(url):
    assert wires.plain(url) == ""
