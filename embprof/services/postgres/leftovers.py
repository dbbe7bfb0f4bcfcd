"""What dead sweeps left behind, removed by the next one that needs PostgreSQL."""

from collections.abc import Callable

from embprof.errors import ServiceError
from embprof.services.postgres import embedded, folder, own_server


def remove(dsn: str | None, tell: Callable[..., None]) -> None:
    """Removes the folders of servers whose keepers were killed, and schemas left at ``dsn``.

    Schemas on another server of the user's stay until that is asked again: it may be gone for good,
    and waiting for it would delay every sweep.
    """
    for found in folder.dead():
        record = own_server.read_record(found)
        if record is None:
            embedded.remove(found)
        elif record.dsn == dsn:
            try:
                own_server.drop(record)
                folder.remove(found)
            except ServiceError as error:
                tell(say=str(error))
