"""The Datasette plugin: where a database has the archive's tables, it adds the archive's own pages and its safeguards.

A Datasette that serves other databases is left as it is. Only the site imports Datasette.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Generator
from typing import Any
from weakref import WeakKeyDictionary

import pluggy
from datasette.utils.asgi import Base400, Response
from datasette.views.base import DatasetteError
from jinja2 import ChoiceLoader, FileSystemLoader

from archive.site import security
from archive.site.amended_templates import Amended
from archive.site.answering import Guarded, error_page, is_datasettes
from archive.site.asked_apart import RETRY_AFTER, TooManyWaitError
from archive.site.renamed_rows import renamed_row
from archive.site.rendering import FILTERS, FOLDER, SCRIPT_DIGEST, STYLE_DIGEST, Site, TookTooLongError
from archive.site.routes import POSTED, ROUTES
from archive.site.told import told_of_site
from archive.site.withdrawal_views import gone_row, show_gone

hookimpl = pluggy.HookimplMarker("datasette")
log = logging.getLogger("oversight.site")

# What goes wrong inside of Datasette's own pages when they are asked what makes no sense.
_TRIPS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, sqlite3.Error)
TABLES = frozenset({"about", "captures", "documents", "versions", "pages", "references", "sources"})
_sites: WeakKeyDictionary[Any, Site] = WeakKeyDictionary()


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
            told = told_of_site(datasette.plugin_config("oversight") or {})
            policy = security.looser_policy(_their_templates(datasette.jinja_env))
            site = _sites[datasette] = Site(datasette, name, told, policy)
            datasette.absolute_url = site.public_address
            _prepare_templates(datasette.jinja_env, site)
            return


def _their_templates(environment: Any) -> list[str]:
    """Return the texts of Datasette's own templates."""
    names = [name for name in environment.list_templates() if not name.startswith("default:")]
    return [environment.loader.get_source(environment, name)[0] for name in names if name.endswith(".html")]


def _prepare_templates(environment: Any, site: Site) -> None:
    environment.loader = ChoiceLoader([FileSystemLoader(FOLDER / "templates"), Amended(environment.loader)])
    environment.filters.update(FILTERS)
    environment.tests["holds"] = lambda values, value: value in values
    environment.globals["oversight_told"] = site.told
    environment.globals["archive_database"] = site.database
    environment.globals["style_digest"] = STYLE_DIGEST
    environment.globals["script_digest"] = SCRIPT_DIGEST


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
            if request.method not in {"GET", "HEAD"} and not (request.method == "POST" and view in POSTED):
                return Response.text("This address can only be read.", status=405, headers={"Allow": "GET, HEAD"})
            try:
                return await view(_sites[datasette], request)
            except TookTooLongError:
                return await error_page(_sites[datasette], request, 503, "That question took too long",
                                        "Try more words, a phrase in quotation marks, or one collection.")  # fmt: skip

        return answer

    return [(_OurPattern(datasette, pattern), bound(view)) for pattern, view in ROUTES]


@hookimpl
def skip_csrf(datasette: Any, scope: Any) -> bool:
    """Let questions be sent by POST from anywhere: nothing is written by them, and no cookie says who asks."""
    if datasette not in _sites or scope["type"] != "http":
        return False
    path = scope["path"].removeprefix(datasette.setting("base_url").rstrip("/"))
    return any(pattern.fullmatch(path) for pattern, view in ROUTES if view in POSTED)


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Generator[None, Any, None]:
    """Answer errors with a page of ours. Datasette's own would log the local variables of every frame."""
    outcome = yield
    site = _sites.get(datasette)
    if site is not None:
        outcome.force_result([lambda: _error(site, request, exception)])


async def _error(site: Site, request: Any, exception: Exception) -> Response:
    status, title, message = 500, "Something went wrong here", "It is not your question's fault, and it was logged."
    if gone := await gone_row(site, request, exception):
        return await show_gone(site, request, gone)
    if moved := await renamed_row(site, request, exception):
        return site.redirect(moved, 301)
    if isinstance(exception, TooManyWaitError):
        told = "Others' questions are being answered; this one can be asked again in a few seconds."
        answer = await error_page(site, request, 503, "Too many questions at the moment", told)
        answer.headers["Retry-After"] = str(RETRY_AFTER)
        return answer
    if isinstance(exception, Base400):
        status, title = exception.status, "Not found" if exception.status == 404 else "That can't be answered"
        message = "There is nothing at this address." if status == 404 else str(exception.args[0])
    elif isinstance(exception, DatasetteError):
        # It says 500 of what nobody can be asked to sort by, too.
        status, title = (
            exception.status if exception.status != 500 else 400,
            exception.title or "That can't be answered",
        )
        message = exception.message
        if exception.message_is_html:  # there is one: a question that took too long, repeated in a box with a script
            title, message = "That question took too long", "Ask for less at a time, or narrow it down further."
    elif "/-/static" in request.path and isinstance(exception, OSError):
        # What no file can be called: one inside of another, or longer than names are.
        status, title, message = 404, "Not found", "There is nothing at this address."
    elif is_datasettes(site, request.path) and isinstance(exception, _TRIPS):
        # What it was asked is no question: a list where it wants a number, a half of JSON, a name that no column has.
        log.warning("%s %s: %s", request.method, ascii(request.path), type(exception).__name__)
        status, title, message = 400, "That can't be answered", "There is something in this address that isn't known."
    else:
        log.error("%s %s", request.method, ascii(request.path), exc_info=exception)
    return await error_page(site, request, status, title, message)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Give every answer its headers, errors included, and answer what Datasette would trip over."""
    return lambda app: Guarded(app, datasette, lambda: _sites.get(datasette))
