"""The releases that are kept, as they are told to people: from their manifests alone, no file of theirs is opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.release.checked import Mark, mark_of
from archive.release.folder import Releases
from archive.release.history import History
from archive.store.journal import Journal, JournalDamaged

Row = dict[str, Any]
# What is counted of a release, each by the name of its table.
COUNTED = ("documents", "versions", "pages", "references", "captures")


def list_releases(releases: Releases) -> list[Row]:
    """Return every release, the newest first, also those of which only the manifest is `kept`.

    Each has `number`, `built`, `digest`, `documents`, `versions`, `pages`, `references`, `captures`, `bytes` and
    `sha256` of its file, `kept`, `root`, `manifest_sha256`, `timestamp` (whether there is one), `remade` (`at`
    which instant it was made again, after which `withdrawal`, and the SHA-256 of its `first` manifest; None where it
    wasn't), `accepted` (gates that a person let stand open, with the reason), `looks` (gates that asked for a look,
    each with its `reason`), and `more`: by how much it has more than
    the release before it, by name; None for the first. One whose manifest can't be read has `number` and `problem`.
    """
    return [dict(row) for row in _listed(releases, mark_of(releases.folder))]


def last_refusal(releases: Releases) -> Row | None:
    """Return why no release has been built since the newest one: `at`, and `gates` that were closed, each with its
    `reason`; None where the last one that was tried was built, or the journal can't be read here.
    """
    refused = _refused(releases.archive, mark_of(Journal(releases.archive).path))
    if refused is None:
        return None
    gates = [{name: str(gate[name]) for name in ("gate", "reason")} for gate in refused["gates"]]
    return {"at": str(refused["at"]), "gates": gates}


@lru_cache(maxsize=8)
def _refused(archive: Path, _mark: Mark) -> Mapping[str, Any] | None:
    try:
        return History.of(Journal(archive).read()).refused
    except (OSError, JournalDamaged):
        return None


@lru_cache(maxsize=8)
def _listed(releases: Releases, _mark: Mark) -> list[Row]:
    """List the releases; the folder's mark changes with every file that comes, goes or is replaced in it."""
    found: list[Row] = []
    for number in releases.numbers():
        found.append(_told(releases, number, [row for row in found if "problem" not in row]))
    return found[::-1]


def _told(releases: Releases, number: int, before: Sequence[Row]) -> Row:
    try:
        content = releases.manifest_path(number).read_bytes()
        manifest = json.loads(content)
        counts = {name: int(manifest["tables"].get(name, {}).get("rows", 0)) for name in COUNTED}
        return {
            "number": number,
            **{name: str(manifest[name]) for name in ("built", "digest", "root")},
            **counts,
            "bytes": int(manifest["file"]["bytes"]),
            "sha256": str(manifest["file"]["sha256"]),
            "manifest_sha256": hashlib.sha256(content).hexdigest(),
            "kept": releases.database(number).exists(),
            "timestamp": releases.timestamp_path(number).exists(),
            "remade": dict(manifest["remade"]) if manifest.get("remade") else None,
            "accepted": dict(manifest.get("accepted") or {}),
            "looks": [{name: str(one[name]) for name in ("gate", "reason")} for one in manifest.get("looks") or ()],
            "more": _more(counts, before[-1]) if before else None,
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return {"number": number, "problem": f"its manifest can't be read ({type(error).__name__})"}


def _more(counts: Mapping[str, int], before: Row) -> dict[str, int]:
    return {name: count - int(before[name]) for name, count in counts.items()}
