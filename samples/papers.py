"""Papers made up for the sample, and what became of each: renamed, moved, saved anew, edited, taken away, put back.

Every one says on its first page that it was written for the sample; nothing of them follows a public record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from samples.pdfs import render_plain
from samples.texts import read_document

_FILES = "https://www.dhs.gov/sites/default/files/publications"
PAGE, MOVED_PAGE = "sample-papers-privacy-office", "sample-papers-on-plates"
MOVED = "2021-07-24"  # since then the page stands at its second address, and the first leads to it

RETENTION = f"{_FILES}/sample-keeping-plate-records.pdf"
RETENTION_RENAMED = f"{_FILES}/sample_retention_final_0.pdf"
CAMERAS = f"{_FILES}/sample-where-cameras-stand.pdf"
CAMERAS_EDITED = f"{_FILES}/sample-camera-places-508.pdf"
AUDIT = "https://www.dhs.gov/xlibrary/assets/privacy/sample-logs-of-searches.pdf"
AUDIT_MOVED = f"{_FILES}/sample-logs-of-searches.pdf"
QUALITY = f"{_FILES}/sample-misread-plates.pdf"
ROADSIDE = f"{_FILES}/sample-telling-drivers.pdf"
TOWNS = f"{_FILES}/sample-sharing-between-towns.pdf"
DRAFTS = f"{_FILES}/sample-drafts.pdf"
SEARCHES_2017 = f"{_FILES}/sample-plate-searches-2017.pdf"
SEARCHES_2018 = f"{_FILES}/sample-plate-searches-2018.pdf"

ASKED = {
    CAMERAS: "People who live nearby are seldom asked.",
    CAMERAS_EDITED: "People who live nearby are asked in a few towns, and seldom listened to.",
}
CHECKS = {
    False: "A supervisor looks at one alert in ten.",
    True: "A supervisor looks at every alert that led to a stop.",
}


@dataclass(frozen=True)
class _Year:
    year: str
    date: str
    count: str
    officers: str


_YEARS = {
    SEARCHES_2017: _Year("2017", "January 8, 2018", "41,206", "118"),
    SEARCHES_2018: _Year("2018", "January 14, 2019", "52,977", "131"),
}
_TEXTS: Mapping[str, str] = {
    RETENTION: "paper-retention", RETENTION_RENAMED: "paper-retention", CAMERAS: "paper-cameras",
    CAMERAS_EDITED: "paper-cameras", AUDIT: "paper-audit", AUDIT_MOVED: "paper-audit", QUALITY: "paper-quality",
    ROADSIDE: "paper-roadside", TOWNS: "paper-towns", DRAFTS: "paper-drafts", SEARCHES_2017: "paper-searches",
    SEARCHES_2018: "paper-searches",
}  # fmt: skip


def is_paper(url: str) -> bool:
    """Tell whether one of the papers stands at an address."""
    return url in _TEXTS


def paper_at(url: str, night: str) -> bytes:
    """Return a paper as it stood at an address on a night."""
    # Misread Plates was saved anew in February 2018 without a word changed, and edited in 2021.
    return _made(url, resaved=url == QUALITY and night >= "2018-02-08", edited=url == QUALITY and night >= MOVED)


@cache
def _made(url: str, *, resaved: bool, edited: bool) -> bytes:
    words = {"asked": ASKED.get(url, ""), "checks": CHECKS[edited]}
    year = _YEARS.get(url)
    if year is not None:
        words |= {"year": year.year, "count": year.count, "officers": year.officers}
    document = read_document(_TEXTS[url], **words)
    facts = dict(document.facts)
    if year is not None:
        facts |= {name: facts[name].format(year=year.year, date=year.date) for name in ("title", "date")}
    if resaved or url == CAMERAS_EDITED:
        facts["saved with"] = "Another program, for the sample"
    return render_plain(replace(document, facts=facts), ("Sample Paper", facts["title"]))
