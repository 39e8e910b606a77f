"""What all ways of writing a message share: strangers' words made plain, links, the sentences in which things are told.

It knows no mail, no JSON and no service.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.counted import counted
from archive.research.changes import WORDS
from archive.watches.model import Hit, Message, Place
from archive.watches.source_states import GOOD

LONGEST_TITLE, LONGEST_WORDS = 300, 600
TEST, SOURCES, NEWS = "test", "sources", "news"
MARKS = {"added": "put in", "removed": "taken out"}

# What became of where a document stands; what became of its words is told before it.
_OF_PLACE = ("unlisted", "listed", "listed again", "moved", "renamed", "re-saved")


def plain(text: str, longest: int = LONGEST_WORDS) -> str:
    """Return text in one line without signs that aren't seen, which could end a header or turn a line around."""
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 4 * longest]).split())
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def linked(site: str, address: str) -> str:
    """Return an address of this archive with the site's before it (`site`, "" where it has none); "" for any other."""
    if not address.startswith("/") or address.startswith("//") or "\\" in address or not _is_one_word(address):
        return ""
    return site + address


def _is_one_word(text: str) -> bool:
    return all(sign.isprintable() and not sign.isspace() for sign in text)


def kind_of(message: Message) -> str:
    """Return what a message is: a test, of sources alone, or of news."""
    if message.facts.get("test"):
        return TEST
    return NEWS if message.hits or message.more else SOURCES


def subject(message: Message) -> str:
    """Return a message in one line."""
    title, kind = plain(message.title or message.watch, 100), kind_of(message)
    if kind == TEST:
        return f"{title}: a test"
    if kind == SOURCES:
        return f"{title}: {'what was told is published no longer' if message.facts.get('lost') else 'its sources'}"
    number = len(message.hits) + message.more
    if not message.hits:
        return f"{title}: {number:,} change{'s'[: number != 1]}"
    _, first, _ = next(in_turn(message.hits))
    return f"{title}: {headline(first, 80)}{f', and {number - 1:,} more' if number > 1 else ''}"


def headline(hit: Hit, longest: int = LONGEST_TITLE) -> str:
    """Return what became of which document, in one line."""
    title, number = plain(hit.title or hit.document, longest), plain(hit.number, 100)
    shown = f"{title} ({number})" if number and number not in title else title
    return f"{WORDS.get(hit.kind, plain(hit.kind, 40).capitalize())}: {shown}"


def place_line(place: Place) -> str:
    """Return where a term stands, and the words around it."""
    page = f"page {place.page}: " if place.page else ""
    mark = f", {MARKS.get(place.change, plain(place.change, 20))}" if place.change else ""
    return f"{page}“{plain(place.words)}” ({plain(place.term, 200)}{mark})"


def source_lines(message: Message) -> list[str]:
    """Return how the sources behind a message are: a line for each of which there is something to say, and one for all
    that are well; never nothing, since silence would be no news."""
    well = [one for one in message.sources if one.health == GOOD]
    lines = [
        _source_line(plain(one.title or one.name, 100), plain(one.sentence))
        for one in message.sources
        if one.health != GOOD
    ]
    if well:
        names = ", ".join(plain(one.title or one.name, 100) for one in well)
        lines.append(f"Their last runs were as they should be: {names}.")
    return lines or ["Nothing is known of the sources behind this watch."]


def _source_line(title: str, sentence: str) -> str:
    return sentence if sentence.startswith(title) else f"{title}: {sentence}"


def more_line(number: int, what: str) -> str:
    """Return how many there are beside those that are shown."""
    return f"and {counted(number, f'more {what}')}"


def made_line(message: Message) -> str:
    """Return of which release, and when, a message was made."""
    release = f"release {message.release}, " if message.release else ""
    return f"{release}{minute(message.at)}"


def seen_line(hit: Hit) -> str:
    """Return in which collection, and when, something was seen."""
    words = (
        plain(hit.collection).replace("-", " ").replace("foia", "FOIA").replace("federal register", "Federal Register")
    )
    return f"{words[:1].upper()}{words[1:]}, seen {minute(hit.at)}" if words else f"Seen {minute(hit.at)}"


def minute(at: str) -> str:
    """Return an instant as people read it."""
    told = plain(at, 30)
    return f"{told[:10]} {told[11:16]} UTC" if len(told) == len("2026-11-30T03:00:00Z") else told


def in_turn(hits: Sequence[Hit]) -> Iterator[tuple[int, Hit, int]]:
    """Yield the changes of a message as they are read: with its number, and that of one which had the same places
    before it (0 for none). What became of a document's words comes first, what became of its place after."""
    shown: dict[object, int] = {}
    for number, hit in enumerate(sorted(hits, key=lambda one: one.kind in _OF_PLACE), 1):
        first = shown.setdefault((hit.document, hit.places), number) if hit.places else number
        yield number, hit, first if first != number else 0
