"""The numbers that people cite documents by: found in text in their many spellings, each with one canonical form.

Knows nothing of documents, of addresses of ours, or of files: the numbers in a file's name aren't trusted.
Dashes of every kind, full-width characters, odd spaces and soft hyphens are folded; look-alike letters of other
alphabets never are, so that two numbers that merely look alike stay two. Every pattern's repeats are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.award_ids import PATTERN as AWARD_ID

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Identifier:
    """One number: its scheme, its canonical value, and as it was printed.

    Schemes: "pia" ("DHS/ICE/PIA-039(a)", or "PIA-039(a)" where no component is named), "sorn" ("DHS/ICE-011"),
    "fr-citation" ("81 FR 72080"), "fr-document" ("2016-25197"), "piid" ("70CDCR18P00000017"), "solicitation"
    ("HSCECR-14-Q-00006", "70CDCR18Q00000005"), "sam-notice" (32 hex digits), "award-id"
    ("CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"), "oig-report" ("OIG-18-53", of the DHS inspector general's fiscal
    year 2018; "OIG-18-053" is another department's), "foia-case" ("2017-ICFO-43023"), "docket" ("DHS-2016-0059").
    """

    scheme: str
    value: str
    printed: str


@dataclass(frozen=True, slots=True)
class Found:
    """An identifier and where it stands: `text[start:end]` is what was printed."""

    identifier: Identifier
    start: int
    end: int


# Components of DHS that issue PIAs and SORNs, as they write themselves, and as addresses spell them.
COMPONENTS = (
    *("ALL", "CBP", "CISA", "CRCL", "CWMD", "DNDO", "FEMA", "FLETC", "FPS", "HQ", "I&A", "ICE", "MGMT", "NPPD"),
    *("OBIM", "OHA", "OIG", "OPS", "PRIV", "S&T", "TSA", "US-VISIT", "USCG", "USCIS", "USSS"),
)
_SPELLED = {name.replace("&", joint).replace("-", ""): name for name in COMPONENTS for joint in ("&", "AND", "")}

# Titles in the Federal Register write the whole names: "Department of Homeland Security/U.S. Coast Guard-013".
WRITTEN_OUT = {
    "citizenship and immigration services": "USCIS",
    "coast guard": "USCG",
    "customs and border protection": "CBP",
    "cybersecurity and infrastructure security agency": "CISA",
    "federal emergency management agency": "FEMA",
    "immigration and customs enforcement": "ICE",
    "immigration customs and enforcement": "ICE",  # so the register prints it, from 2008 to 2016
    "national protection and programs directorate": "NPPD",
    "office of inspector general": "OIG",
    "secret service": "USSS",
    "transportation security administration": "TSA",
}

_FOLD = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63"), "-")
    | dict.fromkeys(map(ord, "\u2044\u2215"), "/")
    | dict.fromkeys([0xA0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)], " ")
)
_DROPPED = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")

# Not inside a longer word or number of whatever alphabet; "_" is no letter here (CONT_AWD_70CDCR18P00000017_7012).
_HERE = r"(?u:(?<![^\W_]))"
_DONE = r"(?u:(?![^\W_]))"
_JOINT = r"\s{0,4}[-/]\s{0,4}"  # a number may be broken over two lines
_GAP = rf"(?:{_JOINT}|\s{{0,4}})"
_NAME = "(?:" + "|".join(sorted(map(re.escape, sorted({*_SPELLED, "US-VISIT"})), key=len, reverse=True)) + ")"
# "DHS/USCIS/ICE/CBP-001" is of three components.
_KNOWN = rf"(?P<component>{_NAME})(?:{_JOINT}(?P<office>{_NAME})(?:{_JOINT}(?P<third>{_NAME}))?)?"
_LONG_NAME = "(?P<long>" + "|".join(name.replace(" ", r"\s{1,4}") for name in sorted(WRITTEN_OUT)) + ")"
_OTHER = r"(?P<other>(?!PIA|SORN)[A-Z]{2,10})"
# 39, 039, 039(a), 039 (a), 039a. A letter of another alphabet in the bracket makes it another number.
_STRANGE = r"(?u:(?!\s?\([A-Za-z]?(?:[^\W\x00-\x7f]|[\u0300-\u036f])[^)]?\)))"
_NUMBER = rf"(?i:(?P<number>[0-9]{{1,3}})(?:\s?\((?P<bracket>[A-Z])\)|(?P<letter>[A-Z]){_DONE}|{_DONE}{_STRANGE}))"
# FAR 4.1603(a): office (6), fiscal year (2), type of instrument (1), serial (4 to 8).
_OFFICE = r"(?P<aac>(?=HS|[A-Z]{0,5}[0-9])[0-9A-Z]{6})"
_YEAR = r"(?P<year>[0-3][0-9]|[89][0-9])"
_TYPE = r"(?P<type>[A-DF-NP-W])"
_SERIAL = r"(?P<serial>[0-9A-Z]{0,4}[0-9]{4})"
_DOCUMENT = (
    r"(?P<document>(?:[CR][0-9]-)?(?:(?:19|20)[0-9]{2}-[0-9]{4,5}|[A-Z][0-9]-[0-9]{1,5}|[0-9]{2}-[0-9]{1,6}))"
    rf"{_DONE}(?!-[0-9])"
)
# A report's number begins anew each fiscal year; D stands for disaster grants, VR for verification reviews.
_PART = r"(?:D|VR|MA|SR|UNSUM)"
# Other departments have inspectors general too.
_DEPARTMENT = r"(?:(?P<department>[A-Z]{2,5})[ -]{1,2})?"
# The year, the office (ICE's FOIA office, its litigation desk; their like elsewhere in DHS), and the case.
_DESK = r"(?P<desk>[A-Z]{2}(?:FO|LI|AP|FI|PA))"
# Of the department's dockets at regulations.gov; those of others are claimed after a word that says what they are.
_DOCKET = r"(?P<docket>(?:DHS|ICEB|USCBP|USCIS|USCG|TSA|FEMA|CISA|USSS|FLETC)-(?:19|20)[0-9]{2}-[0-9]{4})"
_ANY_DOCKET = r"(?P<docket>[A-Z]{2,6}-(?:19|20)[0-9]{2}-[0-9]{4})"
_REGISTER = r"(?:FR|F\.\s?R\.|(?i:Fed(?:eral|\.)?\s{0,3}Reg(?:ister|\.)?))"
_PAGE = rf"(?P<page>[0-9]{{1,3}},[0-9]{{3}}|[0-9]{{1,6}}){_DONE}"

# What running text is searched for: strict enough that a hit is meant.
IN_TEXT = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?i:{_HERE}DHS(?:{_GAP}{_KNOWN}{_GAP}|{_JOINT}{_OTHER}{_JOINT})PIA"
        rf"(?:{_JOINT}|\s{{0,4}}(?=[0-9]{{3}}))){_NUMBER}",
        rf"(?u:(?<![\w/.-]))(?:DHS{_JOINT})?PIA(?:-\n?|\s{{0,3}}-?\s{{0,3}}(?=0[0-9]{{2}})){_NUMBER}",
        # "DHS/ICE 287(g)" is a programme, not a system of records: numbers start with 0, no bracket follows.
        rf"(?i:{_HERE}DHS(?:{_GAP}{_KNOWN}|\s?/\s?{_OTHER})(?:{_JOINT}SORN)?(?:\s{{0,4}}-\s{{0,4}}|\s{{0,2}})"
        rf"(?P<sorn>0[0-9]{{2}}){_DONE}(?!\([a-z]))",
        rf"(?i:{_HERE}(?:Department\s{{1,4}}of\s{{1,4}}Homeland\s{{1,4}}Security|DHS)(?:\s?\(DHS\))?[\s/]{{1,4}}"
        rf"(?:(?:(?:The\s)?(?:U\.\s?S\.|US|United\s{{1,4}}States)\s{{1,4}})?{_LONG_NAME}(?:\s{{1,4}}\([A-Z]{{2,5}}\))?|{_KNOWN})"
        rf"\s{{0,4}}--?\s{{0,4}}(?P<sorn>0[0-9]{{2}}){_DONE}(?!\([a-z]))",
        rf"{_HERE}(?P<volume>[0-9]{{1,3}})\s{{1,3}}{_REGISTER}\s{{1,3}}(?:at\s{{1,3}})?{_PAGE}",
        rf"(?i:federalregister\.gov/citation/(?P<volume>[0-9]{{1,3}})[/-](?:FR[/-])?{_PAGE})(?![-/.][0-9])",
        rf"(?i:govinfo\.gov/link/fr/(?P<volume>[0-9]{{1,3}})/{_PAGE})",
        rf"(?i:{_HERE}(?:FR|Federal\s{{1,3}}Register)\s{{0,3}}Doc(?:ument)?s?\.?\s{{0,3}}"
        rf"(?:No\.?|Number)?:?\s{{0,3}}{_DOCUMENT})",
        rf"(?i:federalregister\.gov/(?:[a-z0-9_]{{1,20}}/){{0,8}}{_DOCUMENT})",
        rf"(?i:(?:govinfo|gpo)\.gov/(?:content|fdsys|app)/(?:pkg|details)/FR-[0-9-]{{10}}/(?:[a-z]{{2,5}}/)?{_DOCUMENT})",
        r"(?i:(?:sam\.gov/(?:workspace/contract/)?opp/|/opportunities/|fbo\.gov/notices/|noticeid=|notice\s?id:?\s{0,3}"
        rf"|fbo\.gov/(?:index(?:\.php)?)?\?[^\s\"'<>#]{{0,100}}?\bid=)(?P<notice>[0-9a-f]{{32}})){_DONE}",
        rf"{_HERE}{_DOCKET}(?:-[0-9]{{4,5}})?{_DONE}(?!-[0-9])",
        rf"(?i:{_HERE}Docket(?:\s{{1,3}}(?:ID|No\.?|Number))?:?\s{{1,3}}{_ANY_DOCKET}(?:-[0-9]{{4,5}})?{_DONE}(?!-[0-9]))",
        rf"(?i:regulations\.gov/(?:docket|document|comment)/{_ANY_DOCKET}(?:-[0-9]{{4,5}})?{_DONE}(?!-[0-9]))",
        rf"(?i:{_HERE}(?P<award>{AWARD_ID})(?![0-9A-Z_]))",
        rf"(?u:(?<![\w/.-])){_DEPARTMENT}OIG(?:-\s{{0,3}}|\s)(?P<fiscal>[0-9]{{2}})-\s{{0,3}}(?P<report>[0-9]{{1,3}})"
        rf"(?:-(?P<part>{_PART}))?{_DONE}(?!-[0-9]|-[A-Z](?![A-Za-z0-9]))",
        rf"(?u:(?<![\w/.-])){_DEPARTMENT}(?:OIG|Inspector\s{{1,3}}General)(?:['\u2019]s)?\s{{1,3}}[Rr]eport\s{{1,3}}"
        rf"(?:[Nn]o\.?:?\s{{0,3}}|[Nn]umber:?\s{{1,3}})?(?P<fiscal>[0-9]{{2}})-\s{{0,3}}(?P<report>[0-9]{{1,3}})"
        rf"(?:-(?P<part>{_PART}))?{_DONE}(?!-[0-9]|-[A-Z](?![A-Za-z0-9]))",
        rf"{_HERE}(?P<filed>(?:19|20)[0-9]{{2}})-\s{{0,3}}{_DESK}-\s{{0,3}}(?P<case>[0-9]{{5}}){_DONE}",
        rf"{_HERE}{_OFFICE}{_YEAR}{_TYPE}{_SERIAL}{_DONE}",
        rf"{_HERE}{_OFFICE}-\s{{0,3}}{_YEAR}-\s{{0,3}}{_TYPE}-\s{{0,3}}(?:{_SERIAL}|(?P<lettered>[A-Z]{{3}}[0-9]{{3}})){_DONE}",
        rf"{_HERE}GS-?(?P<schedule>[0-9]{{2}}F)-?(?P<holder>[0-9]{{4}}[A-Z]){_DONE}",
    )
)

# What somebody types who means a number: any spelling of it, and nothing else; "pia 39 a" too.
_TYPED = _NUMBER.replace("|(?P<letter>", r"|\s?(?P<letter>")
ALONE = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        rf"DHS(?:{_GAP}{_KNOWN}{_GAP}|{_JOINT}{_OTHER}{_JOINT})PIA{_GAP}{_TYPED}",
        rf"(?:DHS{_GAP})?(?:{_KNOWN}{_GAP})?PIA{_GAP}{_TYPED}",
        rf"DHS(?:{_GAP}{_KNOWN}|{_JOINT}{_OTHER})(?:{_JOINT}SORN)?{_GAP}(?P<sorn>[0-9]{{1,3}})",
        rf"{_KNOWN}\s?-\s?(?P<sorn>[0-9]{{3}})",
        rf"(?P<volume>[0-9]{{1,3}})[\s-]{{0,3}}{_REGISTER}[\s-]{{0,3}}{_PAGE}",
        r"(?:FR\s{0,3}Doc\.?\s{0,3}(?:No\.?)?:?\s{0,3})?"
        r"(?P<document>(?:C[0-9]-)?20[0-9]{2}-[0-9]{5}|[EZ][0-9]-[0-9]{1,5})",
        rf"FR\s{{0,3}}Doc\.?\s{{0,3}}(?:No\.?)?:?\s{{0,3}}{_DOCUMENT}",
        rf"(?:Docket\s{{0,3}}(?:ID|No\.?|Number)?:?\s{{0,3}})?{_ANY_DOCKET}",
        r"(?P<notice>[0-9a-f]{32})",
        rf"(?P<award>{AWARD_ID})",
        rf"(?:DHS{_GAP})?OIG{_GAP}(?P<fiscal>[0-9]{{2}}){_GAP}(?P<report>[0-9]{{1,3}})(?:{_JOINT}(?P<part>{_PART}))?",
        rf"(?P<filed>(?:19|20)[0-9]{{2}})[\s_-]{{0,2}}{_DESK}[\s_-]{{0,2}}(?P<case>[0-9]{{5}})",
        rf"{_OFFICE}[\s-]{{0,3}}{_YEAR}[\s-]{{0,3}}{_TYPE}[\s-]{{0,3}}(?P<serial>[0-9A-Z]{{4,8}})",
    )
)


def find_identifiers(text: str) -> list[Found]:
    """Return every number that `text` cites, in the order of the text, none inside another.

    A bare "2016-25197" or 32 hex digits alone could be anything: these are claimed only after words, or in an
    address, that say what they are. Any string is answered; nothing raises.
    """
    plain, places = folded(text)
    hits = []
    for pattern in IN_TEXT:
        for match in pattern.finditer(plain):
            if match.groupdict().get("department") not in {None, "DHS"}:
                continue
            group = next((name for name in ("document", "docket", "notice") if match.groupdict().get(name)), 0)
            hits.append((match.start(group), -match.end(group), *_canonical(match)))
    found, reached = [], 0
    for start, minus_end, scheme, value in sorted(hits):
        if start >= reached:
            reached = -minus_end
            first, end = (places[start], places[reached - 1] + 1) if places else (start, reached)
            found.append(Found(Identifier(scheme, value, text[first:end]), first, end))
    return found


def parse_identifier(text: str) -> Identifier | None:
    """Return the identifier that the whole of `text` spells, or None where it spells none."""
    return _spelled(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=1 << 16)  # settling asks the same again, night after night
def _spelled(text: str) -> Identifier | None:
    plain = folded(text)[0].strip()
    for pattern in ALONE:
        if match := pattern.fullmatch(plain):
            return Identifier(*_canonical(match), text.strip())
    return None


def component(value: str) -> str:
    """Return the component in a canonical PIA or SORN value ("ICE"; "NPPD/US-VISIT"), "" where there is none."""
    match = _OWNER.fullmatch(value)
    return match.group(1) if match else ""


def address_slug(value: str) -> str:
    """Return a canonical value as part of an address: "dhs-ice-pia-039a". `parse_identifier` reads it back."""
    return re.sub("[^a-z0-9]+", "-", re.sub("[()&]", "", value.lower())).strip("-")


def search_forms(value: str) -> tuple[str, ...]:
    """Return the spellings of a canonical value that text is worth searching for, the canonical one first."""
    forms = [value]
    if match := re.fullmatch(r"(?:DHS/.*/)?PIA-([0-9]{3})(?:\(([a-z]+)\))?", value):
        number, letter = match.group(1), match.group(2) or ""
        forms += [f"PIA-{number}({letter})", f"PIA-{number}{letter}"] if letter else [f"PIA-{number}"]
    elif match := re.fullmatch(r"([0-9]+) FR ([0-9]+)", value):
        volume, page = match.groups()
        forms += [f"{volume} {name} {form}" for name in ("FR", "Fed. Reg.") for form in (page, f"{int(page):,}")]
    elif match := ALONE[-1].fullmatch(value):
        parts = match.group("aac", "year", "type", "serial")
        forms += ["".join(parts), "-".join(parts)]
    return tuple(dict.fromkeys(forms))


def matches(query: str, value: str) -> bool:
    """Say whether a typed number means the canonical `value`; one without a component means it in any.

    "PIA-039" means DHS/ICE/PIA-039 and DHS/CBP/PIA-039, never DHS/ICE/PIA-039(a).
    """
    asked = parse_identifier(query)
    if asked is None:
        return False
    return asked.value == value or (asked.scheme == "pia" and value.endswith("/" + asked.value))


_OWNER = re.compile(r"DHS/(.{1,40}?)(?:/PIA)?-[0-9]{3}(?:\([a-z]{1,2}\))?")
_TYPES_BEFORE_AWARD = frozenset("BINQRU")


def _canonical(match: re.Match[str]) -> tuple[str, str]:  # noqa: C901, PLR0911 (one for each scheme)
    """Return scheme and canonical value of a match of any pattern here."""
    groups = match.groupdict()
    if groups.get("number"):
        letter = (groups["bracket"] or groups["letter"] or "").lower()
        number = f"PIA-{groups['number']:0>3}" + (f"({letter})" if letter else "")
        owner = _owner(groups)
        return "pia", f"DHS/{owner}/{number}" if owner else number
    if groups.get("sorn"):
        return "sorn", f"DHS/{_owner(groups)}-{groups['sorn']:0>3}"
    if groups.get("volume"):
        return "fr-citation", f"{int(groups['volume'])} FR {int(groups['page'].replace(',', ''))}"
    if groups.get("document"):
        return "fr-document", groups["document"].upper()
    if groups.get("docket"):
        return "docket", groups["docket"].upper()
    if groups.get("notice"):
        return "sam-notice", groups["notice"].lower()
    if groups.get("award"):
        return "award-id", groups["award"].upper()
    if groups.get("schedule"):
        return "piid", f"GS{groups['schedule']}{groups['holder']}".upper()
    if groups.get("report"):
        part = f"-{groups['part'].upper()}" if groups["part"] else ""
        return "oig-report", f"OIG-{groups['fiscal']}-{groups['report']:0>2}{part}"
    if groups.get("case"):
        return "foia-case", f"{groups['filed']}-{groups['desk'].upper()}-{groups['case']}"
    serial = groups["serial"] or groups.get("lettered")
    return _instrument(groups["aac"].upper(), groups["year"], groups["type"].upper(), (serial or "").upper())


def _owner(groups: dict[str, str | None]) -> str:
    if other := groups.get("other"):
        return other.upper()
    if written := groups.get("long"):
        return WRITTEN_OUT[" ".join(written.lower().split())]
    names = [groups.get(name) for name in ("component", "office", "third")]
    return "/".join(_SPELLED[name.upper().replace("-", "")] for name in names if name)


def _instrument(office: str, year: str, kind: str, serial: str) -> tuple[str, str]:
    """Tell a solicitation from an award by its ninth place (FAR 4.1603(a)(3)).

    B invitations for bids, Q and U requests for quotations, R requests for proposals; I and N are offices'
    own numbers for requests for information and notices. All other letters are agreements, contracts and orders.
    Solicitations of before fiscal year 2018 keep the hyphens they were printed with; since then FAR 4.1602 has none.
    """
    if kind not in _TYPES_BEFORE_AWARD:
        return "piid", office + year + kind + serial
    hyphen = "-" if year < "18" or year >= "80" else ""
    return "solicitation", hyphen.join((office, year, kind, serial))


def folded(text: str) -> tuple[str, list[int]]:
    """Return text with spellings of one sign made one, and, where signs were dropped, each sign's old place."""
    if text.isascii():
        return text, []
    plain = text.translate(_FOLD)
    if not _DROPPED.search(plain):
        return plain, []
    places = [place for place, sign in enumerate(plain) if not _DROPPED.match(sign)]
    return "".join(plain[place] for place in places), places
