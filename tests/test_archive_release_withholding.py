"""What a withdrawal keeps out of releases: by name, address, number, bytes, words and likeness; and what undoes it."""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.addresses import url_key
from archive.release.likeness import MUCH
from archive.release.sketch import LARGEST, SAMPLED, packed, shingles_of, sketch_of, unpacked, words_of
from archive.release.tombstones import tombstone
from archive.release.withdraw_target import NoTarget, describe_withdrawal, find_target
from archive.release.withdrawals import WithdrawalsUnreadable, event_of, is_pending, next_number
from archive.release.withheld import Withheld
from archive.release.withholding import read_withheld
from tests.catalogue_rows import AWARD, PIA, PIA_URL, SCAN, STORY, Rows, make_catalogue
from tests.figures import figure

Event = dict[str, Any]
TODAY = "2026-11-29"
WORDS = [
    f"{one}{two}" for one in ("plate", "road", "query", "lease", "court") for two in ("s", "ing", "er", "ed", "less")
]
TEXT = [" ".join(random.Random(seed).choices(WORDS, k=400)) for seed in range(4)]


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Rows]:
    with closing(sqlite3.connect(make_catalogue(tmp_path / "archive.db"))) as connection:
        connection.row_factory = sqlite3.Row
        made = Rows(connection)
        made.page_ids = connection.execute("SELECT max(id) FROM pages").fetchone()[0]
        yield made


def withdrawn(rows: Rows, named: str, number: int = 1, **facts: str) -> Event:
    """Return the line that withdraws something, as it is read back from the journal."""
    said = {"at": "2026-11-28T12:00:00Z", "reason": "A court asked for it.", "until": "", **facts}
    one = describe_withdrawal(rows.connection, find_target(rows.connection, named), number, **said)
    line: Event = json.loads(json.dumps({"event": "withdrawn", **event_of(one)}))
    return line


def withheld(rows: Rows, *events: Event, today: str = TODAY) -> Withheld:
    return read_withheld(rows.connection, events, today)


@pytest.mark.parametrize(
    "named",
    [PIA, "pia-039a-old", "DHS/ICE/PIA-039(a)", "pia039a", PIA_URL, f"/d/{PIA}/p2", f"https://archive.example/d/{PIA}"],
)
def test_a_document_is_withdrawn_by_any_of_its_names(rows: Rows, named: str) -> None:
    out = withheld(rows, withdrawn(rows, named))
    assert out.documents == {PIA}
    assert len(out.versions) == 2
    assert out.addresses == {url_key(PIA_URL)}
    assert out.numbers == {"DHS/ICE/PIA-039(a)"}
    names = {name for name, _ in out.tombstones}
    for kind, name in [("document", PIA), ("alias", "pia-039a-old"), ("address", url_key(PIA_URL)),
                       ("number", "DHS/ICE/PIA-039(a)"), ("number", "PIA-039(a)"), ("row", f"documents/{PIA}"),
                       ("row", "pages/1"), *(("version", version[: len(PIA) + 5]) for version in out.versions),
                       *(("version", version) for version in out.versions)]:  # fmt: skip
        assert tombstone(kind, name) in names, (kind, name)
    assert {number for _, number in out.tombstones} == {1}
    assert not withheld(rows).documents, "the control: without the line nothing is left out"


def test_what_is_told_in_public_names_nothing(rows: Rows) -> None:
    out = withheld(rows, withdrawn(rows, PIA))
    assert out.log == (
        {"number": 1, "at": "2026-11-28T12:00:00Z", "reason": "A court asked for it.", "what": "document",
         "kind": "assessment", "collection": "Privacy impact assessments", "until": None, "undone": None,
         "undone_reason": "", "erased": 0},
    )  # fmt: skip
    assert all(len(name) == 64 and int(name, 16) for name, _ in out.tombstones)


def test_one_version_goes_and_the_others_stay(rows: Rows) -> None:
    older = rows.connection.execute("SELECT id FROM versions WHERE document = ? AND ordinal = 1", (PIA,)).fetchone()[0]
    out = withheld(rows, withdrawn(rows, older))
    assert out.versions == {older}
    assert not (out.documents)
    assert not (out.addresses)
    assert not (out.numbers)
    assert tombstone("document", PIA) not in {name for name, _ in out.tombstones}
    only = rows.connection.execute("SELECT id FROM versions WHERE document = ?", (STORY,)).fetchone()[0]
    assert withheld(rows, withdrawn(rows, only)).documents == {STORY}, "nothing is left of it"


def test_a_name_that_means_nothing_or_several_is_refused(rows: Rows) -> None:
    for named, says in [("nothing", "Nothing held"), (f"{PIA}@0000000000", "has no version")]:
        with pytest.raises(NoTarget, match=says):
            find_target(rows.connection, named)
    rows.number(SCAN, "pia", "DHS/ICE/PIA-039(a)")
    with pytest.raises(NoTarget, match="means 2 documents"):
        find_target(rows.connection, "PIA-039(a)")


def again(rows: Rows, name: str, pages: list[str], **values: Any) -> str:
    """Add a document of another name; returns its version."""
    capture = values.pop("capture", "")
    version = rows.document(name, "news", pages, **values)
    if capture:
        rows.capture(capture, "news", f"https://elsewhere.example/{name}", content_digest="ab" * 32)
        rows.connection.execute("UPDATE versions SET capture = ? WHERE id = ?", (capture, version))
    return version


def test_whatever_brings_it_in_again_stays_out(rows: Rows) -> None:
    """WD-07, WD-13: renamed, another address, the same bytes, the same words, one byte changed, a part of it."""
    rows.capture("first", "dhs_pia", "https://x.example/file.pdf", content_digest="ab" * 32)
    version = rows.document("secret", "dhs_pia", TEXT[:3], url="https://x.example/file.pdf")
    rows.number("secret", "pia", "DHS/ICE/PIA-077")
    rows.connection.execute("UPDATE versions SET capture = 'first' WHERE id = ?", (version,))
    line = withdrawn(rows, "secret")
    for table in ("pages", "versions", "addresses", "identifiers", "documents"):
        column = "id" if table == "documents" else "document"
        rows.connection.execute(f"DELETE FROM {table} WHERE {column} = 'secret'")
    control = withheld(rows, line)
    assert not control.versions, "the control: nothing else in the catalogue is like it"
    words = TEXT[0].split()
    ways = {
        "same-id": again(rows, "secret", ["New words altogether."], url="https://y.example/1"),
        "same-address": again(rows, "renamed", ["New words."], url="http://www.x.example/file.pdf?utm_source=a"),
        "same-number": again(rows, "numbered", ["New words."]),
        "same-bytes": again(rows, "bytes", ["Read in another way."], capture="again"),
        "same-words": again(rows, "words", [" \n".join(words), *TEXT[1:3]]),
        "one-byte": again(rows, "byte", [TEXT[0].replace("query", "quary", 1), *TEXT[1:3]]),
        "in-an-article": again(rows, "article", [f"{TEXT[3]} {' '.join(words[:140])} {TEXT[3][:600]}"]),
        "ocr": again(rows, "ocr", [" ".join(w if n % 12 else "l" + w[1:] for n, w in enumerate(words))]),
    }
    rows.number("numbered", "pia", "DHS/ICE/PIA-077")
    page = again(rows, "leads", ["A page that leads to it."], kind="publication page")
    rows.number("leads", "pia", "DHS/ICE/PIA-077", "about")
    out = withheld(rows, line)
    assert out.versions == {*ways.values(), page}
    assert out.documents == {version.partition("@")[0] for version in out.versions}
    assert {"again", "first"} <= out.captures
    outcomes = {found.subject.partition("@")[0]: found.outcome for found in out.held}
    assert outcomes == {
        "renamed": "held-back", "numbered": "held-back", "leads": "held-back", "bytes": "withdrawn-again",
        "words": "withdrawn-again", "byte": "held-back", "article": "held-back", "ocr": "held-back",
    }  # fmt: skip
    quoted = again(rows, "quotes", [f"{TEXT[3]} {' '.join(words[:30])}"])
    assert quoted not in withheld(rows, line).versions, "a sentence may be quoted"
    figure("WD-07", ways=len(ways) + 1, left_out=len(out.documents), others_left_out=0)
    figure("WD-13", held_for_a_person=sum(one == "held-back" for one in outcomes.values()), quotation_left_out=0)


def test_what_is_held_can_be_allowed_and_what_is_the_same_cannot(rows: Rows) -> None:
    rows.document("secret", "dhs_pia", TEXT[:2])
    line = withdrawn(rows, "secret")
    part = again(rows, "article", [f"{TEXT[3]} {TEXT[0]}"])
    same = again(rows, "copy", TEXT[:2])
    allowed = {"event": "withdrawal-allowed", "withdrawals": [1], "at": "2026-11-29T00:00:00Z", "reason": "Own work.",
               "document": "article", "versions": [part]}  # fmt: skip
    assert {part, same} < withheld(rows, line).versions
    out = withheld(rows, line, allowed, {**allowed, "document": "copy", "versions": [same]})
    assert part not in out.versions
    assert same in out.versions, "the same words stay out until the withdrawal is undone"
    later = rows.version("article", "news", [f"{TEXT[3]} {TEXT[1]}"])
    assert later in withheld(rows, line, allowed).versions, "what came later was not looked at"


def test_an_allowed_document_keeps_its_own_addresses_and_numbers(rows: Rows) -> None:
    rows.document("secret", "dhs_pia", TEXT[:1], url="https://x.example/a")
    rows.number("secret", "pia", "DHS/ICE/PIA-077")
    line = withdrawn(rows, "secret")
    version = again(rows, "twin", ["Others words."], url="https://x.example/a")
    rows.number("twin", "pia", "DHS/ICE/PIA-077")
    assert withheld(rows, line).addresses == {"x.example/a"}
    allowed = {"event": "withdrawal-allowed", "withdrawals": [1], "at": "", "reason": "", "document": "twin",
               "versions": [version]}  # fmt: skip
    out = withheld(rows, line, allowed)
    assert "twin" not in out.documents
    assert not (out.addresses)
    assert not (out.numbers)
    assert not out.named_by("https://x.example/a")


def test_what_others_say_of_it_is_told(rows: Rows) -> None:
    """WD-06: references, listings, numbers and outcomes of other documents lead nowhere."""
    out = withheld(rows, withdrawn(rows, PIA))
    for target in ("DHS/ICE/PIA-039(a)", PIA_URL, PIA_URL.replace("https://www.", "http://") + "#page=3"):
        assert out.named_by(target), target
    for target in ("DHS/ICE/PIA-039", "https://www.dhs.gov/", "", "70CDCR18P00000017"):
        assert not out.named_by(target), target
    figure("WD-06", spellings_that_lead_nowhere=3, others_that_do=0)


def test_a_redirect_and_a_copy_that_lead_to_it_go_too(rows: Rows) -> None:
    rows.capture("moved", "news", "https://short.example/1", location=PIA_URL, status=301, outcome="redirect")
    rows.capture("copy", "news", "https://web.archive.org/1", original_url=PIA_URL)
    rows.capture("other", "news", "https://web.archive.org/2", original_url="https://www.dhs.gov/other")
    rows.capture("own", "dhs_pia", PIA_URL, outcome="not-found")
    assert withheld(rows, withdrawn(rows, PIA)).captures >= {"moved", "copy", "own"}
    assert "other" not in withheld(rows, withdrawn(rows, PIA)).captures


def test_a_capture_of_the_same_bytes_that_no_document_came_from_goes_too(rows: Rows) -> None:
    rows.capture("first", "dhs_pia", "https://x.example/file.pdf", content_digest="ab" * 32)
    version = rows.document("secret", "dhs_pia", TEXT[:1], url="https://x.example/file.pdf")
    rows.connection.execute("UPDATE versions SET capture = 'first' WHERE id = ?", (version,))
    rows.capture("mirror", "news", "https://mirror.example/secret-name.pdf", content_digest="ab" * 32)
    rows.capture("else", "news", "https://mirror.example/else.pdf", content_digest="cd" * 32)
    out = withheld(rows, withdrawn(rows, "secret")).captures
    assert {"first", "mirror"} <= out
    assert "else" not in out


def test_most_of_a_short_text_inside_a_long_one_is_held_back(rows: Rows) -> None:
    short = " ".join(random.Random(9).choices(WORDS, k=60))
    rows.document("secret", "dhs_pia", [short])
    line = withdrawn(rows, "secret")
    whole = again(rows, "whole", [f"{TEXT[0]} {short} {TEXT[1]}"])
    part = again(rows, "part", [f"{TEXT[2]} {' '.join(short.split()[:20])} {TEXT[3]}"])
    out = withheld(rows, line).versions
    assert whole in out
    assert part not in out


def test_it_is_undone_on_the_record_and_ends_with_its_date(rows: Rows) -> None:
    """WD-17."""
    line = withdrawn(rows, PIA, until="2027-01-01")
    undone = {"event": "withdrawal-undone", "withdrawal": 1, "at": "2026-12-01T00:00:00Z", "reason": "It was public."}
    assert withheld(rows, line, today="2026-12-31").documents == {PIA}
    over = withheld(rows, line, today="2027-01-01")
    assert not (over.documents)
    assert not (over.tombstones)
    assert over.log[0]["until"] == "2027-01-01"
    out = withheld(rows, line, undone)
    assert not (out.documents)
    assert not (out.tombstones)
    assert (out.log[0]["undone"], out.log[0]["undone_reason"]) == ("2026-12-01T00:00:00Z", "It was public.")
    figure("WD-17", restricted_until=1, undone=1, addresses_changed=0)
    second = withdrawn(rows, AWARD, 2)
    assert withheld(rows, line, undone, second).documents == {AWARD}
    assert next_number([line, undone, second]) == 3


def test_a_line_that_cannot_be_understood_stops_everything(rows: Rows) -> None:
    """WD-14."""
    line = withdrawn(rows, PIA)
    broken = 0
    for name in [name for name in line if name != "event"]:
        bad = {key: value for key, value in line.items() if key != name}
        for event in (bad, {**bad, name: None}) if name in ("versions", "pages", "withdrawal") else (bad,):
            broken += 1
            with pytest.raises(WithdrawalsUnreadable, match="restore the journal"):
                withheld(rows, event)
    with pytest.raises(WithdrawalsUnreadable):
        withheld(rows, {"event": "withdrawal-undone", "withdrawal": 7, "at": "", "reason": ""})
    figure("WD-14", lines_broken=broken + 1, believed=0)


def test_what_was_not_carried_out_is_known() -> None:
    done = {"event": "withdrawals-carried-out"}
    assert not is_pending([])
    for kind in ("withdrawn", "withdrawal-undone", "withdrawal-allowed"):
        assert is_pending([done, {"event": kind}])
        assert not is_pending([{"event": kind}, done])


def test_a_sketch_is_bounded_and_read_back() -> None:
    chosen = random.Random(7)
    words = [f"w{chosen.randrange(10**6)}" for _ in range(400_000)]
    sketch = sketch_of(set(shingles_of(words)))
    assert sketch.sampled > SAMPLED
    assert len(sketch.shingles) <= LARGEST
    assert unpacked(packed(sketch), sketch.sampled) == sketch
    assert len(packed(sketch)) < 120_000
    shared = len(sketch.shingles & set(shingles_of(words[5000:7000]))) * sketch.sampled
    assert 1200 < shared < 2800, "what two texts have in common is told within its sampling"
    with pytest.raises(ValueError, match=r"base64|padding"):
        unpacked("no base64!", 4)


def test_words_are_compared_without_what_stands_between_them() -> None:
    assert words_of("Surveil-\nlance of “plates”, naïve_use") == ["surveillance", "of", "plates", "naive", "use"]
    assert list(shingles_of(["one", "two", "three", "four"])) == []


def test_of_two_texts_that_share_a_form_neither_holds_the_other(rows: Rows) -> None:
    form = TEXT[3]
    for number in range(8):
        own = " ".join(hashlib.sha256(f"{number} {n}".encode()).hexdigest()[:7] for n in range(200))
        rows.document(f"form-{number}", "dhs_pia", [f"{form} {own}"])
    assert len(words_of(form)) > MUCH
    assert withheld(rows, withdrawn(rows, "form-1")).documents == {"form-1"}
