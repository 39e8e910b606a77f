"""The fields that a search can be narrowed by: how people write them, and what they may put behind the colon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from archive.dates import parse_date
from archive.research.filters import Filters

# By the name in `Filters`: how it is written, and what else people write for it.
NAMES: dict[str, tuple[str, ...]] = {
    "components": ("component", "agency"),
    "kinds": ("type", "kind"),
    "collections": ("collection",),
    "years": ("year",),
    "vendors": ("vendor", "awardee", "recipient", "contractor"),
    "outlets": ("outlet", "publication"),
    "sources": ("source",),
    "listings": ("listing",),
    "numbers": ("number",),
    "titles": ("title", "headline"),
    "places": ("place",),
    "states": ("state",),
    "after": ("after", "since"),
    "before": ("before", "until"),
    "on": ("on",),
}
# How a parameter of an address, an option of a command and a field of JSON are called.
PARAMETERS = {field: "kind" if field == "kinds" else names[0] for field, names in NAMES.items()}
FIELDS = {name: field for field, names in NAMES.items() for name in names}
MOST_VALUES = 20
LONGEST_VALUE = 200
_DATES = ("after", "before", "on")
_OPPOSITE = {"after": "before", "before": "after"}
_YEARS = re.compile(r"([12][0-9]{3})(?:\s{0,2}(?:-|\.\.)\s{0,2}([12][0-9]{3}))?")


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """One field with what was put behind its colon: `name` as in `Filters`, `printed` as typed."""

    name: str
    values: tuple[str, ...]
    printed: str
    excluded: bool = False


def read_filters(asked: Iterable[FieldAsked], notes: list[str]) -> tuple[Filters, Filters]:
    """Return what must hold and what must not. Never raises; what can't be asked for is told in `notes`."""
    wanted: dict[str, list[str]] = {}
    excluded: dict[str, list[str]] = {}
    for field in asked:
        name, held = field.name, excluded if field.excluded else wanted
        if field.excluded and name in _DATES:
            name, held = _OPPOSITE.get(name, ""), wanted
        if not name:
            notes.append(f"“{field.printed}” can't be left out: a search is as of one day.")
            continue
        held.setdefault(name, []).extend(_values(name, field, notes))
    return _filters(wanted, notes), _filters(excluded, notes)


def given_filters(parameters: Mapping[str, Iterable[str]], notes: list[str]) -> Filters:
    """Return what is asked for by name and values, as parameters of an address and options of a command are.

    Names are those of PARAMETERS, or as people write fields. What can't be asked for is told in `notes`.
    """
    known = {**FIELDS, **{name: field for field, name in PARAMETERS.items()}}
    asked = [
        FieldAsked(known[name], (value.strip(),), f"{name}:{value.strip()[:LONGEST_VALUE]}")
        for name, values in parameters.items()
        for value in values
        if name in known and value.strip()
    ]
    return read_filters(asked, notes)[0]


def _values(name: str, field: FieldAsked, notes: list[str]) -> list[str]:
    given = [value.strip()[:LONGEST_VALUE] for value in field.values if any(map(str.isalnum, value))]
    if not given:
        notes.append(f"Nothing stands behind the colon of “{field.printed}”.")
    if name in _DATES:
        return [day for value in given if (day := _date(name, value, notes))]
    if name == "years":
        return [year for value in given for year in _years(value, notes)]
    return given


def _date(name: str, value: str, notes: list[str]) -> str:
    read = parse_date(value)
    if read is None:
        notes.append(f"“{value}” is no date that can be read; write it like 2018-01-26, 2018-01 or 2018.")
        return ""
    if name == "on" and read.precision != "day":
        notes.append(f"“on:{value}” names no day; write it like on:2018-01-26.")
        return ""
    return read.value


def _years(value: str, notes: list[str]) -> list[str]:
    read = _YEARS.fullmatch(value)
    if read is None:
        notes.append(f"“{value}” is no year; write year:2017 or year:2016-2018.")
        return []
    first, last = int(read[1]), int(read[2] or read[1])
    if not 0 <= last - first < MOST_VALUES:
        notes.append(f"“{value}” is no span of at most {MOST_VALUES} years; use after: and before:.")
        return []
    return [str(year) for year in range(first, last + 1)]


def _filters(held: dict[str, list[str]], notes: list[str]) -> Filters:
    """Put values in their places; of several days behind one field the one counts that lets more be found."""
    values: dict[str, Any] = {name: tuple(dict.fromkeys(given)) for name, given in held.items() if name not in _DATES}
    if any(len(given) > MOST_VALUES for given in values.values()):
        notes.append(f"Only the first {MOST_VALUES} values of a field were asked for.")
    days = {name: given for name, given in held.items() if name in _DATES and given}
    if len(set(days.get("on", []))) > 1:
        notes.append("A search is as of one day; the last that was named is meant.")
    chosen: dict[str, Any] = {
        name: {"after": min, "before": max}.get(name, _last)(given) for name, given in days.items()
    }
    return Filters(**{name: given[:MOST_VALUES] for name, given in values.items()}, **chosen)


def _last(values: list[str]) -> str:
    return values[-1]
