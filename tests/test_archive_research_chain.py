"""The chain of a contract: links by equal numbers alone, each with its evidence; money in cents; what is missing."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from archive.catalog.opening import open_catalogue
from archive.folder import CATALOGUE
from archive.research.chain import Held, build, canonical, is_its_own
from archive.research.chain_records import number_of, read_chain
from archive.research.money import as_they_stand, by_fiscal_year, fiscal_year, obligations
from archive.site.server import ArchiveDatasette, open_archive
from oversight import main
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.figures import figure

PIID, SOLICITATION = "70CDCR18P00000017", "70CDCR18Q00000005"
CONTRACT, NOTICE, JUSTIFICATION = f"contract-{PIID.lower()}", f"award-{PIID.lower()}", "justification-70cdcr18q00000005"


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


@pytest.fixture
def catalogue(demo_made: DemoArchive) -> Any:
    with closing(sqlite3.connect(f"file:{demo_made.path / CATALOGUE}?mode=ro", uri=True)) as connection:
        yield connection


def award(
    document: str, modification: str, day: str = "2018-01-01", obligated: str = "1.00", **more: Any
) -> dict[str, Any]:
    version = f"{document}@{modification}{day}"
    told = {"document": document, "version": version, "address": f"/d/{version}", "award_id": "", "piid": PIID,
            "parent_piid": "", "modification": modification, "action_date": day, "action_type": "", "change": "",
            "obligated": obligated, "dollars": obligated, "total_obligated": None, "solicitation": "",
            "description": "words", "url": "", "recipient": "A"}  # fmt: skip
    return told | more


def notice(document: str, **more: Any) -> dict[str, Any]:
    told = {"document": document, "version": f"{document}@1", "address": f"/d/{document}@1", "ordinal": 1,
            "notice_id": "n", "type": "Solicitation", "title": "T", "posted": "2018-01-01", "solicitation": "",
            "award_number": "", "award_date": None, "office": "OFFICE", "first_seen": ""}  # fmt: skip
    return told | more


def linked(chain: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one["one"].split("@")[0], one["other"].split("@")[0], one["rule"]) for one in chain["links"]}


@pytest.mark.parametrize("asked", [
    PIID, "70CDCR-18-P-00000017", "70cdcr18p00000017", SOLICITATION, "70CDCR-18-Q-00000005", f'PIID:"{PIID}"',
    f"SOLICITATION_ID:{SOLICITATION}", f"CONT_AWD_{PIID}_7012_-NONE-_-NONE-", CONTRACT, NOTICE, JUSTIFICATION,
    f"CONT_AWD_{PIID}_9700_-NONE-_-NONE-", f"https://www.usaspending.gov/award/CONT_AWD_{PIID}_7012_-NONE-_-NONE-/",
])  # fmt: skip
def test_any_number_of_it_in_any_spelling_gives_the_whole_chain(catalogue: sqlite3.Connection, asked: str) -> None:
    chain = read_chain(catalogue, asked)
    documents = {step["document"] for step in chain["steps"]}
    assert {CONTRACT, NOTICE, JUSTIFICATION} < documents
    assert linked(chain) >= {
        (f"notice {NOTICE}", f"award {CONTRACT}", "award number"),
        (f"notice {JUSTIFICATION}", f"award {CONTRACT}", "award number"),
        (f"notice {JUSTIFICATION}", f"solicitation {SOLICITATION}", "solicitation number"),
        (f"award {CONTRACT}", f"solicitation {SOLICITATION}", "solicitation number"),
        (f"award {CONTRACT}", f"modification {CONTRACT}", "award id"),
        (f"award {CONTRACT}", f"page {CONTRACT}", "award id"),
    }
    assert [step["number"] for step in chain["steps"] if step["kind"] == "modification"] == [
        "P00001", "P00002", "P00003", "P00004"]  # fmt: skip
    assert chain["money"]["by_fiscal_year"] == [
        {"year": 2018, "cents": 210_000_000, "actions": 5, "dollars": "2,100,000.00"}
    ]
    assert [gap["kind"] for gap in chain["gaps"]] == ["solicitation"]


def test_each_link_of_the_sample_stands_in_the_record_that_it_names(catalogue: sqlite3.Connection) -> None:
    """The words of a link are the very words of that field of that record: nothing is linked by likeness."""
    asked = [row[0] for row in catalogue.execute("SELECT document FROM notices UNION SELECT document FROM awards")]
    checked = 0
    for document in asked:
        for link in read_chain(catalogue, document)["links"]:
            if link["rule"] == "attached":
                sql, values = (
                    'SELECT 1 FROM "references" WHERE version = ? AND target = ?',
                    (link["version"], link["words"]),
                )
            else:
                table = "awards" if link["version"].startswith("contract-") else "notices"
                sql = f"SELECT 1 FROM {table} WHERE version = ? AND {link['field']} = ?"
                values = (link["version"], link["words"])
            assert catalogue.execute(sql, values).fetchone(), link
            numbers = {canonical(link["words"]), link["words"]}
            assert link["rule"] in ("attached", "award id") or any(number in link["other"] for number in numbers) or (
                canonical(link["words"]) == canonical(PIID) and link["other"] == f"award {CONTRACT}"
            ), link  # fmt: skip
            checked += 1
    assert checked > 20
    figure("CH-01", links=checked, in_their_records=checked)


def test_orders_with_one_number_under_two_awards_are_two() -> None:
    """A notice that names 0001 leads to neither of them."""
    piid = "HSHQDC12D00013"
    above = {f"above-{agency}": [award(f"above-{agency}", "0", piid=piid, award_id=f"CONT_IDV_{piid}_{agency}")]
             for agency in ("7001", "9700")}  # fmt: skip
    orders = {
        f"order-{agency}": [award(
            f"order-{agency}", "0", piid="0001", parent_piid="HSHQDC12D00013",
            award_id=f"CONT_AWD_0001_7012_HSHQDC12D00013_{agency}")] for agency in ("7001", "9700")
    }  # fmt: skip
    chain = build(Held({"n": [notice("n", award_number="0001")]}, above | orders, above=frozenset(above)))
    assert linked(chain) == {
        ("award order-7001", "award above-7001", "ordered under"),
        ("award order-9700", "award above-9700", "ordered under"),
        ("notice n", "award 0001", "award number"),
    }
    assert {step["kind"] for step in chain["steps"]} == {"award above", "order", "notice", "award"}
    assert [gap["kind"] for gap in chain["gaps"]] == ["award"]
    assert chain["money"]["cents"] == 200  # the orders' own, not that of what they were ordered under


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Give a catalogue with two awards of one number, by two agencies, and an order 0001 under each; and 0002."""
    with closing(open_catalogue(tmp_path / "orders.db")) as connection:
        for agency in ("7001", "9700"):
            put(connection, f"idv-{agency}", f"CONT_IDV_GS35F0119Y_{agency}", "GS35F0119Y", "")
            for number in ("0001", "0002"):
                name = f"CONT_AWD_{number}_7012_GS35F0119Y_{agency}"
                put(connection, f"order-{number}-{agency}", name, number, "GS35F0119Y")
        yield connection


def put(connection: sqlite3.Connection, document: str, award_id: str, piid: str, parent: str) -> None:
    told = {"version": f"{document}@1", "document": document, "award_id": award_id, "piid": piid, "parent_piid": parent,
            "modification": "0", "action_date": "2018-01-01", "obligated": "1.00"}  # fmt: skip
    insert(connection, "awards", told)
    insert(connection, "documents", {"id": document, "kind": "award"})
    insert(connection, "versions", {"id": f"{document}@1", "document": document, "digest": "sha256:" + "1" * 64})
    for scheme, value, role in (("award-id", award_id, "own"), ("piid", piid, "own"), ("piid", parent, "about")):
        if value:
            insert(connection, "identifiers", {"document": document, "scheme": scheme, "value": value, "role": role})


def insert(connection: sqlite3.Connection, table: str, told: dict[str, Any]) -> None:
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    row = {one[1]: told.get(one[1], None if not one[3] else 0 if one[2] == "INTEGER" else "") for one in columns}
    marks = ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} VALUES ({marks})", list(row.values()))


def test_an_orders_number_alone_asks_which_is_meant(orders: sqlite3.Connection) -> None:
    asked = read_chain(orders, "0001")
    assert asked["steps"] == asked["links"] == []
    ids = {one["award_id"] for one in asked["choices"]}
    assert ids == {f"CONT_AWD_0001_7012_GS35F0119Y_{agency}" for agency in ("7001", "9700")}
    for agency in ("7001", "9700"):
        chain = read_chain(orders, f"CONT_AWD_0001_7012_GS35F0119Y_{agency}")
        assert {step["document"] for step in chain["steps"]} == {f"order-0001-{agency}", f"idv-{agency}"}
        assert linked(chain) == {(f"award order-0001-{agency}", f"award idv-{agency}", "ordered under")}
        assert chain["gaps"] == []
        above = read_chain(orders, f"CONT_IDV_GS35F0119Y_{agency}")
        assert {step["document"] for step in above["steps"]} == {
            f"idv-{agency}", f"order-0001-{agency}", f"order-0002-{agency}"}  # fmt: skip


def test_what_merely_looks_alike_is_no_link() -> None:
    held = Held(
        {"n": [notice("n", solicitation="RFQ-1", office="ONE")], "m": [notice("m", solicitation="RFQ-1", office="TWO")],
         "o": [notice("o", award_number="70CDCR18P00000071", solicitation=SOLICITATION)]},
        {"a": [award("a", "0", solicitation="70CDCR18Q00000050")]},
    )  # fmt: skip
    found = linked(build(held))
    assert ("notice o", "award 70CDCR18P00000071", "award number") in found
    assert not any(other == "award a" for _, other, _ in found)
    assert len({other for _, other, _ in found if "RFQ-1" in other}) == 2
    assert not is_its_own("0001")
    assert not is_its_own("RFQ-1")


def test_what_the_numbers_skip_is_said() -> None:
    rows = [award("a", "P00001"), award("a", "P00004"), award("a", "A00002", total_obligated="9.00")]
    gaps = {gap["number"]: gap["told"] for gap in build(Held({}, {"a": rows}))["gaps"]}
    assert list(gaps) == ["0", "A00001", "P00002 to P00003", PIID]
    assert gaps["P00002 to P00003"] == "P00002 to P00003 are not held: the numbers go on with P00004."
    assert "9.00" in gaps[PIID]
    whole = [award("a", "0"), award("a", "P00001"), award("a", "P00002", total_obligated="3.00")]
    assert build(Held({}, {"a": whole}))["gaps"] == []
    parent = [award("a", "0", parent_piid="GS35F0001A")]
    assert [gap["kind"] for gap in build(Held({}, {"a": parent}))["gaps"]] == ["award above"]


def test_money_is_of_fiscal_years_and_counts_what_was_published_anew_once() -> None:
    rows = [
        award("a", "0", "2017-09-30", "0.10"), award("a", "P00001", "2017-10-01", "0.20"),
        award("a", "P00001", "2017-10-02", "0.70", change="published anew"), award("a", "P00002", "", "-0.05"),
    ]  # fmt: skip
    told = obligations(rows)
    assert [one.cents for one in told] == [-5, 10, 70]
    assert [(year.year, year.cents) for year in by_fiscal_year(told)] == [(2017, 10), (2018, 70), (None, -5)]
    assert len(as_they_stand(rows)) == 3
    assert [fiscal_year(day) for day in ("2018", "2018-09", "2018-10", "", "no date", "20189-9")] == [
        None, 2018, 2019, None, None, None]  # fmt: skip


def test_the_real_rows_of_2018_are_one_award_with_its_gaps(corpus: Path) -> None:
    """The export's only row of the contract is P00004: the chain says what is missing before it, and no more."""
    text = (corpus / "api/usaspending/torn-apart-ice/data/districts/fy18.csv").read_text("utf-8", "replace")
    (row,) = [line for line in csv.reader(io.StringIO(text)) if PIID in line]
    assert {"P00004", SOLICITATION, "WEST PUBLISHING CORPORATION"} <= set(row)
    held = [award("c", "P00004", "2018-05-15", "245000", solicitation=SOLICITATION, total_obligated="2100000")]
    chain = build(Held({}, {"c": held}))
    assert [gap["number"] for gap in chain["gaps"]] == ["0", "P00001 to P00003", PIID, SOLICITATION]
    assert chain["money"]["by_fiscal_year"][0]["cents"] == 24_500_000


def test_fpds_spellings_of_orders_lead_to_their_parents(corpus: Path) -> None:
    """Real entries of FPDS: each with a parent is linked to exactly that number, or that is said to be missing."""
    spaces = {"f": "https://www.fpds.gov/FPDS"}
    tree = ElementTree.parse(corpus / "api/fpds/full_response.xml")
    checked = 0
    for one in tree.iter("{https://www.fpds.gov/FPDS}awardContractID"):
        piid = one.findtext("f:PIID", "", spaces)
        number = number_of(f'PIID:"{piid}"')
        assert number is not None
        assert canonical(number.value) == canonical(piid)
        checked += 1
    assert checked >= 5
    figure("CH-02", fpds_numbers=checked, read=checked)


@pytest.mark.parametrize("document", [CONTRACT, NOTICE, JUSTIFICATION, "notice-hscecr-14-q-00006"])
def test_it_stands_on_the_page_of_each_of_its_records(site: ArchiveDatasette, document: str) -> None:
    page = get(site, f"/d/{document}").text
    assert '<h2 id="chain">' in page
    assert 'class="lanes"' in page
    (there,) = re.findall(r'href="(/chain/[^"]+)"', page)
    own = get(site, there)
    assert own.status_code == 200
    assert own.text.count("<svg") == 1
    (drawn,) = re.findall("<svg xmlns.*?</svg>", own.text, re.DOTALL)
    assert ElementTree.fromstring(drawn).get("role") == "img"


def test_what_is_no_number_is_said_and_hostile_ones_are_text(site: ArchiveDatasette) -> None:
    assert get(site, "/chain").status_code == 200
    for asked in ("nothing", "%3Cscript%3E", "A" * 600, "CONT_AWD_", "..%2f", "%00"):
        for end in ("", ".json"):
            answer = get(site, f"/chain/{asked}{end}")
            assert answer.status_code == 404, asked
            assert "<script>" not in answer.text.replace("<script src", ""), asked


def test_the_command_tells_the_same(demo_made: DemoArchive) -> None:
    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["--archive", str(demo_made.path), "chain", *words])

    told = run(PIID)
    assert told.exit_code == 0
    assert "245,000.00 US$" in told.stdout
    assert "P00004" in told.stdout
    assert json.loads(run(PIID, "--json").stdout)["number"] == PIID
    assert run("nothing").exit_code == 1
