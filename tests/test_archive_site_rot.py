"""CO-05: bytes of a release's file that change while it is served. What was checked answers, or nothing does."""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from archive.release import held
from archive.release.checked import ReleaseRefused, open_release, table_counts
from archive.release.folder import Releases
from archive.release.held import MEMORY, hold_release
from archive.site.explorer import CutShortError
from archive.site.server import ArchiveDatasette
from tests.catalogue_rows import PIA
from tests.figures import figure
from tests.served_releases import an_archive, copy_of, publish, site_of

SEED = 20261129
ASKED = ("/", f"/d/{PIA}", f"/d/{PIA}.json", f"/d/{PIA}/p1", "/search?q=plate", "/search.json?q=access", "/sources",
         "/archive/documents.json", "/archive/pages.csv?_stream=1",
         "/archive.json?sql=select+title,newest_version+from+documents+order+by+title")  # fmt: skip
_WORDS = re.compile(rb"\[of 2\]")
_MILLISECONDS = re.compile(r'("query_ms": |Queries took )[0-9.]+')


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    releases = an_archive(tmp_path_factory.mktemp("published") / "archive")
    publish(releases, 1)
    publish(releases, 2)
    return releases


@pytest.fixture
def releases(published: Releases, tmp_path: Path) -> Releases:
    return copy_of(published, tmp_path / "archive")


@pytest.fixture
def without_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no room for a copy: releases are read from the disk."""
    monkeypatch.setattr(held, "MEMORY", tmp_path / "nowhere")


async def answers(site: ArchiveDatasette) -> dict[str, tuple[int, str]]:
    return {path: await _answer(site, path) for path in ASKED}


async def _answer(site: ArchiveDatasette, path: str) -> tuple[int, str]:
    try:
        answer = await site.client.get(path, follow_redirects=True)
    except CutShortError:
        return 0, "cut short"
    return answer.status_code, _MILLISECONDS.sub("", answer.text)


@contextmanager
def flipped(path: Path, place: random.Random, *, silently: bool = True) -> Iterator[None]:
    """Flip a bit of a file where it lies; rot, unlike a write, leaves the file's time as it was."""
    state, bit, content = path.stat(), 1 << place.randrange(8), path.read_bytes()
    # Half of the flips are where titles and texts lie: much of a small file is empty.
    words = [found.start() - place.randrange(20) for found in _WORDS.finditer(content)]
    position = place.choice(words) if words and place.random() < 0.5 else place.randrange(len(content))
    path.chmod(0o600)
    with path.open("r+b", buffering=0) as file:
        (byte,) = os.pread(file.fileno(), 1, position)
        os.pwrite(file.fileno(), bytes([byte ^ bit]), position)
        if silently:
            os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        yield
        os.pwrite(file.fileno(), bytes([byte]), position)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


def rotted(releases: Releases, flips: int, *, compared: bool = False) -> Counter[str]:
    """Flip bit after bit under a site, each mended before the next; count what is answered meanwhile.

    The file is opened anew before each, so that no connection remembers pages of the time before. Every third flip is
    one that the file's time tells. `compared` has the site compare the file again before it is asked.
    """
    site, place, found = site_of(releases), random.Random(SEED), Counter[str]()
    serving = site.serving
    assert serving is not None

    async def one(number: int) -> None:
        await serving._swap()
        with flipped(releases.database(serving.current.number or 0), place, silently=number % 3 != 0):
            if compared:
                await serving.compare_again()
            found["flips"] += 1
            for path, (status, text) in (await answers(site)).items():
                right = (status, text) == before[path]
                found["right" if right else "wrong_with_200" if status == 200 else "errors"] += 1

    async def all_of_them() -> None:
        for number in range(flips):
            await one(number)

    before = asyncio.run(answers(site))
    assert {status for status, _ in before.values()} == {200}
    asyncio.run(all_of_them())
    serving.close()
    return found


def test_co_05_a_bit_that_changes_under_a_release_changes_no_answer(releases: Releases) -> None:
    found = rotted(releases, 15)
    figure("CO-05", read_from="a copy in memory", **{"wrong_with_200": 0, **found})
    assert found == {"flips": 15, "right": 15 * len(ASKED)}


@pytest.mark.usefixtures("without_memory")
def test_co_05_without_the_copy_answers_are_wrong_until_the_file_is_compared_again(releases: Releases) -> None:
    control = rotted(releases, 15)
    figure("CO-05", control="read from the disk", **control)
    assert control["wrong_with_200"]
    found = rotted(releases, 3, compared=True)
    figure("CO-05", read_from="the disk, compared again", **{"wrong_with_200": 0, **found})
    assert found == {"flips": 3, "errors": 3 * len(ASKED)}


@pytest.mark.soak
@pytest.mark.parametrize("memory", [True, False])
def test_co_05_five_hundred_flips_under_the_demos_release(
    demo_archive: Path, memory: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if not memory:
        monkeypatch.setattr(held, "MEMORY", tmp_path / "nowhere")
    began = time.monotonic()
    found = rotted(Releases(demo_archive), 500)
    figure("CO-05", read_from="a copy in memory" if memory else "the disk (control)", release="the demo's",
           **{"wrong_with_200": 0, **found}, seconds=round(time.monotonic() - began))  # fmt: skip
    assert bool(found["wrong_with_200"]) is not memory
    assert memory is (found == {"flips": 500, "right": 500 * len(ASKED)})


@pytest.mark.usefixtures("without_memory")
def test_what_was_damaged_on_the_disk_answers_503_until_there_is_a_good_release(releases: Releases) -> None:
    site = site_of(releases)
    serving = site.serving
    assert serving is not None

    async def story() -> list[int]:
        said = [(await site.client.get("/release-1/documents.json")).status_code]
        for number in (1, 2):
            with flipped(releases.database(number), random.Random(SEED)):
                await serving.compare_again()
                said += [(await site.client.get(path)).status_code for path in ("/release-1/documents.json", "/cite")]
        assert "was damaged on the disk" in serving.refused
        assert str(releases.archive) not in serving.refused
        said.append((await site.client.get("/cite")).status_code)
        publish(releases, 3)
        return [*said, (await site.client.get("/cite")).status_code]

    assert asyncio.run(story()) == [200, 503, 200, 503, 503, 503, 200]
    serving.close()


def test_a_copy_has_a_name_only_while_it_is_opened(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else is held of a release, and nothing is left of it; one that is too large is read from the disk."""
    before = set(MEMORY.iterdir())
    one = hold_release(releases, 2)
    with one.named() as path:
        assert path is not None
        assert path.stat().st_mode & 0o777 == 0o400
        connection = open_release(one.release, path)
    one.close()
    assert not {path for path in set(MEMORY.iterdir()) - before if f"-{os.getpid()}-" in path.name}
    with closing(connection):
        assert table_counts(connection)["documents"] == 4
    for name, size in (("MOST", 1000), ("SHARE", 1e-12)):
        with monkeypatch.context() as small:
            small.setattr(held, name, size)
            two = hold_release(releases, 2)
            assert not two.in_memory
            assert two.is_whole()
            two.close()
    with flipped(releases.database(2), random.Random(SEED)), pytest.raises(ReleaseRefused):
        hold_release(releases, 2)
