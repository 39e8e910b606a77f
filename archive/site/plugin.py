"""The Datasette plugin: where a database has the archive's tables, it adds the archive's own pages and its safeguards.

A Datasette that serves other databases is left as it is. Only the site imports Datasette.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Generator
from typing import Any
from weakref import WeakKeyDictionary

import pluggy
from datasette.utils.asgi import Base400, Response
from datasette.views.base import DatasetteError
from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from archive.addresses import is_web_address
from archive.research.documents import is_sample
from archive.site import security
from archive.site.rendering import FILTERS, FOLDER, STYLE_DIGEST, Site, TookTooLongError
from archive.site.routes import ROUTES

hookimpl = pluggy.HookimplMarker("datasette")
log = logging.getLogger("oversight.site")

TABLES = frozenset({"about", "captures", "documents", "versions", "pages", "references", "sources"})
_sites: WeakKeyDictionary[Any, Site] = WeakKeyDictionary()
_policies: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def holds_archive(connection: sqlite3.Connection) -> bool:
    """Tell whether a database has the archive's tables."""
    found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found >= TABLES


@hookimpl
async def startup(datasette: Any) -> None:
    """Look for the archive's database, and put our templates before Datasette's where there is one."""
    names = [name for name in datasette.databases if name != "_internal"]
    for name in sorted(names, key=lambda name: (name != "archive", name)):
        if await datasette.get_database(name).execute_fn(holds_archive):
            settings = datasette.plugin_config("oversight") or {}
            site = _sites[datasette] = Site(datasette, name, _public_address(settings))
            _prepare_templates(datasette, site)
            return


def _public_address(settings: dict[str, Any]) -> str:
    """Return the site's own address for citations; "" where none is set (an unset variable gives None)."""
    address = str(settings.get("address") or "")
    return address if is_web_address(address) else ""


def _prepare_templates(datasette: Any, site: Site) -> None:
    environment = datasette.jinja_env
    theirs = environment.loader
    names = [name for name in environment.list_templates() if not name.startswith("default:")]
    texts = [theirs.get_source(environment, name)[0] for name in names if name.endswith(".html")]
    _policies[datasette] = security.looser_policy(texts)
    environment.loader = ChoiceLoader([FileSystemLoader(FOLDER / "templates"), theirs])
    environment.filters.update(FILTERS)
    environment.tests["holds"] = lambda values, value: value in values

    async def oversight_sample() -> bool:
        return await site.read(is_sample)

    environment.globals["oversight_sample"] = oversight_sample
    environment.globals["archive_database"] = site.database
    environment.globals["style_digest"] = STYLE_DIGEST


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Guard every connection to the archive's database."""
    if holds_archive(conn):
        security.guard_connection(conn)


class _OurPattern:
    """A route's pattern that fits nothing where no archive is served, so that Datasette's own routes answer."""

    def __init__(self, datasette: Any, pattern: Any) -> None:
        self.datasette, self.pattern = datasette, pattern

    def match(self, path: str) -> Any:
        return self.pattern.match(path) if self.datasette in _sites else None


@hookimpl
def register_routes(datasette: Any) -> list[tuple[_OurPattern, Callable[..., Awaitable[Response]]]]:
    """Add the archive's addresses."""

    def bound(view: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        async def answer(request: Any) -> Response:
            if request.method not in {"GET", "HEAD"}:
                return Response.text("This address can only be read.", status=405, headers={"Allow": "GET, HEAD"})
            try:
                return await view(_sites[datasette], request)
            except TookTooLongError:
                return await error_page(_sites[datasette], request, 503, "That question took too long",
                                        "Try more words, a phrase in quotation marks, or one collection.")  # fmt: skip

        return answer

    return [(_OurPattern(datasette, pattern), bound(view)) for pattern, view in ROUTES]


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """Lead from Datasette's own pages back to the archive's."""
    site = _sites.get(datasette)
    if site is None:
        return []
    path = datasette.urls.path
    return [
        {"href": path("/"), "label": "Oversight Archive"},
        {"href": path("/search"), "label": "Search"},
        {"href": path("/sources"), "label": "Sources"},
        {"href": datasette.urls.database(site.database), "label": "Tables and SQL"},
    ]


@hookimpl
def extra_css_urls(datasette: Any, view_name: str) -> list[str]:
    """Lay Datasette's table pages out so that rows come before the fold."""
    return ["/-/oversight/tables.css"] if datasette in _sites and view_name == "table" else []


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Generator[None, Any, None]:
    """Answer errors with a page of ours. Datasette's own would log the local variables of every frame."""
    outcome = yield
    site = _sites.get(datasette)
    if site is not None:
        outcome.force_result([lambda: _error(site, request, exception)])


async def _error(site: Site, request: Any, exception: Exception) -> Response:
    status, title, message = 500, "Something went wrong here", "It is not your question's fault, and it was logged."
    if isinstance(exception, Base400):
        status, title = exception.status, "Not found" if exception.status == 404 else "That can't be answered"
        message = "There is nothing at this address." if status == 404 else str(exception.args[0])
    elif isinstance(exception, DatasetteError):
        status, title = exception.status, exception.title or "That can't be answered"
        message = Markup(exception.message) if exception.message_is_html else exception.message  # noqa: S704
    else:
        log.error("%s %s", request.method, ascii(request.path), exc_info=exception)
    return await error_page(site, request, status, title, message)


async def error_page(site: Site, request: Any, status: int, title: str, message: str) -> Response:
    """Return an error as a page, or as JSON where JSON was asked for."""
    if request.path.endswith(".json"):
        return await site.data({"ok": False, "status": status, "title": title, "error": str(message)}, status)
    return await site.page(request, "archive_error.html", status, title=title, message=message)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Give every answer its headers, errors included, and answer what Datasette would trip over."""
    return lambda app: _Guarded(app, datasette)


class _Guarded:
    def __init__(self, app: Any, datasette: Any) -> None:
        self.app, self.datasette, self.starting = app, datasette, asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Datasette starts up on its first request; our own answer to that one must know what is served.
        async with self.starting:
            await self.datasette.invoke_startup()
        started = False

        async def send_with_headers(message: Any) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": self._headers(scope, message.get("headers", []))}
            await send(message)

        if self.datasette in _sites and _is_unsound(scope):
            await Response.text("There is nothing at this address.", status=404).asgi_send(send_with_headers)
            return
        try:
            await self.app(scope, receive, send_with_headers)
        except Exception:
            if started or self.datasette not in _sites:
                raise
            log.exception("%s %s", scope["method"], ascii(scope["path"]))
            await Response.text("Something went wrong here.", status=500).asgi_send(send_with_headers)

    def _headers(self, scope: Any, headers: Any) -> list[tuple[bytes, bytes]]:
        kept = [(name, value) for name, value in headers]
        if self.datasette not in _sites:
            return kept
        names = {name.lower() for name, _ in kept}
        policy = self._policy(scope["path"]).encode()
        ours = ((b"content-security-policy", policy), *security.HEADERS)
        return kept + [(name, value) for name, value in ours if name not in names]

    def _policy(self, path: str) -> str:
        """Return the looser policy for Datasette's own pages only: those of its databases, and those under /-/."""
        base = self.datasette.setting("base_url")
        first, _, rest = path.removeprefix(base.rstrip("/")).lstrip("/").partition("/")
        theirs = first.split(".")[0] in self.datasette.databases or (first == "-" and not rest.startswith("oversight/"))
        return _policies[self.datasette] if theirs else security.STRICT_POLICY


def _is_unsound(scope: Any) -> bool:
    """Tell whether a path begins like another host's address (Datasette would redirect to it) or isn't ASCII."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.startswith((b"//", b"/\\")) or any(byte > 126 or byte < 33 for byte in raw)
