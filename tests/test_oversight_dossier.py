"""`oversight dossier check`: what it says of claims, what changed since, and the folder that it writes."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageChops

from archive.dossiers.page_text import MARK
from archive.dossiers.reading import read_dossier
from console.dossiers import dossier as dossier_command
from pipelines.text.page_picture import PagePictures
from tests.conftest import need
from tests.demo_archive import ROOT, SAMPLE, DemoArchive, oversight
from tests.figures import figure

EXAMPLE = ROOT / "docs" / "example-dossier.md"
EXACT = "The vendor, not ICE, decides from which cameras the records come"
DOCUMENT = "dhs-ice-pia-039a"


def checked(file: Path, archive: Path, *more: object) -> Result:
    """Check a dossier by the command, in this process: starting one takes a second."""
    return CliRunner().invoke(dossier_command, ["check", str(file), *map(str, more)], obj=archive)


def check(file: Path, archive: Path, *more: object, status: int = 0) -> dict[str, Any]:
    """Check a dossier and return the answer."""
    done = checked(file, archive, "--json", *more)
    assert done.exit_code == status, done.output[-3000:]
    return dict(json.loads(done.stdout))


def quotations(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for claim in answer["claims"] for item in claim["evidence"] for one in item["quotations"]]


class Attributes(HTMLParser):
    """Every tag of a page, and every value of an attribute with its tag and name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.found += [(tag, name, value or "") for name, value in attrs]

    @property
    def loaded(self) -> Iterator[str]:
        """Yield whatever a page loads or leads to."""
        return (value for _, name, value in self.found if name in {"src", "href", "srcset", "data", "action", "poster"})


@pytest.fixture(scope="module")
def folder(demo_made: DemoArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the example, of the demo's archive."""
    out = tmp_path_factory.mktemp("dossier") / "out"
    answer = check(EXAMPLE, demo_made.path, "--no-save", "--out", out, "--style", "bluebook")
    assert answer["good"]
    return out


def test_the_storys_four_claims_close(demo_made: DemoArchive) -> None:
    answer = check(EXAMPLE, demo_made.path, "--no-save")
    assert [claim["verdict"] for claim in answer["claims"]] == ["stands"] * 4
    assert answer["not_understood"] == []
    found = quotations(answer)
    figure("DO-01", claims=len(answer["claims"]), quotations=len(found), stand=sum(one["good"] for one in found))
    assert [(one["document"], one["outcome"], one["page_agrees"]) for one in found] == [(DOCUMENT, "exact", True)] * 5
    assert answer["release"] == 1
    assert answer["claims"][3]["absences"][0]["sentence"].startswith("No document that matches")
    assert not EXAMPLE.with_name(EXAMPLE.name + ".check.json").exists()


def test_the_folder_is_whole_and_loads_nothing_from_elsewhere(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"SHA256SUMS"}
    assert sums.keys() == files
    assert all(hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    page = Attributes((folder / "dossier.html").read_text("utf-8"))
    loaded = list(page.loaded)
    assert loaded
    assert all(name.startswith("#") or (folder / name).is_file() for name in loaded)
    assert {"script", "link", "iframe", "object", "form", "base"}.isdisjoint(page.tags)
    [policy] = [value for _, _, value in page.found if value.startswith("default-src")]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    pages = sorted(path.name for path in (folder / "pages").iterdir())
    figure("DO-02", files=len(files), loaded=len(loaded), foreign=0, pages=len(pages))
    assert [name.rpartition("-")[2] for name in pages] == ["p2.pdf", "p2.png", "p3.pdf", "p3.png"]
    for name in pages:
        body = (folder / "pages" / name).read_bytes()
        if name.endswith(".png"):
            assert body.startswith(b"\x89PNG\r\n\x1a\n")
        else:
            document = pypdfium2.PdfDocument(body)
            assert len(document) == 1
            words = " ".join(document[0].get_textpage().get_text_bounded().split())
            assert ("The vendor, not ICE" in words) == ("p3" in name)
    copy = (folder / "dossier.md").read_text("utf-8")
    assert copy.startswith(EXAMPLE.read_text("utf-8")[:300])
    assert copy.count("\n[^q") == 7
    assert "Immigr. & Customs" in copy


def test_each_proof_is_checked_by_the_documented_steps(folder: Path, tmp_path: Path) -> None:
    need("openssl", "openssl")
    answer = json.loads((folder / "check.json").read_text("utf-8"))
    proved = []
    for proof in sorted((folder / "proofs").iterdir()):
        for file in proof.iterdir():
            (tmp_path / file.name).write_bytes(file.read_bytes())
        if not (proof / "document").exists():
            assert f"{proof.name.rpartition('-')[0]}@" in (folder / "README.md").read_text("utf-8")
            continue
        done = subprocess.run(
            ["sh", folder / "check.sh"], cwd=tmp_path, capture_output=True, text=True, check=False,
            env={"PATH": "/usr/bin:/bin", "PUBLISHED": answer["manifest_sha256"]},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        proved.append(json.loads(done.stdout.partition("proved: ")[2])["document"])
        (tmp_path / "document").write_bytes(b"another")
        assert subprocess.run(["sh", folder / "check.sh"], cwd=tmp_path, capture_output=True, check=False).returncode
    figure("DO-03", proved=len(proved))
    assert sorted(proved) == ["dhs-ice-pia-039", "dhs-ice-pia-039a"]


def test_what_does_not_stand_is_said(demo_made: DemoArchive, tmp_path: Path) -> None:
    file = tmp_path / "claims.md"
    file.write_text(
        "# D\n\n“Words that stand before any claim at all.”\n\n"
        f"## Altered\nStatus: establishes\nEvidence:\n- “{EXACT.replace('cameras', 'sensors')}” (DHS/ICE/PIA-039(a))\n"
        f"## Wrong page\nEvidence:\n1. “{EXACT}” (PIA-039(a), p. 9)\n"
        f"## Elsewhere\n- **Evidence:** “{EXACT}” (DHS/ICE/PIA-045)\n"
        "## No page\nEvidence:\n- DHS/ICE/PIA-039(a), page 77\n- DHS/ICE/PIA-999\n- nothing at all\n"
        "## Bare\nStatus: open\n## Found\nAbsence: license plate\n## Empty\nEvidence:\nAbsence:\n",
        "utf-8",
    )
    answer = check(file, demo_made.path, "--no-save", status=1)
    found = quotations(answer)
    assert [one["outcome"] for one in found] == ["near", "exact", "elsewhere"]
    assert [one["line"] for one in found] == [8, 11, 13]
    assert found[0]["differs"] == [{"op": "changed", "quoted": "sensors", "held": "cameras"}]
    assert found[1]["page_agrees"] is False
    verdicts = [claim["verdict"] for claim in answer["claims"]]
    nothing = "nothing stands"
    assert verdicts == [nothing, nothing, nothing, nothing, "no evidence", nothing, "no evidence"]
    states = [(one["state"], one["good"]) for one in answer["claims"][3]["evidence"][0]["cited"]]
    assert states == [("held", False)]
    assert answer["claims"][3]["evidence"][1]["cited"][0]["state"] == "not held"
    assert answer["claims"][5]["absences"][0]["outcome"] == "found"
    assert [one["line"] for one in answer["not_understood"]] == [3, 18, 24, 25]


def test_a_change_between_two_checks_is_marked(demo_archive: Path, tmp_path: Path) -> None:
    """The document is withdrawn between the checks: nothing of it is written, and each change is told."""
    file = tmp_path / "example.md"
    canary = b"zyxwv dossier canary 8812"
    file.write_bytes(EXAMPLE.read_bytes() + b"\n# " + canary)
    first = check(file, demo_archive)
    record = tmp_path / "example.md.check.json"
    assert first["last_check"] is None
    assert json.loads(record.read_text("utf-8"))["release"] == 1
    again = check(file, demo_archive)
    assert (again["changes"], again["edited"]) == ([], [])
    assert again["last_check"]["release"] == 1
    done = oversight("withdraw", DOCUMENT, "--reason", "a court's order", "--archive", demo_archive)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    told = check(file, demo_archive, "--out", out, status=1)
    kinds = [one["kind"] for one in told["changes"]]
    figure("DO-04", quotations=kinds.count("quotation"), documents=kinds.count("document"), told=len(kinds))
    kept = [path for path in demo_archive.rglob("*") if path.is_file() and canary in path.read_bytes()]
    figure("SC-08 dossiers", files_of_the_archive_with_the_canary=len(kept))
    assert kept == []
    assert kinds.count("quotation") == 5
    assert all("It was exact" in one["told"] for one in told["changes"] if one["kind"] == "quotation")
    cited = told["claims"][0]["evidence"][0]["cited"]
    assert [one["state"] for one in cited] == ["withdrawn"]
    figure("WD-05 dossiers", withdrawn_documents_written=len(list((out / "proofs").glob(f"{DOCUMENT}*"))))
    written = [path for path in out.rglob("*") if path.is_file()]
    assert not [path for path in written if DOCUMENT in path.name or DOCUMENT in str(path.parent.name)]
    # The dossier's own words stay; what the archive held of the document doesn't.
    assert not [path for path in written if b"No\npart of the database is copied" in path.read_bytes()]
    assert check(file, demo_archive, status=1)["changes"] == []
    # WD-05: the operator's view tells that it was withdrawn, without a page, a word or an address.
    answer = check(EXAMPLE, demo_archive, "--no-save", "--working", status=1)
    for one in quotations(answer):
        assert (one["document"], one["page"], one["url"], one["words"]) == (DOCUMENT, 0, "", "")
        assert one["citation"] == ""
    states = {one["state"] for item in answer["claims"][0]["evidence"] for one in item["cited"]}
    assert states == {"withdrawn"}
    assert checked(EXAMPLE, demo_archive, "--working", "--out", tmp_path / "other").exit_code == 2


def test_a_folder_is_written_whole_or_not_at_all(demo_made: DemoArchive, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine", "utf-8")
    at = ("--no-save", "--out")
    done = checked(EXAMPLE, demo_made.path, *at, out)
    assert done.exit_code == 2
    assert "nothing is written over" in done.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "mine.txt"]
    inside = checked(EXAMPLE, demo_made.path, *at, demo_made.path / "out")
    assert inside.exit_code == 2
    assert not (demo_made.path / "out").exists()


def test_an_article_gives_its_text_alone(demo_made: DemoArchive, tmp_path: Path) -> None:
    file, out = tmp_path / "claims.md", tmp_path / "out"
    words = "pool of sightings of that kind"
    address = "https://www.theverge.com/2018/2/7/16988058/ice-license-plate-reader-backlash-alameda"
    file.write_text(f"## A claim\nEvidence: “{words}” ({address})\n", "utf-8")
    answer = json.loads(checked(file, demo_made.path, "--json", "--no-save", "--out", out).stdout)
    assert quotations(answer)[0]["outcome"] == "exact"
    assert [path.suffix for path in (out / "pages").iterdir()] == [".txt"]
    assert "belongs" in (out / "README.md").read_text("utf-8")
    assert not list(out.rglob("document"))
    assert not list(out.rglob("*.pdf"))


HOSTILE = (
    "# <script>alert(1)</script>\n\n## </title><img src=x onerror=alert(1)> \x00\x1b[2J \u202e \uf8f0q1\uf8f1\n"
    "Status: <b onmouseover=x>\nEvidence:\n- “<script>alert(2)</script> of the words” ![x](https://evil.example/x.png)"
    " [y](javascript:alert(3)) <https://evil.example/> (DHS/ICE/PIA-039(a), p. 2)\n\n"
    "[z]: https://evil.example/z\n\n<iframe src=https://evil.example></iframe>\n\n"
    "| a | b |\n|:--|--:|\n| 1 | <svg onload=x> |\n"
)


def test_a_hostile_dossier_is_shown_as_what_it_is(demo_made: DemoArchive, tmp_path: Path) -> None:
    """SC: no tag, no attribute and no address of a dossier's own comes into its page or onto the terminal."""
    file, out = tmp_path / "h.md", tmp_path / "out"
    file.write_bytes(b"\xef\xbb\xbf" + ("x" * 2000 + "\n\n" + HOSTILE).encode())
    done = checked(file, demo_made.path, "--no-save", "--out", out)
    assert done.exit_code == 1, done.output
    assert "\x1b" not in done.stdout + done.stderr
    text = (out / "dossier.html").read_text("utf-8")
    page = Attributes(text)
    loaded = [name for name in page.loaded if not name.startswith("#")]
    figure("DO-05", loaded=len(loaded), tags=len(set(page.tags)))
    assert all((out / name).is_file() for name in loaded)
    assert [name for name in loaded if name.endswith("-p3.png")]
    assert {"script", "iframe", "svg", "object"}.isdisjoint(page.tags)
    assert not [name for _, name, _ in page.found if name.startswith("on") or name == "style"]
    assert "\x00" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


@pytest.mark.parametrize(
    ("name", "body", "outcome"),
    [
        ("a.md", b"x" * 10_000_001, "draft-too-large"),
        ("b.md", "".join(f"## Claim {n}\nStatus: open\n" for n in range(10_000)).encode(), "draft-too-large"),
        ("c.md", b"PK\x03\x04 no text", "draft-format"),
        ("d.pdf", b"%PDF-1.7", "draft-format"),
        ("e.md", b"\0" * 100, "draft-format"),
    ],
)
def test_too_much_or_no_text_has_a_name(
    demo_made: DemoArchive, tmp_path: Path, name: str, body: bytes, outcome: str
) -> None:
    (tmp_path / name).write_bytes(body)
    done = checked(tmp_path / name, demo_made.path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert outcome in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_record_of_somebody_elses_is_only_compared(demo_made: DemoArchive, tmp_path: Path) -> None:
    file = tmp_path / "claims.md"
    file.write_bytes(f"## Caf\xe9\nEvidence: \x93{EXACT}\x94 (PIA-039(a), p. 2)\n".encode("latin-1"))
    record = tmp_path / "claims.md.check.json"
    for content in (b"{", b"[" * 100_000, b'{"format": "other"}', b'{"format": "oversight-dossier-check-1"}'):
        record.write_bytes(content)
        answer = check(file, demo_made.path, status=0)
        assert "is no record of a check" in " ".join(answer["notes"])
        assert "Windows-1252" in answer["notes"][0]
    held = json.loads(record.read_text("utf-8"))
    held["results"][0] |= {"outcome": "near", "version": "\x1b[2J"}
    record.write_text(json.dumps(held), "utf-8")
    done = checked(file, demo_made.path)
    assert done.exit_code == 1
    assert "CHANGED: It was near" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_version_that_came_since_is_named(demo_made: DemoArchive, tmp_path: Path) -> None:
    """The record is that of a check before the notice's last versions came; the one that is cited isn't the last."""
    notice, words = "notice-hscecr-14-q-00006", "The agency looks for a commercial service that shows its officers"
    file, record = tmp_path / "claims.md", tmp_path / "claims.md.check.json"
    file.write_text(
        f"## A\nEvidence: “{words}” (/d/{notice}@808736f071)\n## B\nEvidence:\n- HSCECR-14-Q-00006: “{words}”\n"
        f"- /d/{notice}@808736f071/p1\n",
        "utf-8",
    )
    answer = check(file, demo_made.path)
    newest = f"{notice}@5c1a77a18a"
    old, found = quotations(answer)
    assert old["notes"] == ["A newer version of this document is held; it stands there too."]
    assert found["version"] == newest
    assert newest in answer["claims"][1]["evidence"][1]["cited"][0]["notes"][0]
    held = json.loads(record.read_text("utf-8"))
    second = [one for one in held["results"] if one["kind"] == "quotation" and one["claim"] == "B"]
    second[0] |= {"version": f"{notice}@808736f071", "newest_version": f"{notice}@808736f071"}
    document = next(one for one in held["results"] if one["kind"] == "document" and one["cited_page"] == "1")
    document |= {"newest": f"{notice}@c19c1ca2af", "listing": "listed"}
    record.write_text(json.dumps(held), "utf-8")
    told = [one["told"] for one in check(file, demo_made.path, status=1)["changes"]]
    figure("DO-06", changes=len(told), named_since=sum("since version" in one for one in told))
    assert told == [
        f"It was in version {notice}@808736f071, and is now found in {newest}, since version {notice}@c19c1ca2af,"
        " first seen 2018-01-10.",
        f"It has a newer version, since version {newest}, first seen 2018-01-10. It was listed, and is now on no list.",
    ]
    file.write_text(file.read_text("utf-8").replace("## B", "## C").partition("- /d/")[0], "utf-8")
    again = check(file, demo_made.path)
    assert again["changes"] == []
    assert [one.partition(":")[0] for one in again["edited"]] == ["no longer in it"]


ACTS = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(a)>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/CropBox[50 20 250 180]/Rotate 90/Contents 4 0 R"
    b"/Resources<</Font<</F1 5 0 R>>>>/AA<</O<</S/JavaScript/JS(b)>>>>/Metadata 9 0 R/PieceInfo<</X<</Private(s)>>>>"
    b"/Annots[6 0 R 7 0 R]>>endobj\n"
    b"4 0 obj<</Length 40>>stream\nBT /F1 24 Tf 80 100 Td (Hello) Tj ET   \nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"6 0 obj<</Type/Annot/Subtype/Link/Rect[0 0 99 99]/A<</S/URI/URI(https://evil.example/)>>>>endobj\n"
    b"7 0 obj<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS 8 0 R>>endobj\n"
    b"8 0 obj<</Type/Filespec/F(a.exe)/EF<</F 10 0 R>>>>endobj\n"
    b"9 0 obj<</Type/Metadata/Length 5>>stream\n<x/>1\nendstream endobj\n"
    b"10 0 obj<</Type/EmbeddedFile/Length 3>>stream\nabc\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
)


def test_a_page_alone_looks_the_same_and_does_nothing() -> None:
    whole = PagePictures(ACTS)
    body = whole.alone(1)
    alone = PagePictures(body)
    names = (b"JavaScript", b"/AA", b"Annot", b"URI", b"EmbeddedFile", b"a.exe", b"Metadata", b"Private", b"OpenAction")
    left = [name for name in names if name in body]
    control = [name for name in names if name in ACTS]
    figure("DO-07", names=len(control), left=len(left))
    assert (len(control), left) == (len(names), [])
    assert whole.letters(1).text == alone.letters(1).text == "Hello"
    one, other = (Image.open(io.BytesIO(pdf.draw(1, 300).png)).convert("L") for pdf in (whole, alone))
    assert one.size == other.size
    assert ImageChops.difference(one, other).getbbox() is None


def test_every_spelling_of_a_dossier_is_read() -> None:
    source = (
        "A claim\r\n-------\r\n**Status**: *partly*\r\nstatus: open\r\n\r\n__evidence:__\r\n"
        "1) “one two three” [the page](/d/a@0123456789/p7)\r\n   > four five six\r\n\r\n   PIA-039(a), p. 4\r\n"
        "2) said so.[^n]\r\n\r\n#### On “seven eight nine ten”\r\n\r\n"
        "<!--\n## no claim\n-->\n```\n## no claim\n```\n"
        "### “A heading that quotes” ###\n* Absence:\n  - `license plate`\n  - “tollway cameras”\n\n"
        "## Chapter\n### In it\nEvidence: OIG-18-86, p. 2; DHS/ICE/PIA-045 at 3\n"
        "- 70CDCR18P00000017, mod P00004\n\n# End\n\nStatus: none\n\n"
        "[^n]: 81 FR 72080\n[^m]: “a quotation in a note”\n"
    )
    dossier = read_dossier(source.encode(), "a.md", shown=True)
    first, second, third = dossier.claims
    assert (first.title, first.level, first.line, first.status) == ("A claim", 2, 1, ("partly", "open"))
    words = [[one.words for one in item.quotations] for item in first.items]
    assert words == [["one two three", "four five six"], [], ["seven eight nine ten"]]
    assert [[cite.said for cite in item.cites if cite.kind != "page"] for item in first.items] == [
        ["/d/a@0123456789/p7", "PIA-039(a)"], ["81 FR 72080"], [],
    ]  # fmt: skip
    assert first.items[0].lines == (7, 8)
    assert second.title == "“A heading that quotes”"
    assert [one.query for one in second.absences] == ["license plate", "“tollway cameras”"]
    assert [(cite.kind, cite.said) for cite in third.items[0].cites] == [
        ("number", "OIG-18-86"), ("page", "2"), ("number", "DHS/ICE/PIA-045"), ("page", "3"),
    ]  # fmt: skip
    assert [cite.kind for cite in third.items[1].cites] == ["number"]  # a modification is no page
    lines = source.replace("\r\n", "\n").split("\n")
    assert [lines[one.line - 1] for one in dossier.odd] == ["Status: none", lines[-2]]
    assert len(MARK.findall(dossier.html)) == len(dossier.footnotes) + 3


@pytest.mark.soak
def test_what_later_nights_bring_is_told_of_the_release_after(tmp_path: Path) -> None:
    """Two releases of one archive: newer versions, a list that a paper was taken off, and an absence that ended."""
    archive, file = tmp_path / "archive", tmp_path / "claims.md"
    paper = "https://www.dhs.gov/sites/default/files/publications/sample-misread-plates.pdf"
    file.write_text(
        f"## A\nEvidence:\n- “One misread plate in a hundred is a good result” ({paper}, p. 1)\n- DHS/USSS/PIA-009\n"
        '## B\nAbsence: 2017 "purchase order"\n',
        "utf-8",
    )
    for night in (("--night", "2018-01-10"), ()):
        done = oversight("crawl", "dhs_pia", "--replay", SAMPLE, *night, "--archive", archive)
        assert done.returncode in {0, 1}, done.stderr
        assert oversight("release", "build", "--archive", archive).returncode == 0
        answer = check(file, archive, status=1 if not night else 0)
    told = [one["told"] for one in answer["changes"]]
    figure("DO-08", changes=len(told), release=answer["release"], before=answer["last_check"]["release"])
    assert (answer["last_check"]["release"], answer["release"]) == (1, 2)
    assert told[0].startswith("It was in version ")
    assert "first seen 2018-02-08" in told[0]
    assert told[1].startswith("It has a newer version, since version ")
    assert told[2] == "It was listed, and is now delisted."
    assert told[3] == "It was absent, and is now found: 2 match."
    assert len(told) == 4
