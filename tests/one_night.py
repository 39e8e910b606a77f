"""A night that faults are tried on: ten exchanges, played by a command; and what must hold when it was done again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.outcomes import severity
from archive.store.fixity import check_seals, check_store
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from tests.demo_archive import SAMPLE, differences, dump
from tests.forked import Ended, Forked

# Ten exchanges: robots.txt of three hosts, two lists, four documents as pages and one as PDF.
TEN = ("crawl", "dhs_sorn", "--replay", SAMPLE, "--night", "2018-01-10")
WHOLE = ("nightly", "--replay", SAMPLE, "--night", "2018-01-10")
# Where a record lies depends on which of the runs wrote it.
PLACES = ("records",)


class Night:
    """A command, and the catalogue that it makes where nothing disturbs it."""

    def __init__(self, forked: Forked, folder: Path, arguments: tuple[object, ...] = TEN) -> None:
        self.forked, self.folder, self.arguments = forked, folder, arguments
        self.undisturbed = self.play("undisturbed")
        assert self.undisturbed.status == 0, self.undisturbed.said
        self._catalogue = dump(folder / "undisturbed", PLACES)
        self.ids = {row[0] for row in self._catalogue["captures"]}

    def play(self, name: str, **faults: Any) -> Ended:
        """Run the command on an archive of that name."""
        return self.forked.run(self.folder / name, *self.arguments, **faults)

    def prime(self, name: str) -> None:
        """Give an archive the readings that its files will need, so that no worker has to be started for them."""
        shutil.copytree(self.folder / "undisturbed" / "cache", self.folder / name / "cache")

    def wrong_after(self, name: str, acknowledged: set[str]) -> list[str]:
        """Return what isn't as it should be, now and when the command was run again undisturbed: [] where all is.

        What was acknowledged is looked for before that: the next run would fetch again what was lost.
        """
        wrong = [f"acknowledged and lost: {one}" for one in sorted(acknowledged - self._recovered(name))]
        again = self.play(name)
        if again.status != 0:
            return [*wrong, f"the next run ended with {again.status}: {again.said[-2000:]}"]
        return wrong + self.wrong_with(name)

    def _recovered(self, name: str) -> set[str]:
        """Return the captures that can be read, byte for byte, in a copy of an archive that was opened once."""
        if not (self.folder / name).exists():
            return set()  # killed before there was a folder
        copy = self.folder / f"{name}-opened"
        shutil.copytree(self.folder / name, copy, ignore=shutil.ignore_patterns("cache"))
        with closing(open_catalogue(copy / "archive.db")) as connection:
            store = CaptureStore.open(copy, connection)
            held = {row[0] for row in connection.execute("SELECT id FROM captures") if store.read(row[0])}
        shutil.rmtree(copy)
        return held

    def wrong_with(self, name: str) -> list[str]:
        """Return what isn't as it should be in an archive whose night is done."""
        archive = self.folder / name
        wrong = [f"differs: {differs}" for differs in differences(self._catalogue, dump(archive, PLACES)).items()]
        with closing(open_catalogue(archive / "archive.db")) as connection:
            found = check_store(archive, connection) + check_seals(archive, Journal(archive))
        return wrong + [str(one) for one in found if severity(one.outcome) == "failure"]


@pytest.fixture(scope="session")
def forked() -> Iterator[Forked]:
    """Give the process that runs commands; it loads everything once."""
    with Forked() as process:
        yield process


@pytest.fixture(scope="session")
def night(forked: Forked, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Give the night of ten exchanges."""
    return Night(forked, tmp_path_factory.mktemp("ten"))
