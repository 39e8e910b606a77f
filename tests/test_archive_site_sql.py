"""People's own SQL: what it may do, what it may cost, and what it learns of the machine (SQ-05 to SQ-08)."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import re
import sqlite3
import statistics
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archive.release.folder import Releases
from archive.site import asked_apart
from archive.site.asked_apart import InterruptedAskError, Processes, Question, Threads
from archive.site.explorer import heeded
from archive.site.server import ArchiveDatasette
from archive.site.sql_process import HEAP
from tests.asking_the_site import get
from tests.catalogue_rows import PIA
from tests.figures import figure
from tests.served_releases import an_archive, publish, site_of

MS = 300
LONG = "replace(hex(zeroblob(1200000)), '0', 'a')"
# One step of SQLite each: none of them ends when its time is up.
ONE_STEP = {
    "zeroblob": "length(hex(zeroblob(150000000)))",
    "randomblob": "length(hex(randomblob(150000000)))",
    "printf": "length(printf('%.*c', 300000000, 'x'))",
    "format": "length(format('%0*d', 300000000, 1))",
    "replace": f"length(replace({LONG}, 'a', {LONG}))",
    "replace much": f"length(replace({LONG}, 'aaaaaaaaaaaaaaaaaaaaaaaab', 'x'))",
    "instr": f"instr({LONG}, substr({LONG}, 1, 1200000) || 'b')",
    "like": f"{LONG} LIKE '{'%a' * 400}%b'",
    "glob": f"{LONG} GLOB '{'*a' * 400}*b'",
    "group_concat": f"length(group_concat({LONG})) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c"
    " LIMIT 1000) SELECT x FROM c)",
    "json_group_array": f"length(json_group_array({LONG})) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT"
    " x + 1 FROM c LIMIT 1000) SELECT x FROM c)",
    "json": f"json('{'[' * 900}{']' * 900}')",
    "json_each": "count(*) FROM json_each('[' || replace(hex(zeroblob(1200000)), '0', '1,') || '1]')",
    "trim": f"length(trim({LONG}, {LONG}))",
    "round": "round(1e308, 300000000) || round(-1e-308, 30)",
    "quote": f"length(quote({LONG}))",
    "char": f"length(char({', '.join(['1114111'] * 120)}))",
    "soundex": f"soundex({LONG})",
    "strftime": f"length(strftime({LONG}))",
    "unhex of long": f"length(hex(hex(hex({LONG}))))",
    "upper": f"length(upper({LONG}) || lower({LONG}))",
}
MANY_STEPS = {
    "recursion": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c",
    "cross join": f"SELECT count(*) FROM {', '.join(f'captures c{n}' for n in range(20))}",
    "growing rows": "WITH RECURSIVE c(x, y) AS (SELECT 1, 'a' UNION ALL SELECT x + 1, y || y FROM c) SELECT max(y)"
    " FROM c",
    "sort of much": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c ORDER BY random()",
    "group of much": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x % 1e9, count(*) FROM c"
    " GROUP BY 1",
    "distinct": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(DISTINCT hex(x)) FROM c",
    "window": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT sum(x) OVER (ORDER BY x DESC)"
    " FROM c",
    "many columns": f"SELECT {', '.join(['*'] * 400)} FROM captures a, captures b",
    "many rows": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT hex(zeroblob(500000)) FROM c",
    "deep": f"SELECT {'(' * 5000}1{')' * 5000}",
    "compound": " UNION ALL ".join(["SELECT 1"] * 500),
    "regular": f"SELECT count(*) FROM pages WHERE pages.text LIKE '{'%e%a' * 200}%'",
    "index": f"SELECT count(*) FROM pages_fts WHERE pages_fts MATCH"
    f" '{' OR '.join('abcdefghij'[n % 10] + '*' for n in range(900))}'",
}
TELLING = [
    "select * from pragma_database_list", "select file from pragma_database_list()", "pragma database_list",
    "select fts3_tokenizer('simple')",
    "select load_extension('x')", "select sqlite_source_id()", "select sqlite_version()",
    "select fts5_source_id()", "select sqlite_compileoption_get(1)", "select * from pragma_compile_options",
    "select * from pragma_function_list", "select * from pragma_module_list", "select * from pragma_pragma_list",
    "select * from pragma_collation_list", "select * from pragma_integrity_check", "select * from sqlite_stmt",
    "select sqlite_log(1, 'x')", "select rtreecheck('a', 'b')", "select readfile('/etc/passwd')",
    "select writefile('/tmp/x', 'y')", "attach database ':memory:' as x", "vacuum into '/tmp/x'",
    "drop table documents",
    "insert into about values (1, 2)", "delete from documents", "update documents set title = ''", "create table x (y)",
    "create temp table x (y)", "select 1; select 2", "select 1; drop table documents", "begin", "commit", "savepoint x",
    "reindex", "analyze", "with x as (select 1) delete from documents", "select * from pragma_temp_store(2)",
    "select * from pragma_hard_heap_limit(0)", "select * from pragma_query_only(0)", "select edit('x')",
    "/* c */ pragma user_version(1)", "explain pragma database_list", "select load_extension('x') -- c",
    "select ':' || :a || ?7", "select * from x'y", "select char(0) || 1, \x00", "values (1)",
]  # fmt: skip


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    releases = an_archive(tmp_path_factory.mktemp("sql") / "archive")
    publish(releases, 1)
    return releases


@pytest.fixture(scope="module")
def site(releases: Releases) -> Iterator[ArchiveDatasette]:
    site = site_of(releases)
    yield site
    assert site.serving is not None
    site.serving.close()


@pytest.fixture
def processes(site: ArchiveDatasette) -> Processes:
    assert site.serving is not None
    return site.serving.current.processes


def ended(processes: Processes, sql: str, ms: int = MS) -> tuple[str, float]:
    """Return how a question ended, and after how many seconds."""
    began = time.perf_counter()
    try:
        processes.ask(Question(sql, {}, ms, 1001))
    except InterruptedAskError:
        how = "interrupted"
    except sqlite3.Error as error:
        how = str(error)
    else:
        how = "answered"
    return how, time.perf_counter() - began


class Memory(threading.Thread):
    """Looks every few milliseconds at what the processes that answer take; `most` is in MB."""

    def __init__(self, processes: Processes) -> None:
        super().__init__(daemon=True)
        self.program, self.most, self.done = processes._program.pid, 0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.02):
            for child in Path(f"/proc/{self.program}/task/{self.program}/children").read_text().split():
                with contextlib.suppress(OSError):
                    found = re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
                    self.most = max(self.most, *(int(size) // 1024 for size in found), 0)

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()


def costs(processes: Processes, questions: dict[str, str]) -> tuple[dict[str, str], float, int]:
    """Return how questions ended, the worst seconds and the most MB; after each, the next one is answered."""
    worst, told = 0.0, {}
    with Memory(processes) as memory:
        for name, sql in questions.items():
            told[name], seconds = ended(processes, sql)
            worst = max(worst, seconds)
            assert seconds < MS / 1000 * 1.2 + 0.3, (name, told[name])
            assert ended(processes, "SELECT 1", 2000)[0] == "answered", name
    return told, worst, memory.most


def test_sq_05_what_one_step_may_cost(processes: Processes) -> None:
    told, worst, most = costs(processes, {name: f"SELECT {sql}" for name, sql in ONE_STEP.items()})
    figure("SQ-05", questions=len(told), limit_s=MS / 1000, worst_s=round(worst, 2), worst_mb=most,
           not_answered=sum(how != "answered" for how in told.values()))  # fmt: skip
    assert "interrupted" in told.values(), "nothing took long: this proves nothing"
    assert most < (HEAP >> 20) + 64


def test_sq_06_what_many_steps_may_cost(processes: Processes) -> None:
    told, worst, most = costs(processes, MANY_STEPS)
    figure("SQ-06", questions=len(told), limit_s=MS / 1000, worst_s=round(worst, 2), worst_mb=most,
           not_answered=sum(how != "answered" for how in told.values()))  # fmt: skip
    assert most < (HEAP >> 20) + 64


@pytest.mark.parametrize("sql", TELLING)
def test_sq_08_sql_learns_nothing_of_the_machine_and_writes_nothing(
    site: ArchiveDatasette, processes: Processes, releases: Releases, sql: str
) -> None:
    page, data = (get(site, f"/archive{form}", params={"sql": sql}) for form in ("", ".json"))
    assert (page.status_code, data.status_code) == (400, 400), data.text
    for text in (page.text, data.text):
        assert str(releases.archive) not in text.replace(sql, "")
        assert "/dev/shm" not in text
        assert sqlite3.sqlite_version not in text
    # So it is without Datasette's own look at the first word.
    assert ended(processes, sql)[0] != "answered" or sql.startswith(("values", "explain", "select 1 /*", "begin"))


def test_sq_08_a_connection_allows_no_writing_whatever_is_asked(processes: Processes) -> None:
    for sql in (
        "DELETE FROM documents",
        "CREATE TEMP TABLE x (y)",
        "PRAGMA query_only = OFF",
        "ATTACH ':memory:' AS x",
    ):
        assert ended(processes, sql)[0] not in {"answered", "interrupted"}
    figure("SQ-08", questions_that_tell_or_write=len(TELLING) + 4, let_through=0)
    assert ended(processes, "SELECT * FROM pragma_table_info('documents')")[0] == "answered"
    assert ended(processes, "SELECT count(*) FROM pages_fts WHERE pages_fts MATCH 'plate'")[0] == "answered"


def test_what_stock_datasette_asks_is_answered(site: ArchiveDatasette) -> None:
    for path in ("/archive", "/archive/documents", "/archive/pages?_search=plate+%22reader%22",
                 f"/archive/documents/{PIA}",
                 "/archive/documents?_facet=kind&_facet_date=first_seen&_sort_desc=title",
                 "/archive?sql=select+*+from+pragma_table_info('documents'),+json_each('[1]')",
                 "/archive/documents?_where=pages+%3E+1&_col=title&_nocol=kind",
                 "/archive/pages.csv?_stream=1&_labels=1",
                 "/archive/versions.json?_labels=on&_shape=objects", "/archive?sql=select+:a+as+b&a=1",
                 "/archive/documents/dhs-ice-pia-039a.json?_extras=foreign_key_tables",
                 "/release-1/documents"):  # fmt: skip
        assert get(site, path).status_code == 200, path
    got = get(
        site, "/archive.json", params={"sql": "select :a as b, x'00ff' as c, null, 1.5, 2", "a": "1", "_shape": "array"}
    )
    assert got.json() == [{"b": "1", "c": {"$base64": True, "encoded": "AP8="}, "null": None, "1.5": 1.5, "2": 2}]


def test_a_table_is_text_csv_that_no_spreadsheet_calculates(site: ArchiveDatasette) -> None:
    got = get(
        site, "/archive.csv", params={"sql": "select '=1+1' as a, '-5' as b, '@x' as \"=c\", char(9) || 'd' as e"}
    )
    assert got.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert got.text == "a,b,'=c,e\r\n'=1+1,-5,'@x,'\td\r\n"
    traced = get(site, "/archive.csv", params={"sql": "select '<script>'", "_trace": "1"})
    assert traced.headers["content-type"].startswith("text/csv")


def test_a_question_too_many_is_told_to_come_again(site: ArchiveDatasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_apart, "WAITING", 1)
    sql = MANY_STEPS["recursion"].replace("+", "%2B")

    async def ask(path: str) -> Any:
        return await site.client.get(path)

    async def ask_all() -> list[Any]:
        """Nine questions, none of which is another's."""
        return await asyncio.gather(
            *(ask(f"/archive.json?sql={sql}+WHERE+x>{number}&_timelimit=300") for number in range(9))
        )

    answers = asyncio.run(ask_all())
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) == 6
    assert {answer.headers["retry-after"] for answer in refused} == {"5"}
    assert get(site, "/archive.json?sql=select+1").status_code == 200


def test_sq_07_slow_questions_hold_up_no_reader(site: ArchiveDatasette) -> None:
    sql = MANY_STEPS["cross join"]

    async def reader(times: list[float]) -> None:
        for path in (f"/d/{PIA}", "/search?q=plate", "/", f"/d/{PIA}.json") * 5:
            began = time.perf_counter()
            assert (await site.client.get(path)).status_code == 200
            times.append(time.perf_counter() - began)

    async def abuser(end: asyncio.Event, number: int) -> None:
        own = f"{sql} WHERE c0.id != '{number}'"
        while not end.is_set():
            answer = await site.client.get("/archive.json", params={"sql": own, "_timelimit": "400"})
            assert answer.status_code in {400, 503}
            await asyncio.sleep(0.05)

    async def measure(abusers: int) -> list[float]:
        end, times = asyncio.Event(), list[float]()
        slow = [asyncio.create_task(abuser(end, number)) for number in range(abusers)]
        await asyncio.sleep(0.2)
        await asyncio.gather(*(reader(times) for _ in range(5)))
        end.set()
        await asyncio.gather(*slow)
        return times

    asyncio.run(measure(0))
    alone, beside = asyncio.run(measure(0)), asyncio.run(measure(10))
    figure("SQ-07", readers=5, abusers=10, alone_p99_ms=round(1000 * statistics.quantiles(alone, n=100)[98]),
           beside_p99_ms=round(1000 * statistics.quantiles(beside, n=100)[98]))  # fmt: skip
    # Without processes of their own the slow ones stand in the readers' threads: each reader waits for a whole limit.
    assert statistics.median(beside) < 4 * statistics.median(alone) + 0.15


def test_processes_end_with_their_file(releases: Releases) -> None:
    site = site_of(releases)
    assert site.serving is not None
    held = site.serving.current.processes
    assert get(site, "/archive.json?sql=select+1").status_code == 200
    pid = held._program.pid
    assert Path(f"/proc/{pid}").exists()
    site.serving.close()
    assert not Path(f"/proc/{pid}").exists()
    with pytest.raises(sqlite3.ProgrammingError):
        held.ask(Question("SELECT 1", {}, 100, None))


def test_a_request_that_was_let_in_is_answered_whole(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked_apart, "WAITING", -2)

    async def ask(first: bool) -> object:
        return await Threads().ask(processes, Question("SELECT 1", {}, 1000, None), first=first, shared=True)

    with pytest.raises(asked_apart.TooManyWaitError):
        asyncio.run(ask(True))
    assert asyncio.run(ask(False))


SLOW = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 300000) SELECT sum(x) FROM c"


@pytest.mark.parametrize(("shared", "differ", "sent_away"), [(True, False, 0), (True, True, 24), (False, False, 24)])
def test_many_who_ask_the_same_at_the_same_moment_are_all_answered(
    shared: bool, differ: bool, sent_away: int, processes: Processes
) -> None:
    """RS-02: fifty who open the same table. Where the file may change, or they ask different things, some wait."""

    async def fifty() -> list[object]:
        threads = Threads()
        asked = [Question(f"{SLOW} WHERE {number if differ else 1} > 0", [], 20_000, None) for number in range(1, 51)]
        answers = [threads.ask(processes, question, first=True, shared=shared) for question in asked]
        return await asyncio.gather(*answers, return_exceptions=True)

    answers = asyncio.run(fifty())
    assert sum(isinstance(answer, asked_apart.TooManyWaitError) for answer in answers) == sent_away
    sums = [answer.rows for answer in answers if isinstance(answer, asked_apart.Answer)]
    assert {tuple(row) for rows in sums for row in rows} == {(300_000 * 300_001 // 2,)}
    assert len(sums) == 50 - sent_away
    assert len({id(rows) for rows in sums}) == len(sums), "nobody holds another's list"


def test_an_error_is_gone_when_it_was_told(processes: Processes) -> None:
    """With it goes all of a page that it ended: else that would be cleared away in the middle of another's.

    Python doesn't look for rings here. The thread that raised it may hold it a moment longer than who was told.
    """

    async def wrong() -> weakref.ref[BaseException]:
        try:
            await Threads().ask(processes, Question("SELECT nothing", [], 1000, None), first=True, shared=True)
        except sqlite3.OperationalError as error:
            return weakref.ref(error)
        raise AssertionError

    gc.disable()
    try:
        error, until = asyncio.run(wrong()), time.monotonic() + 20
        while error() is not None and time.monotonic() < until:
            time.sleep(0.001)
        assert error() is None
    finally:
        gc.enable()


def test_who_gives_up_takes_an_answer_from_nobody(processes: Processes) -> None:
    async def two() -> object:
        threads, question = Threads(), Question(SLOW, [], 20_000, None)
        first, second = (
            asyncio.create_task(threads.ask(processes, question, first=True, shared=True)) for _ in range(2)
        )
        await asyncio.sleep(0.01)
        first.cancel()
        return len((await second).rows), first.cancelled()

    assert asyncio.run(two()) == (1, True)


def test_a_page_of_a_table_has_a_hundred_rows_at_most(site: ArchiveDatasette) -> None:
    """HTML is made in the one thread that answers everybody; as data a table has as many rows as before."""
    for size in ("max", "1000", "101"):
        assert heeded(f"_size={size}&_sort=id".encode(), "/archive/pages") == b"_size=100&_sort=id"
        assert heeded(f"_size={size}".encode(), "/archive/pages.json") == f"_size={size}".encode()
    assert heeded(b"_size=20", "/archive/pages") == b"_size=20"
    assert get(site, "/archive/pages?_size=max").status_code == 200


ROWS = "with recursive c(x) as (select 1 union all select x + 1 from c limit 1500) select x from c"


def test_an_answer_to_sql_has_a_hundred_rows_as_a_page_and_more_as_data(site: ArchiveDatasette) -> None:
    for path in ("/archive", "/release-1"):
        page = get(site, path, params={"sql": ROWS}).text
        assert page.count('<td class="col-x">') == 100
        assert "returning more than 100 rows" in page
        assert "as data there are more" in page
        got = get(site, f"{path}.json", params={"sql": ROWS}).json()
        assert (len(got["rows"]), got["truncated"]) == (1000, True)
        assert len(get(site, f"{path}.csv", params={"sql": ROWS}).text.splitlines()) == 1001
    few = get(site, "/archive", params={"sql": f"select x from ({ROWS}) limit 100"}).text
    assert "returning 100 rows" in few
    assert "as data there are more" not in few


def test_a_hundred_rows_of_a_table_lead_on_to_the_next(tmp_path: Path) -> None:
    """A list of a table asks for one row more than its page has, to know whether there is another page."""
    here = an_archive(tmp_path / "archive")
    publish(here, 1, f"INSERT INTO about SELECT 'key' || x, 'y' FROM ({ROWS})")
    site = site_of(here)
    try:
        page = get(site, "/archive/about?_size=100").text
        assert page.count('<td class="col-key ') == 100
        assert "_next=" in page
    finally:
        assert site.serving is not None
        site.serving.close()


def test_one_json_answer_has_its_most_bytes(site: ArchiveDatasette) -> None:
    got = get(site, "/archive.json", params={"sql": f"select hex(zeroblob(20000)) from ({ROWS})"})
    assert got.status_code == 400
    assert "larger than 12 MB" in got.json()["error"]
    assert len(got.content) < 1000
