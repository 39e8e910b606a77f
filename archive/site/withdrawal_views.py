"""What stands in the place of something withdrawn: 410 and the reason; and the log of all withdrawals."""

from __future__ import annotations

from typing import Any

from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Response

from archive.research.rows import Row
from archive.research.withdrawn import find_gone, list_withdrawals
from archive.site.rendering import Site

TITLE = "Withdrawn"
# Datasette's pages of one row: the table, and the row's key.
ROWS = ("documents", "versions", "pages")


async def show_withdrawals(site: Site, request: Any) -> Response:
    """Show the log: number, day, reason, what kind of thing, and when it was undone."""
    found = await site.read(list_withdrawals)
    if request.url_vars.get("format"):
        return await site.data({"withdrawals": found})
    return await site.page(request, "archive_withdrawals.html", withdrawals=found)


async def show_gone(site: Site, request: Any, withdrawal: Row) -> Response:
    """Answer 410 for what was withdrawn, or is held back since it looks like it: in the form that was asked for."""
    said = said_of(withdrawal)
    if request.path.endswith(".json"):
        answer = {"ok": False, "status": 410, "title": TITLE, "error": said, "withdrawal": withdrawal}
        return await site.data(answer, 410)
    if request.path.endswith((".txt", ".csv", ".bib", ".ris")):
        return Response.text(f"{TITLE}. {said}\n", status=410)
    return await site.page(request, "archive_gone.html", 410, withdrawal=withdrawal, said=said)


def said_of(withdrawal: Row) -> str:
    """Return in a sentence or two why there is nothing at an address any more."""
    until = f" It is restricted until {withdrawal['until']}." if withdrawal["until"] else ""
    return (
        f"What stood at this address was withdrawn from publication, or holds text that was, on {withdrawal['at'][:10]}"
        f" (withdrawal {withdrawal['number']}). The reason given: {withdrawal['reason']}{until}"
    )


async def gone_row(site: Site, request: Any, exception: Exception) -> Row | None:
    """Return the withdrawal that took out the row whose page at Datasette isn't there, if one did."""
    asked = getattr(request, "url_vars", {})
    table, key = tilde_decode(asked.get("table") or ""), tilde_decode(asked.get("pks") or "")
    if not isinstance(exception, NotFound) or table not in ROWS or not key:
        return None
    # Datasette takes an ending for the format in which the row is to be given.
    names = [f"{table}/{key}", f"{table}/{key}.{asked.get('format')}"]
    return await site.read(lambda connection: find_gone(connection, "row", *names))
