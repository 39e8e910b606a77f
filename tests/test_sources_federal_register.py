"""Which windows of the register are searched, which addresses are known, and that no row is lost without a word."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse

from archive.research.lookups import documents_by_number
from pipelines.items import Index, Listed, PageLink, Problem, WebPage
from spiders._federal_register import address_to_ask, known_address, read_record
from spiders._register_xml import UnreadableError, parse_xml, read_issue, read_printed
from spiders.federal_register import MOST, FederalRegister, windows
from tests.conftest import ROOT
from tests.evidence import Captured, World, night
from tests.test_sources import answer

SITE = "https://www.federalregister.gov"
API = f"{SITE}/api/v1/documents"

DATED = "2016-25197.json?publication_date=2016-10-19"
OLD = "E8-27029.json?publication_date=2008-12-02"


def first_requests(**arguments: object) -> list[Request]:
    async def gather() -> list[Request]:
        return [request async for request in FederalRegister(**arguments).start()]  # type: ignore[arg-type]

    return asyncio.run(gather())


def test_windows_keep_their_addresses_from_night_to_night() -> None:
    tonight, tomorrow = (first_requests(until=day) for day in ("2018-01-10", "2018-01-11"))
    assert [one.url for one in tonight] == [one.url for one in tomorrow]
    asked = [parse_qs(urlsplit(one.url).query) for one in tonight]
    assert [(one["conditions[publication_date][gte]"], one["conditions[publication_date][lte]"]) for one in asked] == [
        (["2017-10-01"], ["2017-12-31"]),
        (["2018-01-01"], ["2018-03-31"]),
    ]
    assert asked[0]["conditions[type][]"] == ["NOTICE"]
    assert "homeland-security-department" in asked[0]["conditions[agencies][]"]
    assert asked[0]["per_page"] == ["100"]


def test_what_is_searched_for_is_told() -> None:
    (only,) = first_requests(
        agencies=["justice-department"],
        types=["RULE"],
        term="plates",
        since="2018-05-01",
        until="2018-05-31",
        months=12,
    )
    asked = parse_qs(urlsplit(only.url).query)
    assert (asked["conditions[agencies][]"], asked["conditions[type][]"]) == (["justice-department"], ["RULE"])
    assert asked["conditions[term]"] == ["plates"]
    assert asked["conditions[publication_date][gte]"] == ["2018-01-01"]
    assert only.cb_kwargs["window"]["may_be_empty"]
    with pytest.raises(ValueError, match="divide a year"):
        FederalRegister(months=5)


@settings(deadline=None)
@given(st.dates(date(1994, 1, 1), date(2040, 1, 1)), st.integers(0, 2000), st.sampled_from([1, 2, 3, 4, 6, 12]))
def test_windows_hold_every_day_once(since: date, days: int, months: int) -> None:
    until = since + timedelta(days)
    found = list(windows(since, until, months))
    assert found[0][0] <= since
    assert found[-1][1] >= until
    assert all(later[0] - earlier[1] == timedelta(1) for earlier, later in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("url", "asked", "callback"),
    [
        (f"{SITE}/documents/2016/10/19/2016-25197/privacy-act-of-1974", DATED, "parse_record"),
        (f"{SITE}/documents/2016/10/19/2016-25197", DATED, "parse_record"),
        (f"{SITE}/articles/2008/12/02/E8-27029/privacy-act-of-1974", OLD, "parse_record"),
        (f"{SITE}/d/2016-25197", "2016-25197.json", "parse_record"),
        (f"{SITE}/d/2016-25197/p-12", "2016-25197.json", "parse_record"),
        (f"{SITE}/a/C1-2016-25197", "C1-2016-25197.json", "parse_record"),
        (f"{API}/2016-25197.json", "2016-25197.json", "parse_record"),
        (f"{API}/2016-25197?publication_date=2016-10-19", DATED, "parse_record"),
        (f"{SITE}/citation/81-FR-72080", f"{SITE}/citation/81-FR-72080", "parse_citation"),
        (f"{SITE}/citation/81/72080", f"{SITE}/citation/81-FR-72080", "parse_citation"),
        (f"{SITE}/citation/81%20FR%2072080", f"{SITE}/citation/81-FR-72080", "parse_citation"),
        (f"{SITE}/documents/full_text/xml/2016/10/19/2016-25197.xml", "", "parse_text"),
        (f"{SITE}/documents/full_text/html/2016/10/19/2016-25197.html", "", "parse_body"),
        ("https://www.govinfo.gov/content/pkg/FR-2016-10-19/html/2016-25197.htm", "", "parse_body"),
        ("https://www.govinfo.gov/content/pkg/FR-2016-10-19/pdf/2016-25197.pdf", "", "parse_file"),
        ("https://www.gpo.gov/fdsys/pkg/FR-2016-10-19/pdf/2016-25197.pdf",
         "https://www.govinfo.gov/content/pkg/FR-2016-10-19/pdf/2016-25197.pdf", "parse_file"),
        ("http://edocket.access.gpo.gov/2008/pdf/E8-27029.pdf", "E8-27029.json", "parse_record"),
        ("http://edocket.access.gpo.gov/2010/2010-10286.htm", "2010-10286.json", "parse_record"),
        ("https://www.govinfo.gov/link/fr/81/72080", "", "parse_file"),
        ("https://www.govinfo.gov/bulkdata/FR/2016/04/FR-2016-04-15.xml", "", "parse_issue"),
        ("https://www.govinfo.gov/content/pkg/FR-2016-04-15/xml/FR-2016-04-15.xml", "", "parse_issue"),
        (f"{SITE}/agencies/homeland-security-department", None, ""),
        (f"{API}.json?page=2", None, ""),
        ("https://federalregister.gov.example.org/d/2016-25197", None, ""),
        ("https://www.dhs.gov/d/2016-25197", None, ""),
    ],
)  # fmt: skip
def test_every_form_of_address_is_known(url: str, asked: str | None, callback: str) -> None:
    request = FederalRegister().request_for(url)
    if asked is None:
        assert request is None
        return
    assert request is not None
    assert request.callback is not None
    wanted = asked if asked.startswith("http") else f"{API}/{asked}" if asked else url
    assert (request.url, request.callback.__name__) == (wanted, callback)


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        ("2016-25197", f"{API}/2016-25197.json"),
        ("FR Doc. E8-27029", f"{API}/E8-27029.json"),
        ("03-27101", f"{API}/03-27101.json"),
        ("81 FR 72080", f"{SITE}/citation/81-FR-72080"),
        ("80 FR 24,269", f"{SITE}/citation/80-FR-24269"),
        ("DHS/ICE-011", ""),
        ("", ""),
        ("81 FR 72080, 72081", ""),
    ],
)
def test_a_number_has_an_address(number: str, asked: str) -> None:
    assert address_to_ask(number) == asked
    if asked:
        assert known_address(asked) is not None
        assert FederalRegister().address_of("fr-document", number) == asked
    assert FederalRegister().address_of("pia", number) == ""


def test_links_that_are_known_are_their_own_address() -> None:
    assert FederalRegister().address_of("link", f"{SITE}/d/2016-25197") == f"{SITE}/d/2016-25197"
    assert FederalRegister().address_of("link", f"{SITE}/agencies") == ""


def row(place: int) -> dict[str, object]:
    number = f"2018-{place:05}"
    page = f"{SITE}/documents/2018/01/10/{number}/x"
    return {
        "document_number": number,
        "title": "T",
        "html_url": page,
        "publication_date": "2018-01-10",
        "pdf_url": f"{page}.pdf",
    }


def walk(count: int, served: list[list[int]], claimed: int | None = None) -> tuple[set[str], list[str]]:
    """Follow a search whose pages hold these rows; return the addresses listed and the problems named."""
    source = FederalRegister(since="2018-01-10", until="2018-01-10", months=12)
    request: Request | None = source._search(date(2018, 1, 10), date(2018, 1, 10), may_be_empty=False)
    listed, problems, page = set(), [], 0
    while request is not None:
        body: dict[str, object] = {"count": count if claimed is None else claimed, "total_pages": len(served)}
        body["results"] = [row(place) for place in served[page]]
        if page + 1 < len(served):
            body["next_page_url"] = f"{API}?page={page + 2}"
        response = TextResponse(request.url, body=json.dumps(body).encode())
        said = list(source.parse_search(response, **request.cb_kwargs))
        listed |= {one.url for one in said if isinstance(one, Listed) and one.relation == "listing"}
        problems += [one.outcome for one in said if isinstance(one, Problem)]
        whole = [one.last for one in said if isinstance(one, Index)]
        request = next((one for one in said if isinstance(one, Request) and "window" in one.cb_kwargs), None)
        page += 1
        if request is None:
            assert whole == [not {"count-differs", "trap"} & set(problems)]
    return listed, problems


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 99), max_size=5), st.integers(-3, 3), st.booleans())
def test_no_row_is_lost_without_a_word(sizes: list[int], off: int, shifted: bool) -> None:
    """Pages that overlap, and a count that isn't kept, are told; a search that is as it should be has no problem."""
    total = sum(sizes)
    places = iter(range(total))
    served = [[next(places) for _ in range(size)] for size in sizes] or [[]]
    moved = shifted and len(served) > 1
    if moved:  # a new document came in while the pages were asked for
        served[1] = [served[0][-1], *served[1][:-1]]
    claimed = max(0, total + off)
    listed, problems = walk(total, served, claimed)
    if len(listed) != claimed:
        assert "count-differs" in problems
    elif total:
        assert problems == ["duplicate-id"] * moved
    assert ("duplicate-id" in problems) == moved


def test_a_search_without_end_is_a_trap() -> None:
    pages = [[place] for place in range(MOST // 100 + 20)]
    listed, problems = walk(len(pages), pages)
    assert problems == ["trap"]
    assert len(listed) == MOST // 100 + 2


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["document_number", "title", "html_url", "publication_date", "docket_ids", "pdf_url", "x"]
                ),
                inner,
            )
        ),
    )
)
def test_any_value_is_a_record_or_a_problem(value: object) -> None:
    assert list(read_record(value, "here"))


HOSTILE = {
    "bomb": b'<!DOCTYPE NOTICE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><NOTICE>&b;</NOTICE>',
    "file": b'<!DOCTYPE NOTICE [<!ENTITY a SYSTEM "file:///etc/passwd">]><NOTICE>&a;</NOTICE>',
    "parameter": b'<!DOCTYPE NOTICE [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]><NOTICE/>',
    "external": b'<!DOCTYPE NOTICE SYSTEM "http://127.0.0.1:9/x.dtd"><NOTICE>&a;</NOTICE>',
    "in UTF-16": '<!DOCTYPE NOTICE [<!ENTITY a "b">]><NOTICE>&a;</NOTICE>'.encode("utf-16"),
    "laughs in a value": b"<!DOCTYPE NOTICE ["
    + b"".join(b'<!ENTITY a%d "%b">' % (level, b"&a%d;" % (level - 1) * 10 if level else b"ha") for level in range(10))
    + b']><NOTICE x="&a9;">&a9;</NOTICE>',
    "deep": b"<NOTICE>" + b"<P>" * 5000 + b"</P>" * 5000 + b"</NOTICE>",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_refused(name: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        parse_xml(HOSTILE[name])
    assert refused.value.outcome == "malformed-xml"


def test_a_notice_is_found_by_its_citation_before_those_that_cite_it() -> None:
    """From the list to the notice, its PDF, and the page that cites it: in the catalogue they are one story."""
    search, text, pdf = (answer(ROOT / "tests/sources/federal_register" / name) for name in ("search", "text", "file"))
    said = {
        response.url: tuple(one for one in read(response, **arguments) if not isinstance(one, Request))
        for read, response, arguments in (search, text, pdf)
    }
    citing = WebPage("guidance", "On plates", ("See 81 FR 72080.",), links=(PageLink(f"{SITE}/d/2016-25197", "it"),))
    captured = [Captured(url, night(1, place), items) for place, (url, items) in enumerate(said.items())]
    world = World(*captured, Captured("https://www.example.gov/plates", night(2), (citing,))).settle()
    _, (found, *_rest) = documents_by_number(world.connection, "81 Fed. Reg. 72,080")
    assert found["title"].startswith("DHS/ICE–011 Criminal Arrest Records")
    assert (found["number"], found["component"], found["kind"], found["listing"], found["published"]) == (
        "2016-25197",
        "ICE",
        "Federal Register notice",
        "listed",
        "2016-10-19",
    )
    cited = {row["target_document"] for row in world.rows("references", "document LIKE '%plates%'")}
    assert cited == {found["id"]}
    (file,) = world.rows("documents", "id != ? AND id NOT LIKE '%plates%'", found["id"])
    assert (file["listing"], file["title"]) == ("listed", found["title"])
    shown = {row["relation"]: row["document"] for row in world.rows("listings", "document IS NOT NULL")}
    assert shown == {"listing": found["id"], "attachment": file["id"]}


TAGS = (
    "NOTICE",
    "PREAMB",
    "SUBJECT",
    "PRIACT",
    "HD",
    "P",
    "E",
    "SU",
    "ROW",
    "ENT",
    "PRTPAGE",
    "FRDOC",
    "FURINF",
    "SUM",
)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(TAGS), st.text("abc System Name: FR Doc. 2016-1 <&", max_size=12)), max_size=30)
)
def test_no_markup_stops_the_reader(parts: list[tuple[str, str]]) -> None:
    inner = ""
    for tag, text in parts:
        safe = text.replace("&", "&amp;").replace("<", "&lt;")
        inner = f"{safe}<{tag}>{inner}{safe}</{tag}>{safe}"
    printed = read_printed(parse_xml(f"<NOTICE>{inner}</NOTICE>".encode()))
    assert printed is not None
    issue = read_issue(parse_xml(f"<FEDREG>{inner}</FEDREG>".encode()))
    assert issue is not None
    shown = "".join(text for tag, text in parts) if "FURINF" not in dict(parts) else ""
    assert all(sign in "".join(printed.text) for sign in set(shown) - {" ", "|"})
