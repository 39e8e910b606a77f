"""What is known of an archive's own soundness before something is published of it: when it was verified, what that
found, and whether the newest captures are on the disk what they were. It changes nothing, and reads few bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from archive.folder import ArchiveFolder
from archive.outcomes import OUTCOMES
from archive.proof.audit import ALL, VERIFIED, ages
from archive.release.gate import Proved
from archive.store.errors import RecordDamaged
from archive.store.journal import Journal
from pipelines.verify import dated_items

# So many of the newest captures are read, however many there are.
NEWEST = 40
Event = Mapping[str, Any]


def proved(folder: Path, today: str) -> Proved:
    """Say what is known of the archive in `folder`, which its writer has open. Raises as a writer's look does."""
    events = tuple(Journal(folder).read())
    oldest, ever = _oldest(folder, events)
    ago = (date.fromisoformat(today) - date.fromisoformat(oldest[:10])).days if oldest else None
    looked, damaged = _newest(folder)
    return Proved(oldest if ever else "", ago, _failed(events), looked, damaged)


def _oldest(folder: Path, events: Sequence[Event]) -> tuple[str, bool]:
    """Return the instant of the oldest last look at a part of the archive, and True; where there never was one, when
    the archive began, and False. What came since the last look is too young to be asked for."""
    if any(event["event"] == VERIFIED for event in events):
        looks = [age.oldest for age in ages(dated_items(folder, tuple(events)), events).values() if age.oldest]
        if looks:
            return min(looks), True
    return min((str(event["at"]) for event in _begun(events)), default=""), False


def _begun(events: Sequence[Event]) -> list[Event]:
    """Return the beginnings of runs that were no replay, whose time is the recorded one."""
    return [event for event in events if event["event"] == "run-started" and not event.get("replay")]


def _failed(events: Sequence[Event]) -> str:
    """Return when damage was found that no later verification of the same part, or of all, found mended; or ""."""
    latest: dict[str, Event] = {}
    for event in events:
        if event["event"] == VERIFIED:
            scope = str(event.get("scope"))
            if scope == ALL:
                latest.clear()
            latest[scope] = event
    return max((str(event.get("at", "")) for event in latest.values() if _found_damage(event)), default="")


def _found_damage(event: Event) -> bool:
    return any(name in OUTCOMES and OUTCOMES[name].severity == "failure" for name in event.get("findings", ()))


def _newest(folder: Path) -> tuple[int, tuple[str, ...]]:
    """Read the newest captures; return how many there were, and those whose bytes aren't what was written."""
    archive = ArchiveFolder.open(folder)
    try:
        rows = archive.connection.execute(
            "SELECT id FROM captures JOIN records ON capture = id ORDER BY captured_at DESC, id LIMIT ?", (NEWEST,)
        ).fetchall()
        return len(rows), tuple(capture for (capture,) in rows if not _is_sound(archive, capture))
    finally:
        archive.close()


def _is_sound(archive: ArchiveFolder, capture: str) -> bool:
    try:
        archive.store.read(capture)
    except (RecordDamaged, FileNotFoundError):
        return False
    return True
