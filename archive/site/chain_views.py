"""The chain of a contract, as a page and as JSON, from its number in any spelling."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import Response

from archive.research.chain_records import LONGEST, read_chain
from archive.site.chain_picture import chain_picture
from archive.site.rendering import Site
from archive.site.withdrawal_views import show_gone


async def show_chain(site: Site, request: Any) -> Response:
    """Answer /chain/NUMBER, /chain?number=… and both with .json: 404 where nothing is held, 410 where it was
    withdrawn."""
    in_path = unquote(request.url_vars.get("rest") or "").strip("/ ")
    as_data = request.path.endswith(".json")
    asked = (in_path.removesuffix(".json") if as_data else in_path) or (request.args.get("number") or "")
    asked = asked.strip()[:LONGEST]
    chain = await site.read(lambda connection: read_chain(connection, asked))
    if gone := chain.pop("gone"):
        return await show_gone(site, request, gone)
    status = 200 if chain["steps"] or chain["choices"] or not asked else 404
    if as_data:
        return await site.data(chain, status)
    here = f"/chain/{quote(chain['number'] or asked, safe='')}"
    return await site.page(request, "archive_chain.html", status, chain=chain, drawn=chain_picture(chain), here=here)
