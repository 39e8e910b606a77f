"""One text in every text field that a source can fill: items of each kind, settled into a catalogue."""

from __future__ import annotations

from pipelines.items import (
    AWARD_FIELDS,
    NOTICE_FIELDS,
    Article,
    Award,
    Index,
    Listed,
    Notice,
    PageLink,
    PrintedDate,
    Problem,
    WebPage,
)
from pipelines.text.cleaning import clean_text
from tests.evidence import Captured, World, night

SITE = "https://www.example.gov"
# title, text, date, link text, number; title of a list, heading, note, date; subject, detail; headline, outlet, byline,
# section, date; text of an article; notice's id, attachment's place; award's id, place.
OTHER_FIELDS = 21


def captured(text: str, number: int = 0) -> tuple[Captured, ...]:
    """Return captures whose items hold `text` in every field; those of each number are documents of their own."""
    piid, site = f"70CDCR18P{number:08}", f"{SITE}/{number}"
    dates = (PrintedDate("published", text),)
    page = WebPage(
        "page",
        text,
        (text, f"license {text} plate"),
        dates,
        (PageLink(f"{site}/l", text),),
        numbers=(f"2016-{10_000 + number}", text),
    )
    read, _ = clean_text(f"license {text} plate")  # as its reader does
    index = (
        Index(f"{site}/i", 1, 1, last=True),
        Listed(f"{site}/i", f"{site}/w", text, dates=dates, heading=text, note=text),
        Problem("missing-field", text, text),
    )
    article = Article(text, text, text, section=text, dates=dates, links=(PageLink(f"{site}/w", text),))
    notice = dict.fromkeys(NOTICE_FIELDS, text)
    award = dict.fromkeys(AWARD_FIELDS, text)
    known = {"piid": piid, "agency_code": "7012"}
    return (
        Captured(f"{site}/w", night(1), (page,)),
        Captured(f"{site}/i", night(1), index),
        Captured(f"{site}/a", night(2), (article,), source="news", pages=(read,)),
        Captured(f"{site}/n", night(3), (Notice(f"{number:032x}", notice, (), text),
                                Notice(text, notice, (), "row 2")), f"n{number}",
                 source="notices"),
        Captured(f"{site}/c", night(4), (Award(f"CONT_AWD_{piid}_7012_-NONE-_-NONE-", award | known, text),
                                Award(text, award, "row 2")), f"c{number}",
                 source="notices"),
    )  # fmt: skip


def every_field(*texts: str) -> World:
    """Return a settled catalogue whose items hold each text in every field."""
    return World(*(one for number, text in enumerate(texts) for one in captured(text, number))).settle()
