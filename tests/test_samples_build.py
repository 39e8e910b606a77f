"""The bundled sample is what its builder makes, a sound WARC file, and what the production sources ask for."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pdfplumber
import pytest
from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archive.addresses import url_key
from pipelines.following import read_following
from pipelines.items import Article, Award, File, Item, Notice, Problem, WebPage
from pipelines.plan import project_settings
from samples import build, documents, newsrooms
from samples.publications import NIGHTS
from samples.recording import Answer
from spiders._platform import Source

LOADER = SpiderLoader.from_settings(project_settings(Path("data")))
# Those that ask by themselves; what the others look for is in the catalogue, and played by the demo.
SOURCES: Mapping[str, type[Any]] = {
    name: source
    for name in build.SOURCES
    if not (source := LOADER.load(name)).wants  # type: ignore[attr-defined]
}
COUNTED = (File, WebPage, Article, Notice, Award)


@pytest.fixture(scope="module")
def sample() -> bytes:
    return build.build()


def records(sample: bytes) -> Iterator[tuple[Any, bytes]]:
    for record in ArchiveIterator(io.BytesIO(sample)):
        yield record, record.content_stream().read()


def about_of(sample: bytes) -> dict[str, Any]:
    """Return what the recording says of itself, in its second record."""
    about: dict[str, Any] = json.loads(list(islice(records(sample), 2))[1][1])
    return about


def pages_of(body: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(body)) as pdf:
        return [page.extract_text() for page in pdf.pages]


def test_same_bytes_each_time(sample: bytes) -> None:
    documents._made.cache_clear()
    assert build.build() == sample


def test_committed_file_is_what_the_builder_makes(sample: bytes) -> None:
    # What is inside is compared: another build of zlib compresses the same records to other bytes.
    assert gzip.decompress(build.SAMPLE.read_bytes()) == gzip.decompress(sample)


def test_is_small() -> None:
    assert build.SAMPLE.stat().st_size < 1_500_000
    assert [path.name for path in build.SAMPLE.parent.glob("*.warc.gz")] == ["january-2018.warc.gz"]


def test_warcio_check_passes(capsys: pytest.CaptureFixture[str]) -> None:
    checker = Checker(_CheckArguments)
    checker.process_all()
    assert checker.exit_value == 0, capsys.readouterr().out


class _CheckArguments:
    inputs = (str(build.SAMPLE),)
    verbose = False


def test_begins_with_what_it_is(sample: bytes) -> None:
    first, second = (record for record, _ in islice(records(sample), 2))
    assert first.rec_type == "warcinfo"
    assert (second.rec_type, second.rec_headers["WARC-Target-URI"]) == ("metadata", "urn:oversight:recording")
    about = about_of(sample)
    assert about["sample"] is True
    assert "written for it" in about["notice"]
    assert set(about["expect"]) == set(about["arguments"]) == set(build.SOURCES)
    assert all(set(nights) == set(NIGHTS) for nights in about["expect"].values())


def test_every_exchange_has_both_halves_and_its_night(sample: bytes) -> None:
    kinds: Counter[str] = Counter()
    for record, _ in list(records(sample))[2:]:
        kinds[record.rec_type] += 1
        assert record.rec_headers["WARC-Date"][:10] in NIGHTS
    assert kinds["request"] == kinds["response"] == sum(kinds.values()) // 2


def test_gives_no_mail_address_and_no_telephone_number(sample: bytes) -> None:
    for body in {body for _, body in records(sample)}:
        for text in pages_of(body) if body.startswith(b"%PDF-") else [body.decode()]:
            assert not re.search(r"[\w.-]+@[\w-]+\.\w", text), text[:200]
            assert not re.search(r"(?<![\w-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])", text), text[:200]


def test_the_update_says_it_on_its_page() -> None:
    pages = pages_of(documents.file_at(documents.PIA_039A, NIGHTS[1]))
    assert documents.KEY_SENTENCE in " ".join(pages[documents.KEY_PAGE - 1].split())
    assert f"Page {documents.KEY_PAGE - 1}" in pages[documents.KEY_PAGE - 1]
    assert "December 27, 2017" in pages[0]
    assert "Page" not in pages[0]
    assert "Vigilant" not in "".join(pages)


def test_scan_has_no_letters() -> None:
    assert pages_of(documents.file_at(documents.CBP_009, NIGHTS[0])) == ["", "", ""]


def test_replaced_file_has_one_more_page_and_one_other_figure() -> None:
    old = pages_of(documents.file_at(documents.USCIS_056, "2018-02-08"))
    new = pages_of(documents.file_at(documents.USCIS_056, "2019-05-14"))
    assert len(new) == len(old) + 1

    def body(page: str) -> str:
        return re.sub(r"Page \d+", "", page)

    kept = [page for number, page in enumerate(new) if number != 2]
    assert [number for number, pair in enumerate(zip(old, kept, strict=True)) if body(pair[0]) != body(pair[1])] == [4]
    assert "for fifteen years" in old[4]
    assert "for twenty-five years" in kept[4]


def test_one_article_was_edited_silently() -> None:
    first, later = (newsrooms.article("commondreams", night) for night in ("2018-01-26", "2018-02-08"))
    assert first.facts == later.facts
    assert first.blocks != later.blocks


def test_articles_quote_the_update() -> None:
    for name in ("thinkprogress", "commondreams", "cdt", "theverge"):
        text = " ".join(block.text for block in newsrooms.article(name, "2018-02-08").blocks)
        assert f"“{documents.KEY_SENTENCE}”" in text
        assert documents.PIA_039A in text
        assert "DHS/ICE/PIA-039(a)" in text


def test_outlets_are_those_of_the_source() -> None:
    following = read_following(Path(build.__file__).parent.parent / "sources.toml")
    known = {outlet["name"]: outlet for outlet in following.arguments["news"]["outlets"]}
    for outlet in newsrooms.OUTLETS["outlets"]:  # type: ignore[attr-defined]
        assert known[outlet["name"]] == outlet


def ask_everything(source: Source, answers: Iterable[Answer]) -> tuple[list[Item], Counter[str]]:
    """Play a night to a source: return what it said, and how often it asked for each address."""
    held = {_place(answer.url, answer.asked): answer for answer in answers}
    asked: Counter[str] = Counter()
    said: list[Item] = []

    async def first() -> list[Request]:
        return [request async for request in source.start()]

    waiting = asyncio.run(first())
    while waiting:
        request = waiting.pop(0)
        place = _place(request.url, request.body)
        asked[place] += 1
        if asked[place] > 1:
            continue
        answer = held[place]
        if answer.status == 301:
            waiting.append(request.replace(url=urljoin(request.url, answer.headers["Location"])))
        elif answer.status == 200:
            for thing in request.callback(_response(request, answer), **request.cb_kwargs):  # type: ignore[misc]
                (waiting if isinstance(thing, Request) else said).append(thing)
    return said, asked


def _place(url: str, asked: bytes) -> str:
    """Return what an answer is told by: its address, and what a POST asked there."""
    return f"{url_key(url)} {asked.decode()}".strip()


def _response(request: Request, answer: Answer) -> Response:
    headers = Headers({"Content-Type": answer.media_type})
    kind = responsetypes.from_args(headers=headers, url=request.url, body=answer.body)
    return kind(request.url, headers=headers, body=answer.body, request=request)


@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("name", SOURCES)
def test_source_finds_what_is_expected_and_asks_for_nothing_else(name: str, night: str, sample: bytes) -> None:
    about = about_of(sample)
    answers = build.exchanges(night)[name]
    if not answers:
        return  # the site is gone by then
    settings = {"SHARED_ARGUMENTS": {"until": night}, "SOURCE_ARGUMENTS": about["arguments"]}
    source: Source = SOURCES[name].from_crawler(Crawler(SOURCES[name], Settings(settings)))
    said, asked = ask_everything(source, answers)
    expected = about["expect"][name][night]
    assert expected["minimum"] == expected["maximum"] == sum(isinstance(item, COUNTED) for item in said)
    assert [item for item in said if isinstance(item, Problem)] == []
    unasked = {answer.url for answer in answers if _place(answer.url, answer.asked) not in asked}
    assert {url for url in unasked if not url.endswith("/robots.txt")} == set()
