"""Finds lists that suddenly show less than half of what they showed: redesigned, blocked, or cut in the middle.

A publisher that takes so much off a list at once can't be told from a page that lost its rows. So the first such walk
is a failure of its run, and takes nothing off the list; the next one that shows as little is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from archive.addresses import url_key
from archive.catalog.evidence import Evidence
from archive.catalog.runs import RunFacts
from archive.model import Finding

SHRUNK = "list-shrunk"
# A list of fewer rows loses half of them by chance.
FEWEST = 10


def shrunk(evidence: Evidence, runs: Mapping[str, RunFacts]) -> dict[str, list[Finding]]:
    """Return, for each run, the lists that showed it less than half of what they had shown the walk before."""
    found: dict[str, list[Finding]] = defaultdict(list)
    names = {url_key(said.body["index"]): said.body["index"] for said in evidence.of_kind("index")}
    for (_, name), walks in sorted(_walks(evidence).items()):
        for run, before, now in _drops(sorted(walks)):
            if run in runs:
                found[run].append(Finding(SHRUNK, names[name], f"{now} rows, {before} on the walk before"))
    return dict(found)


def _walks(evidence: Evidence) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
    """Return when, in which run and with how many rows each list of documents was walked to its end."""
    lists = {
        (said.seen.source, url_key(said.body["index"]))
        for said in evidence.of_kind("listed")
        if said.body["relation"] == "listing"
    }
    pages: dict[tuple[str, str, str], dict[int, int]] = defaultdict(dict)
    ends: dict[tuple[str, str, str], tuple[str, str, int]] = {}
    for said in evidence.of_kind("index"):
        where = (said.seen.source, url_key(said.body["index"]))
        if where in lists:
            pages[(*where, said.seen.walk)][said.body["page"]] = said.body["rows"]
            if said.body["last"]:
                ends[(*where, said.seen.walk)] = (said.seen.captured_at, said.seen.run, said.body["page"])
    walks = defaultdict(list)
    for walk, (at, run, last) in ends.items():
        if set(range(last)) <= pages[walk].keys():
            walks[walk[:2]].append((at, run, sum(pages[walk].values())))
    return walks


def _drops(walks: list[tuple[str, str, int]]) -> Iterator[tuple[str, int, int]]:
    """Yield the walks that aren't believed: run, rows of the last one that was, rows of this one."""
    believed, doubted = 0, False
    for _, run, now in walks:
        drops = believed >= FEWEST and now * 2 < believed
        if drops and not doubted:
            yield run, believed, now
        else:
            believed = now
        doubted = drops and not doubted
