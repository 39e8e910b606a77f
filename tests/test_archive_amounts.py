"""Amounts: exact to the cent, or none; sums hold whatever the sign and the thousands look like."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from archive.amounts import parse_amount, to_cents
from tests.figures import figure

cents = st.integers(-(10**17) + 1, 10**17 - 1)

READ = {
    "245000.0": "245000.00", "245000": "245000.00", "1,234.5": "1234.50", "$1,234.50": "1234.50",
    "(1,234.5)": "-1234.50", "($12)": "-12.00", "-$3": "-3.00", "$-3": "-3.00", "3.00-": "-3.00", "\u22123": "-3.00",
    "+3": "3.00", "2.45e5": "245000.00", "1.500": "1.50", ".5": "0.50", "5.": "5.00", "-0.0": "0.00", "0e999": "0.00",
    " 7 ": "7.00", "1e-2": "0.01", "172213419.67": "172213419.67", "100000000000000.01": "100000000000000.01",
}  # fmt: skip
NONE = (
    "", " ", "$", "-", "1e308", "1e9999", "1e-3", "1e-9999", "NaN", "Infinity", "1.234", "1.234,50", "1,23",
    "12,34,567", "1 234", "1'234", "(3", "3)", "--3", "-(3)", "(3-)", "€3", "3 USD", "0x10", "1_000", "٣", "1" * 16,
    "9" * 61, "43235/2", "12/31/2018", "0.005", "1,234,56.0", "1.00000000000000000000000000001",
)  # fmt: skip
DRESSES: tuple[Callable[[Decimal], str], ...] = (
    lambda one: f"{one}",
    lambda one: f"{one:,}",
    lambda one: f"(${-one:,})" if one < 0 else f"${one:,}",
)


def test_all_forms_are_exact_or_none() -> None:
    """HT-10."""
    wrong = [words for words, exact in READ.items() if str(parse_amount(words)) != exact]
    wrong += [words for words in NONE if parse_amount(words) is not None]
    figure("HT-10", forms=len(READ) + len(NONE), wrong=len(wrong))
    assert not wrong


@given(st.lists(cents, max_size=20))
def test_sums_are_exact_to_the_cent(amounts: list[int]) -> None:
    printed = [Decimal(amount).scaleb(-2) for amount in amounts]
    for dress in DRESSES:
        read = [parse_amount(dress(one)) for one in printed]
        assert None not in read
        assert [to_cents(one) for one in read if one is not None] == amounts
        assert sum(one for one in read if one is not None) == sum(printed)


@given(st.text(alphabet="0123456789.,-+$()eE \u2212", max_size=20) | st.text(max_size=80))
def test_any_words_are_answered_and_none_are_rounded(words: str) -> None:
    amount = parse_amount(words)
    assert amount is None or (amount.as_tuple().exponent == -2 and len(str(amount)) < 25)
