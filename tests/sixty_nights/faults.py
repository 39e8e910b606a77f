"""What stands in an answer's place on a bad night, by name, with the outcome that says so (archive/outcomes.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.hostile import web
from tests.sixty_nights.loopback import Reply

NOT_FOUND = web.page("Page Not Found", "<p>The page that you are looking for could not be found.</p>")
WALL = web.page("Just a moment...", "<p>Checking your browser before accessing dhs.gov. Enable JavaScript.</p>")
LOGIN = web.page("Welcome to the guest network", "<p>Please sign in with your room number.</p><form></form>")
DRESSED = web.page(
    "Publications", "<p>What you asked for has moved. Browse what is new instead, or search the library.</p>"
    "<p>Created Date: March 19, 2015</p><p>Last Published Date: March 20, 2015</p>",
)  # fmt: skip
INSIDE, AWAY = "http://169.254.169.254/latest/", "https://elsewhere.example.com/"
REDESIGNED = b"<html><title>Library</title><body><div id=app>" + b"<i>Library</i> " * 300


@dataclass(frozen=True)
class Fault:
    """A reply in the place of another. `outcome` is how it is named, `at` the path at which it is, where that isn't the
    one that was asked for; `state` is what it says of the server, `grave` whether a person has to look, `refuses`
    whether it says nothing of what the server holds."""

    reply: Reply
    outcome: str
    state: str = "error"
    at: str = ""
    grave: bool = True
    refuses: bool = True


def _plain(status: int, outcome: str, body: bytes = b"", **more: object) -> Fault:
    """A fault that is no more than a status, or a body."""
    state = {401: "blocked", 403: "blocked", 429: "blocked", 451: "blocked"}.get(status, "error")
    headers = more.pop("headers", {})
    return Fault(Reply(status, body, headers=headers), outcome, **{"state": state, **more})  # type: ignore[arg-type]


_GONE: dict[str, object] = {"state": "missing", "grave": False, "refuses": False}
_GZIP = {"Content-Encoding": "gzip"}
# In the place of one document's answer.
OF_ONE: Mapping[str, Fault] = {
    "403": _plain(403, "blocked", b"no"),
    "451": _plain(451, "blocked", b"no"),
    "404": _plain(404, "not-found", NOT_FOUND, **_GONE),
    "410": _plain(410, "not-found", NOT_FOUND, **_GONE),
    "429": _plain(429, "blocked", b"slower"),
    "500": _plain(500, "server-error", b"oops"),
    "503, and when": _plain(503, "server-error", b"soon", headers={"Retry-After": "0"}),
    "204": _plain(204, "unexpected-status"),
    "206": _plain(206, "unexpected-status", b"<html>half"),
    "999": _plain(999, "server-error", b"go away"),
    "soft 404": _plain(200, "error-page", NOT_FOUND),
    "wall": _plain(200, "bot-wall", WALL, state="blocked"),
    "empty": _plain(200, "empty-body"),
    "cut": Fault(Reply(200, b"<html><h1>x" * 99, cut=50), "truncated"),
    "too large": _plain(200, "too-large", b"<html><h1>x" + b"x" * 300_000),
    "gzip": _plain(200, "decode-failed", b"\x1f\x8b\x08\x00" + b"\xff" * 90, headers=_GZIP),
    "says nothing": Fault(Reply(200, b"late", wait=1.3), "timed-out"),
    "hangs up": Fault(Reply(200, cut=-1), "connection-failed"),
    "zip": _plain(200, "wrong-media-type", b"PK\x03\x04" + bytes(30)),
    "inside": _plain(302, "address-refused", headers={"Location": INSIDE}, state="redirect", at="/latest/"),
    "away": _plain(302, "not-allowed-host", headers={"Location": AWAY}, state="redirect", at="/", grave=False),
}
# In the place of all that a publisher's servers say, robots.txt where it is named among them.
OF_ALL: Mapping[str, Fault] = {
    "500 everywhere": _plain(500, "robots-unreachable", b"oops"),
    "500 but robots.txt": _plain(500, "server-error", b"oops"),
    "wall everywhere": _plain(200, "bot-wall", WALL, state="blocked"),
    "403 everywhere": _plain(403, "blocked", b"no"),
    "sold": _plain(301, "not-allowed-host", headers={"Location": AWAY}, state="redirect", at="/", refuses=False),
    "portal": _plain(200, "wrong-media-type", LOGIN, refuses=False),
    "forbidden": _plain(200, "robots-disallowed", b"User-agent: *\nDisallow: /\n", grave=False),
}
# Those of them that stand in the place of robots.txt too.
OF_ROBOTS = ("500 everywhere", "sold", "portal", "forbidden")
# In the place of a list alone.
OF_LIST: Mapping[str, Fault] = {
    "list redesigned": _plain(200, "layout-changed", REDESIGNED, refuses=False),
    "list empty": _plain(200, "empty-listing", web.listing().body, refuses=False),
    "list 500": _plain(500, "server-error", b"oops"),
    "feed empty": Fault(Reply(200, web.feed().body, web.XML), "empty-listing", refuses=False),
    "list cut": Fault(Reply(200, b"<html><h1>x" * 99, cut=50), "truncated"),
}
# Of every document, but not of the list.
OF_DOCUMENTS: Mapping[str, Fault] = {
    "all 404": _plain(404, "not-found", NOT_FOUND, **_GONE),
    "all dressed": _plain(200, "repeated-page", DRESSED, refuses=False),
}
STANDING = {
    "removed": _plain(404, "not-found", NOT_FOUND, **_GONE),
    "refused": _plain(403, "blocked", b"no"),
}
# A page that asks to sign in is a list without rows to who expects a page.
_OTHERWISE = {("portal", "dhs_pia"): "empty-listing"}
FAULTS: Mapping[str, Fault] = {**OF_ONE, **OF_ALL, **OF_LIST, **OF_DOCUMENTS, **STANDING}


def outcome_of(fault: str, source: str) -> str:
    """Return how a fault is named where it stands in the place of one source's answers."""
    return _OTHERWISE.get((fault, source), FAULTS[fault].outcome)
