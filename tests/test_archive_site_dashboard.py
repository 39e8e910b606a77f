"""The dashboard's plots and the canned queries that give their figures, held against the sample and hostile rows."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import pytest

from archive.site.dashboard_views import PLOTS, _drawn
from archive.site.plots import BARS, OTHERS, PARTS, Plot, draw
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import METADATA, get
from tests.demo_archive import DemoArchive, rows

QUERIES = METADATA["databases"]["archive"]["queries"]
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;\x0b{{7*7}}"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


def asked(site: ArchiveDatasette, name: str, **values: str) -> list[dict[str, Any]]:
    answer = get(site, f"/archive/{name}.json", params={"_shape": "array", **values})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def svg_of(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def test_every_plot_draws_what_its_query_gives(site: ArchiveDatasette) -> None:
    plots = get(site, "/dashboard.json").json()["plots"]
    assert [plot["name"] for plot in plots] == list(PLOTS)
    for plot in plots:
        assert plot["rows"] == asked(site, plot["name"]), plot["name"]
        table = get(site, f"{plot['address']}.csv").text
        assert len(list(csv.reader(io.StringIO(table)))) == len(plot["rows"]) + 1
        drawn = Counter[str]()
        for bar in svg_of(plot["svg"]).iter("{http://www.w3.org/2000/svg}title"):
            name, _, value = (bar.text or "").rpartition(": ")
            drawn[name] += int(value.replace(",", "") or 0)
        how = PLOTS[plot["name"]]
        wanted = Counter[str]()
        for row in plot["rows"]:
            wanted[row[how.bar] or "not told"] += round(row[how.value])
        assert +drawn, plot["name"]
        assert all(wanted[name] == value for name, value in (+drawn).items()), plot["name"]


def test_the_dashboard_can_be_read_without_script_and_without_pictures(site: ArchiveDatasette) -> None:
    page = get(site, "/dashboard")
    assert "'unsafe" not in page.headers["content-security-policy"]
    assert page.text.count("<svg") == page.text.count("<details>") == len(PLOTS)
    for drawn in re.findall(r"<svg.*?</svg>", page.text, re.DOTALL):
        assert not re.search(r"<style|<script|\sstyle=|\sid=|href|<image|<foreign", drawn)
        assert svg_of(drawn).get("aria-label")
    for address in re.findall(r'href="(/archive/[a-z_]+(?:\.csv|\.json)[^"]*)"', page.text):
        assert get(site, address.replace("&amp;", "&")).status_code == 200
    older = get(site, "/dashboard?as_of=1").text
    assert 'href="/release-1/money_by_vendor"' in older


def test_plots_of_a_release_are_drawn_once(site: ArchiveDatasette, monkeypatch: pytest.MonkeyPatch) -> None:
    get(site, "/dashboard")
    kept = len(_drawn)
    monkeypatch.setattr("archive.site.dashboard_views.draw", lambda *_: pytest.fail("drawn again"))
    assert get(site, "/dashboard").status_code == 200
    assert len(_drawn) == kept <= 3


def test_what_strangers_wrote_is_drawn_as_words() -> None:
    drawn = draw(
        [{"vendor": HOSTILE, "obligated": 5}, {"vendor": None, "obligated": 0}],
        Plot("vendor", "obligated"),
        HOSTILE[:20],
    )
    told = "".join(svg_of(drawn).itertext())
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "<script>alert(1)" in told
    assert "\x0b" not in drawn
    assert draw([], Plot("a", "b"), "nothing") == ""


def test_months_and_weeks_without_anything_have_their_place() -> None:
    drawn = [{"week": "2018-01-01", "n": 2, "kind": f"k{number}"} for number in range(PARTS + 3)]
    drawn.append({"week": "2018-01-29", "n": 1, "kind": "k0"})
    svg = draw(drawn, Plot("week", "n", "kind", "week"), "weeks")
    assert f"{OTHERS}</text>" in svg
    told = {title.text for title in svg_of(svg).iter("{http://www.w3.org/2000/svg}title")}
    assert {"2018-01-15: 0", "2018-01-29: 1", "2018-01-01: 8"} <= told
    months = [{"month": f"{year}-{month:02}", "n": 1} for year in range(2000, 2010) for month in (1, 12)]
    assert draw(months, Plot("month", "n", "", "month"), "months").count('class="bar"') == BARS


def test_queries_give_what_the_sample_holds(site: ArchiveDatasette, demo_made: DemoArchive) -> None:
    held = demo_made.path
    by_year = asked(site, "documents_by_component_and_year", component="ice")
    assert (
        sum(row["documents"] for row in by_year)
        == rows(held, "SELECT count(*) FROM documents WHERE component='ICE'")[0][0]
    )
    (vendor,) = asked(site, "money_by_vendor")
    assert vendor == {"vendor": "WEST PUBLISHING CORPORATION", "contracts": 1, "obligated": 2_100_000.0}
    years = asked(site, "awards_by_vendor_and_year", vendor="west")
    assert {row["year"]: row["obligated"] for row in years} == {"2017": 1_855_000.0, "2018": 245_000.0}
    assert asked(site, "awards_by_vendor_and_year", vendor="nobody") == []
    numbers = {row["number"] for row in asked(site, "assessments_without_update")}
    assert {"DHS/ICE/PIA-039(b)", "DHS/CBP/PIA-049(a)", "DHS/ICE/PIA-045"} <= numbers
    assert not numbers & {"DHS/ICE/PIA-039", "DHS/ICE/PIA-039(a)", "DHS/CBP/PIA-049"}
    gone = rows(held, "SELECT document, substr(since, 1, 7) FROM listing_spans WHERE state = 'delisted'")
    for document, month in gone:
        assert document in {row["document"] for row in asked(site, "delisted_in_month", month=month)}
    assert len(gone) == 4
    versions = asked(site, "versions_of_document", document="DHS/USCIS/PIA-056")
    assert [row["ordinal"] for row in versions] == list(range(1, len(versions) + 1))
    assert any(row["kind"] == "real" for row in versions)
    assert versions == asked(site, "versions_of_document", document="dhs-uscis-pia-056")
    cited = asked(site, "cited_by_outlet", outlet="cdt")
    assert "award-70cdcr18p00000017" in {row["document"] for row in cited}
    assert {row["outlet"] for row in cited} == {"cdt"}
    captures = asked(site, "captures_by_outcome")
    assert sum(row["captures"] for row in captures) == rows(held, "SELECT count(*) FROM captures")[0][0]
    words = [row["words"] for row in asked(site, "largest_changes")]
    assert words[0] == 113
    assert words == sorted(words, reverse=True)
    weeks = asked(site, "changes_by_week")
    assert sum(row["changes"] for row in weeks) == rows(held, "SELECT count(*) FROM changes")[0][0]


def test_every_query_says_what_it_is_for_and_names_its_holes() -> None:
    for name, query in QUERIES.items():
        assert query["title"], name
        assert query["description"].endswith("."), name
        holes = set(re.findall(r"(?<![:\w]):([a-z_]+)", query["sql"]))
        assert not holes or set(query.get("params", holes)) == holes, name
        assert "limit" in query["sql"], name


def test_queries_work_on_the_file_alone(demo_made: DemoArchive) -> None:
    with sqlite3.connect(f"file:{demo_made.path / 'archive.db'}?mode=ro", uri=True) as held:
        for name, query in QUERIES.items():
            holes = re.findall(r"(?<![:\w]):([a-z_]+)", query["sql"])
            assert held.execute(query["sql"], dict.fromkeys(holes, "plate")).description, name
    assert json.dumps(QUERIES)
