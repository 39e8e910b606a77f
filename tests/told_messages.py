"""Messages made by hand, and a sender to this machine's loopback, for tests of how messages are written and sent."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from scrapy.settings import Settings

from archive.watches.model import Hit, Message, Place, SourceState
from pipelines.delivery.secrets import Secrets
from pipelines.delivery.sending import Sender
from pipelines.plan import project_settings

SITE = "https://archive.example"
SECRET = "whsec_" + base64.b64encode(b"canary-of-the-webhook-secret-0001").decode()
NEWER = "whsec_" + base64.b64encode(b"canary-of-the-webhook-secret-0002").decode()
AT = "2026-11-30T03:00:00Z"


def place(words: str = "the license plate reader program", **more: object) -> Place:
    return Place(**{"term": "license plate", "page": 3, "address": "/d/dhs-ice-pia-039a@v/p3", "words": words, **more})  # type: ignore[arg-type]


def hit(title: str = "Acquisition and Use of License Plate Reader Data", **more: object) -> Hit:
    facts: dict[str, object] = {
        "id": "h1", "kind": "replaced", "at": "2026-11-29T15:00:00Z", "document": "dhs-ice-pia-039a", "title": title,
        "number": "DHS/ICE/PIA-039(a)", "collection": "privacy impact assessments", "source": "dhs_pia",
        "address": "/d/dhs-ice-pia-039a", "version": "v", "before": "u",
        "difference": "/d/dhs-ice-pia-039a/diff/u..v", "summary": "2 words put in on page 3", "places": (place(),),
    }  # fmt: skip
    return Hit(**{**facts, **more})  # type: ignore[arg-type]


BLOCKED = SourceState("dhs_pia", "DHS assessments", "blocked", "2026-11-20T03:00:00Z", "It refused us on 20 November.")


def message(number: int = 1, **more: object) -> Message:
    facts: dict[str, object] = {
        "id": f"{number:032x}", "watch": "plates", "title": "Licence plates", "release": 12, "at": AT,
        "hits": (hit(),), "sources": (BLOCKED,),
    }  # fmt: skip
    return Message(**{**facts, **more})  # type: ignore[arg-type]


def settings(**told: object) -> Settings:
    """Return the project's settings, with what a machine is told of sending; loopback is the operator's own."""
    made = project_settings(Path("/nowhere"))
    own = {"SITE_ADDRESS": SITE, "SITE_NAME": "Plates", "DELIVERY_NETWORKS": "127.0.0.0/8", "SMTP_HOST": "127.0.0.1"}
    for name, value in {**own, "SMTP_FROM": "Plates <plates@archive.example>", **told}.items():
        made.set(name, value)
    return made


def sender(environment: Mapping[str, str] | None = None, seconds: float = 10.0, **told: object) -> Sender:
    held = {"HOOK": SECRET, **(environment or {})}
    return Sender(settings(**told), Secrets(held), seconds)
