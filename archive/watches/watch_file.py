"""Reads `curation/watches/*.toml`: what people want to be told of, and where to; every problem with its file and line.

One bad term, filter, table or file costs itself only. It knows no database: what a filter's value or a vendor stands
for is for who has the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.curated_text import parse_curated, read_curated, unreadable
from archive.model import Finding
from archive.research.changes import KINDS as CHANGES
from archive.research.query_fields import FIELDS, PARAMETERS, given_filters
from archive.watches.destinations import destinations_of
from archive.watches.model import Watch
from archive.watches.terms import problem_with

WATCHES = Path("curation") / "watches"
MOST_TERMS, MOST_WATCHES, LONGEST_TITLE = 2_500, 200, 200
# Beside the kinds of changes: those of contracts have names of their own.
AWARD, MODIFICATION = "award", "modification"
KINDS = (*CHANGES, AWARD, MODIFICATION)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
# What has no width parts no word.
_BLANK = dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
_IN_KEY = re.compile(r"[A-Za-z0-9_-]")
_KEYS = ("title", "terms", "terms_file", "filters", "kinds", "public", "send")
_FILTERS = {**FIELDS, **{name: name for name in PARAMETERS.values()}}


@dataclass(frozen=True, slots=True)
class Watches:
    """The watches that could be read, by name, and what of their files could not be understood."""

    held: tuple[Watch, ...] = ()
    problems: tuple[Finding, ...] = ()

    def named(self, name: str) -> Watch | None:
        """Return the watch of this name."""
        return next((one for one in self.held if one.name == name), None)

    def unclear(self, names: Iterable[str]) -> set[str]:
        """Return those of the watches of these names that aren't held since something can't be understood: their file,
        or the folder of all."""
        subjects = {Path(problem.subject) for problem in self.problems}
        return {name for name in names if self.named(name) is None and subjects & {WATCHES, WATCHES / f"{name}.toml"}}


def read_watches(folder: Path) -> Watches:
    """Return the watches of the archive at `folder`; none where there is no such folder. Never raises."""
    base = folder / WATCHES
    try:
        paths = sorted(path for path in base.iterdir() if path.suffix == ".toml") if base.is_dir() else []
    except OSError as error:
        return Watches(problems=(unreadable(WATCHES, str(error.strerror)),))
    read = [read_watch(folder, WATCHES / path.name) for path in paths[:MOST_WATCHES]]
    problems = [problem for one in read for problem in one.problems]
    if len(paths) > MOST_WATCHES:
        problems.append(unreadable(WATCHES, f"only the first {MOST_WATCHES} files are read"))
    return Watches(tuple(watch for one in read for watch in one.held), tuple(problems))


def read_watch(folder: Path, place: Path) -> Watches:
    """Return the watch that a file below `folder` says, and what is wrong with it. Never raises."""
    text = read_curated(folder, place)
    if not isinstance(text, str):
        return Watches(problems=(text,))
    return parse_watch(text, place, folder)


def parse_watch(text: str, place: Path, folder: Path | None = None) -> Watches:
    """Return the watch that a text says; a file of terms is looked for beside it, where `folder` is given."""
    told = parse_curated(text, place)
    if isinstance(told, Finding):
        return Watches(problems=(told,))
    if not _NAME.fullmatch(place.stem):
        wanted = "a watch is called by its file: small letters, digits and hyphens, 60 at most"
        return Watches(problems=(unreadable(place, wanted),))
    return _Reading(text, place, folder, told).watch()


class _Reading:
    def __init__(self, text: str, place: Path, folder: Path | None, told: Mapping[str, Any]) -> None:
        self.text, self.place, self.folder, self.told = text, place, folder, told
        self.problems: list[Finding] = []

    def watch(self) -> Watches:
        for name in sorted(self.told.keys() - {*_KEYS}):
            self._tell(self._line(name), f"{name[:100]!r} is nothing that a watch takes: {', '.join(_KEYS)}")
        terms = self._terms()
        filters, kinds = self._filters(), self._kinds()
        if not (terms or filters or kinds):
            self._tell(1, "there is no term, no filter and no kind in it: it would be told nothing")
            return Watches(problems=tuple(self.problems))
        if not terms and (self.told.get("terms") or self.told.get("terms_file")):
            self._tell(1, "none of its terms can be looked for; without any it would be told of everything")
            return Watches(problems=tuple(self.problems))
        destinations, refused = destinations_of(self._send(), self.place.stem)
        self.problems += refused
        watch = Watch(
            name=self.place.stem,
            title=self._title(),
            terms=terms,
            filters=filters,
            kinds=kinds,
            destinations=destinations,
            public=self._is_public(),
        )
        return Watches((watch,), tuple(self.problems))

    def _tell(self, line: int, detail: str, place: Path | None = None) -> None:
        self.problems.append(unreadable(place or self.place, f"line {line}: {detail}"))

    def _line(self, name: str) -> int:
        """Return the line in which a key stands first, or 1."""
        for number, line in enumerate(self.text.split("\n"), 1):
            opens = line.lstrip(" \t[\"'")
            if opens.startswith(name) and not _IN_KEY.match(opens, len(name)):
                return number
        return 1

    def _title(self) -> str:
        title = self.told.get("title", "")
        if not isinstance(title, str) or len(title) > LONGEST_TITLE:
            self._tell(self._line("title"), f"`title` is a text of at most {LONGEST_TITLE} characters")
            title = ""
        return " ".join("".join(sign if sign.isprintable() else " " for sign in title).split()) or self.place.stem

    def _is_public(self) -> bool:
        public = self.told.get("public", False)
        if isinstance(public, bool):
            return public
        self._tell(self._line("public"), "`public` is true or false")
        return False

    def _terms(self) -> tuple[str, ...]:
        held: dict[str, None] = {}
        for number, (place, line, term) in enumerate(self._written()):
            if number >= MOST_TERMS:
                self._tell(line, f"only the first {MOST_TERMS:,} terms are looked for", place)
                break
            if problem := problem_with(term):
                self._tell(line, f"the term {term[:60]!r} is left out: {problem}", place)
            else:
                held[term] = None
        return tuple(held)

    def _written(self) -> Iterator[tuple[Path, int, str]]:
        """Yield each term with the file and the line that it stands in."""
        terms = self.told.get("terms", "")
        if isinstance(terms, list):
            lines, first = terms, self._line("terms")
            step = 0
        else:
            lines, first, step = str(terms).split("\n"), self._first_line(), 1
            if not isinstance(terms, str):
                self._tell(self._line("terms"), "`terms` is a text with a term a line, or a list of them")
                lines = []
        for number, line in enumerate(lines):
            if not isinstance(line, str):
                self._tell(first, f"{str(line)[:60]!r} is no term: terms are texts")
            elif term := term_in(line):
                yield self.place, first + step * number, term
        yield from self._in_file()

    def _first_line(self) -> int:
        """Return the line in which the text of `terms` begins: right behind its quotation marks a line's end is none
        of it (TOML 1.0)."""
        line = self._line("terms")
        written = self.text.split("\n")[line - 1].rstrip()
        return line + 1 if written.endswith(('"""', "'''")) else line

    def _in_file(self) -> Iterator[tuple[Path, int, str]]:
        name = self.told.get("terms_file", "")
        if not name:
            return
        line = self._line("terms_file")
        if not isinstance(name, str) or Path(name).name != name or name.startswith("."):
            self._tell(line, "`terms_file` is the name of a file beside this one")
            return
        if self.folder is None or not (self.folder / self.place.parent / name).is_file():
            self._tell(line, f"there is no file {name[:100]!r} beside this one")
            return
        text = read_curated(self.folder, self.place.parent / name)
        if not isinstance(text, str):
            self.problems.append(text)
            return
        for number, written in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            if term := term_in(written):
                yield self.place.parent / name, number, term

    def _filters(self) -> dict[str, tuple[str, ...]]:
        """Return what the watch is narrowed to, by the names of a search's parameters."""
        told = self.told.get("filters", {})
        if not isinstance(told, Mapping):
            self._tell(self._line("filters"), "`filters` is a table: [filters]")
            return {}
        held: dict[str, tuple[str, ...]] = {}
        for name, value in told.items():
            values = value if isinstance(value, list) else [value]
            if name not in _FILTERS:
                self._tell(self._line(name), f"no filter is called {name[:60]!r}: {', '.join(PARAMETERS.values())}")
            elif not all(isinstance(one, str | int) and not isinstance(one, bool) for one in values):
                self._tell(self._line(name), f"the filter {name!r} is a text, or a list of texts")
            else:
                notes: list[str] = []
                texts = tuple(str(one) for one in values)
                given_filters({name: texts}, notes)
                for note in notes:
                    self._tell(self._line(name), note)
                if not notes:
                    held[PARAMETERS[FIELDS.get(name, "kinds")]] = texts
        return held

    def _kinds(self) -> tuple[str, ...]:
        told = self.told.get("kinds", [])
        if not isinstance(told, list):
            self._tell(self._line("kinds"), f"`kinds` is a list of: {', '.join(KINDS)}")
            return ()
        for one in told:
            if one not in KINDS:
                self._tell(self._line("kinds"), f"no change is of the kind {str(one)[:60]!r}: {', '.join(KINDS)}")
        return tuple(dict.fromkeys(one for one in told if one in KINDS))

    def _send(self) -> tuple[Mapping[str, Any], ...]:
        told = self.told.get("send", [])
        tables = told if isinstance(told, list) else [told]
        if not all(isinstance(one, Mapping) for one in tables):
            self._tell(self._line("send"), "where to send is said by tables: [[send]]")
        return tuple(one for one in tables if isinstance(one, Mapping))


def term_in(line: str) -> str:
    """Return the term that a line holds, "" where it holds none: `#` begins a comment, alone or behind a blank."""
    plain = " ".join("".join(sign if sign.isprintable() else _BLANK.get(sign, " ") for sign in line).split())
    if plain.startswith("#"):
        return ""
    if plain.startswith('"') and '"' in plain[1:]:
        return plain[: plain.index('"', 1) + 1]
    return plain.partition(" #")[0].strip()
