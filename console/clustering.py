"""The options that send work to a cluster, and the cluster as a command has it: connected, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from pipelines.crawl import Crawled, capture_due
from pipelines.load import MakeReaders, Progress
from pipelines.plan import Plan
from pipelines.readers import Readers

if TYPE_CHECKING:
    from pipelines.cluster.engine import Cluster


@dataclass(frozen=True, slots=True)
class Where:
    """Where work is to be done: on the cluster of the scheduler at `address`, or here; `shared` is what it sees."""

    address: str | None = None
    shared: str | None = None


HERE = Where()


def cluster_options(command: Any) -> Any:
    """Let a command take --cluster and --shared, as the one argument `where`."""

    @wraps(command)
    def taken(*arguments: Any, cluster: str | None, shared: str | None, **more: Any) -> Any:
        return command(*arguments, where=Where(cluster, shared), **more)

    made = click.option(
        "--shared", envvar="OVERSIGHT_SHARED", metavar="URL",
        help="What all machines of the cluster see: file:///srv/shared, s3://bucket/folder.",
    )(taken)  # fmt: skip
    return click.option(
        "--cluster", envvar="OVERSIGHT_CLUSTER", metavar="ADDRESS",
        help="Have a Dask cluster do the work: its scheduler's address (docs/scale.md).",
    )(made)  # fmt: skip


@contextmanager
def connected(where: Where, alone: list[str] | None = None) -> Iterator[Cluster | None]:
    """Give the cluster that was named, None where none was. Raises a usage error where it isn't there.

    With a list for why one is `alone` there is no error then: all is done here, and the list says why.
    """
    if not where.address:
        yield None
        return
    if not where.shared:
        raise click.UsageError("--cluster goes with --shared URL: a folder or a bucket that all its machines see.")
    from pipelines.cluster.engine import Cluster, ClusterRefused  # noqa: PLC0415 (few have it)

    try:
        cluster = Cluster.connect(where.address, where.shared)
    except ClusterRefused as refused:
        if alone is None:
            raise click.UsageError(str(refused)) from refused
        alone.append(f"{refused} All was done on this machine.")
        yield None
        return
    with cluster:
        yield cluster
    if alone is None:
        for problem in problems_of(cluster):
            click.echo(f"oversight: {problem}", err=True)


def problems_of(cluster: Cluster | None) -> list[str]:
    """Say which workers were not used, and what became of the cluster."""
    if cluster is None:
        return []
    told = [f"The worker {worker} is not used: it {why}." for worker, why in sorted(cluster.refused.items())]
    return [*told, *([f"{cluster.lost} What it had still to do was done on this machine."] if cluster.lost else [])]


def readers_of(cluster: Cluster | None) -> MakeReaders:
    """Return what makes what reads: here, or on a cluster."""
    if cluster is None:
        return Readers
    from pipelines.cluster.reading import ClusterReaders  # noqa: PLC0415 (few have a cluster)

    return partial(ClusterReaders, cluster)


def take_in_left(cluster: Cluster | None, settings: Any, progress: Progress) -> None:
    """Take in what a crawl on a cluster left that was killed; runs are planned after that."""
    if cluster is not None:
        from pipelines.cluster.crawling import take_in_left as take  # noqa: PLC0415 (few have a cluster)

        take(cluster.shared, settings, progress)


def capture_where(cluster: Cluster | None, settings: Any, plans: Sequence[Plan], progress: Progress) -> Crawled:
    """Carry out plans here, or on a cluster; what was captured is yet to be loaded."""
    if cluster is None or not plans:
        return capture_due(settings, plans, progress)
    from pipelines.cluster.crawling import capture_on  # noqa: PLC0415 (few have a cluster)

    return capture_on(cluster, settings, plans, progress, readers_of(cluster))
