"""What every export says of itself: which release it is of, whose archive it is, and whether it holds the sample."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archive.research.citation import SAMPLE_NOTICE
from archive.research.documents import is_sample

WORKING_NOTICE = "Working archive: it holds what is not published, and what was withdrawn. It is for the operator only."
RIGHTS = (
    "Works of the United States government are not subject to copyright in the United States (17 U.S.C. 105). "
    "Everything else belongs to whoever made it: of articles a release holds excerpts, and no export has their bytes."
)


@dataclass(frozen=True, slots=True)
class Named:
    """The archive as its operator names it: `name`, `contact`, and its public `address`, each "" where none is set."""

    name: str
    contact: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export is of: a release (its number, manifest and the manifest's SHA-256), or the working archive."""

    archive: Named
    number: int | None
    manifest: Mapping[str, Any]
    manifest_sha256: str
    sample: bool

    @property
    def created(self) -> str:
        """Return the instant that the content is of, "" where only the content can tell."""
        return str(self.manifest.get("built", ""))

    @property
    def title(self) -> str:
        """Return what the export is called, marked where it is the sample's or not for publication."""
        of = f"release {self.number}" if self.number is not None else "working archive"
        return f"{'Sample: ' if self.sample else ''}{self.archive.name}, {of}"

    @property
    def notices(self) -> list[str]:
        """Return what a reader must not miss."""
        return [SAMPLE_NOTICE] * self.sample + [WORKING_NOTICE] * (self.number is None)

    @property
    def facts(self) -> dict[str, Any]:
        """Return the same for programs, under one name."""
        told: dict[str, Any] = {"archive": self.archive.name, "contact": self.archive.contact}
        told |= {"address": self.archive.address, "sample": self.sample, "working": self.number is None}
        if self.number is not None:
            digest = self.manifest.get("digest", "")
            told |= {"release": self.number, "digest": digest, "manifest_sha256": self.manifest_sha256}
        return {"oversight": told}


def exported(
    connection: sqlite3.Connection,
    archive: Named,
    number: int | None = None,
    manifest: Mapping[str, Any] | None = None,
    manifest_sha256: str = "",
) -> Exported:
    """Return what an export of an open release, or of the working catalogue, says of itself."""
    return Exported(archive, number, manifest or {}, manifest_sha256, is_sample(connection))
