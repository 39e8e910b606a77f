"""Privacy assessments: traps on the way, and what one page with several numbered documents becomes."""

from __future__ import annotations

from scrapy.http import HtmlResponse, Request

from pipelines.items import File, Index, Listed, Problem, WebPage
from spiders._library import MOST_ROWS
from spiders.dhs_pia import COLLECTION, MOST_PAGES, MOST_STEPS, DhsPia
from tests.evidence import Captured, World, night, prose
from tests.figures import figure
from tests.test_sources import SOURCES, answer

PAGE = "https://www.dhs.gov/publication/dhs-ice-pia-039-acquisition"
FILES = "https://www.dhs.gov/sites/default/files/publications"


def page(url: str, inner: str) -> HtmlResponse:
    return HtmlResponse(url, body=f"<html><main><h1>A title</h1>{inner}</main></html>".encode())


def test_component_pages_that_lead_on_and_on_end() -> None:
    """A site that makes up a page for each name, and on each links to the next: so many steps, then none."""
    source, asked = DhsPia(), 0
    waiting = [source.request_for("https://www.dhs.gov/privacy-documents-one")]
    while waiting:
        request = waiting.pop()
        assert request is not None
        assert request.callback is not None
        asked += 1
        links = "".join(f'<a href="/privacy-documents-n{asked}-{number}">x</a>' for number in range(3))
        waiting += [
            one for one in request.callback(page(request.url, links), **request.cb_kwargs) if isinstance(one, Request)
        ]
    figure("SV-15", trap="links of every page to three others", pages_asked_for=asked)
    assert asked == sum(3**step for step in range(MOST_STEPS + 1))


def test_a_calendar_of_pages_ends() -> None:
    source, number = DhsPia(), 0
    request = source.request_for(COLLECTION)
    outcomes: list[str] = []
    while request is not None:
        number += 1
        inner = f'<h3><a href="/publication/day-{number}">Day</a></h3><a href="?page={number}">Next</a>'
        said = list(source.parse_listing(page(request.url, inner), **request.cb_kwargs))
        outcomes += [one.outcome for one in said if isinstance(one, Problem)]
        request = next((one for one in said if isinstance(one, Request) and "page=" in one.url), None)
    figure("SV-15", trap="a calendar of pages without end", pages_asked_for=number)
    assert (number, outcomes) == (MOST_PAGES, ["trap"])


def test_next_links_in_a_circle_are_not_followed() -> None:
    row = '<h3><a href="/publication/x">X</a></h3>'
    for pager in ('<a href="?page=3">Next</a>', '<a href="?page=0">Next</a><a href="?page=2">Back</a>'):
        said = list(DhsPia().parse_listing(page(f"{COLLECTION}?page=3", row + pager), index=COLLECTION, page=3))
        assert said[0] == Index(COLLECTION, 3, 1, last=True)


def test_a_page_of_very_many_links() -> None:
    links = "".join(f'<a href="/publication/{number}">X {number}</a>' for number in range(MOST_ROWS + 100))
    said = list(DhsPia().parse_listing(page(f"{COLLECTION}?page=0", links), index=COLLECTION, page=0))
    assert [one.outcome for one in said if isinstance(one, Problem)] == ["trap"]
    assert sum(isinstance(one, Listed) for one in said) == MOST_ROWS
    said = list(DhsPia().parse_component(page("https://www.dhs.gov/privacy-documents-ice", links)))
    assert [one.outcome for one in said if isinstance(one, Problem)] == ["trap"]
    assert sum(isinstance(one, Listed) for one in said) == MOST_ROWS


def test_links_with_a_session_are_one_page() -> None:
    links = "".join(f'<a href="/publication/x;jsessionid={number}?sid={number}">X</a>' for number in range(50))
    said = list(DhsPia().parse_listing(page(f"{COLLECTION}?page=0", links), index=COLLECTION, page=0))
    assert [one.url for one in said if isinstance(one, Listed)] == ["https://www.dhs.gov/publication/x"]
    assert sum(isinstance(one, Request) for one in said) == 1


def test_each_attachment_of_a_page_is_a_document_with_its_own_number() -> None:
    """One page carries 039, 039(a) and 039(b); the file's name of the last says 30b, and one cover is a picture."""
    names = {"039(b)": "privacy-pia30b-june2021_0.pdf", "039(a)": "lpr-january2018.pdf", "039": "lpr-2015.pdf"}
    rows = "".join(
        f'<tr><td><a href="{FILES}/{name}">DHS/ICE/PIA-{number} Plates</a></td><td>PDF</td></tr>'
        for number, name in names.items()
    )
    table = f"<table><tr><th>Attachment</th><th>Ext.</th></tr>{rows}</table>"
    said = [one for one in DhsPia().parse_publication(page(PAGE, table)) if not isinstance(one, Request)]
    covers = {"039(b)": "Privacy Impact Assessment\nDHS/ICE/PIA-039(b)\n", "039(a)": "", "039": prose("a text")}
    files = [
        Captured(f"{FILES}/{name}", night(1, 1), (File(),), name, (covers[number],)) for number, name in names.items()
    ]
    world = World(Captured(PAGE, night(1), tuple(said)), *files).settle()
    numbers = {row["number"] for row in world.rows("documents", "kind = 'privacy impact assessment'")}
    assert numbers == {"DHS/ICE/PIA-039", "DHS/ICE/PIA-039(a)", "DHS/ICE/PIA-039(b)"}


def test_an_earlier_version_has_not_the_number_of_the_update_above_it() -> None:
    callback, response, arguments = answer(SOURCES / "dhs_pia" / "component-retired")
    listed = {one.url.rpartition("/")[2]: one for one in callback(response, **arguments) if isinstance(one, Listed)}
    assert listed["privacy_pia_uscg_portal_a.pdf"].relation == "earlier"
    assert listed["privacy_pia_uscg_portal_a.pdf"].heading == ""
    assert listed["privacy-pia-uscg-portal-2012.pdf"].heading.startswith("DHS/USCG/PIA-001(b)")
    assert listed["privacy-pia-uscg-portal-retired.docx"].note == "Retirement"


def test_dates_of_the_page_are_not_those_of_its_documents() -> None:
    body = "<p>Words.<br>December 2017</p><p>Created Date: July 7, 2020</p><p>Last Published Date: July 8, 2020</p>"
    (kept,) = (one for one in DhsPia().parse_publication(page(PAGE, body)) if isinstance(one, WebPage))
    assert [(date.role, date.words) for date in kept.dates] == [
        ("published", "December 2017"),
        ("created", "July 7, 2020"),
        ("updated", "July 8, 2020"),
    ]
