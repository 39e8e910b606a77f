"""Documents that are named, not numbered: "ICE's December 2017 privacy impact assessment for …"; found in text.

Only what says which one is meant counts: its date, or whose it is together with its title or year. A name has a
canonical form that people can read and `parse_named` takes apart. It knows no documents. The text is folded before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from archive.dates import parse_date
from archive.identifiers import COMPONENTS, WRITTEN_OUT


class Named(NamedTuple):
    """What is said of a document that is named: its kind ("pia" or "sorn"), whose it is (a component of DHS, or ""),
    its date as far as it is told ("2017-12-27", "2017-12", "2017", ""), and its title as it was printed, or ""."""

    kind: str
    component: str
    date: str
    title: str

    @property
    def target(self) -> str:
        """The canonical form: "ICE privacy impact assessment, 2017-12: License Plate Reader"."""
        told = " ".join(filter(None, (self.component, KINDS[self.kind])))
        return told + (f", {self.date}" if self.date else "") + (f": {self.title}" if self.title else "")


KINDS = {"pia": "privacy impact assessment", "sorn": "system of records notice"}
_OF_NAME = {name: kind for kind, name in KINDS.items()}
LONGEST_TITLE = 200

_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.)"
)
_YEAR = "(?:19|20)[0-9]{2}"
_DATE = rf"(?:{_MONTH}\s{{1,2}}(?:[0-9]{{1,2}},\s{{0,2}})?{_YEAR})"
_ACRONYM = "(?:" + "|".join(map(re.escape, sorted(COMPONENTS, key=len, reverse=True))) + ")"
_LONG = "(?:" + "|".join(re.escape(name).replace(r"\ ", r"\s{1,3}") for name in sorted(WRITTEN_OUT)) + ")"
_WHO = rf"(?:(?:U\.\s?S\.\s{{1,2}})?(?i:{_LONG})(?:\s\([A-Z]{{2,5}}\))?|(?<![\w/-]){_ACRONYM}(?![\w/-]))"
_APOSTROPHE = "['\u2019]"
_KIND = (
    r"(?:(?P<pia>(?i:privacy\s{1,3}impact\s{1,3}assessment)|PIA(?![-\w]))"
    r"|(?P<sorn>(?i:system\s{1,3}of\s{1,3}records\s{1,3}notice)|SORN(?![-\w])))(?![\w-])(?:\s{1,3}[Uu]pdate)?"
)
_BIG = r"(?:[A-Z][\w'\u2019&/.-]{0,30}[\w)]|[A-Z]|\([A-Z][\w&/ -]{1,20}\)|[0-9]{1,4})"
_SMALL = r"(?:of|and|the|a|an|from|for|to|in|on|by|with|&)"
_TITLE = rf"(?P<title>{_BIG}(?:,?:?\s{{1,3}}(?:{_SMALL}\s{{1,3}}){{0,3}}(?!{_DATE}){_BIG}){{0,24}})"
_PLAIN_TITLE = r"(?P<plain>[a-z][a-z-]{2,20}(?:\s[a-z-]{2,20}){1,5})(?=\s{0,2}(?:[.,;:)]|$))"
_SUBJECT = (
    r"(?:\s{1,3}(?:for|of|on)\s{1,3}(?:(?:the|its|their|an?)\s{1,3})?"
    rf"(?:(?!{_DATE}){_TITLE}|(?<=for\s){_PLAIN_TITLE}))?"
)
_AFTER = rf"(?:(?:,?\s{{1,3}}(?:of|dated|from)\s{{1,3}}|,\s{{1,3}}|\s{{1,3}}\(){{1}}(?P<after>{_DATE}))?"
_SAID = r"(?:published|released|issued|posted)"
_PUBLISHED = rf"\s{{1,3}}(?:in|on)\s{{1,3}}(?P<after>{_DATE})"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w-])(?:(?P<who>{_WHO}){_APOSTROPHE}s?\s{{1,3}}(?:own\s{{1,3}}|updated\s{{1,3}})?)?"
        rf"(?:(?P<before>{_DATE}|{_YEAR})\s{{1,3}})?{_KIND}{_SUBJECT}{_AFTER}",
        rf"(?<![\w-])(?P<who>{_WHO})\s{{1,3}}{_SAID}\s{{1,3}}(?:an?|its|the)\s{{1,3}}(?:updated\s{{1,3}}|new\s{{1,3}})?"
        rf"{_KIND}{_SUBJECT}{_PUBLISHED}",
        rf"(?<![\w-]){_KIND}{_SUBJECT},?\s{{1,3}}(?:that\s{{1,3}}|which\s{{1,3}})?(?P<who>{_WHO})\s{{1,3}}{_SAID}{_PUBLISHED}",
        rf"(?<![\w-]){_KIND}{_SUBJECT},?\s{{1,3}}{_SAID}\s{{1,3}}by\s{{1,3}}(?:the\s{{1,3}})?(?P<who>{_WHO}){_PUBLISHED}",
    )
)
_HINT = re.compile(
    r"(?i:impact\s{1,3}assessment|records\s{1,3}notice)|[0-9]{4}\s{1,3}(?:PIA|SORN)|['\u2019]s?\s(?:PIA|SORN)"
)
_TARGET = re.compile(
    rf"(?:(?P<who>\S{{1,12}}) )?(?P<name>{'|'.join(KINDS.values())})(?:, (?P<date>[0-9-]{{4,10}}))?"
    r"(?:: (?P<title>.{1,300}))?"
)


class NamedAt(NamedTuple):
    """A named document and where it stands."""

    named: Named
    start: int
    end: int


def find_named(text: str) -> list[NamedAt]:
    """Return the documents that a text names, in its order, none inside another. Any string is answered."""
    if not _HINT.search(text):
        return []
    hits = [one for pattern in _PATTERNS for match in pattern.finditer(text) for one in _told(match)]
    found: list[NamedAt] = []
    for one in sorted(hits, key=lambda one: (one.start, -one.end)):
        if not found or one.start >= found[-1].end:
            found.append(one)
    return found


def parse_named(target: str) -> Named | None:
    """Take a canonical form apart; None where it is none."""
    match = _TARGET.fullmatch(target)
    if not match:
        return None
    return Named(_OF_NAME[match["name"]], match["who"] or "", match["date"] or "", match["title"] or "")


def _told(match: re.Match[str]) -> Iterator[NamedAt]:
    groups = match.groupdict()
    title = " ".join((groups.get("title") or groups.get("plain") or "").split())[:LONGEST_TITLE].rstrip(" .,:'\u2019")
    date = _date(groups.get("after") or "") or _date(groups.get("before") or "")
    own = _component(groups.get("who") or "")
    if len(date) < len("2017-12") and not (own and (date or len(title.split()) > 1)) and not groups.get("before"):
        return
    yield NamedAt(
        Named("pia" if groups["pia"] else "sorn", own or _inside(title), date, title), match.start(), match.end()
    )


def _date(printed: str) -> str:
    date = parse_date(" ".join(printed.split())) if printed else None
    return date.value if date else ""


def _component(who: str) -> str:
    words = " ".join(who.split())
    if words in COMPONENTS:
        return words
    plain = re.sub(r"^U\.\s?S\. | \([A-Z]+\)$", "", words).casefold()
    return WRITTEN_OUT.get(plain, "")


def _inside(title: str) -> str:
    """Return the one component that a title names by its letters, "" where it names none or several."""
    named = {word for word in re.findall(r"[A-Z&-]{2,8}", title) if word in COMPONENTS}
    return named.pop() if len(named) == 1 else ""
