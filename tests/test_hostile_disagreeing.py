"""HP-22: where a file's text isn't what its pages show, whoever cites it is told; where it is, nobody is alarmed."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.readers import Readers, Wanted, kept_path
from pipelines.text.agreement import (
    AGREES,
    COMPARED,
    DISAGREES,
    agreement,
    comparable,
    compared,
    sample_page,
    uncompared,
)
from pipelines.text.reading import Reading, TextPage
from tests.asking_the_site import address_of, get, open_site
from tests.demo_archive import command, differences, dump, rows, run
from tests.figures import figure
from tests.hostile import disagreeing
from tests.hostile.disagreeing import SAID, SHOWN

Changed = dict[str, tuple[list[Any], list[Any]]]
# The program on a machine that has no engine.
BLIND = "import pipelines.load, oversight; pipelines.load.ocr_at_hand = lambda: False; oversight.main()"
ONE, OTHER = disagreeing.scan(3), disagreeing.scan(4)
LYING = {
    "letters renamed": disagreeing.renamed(),
    "words in ligatures": disagreeing.ligatures(),
    "layer over another scan": disagreeing.layered(ONE, OTHER.words),
}
HONEST = {
    "letters named": disagreeing.renamed(SHOWN, SHOWN),
    "layer over its scan": disagreeing.layered(ONE, ONE.words),
}


def read(cache: Path, *bodies: bytes, ocr: bool = True, program: str = "pipelines.text.worker") -> list[Reading]:
    given = [
        Wanted(hashlib.sha256(body).hexdigest(), "pdf", "", lambda body=body: body)  # type: ignore[misc]
        for body in bodies
    ]
    with Readers(cache, 2, program=program, ocr=ocr, compare=True) as readers:
        found = {want.digest: reading for want, reading in readers.read_all(given)}
    return [found[want.digest] for want in given]


def test_a_text_that_the_page_doesnt_show_is_told(tmp_path: Path) -> None:
    bodies = {**LYING, **HONEST}
    found = dict(zip(bodies, read(tmp_path, *bodies.values()), strict=True))
    told = {name: [fact.value for fact in one.facts if fact.name == DISAGREES] for name, one in found.items()}
    figure("HP-22", **{name: told[name] or one.metadata[COMPARED] for name, one in found.items()})
    assert {name for name, facts in told.items() if facts} == set(LYING)
    assert {one.outcome for one in found.values()} == {"text"}
    assert found["letters renamed"].pages[0].text.split() == SAID.split()
    for name in HONEST:
        assert found[name].metadata[COMPARED].startswith("page 1: ")


def test_without_an_engine_only_the_agreement_is_missing(tmp_path: Path) -> None:
    body = LYING["letters renamed"]
    [before] = read(tmp_path, body, ocr=False)
    assert uncompared(before)
    [after] = read(tmp_path, body)
    without = {name: value for name, value in after.metadata.items() if name != COMPARED}
    facts = tuple(fact for fact in after.facts if fact.name != DISAGREES)
    assert replace(after, metadata=without, facts=facts) == before
    assert not uncompared(after)
    # It is kept: nobody compares again, whether there is an engine or not.
    assert read(tmp_path, body, program="no.such.program") == read(tmp_path, body, ocr=False) == [after]
    kept_path(tmp_path, hashlib.sha256(body).hexdigest(), "pdf-3").unlink()
    assert read(tmp_path, body) == [after]


def page(number: int, text: str, **more: object) -> TextPage:
    return replace(TextPage(number, "", text), **more)  # type: ignore[arg-type]


def seen(text: str, sure: float = 0.95, outcome: str = "text") -> TextPage:
    return TextPage(1, "", text, outcome, origin="ocr", confidence=sure)


@pytest.mark.parametrize(
    ("text", "picture", "share"),
    [
        (SHOWN, SHOWN, 1.0),
        # A page has more on its picture than in its text (a diagram), or small print that OCR doesn't see.
        (SHOWN, f"{SHOWN} {SAID}", 1.0),
        (f"{SHOWN} {SAID}", SHOWN, 1.0),
        (SHOWN.upper(), SHOWN.replace("longer", "lon-\nger"), 1.0),
        (SHOWN.replace("office", "of\ufb01ce").replace("e", "é"), SHOWN, 1.0),
        # What can't be told is never said to disagree.
        (SHOWN, "nothing", None),
        (SHOWN, "", None),
        ("щука " * 60, "wyka yuka " * 60, None),
    ],
)
def test_how_much_two_texts_agree(text: str, picture: str, share: float | None) -> None:
    found = agreement(page(1, text), seen(picture))
    assert (found.share, found.disagrees) == (share, False)


def test_what_ocr_is_unsure_of_tells_nothing() -> None:
    assert agreement(page(1, SHOWN), seen(SAID)).disagrees
    assert agreement(page(1, SHOWN), seen(SAID, 0.5)).share is None
    failed = agreement(page(1, SHOWN), seen("", 0.0, "ocr-failed"), "reader-timeout: stopped")
    assert (failed.share, failed.reason) == (None, "reader-timeout: stopped")
    one = agreement(page(1, SHOWN), seen(SHOWN.replace("seven", "eleven")))
    assert (one.unseen, one.unsaid, AGREES < (one.share or 0) < 1) == (("seven",), ("eleven",), True)


def test_the_page_that_stands_for_all_is_the_same_for_everybody() -> None:
    scanned = page(4, SHOWN, origin="ocr")
    reading = Reading("pdf-3", "text", "", (page(1, "few words"), page(2, SHOWN), page(3, SAID), scanned))
    assert comparable(reading) == [2, 3]
    assert {sample_page([2, 3], f"{number:064x}") for number in range(1 << 5)} == {2}
    assert {sample_page([2, 3], hashlib.sha256(bytes([number])).hexdigest()) for number in range(20)} == {2, 3}
    assert compared(reading, {}).metadata == {COMPARED: "no page has words enough"}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Changed]:
    """An archive of a lying file and an honest one, read without an engine and then with one, and what that changed."""
    folder = tmp_path_factory.mktemp("disagreeing")
    archive = folder / "archive"
    for name, body in (("lying", LYING["letters renamed"]), ("honest", HONEST["letters named"])):
        (folder / f"{name}.pdf").write_bytes(body)
    handed_in = ["deposit", "--archive", str(archive), str(folder / "lying.pdf"), str(folder / "honest.pdf")]
    blind = run([sys.executable, "-c", BLIND, *handed_in], OVERSIGHT_COMPARE="yes")
    assert "Traceback" not in blind.stderr
    before = dump(archive)
    assert run(command(*handed_in), OVERSIGHT_COMPARE="yes").returncode == 0
    return folder, differences(before, dump(archive))


def test_an_archive_says_so_once_there_is_an_engine(archives: tuple[Path, Changed]) -> None:
    folder, changed = archives
    archive = folder / "archive"
    # What the pages say is the same; the rows of what was read tell what it was made of.
    looked_at = {"placed", "quoted_texts"}  # of which reading places and quotations were looked for in
    assert (
        {"facts", "readings", "texts"}
        <= set(changed)
        <= {"facts", "readings", "texts", "versions", "journal"} | looked_at
    )
    [(name, value, number)] = rows(archive, "SELECT name, value, page FROM facts WHERE name LIKE 'picture%'")
    assert (name, number) == (DISAGREES, 1)
    told = dump(archive)
    shutil.rmtree(archive / "cache")
    assert run(command("rebuild", "--archive", archive), OVERSIGHT_COMPARE="yes").returncode == 0
    assert differences(told, dump(archive)) == {}
    assert "OCR sees" in value


def test_whoever_cites_it_is_told(archives: tuple[Path, Changed]) -> None:
    folder, _ = archives
    archive = folder / "archive"
    [(document, value)] = rows(archive, f"SELECT document, value FROM facts WHERE name = '{DISAGREES}'")
    site = open_site(archive / "archive.db")
    address = f"{address_of(site, document)}/p1"
    shown = get(site, address).text
    assert f"Text and picture disagree: {value}" in shown
    assert get(site, f"{address}.json").json()["page"]["facts"] == [{"name": DISAGREES, "value": value, "page": 1}]
    assert "Text and picture disagree" in get(site, f"/d/{document}").text
    others = {one for (one,) in rows(archive, "SELECT id FROM documents")} - {document}
    assert len(others) == 1
    assert "disagree" not in get(site, f"{address_of(site, *others)}/p1").text
    said = run(command("text", document, "--archive", archive))
    assert f"page 1: text and picture disagree: {value}" in said.stderr
    assert json.loads(run(command("text", document, "--archive", archive, "--json")).stdout)["facts"]


def test_a_file_is_compared_page_by_page(archives: tuple[Path, Changed]) -> None:
    folder, _ = archives
    lying = run(command("text", folder / "lying.pdf", "--compare"))
    assert lying.returncode == 1
    assert "page 1: 28% of the words are on both sides — THEY DISAGREE; in the text only: agency, sells" in lying.stdout
    assert "quote what the pages show" in lying.stderr
    honest = run(command("text", folder / "honest.pdf", "--compare", "--json"))
    assert (honest.returncode, json.loads(honest.stdout)["pages"][0]["share"]) == (0, 1.0)
    held = run(command("text", "nothing-here", "--compare"))
    assert (held.returncode, "Only a file can be compared" in held.stderr) == (2, True)
