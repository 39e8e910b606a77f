"""The real night of FedBizOpps and a real page are read whole; no file, however broken, loses a record unsaid."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse, TextResponse

from archive.dates import parse_date, parse_instant
from archive.outcomes import OUTCOMES
from pipelines.items import Item, Listed, Notice, Problem
from pipelines.screening import screen
from spiders._fbo_feed import DATES, FIELDS, OUT_OF_SCOPE, TYPES, is_feed, read_feed
from spiders._notices import Read, plain_text
from spiders.fbo_notices import FboNotices

FEED = "https://ftp.fbo.gov/FBOFeed20130616"


def night(corpus: Path) -> bytes:
    return (corpus / "api/fbo/nightly-20130616/example_input").read_bytes()


def said(body: bytes, *agencies: str) -> list[Item]:
    source = FboNotices(agencies=agencies)
    assert screen(200, "", body, source.parse_feed.accepted) is None  # type: ignore[attr-defined]
    return [one for one in source.parse_feed(TextResponse(FEED, body=body)) if isinstance(one, Notice | Problem)]


def test_a_whole_night(corpus: Path) -> None:
    items = said(night(corpus))
    assert all(isinstance(item, Notice) for item in items), "nothing is unmapped, and nothing is out of scope"
    notices = [item for item in items if isinstance(item, Notice)]
    types = Counter(re.findall(rb"^</([A-Z]+)>", night(corpus), re.MULTILINE))
    assert sum(types.values()) == len(notices) == 453
    wanted: Counter[str] = Counter()
    for name, count in types.items():
        wanted[TYPES[name.decode()]] += count
    assert Counter(notice.record["type"] for notice in notices) == wanted
    for notice in notices:
        for name in ("posted", "response_due", "archive_date", "award_date"):
            date = parse_date(notice.record.get(name, "2013-06-16"))
            assert date is not None
            assert (date.precision, date.value) == ("day", notice.record.get(name, "2013-06-16"))
        about = notice.record["type"] in ("Archive", "Unarchive", "Modification")
        assert notice.record.get("base_type", "") in ({*TYPES.values()} if about else {*TYPES.values(), ""})
        assert about or notice.record["title"]


def test_no_value_of_the_night_is_lost(corpus: Path) -> None:
    """Every line of the file is kept, or is one that is left out by name; told without the reader's own loop."""
    notices = iter(item for item in said(night(corpus)) if isinstance(item, Notice))
    text = night(corpus).decode().replace("\r\n", "\n")
    for record in re.split(r"^</[A-Z]+>\n", text, flags=re.MULTILINE)[:-1]:
        kept = "\n".join(next(notices).record.values())
        for tag, value in re.findall(r"^<([A-Z]+)>(.+)", record, re.MULTILINE):
            if tag in FIELDS and tag not in ("DESC",):
                assert " ".join(value.replace("&amp;", "&").split()) in kept, tag
            else:
                assert tag in {*DATES, *OUT_OF_SCOPE, "DATE", "YEAR", "NTYPE", "DESC", "P", "BR"}, tag
        assert not any(mail.lower() in kept.lower() for mail in re.findall(r"^<EMAIL>(\S+)", record, re.MULTILINE))
    assert next(notices, None) is None


def test_what_the_night_holds_of_one_department(corpus: Path) -> None:
    items = said(night(corpus), "Department of Homeland Security")
    (archived,) = (item for item in items if isinstance(item, Notice))
    assert archived.record["sub_tier"] == "Citizenship & Immigration Services"
    assert [item.detail for item in items if isinstance(item, Problem)] == ["counted 452 times"]


def test_amounts_are_exact(corpus: Path) -> None:
    amounts = [item.record.get("award_amount") for item in said(night(corpus)) if isinstance(item, Notice)]
    assert [amount for amount in amounts if amount] == ["$121,177.55", "$164,320.00", "$699,999.30", "$110,000.00"]


def test_a_real_page(corpus: Path) -> None:
    page = HtmlResponse(
        "https://www.fbo.gov/index?s=opportunity&mode=form&id=d15117edc6ff462aff60ba4ff1f8e614&tab=core&_cview=1",
        body=(corpus / "html/gov/fbo.gov/source1.html").read_bytes(),
    )
    items = list(FboNotices().parse_notice(page))
    assert not [item for item in items if isinstance(item, Problem)]
    (notice,) = (item for item in items if isinstance(item, Notice))
    record = notice.record
    assert notice.notice_id == "136ffb7ff83c89963c857ed1b781daa3"
    assert (record["solicitation"], record["type"]) == ("FA4626-14-R-0011", "Solicitation")
    assert (record["department"], record["office"]) == ("Department of the Air Force", "341 CONS")
    assert parse_instant(record["response_due"]) == "2014-04-23T20:00:00Z"
    assert len(notice.attachments) == 7
    assert "archive_date" not in record, "a hyphen stands for none"
    assert not any("@" in value or "406-731" in value for value in record.values()), "contacts are left out"
    listed = [item for item in items if isinstance(item, Listed)]
    assert [entry.title for entry in listed if entry.relation == "earlier"] == ["Original Synopsis", "Changed"]
    assert listed[0].note == "(256.50 Kb) Description: Solicitation"
    assert [entry.url for entry in listed if entry.relation == "attachment"] == list(notice.attachments)


ID = "46b7d20b80ba577b5e4dd10b1561b247"
PAGE = f"https://www.fbo.gov/index?s=opportunity&mode=form&id={ID}&tab=core"


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        (f"http://fbo.gov/notices/{ID.upper()}/", f"https://www.fbo.gov/notices/{ID}"),
        (f"{PAGE}&_cview=0", PAGE),
        (f"{PAGE}&tabmode=list&=", PAGE),
        (f"http://www.fbo.gov/?s=opportunity&id={ID}&mode=form", PAGE),
        (f"https://www.fbo.gov/index.php?s=opportunity&mode=form&tab=core&id={ID}&_cview=1", f"{PAGE}&_cview=1"),
        ("http://fbo.gov/spg/A/B/C-1/listing.html?x=1", "https://www.fbo.gov/spg/A/B/C-1/listing.html"),
        ("https://www.fbo.gov/spg/A/B/Awards/C-2.html", "https://www.fbo.gov/spg/A/B/Awards/C-2.html"),
        (f"http://www.fbo.gov/utils/view?id={ID}", f"https://www.fbo.gov/utils/view?id={ID}"),
        ("http://ftp.fbo.gov/FBOFeed20130616", "http://ftp.fbo.gov/FBOFeed20130616"),
        (f"https://www.fbo.gov/index?s=opportunity&mode=form&id={ID}&tab=documents", None),
        ("https://www.fbo.gov/index?s=opportunity&mode=list&tab=list", None),
        ("https://www.fbo.gov/notices/1", None),
        (f"https://www.fbo.gov.example.com/notices/{ID}", None),
        ("ftp://ftp.fbo.gov/FBOFeed20130616", None),
        ("http://[", None),
    ],
)
def test_addresses(url: str, asked: str | None) -> None:
    request = FboNotices().request_for(url)
    assert (request.url if request else None) == asked
    assert request is None or FboNotices().request_for(request.url).url == request.url  # type: ignore[union-attr]


def test_addresses_that_were_seen(corpus: Path) -> None:
    seen = (corpus / "html/gov/fbo.gov/links.txt").read_text("utf-8").split()
    assert len(seen) == 7
    assert all(FboNotices().request_for(url) for url in seen)


def test_it_asks_for_nothing_unless_told() -> None:
    async def first(source: FboNotices) -> list[str]:
        return [request.url async for request in source.start()]

    assert FboNotices.passive
    assert asyncio.run(first(FboNotices())) == []
    told = FboNotices(feeds=[FEED, FEED], pages=[PAGE, "https://example.com/"])
    assert asyncio.run(first(told)) == [FEED, PAGE]


def counts(body: bytes) -> tuple[int, int]:
    """Return how many records were read and how many were rejected; whatever is said has a name."""
    read = list(read_feed(body))
    problems = [one for one in read if isinstance(one, Problem)]
    assert {one.outcome for one in problems} <= OUTCOMES.keys()
    rejected = [one for one in problems if one.detail.endswith("left out")]
    return len(read) - len(problems), len(rejected)


RECORD = st.tuples(
    st.sampled_from(sorted(TYPES)),
    st.lists(
        st.tuples(
            st.sampled_from([*FIELDS, *DATES, *OUT_OF_SCOPE, "NTYPE", "YEAR", "NEWTAG", "P", "BR"]),
            st.text(alphabet="ab <>/&;#\"'\x00\x85\u2028é1", max_size=30)
            | st.sampled_from(["&#x110000;", "<p>", "&nbsp;"]),
        ),
        max_size=8,
    ),
    st.booleans(),
)


def _names_an_agency(fields: list[tuple[str, str]]) -> bool:
    """Markup inside a field is the field's own; markup alone names nobody."""
    merged: list[tuple[str, str]] = []
    for tag, value in fields:
        if tag in ("P", "BR") and merged:
            merged[-1] = (merged[-1][0], f"{merged[-1][1]}\n<{tag}>{value}")
        else:
            merged.append((tag, value))
    return any(tag == "AGENCY" and plain_text(value).strip() for tag, value in merged)


@settings(max_examples=300, deadline=None)
@given(st.lists(RECORD, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_each_record_is_read_or_rejected(
    records: list[tuple[str, list[tuple[str, str]], bool]], end: str, data: st.DataObject
) -> None:
    """In any order, with any fields, closed or not, with any ends of lines: none is swallowed, none made up."""
    lines = []
    for name, fields, is_closed in records:
        lines += [
            f"<{name}>",
            *(f"<{tag}>{value}" for tag, value in fields),
            *([f"</{name}>", ""] if is_closed else []),
        ]
    text = "".join(line + (end if data.draw(st.booleans()) else "\n") for line in lines)
    read, rejected = counts(text.encode("utf-8"))
    assert read + rejected == len(records)
    assert rejected == sum(
        not _names_an_agency(fields) or (at == len(records) and not is_closed)
        for at, (_, fields, is_closed) in enumerate(records, 1)
    )


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_answered(body: bytes) -> None:
    assert counts(body)[0] >= 0
    assert is_feed(body) in (True, False)


AGENCY = b"<AGENCY>Department of Homeland Security\n"
HOSTILE = {
    "a line of 4 MB": b"<PRESOL>\n" + AGENCY + b"<DESC>" + b"x <b" * 1_000_000 + b"\n</PRESOL>\n",
    "5 MB of tags": b"<PRESOL>\n" + AGENCY + b"<DESC>" + b"<p>\n" * 1_000_000 + b"</PRESOL>\n",
    "4 MB of entities": b"<PRESOL>\n" + AGENCY + b"<DESC>" + b"&#99" * 1_000_000 + b"\n</PRESOL>\n",
    "a number of 5,000 digits": b"<PRESOL>\n" + AGENCY + b"<SUBJECT>&#" + b"9" * 5_000 + b";\n</PRESOL>\n",
    "NUL": b"<PRESOL>\n" + AGENCY + b"<SUBJECT>a\x00b\n</PRESOL>\n",
    "UTF-8": "<PRESOL>\n<AGENCY>Café\n</PRESOL>\n".encode(),
    "Windows-1252": b"<PRESOL>\n<AGENCY>Caf\xe9 \x96 \x81\n</PRESOL>\n",
    "a mark before it": b"\xef\xbb\xbf<PRESOL>\n" + AGENCY + b"</PRESOL>\n",
    "one line for all": b"<PRESOL><DATE>0616<YEAR>13<AGENCY>x</PRESOL>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str) -> None:
    body = HOSTILE[name]
    if name == "one line for all":
        assert [one.outcome for one in read_feed(body) if isinstance(one, Problem)] == [
            "malformed-record",
            "empty-listing",
        ]
        return
    assert counts(body) == (1, 0)
    (read,) = (one for one in read_feed(body) if isinstance(one, Read))
    assert not any("\x00" in value for value in read.record.values())
    if name == "Windows-1252":
        assert read.record["department"] == "Café – \x81"


def test_many_records_take_time_in_proportion() -> None:
    record = b"<ARCHIVE>\n<DATE>0616\n<YEAR>13\n" + AGENCY + b"<SOLNBR>X-1\n<ARCHDATE>06162013\n</ARCHIVE>\n\n"
    assert counts(record * 50_000) == (50_000, 0)
    assert counts(record * 1_000 + b"<DESC>" * 10_000) == (1_000, 0)
