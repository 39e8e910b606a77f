"""Has a dossier read by a process of its own, which ends when its time or its memory is up; nothing touches the disk.

What reads stands in pipelines/draft_worker.py, which is a program to it.
"""

from __future__ import annotations

from archive.dossiers.dossier import Dossier, from_data
from archive.drafts.apart import answer_apart
from archive.drafts.draft import MOST_BYTES, DraftRefused

FORM = "dossier"


def read_dossier_apart(body: bytes, name: str = "", *, shown: bool = False) -> Dossier:
    """Return what is in a dossier; with the page that shows it, where that is asked for. Raises DraftRefused."""
    if len(body) > MOST_BYTES:
        raise DraftRefused("draft-too-large", f"it has more than {MOST_BYTES:,} bytes")
    answer = answer_apart(FORM, body, (FORM, name[-200:], shown))
    try:
        return from_data(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise DraftRefused("draft-unreadable", "what was read of it makes no sense") from error
