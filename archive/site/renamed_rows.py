"""Datasette's pages of rows that had another key before a newer reader: they lead to the row as it is now."""

from __future__ import annotations

from typing import Any

from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound

from archive.research.renamed import find_row
from archive.site.rendering import Site


async def renamed_row(site: Site, request: Any, exception: Exception) -> str | None:
    """Return the path of the row that is meant by a path at which there is none, in the form that was asked for."""
    asked = getattr(request, "url_vars", {})
    table, key, ending = (tilde_decode(asked.get(name) or "") for name in ("table", "pks", "format"))
    if not isinstance(exception, NotFound) or not key:
        return None
    now = await site.read(lambda connection: find_row(connection, table, key))
    return f"/{site.database}/{table}/{tilde_encode(now)}{'.' + ending if ending else ''}" if now else None
