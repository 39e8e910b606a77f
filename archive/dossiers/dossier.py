"""A dossier that was read: its claims in order, what each rests on, and what of it nobody can understand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from archive.drafts.draft import Cite, Quotation

MOST_CLAIMS, MOST_EVIDENCE, MOST_ABSENCES = 2_000, 4_000, 200
# Of one piece of evidence.
MOST_CITED = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence: the line on which it begins, its quotations, each with its own line, and all that it
    cites, in its order. `listed` tells whether it stands under "Evidence:", and not merely in the claim's text;
    `behind` is the offset in the file behind it."""

    line: int
    quotations: tuple[Quotation, ...]
    lines: tuple[int, ...]
    cites: tuple[Cite, ...]
    behind: int
    listed: bool = True

    @property
    def footnotes(self) -> tuple[int, ...]:
        """Return the offsets of its footnotes: one behind each quotation, or one behind what cites without any."""
        return tuple(one.behind for one in self.quotations) or (self.behind,)


@dataclass(frozen=True, slots=True)
class Asked:
    """A bounded absence that a claim rests on: what is asked for, and on which line."""

    line: int
    query: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim: its number from 1, its title, level and line, the words of its status, and what it rests on.

    `behind` is the offset in the file behind its title.
    """

    number: int
    line: int
    level: int
    title: str
    behind: int
    status: tuple[str, ...]
    items: tuple[Item, ...]
    absences: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Odd:
    """What can't be understood, on which line, and what to do."""

    line: int
    told: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier: its title, claims and oddities, and its text. `notes` say how it was read.

    `html` is the text as a page shows it, without anything that is loaded or runs; in it stand marks where a footnote,
    or what is held for a claim, is to be put (archive/dossiers/page_text.py).
    """

    title: str
    claims: tuple[Claim, ...]
    odd: tuple[Odd, ...]
    notes: tuple[str, ...]
    source: str
    html: str = ""

    @property
    def quotations(self) -> tuple[Quotation, ...]:
        """Return the quotations of all claims, in the order of the file."""
        return tuple(one for claim in self.claims for item in claim.items for one in item.quotations)

    @property
    def footnotes(self) -> tuple[int, ...]:
        """Return the offsets of the footnotes of all claims, in their order."""
        return tuple(one for claim in self.claims for item in claim.items for one in item.footnotes)

    def as_data(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def from_data(data: dict[str, Any]) -> Dossier:
    """Return a dossier of what `as_data` gave. Raises KeyError, TypeError, ValueError for anything else."""
    claims = tuple(
        Claim(**{**one, "status": tuple(one["status"]), "items": tuple(map(_item, one["items"])),
                 "absences": tuple(Asked(**asked) for asked in one["absences"])})
        for one in data["claims"]
    )  # fmt: skip
    odd = tuple(Odd(**one) for one in data["odd"])
    return Dossier(**{**data, "claims": claims, "odd": odd, "notes": tuple(map(str, data["notes"]))})


def _item(one: dict[str, Any]) -> Item:
    quotations = tuple(
        Quotation(**{**quotation, "cites": tuple(Cite(**cite) for cite in quotation["cites"])})
        for quotation in one["quotations"]
    )
    cites = tuple(Cite(**cite) for cite in one["cites"])
    return Item(**{**one, "quotations": quotations, "lines": tuple(one["lines"]), "cites": cites})
