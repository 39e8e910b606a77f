"""The real answers and texts of the Federal Register, parsed whole and compared with what a plain search finds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from scrapy.http import Request, TextResponse

from pipelines.items import Index, Listed, Problem, WebPage
from pipelines.screening import screen
from spiders._register_source import DEPARTMENTS
from spiders._register_xml import parse_xml, read_issue
from spiders.federal_register import FederalRegister

ISSUE = "https://www.govinfo.gov/content/pkg/FR-2016-04-15/xml/FR-2016-04-15.xml"
FOLDER = "api/federalregister"


def said(path: Path, callback: str, url: str, **arguments: object) -> list[object]:
    read = getattr(FederalRegister(), callback)
    response = TextResponse(url, body=path.read_bytes())
    assert screen(200, "", response.body, read.accepted) is None
    return list(read(response, **arguments))


@pytest.fixture
def issue(corpus: Path) -> Path:
    return corpus / FOLDER / "fixtures/2016-04-15.xml"


def test_whole_issue_is_read(issue: Path) -> None:
    printed = issue.read_text("utf-8")
    read = read_issue(parse_xml(issue.read_bytes()))
    assert read is not None
    assert (read.volume, read.day) == ("81", "Friday, April 15, 2016")
    # 132 notices, 9 rules, 4 proposed rules, one proclamation; each ends in its number.
    for tag, kind in (("NOTICE", "notice"), ("RULE", "rule"), ("PRORULE", "proposed rule")):
        assert sum(one.kind == kind for one in read.documents) == printed.count(f"<{tag}>")
    assert len(read.documents) == 146
    numbers = re.findall(r"<FRDOC>\[FR Doc\. (\d{4}-\d{5})", printed)
    assert [one.number for one in read.documents] == numbers
    assert all(one.title and one.text for one in read.documents)
    assert all(one.agencies for one in read.documents if one.kind != "presidential document")


def test_first_pages_are_those_of_the_table_of_contents(issue: Path) -> None:
    printed = issue.read_text("utf-8")
    read = read_issue(parse_xml(issue.read_bytes()))
    assert read is not None
    contents = re.findall(
        r"<PGS>(\d+)[^<,]*</PGS>\s*<FRDOCBP[^>]*>([\d-]+)</FRDOCBP>\s*</(?:DOC|SJD|SSJD)ENT>", printed
    )
    pages = {number: first for first, number in contents}
    found = {one.number: one.page for one in read.documents if one.number in pages and one.agencies}
    assert len(found) > 90
    assert found == {number: pages[number] for number in found}


def test_every_system_of_records_notice_is_found(issue: Path) -> None:
    printed = issue.read_text("utf-8")
    read = read_issue(parse_xml(issue.read_bytes()))
    assert read is not None
    found = {one.number: (read.citation(one), one.title) for one in read.documents if one.systems}
    assert found == {
        "2016-08707": ("81 FR 22240", "DHA 20 DoD Department of Defense Suicide Event Report (DoDSER) System"),
        "2016-08636": ("81 FR 22242", "DMDC 04 Emergency Evacuation Tracking and Repatriation"),
        "2016-08652": ("81 FR 22268", "FHFA-14 Emergency Notification System"),
        "2016-08774": ("81 FR 22293", "HSNG.SF/FB.01 Distributive Shares and Refunds Subsystem (DSRS)-A80D"),
    }
    # The same by a plain search: notices with a body in the form of the Privacy Act, and their headings.
    notices = re.findall(r"<NOTICE>.*?</NOTICE>", printed, re.DOTALL)
    acts = {re.search(r"FR Doc\. ([\d-]+)", one)[1] for one in notices if "<PRIACT>" in one}  # type: ignore[index]
    named = {re.search(r"FR Doc\. ([\d-]+)", one)[1] for one in notices  # type: ignore[index]
             if re.search(r"<SUBJECT>[^<]*Systems? of Records", one)}  # fmt: skip
    assert found.keys() == acts == named


def test_the_departments_documents_of_an_issue_are_listed(issue: Path) -> None:
    """DHS has two rules in this issue, and no notice: so no system of records either."""
    items = said(issue, "parse_issue", ISSUE, departments=list(DEPARTMENTS))
    printed = issue.read_text("utf-8")
    own = [one for one in re.findall(r"<(?:NOTICE|RULE|PRORULE)>.*?</(?:NOTICE|RULE|PRORULE)>", printed, re.DOTALL)
           if re.search(r"<AGENCY[^>]*>[^<]*HOMELAND SECURITY", one)]  # fmt: skip
    assert [one[:6] for one in own] == ["<RULE>", "<RULE>"]
    listed = [one for one in items if isinstance(one, Listed)]
    assert [(one.url, one.note) for one in listed] == [
        (
            "https://www.federalregister.gov/d/2016-08781",
            "81 FR 22192; 2016-08781; Docket No. USCG-2016-0208",
        ),
        (
            "https://www.federalregister.gov/d/2016-08690",
            "81 FR 22194; 2016-08690; Docket No. USCG-2016-0228",
        ),
    ]
    assert items[0] == Index(ISSUE, 0, 2, last=True)
    assert [one for one in items if isinstance(one, Problem)] == [
        Problem("out-of-scope", ISSUE, "144 documents of other departments")
    ]
    assert [one.url for one in items if isinstance(one, Request)] == [
        f"https://www.federalregister.gov/api/v1/documents/{number}.json?publication_date=2016-04-15"
        for number in ("2016-08781", "2016-08690")
    ]
    others = said(issue, "parse_issue", ISSUE, departments=["DEPARTMENT OF DEFENSE"])
    assert [one.title for one in others if isinstance(one, Listed) and one.heading] == [
        "DHA 20 DoD Department of Defense Suicide Event Report (DoDSER) System",
        "DMDC 04 Emergency Evacuation Tracking and Repatriation",
    ]


@pytest.mark.parametrize(
    ("name", "number", "title"),
    [
        ("sorn.xml", "2019-21885", "GSA/OGP-1, e-Rulemaking Program Administrative System"),
        ("cma-sorn.xml", "2020-25333", "Privacy Act of 1974; Matching Program"),
    ],
)
def test_single_texts(corpus: Path, name: str, number: str, title: str) -> None:
    path = corpus / FOLDER / "all_sorns" / name
    (page,) = said(path, "parse_text", f"https://www.federalregister.gov/{name}")
    assert isinstance(page, WebPage)
    assert (page.title, page.numbers) == (title, (number,))
    # Every word that is printed stands in a paragraph, in order, but those that say whom to call.
    plain = re.sub(r"<FURINF>.*?</FURINF>", "", path.read_text("utf-8"), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", "", plain).replace("&amp;", "&")
    assert "".join("".join(page.text).split()) == "".join(words.split())


def test_a_search(corpus: Path) -> None:
    path = corpus / FOLDER / "api-json/documents-uscis-2026-09-13.trimmed.json"
    printed = json.loads(path.read_text("utf-8"))
    window = {"index": "https://www.federalregister.gov/api/v1/documents.json", "may_be_empty": False}
    whole = {**window, "since": "2026-07-01", "until": "2026-09-30"}
    url = "https://www.federalregister.gov/api/v1/documents.json?page=1"
    # It claims 2,086 rows, more than can be reached: its window is cut in two, and nothing is taken from it.
    halves = said(path, "parse_search", url, window=whole)
    assert [(one.cb_kwargs["window"]["since"], one.cb_kwargs["window"]["until"]) for one in halves] == [  # type: ignore[attr-defined]
        ("2026-07-01", "2026-08-15"),
        ("2026-08-16", "2026-09-30"),
    ]
    # Of a single day, that can't be cut, the rows are read and the next page is asked for.
    items = said(path, "parse_search", url, window={**whole, "since": "2026-09-14", "until": "2026-09-14"})
    listed = [one for one in items if isinstance(one, Listed)]
    assert [(one.url, one.title) for one in listed] == [(row["html_url"], row["title"]) for row in printed["results"]]
    assert not [one for one in items if isinstance(one, Problem) and one.outcome == "unmapped-field"]
    (following,) = [one for one in items if isinstance(one, Request) and "page" in one.cb_kwargs]
    assert following.url == printed["next_page_url"]


def test_a_record(corpus: Path) -> None:
    path = corpus / FOLDER / "api-json/document-2025-05887.json"
    printed = json.loads(path.read_text("utf-8"))
    items = said(path, "parse_record", printed["json_url"])
    assert not [one for one in items if isinstance(one, Problem)], "each of the 49 fields is mapped or left out by name"
    assert not [one for one in items if isinstance(one, Listed)], "its text says what the PDF is called"
    text, pdf = (one for one in items if isinstance(one, Request))
    assert (text.url, pdf.url) == (printed["full_text_xml_url"], printed["pdf_url"])
    assert text.cb_kwargs == {
        "number": printed["document_number"],
        "citation": printed["citation"],
        "published": printed["publication_date"],
        "page": printed["html_url"],
        "pdf": printed["pdf_url"],
    }
