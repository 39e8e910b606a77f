"""How many there are of something, in words; it knows no language but English, and no noun but by what it is given."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return "1 page", "1,200 pages"; of a word that takes no -s `many` is told: "2 matches"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
