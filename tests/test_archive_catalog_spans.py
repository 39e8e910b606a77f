"""Since when and until when: spans of listing and of servers, from what walks and requests showed."""

from __future__ import annotations

import random

from archive.catalog.runs import RunFacts
from archive.model import Finding
from pipelines.items import File
from tests.evidence import Captured, World, night
from tests.test_archive_catalog_listings import FILES, LIST, PAGE, component, files, publication, walk

OTHERS = FILES[1:]


def listing(world: World, url: str) -> list[tuple[str, str, str, str | None]]:
    """Return a document's listing spans: state, since, until, not before."""
    ((document,),) = world.connection.execute("SELECT DISTINCT document FROM addresses WHERE url = ?", (url,))
    rows = world.rows("listing_spans", "document = ?", document)
    found = [(row["state"], row["since"], row["until"], row["not_before"]) for row in rows]
    ((state,),) = world.connection.execute("SELECT listing FROM documents WHERE id = ?", (document,))
    assert state == (found[-1][0] if found else "")
    assert [row["ordinal"] for row in rows] == list(range(1, len(rows) + 1))
    return found


def server(world: World, url: str) -> list[tuple[str, str, str, int]]:
    """Return what the server said at an address: state, since, until, looks."""
    rows = world.rows("server_spans", "url = ?", url)
    return [(row["state"], row["since"], row["until"], row["looks"]) for row in rows]


def answer(number: int, status: int, outcome: str, url: str = FILES[0]) -> Captured:
    return Captured(url, night(number, 9), outcome=outcome, body=f"{status} {number}", status=status)


def test_a_document_is_listed_taken_off_and_listed_again() -> None:
    world = World(walk(1, *FILES), *files(1), walk(2, *FILES), walk(3, *OTHERS), walk(4, *OTHERS), walk(5, *FILES))
    assert listing(world.settle(), FILES[0]) == [
        ("listed", night(1), night(2), None),
        ("delisted", night(3), night(4), night(2)),
        ("listed", night(5), night(5), night(4)),
    ]


def test_each_span_names_the_captures_and_runs_that_show_it() -> None:
    first, off = walk(1, *FILES), walk(3, *OTHERS)
    world = World(first, *files(1), off).settle()
    rows = world.rows("listing_spans", "document = 'dhs-gov-files-a-pdf'")
    assert [(row["first_capture"], row["first_run"]) for row in rows] == [
        (first.id, "library-2018-01-01"),
        (off.id, "library-2018-01-03"),
    ]


def test_a_document_found_on_the_server_and_listed_later() -> None:
    world = World(walk(1, *OTHERS), *files(1, 2), walk(4, *FILES), *files(4)).settle()
    assert listing(world, FILES[0]) == [
        ("unlisted", night(1, 9), night(2, 9), None),
        ("listed", night(4), night(4), night(2, 9)),
    ]


def test_what_is_captured_before_the_list_in_one_walk_was_never_unlisted() -> None:
    world = World(*files(1), walk(1, *FILES, page=0, last=False), walk(1, page=1)).settle()
    assert [state for state, *_ in listing(world, FILES[0])] == ["listed"]


def test_files_follow_their_page_through_time() -> None:
    world = World(
        walk(1, PAGE), publication(1, *FILES[:2]), *files(1), publication(2, FILES[0]), walk(2, PAGE),
        walk(3, "https://www.dhs.gov/publication/other"), walk(4, PAGE), publication(4, *FILES[:2]),
    ).settle()  # fmt: skip
    assert [(state, since[:10]) for state, since, *_ in listing(world, PAGE)] == [
        ("listed", "2018-01-01"), ("delisted", "2018-01-03"), ("listed", "2018-01-04"),
    ]  # fmt: skip
    assert [(state, since[:10]) for state, since, *_ in listing(world, FILES[0])] == [
        ("listed", "2018-01-01"), ("delisted", "2018-01-03"), ("listed", "2018-01-04"),
    ]  # fmt: skip
    assert [(state, since[:10]) for state, since, *_ in listing(world, FILES[1])] == [
        ("listed", "2018-01-01"), ("delisted", "2018-01-02"), ("listed", "2018-01-04"),
    ]  # fmt: skip


def test_one_of_two_lists_holds_a_document() -> None:
    world = World(walk(1, *FILES), component(1, (FILES[0],)), *files(1), walk(2, *OTHERS), component(3, (FILES[1],)))
    assert [(state, since) for state, since, *_ in listing(world.settle(), FILES[0])] == [
        ("listed", night(1)),
        ("delisted", night(3)),
    ]


def test_an_address_that_two_documents_held_is_each_ones_while_it_held_it() -> None:
    one, other = ("Privacy Impact Assessment\nDHS/ICE/PIA-0" + number for number in ("10\nPlates", "11\nFaces"))
    world = World(
        walk(1, FILES[0]), Captured(FILES[0], night(1, 9), (File(),), one, (one,)),
        walk(2, FILES[0]), Captured(FILES[0], night(2, 9), (File(),), other, (other,)),
        walk(3, FILES[0]), Captured(FILES[0], night(4, 9), (File(),), other, (other,)),
    ).settle()  # fmt: skip
    spans = {name: [row for row in world.rows("listing_spans") if row["document"] == name] for name in world.ids()}
    assert [(row["state"], row["since"], row["until"]) for row in spans["dhs-ice-pia-010"]] == [
        ("listed", night(1), night(1)),
        ("delisted", night(2), night(3)),
    ]
    assert [(row["state"], row["since"], row["until"]) for row in spans["dhs-ice-pia-011"]] == [
        ("listed", night(2), night(3))
    ]
    states = [(row["document"], row["state"], row["since"]) for row in world.rows("server_spans")]
    assert states == [
        ("dhs-ice-pia-010", "answers", night(1, 9)),
        ("dhs-ice-pia-010", "other", night(2, 9)),
        ("dhs-ice-pia-011", "other", night(1, 9)),
        ("dhs-ice-pia-011", "answers", night(2, 9)),
    ]


def test_an_address_is_missing_and_then_gone() -> None:
    world = World(*files(1), *(answer(number, 404, "not-found") for number in (2, 3, 8, 9, 10))).settle()
    assert server(world, FILES[0]) == [
        ("answers", night(1, 9), night(1, 9), 1),
        ("missing", night(2, 9), night(8, 9), 3),
        ("gone", night(9, 9), night(10, 9), 2),
    ]
    assert listing(world, FILES[0])[-1][0] == "unlisted", "what lists say of it is another matter"


def test_gone_takes_three_days_and_no_answer_between() -> None:
    def states(*looks: Captured) -> list[str]:
        return [state for state, *_ in server(World(*files(1), *looks).settle(), FILES[0])]

    missing = [answer(number, 404, "not-found") for number in (2, 12)]
    assert states(*missing) == ["answers", "missing"], "two days"
    again = Captured(FILES[0], night(12, 30), outcome="not-found", body="404", status=404)
    assert states(*missing, again) == ["answers", "missing"], "twice on one day"
    assert states(*missing, answer(10, 410, "not-found")) == ["answers", "missing", "gone"]
    refused = [answer(10, 404, "not-found"), answer(11, 403, "blocked")]
    assert states(*missing, *refused) == ["answers", "missing", "blocked", "gone"], "being refused is no answer"
    back = Captured(FILES[0], night(5, 9), (File(),), FILES[0], ("back",))
    assert states(*missing, answer(3, 404, "not-found"), back) == ["answers", "missing", "answers", "missing"]


def test_what_the_server_said_is_told_apart() -> None:
    looks = [
        answer(2, 403, "blocked"), answer(3, 200, "bot-wall"), answer(4, 503, "server-error"),
        answer(5, 200, "error-page"), Captured(FILES[0], night(6, 9), location=FILES[1], status=301),
        Captured(FILES[0], night(7, 9), (File(),), FILES[0], ("one",), outcome="unchanged", status=304),
    ]  # fmt: skip
    world = World(*files(1)[:1], *looks).settle()
    assert [(state, looks) for state, _, _, looks in server(world, FILES[0])] == [
        ("answers", 1), ("blocked", 2), ("error", 2), ("redirect", 1), ("answers", 1),
    ]  # fmt: skip


def test_a_request_without_an_answer_counts_and_one_that_was_answered_later_does_not() -> None:
    world = World(*files(1)[:1], answer(3, 503, "server-error"))
    for number in (2, 3):
        name = f"library-2018-01-0{number}"
        findings = dict.fromkeys([Finding("timed-out", FILES[0]), Finding("over-budget", FILES[0])])
        world.runs[name] = RunFacts(
            name, "library", f"2018-01-0{number}", night(number), night(number, 59), "finished", findings=findings
        )
        world.runs[name].finished = night(number, 59)
    world.settle()
    rows = world.rows("server_spans", "state = 'error'")
    assert [(row["since"], row["until"], row["first_capture"], row["looks"]) for row in rows] == [
        (night(2, 59), night(3, 9), None, 2)
    ]


def test_a_copy_of_others_says_nothing_of_the_server() -> None:
    world = World(*files(2)[:1])
    copy = Captured(FILES[0], night(1), (File(),), "older", ("older",))
    world.take(copy)
    with world.connection:
        world.connection.execute("UPDATE captures SET original_at = captured_at, original_url = url WHERE id = ?",
                                 (copy.id,))  # fmt: skip
    assert server(world.settle(), FILES[0]) == [("answers", night(2, 9), night(2, 9), 1)]


def test_spans_do_not_depend_on_the_order_in_which_evidence_comes() -> None:
    captured = [
        walk(1, *FILES), *files(1, 2), walk(2, *OTHERS), walk(3, *FILES, last=False), walk(3, page=1),
        component(2, (FILES[0],)), component(4, (FILES[1],)),
        *(answer(number, 404, "not-found") for number in (3, 9, 11)),
    ]  # fmt: skip
    whole = World(*captured).settle().dump()
    assert whole["listing_spans"]
    assert whole["server_spans"]
    for seed in range(4):
        shuffled = random.Random(seed).sample(captured, len(captured))
        world = World()
        for start in range(0, len(shuffled), 4):
            world.take(*shuffled[start : start + 4]).settle()
        assert world.dump() == whole, seed


def test_lists_and_feeds_have_no_spans_of_listing() -> None:
    world = World(component(1, tuple(FILES)), *files(1)).settle()
    ids = {row["document"] for row in world.rows("listing_spans")}
    assert len(ids) == len(FILES)
    assert LIST not in ids


def test_a_page_that_moved_is_one_list_with_what_it_was() -> None:
    moved = "https://www.dhs.gov/documents/plates"
    world = World(
        walk(1, PAGE), publication(1, *FILES[:2]), *files(1), walk(2, moved), publication(2, FILES[0], url=moved),
        Captured(PAGE, night(2, 20), location=moved, status=301),
    ).settle()  # fmt: skip
    assert listing(world, FILES[0]) == [("listed", night(1), night(2, 5), None)]
    assert [(state, since) for state, since, *_ in listing(world, FILES[1])] == [
        ("listed", night(1)),
        ("delisted", night(2, 5)),
    ]
    states = {(row["list"], row["url"]): row["state"] for row in world.rows("listings", "relation = 'attachment'")}
    assert states == {(PAGE, FILES[0]): "delisted", (PAGE, FILES[1]): "delisted", (moved, FILES[0]): "listed"}
