"""`oversight quotes`: what it says of a draft, how it ends, and that nothing of a draft stays anywhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.conftest import need
from tests.demo_archive import ROOT, DemoArchive, command, environment, oversight
from tests.figures import figure
from tests.made_drafts import docx, paragraph

EXACT = "The vendor, not ICE, decides from which cameras the records come"
NEAR = "ICE obtains access to a national license plate reader database"
INVENTED = "nobody anywhere counted the zebras of the northern hills"
DRAFT = f"“{EXACT}” (DHS/ICE/PIA-039(a), p. 2).\n\n“{NEAR}”, “{EXACT}” and “{INVENTED}”. A “scare quote”.\n"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    path = tmp_path / "draft.md"
    path.write_text(DRAFT, "utf-8")
    return path


def test_each_quotation_has_an_entry_and_the_copy_a_footnote(demo_made: DemoArchive, draft: Path) -> None:
    copy = draft.with_name("copy.md")
    done = oversight("quotes", draft, "--json", "--annotated", copy, "--archive", demo_made.path)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout)
    assert [row["outcome"] for row in found] == ["exact", "near", "exact", "absent"]
    for row in found:
        assert {"quotation", "outcome", "document", "version", "page", "url"} <= row.keys()
    first, near, again, absent = found
    assert (first["document"], first["page"], first["label"]) == ("dhs-ice-pia-039a", 3, "2")
    assert first["version"].startswith("dhs-ice-pia-039a@")
    assert first["url"].startswith(f"/d/{first['version']}/p3?quote=the-vendor")
    assert first["page_agrees"] is True
    assert again["url"] == first["url"]
    assert near["differs"] == [{"op": "changed", "quoted": "national", "held": "commercial"}]
    assert absent["document"] is absent["page"] is absent["url"] is None
    assert absent["searched"]["pages"] > 100
    assert "scare quote" in done.stderr
    assert draft.read_text("utf-8") == DRAFT
    written = copy.read_text("utf-8")
    assert f"“{EXACT}”[^q1] (DHS/ICE/PIA-039(a), p. 2)." in written
    assert written.count("\n[^q") == 4
    assert first["citation"][:30] in written


def test_the_status_is_for_an_editors_checks(demo_made: DemoArchive, tmp_path: Path) -> None:
    good, page, other = tmp_path / "good.md", tmp_path / "page.txt", tmp_path / "other.docx"
    good.write_text(f"“{EXACT}”", "utf-8")
    page.write_text(f"“{EXACT}” (DHS/ICE/PIA-039(a), p. 7)", "utf-8")
    other.write_bytes(docx(paragraph(f"“{EXACT}” (DHS/ICE/PIA-045)")))
    at = ("--archive", demo_made.path)
    assert oversight("quotes", good, *at).returncode == 0
    wrong = oversight("quotes", page, *at)
    assert wrong.returncode == 1
    assert "It stands on page 3 (printed “2”), not 7." in wrong.stdout
    elsewhere = oversight("quotes", other, *at)
    assert elsewhere.returncode == 1
    assert " elsewhere " in elsewhere.stdout
    assert oversight("quotes", tmp_path / "none.md", *at).returncode == 2
    other.write_bytes(b"PK\x03\x04 nothing")
    damaged = oversight("quotes", other, *at)
    assert damaged.returncode == 2
    assert "draft-unreadable" in damaged.stderr


def test_a_withdrawn_document_is_told_without_its_page(demo_archive: Path, draft: Path) -> None:
    """WD-05: what was withdrawn is no oracle: not by a release, and by the catalogue only that it was."""
    done = oversight("withdraw", "dhs-ice-pia-039a", "--reason", "a court's order", "--archive", demo_archive)
    assert done.returncode == 0, done.stderr
    told = oversight("quotes", draft, "--json", "--archive", demo_archive)
    first = json.loads(told.stdout)[0]
    assert first["document"] == "dhs-ice-pia-039a"
    assert not first["page"]
    assert not first["url"]
    assert not first["words"]
    assert "withdrawn" in first["notes"][0]
    release = json.loads(oversight("release", "list", "--json", "--archive", demo_archive).stdout)[0]["number"]
    published = oversight("quotes", draft, "--json", "--release", release, "--archive", demo_archive)
    rows = json.loads(published.stdout)
    figure("WD-05", quotations=len(rows), told_where=sum(row["document"] == "dhs-ice-pia-039a" for row in rows))
    assert [row["document"] for row in rows if row["document"] == "dhs-ice-pia-039a"] == []


@pytest.mark.parametrize("name", ["draft.md", "draft.docx"])
def test_nothing_of_a_draft_is_kept(demo_archive: Path, tmp_path: Path, name: str) -> None:
    """SC-08: no file is written, opened for writing or left, here or in a temporary folder; and no line of a log."""
    canary = "zyxwv quotation canary 7411"
    path = tmp_path / name
    text = f"“{canary} of words”, “{EXACT}”"
    path.write_bytes(text.encode() if name.endswith(".md") else docx(paragraph(text)))
    log, temporary = tmp_path / "strace", tmp_path / "temporary"
    temporary.mkdir()
    line = [need("strace", "strace"), "-f", "-qq", "-e", "trace=openat,creat,mkdir,rename,renameat2", "-o", str(log)]
    done = subprocess.run(
        [*line, *command("quotes", path, "--archive", demo_archive)], cwd=ROOT, capture_output=True, text=True,
        env=environment(TMPDIR=str(temporary), PYTHONDONTWRITEBYTECODE="1"), check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert canary in done.stdout
    written = [
        call for call in log.read_text("utf-8", "replace").splitlines()
        if ("O_WRONLY" in call or "O_RDWR" in call or "O_CREAT" in call or "mkdir(" in call)
        and not any(known in call for known in ("/dev/", "archive.db-shm", "archive.db-wal", "ENOENT"))
    ]  # fmt: skip
    held = [file for file in demo_archive.rglob("*") if file.is_file() and canary.encode() in file.read_bytes()]
    figure("SC-08 drafts", format=name, opened_for_writing=len(written), files_with_the_canary=len(held))
    assert written == []
    assert held == []
    assert list(temporary.iterdir()) == []
