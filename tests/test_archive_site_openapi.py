"""/openapi.json against routes and sample: no route without a description, no answer otherwise than described."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from archive.site.api.described import DESCRIBED, Described
from archive.site.routes import ROUTES
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import get
from tests.demo_archive import DemoArchive

# Routes that answer no JSON, by what they are instead.
NO_DATA = {
    "/": "a page",
    "/d/some-document": "a page; its JSON is described",
    "/d/some-document.bib": "a file for reference managers, or a page; its JSON is described",
    "/d/some-document@0123456789/p1.png": "a picture",
    "/d/some-document.pdf": "a file as it was captured",
    "/-/oversight/site.css": "a file of the program",
    "/badge.svg": "a picture; its data is described",
    "/sources/news.svg": "a picture; its data is described",
    "/web/20180126000000/https://www.dhs.gov/": "a capture, in the frame or as it was",
    "/timegate/https://www.dhs.gov/": "leads to a capture",
    "/captures/20180126000000/https://www.dhs.gov/": "a page around a capture",
    "/search/batch": "a page with a form",
    "/search/batch.csv": "many searches by POST, answered as a table",
    "/-/threads.json": "nothing, on purpose",
    "/openapi.json": "the description itself",
    "/api": "the description for people",
}


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


@pytest.fixture(scope="module")
def described(site: ArchiveDatasette) -> dict[str, Any]:
    found: dict[str, Any] = get(site, "/openapi.json").json()
    return found


def _strict(schema: Any) -> Any:
    """Return a form that admits no field that isn't described."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _strict(value) for name, value in schema.items()}
    if "properties" in made and "required" in made:
        made["additionalProperties"] = False
    return made


def _errors(described: dict[str, Any], name: str, answer: Any) -> list[str]:
    """Return what of an answer isn't as the schema of that name says."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": _strict(copy.deepcopy(described["components"]))}
    validator = jsonschema_rs.Draft202012Validator(whole)
    return [f"{error.instance_path}: {error.message[:300]}" for error in validator.iter_errors(answer)]


def _answers(site: ArchiveDatasette) -> Iterator[tuple[Described, Any]]:
    for one in DESCRIBED:
        yield one, get(site, one.example())


def test_every_route_is_described_or_answers_no_data() -> None:
    paths = [one.example().partition("?")[0] for one in DESCRIBED] + list(NO_DATA)
    bare = [pattern.pattern for pattern, _ in ROUTES if not any(pattern.match(path) for path in paths)]
    assert bare == []
    for path in NO_DATA:
        assert any(pattern.match(path) for pattern, _ in ROUTES), path


def test_every_form_of_an_answer_as_data_is_described() -> None:
    endings = [pattern.pattern for pattern, _ in ROUTES if "json" in pattern.pattern]
    told = [one.example().partition("?")[0] for one in DESCRIBED] + list(NO_DATA)
    assert all(any(re.match(pattern, path) and "json" in path for path in told) for pattern in endings)


def test_every_example_answers_as_described(site: ArchiveDatasette, described: dict[str, Any]) -> None:
    wrong, bytes_read = {}, 0
    for one, answer in _answers(site):
        if answer.status_code != 200:
            wrong[one.path] = [f"{answer.status_code} {answer.headers.get('location', '')}"]
            continue
        bytes_read += len(answer.content)
        told = answer.json()[0] if one.answer == ("CslItems",) else answer.json()
        tried = [_errors(described, name.replace("Items", "Item"), told) for name in one.answer]
        if all(tried):
            wrong[one.path] = tried[0][:5]
    assert wrong == {}, "\n".join(f"{name}: {said}" for name, said in wrong.items())
    assert bytes_read > 100_000


def test_documents_of_every_kind_answer_as_described(site: ArchiveDatasette, described: dict[str, Any]) -> None:
    rows = get(site, "/archive/documents.json?_shape=array&_size=max").json()
    ids = {(row["collection"], row["kind"]): row["id"] for row in rows}.values()
    wrong = {}
    for document in ids:
        if errors := _errors(described, "Document", get(site, f"/d/{document}.json").json()):
            wrong[document] = errors[:3]
    assert wrong == {}, "\n".join(f"{name}: {said}" for name, said in wrong.items())
    assert len(ids) > 15


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/d/no-such-document.json", 404),
        ("/d/dhs-ice-pia-039a@0000000000.json", 404),
        ("/d/dhs-ice-pia-039a.json?on=yesterday", 400),
        ("/d/dhs-ice-pia-039a.json?as_of=77", 404),
        ("/n/DHS%2FICE%2FPIA-999.json", 404),
        ("/diff.json?a=nothing", 400),
        ("/changes.json?kind=nothing", 400),
        ("/gaps/%C2%93.a%5Cm.json", 404),
    ],
)
def test_errors_are_as_described(site: ArchiveDatasette, described: dict[str, Any], path: str, status: int) -> None:
    answer = get(site, path)
    assert answer.status_code == status
    name = "ByNumber" if path.startswith("/n/") else "Error"
    assert _errors(described, name, answer.json()) == []


def test_the_description_is_one(described: dict[str, Any]) -> None:
    meta = jsonschema_rs.validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema"})
    assert meta is not None
    names = set(described["components"]["schemas"])
    used = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert used == names
    operations = [path["get"]["operationId"] for path in described["paths"].values()]
    assert len(set(operations)) == len(operations)


def test_another_answer_is_told_from_what_is_described(described: dict[str, Any]) -> None:
    """The tests above can fail: a field too many, one missing, one of another type."""
    sound = {"databases": [{"name": "archive", "size": 1, "is_mutable": False}]}
    assert _errors(described, "Databases", sound) == []
    for broken in (
        {**sound, "path": "/srv"}, {}, {"databases": [{**sound["databases"][0], "size": "1"}]},
    ):  # fmt: skip
        assert _errors(described, "Databases", broken), broken


def test_the_words_for_fields_are_those_of_the_tables(described: dict[str, Any]) -> None:
    metadata = json.loads((Path(__file__).parent.parent / "datasette_metadata.json").read_text())
    words = metadata["databases"]["archive"]["tables"]["awards"]["columns"]
    fields = described["components"]["schemas"]["Award"]["properties"]
    assert fields["obligated"]["description"] == words["obligated"]


def test_people_read_of_every_address_that_is_described(site: ArchiveDatasette) -> None:
    page = get(site, "/api")
    assert page.status_code == 200
    for one in DESCRIBED:
        assert f"<code>{one.path}</code>" in page.text, one.path
    about = get(site, "/about").text
    assert 'href="/api"' in about
    for part in ("method", "limits", "report"):
        assert f'id="{part}"' in about
