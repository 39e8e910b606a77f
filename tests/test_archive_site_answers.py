"""What searches gave is kept with the release that gave it: the same again, and nothing of what is there no more."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.folder import CATALOGUE
from archive.release import held
from archive.release.folder import Releases
from archive.release.remaking import carry_out
from archive.release.withdrawing import Asked, withdraw
from archive.research.asking import ask
from archive.research.matching import GIVEN_UP
from archive.site.kept_answers import KeptAnswers
from archive.site.server import ArchiveDatasette
from archive.store.journal import Journal
from tests.asking_the_site import get
from tests.catalogue_rows import PIA, make_catalogue
from tests.released import build
from tests.served_releases import an_archive, publish, site_of

ASKED = ("/search?q=plate", "/search.json?q=plate", "/search.csv?q=plate", "/search.json?q=plate&sort=date",
         "/search.json?q=plate&limit=1", "/search.json?q=plate&limit=1&offset=1", "/search.json?q=plate&type=none",
         "/search.json?q=%EF%BF%BE%F0%9F%98%80", "/search.json?q=plaet", "/search.json?q=plate&in=added",
         "/search/time.json?q=plate", "/absence.json?q=plate", "/absence.json?q=submarine&kind=article")  # fmt: skip


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return an_archive(tmp_path / "archive")


def kept(site: ArchiveDatasette) -> int:
    assert site.serving is not None
    answers = site.serving.current.answers
    return 0 if answers is None else len(answers)


def test_the_same_question_is_answered_the_same_and_looked_for_once(releases: Releases) -> None:
    publish(releases, 1)
    site, other = site_of(releases), site_of(releases)
    first = {path: get(site, path).text for path in ASKED}
    known = kept(site)
    assert known == len(ASKED) - 1, "a page and its JSON are one question, all others their own"
    assert {path: get(site, path).text for path in ASKED} == first
    assert kept(site) == known
    assert {path: get(other, path).text for path in reversed(ASKED)} == first, "in whatever order"


def test_an_answer_is_what_was_found(releases: Releases) -> None:
    publish(releases, 1)
    site = site_of(releases)
    with closing(sqlite3.connect(releases.database(1))) as connection:
        found = json.loads(json.dumps(ask(connection, "plate")))
    for _ in range(2):
        answer = get(site, "/search.json?q=plate").json()
        assert answer.pop("release") == 1
        assert {name: answer[name] for name in found if name != "notes"} == {
            name: found[name] for name in found if name != "notes"
        }


def test_another_release_answers_for_itself(releases: Releases) -> None:
    publish(releases, 1)
    site = site_of(releases)
    for _ in range(2):
        assert "[of 1]" in get(site, "/search?q=plate").text
    publish(releases, 2)
    for _ in range(2):
        assert "[of 2]" in get(site, "/search?q=plate").text
        older = get(site, "/search?q=plate&as_of=1").text
        assert "[of 1]" in older
        assert "[of 2]" not in older
    publish(releases, 2, "UPDATE documents SET title = 'made again'")
    assert "made again" in get(site, "/search?q=plate").text, "a release of the same number"


def test_the_catalogue_is_asked_every_time(releases: Releases) -> None:
    site = site_of(releases, working=True)
    assert PIA in get(site, "/search?q=plate").text
    assert kept(site) == 0
    with closing(sqlite3.connect(releases.archive / CATALOGUE)) as connection, connection:
        connection.execute("UPDATE documents SET title = 'as it is now'")
    assert "as it is now" in get(site, "/search?q=plate").text


def test_nothing_withdrawn_is_in_an_answer(tmp_path: Path) -> None:
    make_catalogue(tmp_path / CATALOGUE)
    build(tmp_path)
    site = site_of(Releases(tmp_path))
    asked = ("/search?q=plate", "/search.json?q=plate", "/search.json?q=plate&as_of=1", "/search.csv?q=plate")
    for path in asked * 2:
        assert PIA in get(site, path).text, f"the control: {path}"
    assert kept(site) > 0
    with closing(sqlite3.connect(tmp_path / CATALOGUE)) as connection:
        connection.row_factory = sqlite3.Row
        withdraw(connection, Journal(tmp_path), Asked(PIA, "By order of a court.", "2026-11-29T20:00:00Z"))
    assert carry_out(tmp_path, "2026-11-29T20:00:00Z").releases == (1,)
    for path in asked:
        assert PIA not in get(site, path).text, path


def test_a_damaged_release_answers_no_question_that_it_answered(
    releases: Releases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(held, "MEMORY", tmp_path / "nowhere")
    publish(releases, 1)
    site = site_of(releases)
    assert get(site, "/search?q=plate").status_code == 200
    file = releases.database(1)
    state = file.stat()
    file.chmod(0o600)
    with file.open("r+b") as bytes_of:
        bytes_of.seek(random.Random(7).randrange(4096, state.st_size))
        byte = bytes_of.read(1)
        bytes_of.seek(-1, os.SEEK_CUR)
        bytes_of.write(bytes([byte[0] ^ 1]))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert site.serving is not None
    asyncio.run(site.serving.compare_again())
    assert get(site, "/search?q=plate").status_code == 503


def test_what_is_kept_is_bounded() -> None:
    answers = KeptAnswers(1_000_000)
    for number in range(6_000):
        answers.keep(
            f"question {number}", {"query": f"{number}", "results": [str(random.Random(number).getrandbits(900))]}
        )
    assert answers.size <= 1_000_000
    assert 500 < len(answers) < 6_000
    assert answers.get("question 0") is None
    assert answers.get("question 5999") is not None
    last = len(answers)
    assert answers.get(f"question {6_000 - last}") is not None, "what is asked for stays"
    answers.keep("one more", {"query": "x" * 900})
    assert answers.get(f"question {6_000 - last}") is not None


def test_what_is_large_or_was_given_up_is_not_kept() -> None:
    answers = KeptAnswers(1_000_000)
    noise = random.Random(1)
    answers.keep("large", {"query": "".join(chr(noise.randrange(32, 127)) for _ in range(30_000))})
    answers.keep("q" * 6_000, {"query": "long"})
    answers.keep("given up", {"notes": [GIVEN_UP]})
    KeptAnswers(0).keep("none", {})
    assert len(answers) == 0
    answers.keep("control", {"notes": ["Another."]})
    assert len(answers) == 1
