"""Sources like tests/hostile/walked.py, each on a host of its own; and one more on the first's host."""

from __future__ import annotations

from tests.hostile.walked import Walked


class WalkedA(Walked):
    name = "walked_a"
    allowed_domains = ("127.0.0.1",)


class WalkedB(Walked):
    name = "walked_b"
    allowed_domains = ("127.0.0.2",)


class WalkedC(Walked):
    name = "walked_c"
    allowed_domains = ("127.0.0.3",)


class WalkedD(Walked):
    name = "walked_d"
    allowed_domains = ("127.0.0.4",)


class WalkedToo(Walked):
    name = "walked_too"
    allowed_domains = ("127.0.0.1",)
