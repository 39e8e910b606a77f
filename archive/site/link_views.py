"""What is cited and not held, and the gaps in numbered series: as pages, as JSON and as tables."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from archive.research.gaps import gap_table, list_series, read_series
from archive.research.unmatched import Wanted, is_place, list_unmatched, unmatched_table
from archive.site.answering import error_page
from archive.site.rendering import Site
from archive.table_csv import table_csv

_KIND = re.compile(r"[a-z-]{0,20}")
_SERIES = re.compile(r"[a-z0-9-]{1,80}")


async def show_unmatched(site: Site, request: Any) -> Response:
    """Answer /unmatched, /unmatched.json and /unmatched.csv: ?kind=, ?start= (a place in the list)."""
    kind, start = ((request.args.get(name) or "").strip() for name in ("kind", "start"))
    if not _KIND.fullmatch(kind) or not (start == "" or is_place(start)):
        return await error_page(site, request, 400, "That can't be answered", "A kind is one of those on the page.")
    wanted = Wanted(kind, int(start or 0))
    found = await site.read(lambda connection: list_unmatched(connection, wanted))
    form = request.url_vars.get("format") or ""
    following = _path(site, f"/unmatched{form}", kind, found["next"]) if found["next"] else ""
    if form == ".json":
        return await site.data({**found, "next": site.address + following if following else ""})
    if form == ".csv":
        return _table(unmatched_table(found["references"]), "unmatched")
    facts = {
        **found,
        "wanted": wanted,
        "following": following,
        "data": _path(site, "/unmatched.json", kind, wanted.start),
        "table": _path(site, "/unmatched.csv", kind, wanted.start),
    }
    return await site.page(request, "archive_unmatched.html", **facts)


async def show_gaps(site: Site, request: Any) -> Response:
    """Answer /gaps, /gaps.json, /gaps/SERIES, /gaps/SERIES.json and /gaps/SERIES.csv."""
    name, form = request.url_vars.get("series") or "", request.url_vars.get("format") or ""
    if not name:
        series = await site.read(list_series)
        if form == ".json":
            return await site.data({"series": series})
        return await site.page(request, "archive_gaps.html", series=series)
    found = await site.read(lambda connection: read_series(connection, name)) if _SERIES.fullmatch(name) else None
    if found is None:
        return await error_page(site, request, 404, "No such series", "No number of it was seen; /gaps lists all.")
    if form == ".json":
        return await site.data(found)
    if form == ".csv":
        return _table(gap_table([found]), name)
    return await site.page(request, "archive_series.html", one=found)


def _path(site: Site, path: str, kind: str, start: int) -> str:
    """Return the path that asks for the same in another form, or what follows, of the same release."""
    asked = [("kind", kind)] if kind else []
    asked += [("start", str(start))] if start else []
    asked += [("as_of", str(site.as_of))] if site.as_of is not None else []
    return f"{path}?{urlencode(asked)}" if asked else path


def _table(rows: list[list[str]], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(table_csv(rows), content_type="text/csv; charset=utf-8", headers=headers)
