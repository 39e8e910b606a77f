"""The addresses of a search with one thing changed: a filter more or less, another order, more of it, another form."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from archive.research.filters import NO_FILTERS, Filters
from archive.research.query_fields import PARAMETERS
from archive.research.questions import told

# Beyond this nobody leafs, and each further leaf costs as much as the first.
DEEPEST = 10_000
_FIELDS = {name: field for field, name in PARAMETERS.items()}


@dataclass(frozen=True, slots=True)
class SearchLinks:
    """One search: `text` as typed and `given`, the filters beside it, as they stand in its address."""

    text: str
    given: Filters = NO_FILTERS
    sort: str = ""
    as_of: int | None = None
    offset: int = 0
    limit: int = 20
    total: int = 0

    def to(self, ending: str = "", offset: int = 0, **more: str) -> str:
        """Return this search in another form (".json"), or from another result on."""
        pairs = [("q", self.text)] if self.text else []
        for name, value in told(self.given).items():
            pairs += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
        pairs += [("sort", self.sort)] if self.sort not in {"", "relevance"} else []
        pairs += [("offset", str(offset))] if offset > 0 else []
        pairs += [("as_of", str(self.as_of))] if self.as_of is not None else []
        asked = urlencode([*pairs, *more.items()], errors="replace")
        return f"/search{ending}" + (f"?{asked}" if asked else "")

    @property
    def here(self) -> list[tuple[str, str]]:
        """Return what a form that asks the same again has to hand on, beside the words."""
        pairs: list[tuple[str, str]] = []
        for name, value in told(self.given).items():
            pairs += [(name, one) for one in value] if isinstance(value, list) else [(name, value)]
        return pairs + ([("sort", self.sort)] if self.sort not in {"", "relevance"} else [])

    def absence(self) -> str:
        """Return where it is stated that nothing matches."""
        return replace(self, sort="").to().replace("/search", "/absence", 1)

    def adding(self, name: str, value: str) -> str:
        """Return the search narrowed to this value as well: of one field several are alternatives."""
        held = getattr(self.given, _FIELDS[name])
        return self._with(name, (*held, value) if isinstance(held, tuple) else value)

    def without(self, name: str, value: str = "") -> str:
        """Return the search without a value of a filter."""
        held = getattr(self.given, _FIELDS[name])
        return self._with(name, tuple(one for one in held if one != value) if isinstance(held, tuple) else "")

    def _with(self, name: str, value: object) -> str:
        changed: dict[str, Any] = {_FIELDS[name]: value}
        return replace(self, given=replace(self.given, **changed)).to()

    def typed(self, text: str) -> str:
        """Return the search for other words, with the same filters beside."""
        return replace(self, text=text).to()

    def by(self, sort: str) -> str:
        """Return the search in another order."""
        return replace(self, sort=sort).to()

    def of_release(self, number: int) -> str:
        """Return the search as it is answered from a release."""
        return replace(self, as_of=number).to()

    def instead(self, one: dict[str, Any]) -> str:
        """Return a search that is offered in place of this one."""
        values: dict[str, Any] = {
            _FIELDS[name]: tuple(value) if isinstance(value, list) else value for name, value in one["filters"].items()
        }
        return replace(self, text=one["query"], given=Filters(**values)).to()

    def page(self, steps: int) -> str:
        """Return the search moved on by so many pages; "" where there is none."""
        offset = self.offset + steps * self.limit
        if steps > 0 and (offset >= self.total or offset > DEEPEST):
            return ""
        return "" if steps < 0 and not self.offset else self.to(offset=max(offset, 0))
