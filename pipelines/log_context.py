"""What a line of the log is about: the run, the source, the step; set where it is known, read by whoever writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=_NOTHING)


def about() -> Mapping[str, str]:
    """Return what is being worked on here, by name."""
    return _about.get()


@contextmanager
def working_on(**facts: str) -> Iterator[None]:
    """Have every line that is logged within say these facts; what is begun within says them too."""
    token = _about.set({**_about.get(), **facts})
    try:
        yield
    finally:
        _about.reset(token)
