"""What publishers do to their things, by name; each act says what it was done to, or that there was nothing to do."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from tests.sixty_nights.publishers import LIBRARY, Publishers, Thing
from tests.sixty_nights.words import spelled


def do(publishers: Publishers, act: str, source: str, day: str, chance: random.Random) -> str:
    """Do one act of a publisher; return the thing's name, "" where there is none that it could be done to."""
    if act == "add":
        return publishers.add(source, day).name
    kind = {"edit page": ("page", "article"), "amend": ("notice", "award")}.get(act, ())
    done = _ON_ENTRY[act] if act in _ON_ENTRY else _ON_FILE.get(act)
    things = [one for one in publishers.of(source) if one.kind in kind] if kind else _entries(publishers, act, day)
    if not things:
        return ""
    thing = chance.choice(things)
    if kind:
        thing.edition += 1
        thing.days.append(day)
        return thing.name
    assert done is not None
    done(thing)
    thing.since = day
    thing.days += [day] * (thing.edition + thing.saved + 1 - len(thing.days))
    return thing.name


def _entries(publishers: Publishers, act: str, day: str) -> list[Thing]:
    pages = publishers.of(LIBRARY, "page")
    plain = [one for one in pages if one.shown and not one.answer and one.file and not one.file.answer]
    if act == "list again":
        return [one for one in pages if not one.shown]
    if act == "bring back":
        return [file for one in pages if (file := one.file) and one.shown and _is_long(file, day)]
    if act == "delist":
        return plain[:-7]
    found = plain if act in _ON_ENTRY else [one.file for one in plain if one.file]
    return found if len(plain) > 6 or act not in ("refuse", "remove") else []


def _is_long(file: Thing, day: str) -> bool:
    """Tell whether a file is refused, or was taken away so long ago that it was told to be gone."""
    long = (date.fromisoformat(day) - date.fromisoformat(file.since)).days if file.since else 0
    return file.answer == "refused" or (file.answer == "removed" and long > 9)


def _renamed(file: Thing) -> None:
    file.address = file.address.replace(".pdf", f"-{spelled(file.edition + file.saved)}.pdf")


def _edited(file: Thing) -> None:
    file.edition += 1


def _saved(file: Thing) -> None:
    file.saved += 1


def _edited_and_renamed(file: Thing) -> None:
    _edited(file)
    _renamed(file)


def _set(name: str, value: object) -> Callable[[Thing], None]:
    return lambda thing: setattr(thing, name, value)


_ON_ENTRY: dict[str, Callable[[Thing], None]] = {"delist": _set("shown", False), "list again": _set("shown", True)}
_ON_FILE: dict[str, Callable[[Thing], None]] = {
    "replace": _edited, "re-save": _saved, "rename": _renamed, "rename and edit": _edited_and_renamed,
    "refuse": _set("answer", "refused"), "remove": _set("answer", "removed"), "bring back": _set("answer", ""),
}  # fmt: skip
