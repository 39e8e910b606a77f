"""What a check finds, and how much it looked at: plain facts, without a file."""

from __future__ import annotations

from dataclasses import dataclass

from archive.model import Finding


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that isn't as it was written: an outcome (archive/outcomes.py) of a file, a record or a row.

    `capture`, `url` and `documents` say what it touches, as far as that is known where it was found.
    """

    outcome: str
    subject: str
    detail: str = ""
    capture: str = ""
    url: str = ""
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at: `files` and `size` (bytes) of one part of the archive, and what is wrong there."""

    part: str
    files: int = 0
    size: int = 0
    damages: tuple[Damage, ...] = ()


def damage_of(finding: Finding) -> Damage:
    """Return a finding of the store as damage."""
    return Damage(finding.outcome, finding.subject, finding.detail, finding.capture)
