"""Whom a server runs as."""

import os
import pwd

import pytest

from embprof.errors import ServiceError
from embprof.services.postgres.account import account


def unknown(_: object) -> pwd.struct_passwd:
    raise KeyError


def test_an_ordinary_user_runs_servers_as_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    someone = pwd.getpwall()[-1]
    monkeypatch.setattr(os, "geteuid", lambda: someone.pw_uid or 1)
    found = account()
    assert found.uid == (someone.pw_uid or 1)
    assert found.popen_arguments == {}


def test_root_runs_servers_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    arguments = account().popen_arguments
    assert arguments["user"] == pwd.getpwnam("nobody").pw_uid
    assert arguments["extra_groups"] == [], "root's groups are left behind"


def test_where_there_is_nobody_root_reads_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", unknown)
    with pytest.raises(ServiceError, match=r"as another user, or give database\.dsn"):
        account()


def test_a_user_without_a_name_reads_why_that_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(ServiceError, match=r"number 4711 has none.*/etc/passwd"):
        account()
