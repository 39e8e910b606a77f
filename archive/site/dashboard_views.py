"""The plots that a researcher looks at first: each draws what a canned query gives of the release at hand."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from typing import Any

from datasette.utils.asgi import Response

from archive.research.rows import Row
from archive.site.plots import Plot, draw
from archive.site.rendering import Site

PLOTS = {
    "documents_by_month": Plot("month", "documents", "component", "month"),
    "money_by_vendor": Plot("vendor", "obligated"),
    "changes_by_week": Plot("week", "changes", "kind", "week"),
    "captures_by_outcome": Plot("outcome", "captures"),
    "pages_by_kind": Plot("kind", "pages"),
}
# What was drawn of so many releases is kept: a release never changes.
_KEPT = 3
_drawn: OrderedDict[str, list[Row]] = OrderedDict()


async def show_dashboard(site: Site, request: Any) -> Response:
    """Answer /dashboard and /dashboard.json: the rows of each query, drawn, and where they can be asked for."""
    queries = await site.datasette.get_canned_queries(site.database, None)
    release = site.pin.file.release if site.pin else None
    kept = release.manifest_sha256 if release else ""
    plots = _drawn.get(kept)
    if plots is None:
        plots = await site.read(lambda connection: _plots(connection, queries))
        if kept:
            _drawn[kept] = plots
            while len(_drawn) > _KEPT:
                _drawn.popitem(last=False)
    route = site.pin.route if site.pin else site.database
    told = [{**plot, "address": site.datasette.urls.query(route, plot["name"])} for plot in plots]
    if request.url_vars.get("format"):
        return await site.data({"plots": [{**plot, "svg": str(plot["svg"])} for plot in told]})
    return await site.page(request, "archive_dashboard.html", plots=told)


def _plots(connection: sqlite3.Connection, queries: dict[str, Any]) -> list[Row]:
    return [_plot(connection, queries[name], name) for name in PLOTS if name in queries]


def _plot(connection: sqlite3.Connection, query: dict[str, Any], name: str) -> Row:
    """Return a query's rows, with all its parameters left empty, and how they are drawn."""
    found = connection.execute(query["sql"], dict.fromkeys(query.get("params") or (), ""))
    columns = [column[0] for column in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    title = query.get("title") or name
    told = (query.get("description") or "").partition(" Left empty")[0]  # which is about the fields of its own page
    svg = draw(rows, PLOTS[name], title)
    return {"name": name, "title": title, "description": told, "columns": columns, "rows": rows, "svg": svg}
