"""Inspector general's reports and the FOIA library: requests, and what becomes of their numbers in the catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from pipelines.following import read_following
from pipelines.items import Index, Item, Listed, Problem
from spiders._file_lists import NUMBER, report_rows
from spiders._library import MOST_ROWS
from spiders._markup import body_of
from spiders._platform import Source
from spiders.dhs_oig import REPORTS, DhsOig
from spiders.dhs_pia import LISTINGS, DhsPia
from spiders.ice_foia_library import LIBRARY, IceFoiaLibrary
from tests.conftest import ROOT
from tests.evidence import Captured, World, night, prose
from tests.test_archive_catalog_identity import pdf
from tests.test_sources_requests import asked, first_requests

ASSETS = "https://www.oig.dhs.gov/sites/default/files/assets"


@pytest.mark.parametrize(
    ("source", "url", "request_url", "callback"),
    [
        (DhsOig(), "http://oig.dhs.gov/index.php/assets/Mgmt/OIG_06-24.pdf",
         "https://www.oig.dhs.gov/assets/Mgmt/OIG_06-24.pdf", "parse_file"),
        (DhsOig(), f"{REPORTS}?field_dhs_agency_target_id=3&field_oversight_area=All&field_fy_value=All&page=2",
         f"{REPORTS}?field_dhs_agency_target_id=3&page=2", "parse_listing"),
        (DhsOig(), f"{REPORTS}?order=field_issue_date&sort=desc", f"{REPORTS}?page=0", "parse_listing"),
        (IceFoiaLibrary(), "https://ice.gov/foia/library/", f"{LIBRARY}?page=0", "parse_listing"),
        (IceFoiaLibrary(), "https://www.ice.gov/foia-category/reports",
         "https://www.ice.gov/foia-category/reports?page=0", "parse_listing"),
        (IceFoiaLibrary(), "https://www.ice.gov/node/62047", "https://www.ice.gov/node/62047", "parse_entry"),
        (IceFoiaLibrary(), "http://www.ice.gov/doclib/foia/dfs/2015List.xlsx?utm_source=x",
         "https://www.ice.gov/doclib/foia/dfs/2015List.xlsx", "parse_file"),
    ],
)  # fmt: skip
def test_known_addresses(source: Source, url: str, request_url: str, callback: str) -> None:
    assert asked(source, url) == (request_url, callback)


@pytest.mark.parametrize(
    ("source", "url"),
    [
        (DhsOig(), "https://www.oig.dhs.gov/about"),
        (DhsOig(), "https://www.dhs.gov/x.pdf"),
        (DhsOig(), "https://oig.dhs.gov.example.com/x.pdf"),
        (IceFoiaLibrary(), "https://www.ice.gov/es/foia/library"),
        (IceFoiaLibrary(), "https://www.ice.gov/news/releases/x"),
        (IceFoiaLibrary(), "https://www.ice.gov/doclib/"),
    ],
)
def test_unknown_addresses(source: Source, url: str) -> None:
    assert asked(source, url) is None


def test_first_requests() -> None:
    assert [request.url for request in first_requests(DhsOig())] == [f"{REPORTS}?page=0"]
    lists = [f"{REPORTS}?field_dhs_agency_target_id={number}" for number in (1, 3)]
    assert [request.cb_kwargs["index"] for request in first_requests(DhsOig(listings=lists))] == lists
    assert [request.url for request in first_requests(IceFoiaLibrary())] == [f"{LIBRARY}?page=0"]


@pytest.mark.parametrize("number", ["OIG-18-53", "OIG-14-11-D", "DA-09-01", "OIG_15-95", "OIG–05–1"])
def test_report_numbers(number: str) -> None:
    assert NUMBER.fullmatch(number)


@pytest.mark.parametrize("words", ["2018", "02/20/2018", "Report 18-53", "OIG-1853", "", "18-53"])
def test_other_words(words: str) -> None:
    assert not NUMBER.fullmatch(words)


@pytest.mark.parametrize(
    ("number", "day", "kept"),
    [
        ("OIG-18-53", "02/20/2018", True),
        ("OIG-18-01", "10/03/2017", True),
        ("OIG-18-99", "11/30/2018", True),
        ("OIG-18-99", "10/01/2019", False),
        ("OIG-18-53", "02/20/2008", False),
        ("OIG-03-01", "12/01/2002", True),
    ],
)
def test_a_number_of_another_year_is_not_taken(number: str, day: str, kept: bool) -> None:
    row = f'<table><tbody><tr><td>{number}</td><td><a href="/x.pdf">X</a></td><td>{day}</td></tr></tbody></table>'
    page = HtmlResponse(REPORTS, body=row.encode())
    listed, *problems = report_rows(body_of(page), REPORTS, REPORTS)
    assert isinstance(listed, Listed)
    assert listed.heading == (number if kept else "")
    assert [one.outcome for one in problems if isinstance(one, Problem)] == ([] if kept else ["unknown-value"])


def row(path: str, title: str, number: str) -> Listed:
    return Listed(REPORTS, f"{ASSETS}/{path}", title, heading=number)


def shown(*entries: Item) -> Captured:
    return Captured(REPORTS, night(1), (Index(REPORTS, 0, len(entries), True), *entries))


def test_a_report_at_two_addresses_is_one_document_by_its_number() -> None:
    world = World(
        shown(row("2019-05/OIG-19-46-May19.pdf", "Crowding", "OIG-19-46"),
              row("Mga/2019/oig-19-46-may19-mgmtalert.pdf", "Crowding", "OIG-19-46")),
        pdf(f"{ASSETS}/2019-05/OIG-19-46-May19.pdf", night(1, 1), "x", "An alert"),
        pdf(f"{ASSETS}/Mga/2019/oig-19-46-may19-mgmtalert.pdf", night(1, 2), "y", "An alert, without a cover"),
    ).settle()  # fmt: skip
    (document,) = world.rows("documents")
    assert (document["id"], document["number"], document["versions"]) == ("oig-19-46", "OIG-19-46", 2)
    assert document["kind"] == "inspector general report"


def test_a_report_that_a_title_mentions_is_another() -> None:
    world = World(
        shown(row("a.pdf", "Verification Review of OIG-13-85", "OIG-16-106-VR")),
        pdf(f"{ASSETS}/a.pdf", night(1, 1), "x", "Department of Homeland Security\nVerification of OIG-13-85"),
    ).settle()
    assert world.ids() == ["oig-16-106-vr"]


def test_a_number_that_two_reports_share_names_neither() -> None:
    titles = {"a.pdf": "One Report", "b.pdf": "Another"}
    cells = "".join(
        f'<tr><td>OIG-06-24</td><td><a href="{ASSETS}/{path}">{title}</a></td><td>03/01/2006</td></tr>'
        for path, title in titles.items()
    )
    page = HtmlResponse(REPORTS, body=f"<table><tbody>{cells}</tbody></table>".encode())
    read = list(report_rows(body_of(page), REPORTS, REPORTS))
    assert [one.outcome for one in read if isinstance(one, Problem)] == ["duplicate-id"] * 2
    files = [pdf(f"{ASSETS}/{path}", night(1, 1), path, prose(title)) for path, title in titles.items()]
    assert len(World(shown(*read), *files).settle().ids()) == 2


def test_a_foia_case_is_a_number_that_many_files_may_have() -> None:
    titles = ["2017-ICFO-43023 Part 1", "2017-ICFO-43023 Part 2"]
    entries = [
        Listed(LIBRARY, f"https://www.ice.gov/doclib/foia/{place}.pdf", title) for place, title in enumerate(titles)
    ]
    files = [pdf(entry.url, night(1, 1), entry.url, prose(entry.title)) for entry in entries]
    world = World(Captured(LIBRARY, night(1), (Index(LIBRARY, 0, 2, True), *entries)), *files).settle()
    assert len(world.ids()) == 2
    assert {row["value"] for row in world.rows("identifiers", "scheme = 'foia-case'")} == {"2017-ICFO-43023"}


def test_a_million_rows_are_a_trap(monkeypatch: pytest.MonkeyPatch) -> None:
    item = '<li class="usa-collection__item"><a href="/doclib/{0}.pdf">F {0}</a></li>'
    many = "".join(item.format(number) for number in range(MOST_ROWS + 500))
    page = HtmlResponse(LIBRARY, body=f'<main><ul>{many}</ul><a href="?page=1">Next</a></main>'.encode())
    said = list(IceFoiaLibrary().parse_listing(page, index=LIBRARY, page=0))
    assert [one.outcome for one in said if isinstance(one, Problem)] == ["trap"]
    assert sum(isinstance(one, Listed) for one in said) == MOST_ROWS
    assert not any("page=1" in getattr(one, "url", "") for one in said), "the rest is left"


def test_the_entries_of_the_library_that_were_saved(corpus: Path) -> None:
    """Of ten pages of ice.gov two are entries of the library; the others are named, and none is a document."""
    source = IceFoiaLibrary()
    entries: dict[str, tuple[list[Listed], list[str]]] = {}
    others: dict[str, tuple[list[Listed], list[str]]] = {}
    for path in sorted((corpus / "html/gov/ice.gov/ice-nodes").glob("*.html")):
        said = list(source.parse_entry(HtmlResponse(f"https://www.ice.gov/node/{path.stem}", body=path.read_bytes())))
        listed = [one for one in said if isinstance(one, Listed)]
        problems = [one.outcome for one in said if isinstance(one, Problem)]
        (entries if listed else others)[path.stem] = (listed, problems)
    assert {stem: problems for stem, (_, problems) in entries.items()} == {"62042": [], "62047": []}
    assert all(problems == ["layout-changed"] for _, problems in others.values())
    assert len(others) == 8
    told = json.dumps([[(one.url.rpartition("/")[2], one.heading, one.dates[0].words) for one in listed]
                       for listed, _ in entries.values()])  # fmt: skip
    assert "2022-BluebonnetDetentionCenter.pdf" in told
    assert json.loads(told)[0][0][1:] == ["PREA Audit Reports", "2022-12-14"]
    assert json.loads(told)[1][0][1:] == ["Reports", "2022-12-14"]


def test_the_pager_of_a_saved_page_leads_on(corpus: Path) -> None:
    """The pager of ice.gov's offices, seven pages; in Spanish, so that its rows are no entries."""
    body = (corpus / "html/gov/ice.gov/ice-nodes/62113.html").read_bytes()
    url = "https://www.ice.gov/node/62113"
    for page, last in ((0, False), (5, False), (6, True)):
        said = list(IceFoiaLibrary().parse_listing(HtmlResponse(f"{url}?page={page}", body=body), index=url, page=page))
        assert said[0] == Index(url, page, 0, last=last)


def test_what_is_followed_is_known_to_its_source() -> None:
    following = read_following(ROOT / "sources.toml")
    for source in (DhsPia, DhsOig, IceFoiaLibrary):
        listings = following.arguments[source.name]["listings"]
        indexes = [request.cb_kwargs.get("index", request.url) for request in first_requests(source(listings=listings))]
        assert indexes == listings
    assert tuple(following.arguments["dhs_pia"]["listings"]) == LISTINGS


def test_a_block_beside_the_collection_is_not_taken_for_it() -> None:
    item = '<li class="usa-collection__item"><a href="/doclib/foia/{0}.pdf">F {0}</a></li>'
    items = "".join(map(item.format, range(3)))
    beside = '<div class="views-row"><a href="/contact">Contact</a></div>'
    page = HtmlResponse(LIBRARY, body=f"<main>{beside}<ul>{items}</ul></main>".encode())
    said = list(IceFoiaLibrary().parse_listing(page, index=LIBRARY, page=0))
    assert [one.title for one in said if isinstance(one, Listed)] == ["F 0", "F 1", "F 2"]
    assert not [one for one in said if isinstance(one, Problem)]
