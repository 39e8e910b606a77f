"""A whole archive that is as small as one can be: some captures, their documents, a file of a person's, a release."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.proof import curation, rows
from archive.proof.audit import Item, Scope
from archive.release.policies import Policies
from archive.release.publishing import Order, build_release
from archive.store.journal import Journal
from pipelines.deposit import deposit
from pipelines.load import load
from pipelines.told import checked_settings
from pipelines.verify import Verified, verify
from tests.hostile import pdf

FILE = "notes.toml"


def make_small_archive(folder: Path) -> Path:
    """Make the archive, and return its folder."""
    given = folder.parent / "report.pdf"
    given.write_bytes(pdf.written(pdf.lines("A report on license plates")))
    settings = checked_settings(folder)
    with closing(ArchiveFolder.open(folder)) as archive:
        for number in range(4):
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
            body = b"<html><title>Page</title><p>Of no source, number %d.</html>" % (number % 3)
            url, at = f"https://www.dhs.gov/page/{number}", f"2018-01-26T15:00:0{number}Z"
            archive.store.add(
                Exchange(url, at, b"GET / HTTP/1.1\r\n\r\n", head + body, status=200), Asked("import", "i")
            )
        deposit(archive, settings, [given], "https://www.dhs.gov/report.pdf")
        load(archive, settings)
        archive.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / "curation" / FILE).write_text('[[same]]\nnames = ["ICE", "U.S. ICE"]\n')
    with closing(ArchiveFolder.open(folder)) as archive:
        digest = curation.digest_of(folder / "curation" / FILE)
        archive.journal.append(curation.EVENT, at="2018-01-27T00:00:00Z", file=FILE, sha256=digest, reason="ours")
        build_release(folder, archive.connection, Order("2018-01-27T01:00:00Z", Policies()))
    Journal(folder).close()
    return folder


class Files(Scope):
    """All but the rows of the catalogue: what a byte in a file can touch."""

    def covers(self, item: Item) -> bool:
        return item[0] != rows.PART


class Rows(Scope):
    """The catalogue alone."""

    def covers(self, item: Item) -> bool:
        return item[0] == rows.PART


def verifier(folder: Path) -> Callable[[Scope], Verified]:
    """Return what verifies this archive."""
    settings = checked_settings(folder)
    return lambda scope: verify(folder, settings, scope)


def found_in(verified: Verified) -> list[str]:
    """Return what was found, in words, but for what is only worth knowing."""
    return [f"{one.outcome} {one.subject} {one.detail}" for one in verified.damages if one.outcome != "unsealed"]
