"""The steps of a chain of work, by name: each is timed, and one that fails keeps back only what hangs on it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from archive.release.withdrawals import WithdrawalsUnreadable
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import JournalDamaged
from console.ending import disk_refusal
from pipelines.following import FollowingError
from pipelines.log_context import working_on

Given = TypeVar("Given")
# What ends the whole chain, since no later step would fare better; and so does what a disk refuses.
ENDS_ALL = (StoreFull, StoreFailed, JournalDamaged, WithdrawalsUnreadable, FollowingError)
DONE, FAILED, KEPT_BACK, ENDED = "done", "failed", "kept back", "ended"
log = logging.getLogger("oversight.night")


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a step: "done", "failed" (with why), "kept back" (a step before it failed), or "ended" (with it
    the chain)."""

    name: str
    status: str
    seconds: float
    why: str = ""


class Steps:
    """The steps that were taken, in order."""

    def __init__(self) -> None:
        self.taken: list[Step] = []

    def take(self, name: str, do: Callable[[], Given], after: Sequence[str] = ()) -> Given | None:
        """Take a step, and return what it gives; None where it failed, or a step that it comes `after` did.

        Raises what ends the whole chain: ENDS_ALL, what a disk refuses, and a signal.
        """
        if missing := [one for one in after if self.status(one) != DONE]:
            self.taken.append(Step(name, KEPT_BACK, 0.0, f"{missing[0]} wasn't done"))
            return None
        began = time.monotonic()
        try:
            with working_on(step=name):
                given = do()
        except Exception as error:
            refused = isinstance(error, sqlite3.Error | OSError) and disk_refusal(error) is not None
            ends = refused or isinstance(error, ENDS_ALL)
            self._note(name, ENDED if ends else FAILED, began, f"{type(error).__name__}: {error}"[:300])
            if ends:
                raise
            with working_on(step=name):
                log.exception("the step %s failed", name)
            return None
        except BaseException as error:
            self._note(name, ENDED, began, type(error).__name__)
            raise
        self._note(name, DONE, began)
        return given

    def _note(self, name: str, status: str, began: float, why: str = "") -> None:
        self.taken.append(Step(name, status, round(time.monotonic() - began, 3), why))
        with working_on(step=name):
            log.info("the step %s is %s", name, status, extra={"facts": {"seconds": self.taken[-1].seconds}})

    def status(self, name: str) -> str:
        """Return what became of a step; "" where it wasn't taken."""
        return next((step.status for step in self.taken if step.name == name), "")
