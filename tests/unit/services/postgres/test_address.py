"""Which addresses of a database are taken, and what is said of those that are not."""

import pytest

from embprof.services.postgres import address


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://",
        "postgresql://claims@db.example:5433/claims",
        "postgres:///claims?host=/var/run/postgresql",
        "postgresql://a.example,b.example/claims?target_session_attrs=read-write",
        "host=db.example dbname=claims user=claims",
        "host='db.example' options='-c statement_timeout=5s'",
        "service=claims",
        "postgresql://db.example/claims?passfile=/run/secrets/pgpass",
    ],
)
def test_an_address_in_any_form_of_libpq_is_taken(dsn: str) -> None:
    assert address.problem(dsn) is None


@pytest.mark.parametrize(
    ("dsn", "name"),
    [
        ("postgresql://claims:geheim@db.example/claims", "password"),
        ("postgresql://db.example/claims?user=claims&password=geheim", "password"),
        ("host=db.example password=geheim", "password"),
        ("host=db.example password = 'geheim wort'", "password"),
        ("postgresql://db.example/claims?sslpassword=geheim", "sslpassword"),
        ("host=db.example oauth_client_secret=geheim", "oauth_client_secret"),
        ("host=db.example scram_client_key=geheim", "scram_client_key"),
    ],
)
def test_a_secret_is_refused_by_its_name_and_not_shown(dsn: str, name: str) -> None:
    said = address.problem(dsn)
    assert said is not None
    assert f"holds a secret ({name})" in said
    assert "PGPASSWORD" in said
    assert "~/.pgpass" in said
    assert "geheim" not in said


@pytest.mark.parametrize(
    "dsn",
    [
        "localhost/claims",
        "mysql://claims:geheim@db.example/claims",
        "postgresql://claims:geheim wort@db.example/claims",
        "host=db.example password='geheim",
        "jdbc:postgresql://db.example/claims?password=geheim",
    ],
)
def test_what_libpq_cannot_read_is_told_with_the_forms_that_it_can(dsn: str) -> None:
    said = address.problem(dsn)
    assert said is not None
    assert "postgresql://user@host:5432/database or host=" in said
    assert "geheim" not in said


def test_an_option_that_libpq_does_not_know_is_named() -> None:
    said = address.problem("postgresql://db.example/claims?sslmod=require")
    assert said is not None
    assert '"sslmod"' in said


def test_an_empty_address_is_told_what_to_write_instead() -> None:
    assert "null starts a server" in str(address.problem("  "))
