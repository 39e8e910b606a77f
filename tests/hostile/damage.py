"""Damages good PDFs in every way that a disk, a network or an attacker does, and has what is left read (HP-15).

`python -m tests.hostile.damage [COUNT] [FOLDER …]` reads COUNT mutants of generated files and of the small PDFs below
the folders in real worker processes, and prints what came of them: outcomes by name, crashes, hangs, seconds, memory.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from tests.hostile import pdf
from tests.hostile.tried import Trial, summed, tried

SEED = 20180110
_LARGEST = 400_000
_BOMB = 16 << 20
# Honest files of this size take a second or two.
SECONDS = 20
_OBJECT = re.compile(rb"\d{1,7} 0 obj\b")
_REFERENCE = re.compile(rb"\d{1,7} 0 R\b")
_NUMBER = re.compile(rb"(?<=[ \[])\d{1,9}(?=[ \]])")
_STREAM = re.compile(rb"stream\r?\n(.{1,100000}?)\r?\nendstream", re.DOTALL)

Damage = Callable[[bytes, random.Random], bytes]


def cut(body: bytes, chance: random.Random) -> bytes:
    """The file ends at a whole per cent of its length."""
    return body[: len(body) * chance.randrange(100) // 100]


def zeroed(body: bytes, chance: random.Random) -> bytes:
    """A block of 1 KB holds zeros, as after a lost write."""
    start = chance.randrange(len(body)) // 1024 * 1024
    return body[:start] + bytes(min(1024, len(body) - start)) + body[start + 1024 :]


def flipped(body: bytes, chance: random.Random) -> bytes:
    """One to thirty bits are turned."""
    changed = bytearray(body)
    for _ in range(chance.randint(1, 30)):
        changed[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwritten(body: bytes, chance: random.Random) -> bytes:
    """A stretch holds noise."""
    start, length = chance.randrange(len(body)), chance.randint(1, 200)
    return body[:start] + chance.randbytes(length) + body[start + length :]


def without(body: bytes, chance: random.Random) -> bytes:
    """A stretch is missing: everything behind it lies elsewhere than the table says."""
    start = chance.randrange(len(body))
    return body[:start] + body[start + chance.randint(1, 3000) :]


def twice(body: bytes, chance: random.Random) -> bytes:
    """A stretch stands there twice."""
    start = chance.randrange(len(body))
    return body[: start + chance.randint(1, 3000)] + body[start:]


def broken_table(body: bytes, chance: random.Random) -> bytes:
    """The places in the cross-reference table, or where it begins, are others."""
    at = max(body.rfind(b"xref"), body.rfind(b"startxref"), 0)
    start = max(body.rfind(b"\nxref", 0, at), 0)
    return body[:start] + re.sub(rb"\d(?=\d{0,9} )|\d(?=\n%%)", lambda _: b"%d" % chance.randrange(10), body[start:])


def recursive(body: bytes, chance: random.Random) -> bytes:
    """References lead to other objects, some of them back to where they stand."""
    named = [found[0].split(b" ")[0] for found in _OBJECT.finditer(body)] or [b"1"]
    share = chance.choice((0.02, 0.3))

    def elsewhere(found: re.Match[bytes]) -> bytes:
        return b"%s 0 R" % chance.choice(named) if chance.random() < share else found[0]

    return _REFERENCE.sub(elsewhere, body)


def other_numbers(body: bytes, chance: random.Random) -> bytes:
    """Some numbers are huge, below nothing or none: lengths, counts, boxes, widths."""
    others = (b"0", b"-1", b"999999999", b"4294967296", b"1e30", b"nan", b"null", b"9" * 400)

    def another(found: re.Match[bytes]) -> bytes:
        return chance.choice(others) if chance.random() < 0.03 else found[0]

    return _NUMBER.sub(another, body)


def huge_boxes(body: bytes, chance: random.Random) -> bytes:
    """Pages have a size that nothing has."""
    sizes = (
        b"0 0 1e9 1e9",
        b"0 0 99999999999 3",
        b"0 0 0 0",
        b"nan nan nan nan",
        b"9 9 -9 -9",
        b"0 0 1",
        b"-1e30 0 1e30 1",
    )
    return re.sub(rb"(/(?:Media|Crop)Box\s{0,2}\[)[^\]]{1,60}", lambda found: found[1] + chance.choice(sizes), body)


def bomb(body: bytes, chance: random.Random) -> bytes:
    """A stream of 16 KB unpacks to a thousand times its size, and draws without end."""
    streams = list(_STREAM.finditer(body))
    if not streams:
        return body + pdf.flate_bomb(16)
    found = chance.choice(streams)
    fill = chance.choice((b" ", b"q ", b"0 0 5 5 re f ", b"[", b"(a) Tj ", b"\0"))
    data = zlib.compress(fill * (_BOMB // len(fill)), 9)
    return body[: found.start(1)] + data + body[found.end(1) :]


def other_words(body: bytes, chance: random.Random) -> bytes:
    """Names and operators are others of their kind."""
    words = (
        b"/Kids",
        b"/Parent",
        b"/Contents",
        b"/Type",
        b"/Length",
        b"/Filter",
        b"/W",
        b"/Font",
        b"/Root",
        b"/Prev",
        b"/Size",
    )
    one, other = chance.sample(words, 2)
    return body.replace(one, other)


DAMAGES: Sequence[Damage] = (
    cut, zeroed, flipped, overwritten, without, twice, broken_table, recursive, other_numbers, huge_boxes, bomb,
    other_words,
)  # fmt: skip


def generated() -> dict[str, bytes]:
    """Good files of our own making, one of each kind."""
    pages = [pdf.lines(*(f"Line {line} of page {number}, which is read." for line in range(30))) for number in range(3)]
    link = b"<< /Subtype /Link /Rect [70 715 300 735] /A << /S /URI /URI (https://example.gov/a) >> >>"
    return {
        "plain": pdf.written(*pages, info=b"/Title (A title)", annotations=link),
        "packed": pdf.assembled(pdf.one_page(pdf.stream(zlib.compress(pages[0]), b"/Filter /FlateDecode"))),
        "scan and text": pdf.written(None, pages[0]),
        "encrypted": pdf.encrypted(text="behind an empty password"),
        "many pages": pdf.many_pages(40),
        "form": pdf.form_calls_itself(),
    }


def real(folders: Sequence[Path], most: int = 25) -> dict[str, bytes]:
    """The smallest real files below these folders."""
    found = sorted((path.stat().st_size, path) for folder in folders for path in folder.rglob("*.pdf"))
    return {path.name: path.read_bytes() for size, path in found[:most] if size <= _LARGEST}


def mutants(seeds: Mapping[str, bytes], count: int, seed: int = SEED) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the mutants by name; the same seed gives the same ones, every damage and every file in turn."""
    names = list(seeds)
    for number in range(count):
        damage, name = DAMAGES[number % len(DAMAGES)], names[number // len(DAMAGES) % len(names)]
        yield f"{number}: {damage.__name__} {name}", partial(damage, seeds[name], random.Random(seed + number))


def measured(trials: Sequence[Trial], seconds: float) -> dict[str, object]:
    """The figures of a soak."""
    crashes = [trial.name for trial in trials if trial.outcome == "reader-crashed"]
    stopped = [trial.name for trial in trials if trial.outcome in ("reader-timeout", "reader-memory")]
    hangs = [trial.name for trial in trials if trial.seconds > 2 * SECONDS]
    hourly = round(3600 * len(trials) / seconds)
    return {**summed(trials), "crashes": crashes, "stopped": stopped, "hangs": hangs, "mutants per hour": hourly}


def main(arguments: Sequence[str]) -> None:
    """Read mutants, and say what came of them."""
    count = int(arguments[0]) if arguments else 600
    seeds = generated() | real([Path(argument) for argument in arguments[1:]])
    begun, trials = time.monotonic(), list[Trial]()
    for trial in tried(mutants(seeds, count), SECONDS):
        trials.append(trial)
        if trial.seconds > 10 or trial.outcome.startswith("reader"):
            sys.stderr.write(f"{trial.name}\t{trial.outcome}\t{trial.seconds:.1f} s\t{trial.reading.detail[:100]}\n")
    sys.stdout.write(json.dumps(measured(trials, time.monotonic() - begun), indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
