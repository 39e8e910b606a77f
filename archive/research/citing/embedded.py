"""What a page says of itself to programs: the Highwire tags that Zotero and Google Scholar read, schema.org as JSON-LD.

https://scholar.google.com/intl/en/scholar/inclusion.html#indexing · https://schema.org/Report
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from archive.addresses import is_web_address
from archive.research.citation import SAMPLE_NOTICE
from archive.research.citing.files import pages_of
from archive.research.citing.item import Cited
from archive.research.rows import Row

MOST_CITED = 50
_TYPES = {"report": "Report", "article-journal": "Report", "article-newspaper": "NewsArticle", "webpage": "WebPage"}
# Inside <script>, "</script>" and "<!--" would end it or turn it; the two separators end a line in old scripts.
_ESCAPES = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})


def meta_tags(cited: Cited, version: Row | None) -> list[tuple[str, str]]:
    """Return names and contents of the tags in the head of a page."""
    return [(name, content) for name, content in _tags(cited, version) if content]


def _tags(cited: Cited, version: Row | None) -> Iterator[tuple[str, str]]:
    item, body = cited.item, cited.institution
    is_pdf = version is not None and version["media_type"] == "application/pdf"
    yield "citation_title", item["title"]
    yield "citation_author", body.full if body else ""
    yield "citation_publication_date", "/".join(map(str, _parts(item)))
    if item["type"] == "report":
        yield "citation_technical_report_institution", body.full if body else ""
        yield "citation_technical_report_number", item.get("number", "")
    if item["type"] in {"article-journal", "article-newspaper"}:
        yield "citation_journal_title", item.get("container-title", "")
    if item["type"] == "article-journal":
        yield "citation_volume", item["volume"]
        yield "citation_firstpage", item["page"]
    yield "citation_public_url", cited.archived
    yield "citation_pdf_url", item.get("URL", "") if is_pdf else ""


def linked_data(cited: Cited, found: Row) -> str:
    """Return what is cited as JSON-LD, safe inside <script>; `found` has `version`, `identifiers` and `refers_to`."""
    told = {name: value for name, value in _described(cited, found) if value not in ("", None, [], {})}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _described(cited: Cited, found: Row) -> Iterator[tuple[str, Any]]:
    item, version = cited.item, found["version"]
    yield "@context", "https://schema.org"
    yield "@type", _TYPES[item["type"]]
    yield "@id", cited.archived
    yield "url", cited.archived
    yield "headline" if item["type"] == "article-newspaper" else "name", item["title"]
    yield (
        "identifier",
        [
            {"@type": "PropertyValue", "propertyID": row["scheme"], "value": row["value"]}
            for row in found.get("identifiers", [])
            if row["role"] == "own"
        ],
    )
    yield "datePublished", "-".join(f"{part:02}" for part in _parts(item))
    yield "genre", item.get("genre")
    yield "author", _organization(cited)
    yield "publisher", _publisher(cited)
    yield "isPartOf", _register(cited)
    yield "pagination", pages_of(cited)
    yield "isBasedOn", item.get("URL")
    yield "archivedAt", cited.archived if is_web_address(cited.archived) else None
    yield "version", str(version["ordinal"]) if version else None
    yield "encoding", _encoding(version) if version else None
    yield "citation", list(_cited_works(found))
    yield "creditText", cited.plain
    yield "disambiguatingDescription", SAMPLE_NOTICE if cited.sample else None


def _organization(cited: Cited) -> Row | None:
    """Return the body that issued it, within what it belongs to."""
    body: Row | None = None
    for name in cited.institution.levels if cited.institution else ():
        within = {"parentOrganization": body} if body else {}
        body = {"@type": "GovernmentOrganization", "name": name, **within}
    return body


def _publisher(cited: Cited) -> Row | None:
    if cited.item["type"] != "article-newspaper" or not cited.item.get("container-title"):
        return None
    return {"@type": "NewsMediaOrganization", "name": cited.item["container-title"]}


def _register(cited: Cited) -> Row | None:
    if cited.item["type"] != "article-journal":
        return None
    return {"@type": "PublicationVolume", "name": cited.item["container-title"], "volumeNumber": cited.item["volume"]}


def _encoding(version: Row) -> Row:
    """Return what file it is. Only a file's digest is that of its bytes; a page's or a record's is of its text."""
    is_file = version["media_type"] == "application/pdf"
    return {
        "@type": "MediaObject",
        "encodingFormat": version["media_type"],
        **({"sha256": version["digest"].rpartition(":")[2]} if is_file else {}),
        **({"contentUrl": version["url"]} if is_web_address(version["url"]) else {}),
        "contentSize": f"{version['bytes']} B",
    }


def _cited_works(found: Row) -> Iterator[Row]:
    """Yield what the version refers to, as far as it is held or has an address."""
    for row in found.get("refers_to", [])[:MOST_CITED]:
        if row["target_document"]:
            name = row["title"] or row["number"] or row["target_document"]
            yield {"@type": "CreativeWork", "name": name, "url": f"/d/{row['target_document']}"}
        elif is_web_address(row["target"]):
            yield {"@type": "CreativeWork", "url": row["target"]}


def _parts(item: Row) -> list[int]:
    parts: list[int] = item.get("issued", {}).get("date-parts", [[]])[0]
    return parts
