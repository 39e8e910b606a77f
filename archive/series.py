"""Numbered series: which one a number belongs to, and at which place in it. Knows no documents.

In a series numbers are given one after another by one office, so that one which is missing says something. PIA-039,
PIA-039(a) and PIA-039(b) are one place: an assessment and its updates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_PIA = re.compile(r"DHS/(?P<who>.{1,40})/PIA-(?P<at>[0-9]{3})(?:\((?P<suffix>[a-z]{1,2})\))?")
_SORN = re.compile(r"DHS/(?P<who>.{1,40})-(?P<at>[0-9]{3})")
_REPORT = re.compile(r"OIG-(?P<who>[0-9]{2})-(?P<at>[1-9][0-9]{1,2}|0[1-9])(?P<part>-[A-Z]{1,5})?")
_CONTRACT = re.compile(r"(?P<who>[0-9A-Z]{6})-?(?P<year>[0-9]{2})-?(?P<type>[A-Z])-?(?P<at>[0-9]{4,8})")
_REGISTER = re.compile(r"(?P<who>(?:19|20)[0-9]{2})-(?P<at>[0-9]{4,5})")


class Place(NamedTuple):
    """A place in a series: the series' name in addresses ("pia-ice"), its title, the number that it is counted by, and
    the suffix of an update ("a")."""

    series: str
    title: str
    at: int
    suffix: str = ""


SCHEMES = ("pia", "sorn", "oig-report", "piid", "solicitation", "fr-document")
# Where numbers between two others are other offices' business, nothing is said of them.
NOT_COUNTED = {
    "fr": "All of the government shares these numbers, and the archive follows a few agencies: what lies between two of"
    " them is most often no business of theirs. Only what is mentioned is listed."
}
# What a gap in a series does and doesn't say.
CAUTIONS = {
    "contract": "The archive follows a few vendors and words, not all that an office buys: a number that was never seen"
    " here may well be a contract about something else.",
    "pia": "A number that was never seen may have been given out and never published, or published and never mentioned"
    " in what is held.",
    "sorn": "A number that was never seen may belong to a notice that was withdrawn, or that nothing here mentions.",
    "oig": "Of a fiscal year's reports the archive follows those that the office lists.",
}

# A release says no word of what was withdrawn, its number neither.
WITHDRAWN = "What was withdrawn from publication here counts as never seen."


def place_of(scheme: str, value: str) -> Place | None:
    """Return the place of a canonical number in its series; None where it is in none (or lacks its component)."""
    if scheme == "pia" and (match := _PIA.fullmatch(value)):
        title = f"Privacy impact assessments of {match['who']}"
        return Place(f"pia-{_slug(match['who'])}", title, int(match["at"]), match["suffix"] or "")
    if scheme == "sorn" and (match := _SORN.fullmatch(value)):
        title = f"System of records notices of {match['who']}"
        return Place(f"sorn-{_slug(match['who'])}", title, int(match["at"]))
    if scheme == "oig-report" and (match := _REPORT.fullmatch(value)):
        title = f"Reports of the DHS inspector general, fiscal year 20{match['who']}"
        return Place(f"oig-{match['who']}", title, int(match["at"]), (match["part"] or "").lstrip("-"))
    if scheme in ("piid", "solicitation") and (match := _CONTRACT.fullmatch(value)):
        name = f"{match['who']}{match['year']}{match['type']}"
        return Place(f"contract-{name.lower()}", f"{_TYPES.get(match['type'], 'Instruments')} of office {match['who']},"
                     f" fiscal year {match['year']} ({name}…)", int(match["at"]))  # fmt: skip
    if scheme == "fr-document" and (match := _REGISTER.fullmatch(value)):
        return Place(f"fr-{match['who']}", f"Federal Register documents of {match['who']}", int(match["at"]))
    return None


# FAR 4.1603(a)(3).
_TYPES = {
    "A": "Blanket purchase agreements", "B": "Invitations for bids", "C": "Contracts",
    "D": "Indefinite-delivery contracts",
    "F": "Orders", "G": "Basic ordering agreements", "K": "Orders of commercial items", "P": "Purchase orders",
    "Q": "Requests for quotations", "R": "Requests for proposals",
}  # fmt: skip


def family(series: str) -> str:
    """Return what sort of series a name is of: "pia", "sorn", "oig", "contract" or "fr"."""
    return series.partition("-")[0]


def missing_between(held: Sequence[int], first: int) -> list[tuple[int, int]]:
    """Return the ranges from `first` to the last of some numbers that none of them is in, however large they are."""
    gaps, next_wanted = [], first
    for number in sorted(set(held)):
        if number > next_wanted:
            gaps.append((next_wanted, number - 1))
        next_wanted = max(next_wanted, number + 1)
    return gaps


def _slug(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower().replace("&", "")).strip("-")
