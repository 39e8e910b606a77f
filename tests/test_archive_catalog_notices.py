"""A notice's life at FedBizOpps and at SAM.gov is one document: by its number, in the order in which it was posted."""

from __future__ import annotations

import itertools

import pytest

from archive.catalog.notices import notice_key
from pipelines.items import Notice
from tests.evidence import Captured, World, night

NUMBER = "HSCECR-14-Q-00006"
OFFICE = {"office": "ICE-OAQ-DCR"}


def captured(at: str, *said: Notice) -> Captured:
    return Captured(f"https://example.gov/{at}", at, said, source="notices")


def notice(kind: str, posted: str, **said: str) -> Notice:
    return Notice(said.pop("notice_id", "fbo/x/y"), {"type": kind, "posted": posted, "solicitation": NUMBER, **said})


LIFE = (
    notice("Presolicitation", "2014-02-12", title="Plates"),
    notice("Modification", "2014-02-19", base_type="Presolicitation", title="Plates, cancelled"),
    notice("Archive", "2014-02-12", base_type="Presolicitation", archive_date="2014-04-01"),
    notice("Presolicitation", "2019-12-01 10:00:00-05", title="Plates, once more", notice_id="a" * 32),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_versions_stand_in_the_order_of_posting_whenever_they_were_captured(order: tuple[int, ...]) -> None:
    world = World(*(captured(night(n + 1), LIFE[place]) for n, place in enumerate(order))).settle()
    (document,) = world.rows("documents")
    assert document["id"] == "notice-hscecr-14-q-00006"
    assert (document["title"], document["versions"]) == ("Plates, once more", 4)
    versions = sorted(world.rows("versions"), key=lambda row: row["ordinal"])
    notices = {row["version"]: row["type"] for row in world.rows("notices")}
    assert [notices[version["id"]] for version in versions] == [
        "Presolicitation", "Modification", "Archive", "Presolicitation",
    ]  # fmt: skip
    assert {row["value"] for row in world.rows("identifiers")} == {NUMBER, "a" * 32}, "FedBizOpps gives no ids"


def test_a_notice_that_was_archived_last_keeps_its_title_and_its_kind() -> None:
    (document,) = World(captured(night(1), *LIFE[:3])).settle().rows("documents")
    assert (document["title"], document["kind"]) == ("Plates, cancelled", "presolicitation")


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({"type": "Archive", "base_type": "Award Notice", "award_number": "SPM7L213M6045"}, ("award", "SPM7L213M6045")),
        ({"type": "Archive", "solicitation": "SPM7L213Q0631"}, ("notice", "SPM7L2-13-Q-0631")),
        ({"type": "Justification and Approval (J&A)", "solicitation": NUMBER}, ("justification", NUMBER)),
        (
            {"type": "Presolicitation", "solicitation": "2013-N-15012 ", **OFFICE},
            ("notice", "2013-n-15012 ice-oaq-dcr"),
        ),
        ({"type": "Presolicitation", "solicitation": "2013-N-15012"}, ("notice", "the id")),
        ({"type": "Presolicitation", "solicitation": "RFI-2019", **OFFICE}, ("notice", "the id")),
        ({"type": "Presolicitation", "solicitation": "see notice 12345", **OFFICE}, ("notice", "the id")),
        ({"type": "Presolicitation", "solicitation": "N/A", **OFFICE}, ("notice", "the id")),
    ],
)
def test_what_a_notice_is_known_by(record: dict[str, str], key: tuple[str, str]) -> None:
    assert notice_key("the id", record) == key


def test_a_record_without_title_and_id_goes_by_its_number() -> None:
    said = Notice("fbo/x/y", {"type": "Archive", "base_type": "Award Notice", "award_number": "SPM7L213M6045"})
    world = World(captured(night(1), said)).settle()
    (document,) = world.rows("documents")
    assert (document["title"], document["number"]) == ("SPM7L213M6045", "SPM7L213M6045")
    assert "fbo/x/y" not in " ".join(row["text"] for row in world.rows("pages"))
