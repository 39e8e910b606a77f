"""A contract's chain as lanes over time; what each step is, and why it is there, the tables beside it say."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup

from archive.research.chain import KINDS
from archive.research.rows import Row
from archive.site.lanes_picture import Lane, Mark, draw_lanes

_NAMES = {
    "notice": "Notices", "award above": "Ordered under", "award": "Award", "modification": "Modifications",
    "order": "Orders", "attached file": "Files attached",
}  # fmt: skip


def chain_picture(chain: Row) -> Markup:
    """Return the chain as an <svg> element; "" where none of its steps has a day."""
    steps = sorted((step for step in chain["steps"] if step["day"]), key=lambda step: KINDS.index(step["kind"]))
    lanes = [
        Lane(_NAMES.get(kind, kind), [_mark(step) for step in held])
        for kind, held in groupby(steps, lambda step: str(step["kind"]))
    ]
    return draw_lanes(lanes, f"The chain of {chain['number'] or chain['asked']}", "chain")


def _mark(step: Row) -> Mark:
    money = f", {step['dollars']} US$" if step["dollars"] else ""
    number = step["number"] if step["kind"] in ("modification", "award", "order", "award above") else ""
    words = " ".join(filter(None, (f"{step['day']}:", number, step["title"][:120])))
    return Mark(step["day"], step["day"], words + money, number if step["kind"] == "modification" else "")
