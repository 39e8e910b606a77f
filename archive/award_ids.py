"""An award's id at USAspending.gov, and the contract number inside it: taken apart and put together here alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# What the publisher prints in place of a part that an award hasn't.
NONE = "-NONE-"
_NUMBER = r"[0-9A-Z](?:[0-9A-Z.&/ -]{0,48}[0-9A-Z])?"
_AGENCY = r"[0-9A-Z]{1,6}"
# CONT_AWD_<PIID>_<agency>_<parent's PIID>_<parent's agency>, and CONT_IDV_<PIID>_<agency> for what others are ordered
# under. The numbers hold no low line.
PATTERN = (
    rf"CONT_(?:AWD_(?:{_NUMBER})_(?:{_AGENCY}|{NONE})_(?:{_NUMBER}|{NONE})_(?:{_AGENCY}|{NONE})"
    rf"|IDV_(?:{_NUMBER})_(?:{_AGENCY}|{NONE}))"
)
_WHOLE = re.compile(PATTERN, re.ASCII)


@dataclass(frozen=True, slots=True)
class AwardId:
    """The parts of an award's id: its number and its agency's code, and those of the award it was ordered under.

    `value` is the id as the publisher prints it; `parse_award_id` gives back the same parts.
    """

    piid: str
    agency: str
    parent: str = ""
    parent_agency: str = ""
    is_idv: bool = False

    @property
    def value(self) -> str:
        """Return the id, in capitals."""
        parts = [self.piid, self.agency] if self.is_idv else [self.piid, self.agency, self.parent, self.parent_agency]
        return "_".join(["CONT", "IDV" if self.is_idv else "AWD", *(part.upper() or NONE for part in parts)])


@lru_cache(maxsize=1 << 16)  # an award's id stands in each of its actions, night after night
def parse_award_id(text: str) -> AwardId | None:
    """Return the parts of an id that is the whole of `text`, in any case; None where it isn't one."""
    upper = text.strip().upper()
    if len(upper) > 200 or _WHOLE.fullmatch(upper) is None:
        return None
    _, kind, piid, agency, *above = ("" if part == NONE else part for part in upper.split("_"))
    return AwardId(piid, agency, is_idv=True) if kind == "IDV" else AwardId(piid, agency, above[0], above[1])
