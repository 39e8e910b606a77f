"""XML that wants to be made larger, or to have a file read or an address asked: nothing of it happens (HT-05)."""

from __future__ import annotations

import gzip
import io
import socket
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Response

from archive.outcomes import OUTCOMES
from pipelines.items import Problem
from pipelines.screening import screen
from spiders.federal_register import FederalRegister
from spiders.news import News
from spiders.references import References
from tests.demo_archive import dump, oversight, rows
from tests.figures import figure

CANARY = "umbrella-5f2a91"
MANY = 100_000
LARGEST = 1 << 20  # of all that is said of one document: a bomb's text would be a hundred times that


@pytest.fixture
def victim() -> Iterator[socket.socket]:
    """Somebody on this machine who is to be asked for something."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as listening:
        listening.setblocking(False)
        yield listening


def connections(victim: socket.socket) -> int:
    """Return how many connections have come since."""
    came = 0
    while True:
        try:
            victim.accept()[0].close()
        except BlockingIOError:
            return came
        came += 1


def attacks(file: Path, port: int) -> dict[str, tuple[str, str, str]]:
    """Return of each attack: what stands before the root, in it, and where a text is expected."""
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10))
    net, path = f"http://127.0.0.1:{port}", file.as_uri()
    return {
        "billion laughs": (f"<!DOCTYPE r [<!ENTITY e0 'ha'>{laughs}]>", "", "&e9;"),
        "quadratic": (f"<!DOCTYPE r [<!ENTITY e '{'a' * MANY}'>]>", "", "&e;" * 1_000),
        "itself": ("<!DOCTYPE r [<!ENTITY e '&f;'><!ENTITY f '&e;'>]>", "", "&e;"),
        "file": (f"<!DOCTYPE r [<!ENTITY e SYSTEM '{path}'>]>", "", "&e;"),
        "http": (f"<!DOCTYPE r [<!ENTITY e SYSTEM '{net}/e'>]>", "", "&e;"),
        "external DTD": (f"<!DOCTYPE r SYSTEM '{net}/r.dtd'>", "", "&e;"),
        "public DTD": (f"<!DOCTYPE r PUBLIC '-//X//DTD X//EN' '{net}/r.dtd'>", "", ""),
        "DTD in a file": (f"<!DOCTYPE r SYSTEM '{path}'>", "", "&e;"),
        "parameter of http": (f"<!DOCTYPE r [<!ENTITY % p SYSTEM '{net}/p'> %p;]>", "", "&e;"),
        "parameter of a file": (f"<!DOCTYPE r [<!ENTITY % p SYSTEM '{path}'> %p;]>", "", "&e;"),
        "parameter laughs": (
            "<!DOCTYPE r [<!ENTITY % p0 'ha'>" + "".join(
                f"<!ENTITY % p{n} '{f'&#37;p{n - 1};' * 10}'> %p{n};" for n in range(1, 10)) + "]>", "", "",
        ),
        "default attribute": (f"<!DOCTYPE r [<!ATTLIST r x CDATA '{'a' * MANY}'>]>", "", ""),
        "xinclude": ("", f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' parse='text' href='{path}'/>", ""),
        "stylesheet": (f"<?xml-stylesheet type='text/xsl' href='{net}/s.xsl'?>", "", ""),
        "schema": ("", f"<s xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='x {net}/s'/>", ""),
        "100,000 namespaces": ("", "".join(f"<n:a xmlns:n='n{n}'/>" for n in range(MANY)), ""),
        "100,000 in one tag": ("", "<a " + " ".join(f"xmlns:n{n}='n{n}'" for n in range(MANY)) + "/>", ""),
        "100,000 namespaces deep": ("", "".join(f"<a xmlns='n{n}'>" for n in range(MANY)) + "</a>" * MANY, ""),
        "100,000 deep": ("", "<a>" * MANY + "</a>" * MANY, ""),
        "never closed": ("", "<a>" * MANY, ""),
    }  # fmt: skip


def rss(before: str, inside: str, text: str) -> bytes:
    item = f"<item><title>Plates {text}</title><link>/a-b-c</link></item>"
    return f"<?xml version='1.0'?>{before}<rss version='2.0'><channel>{inside}{item}</channel></rss>".encode()


def atom(before: str, inside: str, text: str) -> bytes:
    entry = f"<entry><title>Plates {text}</title><link href='/a-b-c'/></entry>"
    whole = f"{before}<feed xmlns='http://www.w3.org/2005/Atom'>{entry}{inside}</feed>"
    return b"\xff\xfe" + whole.encode("utf-16-le")


def sitemap(before: str, inside: str, text: str) -> bytes:
    url = f"<url><loc>https://news.example/a-b-c{text}</loc></url>"
    return f"<?xml version='1.0'?>{before}<urlset>{url}{inside}</urlset>".encode()


def packed_sitemap(before: str, inside: str, text: str) -> bytes:
    return gzip.compress(sitemap(before, inside, text), 1)


def notice(before: str, inside: str, text: str) -> bytes:
    return f"<?xml version='1.0'?>{before}<NOTICE><SUBJECT>Plates {text}</SUBJECT>{inside}</NOTICE>".encode()


def issue(before: str, inside: str, text: str) -> bytes:
    of = f"<NOTICE><AGENCY>DEPARTMENT OF HOMELAND SECURITY</AGENCY><SUBJECT>Plates {text}</SUBJECT>{inside}</NOTICE>"
    return f"<?xml version='1.0'?>{before}<FEDREG><VOL>81</VOL>{of}</FEDREG>".encode()


def page(before: str, inside: str, text: str) -> bytes:
    whole = f"<html xmlns='http://www.w3.org/1999/xhtml'><body><h1>Plates</h1><p>{text}</p>{inside}</body></html>"
    return f"<?xml version='1.0'?>{before}{whole}".encode()


def svg(before: str, inside: str, text: str) -> bytes:
    drawn = f"<svg xmlns='http://www.w3.org/2000/svg'><text>{text}</text>{inside}</svg>"
    return f"<?xml version='1.0'?>{before}{drawn}".encode()


def ooxml(before: str, inside: str, text: str) -> bytes:
    """A document, a table and what they are made of: each part is the attack."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name in ("[Content_Types].xml", "_rels/.rels", "word/document.xml", "xl/workbook.xml"):
            package.writestr(name, f"<?xml version='1.0'?>{before}<r><t>{text}</t>{inside}</r>")
    return made.getvalue()


Made = Callable[[str, str, str], bytes]
NEWS = News(outlets=[{"name": "example", "domains": ["news.example"], "article_pattern": "."}])
REGISTER = FederalRegister()
CARRIERS: dict[str, tuple[Made, Any, dict[str, Any]]] = {
    "RSS": (rss, NEWS.parse_feed, {}),
    "Atom in UTF-16": (atom, NEWS.parse_feed, {}),
    "sitemap": (sitemap, NEWS.parse_sitemap, {"depth": 0}),
    "packed sitemap": (packed_sitemap, NEWS.parse_sitemap, {"depth": 0}),
    "notice of the register": (notice, REGISTER.parse_text, {"number": "2018-01234", "citation": ""}),
    "issue of the register": (issue, REGISTER.parse_issue, {"departments": ["HOMELAND SECURITY"]}),
    "page": (page, References().parse_cited, {}),
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_nothing_is_expanded_read_or_asked(carrier: str, tmp_path: Path, victim: socket.socket) -> None:
    file = tmp_path / "canary.txt"
    file.write_text(f"<!ENTITY e '{CANARY}'>")
    made, read, arguments = CARRIERS[carrier]
    refused = named = 0
    began, slowest = time.process_time(), 0.0
    found = attacks(file, victim.getsockname()[1])
    for name, attack in found.items():
        started = time.process_time()
        response = Response("https://news.example/feed", body=made(*attack))
        if why := screen(200, "", response.body, read.accepted):
            refused += why.outcome in OUTCOMES
            continue
        said = list(read(response, **arguments))
        told = repr(said)
        assert (name, CANARY in told, len(told) > LARGEST) == (name, False, False)
        outcomes = {one.outcome for one in said if isinstance(one, Problem)}
        assert outcomes <= OUTCOMES.keys()
        assert (name, bool(said)) == (name, True)
        named += bool(outcomes)
        slowest = max(slowest, time.process_time() - started)
    assert connections(victim) == 0
    figure(
        "HT-05", carrier=carrier, attacks=len(found), refused_before=refused, named=named, connections=0, files_read=0,
        seconds=round(time.process_time() - began, 2), slowest=round(slowest, 2),
    )  # fmt: skip


def test_nothing_of_a_deposit_is_expanded_read_or_asked(tmp_path: Path, victim: socket.socket) -> None:
    file, handed_in, archive = tmp_path / "canary.txt", tmp_path / "files", tmp_path / "archive"
    file.write_text(f"<!ENTITY e '{CANARY}'>")
    handed_in.mkdir()
    for number, attack in enumerate(attacks(file, victim.getsockname()[1]).values()):
        for ending, made in (("svg", svg), ("docx", ooxml), ("xml", notice), ("rss", rss), ("xhtml", page)):
            (handed_in / f"{number}.{ending}").write_bytes(made(*attack))
    began = time.monotonic()
    done = oversight("deposit", "--recursive", handed_in, "--archive", archive)
    seconds = time.monotonic() - began
    assert "Traceback" not in done.stderr, done.stderr
    whole = repr(dump(archive))
    assert CANARY not in whole + done.stdout + done.stderr
    assert connections(victim) == 0
    told = dict(rows(archive, "SELECT outcome, count(*) FROM captures GROUP BY 1"))
    assert set(told) <= OUTCOMES.keys()
    held = sum(told.values())
    assert held == len(list(handed_in.iterdir()))
    figure(
        "HT-05", carrier="deposit", files=held, outcomes=told, connections=0, files_read=0, seconds=round(seconds, 1)
    )
