"""Settling depends on the set of what was said: not on its order, nor on how it was cut into loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.catalog.evidence import EntryText, FactText, PageText, ReadText, TableText
from pipelines.items import Article, File, Index, Listed, Notice, PageLink, PrintedDate, Problem, WebPage
from tests.evidence import Captured, World, night, prose

LIST = "https://www.dhs.gov/list"
URLS = [f"https://www.dhs.gov/{name}" for name in ("a.pdf", "old/a.pdf", "b.pdf", "publication/a", "x/a", "")]
OUTLETS = [
    "https://one.example/story-of-plates",
    "https://two.example/story-of-plates",
    "https://one.example/p/story-of-plates",
]
COVERS = [
    "Privacy Impact Assessment\nDHS/ICE/PIA-001\nJanuary 5, 2018",
    "Privacy Impact Assessment\nDHS/ICE/PIA-001(a)\nsee DHS/CBP/PIA-001 and PIA-001(a), 70CDCR18P00000017",
    "A memorandum without number, citing PIA-001 and https://www.dhs.gov/b.pdf",
    "",
]
TITLES = ["DHS/ICE/PIA-001 Plates", "DHS/CBP/PIA-001 Borders", "Plates (PDF)"]
AWARD, OTHER = "70CDCR18P00000017", "70CDCR18P00000018"


# What a reader makes of the second content, beside its pages.
FOUND = ReadText(
    (PageText(1, "i", "text", COVERS[1], (("header", 0, 5), ("text", 5, 30)), "-", "imp-act", "ocr", 0.9, 3),
     PageText(2, "1", "text", prose("second page"))),
    (), (TableText(2, 1, 1, (("a", "b"), ("c", "d"))), TableText(2, 2, 0, (("e",),))),
    (EntryText(1, "1", "Uses", 2),), (FactText("number", "DHS/ICE/PIA-001(a)", 1), FactText("signature", "a name", 0)),
)  # fmt: skip


def files() -> st.SearchStrategy[Captured]:
    """A PDF at one of a few addresses, with one of a few contents."""
    return st.builds(
        lambda url, content, at, kind: Captured(
            url,
            at,
            (File(),),
            f"file {content}",
            (COVERS[content], prose("second page")),
            (URLS[3],),
            kind=kind,
            text=FOUND if content == 1 else None,
        ),
        *(st.sampled_from(URLS[:4]), st.integers(0, 3), instants(), st.sampled_from(["response", "resource"])),
    )


def pages() -> st.SearchStrategy[Captured]:
    def page(url: str, text: int, at: str, attached: list[int]) -> Captured:
        said = WebPage("publication page", TITLES[text], (prose(f"text{text}", 10 + 60 * text),),
                       (PrintedDate("created", ["January 5, 2018", "13/45/2018", ""][text]),),
                       (PageLink(URLS[0], "the file"),))  # fmt: skip
        listed = (Listed(url, URLS[place], TITLES[place % 3], "attachment") for place in attached)
        return Captured(url, at, (*listed, said))

    return st.builds(
        page,
        st.sampled_from(URLS[3:]),
        st.integers(0, 2),
        instants(),
        st.lists(st.integers(0, 2), max_size=2, unique=True),
    )


def walks() -> st.SearchStrategy[Captured]:
    def walk(entries: list[int], at: str, page: int, last: bool, title: int) -> Captured:
        listed = [
            Listed(LIST, URLS[place], TITLES[title], dates=(PrintedDate("posted", "2018-01-0x"),)) for place in entries
        ]
        return Captured(f"{LIST}?page={page}", at, (Index(LIST, page, len(entries), last), *listed))

    return st.builds(
        walk,
        st.lists(st.integers(0, 5), max_size=4, unique=True),
        *(instants(), st.integers(0, 1), st.booleans(), st.integers(0, 2)),
    )


def redirects() -> st.SearchStrategy[Captured]:
    return st.builds(
        lambda url, end, at: Captured(url, at, location=end),
        *(st.sampled_from([*URLS, *OUTLETS]), st.sampled_from([*URLS, *OUTLETS]), instants()),
    )


def articles() -> st.SearchStrategy[Captured]:
    def article(url: str, text: int, at: str, canonical: str) -> Captured:
        said = Article("An outlet", f"Headline {text}", canonical=canonical, links=(PageLink(URLS[0], "a paper"),))
        texts = (prose("plates"), prose("others of PIA-001(a)"), "short")
        return Captured(url, at, (said,), f"article {text} {url}", (texts[text],), source="news")

    return st.builds(article, st.sampled_from(OUTLETS), st.integers(0, 2), instants(), st.sampled_from(["", *OUTLETS]))


def notices() -> st.SearchStrategy[Captured]:
    one = st.builds(
        lambda number, kind, award, solicitation, posted: Notice(
            f"{number:032x}",
            {"type": kind, "award_number": award, "solicitation": solicitation, "posted": posted, "title": "Plates"},
            (URLS[2],),
        ),
        *(st.integers(1, 3), st.sampled_from(["Award Notice", "Justification", "Solicitation"])),
        *(st.sampled_from([AWARD, OTHER, ""]), st.sampled_from(["70CDCR18Q00000005", "x"])),
        st.sampled_from(["2018-01-02", "Feb 30, 2018"]),
    )
    return st.builds(
        lambda said, at: Captured("https://sam.gov/csv", at, tuple(said), source="notices"),
        *(st.lists(one, min_size=1, max_size=3), instants()),
    )


def failures() -> st.SearchStrategy[Captured]:
    return st.builds(
        lambda url, at, outcome: Captured(url, at, (Problem("link-dropped", "x"),), outcome=outcome),
        *(st.sampled_from(URLS), instants(), st.sampled_from(["blocked", "server-error", "not-found"])),
    )


def instants() -> st.SearchStrategy[str]:
    return st.builds(night, st.integers(1, 4), st.integers(0, 2))


def worlds() -> st.SearchStrategy[list[Captured]]:
    kinds = st.one_of(files(), pages(), walks(), redirects(), articles(), notices(), failures())
    return st.lists(kinds, min_size=2, max_size=14, unique_by=lambda one: one.id)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(), st.data())
def test_settling_is_independent_of_order_and_of_how_evidence_was_cut(
    world: list[Captured], data: st.DataObject
) -> None:
    at_once = World(*world).settle()
    shuffled: Sequence[Captured] = data.draw(st.permutations(world))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(world)), max_size=3)))
    piecemeal = World()
    for start, end in zip([0, *cuts], [*cuts, len(world)], strict=True):
        piecemeal.take(*shuffled[start:end]).settle()
    wanted = at_once.dump()
    assert piecemeal.dump() == wanted
    _sound(at_once)
    piecemeal.connection.execute("INSERT INTO pages_fts(pages_fts, rank) VALUES ('integrity-check', 1)")


def _sound(world: World) -> None:
    """Every row that points at another points at one that is there; every capture has its one outcome."""
    connection = world.connection
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    own = connection.execute(
        "SELECT count(*) FROM captures JOIN outcomes ON outcomes.capture = captures.id"
        " AND outcomes.outcome = captures.outcome AND outcomes.subject = captures.url"
    ).fetchone()[0]
    assert own == connection.execute("SELECT count(*) FROM captures").fetchone()[0]
    without = "SELECT id FROM documents WHERE id NOT IN (SELECT document FROM versions)"
    assert connection.execute(without).fetchall() == []
    newest = "SELECT id FROM documents WHERE newest_version NOT IN (SELECT id FROM versions)"
    assert connection.execute(newest).fetchall() == []


def test_a_second_settling_with_nothing_new_writes_nothing() -> None:
    world = World(
        Captured(LIST, night(1), (Index(LIST, 0, 1, True), Listed(LIST, URLS[0], TITLES[0]))),
        Captured(URLS[0], night(1, 1), (File(),), "bytes", (COVERS[0],)),
    ).settle()
    before = world.connection.total_changes
    world.settle()
    assert world.connection.total_changes == before


def test_a_text_that_is_read_anew_replaces_the_old_pages() -> None:
    file = Captured(URLS[0], night(1), (File(),), "bytes", ())
    world = World(file).settle()
    assert world.rows("pages") == []
    world.take(replace(file, pages=("A page without a number.",))).settle()
    assert [row["text"] for row in world.rows("pages")] == ["A page without a number."]


@pytest.mark.parametrize("gone", [0, 1])
def test_what_is_no_longer_in_evidence_leaves_no_trace(gone: int) -> None:
    files = [
        Captured(url, night(1), (File(),), url, (COVERS[place],), text=FOUND) for place, url in enumerate(URLS[:2])
    ]
    world = World(*files).settle()
    assert world.rows("page_tables")
    for table, column in (("sightings", "capture"), ("captures", "id")):
        world.connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (files[gone].id,))
    assert world.settle().dump() == World(files[1 - gone]).settle().dump()


def test_two_answers_in_one_second_are_ordered_by_what_they_are() -> None:
    ends = [Captured("https://www.dhs.gov/x", night(1), location=url, body=url) for url in URLS[:2]]
    held = [
        Captured(URLS[0], night(1), (File(),), "x", ("One",)),
        Captured(URLS[1], night(1), (File(),), "y", ("Two",)),
        Captured(LIST, night(1), (Index(LIST, 0, 1, True), Listed(LIST, "https://www.dhs.gov/x", "X"))),
    ]
    assert World(*ends, *held).settle().dump() == World(*reversed(ends), *held).settle().dump()
