"""What was obligated under an award, action by action, with the running total: in cents, never in floats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from archive.amounts import parse_amount, to_cents
from archive.research.rows import Row


@dataclass(frozen=True, slots=True)
class Obligation:
    """One action that obligated or took back money: its day, which modification it is, and the address of that.

    `cents` is what it changed, `total` what all actions up to it come to.
    """

    day: str
    modification: str
    action: str
    address: str
    cents: int
    total: int


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """What actions of one fiscal year obligated, in cents; `year` is None for those that print no day."""

    year: int | None
    cents: int
    actions: int


def obligations(actions: Iterable[Row]) -> list[Obligation]:
    """Return the actions that print an amount, by their days; an action that prints none changes no total.

    `actions` are rows of awards of one document, in the order of its versions. Summaries of the whole award are no
    actions: what they print would count twice. An action that was published anew counts as it stands now.
    """
    found: list[Obligation] = []
    total = 0
    told = [(row["action_date"] or "", row) for row in as_they_stand(actions)]
    for day, row in sorted(told, key=lambda one: one[0]):
        amount = parse_amount(str(row["obligated"])) if row["obligated"] else None
        if amount is None:
            continue
        cents = to_cents(amount)
        total += cents
        found.append(Obligation(day, row["modification"], row["action_type"], row["address"], cents, total))
    return found


def as_they_stand(actions: Iterable[Row]) -> list[Row]:
    """Return the actions as their publisher has them now: each that was published anew in the place of what it was."""
    kept: list[Row] = []
    for row in actions:
        if not row["modification"]:
            continue
        if "published anew" in row.get("change", ""):
            before = [place for place, one in enumerate(kept) if one["modification"] == row["modification"]]
            same_day = [place for place in before if kept[place]["action_date"] == row["action_date"]]
            if before:
                kept[(same_day or before)[-1]] = row
                continue
        kept.append(row)
    return kept


def by_fiscal_year(told: Iterable[Obligation]) -> list[FiscalYear]:
    """Return what was obligated in each fiscal year of the United States (31 U.S.C. 1102: from October 1 on)."""
    cents: Counter[int | None] = Counter()
    actions: Counter[int | None] = Counter()
    for one in told:
        year = fiscal_year(one.day)
        cents[year] += one.cents
        actions[year] += 1
    return [
        FiscalYear(year, cents[year], actions[year]) for year in sorted(actions, key=lambda one: (one is None, one))
    ]


def fiscal_year(day: str) -> int | None:
    """Return the fiscal year of a day ("2017-12-22" is of 2018); None where the month isn't told."""
    year, month = day[:4], day[5:7]
    return int(year) + (month >= "10") if year.isdecimal() and month.isdecimal() and day[4:5] == "-" else None


def dollars(cents: int) -> str:
    """Return an amount as it is read: "1,234.50", with a minus sign where it is one."""
    amount = f"{Decimal(abs(cents)).scaleb(-2):,.2f}"
    return f"\u2212{amount}" if cents < 0 else amount
