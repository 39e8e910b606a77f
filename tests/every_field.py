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
AWARD_ID = "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"
# title, text, date, link text, number; title of a list, heading, note, date; subject, detail; headline, outlet, byline,
# section, date; text of an article; notice's id, attachment's place; award's id, place.
OTHER_FIELDS = 21


def every_field(text: str) -> World:
    """Return a settled catalogue whose items hold `text` in every field."""
    dates = (PrintedDate("published", text),)
    page = WebPage(
        "page",
        text,
        (text, f"license {text} plate"),
        dates,
        (PageLink(f"{SITE}/l", text),),
        numbers=("2016-25197", text),
    )
    read, _ = clean_text(f"license {text} plate")  # as its reader does
    index = (
        Index(f"{SITE}/i", 1, 1, last=True),
        Listed(f"{SITE}/i", f"{SITE}/w", text, dates=dates, heading=text, note=text),
        Problem("missing-field", text, text),
    )
    article = Article(text, text, text, section=text, dates=dates, links=(PageLink(f"{SITE}/w", text),))
    notice = dict.fromkeys(NOTICE_FIELDS, text)
    award = dict.fromkeys(AWARD_FIELDS, text)
    known = {"piid": "70CDCR18P00000017", "agency_code": "7012"}
    return World(
        Captured(f"{SITE}/w", night(1), (page,)),
        Captured(f"{SITE}/i", night(1), index),
        Captured(f"{SITE}/a", night(2), (article,), source="news", pages=(read,)),
        Captured(f"{SITE}/n", night(3), (Notice("a" * 32, notice, (), text), Notice(text, notice, (), "row 2")), "n",
                 source="notices"),
        Captured(f"{SITE}/c", night(4), (Award(AWARD_ID, award | known, text), Award(text, award, "row 2")), "c",
                 source="notices"),
    ).settle()  # fmt: skip
