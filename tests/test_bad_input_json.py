"""Strange JSON in every callback that reads some, and inside pages: each has a named outcome (HT-04, HT-08)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Response

from archive.outcomes import OUTCOMES
from pipelines.items import Article, Problem
from pipelines.screening import screen
from spiders._feeds import read_feed
from spiders._records import MalformedError, read_json
from spiders.federal_register import FederalRegister
from spiders.news import News
from spiders.sam_notices import SamNotices
from spiders.usaspending import Usaspending
from spiders.web_archive import read_index
from tests.figures import figure

DEEP = 100_000
# In place of X stands a value, as the publisher prints it.
VALUES: dict[str, str | bytes] = {
    "100,000 lists deep": "[" * DEEP + "]" * DEEP,
    "100,000 objects deep": '{"a":' * DEEP + "1" + "}" * DEEP,
    "61 deep": "[" * 61 + "]" * 61,
    "a number of 5,000 digits": "9" * 5_000,
    "less than nothing in 5,000 digits": "-" + "9" * 5_000,
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "a name twice": '{"a": 1, "a": 2}',
    "a name twice, once escaped": '{"a": 1, "\\u0061": 2}',
    "a control character": '"\x01"',
    "an escape that is none": '"\\x"',
    "cut": '"cut',
    "no comma": '"a" "b"',
    "a comment": "1 /* one */",
    "not in UTF-8": b'"\xe9"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
}
# Read as it is printed: a fraction isn't rounded, and what can't be stored is marked by whoever makes it a text.
READ = {"1e999": "1e999", "0.10": "0.10", '"\\ud800"': "\ud800", "9223372036854775807": (1 << 63) - 1}

Reader = Callable[[Response], Iterable[Any]]
DAY = "2018-01-26"
FILTERS = {"award_type_codes": ["A"]}
READERS: dict[str, tuple[str, Reader]] = {
    "notices": (
        '{"totalRecords": 1, "opportunitiesData": [{"noticeId": "%s", "title": X}]}' % ("a" * 32),
        lambda response: SamNotices().parse_search(response, DAY, DAY),
    ),
    "notices of the site": (
        '{"_embedded": {"results": [{"_id": "%s", "title": X}]}}' % ("a" * 32),
        SamNotices().parse_site_search,
    ),
    "awards counted": ('{"results": {"contracts": X}}', lambda one: Usaspending().parse_count(one, FILTERS)),
    "awards listed": (
        '{"results": [{"generated_internal_id": X}], "page_metadata": {"hasNext": false}}',
        lambda response: Usaspending().parse_search(response, FILTERS, 1, 1, ""),
    ),
    "an award": (
        '{"generated_unique_award_id": "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-", "description": X}',
        Usaspending().parse_award,
    ),
    "actions": (
        '{"results": [{"id": "1", "description": X}], "page_metadata": {"hasNext": false}}',
        lambda response: Usaspending().parse_transactions(response, "CONT_AWD_1_7012_-NONE-_-NONE-", {}, 1, 0),
    ),
    "the register's search": (
        '{"count": 1, "results": [{"document_number": "2018-01234", "title": X}]}',
        lambda response: FederalRegister().parse_search(
            response, {"index": "i", "since": DAY, "until": DAY, "may_be_empty": False}
        ),
    ),
    "the register's record": ('{"document_number": "2018-01234", "title": X}', FederalRegister().parse_record),
    "copies": (
        '[["timestamp", "original", "mimetype", "statuscode", "digest", "length"], [X]]',
        lambda response: read_index(response.body, "https://www.dhs.gov/", whole=False),
    ),
    "a feed": ('{"items": [{"url": "/story", "title": X}]}', lambda response: read_feed(response).said),
}


def answer(reader: str, value: str | bytes) -> Response:
    raw = value if isinstance(value, bytes) else value.encode()
    return Response("https://api.example/answer", body=READERS[reader][0].encode().replace(b"X", raw))


def named(said: Iterable[Any]) -> set[str]:
    return {one.outcome for one in said if isinstance(one, Problem)}


@pytest.mark.parametrize("reader", READERS)
def test_what_two_readers_would_read_in_two_ways_is_named(reader: str) -> None:
    """The whole answer is refused under one name: nothing of it is read, so no field of it goes missing unnoticed."""
    seen = 0
    for name, value in VALUES.items():
        response = answer(reader, value)
        refused = screen(200, "", response.body, {"json"})
        if refused is None:
            said = list(READERS[reader][1](response))
            assert (name, [type(one) for one in said], named(said)) == (name, [Problem], {"malformed-json"})
            seen += 1
        else:
            assert refused.outcome in OUTCOMES
    figure("HT-08", reader=reader, cases=len(VALUES), malformed_json=seen, refused_before=len(VALUES) - seen)


@pytest.mark.parametrize("reader", READERS)
def test_an_answer_cut_anywhere_is_named(reader: str) -> None:
    whole = answer(reader, '"plates"').body
    for end in range(1, len(whole)):
        said = list(READERS[reader][1](Response("https://api.example/answer", body=whole[:end])))
        assert (end, named(said) & {"malformed-json", "malformed-xml"}) != (end, set())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [*READ, "null", "true", "[]", "{}", '"\\u0000"'])
def test_what_is_odd_but_clear_is_read_or_named(reader: str, value: str) -> None:
    said = list(READERS[reader][1](answer(reader, value)))
    assert said or reader == "awards counted"
    assert named(said) <= OUTCOMES.keys()
    json.dumps([repr(one) for one in said]).encode()


def test_numbers_come_as_they_are_printed() -> None:
    for printed, value in READ.items():
        assert read_json(printed.encode()) == value


def test_fifty_megabytes_are_read_or_named() -> None:
    """As many bytes as an answer may have: one text is read, as many lists as fit are no deeper than two."""
    assert len(read_json(b'["' + b"x" * (50 << 20) + b'"]')[0]) == 50 << 20
    with pytest.raises(MalformedError, match="nested"):
        read_json(b"[" * (50 << 20))
    with pytest.raises(MalformedError, match="digits"):
        read_json(b"9" * (50 << 20))


ARTICLE = {"@type": "NewsArticle", "headline": "Plates"}
# A browser, too, takes all that follows for a part of this script (HTML standard, 13.2.5.19).
SWALLOWS = "<!--<script> in a text"
# Beside these blocks stands a good one; where it is "read", the odd one says nothing and is no problem.
BLOCKS: dict[str, str | bytes] = {
    **{f"JSON: {name}": value for name, value in VALUES.items()},
    "</script> in a text": '{"@type": "NewsArticle", "headline": "</script><p>Bold"}',
    "</ScRiPt > in a text": '{"@type": "NewsArticle", "headline": "</ScRiPt ><a href=\'https://copies.example/\'>x</a>"}',
    SWALLOWS: '{"@type": "NewsArticle", "headline": "<!--<script>"',
    "nothing": "",
    "a page": "<p>words</p>",
    "a list of nothing": "[null, 1, [], {}]",
    "itself": '{"@id": "#a", "@graph": [{"@id": "#a", "@graph": [{"@id": "#a"}]}]}',
    "types that are none": '{"@type": [1, null, {"@type": "NewsArticle"}], "headline": [], "author": 7}',
    "an author who is himself": '{"@type": "Person", "@id": "#a", "author": {"@id": "#a"}}',
}


def test_a_page_is_kept_whatever_its_linked_data_is() -> None:
    """One odd block before the article's own, each way round: the article is read, with its text's links."""
    kept = skipped = 0
    good = f'<script type="application/ld+json">{json.dumps(ARTICLE)}</script>'
    for name, block in BLOCKS.items():
        raw = block if isinstance(block, bytes) else block.encode()
        odd = b'<script type="application/ld+json">' + raw + b"</script>"
        for blocks in (odd + good.encode(), good.encode() + odd):
            text = b"<article><p>Words <a href=/next>x</a></p></article></body></html>"
            body = b"<!doctype html><html><head><meta charset=utf-8></head><body><h1>Plates</h1>" + blocks + text
            said = list(
                News().parse_article(HtmlResponse("https://news.example/s", body=body), "example", ["news.example"], 1)
            )
            (article,) = (one for one in said if isinstance(one, Article))
            assert (name, article.headline) == (name, "Plates")
            links = [] if name == SWALLOWS else ["https://news.example/next"]
            assert (name, [link.url for link in article.links]) == (name, links)
            assert named(said) <= {"metadata-skipped"}
            kept += 1
            skipped += "metadata-skipped" in named(said)
    assert kept == 2 * len(BLOCKS)
    figure("HT-04", odd_blocks=2 * len(BLOCKS), pages_kept=kept, skipped_by_name=skipped)


def test_true_is_no_number() -> None:
    assert named(READERS["awards counted"][1](answer("awards counted", "true"))) == {"missing-field"}
    records = Response("https://api.example/answer", body=b'{"totalRecords": true, "opportunitiesData": []}')
    assert named(SamNotices().parse_search(records, DAY, DAY)) == {"missing-field"}
