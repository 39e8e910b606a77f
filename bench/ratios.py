"""What each bench's figures say of ours beside another: a row for each thing that was measured for both in one run."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MORE, LESS = "more", "less"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One thing measured of ours and of a peer, in the same unit; `better` says whether more of it is, or less."""

    what: str
    unit: str
    better: str
    ours: float
    peer: str
    theirs: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Return how many times ours is better: above 1 it is, below it isn't."""
        one, other = (self.ours, self.theirs) if self.better == MORE else (self.theirs, self.ours)
        return one / other if other else float("inf")


def of_capture(found: Any) -> Iterator[Ratio]:
    rows = found["measured"]
    largest = max(row["resources"] for row in rows)
    of = {name: [row for row in rows if row["contender"] == name and row["resources"] == largest]
          for name in ("ours", "scrapy", "wget")}  # fmt: skip
    titles = {"scrapy": "bare Scrapy, which stores nothing", "wget": "wget --warc-file"}
    for peer, title in titles.items():
        if of[peer]:
            for what, key, better in (("captured", "rate", MORE), ("processor seconds", "cpu_seconds", LESS),
                                      ("peak memory", "peak_megabytes", LESS)):  # fmt: skip
                ours, theirs = (statistics.median(row[key] for row in of[one]) for one in ("ours", peer))
                unit = {"rate": "pages/s", "cpu_seconds": "s", "peak_megabytes": "MB"}[key]
                yield Ratio(what, unit, better, ours, title, theirs)


def of_text(found: Any) -> Iterator[Ratio]:
    ours = found["ours"]
    for peer, theirs in found.items():
        if peer == "ours":
            continue
        stock = "stock pdfplumber" if peer == "pdfplumber" else peer
        yield Ratio("PDF pages read", "pages/s", MORE, ours["rate"], stock, theirs["rate"])
        yield Ratio("quotations found in running text", "share", MORE, ours["quoted"], stock, theirs["quoted"])
        yield Ratio("quotations found over columns", "share", MORE, ours["over columns"], stock, theirs["over columns"])


def of_diff(found: Any) -> Iterator[Ratio]:
    ours = {(row["pages"], row["edits"]): row["seconds"] for row in found if row["way"] == "archive"}
    for row in found:
        known = row["seconds"] is not None or row["found"].startswith("more than")
        if row["way"] != "archive" and known:
            theirs = row["seconds"] if row["seconds"] is not None else float(row["found"].split()[2])
            what = f"{row['pages']} pages compared, {row['edits']}"
            mine = ours[row["pages"], row["edits"]]
            yield Ratio(what, "s", LESS, mine, row["way"], theirs, at_least=row["seconds"] is None)


def of_proof(found: Any) -> Iterator[Ratio]:
    last = max(found, key=lambda row: row["captures"])
    what = f"`verify`, every byte and every row of {last['captures']:,} captures"
    yield Ratio(what, "s", LESS, last["verify"]["cpu"], "`warcio check`, records alone", last["warcio_check"]["cpu"])
    yield Ratio(what, "s", LESS, last["verify"]["cpu"], "plain SHA-256 of the files", last["sha256"]["cpu"])


_CLASSES = ("rare word", "common word", "facets", "two words", "phrase", "prefix", "number")


def of_search(found: Any) -> Iterator[Ratio]:
    took = {(row["who"], row["kind"]): row for row in found["took"]}
    pages = found["made"]["pages"]
    for kind in _CLASSES:
        for ours, peer in (("archive", "bare FTS5"), ("archive, HTTP", "stock Datasette")):
            one, other = took.get((ours, kind)), took.get((peer, kind))
            if one and other:
                yield Ratio(f"{kind} among {pages:,} pages", "ms", LESS, one["p50"], peer, other["p50"])
    at_once = {row["who"]: row for row in found["at_once"]}
    for who in ("archive", "archive, answers kept"):
        what = "twenty clients" + (", answers kept" if "kept" in who else "")
        theirs = at_once["stock Datasette"]["a_second"]
        yield Ratio(what, "searches/s", MORE, at_once[who]["a_second"], "stock Datasette", theirs)


def of_quotes(found: Any) -> Iterator[Ratio]:
    ours, _, *others = found["took"]
    right = sum(ours["found"].get(kind, 0) for kind in found["asked"])
    for other in others:
        what = f"a hundred quotations checked among {found['pages']:,} pages"
        yield Ratio(what, "s of a processor", LESS, ours["processor"], other["who"], other["processor"])
        yield Ratio("of these told rightly", "quotations", MORE, right, other["who"],
                    sum(other["found"].get(kind, 0) for kind in found["asked"]))  # fmt: skip


def of_load(found: Any) -> Iterator[Ratio]:
    rows = {(row["served"], row["beside"]): row for row in found if row["route"] == "all"}
    for served in dict.fromkeys(row["served"] for row in found):
        alone, beside = (rows.get((served, key)) for key in dict.fromkeys(row["beside"] for row in found))
        if alone and beside:
            what = f"readers' 99th percentile beside hostile SQL ({served})"
            yield Ratio(what, "ms", LESS, beside["p99"], "ours without it", alone["p99"])


def of_watches(found: Any) -> Iterator[Ratio]:
    what = f"{found['terms']:,} terms looked for"
    mine = found["microseconds a page"]
    for peer, key in (("plain loop over the terms", "plain loop, times as long"),
                      ("one joined regular expression", "one expression, times as long")):  # fmt: skip
        yield Ratio(what, "µs a page", LESS, mine, peer, mine * found[key])


def of_cluster(found: Any) -> Iterator[Ratio]:
    for row in found["ratios"]:
        yield Ratio(**row)


RATIOS: Mapping[str, Callable[[Any], Iterable[Ratio]]] = {
    "capture": of_capture, "text": of_text, "diff": of_diff, "proof": of_proof, "search": of_search,
    "quotes": of_quotes, "load": of_load, "watches": of_watches, "cluster": of_cluster,
}  # fmt: skip
