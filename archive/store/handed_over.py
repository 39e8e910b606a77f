"""Makes of a unit that another machine wrote what the store takes in; it doesn't know how the unit came here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archive.model import Asked, Capture, Exchange
from archive.store.errors import RecordDamaged
from archive.store.group import Described
from archive.store.record import RecordError
from archive.store.store import CaptureStore
from archive.store.unit import Unit, check_unit, record_id


def described(store: CaptureStore, unit: Unit, made_from: Mapping[str, str]) -> Described:
    """Return what `CaptureStore.add_all` takes of a unit, its digests compared.

    The payload of a revisit is looked up in the store. `made_from` has the captures that a rendered document may refer
    to, by the ids of their records. Raises RecordError for a unit that isn't what it says, RecordDamaged for one whose
    payload isn't there.
    """
    if problem := check_unit(unit):
        raise RecordError(problem)
    capture = unit.capture
    exchange = Exchange(
        url=capture.url,
        captured_at=capture.captured_at,
        request=unit.request.block if unit.request else b"",
        response=_response(store, unit),
        method=capture.method,
        status=capture.status,
        kind=capture.kind,
        ip_address=unit.final.header("WARC-IP-Address"),
        truncated=capture.truncated,
        fidelity=capture.fidelity,
        file_name=capture.file_name,
        sample=capture.sample,
        provenance=capture.provenance,
        confirms=unit.revisit_of if unit.unchanged else "",
        made_from="" if unit.final.type == "revisit" else made_from.get(unit.final.header("WARC-Refers-To"), ""),
    )
    made = store.describe(exchange, Asked(capture.source, capture.run, capture.callback, capture.arguments))
    if made.capture.id != capture.id or made.capture.content_digest != capture.content_digest:
        raise RecordError("its payload is not what its digest says")
    return replace(made, capture=capture)


def response_id(capture: Capture) -> str:
    """Return the id of a capture's record, by which another refers to it."""
    return record_id(capture.id, "response")


def _response(store: CaptureStore, unit: Unit) -> bytes:
    """Return the answer as it was sent: a revisit's own head, with the body of what it refers to."""
    if unit.final.type != "revisit" or unit.unchanged:
        return unit.final.block
    try:
        return unit.final.block + store.answer(unit.revisit_of).body
    except KeyError:
        raise RecordDamaged("records", 0, f"capture {unit.revisit_of}, which holds its payload, is not here") from None
