"""Addresses of PostgreSQL servers as libpq understands them, and what must not stand in one."""

FORMS = "postgresql://user@host:5432/database or host=… port=… dbname=… user=…"
ELSEWHERE = "set PGPASSWORD, or write it to ~/.pgpass"
SECRET = b"*"
"""How libpq marks an option that a password is typed into (``dispchar`` of PQconninfoOption)."""
KEYS = ("scram_client_key", "scram_server_key")
"""Options that are as good as a password and bear no such mark."""


def problem(dsn: str) -> str | None:
    """Why ``dsn`` is not taken as an address, in words that show nothing secret; None if it is.

    Looks at the text alone. An address is stored with every run, so none may hold a password.
    """
    if not dsn.strip():
        return 'is empty; null starts a server, "postgresql://" means that of PGHOST, PGDATABASE, …'
    # It costs a fifth of a second, and most sweeps have no address to look at.
    from psycopg import OperationalError, pq

    try:
        options = pq.Conninfo.parse(dsn.encode())
    except OperationalError as error:
        return f"is no address that libpq can read{_why(str(error))}; write {FORMS}"
    given = {one.keyword.decode(): one.dispchar for one in options if one.val}
    names = [name for name, mark in given.items() if mark == SECRET or name in KEYS]
    if names:
        return (
            f"holds a secret ({', '.join(names)}), which would be stored with every run; "
            f"leave it out and {ELSEWHERE}"
        )
    return None


def _why(text: str) -> str:
    # Other messages quote the text that was not understood, which may be a password.
    return f" ({text.strip()})" if "invalid" in text and "=" not in text else ""
