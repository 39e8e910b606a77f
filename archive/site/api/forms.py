"""How the forms of answers are written down in short, and the JSON Schema (2020-12) that each stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_INSTANT = "An instant in UTC, ISO 8601, to the second."
_DAY = "A day, a month or a year (ISO 8601): no more of it than was printed."
KINDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "whole": {"type": "integer"},
    "count": {"type": "integer", "minimum": 0},
    "number": {"type": "number"},
    "yes": {"type": "boolean"},
    "flag": {"type": "integer", "enum": [0, 1]},  # SQLite has no booleans
    "instant": {"type": "string", "description": _INSTANT},
    "day": {"type": "string", "description": _DAY},
    "path": {"type": "string", "pattern": "^/", "description": "A path of this site."},
    "digest": {"type": "string", "pattern": "^(sha256:)?[0-9a-f]{64}$"},
    "no": {"const": False},
    "object": {"type": "object"},
    "list": {"type": "array"},
    "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    "texts": {"type": "object", "additionalProperties": {"type": "string"}},
    "values": {
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]},
    },
    "any": {},
}


@dataclass(frozen=True, slots=True)
class Form:
    """An object: what it is, the fields that it has, and those that it may have.

    Fields are written "title published:day? pages:[Page]": text where no kind is named, "?" where it may be null,
    brackets for a list, a capital for another form. `table` names the table of the catalogue whose words for columns
    are those for the fields; `words` are words of its own.
    """

    told: str
    has: str
    may: str = ""
    table: str = ""
    words: tuple[tuple[str, str], ...] = ()

    def schema(self, columns: dict[str, dict[str, str]]) -> Schema:
        """Return the form as JSON Schema; `columns` has for each table what its columns mean."""
        known = {**columns.get(self.table, {}), **dict(self.words)}
        properties = {}
        for field in f"{self.has} {self.may}".split():
            name, _, kind = field.partition(":")
            properties[name] = _told(_kind(kind or "text"), known.get(name, ""))
        required = sorted(field.partition(":")[0] for field in self.has.split())
        return {"type": "object", "description": self.told, "required": required, "properties": properties}


def ref(name: str) -> Schema:
    """Return what stands for a form that is described elsewhere, under a name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _kind(written: str) -> Schema:
    """Return the schema of a kind as it is written: "count", "day?", "[Page]", "[[text]]?"."""
    if written.endswith("?"):
        return _or_null(_kind(written[:-1]))
    if written.startswith("["):
        return {"type": "array", "items": _kind(written[1:-1])}
    return ref(written) if written[0].isupper() else KINDS[written]


def _or_null(schema: Schema) -> Schema:
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _told(schema: Schema, words: str) -> Schema:
    return {**schema, "description": words} if words and "$ref" not in schema else schema
