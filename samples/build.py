"""Make the bundled sample: five nights of exchanges with dhs.gov, SAM.gov and four newsrooms, in one WARC file.

Run `python -m samples.build`. Same bytes each time: the sample is in the repository, and a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from samples import (
    cited,
    fbo,
    federal_register,
    foia,
    library,
    newsrooms,
    oversight_reports,
    procurement,
    sorns,
    usaspending,
    web_archive,
)
from samples.publications import NIGHTS
from samples.recording import Answer, write_recording

# Of each source what it is told, and what it is answered on a night. A source that isn't here finds nothing.
SOURCES: Mapping[str, tuple[Mapping[str, object], Callable[[str], Iterable[Answer]]]] = {
    "dhs_pia": ({"listings": library.LISTINGS}, library.answers_on),
    "sam_notices": ({"key": True, "since": f"{procurement.SINCE}-01-01"}, procurement.answers_on),
    "news": (newsrooms.OUTLETS, newsrooms.answers_on),
    "fbo_notices": (fbo.ARGUMENTS, fbo.answers_on),
    "dhs_sorn": (sorns.ARGUMENTS, sorns.answers_on),
    "federal_register": (federal_register.ARGUMENTS, federal_register.answers_on),
    "dhs_oig": (oversight_reports.ARGUMENTS, oversight_reports.answers_on),
    "ice_foia_library": (foia.ARGUMENTS, foia.answers_on),
    "usaspending": (usaspending.ARGUMENTS, usaspending.answers_on),
    "web_archive": (web_archive.ARGUMENTS, web_archive.answers_on),
    "references": (cited.ARGUMENTS, cited.answers_on),
}
SAMPLE = Path(__file__).parent / "january-2018.warc.gz"
NOTICE = (
    "The text of this sample was written for it. The addresses, titles, dates and contract numbers of its story follow "
    "the public record; what its documents say does not, and none of it may be cited as theirs."
)


def main() -> None:
    """Write the sample beside this file."""
    sample = build()
    SAMPLE.write_bytes(sample)
    print(f"{SAMPLE.name}: {len(sample):,} bytes")
    for source, nights in expectations().items():
        print(source, {night: counts["minimum"] for night, counts in nights.items()})


def build() -> bytes:
    """Return the sample's bytes."""
    metadata = {
        "sample": True,
        "notice": NOTICE,
        "arguments": {source: told for source, (told, _) in SOURCES.items()},
        "expect": expectations(),
    }
    return write_recording(metadata, {night: _once(exchanges(night)) for night in NIGHTS})


def _once(by_source: Mapping[str, Iterable[Answer]]) -> list[Answer]:
    """Give each exchange once: two sources may ask one host for its robots.txt."""
    kept: list[Answer] = []
    for answer in (answer for answers in by_source.values() for answer in answers):
        if answer not in kept:
            kept.append(answer)
    return kept


def exchanges(night: str) -> Mapping[str, tuple[Answer, ...]]:
    """Return a night's exchanges by source."""
    return {source: tuple(answers_on(night)) for source, (_, answers_on) in SOURCES.items()}


def expectations() -> dict[str, dict[str, dict[str, int]]]:
    """Return how many documents each source finds on each night, counted from what the server has."""
    expected: dict[str, dict[str, dict[str, int]]] = {}
    for night in NIGHTS:
        for source, answers in exchanges(night).items():
            count = sum(answer.items for answer in answers)
            expected.setdefault(source, {})[night] = {"minimum": count, "maximum": count}
    return expected


if __name__ == "__main__":
    main()
