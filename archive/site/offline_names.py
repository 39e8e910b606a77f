"""Which file of a site without a server answers which address: names made of digests, never of what was fetched.

Such a name is safe on every file system: lower-case hex digits and a few words of ours, short, without a case that
matters and without a name that a system keeps for itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from html import escape, unescape
from types import MappingProxyType
from urllib.parse import unquote

# Pages of text in one file, entries in one list, and lists in one folder.
PAGES_A_FILE, ENTRIES_A_LIST, FILES_A_FOLDER = 20, 200, 500
NONE: Mapping[str, str] = MappingProxyType({})
FIXED = {
    "/": "index.html",
    "/sources": "sources.html",
    "/releases": "verify.html",
    "/withdrawals": "withdrawals.html",
    "/changes": "changes/000/00001.html",
    "/about": "about.html",
    "/-/oversight/site.css": "site.css",
    "/-/oversight/icon.svg": "icon.svg",
}
_ADDRESS = re.compile(
    r"/d/(?P<id>[^@/]{1,300}?)(?:@(?P<tail>[0-9a-f]{4,64})(?:/p(?P<page>[0-9]{1,7})(?:/t(?P<table>[0-9]{1,5})\.csv)?)?)?"
    r"(?P<format>\.txt|\.json)?"
)
_MANIFEST = re.compile(r"/releases/([1-9][0-9]{0,8})\.(json|tsr)")
_LINK = re.compile(r' (href|src)="([^"]*)"')
# What only a server answers: other forms of a page, and questions.
_OF_A_SERVER = re.compile(r'<link rel="alternate"[^>]*>\n?|<form\b.*?</form>\n?', re.DOTALL)


def file_of(address: str) -> str | None:
    """Return the file of an address of the archive, with "#…" for a page in it; None where there is none."""
    path = address.partition("#")[0].partition("?")[0]
    if path in FIXED:
        return FIXED[path]
    if manifest := _MANIFEST.fullmatch(path):
        return f"release/{manifest[1]}.{manifest[2]}"
    found = _ADDRESS.fullmatch(unquote(path))
    return _of_document(found) if found else None


def _of_document(found: re.Match[str]) -> str | None:
    """Return the file of a document, a version, its text, a page of it or a table."""
    document, tail, page = folder_of(found["id"]), found["tail"], int(found["page"] or 0)
    if found["format"] == ".json" or (found["format"] and (page or not tail)):
        return None
    if not tail:
        return f"{document}/index.html"
    version = f"{document}/{version_stem(found['id'], tail)}"
    if found["table"]:
        return f"{version}-p{page}-t{int(found['table'])}.csv"
    if page or found["format"]:
        return f"{version}-{first_in_file(page):07d}.html" + (f"#p{page}" if page else "")
    return f"{version}.html"


def folder_of(document: str) -> str:
    """Return the folder of a document: a few hundred stand in one folder where there are a million."""
    name = _digest(document)
    return f"d/{name[:3]}/{name}"


def version_stem(document: str, tail: str) -> str:
    """Return how the names of a version's files begin."""
    return f"v-{_digest(f'{document}@{tail}')}"


def changes_file(number: int) -> str:
    """Return one of the files with what changed across the archive."""
    return f"changes/{(number - 1) // FILES_A_FOLDER:03d}/{number:05d}.html"


def first_in_file(page: int) -> int:
    """Return the number of the first page that stands in the same file."""
    return max(page - 1, 0) // PAGES_A_FILE * PAGES_A_FILE + 1


def original_of(sha256: str) -> str:
    """Return where the original file of that digest lies."""
    return f"files/{sha256[:3]}/{sha256}.pdf"


def with_files(page: str, at: str, public: str, more: Mapping[str, str] = NONE) -> str:
    """Return a page of the site whose links lead to files, as seen from the file `at`.

    `more` are files by their addresses, beside those that `file_of` knows. What no file answers leads to the `public`
    site, where one is named, or is no link any more. Links to other hosts stay as they are. A quotation mark in an
    attribute's value is always escaped, so the values end where they seem to.
    """
    up = "../" * at.count("/")

    def answered(found: re.Match[str]) -> str:
        name, address = found[1], unescape(found[2])
        if not address.startswith("/"):
            return found[0]
        file = more.get(address.partition("#")[0]) or file_of(address)
        if file is None:
            return f' {name}="{escape(public + address)}"' if public else ""
        anchor = address.partition("#")[2]
        return f' {name}="{up}{file}{f"#{escape(anchor)}" if anchor and "#" not in file else ""}"'

    return _LINK.sub(answered, _OF_A_SERVER.sub("", page))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
