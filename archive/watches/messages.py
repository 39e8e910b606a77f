"""A message as it is told: what the journal's line of it names, by what is published now.

What was withdrawn since it was made is replaced by a sentence. It sends nothing and reads no file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from archive.research.changes import changes_named
from archive.research.rows import Row
from archive.watches.hits import Finder, hit_id
from archive.watches.model import Hit, Message, SourceState, Watch
from archive.watches.source_states import behind, collections_of, is_ill

SEES_ALL = "All sources behind this watch are as they should be."


def message_of(
    connection: sqlite3.Connection,
    event: Mapping[str, Any],
    watches: Sequence[Watch],
    states: Sequence[SourceState],
) -> Message:
    """Return what is told by a `message-made` line of the journal.

    `connection` is to the release that is served now, `watches` are those that there are, `states` how all sources are
    (archive/watches/source_states.py). Of a watch that is no more the hits are told without their places. Never raises
    for what the line names: a change that isn't published any more is a notice.
    """
    watch = next((one for one in watches if one.name == event["watch"]), None)
    told = watch or Watch(event["watch"], event["watch"], ())
    changes = changes_named(connection, event.get("changes", ()))
    held = [changes[one] for one in event.get("changes", ()) if one in changes]
    finder = Finder(connection, [told])
    sources = behind(told, states, collections_of(connection))
    more = int(event.get("more", 0))
    return Message(
        id=event["message"],
        watch=told.name,
        title=told.title,
        release=int(event["release"]),
        at=event["at"],
        hits=tuple(_hit(finder, told, change) for change in held),
        more=more,
        sources=sources,
        notices=tuple(_notices(event, len(held), more, sources, is_known=watch is not None)),
        facts={
            "states": dict(event.get("states", {})),
            "lost": len(event.get("changes", ())) - len(held),
            "address": f"/watches/{told.name}" if told.public else "",  # where everybody may see it
        },
    )


def _hit(finder: Finder, watch: Watch, change: Row) -> Hit:
    hit = finder.hit(watch.name, change)
    assert hit.id == hit_id(watch.name, change["id"])
    return hit


def _notices(
    event: Mapping[str, Any], held: int, more: int, sources: Sequence[SourceState], *, is_known: bool
) -> list[str]:
    """Return what is said in the archive's own name: what went since, what is left out, whether all could be seen."""
    notices = []
    if lost := len(event.get("changes", ())) - held:
        what = "One of the matches is" if lost == 1 else f"{lost} of the matches are"
        notices.append(f"{what} published no longer, and told no more; /withdrawals has what was withdrawn, and why.")
    if more:
        notices.append(f"{more:,} more match beside the first {held + lost:,}: the watch's page and feed have all.")
    if not is_known:
        notices.append("The file of this watch is gone; this is what it had asked for.")
    ill = [one for one in sources if is_ill(one)]
    if ill:
        notices += [one.sentence for one in ill]
    elif not sources:
        notices.append("How the sources behind this watch are is not known here.")
    elif event.get("changes"):
        notices.append(SEES_ALL)
    else:
        notices.append(f"They see again. {SEES_ALL}" if not event.get("states") else SEES_ALL)
    return notices
