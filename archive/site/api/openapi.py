"""The description of the site's data as one OpenAPI 3.1 document, made of the table of described routes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archive.site.api.answers import FORMS
from archive.site.api.described import AS_OF, DESCRIBED, Described, Parameter
from archive.site.api.forms import ref

VERSION = "1.0.0"
_ERRORS = {
    400: "The question can't be answered as it stands; `error` says why.",
    404: "Nothing of it is held, or there is no such release.",
    410: "It was withdrawn from publication; the log says when and why.",
    413: "It is more than may be sent.",
    422: "It is too long to be answered here.",
    503: "The question took too long, or the release is being made again.",
}
_LEADS = {301: "It has another name now, which lasts.", 302: "It leads to the version, or the document, that is meant."}


def describe(name: str, address: str, columns: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return the description of an archive called `name` at `address` ("" where none is set).

    `columns` has for each table of the catalogue what its columns mean.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{name}: data",
            "version": VERSION,
            "summary": "Documents, versions, pages, what cites them and what became of them, as JSON.",
            "description": "Everything can only be read, and needs no key. Tables, SQL and CSV stand beside, as "
            "Datasette gives them (/archive). Each answer says from which release it is.",
        },
        "servers": [{"url": address or "/"}],
        "paths": {one.path: _operations(one) for one in DESCRIBED},
        "components": {"schemas": {key: form.schema(columns) for key, form in sorted(FORMS.items())}},
    }


# An answer that is a list, by the name that it is described under.
_LISTS = {"CslItems": {"type": "array", "items": ref("CslItem"), "minItems": 1, "maxItems": 1}}


def _operations(one: Described) -> dict[str, Any]:
    if not one.posts:
        return {"get": _operation(one)}
    body = {"required": True, "description": "The draft.", "content": {
        media: {"schema": {"type": "string", "contentMediaType": media}} for media in one.posts
    }}  # fmt: skip
    asked = {**_operation(one), "operationId": f"{_name(one.path)}_sent", "requestBody": body}
    return {"get": _operation(replace(one, errors=(404, 503))), "post": asked}


def _operation(one: Described) -> dict[str, Any]:
    parameters = (*one.parameters, AS_OF) if one.of_releases else one.parameters
    schemas = [ref(name) for name in one.answer]
    schema = _LISTS.get(one.answer[0]) or (schemas[0] if len(schemas) == 1 else {"anyOf": schemas})
    found = {"description": "What was asked for.", "content": {one.media: {"schema": schema}}}
    return {
        "operationId": _name(one.path),
        "summary": one.summary,
        "parameters": [_parameter(parameter) for parameter in parameters],
        "responses": {
            "200": found,
            **({"300": _answer("An old name that fits several documents.", "Several")} if 301 in one.leads else {}),
            **{str(status): {"description": _LEADS[status], "headers": _LOCATION} for status in one.leads},
            **{str(status): _answer(_ERRORS[status], *_names(one, status)) for status in one.errors},
        },
    }


_LOCATION = {"Location": {"description": "A path of this site.", "schema": {"type": "string"}}}


def _names(one: Described, status: int) -> tuple[str, ...]:
    """Return the schemas of an answer that isn't what was asked for."""
    if status == 404 and one.says_nothing:
        return (*one.answer, "Error")
    return ("Gone",) if status == 410 else ("Error",)


def _answer(description: str, *names: str) -> dict[str, Any]:
    schema = ref(names[0]) if len(names) == 1 else {"anyOf": [ref(name) for name in names]}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _parameter(one: Parameter) -> dict[str, Any]:
    told = {"name": one.name, "in": one.place, "description": one.description, "schema": one.schema}
    shown = {"example": one.example} if one.example else {}
    return {**told, "required": one.place == "path", **shown}


def _name(path: str) -> str:
    """Return what a path is called in programs made of the description: "d_document_version_p_page"."""
    words = "".join(letter if letter.isalnum() else " " for letter in path.replace(".json", "")).split()
    return "_".join(words)
