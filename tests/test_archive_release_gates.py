"""Each gate closes where it should, asks for a look where that is enough, and stays open else (RS-03, SV-13, SV-14)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from archive.outcomes import severity
from archive.release import gates_of_last, gates_of_sources
from archive.release.gate import LIMITS, Candidate, Closed, Limits, Proved
from archive.release.gates import ACCEPTABLE, GATES, remedy_of
from archive.release.history import BUILT, OVERRULED, History
from archive.release.policies import Policies
from archive.release.publishing import Order
from archive.release.withheld import Withheld
from tests.figures import figure

# What of a release the gates ask.
TABLES = """
CREATE TABLE {0}.runs(id, source, night, started, status, replay, captures, documents, minimum, maximum);
CREATE TABLE {0}.outcomes(run, capture, outcome, severity, subject, detail);
CREATE TABLE {0}.captures(id, source, url, url_key, callback, outcome);
CREATE TABLE {0}.documents(id, source);
CREATE TABLE {0}.versions(id, document, capture, outcome);
CREATE TABLE {0}.pages(version, document, text, outcome);
CREATE TABLE {0}.aliases(alias, document);
CREATE TABLE {0}."references"(id, version, target_document);
CREATE TABLE {0}.changes(id, document, kind);
"""


class Release:
    """A release that was made, `main`, and the last one, `last`, with twenty documents of one source in both."""

    def __init__(self) -> None:
        self.made = sqlite3.connect(":memory:")
        self.made.row_factory = sqlite3.Row
        self.made.execute("ATTACH ':memory:' AS last")
        self.made.execute("CREATE TEMP TABLE withheld(id)")
        for name in ("main", "last"):
            self.made.executescript(TABLES.format(name))
            for number in range(20):
                self.document(name, number)
        self.run("library-1", "2018-01-01", documents=20)
        self.run("library-2", "2018-01-02", documents=20)
        listed = {"source": "library", "callback": "parse_list", "outcome": "listing"}
        self.put("captures", id="list", url="https://www.dhs.gov/list", url_key="dhs.gov/list", **listed)
        read = {"source": "library", "callback": "parse_page", "outcome": "document"}
        self.put("captures", id="page", url="https://www.dhs.gov/page?id=1", url_key="dhs.gov/page?id=1", **read)

    def document(self, name: str, number: int) -> None:
        self.put(f"{name}.documents", id=f"d{number}", source="library")
        self.put(f"{name}.versions", id=f"d{number}@1", document=f"d{number}", outcome="text")
        self.put(f"{name}.pages", version=f"d{number}@1", document=f"d{number}", text="word " * 20, outcome="text")
        target = f"d{(number + 1) % 20}"
        self.put(f'{name}."references"', id=f"r{number}", version=f"d{number}@1", target_document=target)

    def run(self, name: str, night: str, **more: Any) -> None:
        usual = {"status": "finished", "replay": 0, "captures": 40, "minimum": 10, "maximum": 30}
        self.put("runs", **{**usual, "id": name, "source": "library", "night": night, "started": night, **more})

    def put(self, table: str, **values: Any) -> Release:
        marks = ", ".join("?" * len(values))
        self.made.execute(f"INSERT INTO {table}({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
        return self

    def refused(self, count: int, outcome: str = "blocked", subject: str = "https://www.dhs.gov/page") -> Release:
        grave = severity(outcome)
        for _ in range(count):
            self.put("outcomes", run="library-2", outcome=outcome, severity=grave, subject=subject, detail="")
        return self

    def ask(self, *statements: str) -> Release:
        for statement in statements:
            self.made.execute(statement)
        return self

    def found(self, *looks: Callable[[Candidate], Iterator[Closed]], **more: Any) -> list[tuple[str, bool]]:
        candidate = Candidate(self.made, Withheld(), has_last=True, before=20, **more)
        return [(one.gate, one.holds) for look in looks for one in look(candidate)]


@pytest.fixture
def release() -> Iterator[Release]:
    made = Release()
    yield made
    made.made.close()


ALL = [gate.looks for name, gate in GATES.items() if name not in ("whole", "index", "withheld", "addresses")]
LAST = "UPDATE runs SET {} WHERE id = 'library-2'"


def test_a_sound_release_passes_all(release: Release) -> None:
    assert release.found(*ALL, proved=Proved("2026-11-01T00:00:00Z", 29, "", 40)) == []


def prepared(what: str) -> Callable[[Release], object]:
    """Return what makes a release one that a gate is for."""
    made: Mapping[str, Callable[[Release], object]] = {
        "twice as many": lambda r: r.ask(LAST.format("documents = 31")),
        "too few": lambda r: r.ask(LAST.format("documents = 9, status = 'failed'")),
        "nothing": lambda r: r.ask(LAST.format("documents = 0, status = 'failed'")),
        "half of the night before": lambda r: (r.ask(LAST.format("documents = 11"), "UPDATE runs SET documents = 30"
                                               " WHERE id = 'library-1'")),
        "too few, the rest refused": lambda r: (r.ask(LAST.format("documents = 4")), r.refused(7)),
        "too few, a list refused": lambda r: (
            r.ask(LAST.format("documents = 2")), r.refused(1, "server-error", "https://www.dhs.gov/list")),
        "too few, and layout changed": lambda r: (r.ask(LAST.format("documents = 4")), r.refused(7, "layout-changed")),
        "nothing, and all is forbidden": lambda r: (
            r.ask(LAST.format("documents = 0, status = 'failed'")),
            r.refused(1, "robots-disallowed", "https://www.dhs.gov/list")),
        "nothing, and the search of the night is forbidden": lambda r: (
            r.ask(LAST.format("documents = 0, status = 'failed'")),
            r.refused(1, "robots-disallowed", "https://www.dhs.gov/list?to=01/02/2018")),
        "nothing, and one page is forbidden": lambda r: (
            r.ask(LAST.format("documents = 0, status = 'failed'")),
            r.refused(1, "robots-disallowed", "https://www.dhs.gov/page?id=2")),
        "fields gone": lambda r: r.refused(1, "fields-missing"),
        "a third refused": lambda r: r.refused(14),
        "pages without text": lambda r: [
            (r.put("versions", id=f"n{n}", document="d1", outcome="text"),
             r.put("pages", version=f"n{n}", document="d1", text=" ", outcome="text")) for n in range(12)],
        "scans": lambda r: [
            (r.put("versions", id=f"n{n}", document="d1", outcome="no-text-layer"),
             r.put("pages", version=f"n{n}", document="d1", text="", outcome="no-text-layer")) for n in range(12)],
        "most replaced": lambda r: [r.put("changes", id=f"c{n}", document=f"d{n}", kind="replaced") for n in range(11)],
        "half re-saved": lambda r: [r.put("changes", id=f"c{n}", document=f"d{n}", kind="re-saved") for n in range(20)],
        "documents gone": lambda r: r.ask("DELETE FROM main.documents WHERE rowid > 8"),
        "documents under another name": lambda r: [
            r.ask(f"UPDATE main.documents SET id = 'x{n}' WHERE id = 'd{n}'",
                  f"INSERT INTO main.aliases VALUES ('d{n}', 'x{n}')") for n in range(12)],
        "pages gone": lambda r: r.ask("DELETE FROM main.pages WHERE rowid > 8"),
        "links broken": lambda r: r.ask("UPDATE main.\"references\" SET target_document = NULL WHERE rowid > 5"),
        "one link broken": lambda r: r.ask("UPDATE main.\"references\" SET target_document = NULL WHERE rowid = 5"),
    }  # fmt: skip
    return made[what]


CASES = [
    ("twice as many", [("counts", True)]),
    ("too few", [("counts", True)]),
    ("nothing", [("counts", True)]),
    ("half of the night before", [("counts", True)]),
    ("too few, the rest refused", [("counts", False)]),
    ("too few, a list refused", [("counts", False)]),
    ("too few, and layout changed", [("counts", True)]),
    ("nothing, and all is forbidden", [("counts", False)]),
    ("nothing, and the search of the night is forbidden", [("counts", False)]),
    ("nothing, and one page is forbidden", [("counts", True)]),
    ("fields gone", [("fields", True)]),
    ("a third refused", [("answers", False)]),
    ("pages without text", [("pages", True)]),
    ("scans", []),
    ("most replaced", [("replaced", True)]),
    ("half re-saved", []),
    ("documents gone", [("shrunk", True), ("shrunk", True)]),
    ("pages gone", [("size", True)]),
    ("links broken", [("links", True)]),
    ("one link broken", [("links", False)]),
]


@pytest.mark.parametrize(("what", "expected"), CASES, ids=[what for what, _ in CASES])
def test_each_gate(what: str, expected: list[tuple[str, bool]], release: Release) -> None:
    prepared(what)(release)
    links = [look for look in ALL if look is not gates_of_last.linked]
    assert release.found(*(ALL if "link" in what else links)) == expected


def test_sv_13_14_and_rs_03_counted() -> None:
    closed = [what for what, found in CASES if any(holds for _, holds in found)]
    figure("RS-03", gates=len(GATES), acceptable=len(ACCEPTABLE), cases=len(CASES), held_back=len(closed))


def test_a_document_that_has_another_name_now_is_not_gone(release: Release) -> None:
    prepared("documents under another name")(release)
    assert release.found(gates_of_last.shrunk) == []


def test_what_was_withdrawn_is_not_missed(release: Release) -> None:
    gone = "(SELECT id FROM main.documents)"
    release.ask(
        "DELETE FROM main.documents WHERE rowid > 9",
        f"DELETE FROM main.pages WHERE document NOT IN {gone}",
        f'DELETE FROM main."references" WHERE target_document NOT IN {gone}',
        f"INSERT INTO temp.withheld SELECT id FROM last.documents WHERE id NOT IN {gone}",
    )
    withheld = Withheld(documents=frozenset(f"d{number}" for number in range(9, 20)))
    candidate = Candidate(release.made, withheld, has_last=True, before=20)
    looks = (gates_of_last.shrunk, gates_of_last.sized, gates_of_last.linked)
    assert [found for look in looks for found in look(candidate)] == []


def test_a_limit_of_ones_own(release: Release) -> None:
    prepared("most replaced")(release)
    assert release.found(gates_of_sources.kept, own={"library": Limits(replaced=0.9)}) == []
    assert release.found(gates_of_sources.kept, limits=Limits(least=30)) == []
    assert set(LIMITS) == set(Limits.__slots__)


def test_a_recording_says_itself_what_a_night_gives(release: Release) -> None:
    release.ask("UPDATE runs SET replay = 1")
    prepared("half of the night before")(release)
    assert release.found(gates_of_sources.counted) == []


def test_a_run_that_isnt_at_its_end_is_not_judged(release: Release) -> None:
    release.ask(LAST.format("documents = 0, status = 'budget'"))
    assert release.found(gates_of_sources.counted) == []


def test_a_file_that_grew_and_one_that_did_not(release: Release) -> None:
    assert release.found(gates_of_last.sized, sizes=(400 << 20, 100 << 20)) == [("size", False)]
    assert release.found(gates_of_last.sized, sizes=(40 << 20, 1 << 20)) == []


@pytest.mark.parametrize(
    ("proved", "expected"),
    [
        (Proved("2026-11-01T00:00:00Z", 29), []),
        (Proved("2026-10-01T00:00:00Z", 60), [("verified", False)]),
        (Proved("", 60), [("verified", False)]),
        (Proved("2026-11-29T00:00:00Z", 1, failed="2026-11-29T00:00:00Z"), [("verified", False)]),
        (Proved("2026-11-29T00:00:00Z", 1, looked=40, damaged=("a",)), [("captures", True)]),
        (Proved(), []),
    ],
)
def test_verification(proved: Proved, expected: list[tuple[str, bool]], release: Release) -> None:
    assert release.found(gates_of_last.proved, proved=proved) == expected


def test_every_gate_says_what_to_do() -> None:
    for name, gate in GATES.items():
        told = remedy_of({"gate": name, "source": "news"})
        assert told
        assert (f"oversight release accept {name}:news" in told) == gate.acceptable
        assert "accept" not in remedy_of({"gate": name, "holds": False})


def test_what_is_accepted_for_a_release_or_for_days() -> None:
    once = {"event": OVERRULED, "at": "2026-11-30T03:00:00Z", "gates": ["counts:news"], "reason": "more", "until": ""}
    week = {**once, "gates": ["replaced"], "reason": "redesign", "until": "2026-12-07"}
    history = History.of([once, week])
    assert history.accepted_on("2026-11-30") == {"counts:news": "more", "replaced": "redesign"}
    later = History.of([once, week, {"event": BUILT, "release": 2, "documents": 1}])
    assert later.accepted_on("2026-12-01") == {"replaced": "redesign"}
    assert later.accepted_on("2026-12-08") == {}


def test_an_acceptance_is_no_wider_than_it_says() -> None:
    order = Order(
        "2026-11-30T03:00:00Z", Policies(), accepted={"counts:news": "more", "whole": "never mind", "links": "y"}
    )
    assert order.accepts(Closed("counts", "", source="news")) == "more"
    assert order.accepts(Closed("counts", "", source="dhs_pia")) is None
    assert order.accepts(Closed("links", "", source="news")) == "y"
    assert order.accepts(Closed("whole", "")) is None
