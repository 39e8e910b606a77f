"""Citations of the United States Code and the Code of Federal Regulations, found in text in their spellings.

Knows nothing of documents: the archive holds no laws. The text is folded before (archive/identifiers.py). Every
pattern's repeats are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Law(NamedTuple):
    """A section or a part that is cited: "usc" or "cfr", its canonical form ("8 U.S.C. 1357", "6 CFR 5.21", "6 CFR 5"),
    and where it stands. Paragraphs ("(b)(7)") are left to the words around it."""

    scheme: str
    value: str
    start: int
    end: int


_HINT = re.compile(
    r"U\.?\s?S\.?\s?C|C\.?\s?F\.?\s?R|States\s{1,3}Code|U\.\s?S\.\s{1,2}Code|Code\s{1,3}of|uscode|ecfr\.gov"
)
_HERE = r"(?<![\w.$/,-])"
_TITLE = r"(?P<title>[1-9][0-9]?)"
_USC = r"(?:U\.?\s?S\.?\s?C\b\.?(?:\s?A\.)?(?!\s?[A-Z]\.)|U\.\s?S\.\s{1,2}Code|United\s{1,3}States\s{1,3}Code)"
_CFR = r"(?:C\.?\s?F\.?\s?R\b\.?|Code\s{1,3}of\s{1,3}Federal\s{1,3}Regulations)"
_OF_CODE = (
    r"(?P<section>App(?:\.|endix)?\s{0,2}§?\s{0,2}[0-9]{1,3}|[0-9]{1,5}[a-z]{0,2}(?:-[0-9]{1,2}[a-z]?(?![0-9]))?)"
)
_OF_RULES = r"(?P<section>[0-9]{1,4}(?:\.[0-9]{1,4}(?:-[0-9]{1,3})?)?)"
_ENDS = r"(?![0-9A-Za-z]|\.[0-9])"
_IN_TITLE = rf"[Tt]itle\s{{1,3}}{_TITLE},?\s{{1,3}}(?:of\s{{1,3}}the\s{{1,3}})?"
_SIGN = r"(?P<sign>§§|§|[Ss]ections?|[Ss]ecs?\.|[Pp]arts?|[Pp]ts?\.|[Cc]h(?:apter|\.)\s[0-9IVX]{1,4},?\s{1,2}[Pp]art)"

_PATTERNS = tuple(
    (scheme, re.compile(pattern))
    for scheme, pattern in (
        ("usc", rf"{_HERE}{_TITLE}\s{{1,3}}{_USC},?\s{{0,3}}(?:{_SIGN}\s{{0,3}})?{_OF_CODE}{_ENDS}"),
        ("usc", rf"{_IN_TITLE}{_USC},?\s{{1,3}}{_SIGN}\s{{0,3}}{_OF_CODE}{_ENDS}"),
        ("usc", rf"(?:§|[Ss]ections?|[Ss]ec\.)\s{{0,3}}{_OF_CODE}(?:\([0-9A-Za-z]{{1,4}}\)){{0,6}}"
         rf"\s{{1,3}}of\s{{1,3}}{_IN_TITLE}{_USC}"),
        ("usc", rf"govinfo\.gov/link/uscode/{_TITLE}/{_OF_CODE}{_ENDS}"),
        ("usc", rf"law\.cornell\.edu/uscode/text/{_TITLE}/{_OF_CODE}{_ENDS}"),
        ("cfr", rf"{_HERE}{_TITLE}\s{{1,3}}{_CFR},?\s{{0,3}}(?:{_SIGN}\s{{0,3}})?{_OF_RULES}{_ENDS}"),
        ("cfr", rf"{_IN_TITLE}{_CFR},?\s{{1,3}}{_SIGN}\s{{0,3}}{_OF_RULES}{_ENDS}"),
        ("cfr", rf"ecfr\.gov/current/title-{_TITLE}/(?:[\w.-]{{1,30}}/){{0,4}}(?:section|part)-{_OF_RULES}{_ENDS}"),
        ("cfr", rf"law\.cornell\.edu/cfr/text/{_TITLE}/{_OF_RULES}{_ENDS}"),
    )
)  # fmt: skip
# "§§ 1225(b), 1226, and 1357": what follows goes on with the title, unless it is another citation's.
_ALSO = re.compile(
    r"(?:\([0-9A-Za-z]{1,4}\)){0,6}\s{0,2}(?:,\s{0,3}(?:and|or)\s{1,3}|,\s{0,3}|\s{1,3}(?:and|or|&)\s{1,3})(?:§\s?)?"
    r"(?P<section>[0-9]{1,5}(?:[a-z]{0,2}|\.[0-9]{1,4}))(?![0-9A-Za-z-]|\.[0-9])"
    r"(?!\s{0,3}(?:U\.?\s?S|C\.?\s?F|F\.|FR|Fed|Stat|Op\.|Cong))"
)
_SEVERAL = re.compile("§§|[Ss]ections|[Ss]ecs|[Pp]arts|[Pp]ts")
MOST_IN_A_ROW = 20
LAST_TITLE = {"usc": 54, "cfr": 50}


def find_laws(text: str) -> list[Law]:
    """Return the sections and parts that a text cites, in its order, none inside another. Any string is answered."""
    if not _HINT.search(text):
        return []
    hits = [law for scheme, pattern in _PATTERNS for match in pattern.finditer(text) for law in _cited(scheme, match)]
    found: list[Law] = []
    for law in sorted(hits, key=lambda one: (one.start, -one.end)):
        if not found or law.start >= found[-1].end:
            found.append(law)
    return found


def _cited(scheme: str, match: re.Match[str]) -> Iterator[Law]:
    if not 1 <= int(match["title"]) <= LAST_TITLE[scheme]:
        return
    yield _law(scheme, match["title"], match["section"], match.start(), match.end())
    sign = match.groupdict().get("sign")
    if not sign or not _SEVERAL.match(sign):
        return
    at = match.end()
    for _ in range(MOST_IN_A_ROW):
        also = _ALSO.match(match.string, at)
        if not also:
            return
        yield _law(scheme, match["title"], also["section"], also.start("section"), also.end())
        at = also.end()


def _law(scheme: str, title: str, section: str, start: int, end: int) -> Law:
    if section.startswith("App"):
        section = "App. " + "".join(filter(str.isdigit, section))
    return Law(scheme, f"{title} {'U.S.C.' if scheme == 'usc' else 'CFR'} {section}", start, end)
