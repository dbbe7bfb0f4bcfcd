"""What ``http`` tells of itself: the work is done by a server, elsewhere."""

from __future__ import annotations

from embprof.interface.account import Account

HTTP = Account(asks_others=True)
