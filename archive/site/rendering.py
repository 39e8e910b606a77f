"""How a page is made: templates, the few filters they need, and the one place where an address becomes a link."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

from datasette.utils import sqlite_timelimit, tilde_encode
from datasette.utils.asgi import Response
from markupsafe import Markup, escape

from archive.addresses import is_web_address, slug
from archive.counted import counted
from archive.mementos.linking import Origins
from archive.outcomes import OUTCOMES
from archive.research.citation import SAMPLE_NOTICE
from archive.research.documents import is_sample
from archive.research.marked_text import Segment
from archive.research.rows import Row
from archive.site.pictures import Pictures
from archive.site.serving import Pin, Serving
from archive.site.told import About, origins_of

Result = TypeVar("Result")

FOLDER = Path(__file__).parent
# The files of script/ that make up site.js, in this order: a frame, then one for each feature.
SCRIPTS = ("frame.js", "copying.js", "scrolling.js", "keyboard.js", "editor.js", "quoting.js")
_SCRIPT = b"\n".join((FOLDER / "static" / "script" / name).read_bytes() for name in SCRIPTS)
_COLOURS = (FOLDER / "static" / "colours.css").read_bytes() + b"\n"
FILES = {
    "site.js": (_SCRIPT, "text/javascript; charset=utf-8"),
    "site.css": (_COLOURS + (FOLDER / "static" / "site.css").read_bytes(), "text/css; charset=utf-8"),
    "datasette.css": (_COLOURS + (FOLDER / "static" / "datasette.css").read_bytes(), "text/css; charset=utf-8"),
    "icon.svg": ((FOLDER / "static" / "icon.svg").read_bytes(), "image/svg+xml"),
}
# In the addresses of style sheets and script, so that a browser doesn't keep an old one.
STYLE_DIGEST = hashlib.sha256(FILES["site.css"][0] + FILES["datasette.css"][0]).hexdigest()[:10]
SCRIPT_DIGEST = hashlib.sha256(FILES["site.js"][0]).hexdigest()[:10]
# A question that takes longer is given up, so that one reader can't hold up the others.
TIME_LIMIT_MS = 5_000
WORKING_NOTICE = "Working archive: it holds what is not published, and what was withdrawn. It is for the operator only."
_DATA = re.compile(r"\.(?:json|jsono|csv|blob)$")
_ORIGIN = re.compile(r"(https?://[^/]+).*")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


class TookTooLongError(Exception):
    """A question took longer than TIME_LIMIT_MS and was given up."""


@dataclass(frozen=True, slots=True)
class Site:
    """One Datasette and the name of the archive's database in it; `policy` is for Datasette's own pages."""

    datasette: Any
    database: str
    about: About
    policy: str

    @property
    def address(self) -> str:
        """Return the site's public address, or ""."""
        return self.about.address

    @property
    def origins(self) -> Origins:
        """Return where the archive and its captures are to be found."""
        return origins_of(self.about, getattr(self.datasette, "ports", None), working=self.working)

    @property
    def folder(self) -> Path | None:
        """Return the archive's folder, where the server knows one."""
        return self.serving.releases.archive if self.serving else None

    @property
    def serving(self) -> Serving | None:
        """Return what is served, and what else can be; None where Datasette was started with a file."""
        serving: Serving | None = getattr(self.datasette, "serving", None)
        return serving

    @property
    def pictures(self) -> Pictures | None:
        """Return what draws pages; None where Datasette was started with a file, and no archive's folder is known."""
        pictures: Pictures | None = getattr(self.datasette, "pictures", None)
        return pictures

    @property
    def pin(self) -> Pin | None:
        """Return what the request at hand is answered from."""
        return self.serving.pin if self.serving else None

    @property
    def as_of(self) -> int | None:
        """Return the number of the release that the request at hand names; None where it is about the present."""
        pin = self.pin
        return pin.file.number if pin is not None and pin.route != self.database else None

    @property
    def working(self) -> bool:
        """Tell whether the operator looks at the whole working archive."""
        return self.serving is not None and self.serving.working

    @property
    def release_name(self) -> str:
        """Return what this answer is from, for programs: a release's number, "working", or "" where it isn't known."""
        if self.pin is None:
            return ""
        return "working" if self.pin.file.number is None else str(self.pin.file.number)

    async def told(self, request: Any) -> Row:
        """Return what every page says: of the archive, of the release that it is from, and whether it is the sample's.

        `release` has `number`, `built`, `digest` and `newest` (the number of the release that is served), or is None;
        `present` is where the same is asked of the newest; `without` tells that there are no releases yet.
        """
        pin, serving = self.pin, self.serving
        release = None
        if pin is not None and serving is not None and pin.file.release is not None:
            manifest = pin.file.release.manifest
            release = {name: manifest.get(name, "") for name in ("number", "built", "digest")}
            release["newest"] = serving.current.number
        return {
            "about": self.about,
            "release": release,
            "as_of": self.as_of,
            "present": self._present(request),
            "working": self.working,
            "without": pin is not None and release is None and not self.working,
            "sample": await self.is_sample(),
        }

    def _present(self, request: Any) -> str:
        """Return the path that asks of the newest release what a request asks of an older one."""
        asked = [(name, value) for name, value in parse_qsl(request.query_string, True) if name != "as_of"]
        path = re.sub(r"/release-[0-9]+(?=[/.]|$)", f"/{self.database}", request.path, count=1)
        return path + (f"?{urlencode(asked)}" if asked else "")

    def public_address(self, request: Any, path: str) -> str:
        """Return the address of a path of this site: in data the public one, where it is set; else the path alone.

        This is `absolute_url` of Datasette, which would take the host's name from the request.
        """
        is_data = _DATA.search(request.path) is not None or "_format" in request.args
        base = self.datasette.setting("base_url")
        public = self.address if base == "/" else _ORIGIN.sub(r"\1", self.address)
        return public + path if is_data else path

    async def is_sample(self) -> bool:
        """Tell whether what is served is the sample's."""
        return await self.read_once("sample", is_sample)

    async def search(self, question: Callable[[sqlite3.Connection], Row], key: object) -> Row:
        """Ask what takes a thread for searches. Of a release what gave an answer before gives it again, by its `key`:
        all that the question is made of, as `repr` tells it. Raises TookTooLongError."""
        answers = self.pin.file.answers if self.pin is not None else None
        if answers is None:
            return await self.read(question, searching=True)
        known = answers.get(repr(key))
        if known is None:
            known = await self.read(question, searching=True)
            answers.keep(repr(key), known)
        return known

    async def read(self, question: Callable[[sqlite3.Connection], Result], *, searching: bool = False) -> Result:
        """Ask the catalogue in one of Datasette's threads, or in one for searches. Raises TookTooLongError."""

        def limited(connection: sqlite3.Connection) -> Result:
            with sqlite_timelimit(connection, TIME_LIMIT_MS):
                return question(connection)

        try:
            database = self.datasette.get_database(self.database)
            # A Datasette that was started with a file has no threads for searches.
            search_fn = getattr(database, "search_fn", database.execute_fn)
            answer: Result = await (search_fn if searching else database.execute_fn)(limited)
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise TookTooLongError from error
            raise
        return answer

    async def read_once(self, name: str, question: Callable[[sqlite3.Connection], Result]) -> Result:
        """Ask a release what it can answer only in one way, once while it is served; anything else every time."""
        known = self.pin.file.known if self.pin is not None and self.pin.file.release is not None else {}
        if name not in known:
            known[name] = await self.read(question)
        answer: Result = known[name]
        return answer

    async def page(self, request: Any, template: str, status: int = 200, **context: object) -> Response:
        """Return a page of ours."""
        told = await self.told(request)
        here = f"{self.address}{request.path}" + (f"?{request.query_string}" if request.query_string else "")
        if status >= 400:
            told["present"] = here = ""  # a page that says that there is nothing repeats no address
        facts = {"database": None, "told": told, "here": here}
        body = await self.datasette.render_template(template, {**facts, **context}, request=request)
        return Response.html(body, status=status)

    async def data(self, value: dict[str, Any], status: int = 200) -> Response:
        """Return a JSON answer that says which release it is from, and is marked where it is no published text."""
        if self.pin is not None and self.pin.file.number is not None:
            value = {**value, "release": self.pin.file.number}
        if self.working:
            value = {**value, "working": True, "working_notice": WORKING_NOTICE}
        if await self.is_sample():
            value = {**value, "sample": True, "sample_notice": SAMPLE_NOTICE}
        body = json.dumps(value, ensure_ascii=False, indent=1).replace("<", "\\u003c")
        return Response(body, status=status, content_type="application/json; charset=utf-8")

    def redirect(self, path: str, status: int = 302) -> Response:
        """Send the reader to another path of this site; never to another host."""
        return Response.redirect(str(self.datasette.urls.path("/" + path.lstrip("/\\"))), status=status)


def web_link(url: str, text: str = "", limit: int = 96) -> Markup:
    """Return an address as a link if it is http or https and sound, as plain text otherwise."""
    shown = text or url
    shown = shown if len(shown) <= limit else shown[: limit - 1] + "…"
    if not is_web_address(url):
        return Markup('<span class="address">{}</span>').format(shown)
    return Markup('<a class="address" href="{}" rel="nofollow noopener noreferrer">{}</a>').format(url, shown)


def marked(text: str, marks: Iterable[tuple[int, int]], anchor: str = "") -> Markup:
    """Return a text with <mark> around the given stretches; the first carries the anchor, everything is escaped."""
    pieces, done = [], 0
    for start, end in sorted(marks):
        if start < done or end > len(text):
            continue
        name = Markup(' id="{}"').format(anchor) if anchor and not done else ""
        pieces += [escape(text[done:start]), Markup("<mark{}>{}</mark>").format(name, text[start:end])]
        done, anchor = end, ""
    return Markup("").join([*pieces, escape(text[done:])])


# How what differs is marked: readable without colour, and as what it is to who doesn't see it.
_DIFFERING = {
    "same": Markup("{}"),
    "removed": Markup("<del>{}</del>"),
    "added": Markup("<ins>{}</ins>"),
    "moved": Markup('<span class="moved">{}</span>'),
    "cosmetic": Markup('<span class="cosmetic">{}</span>'),
    "gap": Markup('<span class="gap"> [… {} characters the same …] </span>'),
    "more": Markup('<span class="gap"> [… {} characters more …] </span>'),
}


def differing(segments: Iterable[Segment]) -> Markup:
    """Return the segments of a text, with what differs in <del>, <ins> or a class; everything is escaped."""
    return Markup("").join(_DIFFERING[one.kind].format(one.text) for one in segments)


def instant(value: str | None) -> str:
    """Return an instant of ours to the minute, for reading: "2018-01-26 15:00 UTC"."""
    text = value or ""
    return f"{text[:10]} {text[11:16]} UTC" if len(text) >= 16 and text[10] == "T" else text


def plain_date(value: str | None) -> str:
    """Return "2017-12-27" as "December 27, 2017", with no more parts than it has."""
    parts = (value or "").split("T")[0].split("-")
    if len(parts) > 3 or not all(part.isdecimal() for part in parts) or len(parts) == 1:
        return value or ""
    month = int(parts[1])
    if not 1 <= month <= 12:
        return value or ""
    return (
        f"{_MONTHS[month - 1]} {int(parts[2])}, {parts[0]}" if len(parts) == 3 else f"{_MONTHS[month - 1]} {parts[0]}"
    )


def in_words(name: str) -> str:
    """Return "news-articles" as "News articles"."""
    words = (name[:1].upper() + name[1:]).replace("-", " ")
    return words.replace("Foia", "FOIA").replace("Federal register", "Federal Register")


def outcome_meaning(name: str) -> str:
    """Return what an outcome means, in a sentence; its name in words where it is none of ours."""
    known = OUTCOMES.get(name)
    return known.meaning if known else name.replace("-", " ")


def with_code(text: str) -> Markup:
    """Return a text whose commands stand between backticks with these as <code>; everything is escaped."""
    parts = [
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def last_words(url: str) -> str:
    """Return the words of the last part of an address, for searching."""
    last = url.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return slug(last.partition(".")[0]).replace("-", " ")


FILTERS = {
    "last_words": last_words,
    "web_link": web_link,
    "marked": marked,
    "differing": differing,
    "instant": instant,
    "plain_date": plain_date,
    "counted": counted,
    "in_words": in_words,
    "outcome_meaning": outcome_meaning,
    "with_code": with_code,
    "tilde": tilde_encode,
}
