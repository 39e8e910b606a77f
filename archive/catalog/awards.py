"""What an action on an award says of itself: whose it is, when it was, what it is called, what it changed.

Functions of what was said alone; they know no document and no table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from archive.addresses import is_web_address
from archive.amounts import parse_amount
from archive.award_ids import AwardId, parse_award_id
from archive.dates import PartialDate, parse_date
from archive.identifiers import Identifier, parse_identifier

Body = Mapping[str, Any]
PAGES = "https://www.usaspending.gov/award/"
AMOUNTS = ("obligated", "action_value", "action_potential_value", "total_obligated", "value", "potential_value")
# The role of each printed date, in the order in which they are told.
DATES = {
    "action": "action_date", "award": "signed", "modified": "modified", "starts": "starts", "ends": "ends",
    "ends with options": "ends_potentially",
}  # fmt: skip
# A contract's number of FAR 4.1603 has 13 places at least and is its own alone; shorter ones are counted anew under
# each award that they were ordered under.
SHORTEST_NUMBER = 13
LONGEST_TITLE = 200
# "IGF::CT::IGF": whether the work is closely associated with inherently governmental functions.
_FUNCTIONS = re.compile(r"IGF::[A-Z,]{1,8}::IGF[\s:;,-]*")
_MODIFICATION = re.compile(r"([A-Z]*)0*([0-9]*)(.*)", re.DOTALL)


def award_of(body: Body) -> str:
    """Return what an award is known by: its id, as printed or made of its parts, else its number and its parent's."""
    printed = parse_award_id(body["award_id"])
    if printed is not None:
        return printed.value
    names = ("piid", "sub_agency_code", "parent_piid", "parent_agency_code", "category")
    return _made_of(*(body["record"].get(name, "").strip().upper() for name in names))


@lru_cache(maxsize=1 << 16)
def _made_of(piid: str, agency: str, parent: str, parent_agency: str, category: str) -> str:
    is_idv = category == "IDV"
    made = AwardId(piid, agency, is_idv=True) if is_idv else AwardId(piid, agency, parent, parent_agency)
    # A part that can't stand in an id (a low line, say) would make one that names another award.
    return made.value if agency and parse_award_id(made.value) == made else " ".join(filter(None, (parent, piid)))


def name_of(award: str) -> str:
    """Return the words that an award is called by in addresses, from what it is known by."""
    parts = parse_award_id(award)
    if parts is None:
        return award
    return parts.piid if len(parts.piid) >= SHORTEST_NUMBER else f"{parts.parent} {parts.piid}".strip()


def is_summary(body: Body) -> bool:
    """Tell whether a statement is of the award as a whole, and no action on it."""
    return not body["record"].get("modification", "")


def action_of(body: Body) -> tuple[str, str]:
    """Return which action it is: its modification and transaction number."""
    record = body["record"]
    return (record.get("modification", ""), record.get("transaction", "").lstrip("0"))


def told_apart_by(body: Body) -> object:
    """Return what makes one version of an action: who publishes it, and what else is printed beside it, does not.

    So an action that stands in an answer and in a file is one version; one whose date, reason, amount or words the
    publisher altered is another.
    """
    if is_summary(body):
        return [award_of(body), body["record"]]
    record = body["record"]
    words, amount = record.get("obligated", ""), parse_amount(record.get("obligated", ""))
    date = date_of(body)
    return [
        *(award_of(body), *action_of(body), date.value if date else record.get("action_date", "")),
        *(record.get("action_code", ""), str(amount) if amount is not None else words),
        " ".join(record.get("description", "").split()),
    ]


def date_of(body: Body) -> PartialDate | None:
    """Return the day of an action; of a summary the day on which the publisher last altered it, or it was signed."""
    names = ("modified", "signed") if is_summary(body) else ("action_date",)
    read = (parse_date(body["record"].get(name, "")) for name in names)
    return next((date for date in read if date is not None), None)


def order_of(body: Body) -> tuple[bool, str, str, int, str, str]:
    """Return where it stands in the award's history: actions by day, then modification; before them all summaries."""
    date = date_of(body)
    modification, transaction = action_of(body)
    match = _MODIFICATION.fullmatch(modification.upper())
    letters, number, rest = match.groups() if match else (modification, "", "")
    day = date.value if date else ""
    return (not is_summary(body), day, letters, int(number[:18] or 0), rest, transaction)


def changes_of(history: Sequence[Body]) -> list[str]:
    """Return what each action of a history, in its order, changed beside money and time; "" where nothing."""
    found: list[str] = []
    before: tuple[tuple[str, str], str] | None = None
    seen: set[tuple[str, str]] = set()
    for body in history:
        if is_summary(body):
            found.append("")
            continue
        action, words = action_of(body), " ".join(body["record"].get("description", "").upper().split())
        told = [_scope(body["record"])]
        told += ["published anew"] if action in seen else []
        told += ["description changed"] if before and before[0] != action and words and before[1] != words else []
        found.append("; ".join(filter(None, told)))
        seen.add(action)
        before = (action, words or (before[1] if before else ""))
    return found


def _scope(record: Mapping[str, str]) -> str:
    """Tell by the FPDS reason for modification: A is additional work under a new agreement, D a change order."""
    words, code = record.get("action_type", "").upper(), record.get("action_code", "").upper()
    if words.startswith("ADDITIONAL WORK") or (not words and code == "A"):
        return "adds scope"
    return "change order" if words.startswith("CHANGE ORDER") or (not words and code == "D") else ""


def title_of_award(body: Body) -> str:
    """Return the beginning of the description, without its mark of governmental functions; else the number."""
    record = body["record"]
    words = " ".join(_FUNCTIONS.sub("", record.get("description", "")).split())
    if len(words) > LONGEST_TITLE:
        words = (words[:LONGEST_TITLE].rpartition(" ")[0] or words[:LONGEST_TITLE]) + " …"
    return words or str(record.get("piid", "")) or award_of(body)


def page_of(body: Body) -> str:
    """Return the address of the award's page: as printed, else made of its id; "" where it has none."""
    printed = str(body["record"].get("url", ""))
    award = award_of(body)
    return printed if is_web_address(printed) else f"{PAGES}{award}/" if parse_award_id(award) else ""


def award_numbers(body: Body) -> Iterator[tuple[Identifier, str]]:
    """Yield the numbers that lead to an award, each with its role: its own, and those it is about."""
    record, award = body["record"], award_of(body)
    for name, role in (("piid", "own"), ("solicitation", "about"), ("parent_piid", "about")):
        words = "".join(filter(str.isprintable, record.get(name, ""))).strip()
        if words:
            yield parse_identifier(words) or Identifier("piid", words.upper(), words), role
    if parse_award_id(award):
        yield Identifier("award-id", award, body["award_id"] or award), "own"


def award_dates(record: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Return the dates that a record prints, with their roles."""
    return [{"role": role, "words": record[name]} for role, name in DATES.items() if record.get(name)]


def invalid_amounts(body: Body) -> Iterator[str]:
    """Yield every amount that a record prints and that is none, with its field."""
    for name in AMOUNTS:
        words = body["record"].get(name, "")
        if words.strip() and parse_amount(words) is None:
            yield f"{name}: {words[:100]}"


def award_text(body: Body) -> str:
    """Return an action as text that can be searched and quoted: what it is called, its fields by name, its words."""
    record = body["record"]
    named = [
        f"{name.replace('_', ' ').capitalize()}: {value}"
        for name, value in sorted(record.items())
        if value.strip() and name != "description"
    ]
    award = award_of(body)
    parts = [
        title_of_award(body),
        "\n".join([*named, *([f"Award id: {award}"] if parse_award_id(award) else [])]),
        record.get("description", ""),
    ]
    return "\n\n".join(part for part in parts if part.strip())
