"""A draft as blocks of plain text, whatever file it was, and the quotations in it with what is cited for each."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

FORMATS = ("md", "txt", "html", "docx", "pdf")
MOST_BYTES, MOST_CHARACTERS, MOST_QUOTATIONS = 10_000_000, 2_000_000, 2_000


class DraftRefused(Exception):  # noqa: N818 (it is the draft that is refused)
    """A draft can't be read: `outcome` names why (archive/outcomes.py), `detail` says more."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        super().__init__(outcome, detail)
        self.outcome, self.detail = outcome, detail


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or cell: its `text`, and of which block quotation it is one (0 where of none).

    `links` are (start, end, address) in the text; `notes` (place, label) where a note's mark stands. `places` says
    where in the file each character stands, of files that are text themselves; else it is empty.
    """

    text: str
    quoted: int = 0
    links: tuple[tuple[int, int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    places: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """What a file holds: its blocks in order, and its notes by label. `source` is the file's own text, where it is
    one."""

    blocks: tuple[Block, ...]
    notes: dict[str, Block] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class Cite:
    """What a draft cites for a quotation: `kind` is "number", "address", "page"; `near` tells how near it stands, 0
    being the nearest."""

    kind: str
    said: str
    near: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation in its draft: its words, as `shape` "marks" or "block"; in which block it stands and from where
    to where its marks reach (of a block quotation, the whole of its last block); and the
    file's offset behind it (-1 unknown)."""

    words: str
    shape: str
    block: int
    start: int
    end: int
    behind: int = -1
    cites: tuple[Cite, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that was read: its quotations in order, those left out with why, and its text for an annotated copy."""

    format: str
    quotations: tuple[Quotation, ...]
    skipped: tuple[tuple[str, str], ...]
    blocks: tuple[str, ...]
    source: str = ""
    left_out: int = 0

    def as_data(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def from_data(data: dict[str, Any]) -> Draft:
    """Return a draft of what `as_data` gave. Raises KeyError, TypeError, ValueError for anything else."""
    quotations = tuple(
        Quotation(**{**one, "cites": tuple(Cite(**cite) for cite in one["cites"])}) for one in data["quotations"]
    )
    skipped = tuple((str(words), str(why)) for words, why in data["skipped"])
    return Draft(**{**data, "quotations": quotations, "skipped": skipped, "blocks": tuple(data["blocks"])})
