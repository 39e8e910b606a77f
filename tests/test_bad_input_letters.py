"""Strange letters in every field (HT-12): what is stored is text, no name or address holds one, a terminal is told
nothing, and the visible word is found."""

from __future__ import annotations

import json
import unicodedata

from click.testing import CliRunner

from archive.addresses import is_web_address
from archive.research.reading import find_text
from archive.research.search import search
from console.answers import show_search
from console.reading import show_text
from pipelines.items import AWARD_FIELDS, NOTICE_FIELDS, WebPage
from tests.every_field import OTHER_FIELDS, SITE, every_field
from tests.evidence import Captured, World, night
from tests.figures import figure

STRANGE = {
    "NUL": "\x00", "form feed": "\x0c", "bell": "\x07", "DEL": "\x7f", "C1": "\x9b31m", "ANSI": "\x1b[31m",
    "ANSI title": "\x1b]0;x\x07", "override": "\u202e", "isolate": "\u2066", "mark": "\u200f", "zero width": "\u200b",
    "joiner": "\u200d", "soft hyphen": "\u00ad", "word joiner": "\u2060", "byte order mark": "\ufeff",
    "tags": "\U000e0041\U000e007f", "private": "\ue000", "noncharacter": "\ufffe", "far noncharacter": "\U0010ffff",
    "lone surrogate": "\ud800", "pair the wrong way": "\udc00\ud800", "zalgo": "\u0301" * 1000, "line": "\u2028",
}  # fmt: skip
# They show nothing, so the word is the word without them; of the others, the words on both sides are found.
UNSEEN = ("override", "isolate", "mark", "zero width", "soft hyphen", "word joiner", "byte order mark", "tags", "zalgo")
NAMES = {"documents": ("id", "url"), "versions": ("id",), "aliases": ("alias",), "addresses": ("url", "url_key"),
         "identifiers": ("value",), "pages": ("version",), "outcomes": ("id",)}  # fmt: skip


def is_text(value: str) -> bool:
    value.encode("utf-8")
    kinds = {unicodedata.category(letter) for letter in value if letter not in "\n\t\r"}
    return not kinds & {"Cc", "Cs"} and "\ufffe" not in value and "\U0010ffff" not in value


def broken_in(world: World) -> list[tuple[str, str, str]]:
    """Return what is no text in a catalogue, or stands in a name or address and isn't shown."""
    broken = []
    for table, rows in world.dump().items():
        assert json.loads(json.dumps(rows)) == rows
        for row in rows:
            for name, value in row.items():
                if isinstance(value, str) and not is_text(value):
                    broken.append((table, name, ascii(value[:60])))
                if name in NAMES.get(table, ()) and not (value or "").isprintable():
                    broken.append((table, name, ascii(value[:60])))
    return broken


def test_every_field_holds_text_and_no_name_a_strange_letter() -> None:
    broken = []
    for text in STRANGE.values():
        world = every_field(f"be{text}fore {SITE}/x{text}y")
        broken += broken_in(world)
        assert {row["url"] for row in world.rows("documents") if row["url"] and not is_web_address(row["url"])} == set()
        # What follows a NUL isn't hidden from `length` (SQLite ends there).
        assert world.rows("documents", "length(title) < 5") == []
    fields = len(NOTICE_FIELDS) + len(AWARD_FIELDS) + OTHER_FIELDS
    figure("HT-12", texts=len(STRANGE), fields=fields, broken=len(broken))
    assert broken == []


def test_the_visible_word_is_found_and_a_terminal_is_told_nothing() -> None:
    missed = raw = 0
    for name, text in STRANGE.items():
        page = WebPage("page", f"A {text}title{text}", (f"the lic{text}ense {text}plate{text} reader",))
        world = World(Captured(f"{SITE}/w", night(1), (page,)))
        world.settle()
        wanted = ["plate", "license", "reader"] if name in UNSEEN else ["reader"]
        for word in wanted:
            found = search(world.connection, word)
            missed += found["total"] != 1
        told = find_text(world.connection, world.ids()[0])
        assert told is not None
        for show, answer in ((show_search, search(world.connection, "reader")), (show_text, told)):
            with CliRunner().isolation() as streams:
                show(answer)
                shown = streams[0].getvalue().decode()
            raw += sum(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\f" for c in shown)
            raw += sum(unicodedata.bidirectional(c) in ("RLO", "LRO", "RLI", "LRI", "FSI") for c in shown)
    figure("HT-12", words=len(STRANGE), missed=missed, raw_on_a_terminal=raw)
    figure("XS-12", texts=len(STRANGE), controls_on_a_terminal=raw)
    assert (missed, raw) == (0, 0)
