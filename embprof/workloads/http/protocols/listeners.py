"""Which processes of this machine answer at an address, if it is one of this machine's."""

import contextlib
import socket

import psutil

ANYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  (what others listen on is compared)


def listeners(host: str, port: int) -> list[int]:
    """Ids of the processes that listen there, without those that another of them started.

    Empty for a server elsewhere, and where the system does not tell whose a socket is (another
    user's, or a container's).
    """
    mine = _addresses_here()
    wanted = {address for address in _addresses(host) if address in mine}
    if not wanted:
        return []
    try:
        every = psutil.net_connections(kind="tcp")
    except psutil.Error:
        return []
    found = {
        one.pid
        for one in every
        if one.pid is not None
        and one.status == psutil.CONN_LISTEN
        and one.laddr
        and one.laddr.port == port
        and one.laddr.ip in wanted | ANYWHERE
    }
    return sorted(pid for pid in found if not found & _ancestors(pid))


def _addresses(host: str) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except OSError:
        return set()


def _addresses_here() -> set[str]:
    return {one.address for every in psutil.net_if_addrs().values() for one in every}


def _ancestors(pid: int) -> set[int]:
    with contextlib.suppress(psutil.Error):
        return {parent.pid for parent in psutil.Process(pid).parents()}
    return set()
