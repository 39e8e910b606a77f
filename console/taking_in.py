"""An archive as a command takes something into it: opened with what has to stay free, or refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from archive.folder import ArchiveFolder
from pipelines.clock import ClockImplausible
from pipelines.plan import CrawlRefused, project_settings


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (CrawlRefused, ClockImplausible) as refused:
        raise click.UsageError(str(refused)) from refused


@contextmanager
def opened(folder: Path) -> Iterator[ArchiveFolder]:
    archive = ArchiveFolder.open(folder, keep_free=project_settings(folder).getint("KEEP_FREE"))
    try:
        yield archive
    finally:
        archive.close()
