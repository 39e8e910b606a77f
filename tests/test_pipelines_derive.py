"""Stored bytes handed to the callback that asked for them: every answer has one outcome, whatever the callback does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.model import Capture, Stored
from pipelines.derive import Derived, Sources, derive
from pipelines.items import File, Index, Problem, WebPage
from pipelines.plan import project_settings
from pipelines.statements import statements_of

PAGE = b"<html><body><h1>Plates</h1><p>A page of some words.</p></body></html>"


class OneCallback(Sources):
    """The project's sources with one more callback, for what no source should do."""

    def __init__(self, path: Path, said: Callable[..., Any]) -> None:
        super().__init__(project_settings(path))
        self._said = said

    def callback(self, name: str, method: str) -> Callable[..., Any] | None:
        return self._said if method == "odd" else super().callback(name, method)


def stored(body: bytes = PAGE, **facts: Any) -> Stored:
    """Return a whole and good answer, but for these facts."""
    capture = Capture(
        id="c", source="dhs_pia", run="r", kind="response", url="https://www.dhs.gov/x", method="GET",
        captured_at="2018-01-01T00:00:00Z", status=200, media_type="text/html", payload_digest="", payload_bytes=1,
        content_digest="", location="", truncated="", fidelity="wire", file_name="", callback="odd", arguments={},
        sample=False,
    )  # fmt: skip
    return Stored(replace(capture, **facts), "", (("Content-Type", "text/html"),), body)


def derived(path: Path, said: Callable[..., Any] = lambda response: None, answer: Stored | None = None) -> Derived:
    return derive(answer or stored(), OneCallback(path, said))


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ({"status": 404}, "not-found"),
        ({"status": 410}, "not-found"),
        ({"status": 403}, "blocked"),
        ({"status": 429}, "blocked"),
        ({"status": 500}, "server-error"),
        ({"status": 418}, "unexpected-status"),
        ({"status": 206}, "unexpected-status"),
        ({"status": 304}, "unexpected-status"),
        ({"status": 301, "location": "https://www.dhs.gov/y"}, "redirect"),
        ({"status": 302, "location": "javascript:x"}, "unexpected-status"),
        ({"truncated": "disconnect"}, "truncated"),
        ({"callback": ""}, "robots"),
        ({"callback": "", "status": 503}, "robots"),
        ({"callback": "parse_what_is_gone"}, "unknown-callback"),
        ({"callback": "_follow"}, "unknown-callback"),
        ({"callback": "parse_notice", "source": "gone"}, "unknown-callback"),
        ({"callback": "parse_file"}, "wrong-media-type"),
    ],
)
def test_an_answer_that_no_callback_sees_has_its_outcome(tmp_path: Path, facts: dict[str, Any], outcome: str) -> None:
    found = derived(tmp_path, answer=stored(**facts))
    assert (found.outcome, found.statements) == (outcome, ())


def test_what_the_server_calls_unchanged_says_the_same(tmp_path: Path) -> None:
    same = replace(stored(status=304), unchanged=True)
    found = derived(tmp_path, lambda response: [File(str(response.status))], same)
    assert (found.outcome, found.statements) == ("unchanged", statements_of([File("200")]))


def test_what_could_not_be_read_is_not_better_for_being_unchanged(tmp_path: Path) -> None:
    assert derived(tmp_path, _raising, replace(stored(status=304), unchanged=True)).outcome == "layout-changed"


def _raising(response: object) -> Iterator[object]:
    yield File()
    raise RecursionError("too deep")


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (_raising, "RecursionError: too deep"),
        (lambda response: [{"title": "a dict"}], "TypeError: a dict is no item"),
        (lambda response: [None], "TypeError: a NoneType is no item"),
        (lambda response: 7, "TypeError: 'int' object is not iterable"),
        (lambda response, page: [File()], "TypeError: "),
        (lambda response: [Problem("odd-thing", "x")], "ValueError: no outcome is called 'odd-thing'"),
        (lambda response: [Problem("trap", response.body)], "TypeError: "),
    ],
)
def test_whatever_a_callback_does_the_capture_has_one_outcome(tmp_path: Path, said: Any, detail: str) -> None:
    found = derived(tmp_path, said)
    assert (found.outcome, found.statements) == ("layout-changed", ())
    assert detail in found.detail


@pytest.mark.parametrize(
    ("said", "outcome", "statements"),
    [
        (lambda response: None, "listing", 0),
        (lambda response: [Index("i", 0, 1, True), Problem("missing-field", "x")], "listing", 2),
        (lambda response: [Problem("malformed-json", "x", "why")], "malformed-json", 0),
        (lambda response: [Problem("link-dropped", "x")], "listing", 1),
        (lambda response: [WebPage("page", response.css("h1::text").get(), ()), Problem("trap", "x")], "document", 2),
    ],
)
def test_what_a_callback_says_tells_the_outcome(tmp_path: Path, said: Any, outcome: str, statements: int) -> None:
    found = derived(tmp_path, said)
    assert (found.outcome, len(found.statements)) == (outcome, statements)


def test_a_file_handed_in_is_a_document_of_its_kind(tmp_path: Path) -> None:
    found = derived(tmp_path, answer=stored(b"%PDF-1.4\n", kind="resource", status=0, callback=""))
    assert (found.outcome, [one.body for one in found.statements]) == ("document", ['{"kind":"pdf"}'])
    assert derived(tmp_path, answer=stored(b"", kind="resource", status=0)).outcome == "empty-body"
