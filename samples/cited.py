"""A document that no list shows: one article links to it, and that is how it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from samples.pdfs import render_plain
from samples.recording import Answer
from samples.texts import read_document

GUIDANCE = "https://www.ice.gov/doclib/news/library/reports/lpr-guidance-2018.pdf"
ARGUMENTS = {"hosts": ["dhs.gov", "ice.gov", "federalregister.gov", "govinfo.gov", "usaspending.gov"]}


def answers_on(night: str) -> Iterator[Answer]:
    """Give what is asked for on the night on which the article that cites it is first read, and on no other."""
    if night == "2018-02-08":
        yield Answer(GUIDANCE, _guidance(), "application/pdf", items=1)


@cache
def _guidance() -> bytes:
    return render_plain(read_document("guidance"), ("U.S. Immigration and Customs Enforcement", "Privacy guidance"))
