"""A night that faults are tried on: ten exchanges, played by a command; and what must hold when it was done again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.schema import open_catalogue
from archive.outcomes import severity
from archive.store.fixity import check_seals, check_store
from archive.store.journal import Journal
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

    def wrong_after(self, name: str, acknowledged: set[str]) -> list[str]:
        """Run the command again, undisturbed; return what isn't as it should be then: [] where all is."""
        again = self.play(name)
        if again.status != 0:
            return [f"the next run ended with {again.status}: {again.said[-2000:]}"]
        return self.wrong_with(name, acknowledged)

    def wrong_with(self, name: str, acknowledged: set[str]) -> list[str]:
        """Return what isn't as it should be in an archive whose night is done."""
        archive = self.folder / name
        wrong = [f"differs: {differs}" for differs in differences(self._catalogue, dump(archive, PLACES)).items()]
        with closing(open_catalogue(archive / "archive.db")) as connection:
            held = {row[0] for row in connection.execute("SELECT capture FROM records")}
            found = check_store(archive, connection) + check_seals(archive, Journal(archive))
        wrong += [f"acknowledged and lost: {capture}" for capture in acknowledged - held]
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
