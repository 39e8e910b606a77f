"""The Internet Archive's answers as the sample tells them: what its index says of two addresses, and two copies."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from samples import documents as files
from samples.library_pages import SITE, publication_page
from samples.publications import NIGHTS, PUBLICATIONS
from samples.recording import Answer

HOST = "https://web.archive.org"
FIELDS = ["timestamp", "original", "mimetype", "statuscode", "digest", "length"]

# The page of USCIS ELIS as it stood in the summer of 2016, before the archive's first night.
_ELIS = next(page for page in PUBLICATIONS if page.slug.startswith("dhsuscispia-056"))
_BEFORE = replace(
    _ELIS,
    body={NIGHTS[0]: ("How applications for immigration benefits are received, and decided on paper. May 2016",)},
    published={NIGHTS[0]: "May 20, 2016"},
)
PAGE = SITE + _ELIS.path
# No page of the sample's library leads to it before 2021; the Internet Archive captured it in February 2018.
FILE = files.CBP_049
COPIES = (
    (PAGE, "20160704081500", "text/html; charset=utf-8", publication_page(_BEFORE, NIGHTS[0])),
    (FILE, "20180201093000", "application/pdf", files.file_at(FILE, NIGHTS[2])),
)
MEMENTOS = {"20160704081500": "Mon, 04 Jul 2016 08:15:00 GMT", "20180201093000": "Thu, 01 Feb 2018 09:30:00 GMT"}

# What the source is told: the addresses are looked up whether or not they were asked for in vain.
ARGUMENTS: dict[str, object] = {"pages": [PAGE, FILE], "prefixes": [], "most_copies": 12}


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: what the index knows by then, and each copy on the first night that finds it there."""
    yield Answer(f"{HOST}/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain")
    for url, timestamp, media_type, body in COPIES:
        is_there = timestamp < night.replace("-", "")
        rows = [_row(url, timestamp, media_type, body)] if is_there else []
        yield Answer(_look_up(url), json.dumps([FIELDS, *rows]).encode(), "application/json")
        if is_there and night == min(one for one in NIGHTS if one.replace("-", "") > timestamp):
            headers = {"Memento-Datetime": MEMENTOS[timestamp], "x-archive-orig-server": "Apache"}
            yield Answer(f"{HOST}/web/{timestamp}id_/{url}", body, media_type, headers=headers, items=1)


def _look_up(url: str) -> str:
    query = f"url={quote(url, safe='')}&output=json&filter=statuscode:200&collapse=digest"
    return f"{HOST}/cdx/search/cdx?{query}&fl={','.join(FIELDS)}&limit=2000"


def _row(url: str, timestamp: str, media_type: str, body: bytes) -> list[str]:
    digest = base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
    return [timestamp, url, media_type.split(";", maxsplit=1)[0], "200", digest, str(len(body))]
