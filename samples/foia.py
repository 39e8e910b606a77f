"""ICE's FOIA library on each night: its listing, and the files that it leads to.

The manual's address is one that others cite; that of the release was made up for the sample, and so were its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from samples.pdfs import render_plain
from samples.recording import Answer
from samples.texts import read_document

SITE = "https://www.ice.gov"
LIBRARY = "/foia/library"
ARGUMENTS: Mapping[str, object] = {"listings": [SITE + LIBRARY]}


@dataclass(frozen=True)
class Entry:
    """One item of the library; `text` names the text of its file."""

    title: str
    category: str
    posted: str
    shown: tuple[str, str]
    path: str
    text: str


ENTRIES = (
    Entry("DRO Field Policy Manual", "Policy", "2017-10-02", ("Oct 02", "2017"),
          "/doclib/foia/dro_policy_memos/09684drofieldpolicymanual.pdf", "foia-manual"),
    Entry("2018-ICLI-00035 Records on License Plate Reader Data", "Frequently Requested Records", "2019-03-14",
          ("Mar 14", "2019"), "/doclib/foia/releases/2018-ICLI-00035.pdf", "foia-lpr"),
)  # fmt: skip


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: robots.txt, the listing, its files."""
    yield Answer(f"{SITE}/robots.txt", b"User-agent: *\nDisallow: /search\nDisallow: /user/\n", "text/plain")
    shown = [entry for entry in ENTRIES if entry.posted <= night]
    yield Answer(f"{SITE}{LIBRARY}?page=0", _listing(shown))
    for entry in shown:
        document = read_document(entry.text)
        body = render_plain(document, ("Released under the Freedom of Information Act", document.facts["number"]))
        yield Answer(SITE + entry.path, body, "application/pdf", items=1)


def _listing(shown: list[Entry]) -> bytes:
    items = "\n".join(_item(entry) for entry in reversed(shown))
    return f"""<!DOCTYPE html>
<html lang="en" dir="ltr" prefix="og: https://ogp.me/ns#"><head><meta charset="utf-8"><title>FOIA Library | ICE</title>
<link rel="canonical" href="{SITE}{LIBRARY}"></head><body class="path-node">
<section class="usa-banner"><p>An official website of the United States government (sample)</p></section>
<main class="main-content usa-layout-docs usa-section " role="main"><a id="main-content" tabindex="-1"></a>
<h1 class="margin-0"><span>FOIA Library</span></h1>
<div class="view-content"><ul class="usa-collection">
{items}
</ul></div></main>
<footer class="usa-footer"><p>A page of the sample. Its text was written for it.</p></footer>
</body></html>
""".encode()


def _item(entry: Entry) -> str:
    """Lay an item out as such sites do: the machine's date is the template's, the reader's is the item's own."""
    month, year = entry.shown
    return (
        '<li class="usa-collection__item"><div class="usa-collection__calendar-date">'
        '<time datetime="2020-09-30T12:00:00+01:00">'
        f'<span class="usa-collection__calendar-date-month">{month}</span> '
        f'<span class="usa-collection__calendar-date-day">{year}</span></time></div>'
        '<div class="usa-collection__body"><h4 class="usa-collection__heading">'
        f'<a class="usa-link" href="{entry.path}">{escape(entry.title)} | {entry.category}</a></h4></div></li>'
    )
