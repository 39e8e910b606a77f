"""What a search is narrowed to, beside its words: by the fields of documents and by their dates.

Knows neither how people write it (archive/research/query.py) nor how it is asked of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Filters:
    """Values of one field are alternatives; what several fields ask for must all hold. Empty means: whatever it is.

    `after` and `before` are a day, month or year ("2018-01-26", "2018-01", "2018") that a document's own date
    (`published`, else `posted`) is compared with: from the first day of `after` on, and before the first day of
    `before`. A date that prints only a month or a year counts with its first day; what has no date isn't found.
    `on` is a day, of ours and not of the document's: what had been captured by its end, as it stood then.
    `places` are states, counties and cities that a page names, `states` those that it names, or a place in them.
    `titles` are words that a title must hold, `numbers` a number in any spelling that a document must carry as its
    own. In a query as typed, a value may be a part of a name ("west publishing"); see `archive/research/values.py`,
    which gives the names that the catalogue has: what is asked of it are these, letter for letter.
    """

    collections: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    on: str = ""

    def __bool__(self) -> bool:
        """Tell whether anything is asked for."""
        return any(getattr(self, field.name) for field in fields(self))


NO_FILTERS = Filters()
