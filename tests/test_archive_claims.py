"""Claims and vendors' names: nothing is called shown that isn't, nothing hostile is more than text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.catalog.opening import open_catalogue
from archive.claims_file import ALIAS, CLAIM, CLAIMS, VENDORS, Claimed, parse_claims, read_claims
from archive.folder import CATALOGUE
from archive.release.folder import Releases
from archive.research.claim_rows import claim_rows
from archive.research.claims import claims_about, mentions_beside
from archive.research.values import meant_by
from archive.research.vendors import MOST_OF_ONE_UEI, find_vendor, list_vendors, notes_on, plain_name
from archive.site.server import open_archive
from oversight import main
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive
from tests.figures import figure

UEI = "ABCDEFGHJKL1"
VERGE = "theverge-com-2018-2-7-16988058-ice-license-plate-reader-backlash-alameda-ae54cc"


@pytest.fixture
def catalogue(demo_made: DemoArchive) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo_made.path / CATALOGUE}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_catalogue(tmp_path / "empty.db")) as connection:
        yield connection


def recorded(connection: sqlite3.Connection, version: str, recipient: str, uei: str = "", parent: str = "") -> None:
    columns = [row[1:4:2] for row in connection.execute("PRAGMA table_info(awards)")]
    values = {name: "" if required else None for name, required in columns}
    values |= {"version": version, "document": version.partition("@")[0], "recipient": recipient, "recipient_uei": uei,
               "recipient_parent": parent}  # fmt: skip
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO awards VALUES ({marks})", list(values.values()))


def claimed(connection: sqlite3.Connection, address: str) -> dict[str, Any]:
    (row,) = claim_rows(connection, [Claimed(CLAIM, "X", "says", "70CDCR18P00000017", (address,))])
    return row


@pytest.mark.parametrize(("address", "outcome"), [
    (f"/d/{VERGE}/p1?quote=come-from-vigilant-solutions", "stands"),
    (f"https://example.org/d/{VERGE}/p1?quote=come-from-vigilant-solutions", "stands"),
    (f"/d/{VERGE}/p1?quote=come-from-vigilant-dissolutions", "broken"),
    (f"/d/{VERGE}/p1?quote=come-from-another-company-altogether", "broken"),
    (f"/d/{VERGE}/p2?quote=come-from-vigilant-solutions", "broken"),
    (f"/d/{VERGE}@0123456789/p1?quote=come-from-vigilant-solutions", "broken"),
    (f"/d/{VERGE}/p1", "broken"), ("/d/nothing/p1?quote=words", "broken"), ("nothing", "broken"),
    ("/d/dhs-ice-pia-039a/p3?quote=come-from-vigilant-solutions", "broken"), ("http://[/d/x/p1?quote=a", "broken"),
    ("/d/x/p1?" + "&".join(f"a{n}=1" for n in range(19)) + "&quote=a", "broken"),
])  # fmt: skip
def test_a_quotation_stands_or_the_claim_is_broken(catalogue: sqlite3.Connection, address: str, outcome: str) -> None:
    row = claimed(catalogue, address)
    assert row["outcome"] == outcome
    if outcome == "broken":
        assert row["detail"]
        assert "quote" not in row["address"]
        assert row["words"] == ""
    else:
        assert "Vigilant" in row["words"]


def test_of_what_is_not_held_neither_words_nor_address_are_kept(catalogue: sqlite3.Connection) -> None:
    row = claimed(catalogue, "/d/some-secret-document/p1?quote=its-secret-words")
    assert "secret" not in repr(row)


@pytest.mark.parametrize("text", [
    "[[claim]", "claim = 3", "[[claim]]\nsubject = 1", "[[claim]]\nsubject='a'\nsays='b'",
    "[[claim]]\nsubject='a'\nsays='b'\nevidence=[]", "[[claim]]\nsubject='a'\nsays='b'\nevidence=[1]",
    "[[claim]]\nsubject='a'\nsays='b'\nevidence=['x']\nhtml='c'", "[[other]]\na=1",
    "[[claim]]\nsubject='" + "a" * 2000 + "'",
    "a=" + "[" * 5000, "[[claim]]\nsubject='\\u202e'\nsays=\"\\u0000\"\nevidence=['x']",
])  # fmt: skip
def test_what_cannot_be_understood_is_named_and_never_raises(text: str) -> None:
    told = parse_claims(text, CLAIMS, CLAIM)
    assert told.problems
    assert not told.held
    assert all(one.outcome == "curation-unreadable" for one in told.problems)


def test_one_bad_entry_costs_itself_and_its_line_is_told() -> None:
    good = "[[claim]]\nsubject='a'\nsays='b'\nevidence=['x']\n"
    told = parse_claims(good + "[[claim]]\nsubject=2\n" + good.replace("'a'", "'c\\u0007'"), CLAIMS, CLAIM)
    assert [one.subject for one in told.held] == ["a", "c\\u0007"]
    assert [one.detail.partition(":")[0] for one in told.problems] == ["line 5"]


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "curation").mkdir()
    (tmp_path / CLAIMS).write_bytes(b"\xff\xfe")
    (tmp_path / VENDORS).symlink_to("/etc/hostname")
    told = read_claims(tmp_path)
    assert [one.subject for one in told.problems] == [CLAIMS.as_posix()]
    assert read_claims(tmp_path / "nothing") == parse_claims("", VENDORS, ALIAS)


def test_hostile_words_of_curation_are_text_on_every_page(demo_archive: Path) -> None:
    (demo_archive / CLAIMS).write_text(
        "[[claim]]\nsubject='<script>alert(1)</script>'\nsays='[x](javascript:alert(1)) <b>'\n"
        f"about='70CDCR18P00000017'\nevidence=['/d/{VERGE}/p1?quote=come-from-vigilant-solutions']\n"
    )
    (demo_archive / VENDORS).write_text(
        "[[alias]]\nvendor='WEST PUBLISHING CORPORATION'\nname='<img src=x onerror=alert(1)>'\n"
        f"evidence=['/d/{VERGE}/p1?quote=come-from-vigilant-solutions']\n"
    )
    done = CliRunner().invoke(main, ["--archive", str(demo_archive), "rebuild"])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(main, ["--archive", str(demo_archive), "release", "build"]).exit_code == 0
    site = open_archive(demo_archive)
    shown = 0
    for path in ("/chain/70CDCR18P00000017", "/vendors", "/vendors/west-publishing-corporation", "/search?vendor=west",
                 "/d/contract-70cdcr18p00000017", "/timeline?of=70CDCR18P00000017"):  # fmt: skip
        text = get(site, path).text
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert 'href="javascript' not in text, path
        shown += "&lt;script&gt;alert" in text or "&lt;img src=x" in text
    assert shown >= 4
    figure("XS-18", pages_with_hostile_curation=shown, markup=0)


def test_what_is_withdrawn_takes_its_claims_along(demo_archive: Path) -> None:
    """The evidence goes with its document, all claims with what they are about."""

    def claims() -> list[tuple[str, str]]:
        release = Releases(demo_archive)
        with closing(release.open(max(release.numbers()))) as connection:
            return connection.execute("SELECT kind, coalesce(document, '') FROM claims ORDER BY 1, 2").fetchall()

    def withdraw(name: str) -> None:
        done = CliRunner().invoke(main, ["--archive", str(demo_archive), "withdraw", name, "--reason", "By order."])
        assert done.exit_code == 0, done.output

    assert len(claims()) == 3
    withdraw(VERGE)
    assert [kind for kind, document in claims()] == ["alias", "claim"]
    assert VERGE not in repr(claims())
    site = open_archive(demo_archive)
    assert "sightings that it opens" not in get(site, "/chain/70CDCR18P00000017").text
    withdraw("contract-70cdcr18p00000017")
    withdraw("award-70cdcr18p00000017")
    assert [kind for kind, _ in claims()] == ["alias"]
    site = open_archive(demo_archive)
    for path in ("/chain/70CDCR18P00000017", "/chain/70CDCR18Q00000005", "/vendors", "/timeline?of=70CDCR18P00000017",
                 "/vendors/west-publishing-corporation", "/timeline?of=vendor:west"):  # fmt: skip
        text = get(site, path).text
        assert "245,000" not in text, path
        assert "West Publishing" not in text, path
    assert get(site, "/chain/70CDCR18P00000017").status_code == 410


def test_names_are_one_vendor_by_spelling_identifier_or_claim_and_by_nothing_else(empty: sqlite3.Connection) -> None:
    recorded(empty, "a@1", "WEST PUBLISHING CORPORATION", UEI)
    recorded(empty, "a@2", "West Publishing Corp.", "")
    recorded(empty, "b@1", "THOMSON WEST", UEI.lower())
    recorded(empty, "c@1", "WEST PUBLISHING", "")
    recorded(empty, "d@1", "WEST PUBLISHING LLC", "", "WEST PUBLISHING CORPORATION")
    for number in range(MOST_OF_ONE_UEI + 1):
        recorded(empty, f"f@{number}", f"FOREIGN {number}", "123456787000")
    vendors = {one.name: one for one in list_vendors(empty)}
    west = find_vendor(empty, "thomson-west")
    assert west is not None
    assert {(one.name, one.rule) for one in west.names} == {
        ("THOMSON WEST", "record"), ("WEST PUBLISHING CORPORATION", "uei"), ("West Publishing Corp.", "spelling"),
    }  # fmt: skip
    assert len(west.names) == 3
    assert {"WEST PUBLISHING", "WEST PUBLISHING LLC"} < set(vendors)
    assert vendors["WEST PUBLISHING LLC"].parents == ("WEST PUBLISHING CORPORATION",)
    assert sum(name.startswith("FOREIGN") for name in vendors) == MOST_OF_ONE_UEI + 1
    assert len({one.slug for one in vendors.values()}) == len(vendors)
    found = meant_by(empty, "vendors", ["thomson"])["thomson"]
    assert set(found) == {"THOMSON WEST", "WEST PUBLISHING CORPORATION", "West Publishing Corp."}
    (note,) = notes_on(empty, {"thomson": found})
    assert UEI in note
    assert plain_name("A & B, Incorporated") == plain_name("a and b inc.")
    assert plain_name("A Inc") != plain_name("A LLC")


def test_a_claim_that_does_not_stand_makes_no_other_name(empty: sqlite3.Connection) -> None:
    recorded(empty, "a@1", "WEST PUBLISHING CORPORATION")
    rows = list(claim_rows(empty, [Claimed(ALIAS, "West Publishing Corp", "Vigilant", "", ("/d/x/p1?quote=a",))]))
    empty.executemany(f"INSERT INTO claims VALUES ({', '.join('?' * len(rows[0]))})",
                      [[row[name] for name in ("id", "kind", "ordinal", "place", "subject", "says", "about",
                        "about_document", "outcome", "detail", "document", "version", "page", "address", "words")]
                       for row in rows])  # fmt: skip
    (vendor,) = list_vendors(empty)
    assert [one.name for one in vendor.names] == ["WEST PUBLISHING CORPORATION"]
    assert [one["says"] for one in vendor.broken] == ["Vigilant"]
    assert not meant_by(empty, "vendors", ["vigilant"])["vigilant"]


def test_mentions_stand_apart_from_claims(catalogue: sqlite3.Connection) -> None:
    mentioned = mentions_beside(catalogue, ["contract-70cdcr18p00000017"])
    assert {one["document"] for one in mentioned} >= {VERGE}
    assert claims_about(catalogue, ["dhs-ice-pia-039a"]) == []


def test_searching_by_another_name_finds_and_says_why(demo_made: DemoArchive) -> None:
    found = get(open_archive(demo_made.path), "/search.json?q=vendor:%22thomson+reuters%22").json()
    assert found["total"] >= 2
    assert any("also as West, a Thomson Reuters business" in note for note in found["notes"])
