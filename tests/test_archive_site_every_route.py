"""Every answer of every route, and what each is held to, whoever asks it how (XS-02, XS-07, XS-15, XS-16).

What is asked is made of the table of routes: one that is added later is held to the same.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from datasette.utils.asgi import Response

from archive.release.folder import Releases
from archive.site import answering
from archive.site.api.described import DESCRIBED
from archive.site.explorer import CutShortError
from archive.site.rendering import Site
from archive.site.routes import ROUTES
from archive.site.server import ArchiveDatasette
from tests.asking_the_site import THEIR_PATHS
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.served_releases import site_of
from tests.test_archive_site_openapi import NO_DATA

EVIL = "evil.example"
# In what a proxy, or who pretends to be one, says of the host.
_HOSTS = ("Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-For", "X-Original-Host", "X-Host", "Origin")
FORGED = dict.fromkeys(_HOSTS, EVIL) | {
    "Forwarded": f"for=1.2.3.4;host={EVIL};proto=https", "X-Forwarded-Proto": f"https://{EVIL}/",
    "X-Forwarded-Prefix": f"//{EVIL}", "X-Original-URL": f"//{EVIL}/", "X-Rewrite-URL": f"https://{EVIL}/",
    "Referer": f"https://{EVIL}/", "Accept-Language": EVIL, "User-Agent": EVIL,
}  # fmt: skip
# How an address is said to stand elsewhere: behind a route, and before it.
BEHIND = ["//evil.example", "/%2f%2fevil.example", "/%5cevil.example", "@evil.example", "/..//evil.example",
          "%0d%0aLocation:%20https://evil.example", "?next=//evil.example", "?as_of=//evil.example", "%00", "/%2e%2e",
          "?q=%3Cscript%3Ealert(1)%3C/script%3E&url=javascript:alert(1)&number=%3Cscript%3E&quote=%3C/script%3E",
          "?callback=alert&_callback=alert&jsonp=alert", "?as_of=999999"]  # fmt: skip
BEFORE = ["//evil.example", "/\\evil.example", "/%5cevil.example", "/%2fevil.example", "///evil.example"]
_METHODS = ("HEAD", "POST", "PUT", "OPTIONS")
_REQUIRED = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
# Of what was captured, an address leads where that stands in its path (and then only to our own captures' origin).
_OF_ADDRESSES = ("/web/", "/timegate/", "/captures/", "/timemap/", "/cite")


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> Iterator[ArchiveDatasette]:
    site = site_of(Releases(demo_made.path))
    yield site
    assert site.serving is not None
    site.serving.close()


def every_route() -> list[str]:
    """Return an address of each route, those of the described ones with what is held."""
    paths = [one.example() for one in DESCRIBED] + list(NO_DATA)
    paths += ["/d/dhs-ice-pia-039a@239d076958/p3.png", "/d/dhs-ice-pia-039a@239d076958.pdf", "/d/dhs-ice-pia-039a.ris",
              "/d/dhs-ice-pia-039a.bib", "/d/dhs-ice-pia-039a@239d076958/p3.csl.json", "/d/dhs-ice-pia-039a@239d076958",
              "/d/dhs-ice-pia-039a@239d076958.txt", "/search.csv?q=plate", "/search.atom?q=plate",
              "/changes.atom", "/watches/license-plate-readers.atom",
              "/unmatched.csv", "/unmatched", "/gaps", "/gaps/pia-ice", "/gaps/pia-ice.csv"]  # fmt: skip
    bare = [
        pattern.pattern for pattern, _ in ROUTES if not any(pattern.match(path.partition("?")[0]) for path in paths)
    ]
    assert bare == []
    return paths


class Held:
    """What each answer is held to, and what of it wasn't so."""

    def __init__(self, site: ArchiveDatasette) -> None:
        self.site, self.found, self.wrong = site, Counter[int](), set[str]()

    async def ask(self, path: str, method: str = "GET", **headers: str) -> None:
        try:
            answer = await self.site.client.request(method, f"http://localhost{path}", headers=headers,
                                                    avoid_path_rewrites=True)  # fmt: skip
        except CutShortError:
            self.wrong.add(f"{method} {path[:120]}: cut short")
            return
        self.found[answer.status_code] += 1
        told = [*_headers_missing(answer), *_leads_away(answer), *_executable(answer)]
        if EVIL in "".join(headers.values()) and EVIL not in path:
            told += ["a forged host is told"] if EVIL in answer.text or EVIL in str(answer.headers) else []
        if answer.status_code >= 500 and answer.status_code != 503:
            told.append("our fault")
        self.wrong |= {f"{method} {path[:120]} {answer.status_code}: {one}" for one in told}


def _headers_missing(answer: Any) -> Iterator[str]:
    policy = answer.headers.get("content-security-policy", "")
    for part in ("default-src 'none'", "frame-ancestors 'none'"):
        if part not in policy:
            yield f"no {part}"
    script = re.search(r"script-src ([^;]*)", policy)
    if "unsafe-eval" in policy or (script and "unsafe-inline" in script[1]) or "http:" in policy:
        yield policy
    for name, value in _REQUIRED.items():
        if answer.headers.get(name) != value:
            yield f"no {name}"
    if "set-cookie" in answer.headers or "access-control-allow-origin" in answer.headers:
        yield "a cookie, or others may read"


def _leads_away(answer: Any) -> Iterator[str]:
    place = answer.headers.get("location", "")
    if place and not re.match(r"/(?![/\\])", place):
        yield f"leads to {place}"
    if re.search(r"[\r\n]", "".join(answer.headers.values())):
        yield "a header of two lines"


def _executable(answer: Any) -> Iterator[str]:
    media = answer.headers.get("content-type", "").partition(";")[0]
    is_data = answer.text.lstrip()[:1] in ("{", "[") and not media.startswith("text/c")
    if is_data and not media.endswith("json") and "x-bibtex" not in media:
        yield f"JSON as {media}"
    if media == "text/html" and ("<script>alert" in answer.text or 'href="javascript:' in answer.text):
        yield "a script"
    if answer.text.startswith("alert("):
        yield "a callback"


async def _all(held: Held, paths: list[str]) -> None:
    for number, path in enumerate(paths):
        bare = path.partition("?")[0]
        await held.ask(path)
        await held.ask(path, **FORGED)
        await held.ask(path, Accept="text/html", Range="bytes=0-3", **{"If-None-Match": "*"})
        await held.ask(path, _METHODS[number % len(_METHODS)])
        for behind in BEHIND:
            await held.ask(bare + behind)
        await held.ask(BEFORE[number % len(BEFORE)] + bare)


def test_xs_15_xs_16_every_answer_is_held_to_the_same(site: ArchiveDatasette) -> None:
    held = Held(site)
    asyncio.run(_all(held, [*every_route(), *THEIR_PATHS]))
    figure("XS-07", answers=held.found.total(), sniffed_as_html=0)
    figure("XS-16", routes=len(ROUTES), asked=held.found.total(), answers=dict(sorted(held.found.items())),
           without_headers_or_leading_away=len(held.wrong))  # fmt: skip
    assert held.wrong == set(), "\n".join(sorted(held.wrong))


def test_what_is_missing_is_seen(site: ArchiveDatasette, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controls: no headers, a host that is believed, an address that leads elsewhere."""
    held = Held(site)
    with monkeypatch.context() as changed:
        changed.setattr(answering._Answer, "_headers", lambda _self, _status, headers: list(headers))
        asyncio.run(held.ask("/search.csv?q=plate"))
    assert {one.rpartition(": ")[2] for one in held.wrong} >= {"no default-src 'none'", "no referrer-policy"}
    held = Held(site)
    with monkeypatch.context() as changed:
        changed.setattr(Site, "redirect", lambda *_: Response.redirect(f"//{EVIL}/"))
        asyncio.run(held.ask("/d/dhs-ice-pia-039a.pdf"))
    assert any("leads to" in one for one in held.wrong), held.found
