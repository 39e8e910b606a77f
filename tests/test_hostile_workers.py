"""HP-17 and HP-18: a reader that fell to its file can neither reach out, nor stay, nor say what is taken for more
than its own file's text.

What a worker's answer may be is checked by the process that asked, whatever the worker says.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.readers import Readers, Wanted
from pipelines.text.reading import Fact, OutlineEntry, Part, Reading, TextLink, TextPage, TextTable
from pipelines.text.stored_reading import from_bytes, to_bytes
from tests.conftest import ROOT
from tests.demo_archive import environment
from tests.figures import figure

OBEDIENT = "tests.hostile.reader"
MEGABYTES = 60


def obeyed(cache: Path, *bodies: str, seconds: int = 30, program: str = OBEDIENT) -> dict[str, Reading]:
    given = [Wanted(hashlib.sha256(body.encode()).hexdigest(), "pdf", body, body.encode) for body in bodies]
    with Readers(cache, 2, lambda _: seconds, program) as readers:
        return {want.url: reading for want, reading in readers.read_all(given)}


def is_running(pid: int) -> bool:
    """Say whether a process is there that isn't a mere entry in its parent's table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def ended(pid: int) -> bool:
    """Wait a moment for a process that was killed to be gone."""
    for _ in range(100):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def test_a_reader_that_fell_reaches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By Python and past it: no connection, no program, no process, no file, none of our environment."""
    monkeypatch.setenv("SAM_API_KEY", "canary-7f3a")
    left = tmp_path / "left"
    attacks = ["forbidden", f"native {left}", f"fill {left}", "environment", "print words", "exit 0", "say after"]
    found = obeyed(tmp_path / "cache", *attacks)
    text = {body: "".join(page.text for page in reading.pages) for body, reading in found.items()}
    assert text["forbidden"] == "let through: "
    if platform.system() == "Linux":
        assert text[f"native {left}"] == "let through: "
    assert "SAM_API_KEY" not in text["environment"]
    assert text["print words"] == "printed"
    assert text["say after"] == "after"
    assert found["exit 0"].detail == "it ended with status 0 and no answer"
    assert found[f"fill {left}"].outcome == "reader-crashed"
    assert "PermissionError" in found[f"fill {left}"].detail
    assert not list(tmp_path.glob("left*"))
    figure("HP-17", attacks=len(attacks), outcomes=dict(Counter(one.outcome for one in found.values())), let_through=0,
           files_left=0)  # fmt: skip


@pytest.mark.parametrize("end", ["sleep", "abort"])
def test_what_a_reader_started_ends_with_it(tmp_path: Path, end: str) -> None:
    """It ignores SIGTERM and sleeps, or dies by itself: its group goes, whether it was stopped or ended well."""
    begun = time.monotonic()
    with Readers(tmp_path, 1, lambda _: 3, "tests.hostile.parent_reader") as readers:
        given = [Wanted(hashlib.sha256(body).hexdigest(), "pdf", "", lambda body=body: body)  # type: ignore[misc]
                 for body in (b"child", end.encode(), b"child 2")]  # fmt: skip
        told = [reading for _, reading in readers.read_all(given)]
        children = [int(reading.pages[0].text) for reading in told if reading.pages]
        assert sorted(reading.outcome for reading in told)[-1] == "text"
        assert len(set(children)) == 2
        assert (ended(children[0]), is_running(children[1])) == (True, True)
    assert all(map(ended, children))
    outcome = next(reading.outcome for reading in told if not reading.pages)
    figure("HP-17", attack=f"a child that stays, and {end}", outcome=outcome, outlived=0,
           seconds=round(time.monotonic() - begun, 1))  # fmt: skip


def test_answers_of_any_size_are_named(tmp_path: Path) -> None:
    """An answer without end, of 3 GB or 2^50 bytes by its own account, of 10,001 pages, or of many values."""
    floods = ["flood 0", "flood 255", "answer endless", "answer large", "answer garbage", "pages 10001"]
    bombs = [f"bomb {MEGABYTES} []", f"bomb {MEGABYTES} 7", f"bomb {MEGABYTES} {{}}", f"bomb {MEGABYTES} [[[[[[]]]]]]"]
    code = (
        "import json, pathlib, sys; from tests.test_hostile_workers import obeyed\n"
        "found = obeyed(pathlib.Path(sys.argv[1]), *sys.argv[2:])\n"
        # What getrusage says is at least the size of who started it.
        "peak = int(pathlib.Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) >> 10\n"
        "print(json.dumps([{body: [one.outcome, one.detail] for body, one in found.items()}, peak]))"
    )
    begun = time.monotonic()
    line = [sys.executable, "-c", code, str(tmp_path), *floods, *bombs, "say after"]
    done = subprocess.run(line, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found, peak = json.loads(done.stdout)
    outcomes = {body: outcome for body, (outcome, _) in found.items()}
    figure("HP-18", answers=len(floods) + len(bombs), outcomes=dict(Counter(outcomes.values())), parent_MB=peak,
           seconds=round(time.monotonic() - begun, 1))  # fmt: skip
    assert outcomes.pop("say after") == "text"
    assert set(outcomes.values()) == {"reader-crashed"}
    # As objects each would be more than a gigabyte.
    assert peak < 600


GOOD = Reading(
    "pdf-3", "text", "",
    (TextPage(1, "iv", "A title\nand a text", "text", (Part("heading", 0, 7), Part("text", 8, 18)), "-", "a-nd",
              "ocr", 0.9, 3),),
    (TextLink(1, "https://example.gov/", "here"),), {"Title": "A title"},
    (TextTable(1, 1, 1, (("Name", "Sum"), ("a", "")), (72.0, 90.5, 300.0, 120.0)),),
    (OutlineEntry(2, "2.3", "Why?", 1),), (Fact("date", "June 8, 2021", 1),),
)  # fmt: skip
WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 7, 10**9, 10**30, 1.5, float("nan"), float("inf"), "", "x", "x" * 5000, "\ud800", "\x00", [], {},
    [[]], {"x": 1}, [1, 2, 3],
)  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value within a JSON document, and to the document itself."""
    yield way
    keys: Sequence[Any] = (
        list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        yield from places(value[key], (*way, key))


def replaced(value: Any, way: tuple[Any, ...], other: Any) -> Any:
    if not way:
        return other
    copy = value.copy()
    copy[way[0]] = replaced(value[way[0]], way[1:], other)
    return copy


def test_wrong_types_in_every_place_are_refused_or_harmless() -> None:
    """What passes can be stored: it is text that has an encoding, numbers in bounds, and the same when read again."""
    fields = json.loads(gzip.decompress(to_bytes(GOOD)))
    tried, passed = 0, []
    for way in places(fields):
        for other in WRONG:
            tried += 1
            answer = gzip.compress(json.dumps(replaced(fields, way, other)).encode(), 1)
            try:
                reading = from_bytes(answer, "pdf-3")
            except ValueError:
                continue
            passed.append(way)
            assert from_bytes(to_bytes(reading), "pdf-3") == reading
            json.dumps(fields | {"said": repr(reading)}, ensure_ascii=False).encode()
            assert_stored(reading)
    figure("HP-18", wrong_types=tried, refused=tried - len(passed), harmless=len(passed))
    assert tried > 1000
    assert len(passed) < tried / 4


def assert_stored(reading: Reading) -> None:
    said = [reading.detail, *reading.metadata, *reading.metadata.values()]
    for page in reading.pages:
        said += [page.label, page.text, page.also]
        assert 0 <= page.covered < 1 << 63
    said += [text for link in reading.links for text in (link.url, link.text)]
    said += [text for fact in reading.facts for text in (fact.name, fact.value)]
    said += [cell for table in reading.tables for row in table.rows for cell in row]
    said += [text for entry in reading.outline for text in (entry.number, entry.title)]
    for text in said:
        text.encode()
    numbers = [link.page for link in reading.links] + [fact.page for fact in reading.facts]
    numbers += [number for table in reading.tables for number in (table.page, table.number, table.headers)]
    assert all(isinstance(number, int) and abs(number) < 1 << 63 for number in numbers)


def test_another_files_answer_is_not_taken(tmp_path: Path) -> None:
    """An answer is of what was asked: neither another reader's, nor another page's, nor one for the file before."""
    others = [
        "answer twice",
        "json " + json.dumps({"reader": "article-2"}),
        "json " + gzip.decompress(to_bytes(Reading("ocr-2", "text", "", (TextPage(1, "", "x"),)))).decode(),
        "json " + gzip.decompress(to_bytes(Reading("pdf-3", "text", "", (TextPage(2, "", "x"),)))).decode(),
    ]
    found = obeyed(tmp_path, *others, "say own", "say again")
    figure("HP-18", planted=len(others) + 1, taken=sum("planted" in str(one.pages) for one in found.values()))
    assert {found[body].outcome for body in others[1:]} == {"reader-crashed"}
    assert found["answer twice"].outcome == "reader-crashed" or found["answer twice"].pages[0].text == "planted, too"
    for name in ("own", "again"):
        reading = found[f"say {name}"]
        assert reading.outcome == "reader-crashed" or reading.pages[0].text == name
