"""Awards as rows of their table: one for each version, which is one action or one summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archive.amounts import parse_amount, to_cents
from archive.catalog.awards import award_of, changes_of, page_of
from archive.catalog.describe import version_id
from archive.catalog.identity import Document
from archive.dates import parse_date

Row = dict[str, Any]
PRINTED = (
    "piid", "parent_piid", "modification", "action_type", "recipient", "recipient_uei", "recipient_parent",
    "recipient_location", "agency", "sub_agency", "office", "funding_office", "description", "type", "psc", "naics",
    "solicitation", "competition", "set_aside", "place_of_performance",
)  # fmt: skip


def award_rows(document: Document) -> Iterator[Row]:
    """Yield an award's rows, in the order of its history; nothing for other documents."""
    if document.kind != "award":
        return
    changes = changes_of([content.first.body for content in document.contents])
    for content, change in zip(document.contents, changes, strict=True):
        body = content.first.body
        record = body["record"]
        obligated = parse_amount(record.get("obligated", ""))
        yield {
            "version": version_id(document, content),
            "document": document.id,
            "award_id": award_of(body) if award_of(body).startswith("CONT_") else "",
            **{name: record.get(name, "") for name in PRINTED},
            "change": change,
            "obligated_cents": to_cents(obligated) if obligated is not None else None,
            **{name: _amount(record.get(name, "")) for name in (
                "obligated", "total_obligated", "value", "potential_value")},
            **{name: _date(record.get(name, "")) for name in ("action_date", "starts", "ends", "ends_potentially")},
            "url": page_of(body),
            "place": body["place"],
            "capture": content.first.seen.id,
        }  # fmt: skip


def _amount(words: str) -> str | None:
    amount = parse_amount(words)
    return str(amount) if amount is not None else None


def _date(words: str) -> str | None:
    date = parse_date(words)
    return date.value if date else None
