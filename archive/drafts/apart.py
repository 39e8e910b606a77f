"""Has a draft read by a process of its own, which ends when its time or its memory is up. Nothing of it touches the
disk.

What reads stands in pipelines/draft_worker.py, which is a program to it.
"""

from __future__ import annotations

import json
from typing import Any

from archive.drafts.draft import MOST_BYTES, Draft, DraftRefused, from_data
from archive.drafts.reading import FEWEST_WORDS, format_of
from archive.worker_process import Limits, Stopped, Task, WorkerProcess, bare_environment

PROGRAM = "pipelines.draft_worker"
SECONDS, MOST_ANSWER = 60, 64 << 20
_STOPPED = {"reader-timeout": "draft-slow", "reader-memory": "draft-too-large", "reader-crashed": "draft-unreadable"}


def read_apart(body: bytes, name: str = "", fewest_words: int = FEWEST_WORDS, seconds: int = SECONDS) -> Draft:
    """Return what is in a draft, whatever it is. Raises DraftRefused."""
    if len(body) > MOST_BYTES:
        raise DraftRefused("draft-too-large", f"it has more than {MOST_BYTES:,} bytes")
    form = format_of(name, body)
    answer = answer_apart(form, body, (form, fewest_words), seconds)
    try:
        return from_data(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise DraftRefused("draft-unreadable", "what was read of it makes no sense") from error


def answer_apart(form: str, body: bytes, given: tuple[Any, ...], seconds: int = SECONDS) -> dict[str, Any]:
    """Return what the process says of a file, as plain values. Raises DraftRefused."""
    worker = WorkerProcess([PROGRAM, form], Limits(1, MOST_ANSWER), bare_environment())
    try:
        answer = json.loads(worker.exchange(Task(form, body, given), seconds))
        if "refused" in answer:
            raise DraftRefused(*map(str, answer["refused"]))
    except Stopped as stopped:
        raise DraftRefused(_STOPPED.get(stopped.outcome, "draft-unreadable"), stopped.detail) from stopped
    except (ValueError, KeyError, TypeError) as error:
        raise DraftRefused("draft-unreadable", "what was read of it makes no sense") from error
    finally:
        worker.end()
    return dict(answer)
