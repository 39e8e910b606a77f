"""Watch files: what they say, and that every problem is named with its file and line and costs itself only."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from archive.watches.watch_file import MOST_TERMS, WATCHES, parse_watch, read_watches, term_in
from tests.figures import figure
from tests.watching import PLATES, put_watch

PLACE = WATCHES / "plates.toml"


def problems(text: str) -> list[str]:
    return [one.detail for one in parse_watch(text, PLACE).problems]


def test_a_file_says_what_a_watch_is(tmp_path: Path) -> None:
    put_watch(tmp_path, PLATES + 'terms_file = "more.txt"\nkinds = ["new", "modification"]\n'
              '[filters]\ncomponent = "ICE"\nyear = ["2017", 2018]\n[[send]]\nmail = "desk@example.org"\n')  # fmt: skip
    (tmp_path / WATCHES / "more.txt").write_text('\ufeff# more\n"license plate reader" # quoted\n\n  NLETS\r\n')
    told = read_watches(tmp_path)
    assert told.problems == ()
    (watch,) = told.held
    assert watch.name == "plates"
    assert watch.title == "Licence plates"
    assert watch.public
    assert watch.terms == ("license plate", "70CDCR18P00000017", "vendor:West Publishing Corporation",
                           '"license plate reader"', "NLETS")  # fmt: skip
    assert watch.filters == {"component": ("ICE",), "year": ("2017", "2018")}
    assert watch.kinds == ("new", "modification")
    assert [one.kind for one in watch.destinations] == ["mail"]


@pytest.mark.parametrize(("text", "told"), [
    ("terms = 'x'\nterm = 'y'\n", "line 2: 'term' is nothing that a watch takes"),
    ("title = 3\nterms = 'x'\n", "line 1: `title` is a text"),
    ("terms = '''\nice\n…\nplate\n'''\n", "line 3: the term '…' is left out: there is no letter and no digit in it"),
    ("terms = ['ice', 3]\n", "line 1: '3' is no term"),
    ("terms = 3\n", "line 1: `terms` is a text"),
    ("terms = '# nothing'\n", "line 1: there is no term, no filter and no kind in it"),
    ("terms = 'x'\nterms_file = '../../x.txt'\n", "line 2: `terms_file` is the name of a file beside this one"),
    ("terms = 'x'\nterms_file = 'none.txt'\n", "line 2: there is no file 'none.txt'"),
    ("terms = 'x'\nkinds = ['gone', 'lost']\n", "line 2: no change is of the kind 'lost'"),
    ("terms = 'x'\nkinds = 'gone'\n", "line 2: `kinds` is a list"),
    ("terms = 'x'\npublic = 'yes'\n", "line 2: `public` is true or false"),
    ("terms = 'x'\n[filters]\ncolour = 'red'\n", "line 3: no filter is called 'colour'"),
    ("terms = 'x'\n[filters]\nyear = 'soon'\n", "line 3: “soon” is no year"),
    ("terms = 'x'\n[filters]\nyear = 2018.5\n", "line 3: the filter 'year' is a text"),
    ("terms = 'x'\nfilters = 'ICE'\n", "line 2: `filters` is a table"),
    ("terms = 'x'\n[send]\nmail = 'nobody'\n", "[[send]] number 1"),
    ("terms = 'x\n", "it is no TOML"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(text: str, told: str) -> None:
    found = problems(text)
    assert any(told in one for one in found), found


def test_one_bad_line_costs_itself_only(tmp_path: Path) -> None:
    put_watch(tmp_path, "terms = '''\nice\n…\nplate\n'''\nkinds = ['lost']\n[filters]\ncolour = 'red'\n")
    put_watch(tmp_path, "terms = 'x", name="broken")
    put_watch(tmp_path, "terms = 'x'", name="Not A Name")
    put_watch(tmp_path, "terms = 'x'", name="good")
    (tmp_path / WATCHES / "binary.toml").write_bytes(b"title = '\xff'\n")
    told = read_watches(tmp_path)
    assert {watch.name: watch.terms for watch in told.held} == {"plates": ("ice", "plate"), "good": ("x",)}
    by_file = {one.subject.rpartition("/")[2] for one in told.problems}
    assert by_file == {"plates.toml", "broken.toml", "Not A Name.toml", "binary.toml"}


def test_of_too_many_terms_the_first_are_looked_for() -> None:
    text = "terms = '''\n" + "\n".join(f"term{number}" for number in range(MOST_TERMS + 3)) + "\n'''\n"
    told = parse_watch(text, PLACE)
    assert len(told.held[0].terms) == MOST_TERMS
    assert [one.detail for one in told.problems] == [
        f"line {MOST_TERMS + 2}: only the first {MOST_TERMS:,} terms are looked for"
    ]


@pytest.mark.parametrize(("line", "term"), [
    ("# a comment", ""), ("ICE # an agency", "ICE"), ("C#", "C#"), ('"PIA #39" # quoted', '"PIA #39"'), ("  ", ""),
    ("\u202eICE\x00", "ICE"), ("a\u200bb\tc", "ab c"), ('"open', '"open'),
])  # fmt: skip
def test_a_line_holds_a_term(line: str, term: str) -> None:
    assert term_in(line) == term


def test_no_file_is_an_exception(tmp_path: Path) -> None:
    """UM-07: what isn't understood is refused with its line; 400 files that were damaged anywhere."""
    dice = random.Random(7)
    whole = PLATES + 'kinds = ["new"]\n[filters]\ncomponent = "ICE"\n[[send]]\nmail = "desk@example.org"\n'
    named = read = 0
    for _ in range(400):
        at, sign = dice.randrange(len(whole)), dice.choice(['"', "'", "[", "]", "=", "\n", "\x00", "é", "#", "9", ""])
        told = parse_watch(whole[:at] + sign + whole[at + dice.randint(0, 6) :], PLACE, tmp_path)
        named += bool(told.problems)
        read += bool(told.held)
        assert told.problems or told.held
    figure("UM-07", damaged_watch_files=400, read=read, named=named, exceptions=0)
    assert named > 100


@pytest.mark.parametrize("terms", ["terms = '??'", "terms = [1]", "terms_file = 'gone.txt'", "terms_file = 'link.txt'"])
def test_a_watch_none_of_whose_terms_is_one_is_not_told_of_everything(terms: str, tmp_path: Path) -> None:
    (tmp_path / WATCHES).mkdir(parents=True)
    (tmp_path / WATCHES / "x.toml").write_text(f"kinds = ['new']\n{terms}\n")
    (tmp_path / "terms.txt").write_text("plate")
    (tmp_path / WATCHES / "link.txt").symlink_to(tmp_path / "terms.txt")
    read = read_watches(tmp_path)
    assert read.held == ()
    assert "none of its terms" in read.problems[-1].detail
    assert read.unclear(["x", "y"]) == {"x"}
