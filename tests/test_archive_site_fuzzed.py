"""Every route asked what no reader asks: no answer is our fault, and nothing is written (SQ-09 to SQ-12)."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.release.folder import Releases
from archive.site.server import ArchiveDatasette
from tests.asking_the_site import get
from tests.catalogue_rows import PIA
from tests.figures import figure
from tests.served_releases import an_archive, publish, site_of

# Datasette leaves what it won't ask any more when a question fails.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:coroutine")
SEED = 20261130
# What injection tools try first, in each place where a name or a value may stand.
INJECTED = """
' " ` ] [ ; -- /* ~27 ~22~5D %27 %2527 1e999 -1 NULL documents.id rowid sqlite_master main.documents _internal
pragma_database_list 0x27 char(39) ＇ {{7*7}} ${7*7} ../../etc/passwd %0d%0aX: , ,, [] {} load_extension('x')
randomblob(1000000000) (select/**/group_concat(sql)/**/from/**/sqlite_master)
""".split()  # noqa: SIM905
INJECTED += ["' OR '1'='1", "1 OR 1=1", "1; DROP TABLE documents", "') OR ('a'='a", '"; --', "] UNION SELECT 1--",
             "x' UNION SELECT sql FROM sqlite_master --", "id desc, (select 1)", "\x00", "\u202e",
             "a" * 3000]  # fmt: skip
_OF_TABLE = """
_sort _sort_desc _facet _facet_array _facet_date _where _through _next _col _nocol _size _shape _search _search_title
_timelimit _facet_size _ttl _extras _labels _json title title__in title__arraycontains pages__gt title__contains
""".split()  # noqa: SIM905
PLACES = [
    *(f"/archive/documents.json?{name}={{}}" for name in _OF_TABLE),
    "/archive/documents?{}=1",
    "/archive/documents.json?title__{}=1",
    "/archive/documents.json?_filter_column={}&_filter_op=exact&_filter_value=x",
    "/archive/pages.json?_search={}",
    "/archive/documents.csv?_header={}",
    f"/archive/documents/{PIA}.blob?_blob_column={{}}",
    *("/archive/documents/{}", "/archive/page_tables/{},1,2", "/archive/{}", "/archive/{}/x", "/{}", "/-/{}"),
    *("/archive/who_refers_to.json?number={}", "/archive.json?sql={}", "/archive.json?sql=select+:a&a={}"),
]
COSTLY = [
    "/search?q=" + "a " * 5000,
    "/search?q=" + "(" * 3000,
    "/search?q=" + quote('"' * 4001),
    *("/search?q=e*&sort=newest", "/search?q=plate&offset=999999999", "/search/time?q=e*", "/absence?q=e*"),
    *("/changes?kind=" + "x" * 9000, "/diff?a=" + "x" * 5000, "/n/" + "9" * 8000, "/cite?url=https://" + "a" * 8000),
    *(f"/d/{PIA}/p999999999", f"/d/{PIA}/diff/" + "0" * 5000, "/d/" + "%00" * 1000, "/" + "x/" * 5000),
    *("/timemap/link/*", "/timemap/json/https://*/", "/archive/documents?_size=100000000"),
    "/dashboard?" + "&".join(f"a{n}=1" for n in range(5000)),
    "/archive/pages?_facet=text&_facet=also&_facet=parts&_size=max",
    "/archive/documents?" + "&".join(f"_facet=c{n}" for n in range(300)),
    "/archive/documents?" + "&".join(["title__contains=a"] * 500),
    "/search?q=plate&q=plate&q=" + "&q=".join("ab"),
]
RAW = [b"/%ff%fe", b"/d/%c0%af", b"/search?q=%ff", b"/search?%ff=%ff", b"/archive?sql=%ff", b"/archive/%00",
       b"/%2e%2e/%2e%2e/etc", b"/d/%ED%A0%80", b"/n/%EF%BF%BE", b"/?%", b"/search?q=%u0041",
       b"/archive/documents?_next=%ff"]  # fmt: skip
METHODS = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO"]
OF_EACH_KIND = ["/", f"/d/{PIA}", "/archive/documents", "/archive?sql=select+1", "/nothing"]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    releases = an_archive(tmp_path_factory.mktemp("fuzzed") / "archive")
    publish(releases, 1)
    return releases


@pytest.fixture(scope="module")
def site(releases: Releases) -> Iterator[ArchiveDatasette]:
    site = site_of(releases)
    yield site
    assert site.serving is not None
    site.serving.close()


class Asked:
    """What was asked of a site, and how it answered."""

    def __init__(self, site: ArchiveDatasette) -> None:
        self.site, self.found, self.wrong, self.worst = site, Counter[int](), list[str](), 0.0

    async def ask(self, path: str, method: str = "GET") -> Any:
        began = time.perf_counter()
        answer = await self.site.client.request(method, "http://localhost" + path, avoid_path_rewrites=True)
        self.worst = max(self.worst, time.perf_counter() - began)
        self.found[answer.status_code] += 1
        if answer.status_code >= 500 and answer.status_code != 503:
            self.wrong.append(f"{method} {path[:200]}: {answer.status_code}")
        for told in ("Traceback", "sqlite3.", str(self.site.serving.releases.archive)):  # type: ignore[union-attr]
            if told in answer.text:
                self.wrong.append(f"{path[:200]}: tells {told}")
        if "content-security-policy" not in answer.headers:
            self.wrong.append(f"{path[:200]}: no policy")
        return answer

    def counted(self) -> dict[str, int]:
        return {str(status): count for status, count in sorted(self.found.items())}


def files_of(releases: Releases) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in releases.archive.rglob("*"))


async def _all(asked: Asked, paths: list[str]) -> None:
    for path in paths:
        await asked.ask(path)


def injected(site: ArchiveDatasette, releases: Releases, most: int) -> None:
    """Ask so many of all words in all places."""
    every = [place.format(quote(word, safe="")) for place in PLACES for word in INJECTED]
    asked, before = Asked(site), files_of(releases)
    asyncio.run(_all(asked, random.Random(SEED).sample(every, min(most, len(every)))))
    figure("SQ-09", seed=SEED, asked=asked.found.total(), answers=asked.counted(), worst_s=round(asked.worst, 2),
           wrong=len(asked.wrong))  # fmt: skip
    assert asked.wrong == []
    assert files_of(releases) == before


def test_sq_09_nothing_is_injected_anywhere(site: ArchiveDatasette, releases: Releases) -> None:
    injected(site, releases, 120)


@pytest.mark.soak
def test_sq_09_no_word_is_injected_in_any_place(site: ArchiveDatasette, releases: Releases) -> None:
    injected(site, releases, 100_000)


def test_sq_11_what_is_costly_has_a_bound(site: ArchiveDatasette) -> None:
    asked = Asked(site)
    asyncio.run(_all(asked, COSTLY))
    figure("SQ-11", asked=len(COSTLY), answers=asked.counted(),
           worst_s=round(asked.worst, 2), wrong=len(asked.wrong))  # fmt: skip
    assert asked.wrong == []


def test_sq_12_what_is_no_address_is_told_so_and_nothing_is_written(site: ArchiveDatasette, releases: Releases) -> None:
    asked, before, place = Asked(site), files_of(releases), random.Random(SEED)
    letters = "abz019-_.~%2f%00@/:?&=+*'\"<>\\"
    paths = ["/" + "".join(place.choice(letters) for _ in range(place.randrange(1, 60))) for _ in range(120)]
    paths += [raw.decode("latin-1") for raw in RAW] + ["/" + "a" * 10_000]

    async def ask_all() -> None:
        for path in paths:
            await asked.ask(quote(path, safe="/?&=%@:+*~!$'(),;"))
        for method in METHODS:
            for path in OF_EACH_KIND:
                assert (await asked.ask(path, method)).status_code == 405

    asyncio.run(ask_all())
    figure("SQ-12", seed=SEED, asked=len(paths) + len(OF_EACH_KIND) * len(METHODS), wrong=len(asked.wrong),
           answers=asked.counted(), worst_s=round(asked.worst, 2))  # fmt: skip
    assert asked.wrong == []
    assert files_of(releases) == before


def test_sq_10_the_file_is_offered_nowhere(site: ArchiveDatasette) -> None:
    paths = ("/archive.db", "/release-1.db", "/releases/1.db", "/releases/../1.db", "/-/static/../1.db")
    figure("SQ-10", addresses=len(paths), offered=0)
    for path in paths:
        assert get(site, path).status_code in {403, 404}, path
        assert get(site, path, headers={"range": "bytes=0-99"}).status_code in {403, 404}, path


_NAMES = st.text(st.characters(codec="utf-8", min_codepoint=1), max_size=40)
ROUTES = st.sampled_from(
    f"""
/d/ /n/ /search /search.json /search/time /absence /cite /cite.json /changes /changes.atom /diff /releases/ /web/
/timegate/ /absence.json /timemap/link/ /captures/ /archive.json /archive/documents.json /archive/ /-/ /dashboard.json
/release- /n.json /d/{PIA}/ /d/{PIA}@ /d/{PIA}/diff/
""".split()
)
_KNOWN = st.sampled_from(
    """
q sort offset limit in as_of on url number kind since before a b quote width _size _sort _facet _where sql _shape
""".split()  # noqa: SIM905
)
PARAMETERS = st.dictionaries(
    st.one_of(_KNOWN, _NAMES),
    st.one_of(_NAMES, st.sampled_from(INJECTED), st.integers().map(str)),
    max_size=4,
)


@given(route=ROUTES, tail=_NAMES, parameters=PARAMETERS)
@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_question_is_our_fault(site: ArchiveDatasette, route: str, tail: str, parameters: dict[str, str]) -> None:
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items())
    asked = Asked(site)
    asyncio.run(asked.ask(f"{route}{quote(tail, safe='/@.')}?{query}".replace("//", "/", 1)))
    assert asked.wrong == []


@pytest.mark.soak
@given(route=ROUTES, tail=_NAMES, parameters=PARAMETERS)
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_question_of_many_is_our_fault(
    site: ArchiveDatasette, route: str, tail: str, parameters: dict[str, str]
) -> None:
    test_no_question_is_our_fault.hypothesis.inner_test(site, route, tail, parameters)  # type: ignore[attr-defined]
