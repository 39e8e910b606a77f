"""Look-ups by address and by number: each spelling of one leads to the same document, on the site and as data."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.addresses import TRACKING_PARAMETERS, is_web_address, url_key
from archive.research.asked_addresses import documents_at, meant_address
from archive.research.rows import Row, select
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive

PDF = "https://www.dhs.gov/sites/default/files/publications/privacy-pia-ice-lpr-january2018.pdf"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


@pytest.fixture(scope="module")
def catalogue(demo_made: DemoArchive) -> sqlite3.Connection:
    connection = sqlite3.connect(demo_made.path / "releases" / "1.db")
    connection.row_factory = sqlite3.Row
    return connection


def _ids(catalogue: sqlite3.Connection, url: str) -> list[str]:
    return [row["id"] for row in documents_at(catalogue, meant_address(url))]


def _addresses(catalogue: sqlite3.Connection) -> list[Row]:
    return select(catalogue, "SELECT url, document FROM addresses ORDER BY url")


@st.composite
def _spelled(draw: st.DrawFn, url: str) -> str:
    """Return an address as people have it: other scheme, host, tracking, fragment, slash, encoding, copy, marks."""
    rest = url.partition("://")[2]
    host, slash, path = rest.partition("/")
    host = draw(st.sampled_from([host, host.upper(), host.removeprefix("www."), f"www.{host.removeprefix('www.')}"]))
    letters = [f"%{ord(one):02x}" if one.isalnum() and draw(st.integers(0, 30)) == 0 else one for one in path]
    path = "".join(letters)
    names = st.sampled_from([*sorted(TRACKING_PARAMETERS), "utm_source", "utm_campaign"])
    tracking = draw(st.lists(names, max_size=3))
    sign = "&" if "?" in path else "?"
    query = (sign + "&".join(f"{name}=x1" for name in tracking)) if tracking else ""
    end = draw(st.sampled_from(["", "/"])) if "?" not in path and path and not path.endswith("/") else ""
    made = f"{draw(st.sampled_from(['http', 'https', 'HTTPS']))}://{host}{slash}{path}{end}{query}"
    made += draw(st.sampled_from(["", "#page=3", "#:~:text=plate"]))
    stamp = draw(st.sampled_from(["20180126150000", "2018", "20180126150000id_", "*"]))
    wrapped = [made, f"https://web.archive.org/web/{stamp}/{made}", f"http://archive.example/web/{stamp}/{made}"]
    made = draw(st.sampled_from(wrapped))
    around = draw(st.sampled_from([("", ""), ("<", ">"), (" ", "\n"), ("“", "”")]))
    return around[0] + made + around[1]


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_each_spelling_of_an_address_leads_to_the_same_documents(
    catalogue: sqlite3.Connection, data: st.DataObject
) -> None:
    held = _addresses(catalogue)
    row = data.draw(st.sampled_from(held))
    spelled = data.draw(_spelled(row["url"]))
    assert row["document"] in _ids(catalogue, spelled), spelled
    assert _ids(catalogue, spelled) == _ids(catalogue, row["url"])


@given(text=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_text_is_answered(catalogue: sqlite3.Connection, text: str) -> None:
    found = documents_at(catalogue, meant_address(text))
    assert isinstance(found, list)


@pytest.mark.parametrize(
    ("asked", "document", "how"),
    [
        (PDF, "dhs-ice-pia-039a", ""),
        (f"{PDF}).", "dhs-ice-pia-039a", "spelling"),
        ("www.dhs.gov/privacy-documents-ice", "dhs-gov-privacy-documents-ice", ""),
        ("https://www.dhs.gov/privacy-documents-ice/index.html", "dhs-gov-privacy-documents-ice", "spelling"),
        ("https://www.dhs.gov/Privacy-Documents-ICE", "dhs-gov-privacy-documents-ice", "spelling"),
        ("https://www.dhs.gov/sites/default/files/2022-05/privacy-pia-ice-lpr-january2018_0.pdf", "dhs-ice-pia-039a",
         "moved"),
        ("http://www.dhs.gov/xlibrary/assets/privacy/privacy-pia-ice-lpr-january2018.pdf", "dhs-ice-pia-039a", "moved"),
        ("https://www.dhs.gov/publication/dhsicepia-045-ice-investigative-case-management",
         "dhs-gov-publication-dhs-ice-pia-045-ice-investigative-case-management", "moved"),
        (f"https://www.google.com/url?sa=t&url={quote(PDF, safe='')}&usg=x", "dhs-ice-pia-039a", ""),
        (f"https://web.archive.org/web/20180126id_/http:/{PDF.removeprefix('https:/')}", "dhs-ice-pia-039a", ""),
        (f"https://web.archive.org/web/2018/https://archive.example/captures/20180126/{PDF}", "dhs-ice-pia-039a", ""),
    ],
)  # fmt: skip
def test_addresses_as_people_have_them(catalogue: sqlite3.Connection, asked: str, document: str, how: str) -> None:
    found = documents_at(catalogue, meant_address(asked))
    assert [(row["id"], row["how"]) for row in found] == [(document, how)]


def test_a_redirect_that_was_captured_is_followed(catalogue: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(":memory:")) as copy:
        catalogue.backup(copy)
        copy.row_factory = sqlite3.Row
        ids = [row["id"] for row in select(copy, "SELECT id FROM captures ORDER BY id LIMIT 4")]
        leads = [("https://go.example/a", "/b"), ("https://go.example/b", PDF), ("https://go.example/c", "/d"),
                 ("https://go.example/d", "/c")]  # fmt: skip
        for capture, (url, location) in zip(ids, leads, strict=True):
            copy.execute("UPDATE captures SET url = ?, url_key = ?, status = 301, location = ? WHERE id = ?",
                         (url, url_key(url), location, capture))  # fmt: skip
        assert [(row["id"], row["how"]) for row in documents_at(copy, "http://go.example/a/")] == [
            ("dhs-ice-pia-039a", "redirect")
        ]
        assert documents_at(copy, "https://go.example/c") == [], "a circle"


def test_what_is_another_page_is_not_found(catalogue: sqlite3.Connection) -> None:
    for other in (f"{PDF}?page=2", PDF.replace("january2018", "january2019"),
                  PDF.replace("dhs.gov", "dhs.gov.example.com"),
                  "https://www.dhs.gov/", "https://www.dhs.gov/publication/dhs-ice-pia-045", "ftp://www.dhs.gov/x",
                  PDF.replace("www.dhs.gov", "www.cbp.gov")):  # fmt: skip
        assert _ids(catalogue, other) == [], other
        assert url_key(other)


def test_the_site_finds_them_and_says_how(site: ArchiveDatasette) -> None:
    moved = "https://www.dhs.gov/xlibrary/assets/privacy/privacy-pia-ice-lpr-january2018.pdf"
    page = get(site, f"/cite?url={quote(moved, safe='')}")
    assert page.status_code == 200
    assert "the site moved its files" in page.text
    told = get(site, f"/cite.json?url={quote(f'https://web.archive.org/web/2018/{PDF}', safe='')}").json()
    assert (told["url"], [row["id"] for row in told["documents"]]) == (PDF, ["dhs-ice-pia-039a"])
    absent = get(site, "/cite?url=https://www.dhs.gov/publication/never-heard-of")
    assert absent.status_code == 404
    assert "/search?q=never+heard+of" in absent.text or "/search?q=never%20heard%20of" in absent.text


# Numbers.


@pytest.mark.parametrize("spelled", ["DHS/ICE/PIA-039(a)", "pia-039(a)", "PIA039a", "DHS-ICE-PIA-039(a)",
                                     "dhs ice pia 039 (a)", "DHS/ICE/PIA–039(a)", "DHS/ICE/PIA-039a"])  # fmt: skip
def test_a_number_in_any_spelling_leads_to_its_document_also_as_data(site: ArchiveDatasette, spelled: str) -> None:
    for path in (f"/n/{quote(spelled)}.json", f"/n.json?number={quote(spelled)}", f"/n/{quote(spelled, safe='')}.json"):
        told = get(site, path).json()
        assert told["identifier"]["scheme"] == "pia", path
        assert [row["id"] for row in told["documents"]] == ["dhs-ice-pia-039a"], path
    assert get(site, f"/n/{quote(spelled)}").headers["location"] == "/d/dhs-ice-pia-039a"


def test_a_number_that_is_not_held_names_its_neighbours_and_who_prints_it(site: ArchiveDatasette) -> None:
    told = get(site, "/n/OIG-18-50.json")
    assert told.status_code == 404
    assert [row["number"] for row in told.json()["near"]] == ["OIG-18-18", "OIG-18-86"]
    page = get(site, "/n/OIG-18-50")
    assert page.status_code == 404
    assert "Numbers near it that are held" in page.text
    assert get(site, "/n/never-a-number.json").json()["identifier"] is None


def test_every_number_held_is_found_under_itself(site: ArchiveDatasette, demo_made: DemoArchive) -> None:
    with closing(sqlite3.connect(Path(demo_made.path) / "releases" / "1.db")) as connection:
        numbers = connection.execute("SELECT DISTINCT value FROM identifiers WHERE role = 'own'").fetchall()
    lost = [value for (value,) in numbers if get(site, f"/n/{quote(value, safe='')}.json").status_code != 200]
    assert lost == []
    assert len(numbers) > 30
    assert not is_web_address(numbers[0][0])
