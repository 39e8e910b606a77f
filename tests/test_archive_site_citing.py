"""Citations on the site: the box, the files, the page of all styles, and the metadata that others' libraries read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import rispy
from lxml import html
from trafilatura import extract_metadata

from archive.research.citing.embedded import linked_data
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.test_archive_research_citing import HOSTILE, PIA, cited

PDF = "https://www.dhs.gov/sites/default/files/publications/privacy-pia-ice-lpr-january2018.pdf"
DOCUMENT = "/d/dhs-ice-pia-039a"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


@pytest.fixture(scope="module")
def version(site: ArchiveDatasette) -> str:
    return str(get(site, f"{DOCUMENT}.json").json()["version"]["address"])


def test_the_box_has_the_plain_citation_and_the_bluebooks(site: ArchiveDatasette, version: str) -> None:
    for address in (DOCUMENT, version, f"{version}/p3"):
        page = get(site, address).text
        tree = html.fromstring(page)
        for name in ("citation-plain", "citation-bluebook"):
            (text,) = tree.xpath(f"//*[@id='{name}']")
            assert "Sample: " in text.text_content()
            assert tree.xpath(f"//button[@data-copy='#{name}']")
        path = version + ("/p3" if "/p3" in address else "")
        for ending in ("/cite", ".bib", ".ris", ".csl.json"):
            assert f'href="{path}{ending}"' in page


def test_every_style_stands_on_a_page_of_its_own_with_a_button_each(site: ArchiveDatasette, version: str) -> None:
    tree = html.fromstring(get(site, f"{version}/p3/cite").text)
    copied = [button.get("data-copy").removeprefix("#") for button in tree.xpath("//main//button[@data-copy]")]
    told = {name: tree.xpath(f"//*[@id='{name}']")[0].text_content() for name in copied}
    assert len(told) == len(copied) >= 10
    assert "2 (Dec. 27, 2017)" in told["text-bluebook"]
    assert told["text-wikipedia"].startswith("{{cite report |")
    assert all("Sample: " in text.replace("\\", "") for text in told.values())


def test_files_are_saved_under_a_name_and_are_what_they_say(site: ArchiveDatasette, version: str) -> None:
    kinds = {".bib": "application/x-bibtex", ".ris": "application/x-research-info-systems",
             ".csl.json": "application/vnd.citationstyles.csl+json"}  # fmt: skip
    for ending, media_type in kinds.items():
        for address in (version, f"{version}/p3"):
            answer = get(site, address + ending)
            assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
            assert re.fullmatch(
                rf'attachment; filename="[a-z0-9-]+{re.escape(ending)}"', answer.headers["content-disposition"]
            )
    (read,) = rispy.loads(get(site, f"{version}/p3.ris").text)
    assert "DHS/ICE/PIA-039(a)" in read.values()
    assert get(site, f"{DOCUMENT}/p3.bib").headers["location"] == f"{version}/p3.bib"


def test_a_quotation_is_cited_with_its_words_and_its_address(site: ArchiveDatasette, version: str) -> None:
    text = get(site, f"{version}/p3.json").json()["page"]["text"]
    words = " ".join(re.findall(r"[A-Za-z]+ [a-z]+ [a-z]+ [a-z]+", text)[0].split())
    slug = "-".join(words.lower().split())
    answer = get(site, f"{version}/p3.citations.json?quote={slug}").json()
    assert answer["quote"].lower() == words.lower()
    assert answer["address"] == f"{version}/p3?quote={slug}"
    assert all(f"p3?quote={slug}" in one["text"] for one in answer["styles"])
    absent = get(site, f"{version}/p3.citations.json?quote=words-that-stand-nowhere").json()
    assert (absent["quote"], absent["address"]) == ("", f"{version}/p3")


@pytest.mark.parametrize("ending", ["/cite", ".bib", ".ris", ".csl.json", ".citations.json"])
def test_what_is_not_held_is_said_in_every_form(site: ArchiveDatasette, version: str, ending: str) -> None:
    assert get(site, f"/d/no-such-document{ending}").status_code == 404
    assert get(site, f"{version}/p999{ending}").status_code == 404
    assert get(site, f"/d/dhs-ice-pia-039a@0000000000{ending}").status_code == 404


# What Zotero and search engines read.


def _linked(page: str) -> dict[str, Any]:
    (script,) = html.fromstring(page).xpath("//head/script[@type='application/ld+json']")
    found: dict[str, Any] = json.loads(script.text)
    return found


def test_highwire_tags_are_what_is_cited(site: ArchiveDatasette, version: str) -> None:
    tags = _tags(get(site, f"{version}/p3").text)
    assert tags["citation_title"].startswith("DHS/ICE/PIA-039(a) Acquisition")
    assert tags["citation_publication_date"] == "2017/12/27"
    body = "U.S. Department of Homeland Security, U.S. Immigration and Customs Enforcement"
    assert tags["citation_technical_report_institution"] == tags["citation_author"] == body
    assert tags["citation_technical_report_number"] == "DHS/ICE/PIA-039(a)"
    assert tags["citation_pdf_url"] == PDF
    register = _tags(get(site, "/d/dhs-ice-009").text)
    named = [register[f"citation_{name}"] for name in ("journal_title", "volume", "firstpage")]
    assert named == ["Federal Register", "85", "74362"]


def _tags(page: str) -> dict[str, str]:
    tags = html.fromstring(page).xpath("//head/meta[starts-with(@name, 'citation_')]")
    return {tag.get("name"): tag.get("content") for tag in tags}


def test_json_ld_says_what_the_document_is(site: ArchiveDatasette, version: str) -> None:
    told = _linked(get(site, version).text)
    assert (told["@type"], told["datePublished"]) == ("Report", "2017-12-27")
    assert told["author"]["name"] == "U.S. Immigration and Customs Enforcement"
    assert told["author"]["parentOrganization"]["name"] == "U.S. Department of Homeland Security"
    assert {"@type": "PropertyValue", "propertyID": "pia", "value": "DHS/ICE/PIA-039(a)"} in told["identifier"]
    held = get(site, f"{version}.json").json()
    assert told["encoding"]["sha256"] == held["version"]["sha256"]
    assert told["isBasedOn"] == PDF
    assert "/d/dhs-ice-011" in [work["url"] for work in told["citation"]]
    assert told["disambiguatingDescription"].startswith("Sample")


def test_trafilatura_reads_title_date_and_author(site: ArchiveDatasette, version: str) -> None:
    found = extract_metadata(get(site, version).text)
    assert (found.title or "").startswith("DHS/ICE/PIA-039(a)")
    assert found.date == "2017-12-27"
    assert "U S Immigration" in (found.author or "")  # it takes a body for people


def test_an_article_is_one(site: ArchiveDatasette) -> None:
    articles = [row["id"] for row in get(site, "/archive/documents.json?kind=article&_shape=array").json()]
    told = _linked(get(site, f"/d/{articles[0]}").text)
    assert told["@type"] == "NewsArticle"
    assert "author" not in told
    assert "sha256" not in told["encoding"]


@pytest.mark.parametrize("hostile", [*HOSTILE, "</script><script>alert(1)</script>", "<!--<script>", "]]>", "\u2028"])
def test_no_title_ends_the_script(hostile: str) -> None:
    told = PIA.__class__(**{**{name: getattr(PIA, name) for name in PIA.__dataclass_fields__}, "title": hostile})
    one = cited(told)
    made = linked_data(one, {"version": None})
    assert not re.search(r"[<>&\u2028\u2029]", made)
    assert json.loads(made)["name"] == one.item["title"]


def test_trafilatura_reads_the_json_ld_alone(site: ArchiveDatasette) -> None:
    """Without the tags, and without what a page shows, it knows an article by its JSON-LD."""
    articles = [row["id"] for row in get(site, "/archive/documents.json?kind=article&_shape=array").json()]
    for article in articles:
        told = _linked(get(site, f"/d/{article}").text)
        bare = f'<html><head><script type="application/ld+json">{json.dumps(told)}</script></head><body></body></html>'
        found = extract_metadata(bare)
        assert found.title == told["headline"]
        assert (found.sitename or "").lower() == told["publisher"]["name"].lower()
        assert found.pagetype == "newsarticle"
