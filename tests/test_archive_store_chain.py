"""CO-01, CO-03: the journal is a chain: no byte of it changes, and no line goes, comes or moves, unseen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.store.chain import Chain
from archive.store.errors import StoreFailed
from archive.store.journal import Journal, JournalDamaged
from tests.conftest import ROOT
from tests.figures import figure

Lines = list[bytes]


def kept(folder: Path, count: int = 6) -> Journal:
    """Return a journal of some events that its writer closed."""
    journal = Journal(folder)
    for number in range(count):
        journal.append("outcome", run="a", number=number, detail="“x”")
    journal.close()
    return Journal(folder)


def named(journal: Journal) -> int:
    """Return the line that reading the journal calls damaged, 0 where none is."""
    try:
        journal.read()
    except JournalDamaged as damaged:
        said = str(damaged)
        assert "restore" in said
        return int(re.findall(r"line (\d+):", said)[0])
    return 0


def test_one_bit_of_every_byte_is_found_at_its_line(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    content = journal.path.read_bytes()
    assert named(journal) == 0
    unseen, elsewhere = [], []
    for place, byte in enumerate(content):
        journal.path.write_bytes(content[:place] + bytes([byte ^ 1 << place % 8]) + content[place + 1 :])
        line, found = content[:place].count(b"\n") + 1, named(journal)
        unseen += [] if found else [place]
        elsewhere += [] if found in (0, line) else [(line, found)]
    figure("CO-01 journal", flips=len(content), found=len(content) - len(unseen), at_another_line=len(elsewhere))
    assert unseen == []
    # The frame around the first line's chain: without one, it could be a line that an earlier version wrote.
    assert len(elsewhere) <= len(', "chain": ""}\n')
    assert set(elsewhere) <= {(1, 2)}


def removed(lines: Lines) -> Lines:
    return lines[:2] + lines[3:]


def first_removed(lines: Lines) -> Lines:
    return lines[1:]


def swapped(lines: Lines) -> Lines:
    return [*lines[:2], lines[3], lines[2], *lines[4:]]


def doubled(lines: Lines) -> Lines:
    return [*lines[:3], lines[2], *lines[3:]]


def inserted(lines: Lines) -> Lines:
    return [*lines[:3], b'{"event": "outcome"}\n', *lines[3:]]


def chained_by_somebody(lines: Lines) -> Lines:
    """Put a line in with a chain that is right for where it stands."""
    chain = Chain()
    for line in lines[:3]:
        chain.follow(line)
    return [*lines[:3], chain.head.linked(b'{"event": "outcome"}')[0], *lines[3:]]


def unchained(lines: Lines) -> Lines:
    """Take the chain off every line, so that it looks like the journal of an earlier version."""
    return [re.sub(rb', "chain": "[0-9a-f]{64}"', b"", line) for line in lines]


def chained_anew(lines: Lines) -> Lines:
    """Change an event, and chain all that follows again."""
    head, made = Chain().head, []
    for line in unchained(lines):
        new, head = head.linked(line[:-1].replace(b'"number": 2', b'"number": 7'))
        made.append(new)
    return made


def last_removed(lines: Lines) -> Lines:
    return lines[:-1]


def emptied(lines: Lines) -> Lines:
    return []


def appended_by_an_earlier_version(lines: Lines) -> Lines:
    return [*lines, b'{"event": "outcome"}\n']


TRICKS = [
    removed, first_removed, swapped, doubled, inserted, chained_by_somebody, unchained, chained_anew, last_removed,
    emptied, appended_by_an_earlier_version,
]  # fmt: skip
# What the lines alone can't tell: it takes the note of where the journal ended.
NEEDS_THE_NOTE = {unchained, chained_anew, last_removed, emptied}


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_every_trick_with_lines_is_found(tmp_path: Path, trick: Callable[[Lines], Lines]) -> None:
    journal = kept(tmp_path)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(trick(lines)))
    assert named(journal) > 0
    with pytest.raises(JournalDamaged):
        journal.append("more")
    journal.head_path.unlink()
    assert (named(journal) == 0) == (trick in NEEDS_THE_NOTE)


def test_the_last_line_end_is_no_tear_once_the_journal_was_closed(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    content = journal.path.read_bytes()
    journal.path.write_bytes(content[:-1] + b"\x0b")
    with pytest.raises(JournalDamaged, match="line 6: its end is gone"):
        journal.recover()
    assert journal.path.read_bytes() == content[:-1] + b"\x0b"


def test_a_journal_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.path.parent.mkdir()
    old = b'{"event": "run-started", "run": "a"}\n{"event": "run-ended", "run": "a"}\n'
    journal.path.write_bytes(old)
    assert [event["event"] for event in journal.read()] == ["run-started", "run-ended"]
    journal.append("run-started", run="b")
    journal.close()
    assert journal.path.read_bytes().startswith(old)
    assert journal.read()[2] == {"event": "run-started", "run": "b"}
    for place in range(len(old)):
        content = journal.path.read_bytes()
        journal.path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert named(Journal(tmp_path)) in (1, 2, 3)
        journal.path.write_bytes(content)


def test_the_head_follows_each_append(tmp_path: Path) -> None:
    journal, sizes = Journal(tmp_path), []
    for _ in range(3):
        journal.append("one")
        sizes.append(journal.path.stat().st_size)
        assert journal.head() == Journal(tmp_path).head()
        assert journal.head().size == sizes[-1]
    assert journal.head().lines == 3
    assert journal.noted() == Chain().head
    journal.close()
    assert journal.noted() == journal.head()


def test_two_objects_of_one_process_may_take_turns(tmp_path: Path) -> None:
    one, other = Journal(tmp_path), Journal(tmp_path)
    for journal in (one, other, one, other):
        journal.append("event")
    assert len(Journal(tmp_path).read()) == 4


def test_closing_again_changes_no_file(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    before = {path.name: (path.read_bytes(), path.stat().st_ino) for path in journal.path.parent.iterdir()}
    Journal(tmp_path).close()
    assert {path.name: (path.read_bytes(), path.stat().st_ino) for path in journal.path.parent.iterdir()} == before


@pytest.mark.parametrize("note", ["", "x", "[]", "{}", '{"lines": "6", "size": 1, "chain": ""}', "[" * 100_000])
def test_a_note_that_cannot_be_read_stops_nobody(tmp_path: Path, note: str) -> None:
    journal = kept(tmp_path)
    journal.head_path.write_text(note)
    assert journal.noted() is None
    journal.append("more")
    journal.close()
    assert Journal(tmp_path).noted() == Journal(tmp_path).head()


def test_an_event_brings_no_chain_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="chain"):
        Journal(tmp_path).append("event", chain="x")


def test_a_journal_that_cannot_be_read_is_a_failure_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "journal" / "journal.jsonl").mkdir(parents=True)
    with pytest.raises(StoreFailed):
        Journal(tmp_path).append("event")


def test_an_append_reads_nothing_of_what_stands_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run may say 20,000 events: each costs the same."""
    journal, reads = Journal(tmp_path), list[str]()
    read = Path.read_bytes

    def noting(path: Path) -> bytes:
        reads.append(path.name)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", noting)
    journal.append("first")
    assert reads != []
    reads.clear()
    for _ in range(50):
        journal.append("next")
    assert reads == []
    assert len(journal.read()) == 51


BY_HAND = """
import hashlib, json, sys
chain = hashlib.sha256(b"").hexdigest()
for line in open(sys.argv[1], "rb"):
    event, said = line[:-79] + b"}", line[-67:-3].decode()
    chain = hashlib.sha256(chain.encode() + event).hexdigest()
    assert chain == said
print(chain)
"""


def test_a_stranger_can_follow_it_with_a_few_lines(tmp_path: Path) -> None:
    journal = kept(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", BY_HAND, str(journal.path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == json.loads(journal.head_path.read_text())["chain"]
