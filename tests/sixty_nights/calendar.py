"""What happens on which night, drawn from one seed: what publishers do, what their servers do wrong, what befalls the
machine. Everything that has to happen once does; it knows no archive.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.sixty_nights.faults import OF_ALL, OF_DOCUMENTS, OF_LIST, OF_ONE
from tests.sixty_nights.publishers import AWARDS, LIBRARY, NEWSROOM, NOTICES, nights_from

# Before the night on which New York's clocks go back.
FIRST = date(2026, 10, 29)
DOUBLE = "2026-11-01"
SOURCES = (LIBRARY, NEWSROOM, NOTICES, AWARDS)
ACTS = {
    LIBRARY: ("add", "edit page", "replace", "re-save", "rename", "rename and edit", "delist", "list again",
              "refuse", "remove", "bring back"),
    NEWSROOM: ("add", "edit page"),
    NOTICES: ("add", "amend"),
    AWARDS: ("add", "amend"),
}  # fmt: skip
# What befalls the machine, and what an operator does beside a night's command, in this order.
BEFALLS = (
    ("kill",), ("withdraw", "full disk"), ("power cut",), ("clock back", "undo"), ("low disk", "rebuild"),
    ("clock ahead", "restore"),
)  # fmt: skip
# Before the writing of which line of the journal a night's command is killed, too.
LINES = ("message-sent", "release-built", "news-noted", "message-made", "night-ended", "run-ended")


@dataclass
class Night:
    """One night: `acts` are done by publishers before it, `weather` is what stands in all answers of a source, `ones`
    what stands in those of some of its documents, `machine` what befalls it, `deaf` whether nobody can be told."""

    number: int
    day: str
    acts: list[tuple[str, str]] = field(default_factory=list)
    weather: dict[str, str] = field(default_factory=dict)
    ones: dict[str, list[str]] = field(default_factory=dict)
    machine: list[str] = field(default_factory=list)
    deaf: bool = False


def drawn(seed: int, count: int) -> list[Night]:
    """Return so many nights. The first is calm: an archive begins on it."""
    chance = random.Random(seed)
    nights = [Night(number, str(day)) for number, day in enumerate(nights_from(FIRST, count))]
    _weather(nights[1:], chance)
    _acts(nights[1:], chance)
    _befalls(nights[1:], chance)
    return nights


def _befalls(nights: Sequence[Night], chance: random.Random) -> None:
    """Let something befall the machine: on each of a few nights, on every third of many; of many it sleeps some."""
    few = len(nights) <= 2 * len(BEFALLS)
    for place, night in enumerate(nights if few else nights[1::3]):
        night.machine += BEFALLS[place % len(BEFALLS)]
        if place % 2:
            night.machine.append(f"killed before {LINES[place // 2 % len(LINES)]}")
    for night in nights:
        if night.day == DOUBLE:
            night.machine.append("twice")
        night.deaf = 1 < night.number < len(nights) and chance.random() < 0.15
        if night.number % 29 in (27, 28):
            night.machine = ["missed"]


def _weather(nights: Sequence[Night], chance: random.Random) -> None:
    """Let each thing that can stand in the place of a source's answers come, in turn, to one source or another."""
    kinds = [(kind, source) for kind in OF_ALL for source in SOURCES]
    kinds += [(kind, LIBRARY) for kind in OF_LIST if not kind.startswith("feed")]
    kinds += [(kind, NEWSROOM) for kind in ("list 500", "list cut", "feed empty")]
    kinds += [(kind, LIBRARY) for kind in OF_DOCUMENTS]
    chance.shuffle(kinds)
    singles = [*OF_ONE] * 50
    chance.shuffle(singles)
    for place, night in enumerate(nights):
        if place % 2 == 0 and kinds:
            kind, source = kinds.pop()
            night.weather[source] = kind
        for source in SOURCES:
            if source not in night.weather and chance.random() < 0.3:
                night.ones[source] = [singles.pop() for _ in range(chance.randint(1, 2))]


def _acts(nights: Sequence[Night], chance: random.Random) -> None:
    queue = [(act, LIBRARY) for act in ACTS[LIBRARY]] * (1 + len(nights) // 12)
    for night in nights:
        wanted = [queue.pop(0) for _ in range(min(2 if len(nights) < 12 else 1, len(queue)))]
        wanted += [(chance.choice(ACTS[source]), source) for source in SOURCES if chance.random() < 0.35]
        # An entry that is moved while nobody can see it is another story, told by a test of its own.
        is_seen = LIBRARY not in night.weather and LIBRARY not in night.ones
        for act, source in wanted:
            if source == LIBRARY and not is_seen and act not in ("edit page", "replace", "refuse", "bring back"):
                queue.append((act, source))
            else:
                night.acts.append((act, source))
