"""Every source against its saved responses: a folder is a case, and no source goes without one.

`python -m tests.test_sources` writes the expected result of each case that has none yet; read it before it is kept.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from pipelines.screening import screen
from spiders._platform import Source

SOURCES = Path(__file__).parent / "sources"
CASES = sorted(path.parent for path in SOURCES.glob("*/*/request.json"))
LOADER = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))


def told(said: Iterable[Any] | None) -> list[dict[str, Any]]:
    """Return what a callback yields as JSON values, with each item's kind or each request's address."""
    return [json.loads(json.dumps(_told(one))) for one in said or ()]


def _told(one: Any) -> dict[str, Any]:
    if isinstance(one, Request):
        assert one.callback is not None
        return {"request": one.url, "callback": one.callback.__name__, "arguments": one.cb_kwargs, "meta": one.meta}
    return {"item": type(one).__name__} | {
        key: value for key, value in asdict(one).items() if value not in ("", (), [])
    }


def answer(case: Path) -> tuple[Callable[..., Any], Response, dict[str, Any]]:
    """Return a case's callback, its saved response, and the arguments that go with it."""
    asked = json.loads((case / "request.json").read_text("utf-8"))
    (body,) = case.glob("body.*")
    source = LOADER.load(case.parent.name)(**asked.get("source", {}))
    headers = {name.encode(): value.encode() for name, value in asked.get("headers", {}).items()}
    kind = responsetypes.from_args(headers=headers, url=asked["url"], body=body.read_bytes())
    response = kind(url=asked["url"], headers=headers, body=body.read_bytes())
    return getattr(source, asked["callback"]), response, asked.get("arguments", {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_saved_response_gives_what_is_expected(case: Path) -> None:
    callback, response, arguments = answer(case)
    media_type = (response.headers.get("Content-Type") or b"").decode()
    assert screen(200, media_type, response.body, callback.accepted) is None  # type: ignore[attr-defined]
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    assert told(callback(response, **arguments)) == expected
    assert told(callback(response, **arguments)) == expected, "a callback keeps nothing between calls"


@pytest.mark.parametrize("name", sorted(LOADER.list()))
def test_source_is_whole(name: str) -> None:
    source = LOADER.load(name)
    assert issubclass(source, Source)
    assert source.__module__ == f"spiders.{name}"
    assert all((source.title, source.publisher, source.collection, source.description))
    asks_by_itself = not source.passive and not source.wants
    assert asks_by_itself <= source.expect.minimum <= source.expect.maximum
    read = {json.loads((case / "request.json").read_text("utf-8"))["callback"] for case in (SOURCES / name).iterdir()}
    callbacks = {key for key in dir(source) if key.startswith("parse_")}
    assert all(getattr(source, key).accepted for key in callbacks)
    assert callbacks <= read, "every callback has a saved response"


def test_no_case_without_its_source() -> None:
    assert {case.parent.name for case in CASES} == set(LOADER.list())


def write_missing() -> None:
    """Write `expected.json` for each case that has none."""
    for case in itertools.filterfalse(lambda case: (case / "expected.json").exists(), CASES):
        callback, response, arguments = answer(case)
        said = told(callback(response, **arguments))
        lines = ",\n".join(json.dumps(one, ensure_ascii=False, indent=1) for one in said)
        (case / "expected.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    write_missing()
