"""Names pages in a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def name_pages(numbers: Sequence[int]) -> str:
    """Name pages as people do: "page 4", "pages 3-7, 9"."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"page {words}" if len(numbers) == 1 else f"pages {words}"
