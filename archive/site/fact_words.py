"""What was found in a document, in the words of people: which facts there are, and what each means for a reader."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.research.rows import Row
from archive.site.rendering import in_words

# What a document says of itself: on its cover, or, an article, in its head and text.
SAID = {
    "kind": "Kind of document", "number": "Number", "title": "Title", "date": "Date", "component": "Component",
    "contact": "Contact point",
    "reviewing-official": "Reviewing official", "headline": "Headline", "byline": "Byline", "published": "Published",
    "updated": "Updated", "correction": "Correction", "quotation": "Quotations",
}  # fmt: skip
# What is in its file, and what that means.
FOUND = {
    "signature": ("Signature", "As the file says; not verified."),
    "embedded-file": ("File inside it", "It lies in the stored bytes, and isn't opened here."),
    "javascript": ("JavaScript", "The file holds a program. It is never run here; opening the original may run it."),
    "xfa": ("XFA form", "Some programs show this form in place of the pages; what they show may be another text."),
    "action": ("Action", "The file asks whatever opens it to do this. Nothing of it is done here."),
    "covered-text": ("Covered text", "A bad redaction: letters lie under a drawn box. They are left out here; the "
                                     "original file still holds them."),
    "picture-disagrees": ("Text and picture disagree", "What stands on the page is not what the file gives as its "
                                                       "text. Quote what the original shows."),
    "hidden-text": ("Hidden text", "Letters that nobody sees on the page."),
    "comment": ("Comment", "A remark that somebody laid on the page."),
    "earlier-revision": ("Earlier revision", "The file was changed by adding to it: what it held before is still in "
                                             "it."),
    "bytes-before-start": ("Bytes before the start", "They belong to no page."),
    "bytes-after-end": ("Bytes after the end", "They belong to no page."),
    "page-count": ("Page count", "The file is wrong about itself."),
    "mended": ("Damaged file", "What it leads to was found by looking through it; another program may show something "
                               "else, or nothing."),
    "unreadable": ("Not looked into", "This part of the file is damaged."),
}  # fmt: skip
# What has to be known before anybody quotes or opens the original.
GRAVE = frozenset({"picture-disagrees", "covered-text", "hidden-text", "javascript", "action", "xfa"})


@dataclass(frozen=True, slots=True)
class Told:
    """All facts of one name, under the words for it; each value is (what is said, its page or 0)."""

    label: str
    meaning: str
    grave: bool
    values: list[tuple[str, int]] = field(default_factory=list)


def told_of(facts: Iterable[Row]) -> tuple[list[Told], list[Told]]:
    """Return what a document says of itself, and what is in its file, both in the order of the words above."""
    held: dict[str, Told] = {}
    for fact in facts:
        name = fact["name"]
        label, meaning = FOUND.get(name) or (SAID.get(name) or in_words(name), "")
        told = held.setdefault(name, Told(label, meaning, name in GRAVE))
        told.values.append((fact["value"], fact["page"]))
    order = [*SAID, *FOUND]
    names = sorted(held, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [held[name] for name in names if name in SAID], [held[name] for name in names if name not in SAID]
