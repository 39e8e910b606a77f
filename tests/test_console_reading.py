"""`oversight text`: of a file that lies anywhere, and of what is archived; pages, running text, tables, JSON."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from console.reading import _found, show_reading
from oversight import main
from pipelines.text.reading import Fact, OutlineEntry, Part, Reading, TextPage, TextTable
from tests.demo_archive import DemoArchive
from tests.hostile.pdf import encrypted, lines, written

ARTICLE = "<html><head><title>T</title></head><body><article><h1>A headline</h1>" + "".join(
    f"<p>Paragraph {n} of an article on plate readers, which is long enough to be taken for one.</p>" for n in range(9)
)
READING = Reading(
    "pdf-9", "text", "",
    (
        TextPage(1, "i", "PIA 1\n\nThe surveil-\n\n1 A note.", parts=(
            Part("header", 0, 5), Part("text", 7, 19), Part("note", 21, 30)), runs_on="-", also="serv-ice law"),
        TextPage(2, "ii", "PIA 2\n\nlance\x1b[2J is kept.", parts=(Part("header", 0, 5), Part("text", 7, 26))),
        TextPage(3, "iii", "", "no-text-layer"),
        TextPage(4, "iv", ""),
    ),
    metadata={"Title": "A title"},
    tables=(TextTable(2, 1, 1, (("Year", "Sum"), ("2017", '=HYPERLINK("x")'), ("2018", "-5.20")), (0, 0, 1, 1)),),
    outline=(OutlineEntry(1, "2", "Uses", 2),),
    facts=(Fact("number", "DHS/ICE/PIA-001", 1), Fact("signature", "as said", 0)),
)  # fmt: skip


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["text", *map(str, arguments)])


def printed(capsys: pytest.CaptureFixture[str], page: int | None = None, **asked: bool) -> str:
    show_reading(_found(READING, page), **{"flow": False, "tables": False, "as_json": False, **asked})
    return capsys.readouterr().out


def test_every_page_with_its_headers_and_notes(capsys: pytest.CaptureFixture[str]) -> None:
    pages = printed(capsys).split("\f\n")
    assert pages == [
        "PIA 1\n\nThe surveil-\n\n1 A note.", "PIA 2\n\nlance\ufffd[2J is kept.",
        "[page 3: a picture of text; install Debian's tesseract-ocr, or run `make ocr`, and the next run reads it]",
        "\n",
    ]  # fmt: skip


def test_the_running_text_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, flow=True) == "The surveillance\ufffd[2J is kept.\n"
    assert printed(capsys, page=1, flow=True) == "The surveil-\n"


def test_tables_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, tables=True) == (
        '# page 2, table 1, 3 rows, 2 columns\nYear,Sum\n2017,"\'=HYPERLINK(""x"")"\n2018,-5.20\n\n'
    )
    show_reading(_found(READING, 1), flow=False, tables=True, as_json=False)
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "oversight: no table was found\n")


def test_all_of_it_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(printed(capsys, as_json=True))
    assert whole["pages"][0]["parts"][1] == {"kind": "text", "start": 7, "end": 19}
    assert whole["pages"][0]["also"] == ["serv-ice", "law"]
    assert (whole["pages_count"], len(whole["pages"]), whole["metadata"]) == (4, 4, {"Title": "A title"})
    assert whole["tables"][0]["cells"][0] == ["Year", "Sum"]
    assert whole["outline"] == [{"level": 1, "number": "2", "title": "Uses", "page": 2}]
    assert whole["facts"][0] == {"name": "number", "value": "DHS/ICE/PIA-001", "page": 1}
    one = json.loads(printed(capsys, page=2, as_json=True))
    assert ([page["number"] for page in one["pages"]], len(one["tables"]), len(one["outline"]), one["facts"]) == (
        [2], 1, 1, [],
    )  # fmt: skip


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "re port.pdf"
    path.write_bytes(written(lines("Plates are read", "every day."), lines("The second page.")))
    return path


def test_a_file_is_read_without_an_archive_and_nothing_is_kept(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pdf.parent)
    done = ask(pdf.name)
    assert done.exit_code == 0, done.output
    assert done.stdout == "Plates are read\nevery day.\f\nThe second page.\n"
    assert ask(pdf, "--page", 2).stdout == "The second page.\n"
    found = json.loads(ask(pdf.name, "--json").stdout)
    assert (found["file"], found["outcome"], found["pages_count"]) == ("re port.pdf", "text", 2)
    assert {"parts", "tables", "outline", "facts"} <= {*found, *found["pages"][0]}
    assert list(pdf.parent.iterdir()) == [pdf]


def test_a_saved_article_is_read(tmp_path: Path) -> None:
    (tmp_path / "story.html").write_text(ARTICLE)
    done = ask(tmp_path / "story.html", "--flow")
    assert done.exit_code == 0, done.output
    assert "Paragraph 8 of an article" in done.stdout


@pytest.mark.parametrize(
    ("name", "body", "outcome", "helps"),
    [
        ("a.pdf", b"%PDF-1.4\nnothing more", "malformed-pdf", "save it anew"),
        ("a.txt", b"only words", "malformed-pdf", "save it anew"),
        ("a.pdf", b"", "malformed-pdf", "save it anew"),
        ("a.pdf", encrypted(b"secret"), "encrypted", "without a password"),
        ("a.html", b"<p>", "no-article", "saved as HTML"),
    ],
    ids=["cut", "no PDF", "empty", "encrypted", "no article"],
)
def test_what_cant_be_read_is_named_with_what_to_do(
    tmp_path: Path, name: str, body: bytes, outcome: str, helps: str
) -> None:
    (tmp_path / name).write_bytes(body)
    done = ask(tmp_path / name)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.output
    assert f"{name}: {outcome}: " in done.stderr
    assert helps in done.stderr
    assert json.loads(ask(tmp_path / name, "--json").stdout)["outcome"] == outcome


@pytest.mark.parametrize(
    ("texts", "outcome", "status"),
    [(("words", ""), "no-text-layer", 0), (("", ""), "no-text-layer", 1), (("words", ""), "page-failed", 1)],
)
def test_a_file_of_which_some_pages_were_read_is_printed_and_said_to_be_short(
    capsys: pytest.CaptureFixture[str], texts: tuple[str, ...], outcome: str, status: int
) -> None:
    """A picture among the pages is worth knowing, and no failure; a page that could not be read is one."""
    pages = tuple(TextPage(n, "", text, "text" if text else outcome) for n, text in enumerate(texts, 1))
    reading = {"file": "half.pdf", **_found(Reading("pdf-9", outcome, "page 2", pages), None)}
    with pytest.raises(SystemExit) if status else nullcontext():
        show_reading(reading, flow=False, tables=False, as_json=False)
    told = capsys.readouterr()
    assert told.out.startswith(texts[0])
    assert f"half.pdf: {outcome}: " in told.err
    assert "(page 2)" in told.err


def test_wrong_use(pdf: Path) -> None:
    for arguments, status, says in (
        ((pdf, "--flow", "--json"), 2, "one of --flow, --tables and --json; or for --compare"),
        ((pdf, "--page", 3), 1, "has 2 pages, no page 3"),
        ((pdf.parent,), 2, "is a folder"),
        ((pdf.parent / "none.pdf",), 2, "There is no file"),
        (("/dev/null",), 2, "not a file"),
        (("x" * 5000, "--flow"), 2, "no archive"),
        (("a\0b",), 2, "no archive"),
    ):
        done = CliRunner().invoke(main, ["--archive", str(pdf.parent / "new"), "text", *map(str, arguments)])
        assert done.exit_code == status, (arguments, done.output)
        assert says in done.stderr


def test_a_file_that_may_not_be_opened(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    done = ask(pdf)
    assert (done.exit_code, "Check its permissions." in done.stderr) == (1, True)


def test_an_archived_document_is_given_in_the_same_shape(demo_made: DemoArchive, pdf: Path) -> None:
    def text(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--archive", str(demo_made.path), "text", *arguments])

    whole: dict[str, Any] = json.loads(text("PIA-039(a)", "--json").stdout)
    of_file = json.loads(ask(pdf, "--json").stdout)
    assert whole["pages"][0].keys() == of_file["pages"][0].keys()
    assert {"tables", "outline", "facts"} <= whole.keys()
    flow = text("PIA-039(a)", "--flow")
    assert flow.exit_code == 0
    assert "license plate" in " ".join(flow.stdout.split())
    assert "\f" not in flow.stdout
    assert text("PIA-039(a)", "--tables").exit_code == 0
