"""The journal held against its own chain, and against the note of how far it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.proof.damage import Checked, Damage
from archive.store.chain import Head
from archive.store.journal import Journal, note_bytes

PART = "journal"


@dataclass(frozen=True, slots=True)
class JournalRead:
    """The journal's events up to the first damage, where it stood after so many lines, and how it was found."""

    events: tuple[Mapping[str, Any], ...]
    heads: Mapping[int, Head]
    checked: Checked


def check_journal(journal: Journal) -> JournalRead:
    """Check every line of the journal; what stands before the first damage may be believed."""
    told, problem = journal.sound()
    both = f" and {PART}/{journal.head_path.name}" if "journal/head" in problem else ""
    damages = [Damage("journal-altered", f"{PART}/{journal.path.name}{both}", problem)] if problem else []
    if not problem:
        damages += [Damage("journal-altered", f"{PART}/{journal.head_path.name}", one) for one in _note(journal)]
    size = journal.path.stat().st_size if journal.path.exists() else 0
    whole = told[-1][0].size if told else 0
    if not problem and size > whole:
        said = f"{size - whole} bytes after its last whole line, which the next command that writes cuts"
        damages.append(Damage("unsealed", f"{PART}/{journal.path.name}", said))
    lines = len(told) + bool(problem)
    return JournalRead(
        tuple(event for _, event in told),
        {head.lines: head for head, _ in told},
        Checked(PART, int(lines > 0), size, tuple(damages)),
    )


def _note(journal: Journal) -> list[str]:
    """Return what is wrong with the note beside a journal that is whole."""
    noted = journal.noted()
    if not journal.head_path.exists():
        begun_before = not journal.path.exists() or b', "chain": "' not in journal.path.read_bytes()
        return [] if begun_before else ["the note of how far it went is gone; the next command that writes makes it"]
    if noted is None or note_bytes(noted) != journal.head_path.read_bytes():
        return ["it can't be read"]
    if noted.lines == 0 and noted != Head(0, 0, noted.chain):
        return ["it isn't what a writer notes"]
    return []
