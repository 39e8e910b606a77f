"""What somebody decided of where references lead: plain facts, and which of them is about a reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.addresses import is_web_address, url_key
from archive.identifiers import parse_identifier
from archive.model import Finding


@dataclass(frozen=True, slots=True)
class LinkCorrection:
    """That the reference in `document` to `target` (on `page`; 0 for every page) is the document `other`, or, where it
    is `apart`, is not that one ("" for none at all), and why."""

    document: str
    target: str
    other: str
    reason: str
    page: int = 0
    apart: bool = False


@dataclass(frozen=True, slots=True)
class LinkCorrections:
    """All of them, in their order; `problems` are what could not be understood."""

    held: tuple[LinkCorrection, ...] = ()
    problems: tuple[Finding, ...] = ()


class CorrectedLinks:
    """Corrections by what they are about; documents go by any name that they have, or had."""

    def __init__(self, corrections: Iterable[LinkCorrection], names: Mapping[str, list[str]]) -> None:
        self._names = names
        self._held: dict[tuple[str, str], list[LinkCorrection]] = defaultdict(list)
        for one in corrections:
            for document in self.ids(one.document):
                self._held[document, target_key(one.target)].append(one)

    def ids(self, name: str) -> list[str]:
        """Return the documents of a name, none where nothing has it."""
        return self._names.get(name, [])

    def of(self, document: str, target: str, page: int) -> LinkCorrection | None:
        """Return what was decided of a reference: of its page before of all pages, the last of several."""
        if not self._held:
            return None
        found = [one for one in self._held.get((document, target_key(target)), ()) if one.page in {0, page}]
        return max(enumerate(found), key=lambda one: (one[1].page > 0, one[0]))[1] if found else None


def target_key(target: str) -> str:
    """Return what is referred to as it is compared: a number in whatever spelling, an address, or a name."""
    if is_web_address(target):
        return url_key(target)
    number = parse_identifier(target)
    return number.value if number else " ".join(target.split())
