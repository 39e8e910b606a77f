"""Whatever JSON stands in place of a record of SAM.gov, it is read or named, and nothing raises."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from archive.outcomes import OUTCOMES
from pipelines.items import Notice, Problem
from pipelines.statements import statements_of
from spiders.sam_notices import SamNotices
from tests.test_sources import SOURCES

NAMES = st.sampled_from([
    "noticeId", "_id", "title", "type", "code", "value", "fullParentPathName", "fullParentPathCode", "postedDate",
    "award", "awardee", "location", "city", "name", "amount", "placeOfPerformance", "resourceLinks", "naicsCodes",
    "organizationHierarchy", "level", "descriptions", "pointOfContact", "mood",
])  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=8)
    | st.sampled_from(["070", "a" * 32, "http://["])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=12
)


def whole(case: str) -> dict[str, Any]:
    answer = json.loads((SOURCES / "sam_notices" / case / "body.json").read_text("utf-8"))
    held = answer.get("opportunitiesData") or answer["_embedded"]["results"]
    return dict(held[0])


RECORDS = {"parse_search": whole("search"), "parse_site_search": whole("site-search")}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(RECORDS)), st.lists(JSON, max_size=3), st.data())
def test_any_record_is_read_or_named(callback: str, beside: list[Any], data: st.DataObject) -> None:
    """Records of any shape, and real ones of which a field is anything at all, beside a whole one."""
    good = RECORDS[callback]
    bent = {**good, data.draw(st.sampled_from(sorted(good))): data.draw(JSON)}
    records = [*beside, bent, good]
    body = {"totalRecords": len(records), "opportunitiesData": records, "_embedded": {"results": records}}
    told = {"since": "2018-01-01", "until": "2018-01-26"} if callback == "parse_search" else {}
    source = SamNotices(agencies=())
    response = TextResponse("https://sam.gov/", body=json.dumps(body).encode())
    said = [one for one in getattr(source, callback)(response, **told) if hasattr(one, "__dataclass_fields__")]
    assert {one.outcome for one in said if isinstance(one, Problem)} <= OUTCOMES.keys()
    assert any(isinstance(one, Notice) and one.place == f"item {len(records)}" for one in said), "the whole one is read"
    read = sum(isinstance(one, Notice) for one in said)
    rejected = sum(isinstance(one, Problem) and one.detail == "without a notice id" for one in said)
    assert read + rejected == len(records)
    assert statements_of(said)
