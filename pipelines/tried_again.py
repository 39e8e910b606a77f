"""How often the reading of a payload failed in passing: another night tries again, and the third time is the last.

It is noted beside the kept readings, and forgotten with them; it must not know what a reading is, nor why one failed.
"""

from __future__ import annotations

from pathlib import Path

# A file that hangs costs up to ten minutes of a worker each time.
MOST = 3


def note_failure(kept: Path, at: str) -> None:
    """Note that a reading, which would be kept at this path, failed at an instant."""
    path = _noted(kept)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as noted:
        noted.write(f"{at}\n")


def may_try(kept: Path, at: str) -> bool:
    """Tell whether a reading that failed is to be tried again: on another day than the last time, and not for ever."""
    try:
        noted = _noted(kept).read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return True
    return len(noted) < MOST and (not noted or noted[-1][:10] != at[:10])


def forget(kept: Path) -> None:
    """Forget that a reading failed: it came about."""
    _noted(kept).unlink(missing_ok=True)


def _noted(kept: Path) -> Path:
    return kept.with_name(f"{kept.name.removesuffix('.json.gz')}.failed")
