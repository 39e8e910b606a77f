"""The questions of the bench of search, by class: words are taken by how many pages they are on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from bench.search_words import Words


@dataclass(frozen=True, slots=True)
class Question:
    """One question: as typed into the archive's box, and as an FTS5 expression ("" where FTS5 alone can't be asked).

    `facet` tells that bare FTS5 is to count what is found by collection too.
    """

    kind: str
    typed: str
    words: str = ""
    sort: str = "relevance"
    facet: bool = False


def questions(release: Path, random: Random, each: int, seed: int = 2018) -> Iterator[Question]:
    """Yield so many questions of each class, of the words of a release."""
    with closing(sqlite3.connect(f"file:{release}?mode=ro&immutable=1", uri=True)) as held:
        pages = held.execute("SELECT count(*) FROM pages").fetchone()[0]

        def some(least: float, most: float) -> list[str]:
            rows = held.execute(
                "SELECT word FROM words WHERE pages BETWEEN ? AND ? AND length(word) > 3 AND word GLOB '[a-z]*'"
                " ORDER BY word",
                (max(least * pages, 2), most * pages),
            ).fetchall()
            return [row[0] for row in random.sample(rows, min(each, len(rows)))]

        rare, middling, common = some(0.000002, 0.00005), some(0.01, 0.08), some(0.1, 0.9)
        others = some(0.02, 0.3)
        numbers = held.execute("SELECT DISTINCT value FROM identifiers ORDER BY value").fetchall()
    phrases = random.sample(Words(seed).phrases[:400], each)
    for word in rare:
        yield Question("rare word", word, f'"{word}"')
    for word in middling:
        yield Question("middling word", word, f'"{word}"')
    for word in common:
        yield Question("common word", word, f'"{word}"')
        yield Question("facets", word, f'"{word}"', facet=True)
        yield Question("by date", word, f'"{word}"', sort="date")
        yield Question("filters", f"{word} component:ICE type:notice")
    for one, other in zip(middling, others, strict=False):
        yield Question("two words", f"{one} {other}", f'"{one}" "{other}"')
        yield Question("NOT", f"{other} -{one}", f'"{other}" NOT "{one}"')
        yield Question("OR", f"{one} OR {other}", f'"{one}" OR "{other}"')
        yield Question("NEAR", f"NEAR({one} {other}, 10)", f'NEAR("{one}" "{other}", 10)')
    for phrase in phrases:
        yield Question("phrase", f'"{phrase}"', f'"{phrase}"')
    for word in others:
        yield Question("prefix", f"{word[:3]}*", f'"{word[:3]}"*')
    for row in random.sample(numbers, min(each, len(numbers))):
        yield Question("number", row[0], f'"{row[0]}"')
