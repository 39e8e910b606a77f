"""Keeps what templates are compiled to from one site of a process to the next: each compiles all of them otherwise,
which takes a third of a second, and the tests open hundreds of sites."""

from __future__ import annotations

from typing import Any

import pluggy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

hookimpl = pluggy.HookimplMarker("datasette")
_COMPILED: dict[tuple[str, str], Any] = {}


class _InMemory(BytecodeCache):
    """By the template's name and the digest of its text."""

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = _COMPILED.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        _COMPILED[bucket.key, bucket.checksum] = bucket.code


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Datasette's door."""
    env.bytecode_cache = _InMemory()
