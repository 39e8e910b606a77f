"""Reads USAspending.gov's answers and files into awards, record by record; it asks for nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from pipelines.items import Award, Problem
from spiders._notices import Read, leaves, read_table
from spiders._usaspending_fields import AWARD_ID, FILES, OF_THE_AWARD, SUMMARY, TRANSACTION

PAGES = "https://www.usaspending.gov/award/"
# An order or contract, and a vehicle that others are ordered under; assistance ("ASST_…") is nobody's contract.
IS_CONTRACT = re.compile(r"CONT_(?:AWD|IDV)_[^_\s]+_[^\s]+")
# The publisher's own word for a part that an id hasn't.
NONE = "-NONE-"
# A line that begins so begins a record: with a transaction's key, or with a contract's number, a modification's and a
# transaction's.
RECORD_STARTS = re.compile(
    r'"?(?:CONT_TX_|[0-9A-Z]{4}_)[^",\r\n]{5,200}"?,|"?[0-9A-Z]{11,50}"?,"?[0-9A-Z]{1,25}"?,"?[0-9]{0,3}"?,'
)
_DATES = ("action_date", "starts", "ends", "ends_potentially", "modified", "signed")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})((?:\s.*)?)", re.DOTALL)


def award_page(award_id: str) -> str:
    """Return the address at which people see an award."""
    return f"{PAGES}{quote(award_id, safe='')}/"


def read_summary(answer: Mapping[str, Any], where: str) -> Iterator[Award | Problem]:
    """Yield what /api/v2/awards/<id>/ says of an award as a whole; fields that nobody knows are reported."""
    values = list(leaves(dict(answer)))
    record = SUMMARY.record(values)
    award_id = record.pop(AWARD_ID, "")
    if award_id.startswith("ASST_"):
        yield Problem("out-of-scope", where, "assistance, not a contract")
        return
    for name in SUMMARY.unmapped(name for name, _ in values):
        yield Problem("unmapped-field", name, "of an award")
    if not IS_CONTRACT.fullmatch(award_id):
        yield Problem("missing-field", where, f"no award's id: {award_id[:100]!r}")
    else:
        yield Award(award_id, {**record, "modification": "", "url": award_page(award_id)}, "summary")


def of_the_award(record: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a summary that holds for every action on the award."""
    return {name: value for name, value in sorted(record.items()) if name in OF_THE_AWARD and value}


def read_transactions(
    rows: list[Any], award_id: str, facts: Mapping[str, str], where: str
) -> Iterator[Award | Problem]:
    """Yield an award's actions, each with the award's own facts; a row twice is reported and taken once."""
    seen: set[str] = set()
    odd: Counter[tuple[str, str]] = Counter()
    for place, row in enumerate(rows, 1):
        values = list(leaves(row)) if isinstance(row, dict) else []
        key = str(row.get("id") or "") if isinstance(row, dict) else ""
        if not values or not key.startswith("CONT_TX_"):
            yield Problem("missing-field", where, f"item {place} is no contract's action: {key[:100]!r}")
            continue
        odd.update(("unmapped-field", name) for name in TRANSACTION.unmapped(name for name, _ in values))
        if key in seen:
            yield Problem("count-differs", key, f"item {place} stands on the page for a second time")
            continue
        seen.add(key)
        record = {**facts, **TRANSACTION.record(values)}
        record = {"modification": NONE, **record, "transaction": key.rpartition("_")[2]}
        yield Award(award_id, record, f"item {place}")
    for (outcome, subject), count in sorted(odd.items()):
        yield Problem(outcome, subject, f"counted {count} times")


def read_file(body: bytes, where: str, is_wanted: Callable[[Mapping[str, str]], bool]) -> Iterator[Award | Problem]:
    """Yield the wanted actions in a file of transactions, and what can't be read, by name.

    Values stand as printed, but for dates with strokes. People have opened and saved such files with a program that
    put the day first, and 05/06/2018 doesn't say which is the day: the file's other dates do. Where one of them has
    a first number above 12, all of the file's are handed on as year, month, day; where that can't be told, those that
    could be either with words that say so.
    """
    rewrite = _rewriter(read_table(body, FILES, RECORD_STARTS, where))
    odd: Counter[tuple[str, str]] = Counter()
    for said in read_table(body, FILES, RECORD_STARTS, where):
        if isinstance(said, Problem):
            yield said
            continue
        record = dict(said.record)
        award_id = record.pop(AWARD_ID, "")
        if not is_wanted(record):
            odd["out-of-scope", where] += 1
        elif not award_id and not record.get("piid"):
            yield Problem("missing-field", said.place, "without a contract's number")
        elif award_id and not IS_CONTRACT.fullmatch(award_id):
            yield Problem("unknown-value", said.place, f"award id {award_id[:100]!r}")
        else:
            dates = {name: rewrite(record[name]) for name in _DATES if name in record}
            yield Award(award_id, {"modification": NONE, **record, **dates}, said.place)
    for (outcome, subject), count in sorted(odd.items()):
        yield Problem(outcome, subject, f"counted {count} times")


def is_file(body: bytes) -> bool:
    """Say whether these bytes begin as a file of transactions does: with the names of its columns."""
    first = body[: 64 << 10].removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    names = {name.strip(b'" ') for name in first[0].split(b",")} if first else set()
    return any(
        key.encode() in names and 2 * len({name.encode() for name in layout.fields} & names) > len(layout.fields)
        for key, layout in FILES.items()
    )


def _rewriter(read: Iterable[Read | Problem]) -> Callable[[str], str]:
    """Return what hands on a file's dates, going by all dates in it; a file without strokes isn't read to its end."""
    firsts, seconds = 0, 0
    for said in read:
        if isinstance(said, Problem):
            continue
        words = [said.record[name] for name in _DATES if name in said.record]
        found = [match for match in map(_SLASHED.fullmatch, words) if match]
        if words and not found:
            return lambda words: words
        firsts = max([firsts, *(int(match[1]) for match in found)])
        seconds = max([seconds, *(int(match[2]) for match in found)])
    if firsts > 12 >= seconds:
        return _day_first
    return (lambda words: words) if seconds > 12 >= firsts else _unclear


def _day_first(words: str) -> str:
    match = _SLASHED.fullmatch(words)
    if match is None:
        return words
    day, month, year, time = match.groups()
    # Two digits of a year mean what archive/dates.py takes them for: 1969 to 2068.
    whole = year if len(year) == 4 else f"{20 if int(year) <= 68 else 19}{year}"
    return f"{whole}-{month:0>2}-{day:0>2}{time}"


def _unclear(words: str) -> str:
    match = _SLASHED.fullmatch(words)
    if match is None or int(match[1]) > 12 or int(match[2]) > 12 or int(match[1]) == int(match[2]):
        return words
    return f"{words} (day or month first?)"


def without_repeats(said: Iterable[Award | Problem]) -> Iterator[Award | Problem]:
    """Hand on what was read; an action that a file prints twice is reported, and both are kept where they differ."""
    held: dict[tuple[str, ...], tuple[str, int]] = {}
    for one in said:
        if isinstance(one, Award):
            names = ("piid", "parent_piid", "modification", "transaction", "sub_agency_code")
            key = (one.award_id, *(one.record.get(name, "") for name in names))
            content = hash(tuple(sorted(one.record.items())))
            place, earlier = held.setdefault(key, (one.place, content))
            if place != one.place:
                same = "are the same" if earlier == content else "differ"
                yield Problem("duplicate-id", " ".join(filter(None, key)), f"{place} and {one.place} {same}")
        yield one
