"""Small releases for the tests of serving: a catalogue's file, a manifest beside it, and a site that serves them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from datasette.plugins import pm

from archive.folder import CATALOGUE
from archive.release.checked import table_counts
from archive.release.folder import Releases
from archive.release.held import MEMORY
from archive.site import plugin
from archive.site.server import ArchiveDatasette, open_archive
from tests.catalogue_rows import PIA, make_catalogue
from tests.demo_archive import ROOT, command, environment


def an_archive(folder: Path) -> Releases:
    """Make a folder with a catalogue of few documents, and no release yet."""
    folder.mkdir(parents=True, exist_ok=True)
    make_catalogue(folder / CATALOGUE)
    releases = Releases(folder)
    releases.folder.mkdir()
    return releases


def copy_of(releases: Releases, folder: Path) -> Releases:
    """Copy an archive for a test that does something to it."""
    return Releases(Path(shutil.copytree(releases.archive, folder)))


def publish(releases: Releases, number: int, *statements: str, current: bool = True) -> None:
    """Publish the catalogue under a number, after some SQL was carried out on the copy.

    The number stands in every title, and in each page's text in a word of its own.
    """
    made = releases.folder / f".{number}.db.new"
    made.unlink(missing_ok=True)
    with closing(sqlite3.connect(releases.archive / CATALOGUE)) as source, closing(sqlite3.connect(made)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("PRAGMA synchronous=OFF")
        with target:
            for table in ("statements", "sightings", "readings", "records", "texts"):
                target.execute(f"DROP TABLE {table}")
            target.execute("UPDATE documents SET title = title || ?", (f" [of {number}]",))
            target.execute("UPDATE pages SET text = text || ?", (f" [of {number}] [unit{number}]",))
            for statement in statements:
                target.execute(statement)
        target.execute("VACUUM")
        counts = table_counts(target)
    content = made.read_bytes()
    made.replace(releases.database(number))
    manifest = {
        "number": number,
        "built": f"2026-11-{number % 28 + 1:02d}T00:00:00Z",
        "digest": hashlib.sha256(content).hexdigest(),
        "documents": counts.get("documents", 0),
        "file": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
        "tables": {name: {"rows": rows, "digest": ""} for name, rows in counts.items()},
        "root": "",
        "previous": "",
    }
    releases.put(releases.manifest_path(number), json.dumps(manifest).encode())
    if current:
        releases.set_current(number)


def site_of(releases: Releases, **how: Any) -> ArchiveDatasette:
    """Return the site that serves an archive's releases."""
    if not pm.is_registered(plugin):
        pm.register(plugin)
    return open_archive(releases.archive, **how)


ADDRESSES = ("/", f"/d/{PIA}", f"/d/{PIA}.json", f"/d/{PIA}.txt", "/search?q=plate", "/search.json?q=plate", "/sources",
             "/archive/documents", "/archive/documents.json", "/archive/pages.csv?_stream=1", "/archive", "/about",
             "/archive.json?sql=select+title+from+documents", "/cite", "/n", "/releases")  # fmt: skip


def two_ports() -> tuple[int, int]:
    """Return two ports that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def served(folder: Path, *more: str, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Serve a folder by the command line and give the site's address."""
    port, replay_port = two_ports()
    more = more if "--replay-port" in more else (*more, "--replay-port", str(replay_port))
    line = [*before, *command("serve", "--archive", folder, "--port", port, *more)]
    said = folder.parent / f"server-{port}.log"
    with said.open("wb") as log:
        server = subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            if server.poll() is not None:
                pytest.fail(said.read_text())
            try:
                with urllib.request.urlopen(address + "/cite", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def ask_over_http(address: str, headers: dict[str, str] | None = None) -> tuple[int, Any, str]:
    """Return an answer's status, headers and text."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers or {}), timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def files_held(releases: Releases) -> Counter[str]:
    """Return how often servers hold each file of a release: on the disk, also when it was deleted, or in memory."""
    found: Counter[str] = Counter()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            name = str(link.readlink()).removesuffix(" (deleted)")
            ours = os.fsencode(releases.archive) in (link.parent.parent / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours and name.startswith((f"{releases.folder}/", f"{MEMORY}/oversight-")):
            found[name.replace("-", "/").rpartition("/")[2]] += 1
    return found
