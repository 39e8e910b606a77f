"""Amounts of money as records print them: exact to the cent, or no amount; it knows no record and no currency."""

from __future__ import annotations

import re
from decimal import Decimal

LONGEST = 60
# A federal award has at most twelve digits before the point; an exponent can ask for any number of them.
MOST_DIGITS = 15
_CENT = Decimal("0.01")

_PLAIN = r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,30})(?:\.[0-9]{0,30})?|\.[0-9]{1,30}"
_AMOUNT = re.compile(
    rf"(?P<bracket>\()?\s?(?P<before>[-+\u2212])?\s?\$?\s?(?P<sign>[-+\u2212])?(?P<number>{_PLAIN})"
    r"(?P<exponent>[eE][-+]?[0-9]{1,4})?(?P<after>-)?\s?(?P<end>\))?"
)


def parse_amount(words: str) -> Decimal | None:
    """Return the amount that the whole of `words` prints, with two decimals; None for anything else.

    Read are "245000.0", "$1,234.50", "-3", "(1,234.5)" and "3.00-" as minus, and exponents ("2.45e5"). The comma parts
    thousands, in groups of three; a point is decimal. None are numbers with more than two decimals that aren't
    zeros ("1.234" is a thousand somewhere), with more than 15 digits before the point, with two signs, "NaN" and
    "1.234,50". Nothing is rounded and nothing raises.
    """
    match = _AMOUNT.fullmatch(words.strip()) if len(words) <= LONGEST else None
    if match is None or bool(match["bracket"]) != bool(match["end"]):
        return None
    signs = [sign for sign in (match["before"], match["sign"], match["after"], match["bracket"]) if sign]
    amount = Decimal(match["number"].replace(",", "") + (match["exponent"] or ""))
    if len(signs) > 1 or (amount and amount.adjusted() >= MOST_DIGITS):
        return None
    exact = amount.quantize(_CENT) if amount else Decimal("0.00")
    if exact != amount:
        return None
    return -exact if amount and signs not in ([], ["+"]) else exact


def to_cents(amount: Decimal) -> int:
    """Return an amount with two decimals in cents."""
    return int(amount.scaleb(2))
