"""Award ids: put together and taken apart without loss, and found whole in text and in addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.award_ids import AwardId, parse_award_id
from archive.identifiers import find_identifiers, parse_identifier

LPR = "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"
number = st.from_regex(r"[0-9A-Z]([0-9A-Z.&/-]{0,20}[0-9A-Z])?", fullmatch=True)
agency = st.from_regex(r"[0-9A-Z]{1,4}", fullmatch=True)
award_ids = st.one_of(
    st.builds(AwardId, number, agency, number, agency),
    st.builds(AwardId, number, agency),
    st.builds(AwardId, number, agency, is_idv=st.just(True)),
)


@given(award_ids)
def test_parts_and_id_are_one_for_one(made: AwardId) -> None:
    assert parse_award_id(made.value) == made
    assert parse_award_id(made.value.lower()) == made


@given(award_ids)
def test_an_id_is_found_whole_in_text_and_address(made: AwardId) -> None:
    for text in (f"see {made.value}.", f"https://www.usaspending.gov/award/{made.value}/", f"“{made.value}”"):
        assert [(one.identifier.scheme, one.identifier.value) for one in find_identifiers(text)] == [
            ("award-id", made.value)
        ]
    alone = parse_identifier(made.value.lower())
    assert alone is not None
    assert (alone.scheme, alone.value) == ("award-id", made.value)


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    found = parse_award_id(text)
    assert found is None or found.value == text.strip().upper()


def test_the_number_inside() -> None:
    found = parse_award_id(LPR)
    assert found == AwardId("70CDCR18P00000017", "7012")
    assert found.value == LPR
    order = parse_award_id("CONT_AWD_H907_9700_SPE2DX16D1500_9700")
    assert order == AwardId("H907", "9700", "SPE2DX16D1500", "9700")
    assert parse_award_id("CONT_IDV_80JSC019C0012_8000") == AwardId("80JSC019C0012", "8000", is_idv=True)


@pytest.mark.parametrize(
    "text",
    ["CONT_AWD_70CDCR18P00000017_7012", "ASST_NON_NNX16AO69A_080", f"{LPR}_1", f"X{LPR}", "CONT_IDV_A_7012_B", ""],
)
def test_what_is_none(text: str) -> None:
    assert parse_award_id(text) is None
    assert not [one for one in find_identifiers(text) if one.identifier.scheme == "award-id"]
