"""The timeline of anything, as a page, as a picture, as JSON and as a table."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response
from markupsafe import Markup

from archive.research.timeline_events import LONGEST, Timeline, read_timeline
from archive.research.timelines import KINDS, MOST_DRAWN, WORDS, Event, by_month, event_row
from archive.site.lanes_picture import Lane, Mark, draw_lanes
from archive.site.rendering import Site
from archive.site.withdrawal_views import show_gone
from archive.table_csv import table_csv

CSV = "text/csv; charset=utf-8; header=present"
COLUMNS = ("since", "until", "precision", "kind", "words", "document", "address", "cents")
# Of more events the page has a table by month; each stands in the CSV.
MOST_LISTED = 500


async def show_timeline(site: Site, request: Any) -> Response:
    """Answer /timeline?of=… and with .json, .csv, .svg behind it; 410 for what was withdrawn."""
    asked = (request.args.get("of") or "").strip()[:LONGEST]
    form = request.url_vars.get("format") or ""
    found: Timeline = await site.read(lambda connection: read_timeline(connection, asked), searching=True)
    if found.gone:
        return await show_gone(site, request, found.gone)
    if form == ".json":
        return await site.data(found.data())
    if form == ".csv":
        return _as_csv(site, found)
    drawn = picture(found)
    if form == ".svg":
        status = 200 if drawn else 404
        return Response(str(drawn) or _NOTHING, status, content_type="image/svg+xml; charset=utf-8")
    query = urlencode([("of", asked), *([("as_of", str(site.as_of))] if site.as_of is not None else [])])
    return await site.page(
        request, "archive_timeline.html", found=found, told_of=found.data(), drawn=drawn, asking=query, words=WORDS,
        most_listed=MOST_LISTED,
    )  # fmt: skip


_NOTHING = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1" role="img" aria-label="Nothing"></svg>'


def _as_csv(site: Site, found: Timeline) -> Response:
    base = site.address
    rows = [event_row(event) for event in found.events]
    cells = [["" if row[name] is None else str(row[name]) for name in COLUMNS] for row in rows]
    for row in cells:
        row[6] = base + row[6]
    headers = {"content-disposition": 'attachment; filename="timeline.csv"'}
    return Response(
        table_csv([COLUMNS, *cells]), headers=headers, content_type="text/csv; charset=utf-8; header=present"
    )


def picture(found: Timeline) -> Markup:
    """Return the events as lanes, one for each kind; a lane of many events has one mark for each month."""
    ordered = sorted((event for event in found.events if event.since), key=lambda event: KINDS.index(event.kind))
    lanes = [_lane(kind, list(held)) for kind, held in groupby(ordered, lambda event: event.kind)]
    return draw_lanes(lanes, f"Timeline of {found.name or found.asked}", "timeline")


def _lane(kind: str, events: list[Event]) -> Lane:
    if len(events) <= MOST_DRAWN:
        return Lane(WORDS[kind], [Mark(one.since, one.until, f"{_days(one)}: {one.words[:160]}") for one in events])
    marks = [Mark(one.month, one.month, f"{one.month}: {one.events}", count=one.events) for one in by_month(events)]
    return Lane(f"{WORDS[kind]}: {len(events):,}, by month", marks)


def _days(event: Event) -> str:
    return event.since if event.since == event.until else f"{event.since} to {event.until}"
