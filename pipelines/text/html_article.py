"""Chooses which blocks of a page are its article: those that an extractor found, and what belongs with them.

Each rule here raised the F1 of the public article-extraction benchmark in both halves of its pages, or left one as it
was (bench/articles.py); there is none for a single site.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby

from pipelines.text.html_blocks import HEADINGS, Block, words_of

_RUNNING = HEADINGS | {"blockquote", "dd", "dt", "li", "p", "pre"}
_LONGEST_LABEL = 400
# A label before the link to another story.
_POINTER = re.compile(
    r"\W{0,9}(?:related|read (?:more|next|also)|see (?:more|also)|also (?:on|read)|more(?: on this)?|don['’]t miss"
    r"|recommended|you may also like|watch(?: now| more)?|listen(?: now)?)\b[^.!?]{0,40}?[:|]",
    re.IGNORECASE,
)
_PROMOTION = re.compile(
    r"\b(?:newsletters?|subscribe|sign up|inbox|follow (?:us|him|her|them|@\w{1,30}|[\w ]{2,40}) on|on twitter at)\b",
    re.IGNORECASE,
)


def story_of(blocks: Sequence[Block], extracted: str, headlines: Collection[str] = ()) -> list[int]:
    """Return which of the blocks are the article, in reading order.

    `extracted` is what an extraction library took for the article, line by line; what it says but no block does is
    left out. `headlines` are the forms of the article's headline, which is no part of its text.
    """
    chosen = _found(blocks, extracted)
    if not chosen:
        return []
    chosen |= _in_like_homes(blocks, chosen)
    chosen |= _between(blocks, chosen) | _before(blocks, chosen)
    forms = {_key(headline) for headline in headlines}
    story = [
        place
        for place in sorted(chosen)
        if blocks[place].tag != "h1" and _key(blocks[place].text) not in forms and not _is_pointer(blocks[place])
    ]
    return _without_promotion(blocks, _without_lists_of_links(blocks, story))


def _key(text: str) -> str:
    return " ".join(words_of(text))


def _fours(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3))}


def _found(blocks: Sequence[Block], extracted: str) -> set[int]:
    """Return the blocks that the extractor took: those with the same lines, or with most of their words in its text."""
    lines = [key for line in extracted.split("\n") if (key := _key(line))]
    keys = [[key for line in block.text.split("\n") if (key := _key(line))] for block in blocks]
    chosen = _same_lines(blocks, keys, Counter(lines))
    left = _fours(" ".join(lines).split())
    left -= {four for place in chosen for line in keys[place] for four in _fours(line.split())}
    for place, own in enumerate(keys):
        if place not in chosen and sum(map(len, own)) > 20:
            fours = {four for line in own for four in _fours(line.split())}
            if len(fours & left) >= 0.7 * len(fours):
                chosen.add(place)
    return chosen


def _same_lines(blocks: Sequence[Block], keys: Sequence[list[str]], wanted: Counter[str]) -> set[int]:
    """Return the blocks all of whose lines are wanted. Of those that say the same, as a teaser does, only as many are
    taken as the extractor has, and first those that stand with most of the others."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, lines in enumerate(keys):
        if lines and all(line in wanted for line in lines):
            places[tuple(lines)].append(place)
    weights: Counter[int] = Counter()
    for key, found in places.items():
        if len(found) <= min(wanted[line] for line in key):
            for place in found:
                weights[blocks[place].home] += len(blocks[place].text)
    chosen: set[int] = set()
    for key, found in places.items():
        found.sort(key=lambda place: (-weights[blocks[place].home], place))
        chosen.update(found[: min(wanted[line] for line in key)])
    return chosen


def _is_prose(block: Block) -> bool:
    return len(block.text) >= 80 and block.linked < 0.3 and not block.beside


def _in_like_homes(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the paragraphs in elements like the one that holds most of the article: some pages part it in several."""
    weights: Counter[str] = Counter()
    for place in chosen:
        if blocks[place].tag == "p":
            weights[blocks[place].kind_of_home] += len(blocks[place].text)
    kind, weight = weights.most_common(1)[0] if weights else ("", 0)
    has_class = " " in kind.strip()
    if not has_class or weight * 2 < weights.total():
        return set()
    homes = {blocks[place].home for place in chosen}
    return {
        place
        for place, block in enumerate(blocks)
        if block.kind_of_home == kind and block.home not in homes and block.tag == "p" and _is_prose(block)
    }


def _between(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return what stands between chosen blocks of the same element, and what is quoted as a block between any."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for place in sorted(chosen):
        first.setdefault(blocks[place].home, place)
        last[blocks[place].home] = place
    start, end = min(chosen), max(chosen)
    return {
        place
        for place, block in enumerate(blocks)
        if not block.beside
        and (
            (block.quoted and start < place < end)
            or (
                first.get(block.home, place) < place < last.get(block.home, place)
                and block.tag in _RUNNING
                and block.linked < 0.5
            )
        )
    }


def _before(blocks: Sequence[Block], chosen: set[int]) -> set[int]:
    """Return the prose that stands before all that is chosen, in the element that holds most of it."""
    weights: Counter[int] = Counter()
    for place in chosen:
        weights[blocks[place].home] += len(blocks[place].text)
    home, weight = weights.most_common(1)[0]
    if weight * 2 <= weights.total():
        return set()
    return {place for place, block in enumerate(blocks[: min(chosen)]) if block.home == home and _is_prose(block)}


def _is_pointer(block: Block) -> bool:
    return block.tag != "li" and block.linked > 0.5 and _POINTER.match(block.text) is not None


def _without_lists_of_links(blocks: Sequence[Block], story: list[int]) -> list[int]:
    """Leave out lists of two and more items in which every item is a link and nothing else."""
    kept: list[int] = []
    for is_item, run in groupby(story, lambda place: blocks[place].tag == "li"):
        items = list(run)
        if not (is_item and len(items) > 1 and all(blocks[place].linked > 0.9 for place in items)):
            kept += items
    return kept


def _without_promotion(blocks: Sequence[Block], story: list[int]) -> list[int]:
    """Leave out invitations to subscribe and to follow at either end, and headings with nothing after them."""
    start, end = 0, len(story)
    while end > start and (blocks[story[end - 1]].tag in HEADINGS or _is_promotion(blocks[story[end - 1]])):
        end -= 1
    while start < end and _is_promotion(blocks[story[start]]):
        start += 1
    return story[start:end]


def _is_promotion(block: Block) -> bool:
    return bool(block.anchors) and len(block.text) < _LONGEST_LABEL and _PROMOTION.search(block.text) is not None
