"""What a reader gives back: the pages of one document, or the named reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class TextPage:
    """One page. `number` counts from 1 in the file; `label` is the number printed on it ("" if none was found);
    `outcome` is "text", "no-text-layer" or "page-failed"."""

    number: int
    label: str
    text: str
    outcome: str = "text"


@dataclass(frozen=True, slots=True)
class TextLink:
    """A link on a page: `url` as the file has it, `text` the words that it covers ("" if unknown)."""

    page: int
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What `reader` (its name and version, such as "pdf-1") made of one payload.

    `outcome` is a name from archive/outcomes.py: "text" where every page has its text, else the gravest reason why
    one hasn't; `detail` names the pages. `metadata` holds what the file says of itself (Title, CreationDate, …).
    """

    reader: str
    outcome: str
    detail: str = ""
    pages: tuple[TextPage, ...] = ()
    links: tuple[TextLink, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
