"""Recognises what servers send in place of what was asked for: bot walls, and errors with a good status.

It goes by the title, and by the words of a page that says little else: an article about bot walls, or a form
with a captcha beside it, is neither.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST_PAGE = 512 * 1024
_SHORT_TEXT = 1200
_LONG_TEXT = 2500
_FIRST_LOOK = 12 * 1024
_LONGEST_WORD = 200

_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,300})", re.IGNORECASE)
_HEADING = re.compile(r"<h1[^>]{0,500}>([^<]{0,300})</h1", re.IGNORECASE)
_UNSHOWN = re.compile(
    r"<(script|style|template|svg|head)\b[^>]*+(?:>.*?(?:</\1\s*+>|\Z)|\Z)|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_OPEN_GRAPH_ARTICLE = re.compile(r"""og:type["'][^>]{0,40}["']article["']""")
_SCHEMA_ARTICLE = re.compile(r"""@type["']\s{0,9}:\s{0,9}\[?\s{0,9}["'](?:[a-z]{0,20}article|blogposting)["']""")
_TAG = re.compile(r"<[^>]*+>?")
_TITLE_PARTS = re.compile(r"\s[|·»–—-]+\s|\|")

# The whole title of the pages that the common walls send.
_WALL_TITLE = re.compile(
    r"just a moment\W*|access denied|attention required\W*|access to this page has been denied\W*"
    r"|(?:\w+ - )?are you a robot\W*|robot check|human verification|captcha|security check(?: required)?"
    r"|(?:please )?verify (?:that )?you are (?:a )?human\W*|verifying you are human\W*|one more step"
    r"|ddos-guard|pardon our interruption\W*|request rejected|(?:sorry, )?you have been blocked"
    r"|checking your browser\W*|client challenge|unusual traffic(?: detected)?|bot verification"
    r"|radware captcha page|undeclared automated tool|radware bot manager captcha"
)
# What they say.
_WALL_WORDS = re.compile(
    r"you don.t have permission to access .{0,2000}reference\W{1,3}[0-9a-f]"
    r"|checking (?:if the site connection is secure|your browser before)"
    r"|(?:verify|verifying|confirm|prove|make sure) (?:that )?you(?:.re| are)(?: not)? (?:an? )?"
    r"(?:human|robot|bot)\b"
    r"|enable javascript and cookies to continue|please enable (?:js|javascript) and disable any ad.?blocker"
    r"|unusual traffic from your (?:computer )?network|detected unusual (?:traffic|activity) from"
    r"|(?:complete|solve) the (?:captcha|security check)|press (?:&|and) hold to confirm"
    r"|request unsuccessful\. incapsula|the requested url was rejected\. please consult"
    r"|originates from an undeclared automated tool|this request (?:was|has been) blocked by"
    r"|your (?:ip(?: address)?|access to this (?:site|service|page)) has been (?:temporarily )?"
    r"(?:blocked|limited)",
    re.DOTALL,
)
# Incapsula's and DataDome's pages say nothing at all; a script asks in their place.
_SILENT_WALL = re.compile(rb"_Incapsula_Resource|captcha-delivery\.com|/cdn-cgi/challenge-platform")
_ERROR_TITLE = re.compile(
    r"(?:(?:http )?(?:error )?[45]\d\d\W*)?(?:(?:oops|sorry|error)\W+)?(?:the |this )?(?:requested )?"
    r"(?:(?:page|file|url|document|resource) (?:was |is |could |can)?\s?not (?:be )?found|not found"
    r"|internal server error|service (?:temporarily )?unavailable|bad gateway|gateway time-?out"
    r"|(?:an |server )?error (?:has )?occurred|(?:down for |site |scheduled )maintenance"
    r"|page (?:is )?(?:unavailable|no longer available)|temporarily unavailable|runtime error)\W*"
    r"|(?:http )?(?:error )?(?:404|500|502|503|504)(?: error| page)?\W*"
)
_ERROR_WORDS = re.compile(
    r"(?:page|file|document) (?:that )?you(?:.re| are| were| have)? "
    r"(?:requested|looking for|trying to (?:reach|view|access)) "
    r"(?:was not|wasn.t|is not|isn.t|could not be|couldn.t be|can.?not be|no longer|may have)"
    r"|the requested (?:url|page|resource|file) .{0,200}was not found|^(?:error )?404\b"
)


class Refusal(NamedTuple):
    """What stands in place of an answer: `outcome` is "bot-wall" or "error-page", `detail` its mark."""

    outcome: str
    detail: str


def find_refusal(kind: str, body: bytes) -> Refusal | None:
    """Return what `body`, of the kind that screening.content_kind says, is in place of an answer, or None."""
    if kind in ("html", "text"):
        return _page_refusal(kind, body)
    error = _json_error(body) if kind == "json" else _xml_error(body) if kind == "xml" else ""
    return Refusal("error-page", error) if error else None


class _Shown(NamedTuple):
    """What a reader of the page sees first, in lower case; of a long page's text only the beginning."""

    titles: tuple[str, ...]
    text: str
    is_article: bool


def _page_refusal(kind: str, body: bytes) -> Refusal | None:
    shown = _shown(kind, body)
    if shown.is_article:
        return None
    if refusal := _refusal_by_title(shown):
        return refusal
    if len(shown.text) <= _SHORT_TEXT:
        for outcome, words in (("bot-wall", _WALL_WORDS), ("error-page", _ERROR_WORDS)):
            if match := words.search(shown.text):
                return Refusal(outcome, f"says “{match[0][:80]}”")
    if len(shown.text) < 80 and (found := _SILENT_WALL.search(body[:65536])):
        return Refusal("bot-wall", f"no text, and loads {found[0].decode('ascii')}")
    return None


def _refusal_by_title(shown: _Shown) -> Refusal | None:
    for title in shown.titles:
        # The site's own name stands before or after; a number there is a headline's.
        first, *others = (part.strip() for part in _TITLE_PARTS.split(title))
        parts = [title, first, *(part for part in others if not part.isdigit())]
        if len(shown.text) <= _LONG_TEXT and any(map(_WALL_TITLE.fullmatch, parts)):
            return Refusal("bot-wall", f"titled “{title[:80]}”")
        if any(map(_ERROR_TITLE.fullmatch, parts)):
            return Refusal("error-page", f"titled “{title[:80]}”")
    return None


def _shown(kind: str, body: bytes) -> _Shown:
    page = _decoded(body[:_LONGEST_PAGE])
    if kind == "text":
        return _Shown((), _words(page[: 2 * _LONG_TEXT])[: _LONG_TEXT + 1], is_article=False)
    heads = [match[1] for pattern in (_TITLE, _HEADING) if (match := pattern.search(page))]
    text = _text_of(page)
    if len(body) > _LONGEST_PAGE:
        text = text.ljust(_LONG_TEXT + 1)
    return _Shown(tuple(_words(head) for head in heads), text, _says_article(page.lower()))


def _says_article(page: str) -> bool:
    """Tell whether a page calls itself one; a plain search for the two words finds where to look."""
    return any(
        pattern.match(page, place)
        for word, pattern in (("og:type", _OPEN_GRAPH_ARTICLE), ("@type", _SCHEMA_ARTICLE))
        for place in _places(word, page)
    )


def _places(word: str, page: str) -> Iterator[int]:
    place = page.find(word)
    while place >= 0:
        yield place
        place = page.find(word, place + 1)


def _text_of(page: str) -> str:
    """Return the beginning of a page's text; of a page that soon says enough only the beginning is looked at."""
    for length in (_FIRST_LOOK, 6 * _FIRST_LOOK, len(page)):
        text = _words(_TAG.sub(" ", _UNSHOWN.sub(" ", page[:length]))[: 20 * _LONG_TEXT])
        # What stands at the cut, an entity cut in two, may read otherwise than in the whole page.
        if len(text) > _LONG_TEXT + _LONGEST_WORD:
            break
    return text[: _LONG_TEXT + 1]


def _decoded(start: bytes) -> str:
    encoding = "utf-16" if start.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return start.decode(encoding, "replace")


def _words(text: str) -> str:
    return " ".join(html.unescape(text).split()).lower()


_ERROR_KEYS = frozenset({"error", "errors", "errorcode", "errormessage", "error_code", "error_message", "fault"})
_BESIDE_MESSAGE = frozenset(
    {"message", "status", "statuscode", "code", "path", "timestamp", "requestid", "request_id", "success"}
)


def _json_error(body: bytes) -> str:
    """An error message is small, says so by a key, and carries no records beside it."""
    try:
        answer = json.loads(body) if len(body) <= 16384 else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    fields = {str(key).lower(): value for key, value in answer.items()}
    others = [value for key, value in fields.items() if key not in _ERROR_KEYS]
    named = sorted(key for key in fields.keys() & _ERROR_KEYS if fields[key] not in (None, "", "0", 0, [], {}))
    if named and not any(isinstance(value, list | dict) and value for value in others):
        return f"JSON with “{named[0]}”: {_excerpt(fields[named[0]])}"
    if "message" in fields and fields.keys() <= _BESIDE_MESSAGE:
        return f"JSON with nothing but a message: {_excerpt(fields['message'])}"
    # RFC 9457, 3.1.
    status = fields.get("status")
    if "title" in fields and isinstance(status, int) and status >= 400:
        return f"JSON problem: {_excerpt(fields['title'])}"
    return ""


def _excerpt(value: object) -> str:
    return json.dumps(value)[:160]


def _xml_error(body: bytes) -> str:
    """Object stores say <Error><Code>AccessDenied</Code>…"""
    found = re.match(
        rb"[^<]{0,9}(?:<\?[^>]{0,200}>\s{0,9})?<Error>.{0,200}?<Code>([\w.]{1,60})</Code>", body[:2048], re.S
    )
    return f"XML error {found[1].decode('ascii', 'replace')}" if found else ""
