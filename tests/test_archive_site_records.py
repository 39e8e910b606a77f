"""An award's money and history, an article's quotations and where they come from: as pages and as data."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from archive.research.money import dollars, obligations
from archive.site.record_pictures import Moment, money_bars, timeline
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive

CONTRACT = "contract-70cdcr18p00000017"
ARTICLE = "thinkprogress-org-license-plate-tracking-ice-system-bd76f18f676e"
HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


def action(day: str | None, modification: str, obligated: str | None) -> dict[str, Any]:
    return {"action_date": day, "modification": modification, "action_type": HOSTILE, "obligated": obligated,
            "address": f"/d/a@{modification}"}  # fmt: skip


def test_money_is_exact_and_summaries_and_blanks_count_nothing() -> None:
    told = obligations(
        [
            action("2018-05-15", "P00002", "-0.10"),
            action("2017-12-22", "0", "1855000.00"),
            action("2018-01-19", "P00001", None),
            action("2018-02-01", "P00003", "no amount"),
            action(None, "", "2100000.00"),
            action("2018-02-02", "P00004", "0.30"),
        ]
    )
    assert [(one.modification, one.cents, one.total) for one in told] == [
        ("0", 185500000, 185500000),
        ("P00004", 30, 185500030),
        ("P00002", -10, 185500020),
    ]
    assert [dollars(cents) for cents in (185500020, -10, 0, 5)] == ["1,855,000.20", "−0.10", "0.00", "0.05"]


@pytest.mark.parametrize("amounts", [["1.00"], ["0.00", "0.00"], [], ["999999999999999.99"]])
def test_there_is_no_picture_of_what_is_none(amounts: list[str]) -> None:
    told = obligations([action("2018-01-01", str(place), one) for place, one in enumerate(amounts)])
    assert money_bars(told, "an award") == ""


def test_pictures_are_sound_and_hold_no_markup_of_what_they_show() -> None:
    told = obligations([action(f"20{year}-01-01", HOSTILE, f"{(-1) ** year * year}.{year}") for year in range(10, 90)])
    for picture in (
        money_bars(told, HOSTILE),
        timeline([Moment(f"20{year}-01-01", HOSTILE) for year in range(10, 40)] + [Moment("no day", "x")], HOSTILE),
    ):
        drawn = etree.fromstring(picture.replace("\u202e", ""), etree.XMLParser(resolve_entities=False))
        assert drawn.tag == "svg"
        assert not drawn.findall(".//script")
        assert "style" not in {name for one in drawn.iter() for name in one.attrib}
        assert drawn.findtext("desc")


def test_an_awards_page_shows_its_money_and_history(site: ArchiveDatasette) -> None:
    page = get(site, f"/d/{CONTRACT}").text
    assert 'class="record-picture money"' in page
    assert 'class="record-picture history"' in page
    assert "2,100,000.00" in page
    told = get(site, f"/d/{CONTRACT}.json").json()["money"]
    assert told[-1]["total"] == sum(one["cents"] for one in told) == 210_000_000
    assert get(site, told[0]["address"]).status_code == 200


def test_an_articles_page_says_where_its_quotations_come_from(site: ArchiveDatasette) -> None:
    [one] = get(site, f"/d/{ARTICLE}.json").json()["quotes"]
    first = one["sources"][0]
    assert (first["document"], first["page"]) == ("dhs-ice-pia-039a", 3)
    assert all(source["document"] != ARTICLE for source in one["sources"])
    path, _, asked = first["address"].partition("?")
    told = get(site, f"{path}.json?{asked}").json()["quotation"]
    assert (told["state"], told["words"]) == ("exact", one["words"].rstrip("."))
    assert f'href="{first["address"].replace("&", "&amp;")}"' in get(site, f"/d/{ARTICLE}").text


def test_the_documents_page_shows_its_first_page_and_what_can_be_had(site: ArchiveDatasette) -> None:
    page = get(site, "/d/dhs-ice-pia-039a").text
    version = "/d/dhs-ice-pia-039a@239d076958"
    assert f'<img src="{version}/p1.png?width=320"' in page
    for ending in (".pdf", ".txt", ".json"):
        assert f'href="{version}{ending}"' in page
        assert get(site, f"{version}{ending}").status_code == 200
    assert ".pdf" not in get(site, f"/d/{ARTICLE}").text
    assert "<img" not in get(site, f"/d/{ARTICLE}").text
