"""Awards in the catalogue: one document an award, one version an action, whoever publishes it and in whatever order."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalog.awards import award_of, changes_of, name_of, order_of, title_of_award, told_apart_by
from pipelines.items import Award, File, Notice
from tests.evidence import Captured, World, night

LPR = "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"
PAGE = f"https://www.usaspending.gov/award/{LPR}/"
OF_THE_AWARD = {
    "piid": "70CDCR18P00000017", "recipient": "WEST PUBLISHING CORPORATION", "solicitation": "70CDCR18Q00000005",
    "sub_agency": "U.S. Immigration and Customs Enforcement", "sub_agency_code": "7012", "type": "PURCHASE ORDER",
}  # fmt: skip


def action(modification: str, day: str, amount: str, **more: str) -> Award:
    words = {"description": "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE", "transaction": "0"}
    own = {"modification": modification, "action_date": day, "obligated": amount}
    return Award(LPR, {**OF_THE_AWARD, **words, **own, **more}, f"item {modification}")


MADE = action("0", "2017-12-22", "961000.0")
FUNDED = action("P00001", "2018-01-24", "450000", action_code="C", action_type="FUNDING ONLY ACTION")
WIDENED = action(
    "P00002", "2018-03-01", "$444,000.00", action_code="A", description="ACCESS TO A DATABASE AND ALERTS",
    action_type="ADDITIONAL WORK (NEW AGREEMENT, FAR PART 6 APPLIES)",
)  # fmt: skip
SUMMARY = Award(
    LPR,
    {**OF_THE_AWARD, "modification": "", "signed": "2017-12-22", "modified": "2018-02-01", "total_obligated": "1855000",
     "description": "ACCESS TO LICENSE PLATE READER DATABASE"},
    "summary",
)  # fmt: skip
HISTORY = (MADE, FUNDED, WIDENED)


def captured(number: int, *items: Award, url: str = "https://api.usaspending.gov/x") -> Captured:
    return Captured(f"{url}{number}", night(number), items, source="notices")


def told(world: World, *names: str) -> list[tuple[object, ...]]:
    rows = sorted(world.rows("awards"), key=lambda row: world_order(world, row))
    return [tuple(row[name] for name in names) for row in rows]


def world_order(world: World, row: Mapping[str, object]) -> int:
    (version,) = world.rows("versions", "id = ?", row["version"])
    return int(version["ordinal"])


def test_an_award_is_one_document_and_each_action_a_version() -> None:
    world = World(captured(1, SUMMARY), captured(2, *reversed(HISTORY))).settle()
    (document,) = world.rows("documents")
    assert document["id"] == "contract-70cdcr18p00000017"
    assert document["number"] == "70CDCR18P00000017"
    assert document["title"] == "ACCESS TO LICENSE PLATE READER DATABASE"
    assert (document["kind"], document["component"], document["listing"]) == ("purchase order", "ICE", "")
    assert (document["published"], document["url"], document["versions"]) == ("2017-12-22", PAGE, 4)
    assert told(world, "modification", "action_date", "obligated", "obligated_cents", "change") == [
        ("", None, None, None, ""),
        ("0", "2017-12-22", "961000.00", 96_100_000, ""),
        ("P00001", "2018-01-24", "450000.00", 45_000_000, ""),
        ("P00002", "2018-03-01", "444000.00", 44_400_000, "adds scope; description changed"),
    ]
    (newest,) = world.rows("awards", "version = ?", document["newest_version"])
    assert newest["modification"] == "P00002"
    assert sum(row["obligated_cents"] or 0 for row in world.rows("awards")) == 185_500_000


def test_the_day_of_an_action_comes_before_its_number() -> None:
    late, early = action("P00009", "2018-06-01", "1"), action("P00010", "2018-05-31", "1")
    twice = action("P00002", "2018-05-31", "1")
    world = World(captured(1, MADE, late, early, twice)).settle()
    assert [row[0] for row in told(world, "modification")] == ["0", "P00002", "P00010", "P00009"]


def test_numbers_and_addresses_lead_to_it() -> None:
    world = World(captured(1, SUMMARY, *HISTORY)).settle()
    numbers = {(row["scheme"], row["value"], row["role"]) for row in world.rows("identifiers")}
    assert numbers == {
        ("piid", "70CDCR18P00000017", "own"),
        ("award-id", LPR, "own"),
        ("solicitation", "70CDCR18Q00000005", "about"),
    }
    assert [row["url"] for row in world.rows("addresses")] == [PAGE]
    targets = {(row["kind"], row["target"]) for row in world.rows("references")}
    assert targets == {("solicitation", "70CDCR18Q00000005")}


def test_what_links_to_an_award_finds_it_or_else_its_number() -> None:
    memo = Captured(
        "https://www.dhs.gov/a.pdf", night(1), (File(),), "x", (f"See {LPR}.",), links=(PAGE,), source="library"
    )
    notice = Notice("a" * 32, {"type": "Award Notice", "award_number": "70CDCR18P00000017"})
    world = World(memo, Captured("https://sam.gov/x", night(2), (notice,), source="notices")).settle()
    assert {row["target_document"] for row in world.rows("references")} == {"award-70cdcr18p00000017"}
    world.take(captured(3, MADE)).settle()
    from_memo = world.rows("references", "document LIKE 'dhs-gov%'")
    assert {row["target_document"] for row in from_memo} == {"contract-70cdcr18p00000017"}
    assert sorted(world.ids())[0] == "award-70cdcr18p00000017"


def test_the_text_is_searched_by_what_was_bought_and_by_whom() -> None:
    world = World(captured(1, *HISTORY)).settle()
    for words in ('"license plate reader database"', '"west publishing"', "P00001", '"961000.0"', '"funding only"'):
        found = world.connection.execute("SELECT count(*) FROM pages_fts WHERE pages_fts MATCH ?", (words,)).fetchone()
        assert found[0], words


@settings(max_examples=25, deadline=None)
@given(st.permutations([*HISTORY, SUMMARY]), st.lists(st.integers(1, 9), min_size=4, max_size=4))
def test_the_order_of_captures_is_not_the_history(said: list[Award], nights: list[int]) -> None:
    world = World(*(captured(number, one, url=f"https://x.example/{place}/") for place, (number, one)
                    in enumerate(zip(nights, said, strict=True)))).settle()  # fmt: skip
    assert [row[0] for row in told(world, "modification")] == ["", "0", "P00001", "P00002"]
    (document,) = world.rows("documents")
    assert document["versions"] == 4


def test_an_action_in_an_answer_and_in_a_file_is_one_version() -> None:
    in_file = {
        **FUNDED.record, "obligated": "$450,000.00", "action_date": "2018-01-24 00:00", "transaction": "",
        "category": "AWARD", "recipient_duns": "148508286", "sub_agency": "U.S. IMMIGRATION AND CUSTOMS ENFORCEMENT",
    }  # fmt: skip
    world = World(captured(1, FUNDED), captured(2, Award("", in_file, "row 1"))).settle()
    assert world.ids() == ["contract-70cdcr18p00000017"]
    assert len(world.rows("versions")) == 1


@pytest.mark.parametrize(
    "altered",
    [
        {"obligated": "450000.01"},
        {"action_date": "2018-01-25"},
        {"action_code": "D"},
        {"description": "SOMETHING ELSE"},
    ],
)
def test_an_action_that_the_publisher_alters_is_published_anew(altered: dict[str, str]) -> None:
    later = Award(LPR, {**FUNDED.record, **altered})
    world = World(captured(1, MADE, FUNDED), captured(2, MADE, later)).settle()
    assert [row[0] for row in told(world, "modification")] == ["0", "P00001", "P00001"]
    assert "published anew" in str(told(world, "change")[-1])
    (document,) = world.rows("documents")
    (newest,) = world.rows("awards", "version = ?", document["newest_version"])
    assert (newest["obligated_cents"], newest["action_date"]) != (None, None)
    assert newest["capture"] == captured(2, MADE, later).id


def test_a_second_night_adds_nothing() -> None:
    world = World(captured(1, SUMMARY, *HISTORY)).settle()
    before = [row["id"] for row in world.rows("versions")]
    world.take(captured(2, SUMMARY, *HISTORY)).settle()
    assert [row["id"] for row in world.rows("versions")] == before


def test_what_is_no_amount_and_no_date_is_named_and_its_words_kept() -> None:
    odd = action("P00009", "05/06/2018 (day or month first?)", "1e308", potential_value="1.234,5")
    world = World(captured(1, odd)).settle()
    (row,) = world.rows("awards")
    assert (row["obligated"], row["obligated_cents"], row["potential_value"], row["action_date"]) == (None,) * 4
    named = {(row["outcome"], row["detail"]) for row in world.rows("outcomes") if row["severity"] == "note"}
    assert named == {
        ("invalid-amount", "obligated: 1e308"),
        ("invalid-amount", "potential_value: 1.234,5"),
        ("invalid-date", "action: 05/06/2018 (day or month first?)"),
    }
    assert "1e308" in world.rows("pages")[0]["text"]


def test_orders_of_one_number_under_two_contracts_are_two_awards() -> None:
    def order(parent: str) -> Award:
        record = {"piid": "0001", "parent_piid": parent, "parent_agency_code": "7001", "sub_agency_code": "7012"}
        return Award("", {**record, "modification": "0"})

    world = World(captured(1, order("HSHQDC13D00025"), order("HSHQDC13D00026"))).settle()
    assert world.ids() == ["contract-hshqdc13d00025-0001", "contract-hshqdc13d00026-0001"]
    assert {row["award_id"] for row in world.rows("awards")} == {
        f"CONT_AWD_0001_7012_HSHQDC13D0002{n}_7001" for n in (5, 6)
    }


@pytest.mark.parametrize(
    ("record", "award"),
    [
        ({"piid": "70CDCR18D00000001", "sub_agency_code": "7012", "category": "IDV", "parent_piid": "X"},
         "CONT_IDV_70CDCR18D00000001_7012"),
        ({"piid": "70cdcr18p00000017", "sub_agency_code": "7012", "category": "contract"}, LPR),
        ({"piid": "0001", "parent_piid": "HSHQDC13D00025"}, "HSHQDC13D00025 0001"),
        ({"piid": "A_B", "sub_agency_code": "7012"}, "A_B"),
    ],
)  # fmt: skip
def test_what_an_award_is_known_by_without_an_id(record: dict[str, str], award: str) -> None:
    assert award_of({"award_id": "", "record": record}) == award
    assert name_of(award)


def test_titles() -> None:
    long = "IGF::CT,CL::IGF - " + "WORDS OF A STATEMENT " * 20
    assert title_of_award({"award_id": "", "record": {"description": long}}).startswith("WORDS OF A STATEMENT WORDS")
    assert len(title_of_award({"award_id": "", "record": {"description": long}})) <= 202
    assert title_of_award({"award_id": "", "record": {"piid": "X"}}) == "X"


def test_changes() -> None:
    def body(modification: str, words: str = "", code: str = "", reason: str = "") -> dict[str, object]:
        record = {"modification": modification, "description": words, "action_code": code, "action_type": reason}
        return {"award_id": LPR, "record": record}

    history = [
        body("0", "PLATES"), body("P00001", "plates ", "C"), body(""), body("P00002", "", "D"),
        body("P00003", "PLATES", "D", "CHANGE ORDER"), body("P00004", "FACES", "A"),
        body("P00005", "FACES", "M", "ADDITIONAL WORK (NEW AGREEMENT,FAR PART 6 APPLIES)"),
        body("P00005", "FACES", "C", "FUNDING ONLY ACTION"), body("P00006", "FACES", "L", "DEFINITIZE CHANGE ORDER"),
    ]  # fmt: skip
    assert changes_of(history) == [
        *("", "", "", "change order", "change order"),
        *("adds scope; description changed", "adds scope", "published anew", ""),
    ]  # fmt: skip


fields = st.sampled_from(["modification", "action_date", "obligated", "description", "piid", "sub_agency_code",
                          "parent_piid", "transaction", "action_code"])  # fmt: skip
anything = st.dictionaries(fields, st.text(max_size=20))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), anything), max_size=5))
def test_any_words_settle(said: list[tuple[str, dict[str, str]]]) -> None:
    bodies = [{"award_id": award_id, "record": record} for award_id, record in said]
    assert sorted(bodies, key=order_of) is not None
    assert len(changes_of(bodies)) == len(bodies)
    for one, other in itertools.pairwise(bodies):
        assert (told_apart_by(one) == told_apart_by(other)) in (True, False)
    awards = [Award(award_id, record, str(place)) for place, (award_id, record) in enumerate(said)]
    world = World(captured(1, *awards)).settle()
    assert len(world.rows("awards")) == len(world.rows("versions"))
