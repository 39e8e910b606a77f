"""What people keep by hand (`curation/`) held against what they accepted last, which the journal says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from archive.catalog.joined import Corrections
from archive.catalog.link_corrections import LinkCorrections
from archive.claims_file import read_claims
from archive.joins_file import JOINS, read_corrections
from archive.links_file import LINKS, read_links
from archive.proof.damage import Checked, Damage
from archive.store.segment import file_digest
from archive.watches.watch_file import read_watches

PART = FOLDER = "curation"
_READ: Mapping[str, Callable[[Path], Corrections | LinkCorrections]] = {
    JOINS.name: read_corrections,
    LINKS.name: read_links,
}
EVENT = "curation-accepted"


def accepted_in(events: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the hex SHA-256 of each file as it was last accepted; one that was to go is not in it."""
    accepted: dict[str, str] = {}
    for event in events:
        if event["event"] == EVENT:
            accepted.pop(str(event.get("file")), None)
            if event.get("sha256"):
                accepted[str(event["file"])] = str(event["sha256"])
    return accepted


def curation_files(folder: Path) -> dict[str, Path]:
    """Return every file under `curation/` by its path in it."""
    base = folder / FOLDER
    return {
        path.relative_to(base).as_posix(): path
        for path in sorted(base.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def check_curation_file(folder: Path, name: str, accepted: Mapping[str, str]) -> Checked:
    """Check one file; `accepted` is what the journal says of all."""
    path, subject = folder / FOLDER / name, f"{FOLDER}/{name}"
    if path.is_symlink() or not path.is_file():
        return Checked(PART, 1, 0, (Damage("curation-missing", subject, "it was accepted, and is gone"),))
    size, sha256 = file_digest(path)
    problems = _READ[name](folder).problems if name in _READ else ()
    problems += tuple(one for one in read_claims(folder).problems if one.subject == subject)
    problems += tuple(one for one in read_watches(folder).problems if one.subject == subject)
    damages = [Damage(one.outcome, one.subject, one.detail) for one in problems]
    if name not in accepted:
        damages.append(Damage("curation-unaccepted", subject))
    elif sha256 != accepted[name]:
        damages.append(Damage("curation-altered", subject, "not the file that was accepted"))
    return Checked(PART, 1, size, tuple(damages))


def digest_of(path: Path) -> str:
    """Return what is accepted of a file: the hex SHA-256 of its bytes, "" of one that isn't there."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() and not path.is_symlink() else ""
