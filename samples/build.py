"""Make the bundled sample: five nights of exchanges with dhs.gov, SAM.gov and four newsrooms, in one WARC file.

Run `python -m samples.build`. Same bytes each time: the sample is in the repository, and a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from samples import library, newsrooms, procurement
from samples.publications import NIGHTS
from samples.recording import Answer, write_recording

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
        "arguments": {
            "dhs_pia": {"listings": library.LISTINGS},
            "sam_notices": {"key": True, "since": f"{procurement.SINCE}-01-01"},
            "news": newsrooms.OUTLETS,
        },
        "expect": expectations(),
    }
    nights = {night: [answer for answers in exchanges(night).values() for answer in answers] for night in NIGHTS}
    return write_recording(metadata, nights)


def exchanges(night: str) -> Mapping[str, tuple[Answer, ...]]:
    """Return a night's exchanges by source."""
    return {
        "dhs_pia": tuple(library.answers_on(night)),
        "sam_notices": tuple(procurement.answers_on(night)),
        "news": tuple(newsrooms.answers_on(night)),
    }


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
