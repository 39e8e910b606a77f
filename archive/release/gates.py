"""The gates of a release: what has to be so before it is served; each tells what isn't, and changes nothing.

A gate that is closed holds the release back: the last one is served on. One that asks for a look lets it pass. What
each looks at stands in gates_of_file.py, gates_of_sources.py and gates_of_last.py, by how much in gate.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.release import gates_of_file, gates_of_last, gates_of_sources
from archive.release.gate import Candidate, Closed
from archive.store.chain import Chain, ChainBroken, Head

# As many examples as a person looks at.
EXAMPLES = 5
_ACCEPT = "If it is right so: `oversight release accept {gate} --reason TEXT`."


@dataclass(frozen=True, slots=True)
class Gate:
    """A check: what it `looks` at, whether a person may overrule that it is closed, and what to do about it."""

    looks: Callable[[Candidate], Iterator[Closed]]
    acceptable: bool
    remedy: str


GATES: Mapping[str, Gate] = {
    "whole": Gate(gates_of_file.whole, False, "`oversight rebuild` makes the catalogue again; then build again."),
    "index": Gate(gates_of_file.index, False, "`oversight rebuild` makes the index again; then build again."),
    "withheld": Gate(gates_of_file.withheld, False, "A mistake in this program: nothing withdrawn may be published."),
    "addresses": Gate(
        gates_of_file.addresses, True, "`oversight rebuild` finds what was captured; look for what else is gone."
    ),
    "shrunk": Gate(gates_of_last.shrunk, True, "Look at `oversight changes` and the source's site."),
    "size": Gate(gates_of_last.sized, True, "Look whether texts are read as before: `oversight text ID`."),
    "links": Gate(gates_of_last.linked, True, "Look at `oversight links --unmatched`, and at curation/links.toml."),
    "counts": Gate(
        gates_of_sources.counted, True, "Redesigned, cut or a trap? Look at the run and at the site. The next run that"
        " gives what is expected opens it; the bounds stand in the source's file.",
    ),
    "fields": Gate(
        gates_of_sources.covered, True, "Look at some of the run's captures: the layout has changed, or the publisher"
        " leaves the field out now.",
    ),
    "pages": Gate(gates_of_sources.read, True, "Open some of the new pages: is there text where none was read?"),
    "replaced": Gate(
        gates_of_sources.kept, True, "Look at `oversight changes --kind replaced`: was the site made anew?"
    ),
    "captures": Gate(gates_of_last.proved, True, "`oversight verify`, then `oversight restore` from a backup."),
    "answers": Gate(gates_of_sources.answered, False, "Look at the run's outcomes; slow the source down, or wait."),
    "sources": Gate(gates_of_sources.failing, False, "`oversight sources`; each failure says what to do."),
    "verified": Gate(lambda _: iter(()), False, "`oversight verify`, or a part of it each night (`--part 1/7`)."),
}  # fmt: skip
ACCEPTABLE = tuple(name for name, gate in GATES.items() if gate.acceptable)


def closed_gates(candidate: Candidate) -> list[Closed]:
    """Return every gate that is closed, and every one that asks for a look."""
    out = candidate.withheld.documents
    candidate.made.execute("CREATE TEMP TABLE IF NOT EXISTS withheld(id TEXT PRIMARY KEY) WITHOUT ROWID")
    candidate.made.executemany("INSERT OR IGNORE INTO temp.withheld VALUES (?)", [(one,) for one in sorted(out)])
    candidate.made.commit()
    return [closed for gate in GATES.values() for closed in gate.looks(candidate)]


def remedy_of(closed: Mapping[str, Any]) -> str:
    """Return what to do about a gate, as `told` tells of it, or the journal."""
    gate = GATES.get(str(closed["gate"]))
    if gate is None:
        return ""
    name = f"{closed['gate']}:{closed['source']}" if closed.get("source") else closed["gate"]
    accept = _ACCEPT.format(gate=name) if gate.acceptable and closed.get("holds", True) else ""
    return f"{gate.remedy} {accept}".rstrip()


def told(closed: Closed) -> dict[str, Any]:
    """Return a closed gate as plain values, with some of its subjects."""
    of = {"source": closed.source} if closed.source else {}
    return {"gate": closed.gate, "reason": closed.reason, "subjects": list(closed.subjects[:EXAMPLES]), **of}


def journal_gate(journal: bytes, manifest: Mapping[str, Any]) -> Iterator[Closed]:
    """Look whether the journal is the one that stood there when a release was built, or has gone on since."""
    chain, stood = Chain(), Head(**manifest["journal"])
    reason = f"it isn't the one that had {stood.lines} lines when release {manifest['number']} was built"
    try:
        for line in journal.splitlines(keepends=True)[: stood.lines]:
            chain.follow(line)
        if chain.head == stood:
            return
    except ChainBroken as broken:
        reason = f"line {chain.head.lines + 1} isn't whole: {broken}"
    yield journal_lost(reason)


def journal_lost(reason: str) -> Closed:
    """Return the gate that nobody can go past: what the journal lacks may be withdrawals."""
    return Closed("journal", f"{reason}; withdrawals may be missing from it. Restore the folder journal from a backup")
