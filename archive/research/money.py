"""What was obligated under an award, action by action, with the running total: in cents, never in floats."""

from __future__ import annotations

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


def obligations(actions: Iterable[Row]) -> list[Obligation]:
    """Return the actions that print an amount, by their days; an action that prints none changes no total.

    Summaries of the whole award are no actions: what they print would count twice.
    """
    found: list[Obligation] = []
    total = 0
    told = [(row["action_date"] or "", row) for row in actions if row["modification"]]
    for day, row in sorted(told, key=lambda one: one[0]):
        amount = parse_amount(str(row["obligated"])) if row["obligated"] else None
        if amount is None:
            continue
        cents = to_cents(amount)
        total += cents
        found.append(Obligation(day, row["modification"], row["action_type"], row["address"], cents, total))
    return found


def dollars(cents: int) -> str:
    """Return an amount as it is read: "1,234.50", with a minus sign where it is one."""
    amount = f"{Decimal(abs(cents)).scaleb(-2):,.2f}"
    return f"\u2212{amount}" if cents < 0 else amount
