"""SV-08, SV-12, SV-19 and SS-07, SS-11 by crawls of loopback: flapping pages, charsets, proxies, addresses learned."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.counted_site import CountedSite, Reply
from tests.demo_archive import environment, rows
from tests.figures import figure
from tests.live_crawls import HTML, crawled, line, site_pages
from tests.scripted_server import ScriptedServer

WORDS = "Büro für Kennzeichen — “plates” and €"


def body(words: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><h1>Page</h1><p>{words} {'and so on ' * 9}</p></body></html>"


def typed(raw: bytes, charset: str = "") -> Reply:
    return Reply(raw, 200, {"Content-Type": "text/html" + (f"; charset={charset}" if charset else "")})


def declared(charset: str) -> str:
    return f'<meta charset="{charset}">'


# What is sent, and whether its text can be read as it was meant.
CHARSETS: dict[str, tuple[Callable[[str], Reply], bool]] = {
    "utf-8": (lambda words: typed(body(words).encode(), "utf-8"), True),
    "utf-8 without a word": (lambda words: typed(body(words).encode()), True),
    "utf-8 by its page": (lambda words: typed(body(words, declared("utf-8")).encode()), True),
    "windows-1252": (lambda words: typed(body(words).encode("cp1252"), "windows-1252"), True),
    "windows-1252 called latin-1": (lambda words: typed(body(words).encode("cp1252"), "iso-8859-1"), True),
    "windows-1252 called utf-8": (lambda words: typed(body(words).encode("cp1252"), "utf-8"), False),
    "BOM against header": (lambda words: typed(body(words).encode("utf-8-sig"), "windows-1252"), True),
    "utf-16 with BOM": (lambda words: typed(body(words).encode("utf-16"), "utf-8"), True),
    "no such charset": (lambda words: typed(body(words).encode(), "x-made-up"), True),
    "utf-7": (lambda words: typed(body(words[-2:] + "+ADw-script+AD4-").encode("ascii"), "utf-7"), True),
    "encoded twice": (lambda words: typed(body(words.encode().decode("latin-1")).encode(), "utf-8"), False),
    "cut in a letter": (lambda words: typed(body(words[-2:]).encode() + "ü".encode()[:1], "utf-8"), True),
    "nul": (lambda words: typed(body(words[-2:] + "a\x00b").encode(), "utf-8"), True),
}  # fmt: skip


def site_of(pages: Mapping[str, Reply | Callable[..., Reply]]) -> dict[str, Reply | Callable[..., Reply]]:
    items = "".join(f'<li><a href="{path}">A page</a></li>' for path in pages)
    return {"/list-0": Reply(f"<html><body><h1>List</h1><ul>{items}</ul>".encode(), 200, HTML), **pages}


def test_the_bytes_are_kept_whatever_the_charset_and_the_text_is_right_or_marked(tmp_path: Path) -> None:
    """SV-12."""
    made = {name: reply(f"{WORDS} {number}") for number, (name, (reply, _)) in enumerate(CHARSETS.items(), 10)}
    pages = {f"/c{number}": reply for number, reply in enumerate(made.values(), 10)}
    with CountedSite(site_of(pages), validators=False) as site:
        crawled(tmp_path, site)
    read = dict(
        rows(tmp_path, "SELECT versions.url, pages.text FROM pages JOIN versions ON pages.version = versions.id")
    )
    sizes = dict(rows(tmp_path, "SELECT url, payload_bytes FROM captures"))
    right = 0
    for number, (name, (_, readable)) in enumerate(CHARSETS.items(), 10):
        url = f"{site.url}/c{number}"
        assert sizes[url] == len(made[name].body), name
        text = read.get(url, "")
        as_meant = WORDS in text or name in ("utf-7", "cut in a letter", "nul")
        assert "<script" not in text, "no bytes become markup by a charset"
        assert as_meant is readable, (name, text[:80])
        if name == "windows-1252 called utf-8":
            assert "\ufffd" in text, "what can't be read is marked"
        right += as_meant
    figure("SV-12", pages=len(CHARSETS), text_as_meant=right, bytes_untouched=len(CHARSETS))


def test_what_flaps_is_kept_as_seen(tmp_path: Path) -> None:
    """SV-08: a page that is one of two, and one that differs on every request: as many versions as there are texts."""
    texts = [body("One text, of some length."), body("Another text, of some length")]

    def either(path: str, headers: Mapping[str, str], before: int) -> Reply:
        return Reply(texts[before % 2].encode(), 200, {**HTML, "ETag": '"same"'})

    def stamped(path: str, headers: Mapping[str, str], before: int) -> Reply:
        stamp = f"<!-- made at {before} --><script>var now = {before};</script>"
        return Reply(body("The same text each time.", stamp).encode(), 200, HTML)

    nights = 4
    with CountedSite(site_of({"/either": either, "/stamped": stamped})) as site:
        for _ in range(nights):
            crawled(tmp_path, site)
    versions = dict(rows(tmp_path, "SELECT url, count(*) FROM versions GROUP BY url"))
    found = {path: versions[f"{site.url}{path}"] for path in ("/either", "/stamped")}
    figure(
        "SV-08",
        nights=nights,
        texts={"/either": 2, "/stamped": 1},
        versions=found,
        false_versions=sum(found.values()) - 3,
    )
    assert found == {"/either": 2, "/stamped": 1}


PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def test_proxies_and_passwords_of_the_environment_are_ignored(tmp_path: Path) -> None:
    """SV-19 and SS-11: no request goes to the proxy; nothing of .netrc is sent."""
    (tmp_path / ".netrc").write_text(
        "machine 127.0.0.1 login me password CANARY-1\ndefault login me password CANARY-2\n"
    )
    (tmp_path / ".netrc").chmod(0o600)
    with ScriptedServer({}) as proxy, CountedSite(site_pages(3, files=False)) as site:
        more = {name: proxy.url.replace("//", "//me:CANARY-3@") for name in PROXIES}
        more |= {"HOME": str(tmp_path), "NETRC": str(tmp_path / ".netrc"), "no_proxy": ""}
        done = subprocess.run(
            line(tmp_path / "archive", site), cwd=ROOT, env={**environment(), **more}, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        assert len(site.log) == 5, "the control: all was asked for"
        sent = json.dumps([dict(one.headers) for one in site.log])
        assert proxy.connections == 0
    assert "CANARY" not in sent
    assert not {"authorization", "proxy-authorization", "cookie"} & {name for one in site.log for name in one.headers}
    figure("SS-11", variables=len(more), connections_to_the_proxy=proxy.connections, credentials_sent=0)


def test_addresses_that_are_not_meant_to_be_followed_are_not(tmp_path: Path) -> None:
    """SS-07: a canary in each field of a page. Only the link that its source follows causes a request."""
    fields = {
        "srcset": '<img src="{}" srcset="{} 2x">', "style": "<p style=\"background: url('{}')\">x</p>",
        "css": "<style>@import url({});</style>", "sheet": '<link rel="stylesheet" href="{}">',
        "canonical": '<link rel="canonical" href="{}">', "icon": '<link rel="icon" href="{}">',
        "amp": '<link rel="amphtml" href="{}">', "next": '<link rel="next" href="{}">',
        "prefetch": '<link rel="prefetch" href="{}"><link rel="dns-prefetch" href="{}">',
        "script": '<script src="{}"></script>', "frame": '<iframe src="{}"></iframe>', "object": '<object data="{}">',
        "form": '<form action="{}"><input></form>', "base": '<base href="{}">',
        "refresh": '<meta http-equiv="refresh" content="0;url={}">',
        "og": '<meta property="og:url" content="{}"><meta property="og:image" content="{}">',
        "json-ld": '<script type="application/ld+json">{{"@type":"NewsArticle","url":"{}","image":"{}"}}</script>',
        "ping": '<a ping="{}">x</a>', "quote": '<blockquote cite="{}">x</blockquote>',
        "video": '<video src="{}" poster="{}">',
        "svg": '<svg><use href="{}"/><image href="{}"/></svg>', "comment": "<!-- {} -->",
        "text": "<p>See {} for more.</p>",
    }  # fmt: skip
    pages: dict[str, Any] = {}
    with CountedSite({}) as site, ScriptedServer({}) as victim:
        for name, markup in fields.items():
            for where, host in (("here", site.url), ("there", victim.url)):
                made = body("A page, of some length.", markup.replace("{}", f"{host}/canary-{name}-{where}"))
                pages[f"/{name}-{where}"] = Reply(made.replace("{{", "{").replace("}}", "}").encode(), 200, HTML)
        pages["/control"] = Reply(body('<a href="/canary-control">x</a>').encode(), 200, HTML)
        site.pages.update(site_of(pages))
        crawled(tmp_path, site)
        canaries = {path for path in site.asked() if "canary" in path}
        connections = victim.connections
    assert canaries == {"/canary-control"}
    assert connections == 0
    figure(
        "SS-07",
        fields=len(fields),
        places=2,
        requests_for_canaries=len(canaries) - 1,
        connections_elsewhere=connections,
    )
