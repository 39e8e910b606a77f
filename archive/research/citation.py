"""A plain citation in one line, of a document, a version or a page; nothing in it is invented."""

from __future__ import annotations

from archive.research.documents import hex_digest, page_address, version_address
from archive.research.rows import Row

SAMPLE_NOTICE = "Sample: this text was written for the sample of the Oversight Archive; it is not the real document's."


def cite(  # noqa: PLR0913 (each is a part of the line, given by name)
    document: Row,
    version: Row | None,
    *,
    page: int | None = None,
    label: str = "",
    outlet: str = "",
    site: str = "",
    accessed: str = "",
    sample: bool = False,
) -> str:
    """Return title, outlet, number, component, date as printed, version, page, permanent address and day of access.

    `site` is the public address of the site ("https://…"), "" where none is set; `accessed` is a day, "" to
    leave it out. `sample` marks a citation from an archive with the sample; a document's own mark does too.
    `outlet` is who published an article.
    """
    title = _one_line(version["title"] if version and version["title"] else document["title"])
    number = "" if document["number"] in title else document["number"]
    parts = [f"“{title}”" if title else "", outlet, number, document["component"], _date(document)]
    address = f"/d/{document['id']}"
    if version:
        parts.append(f"version sha256:{hex_digest(version['digest'])}")
        address = version_address(version) if page is None else page_address(version, page)
    if page is not None:
        printed = f" (printed “{_one_line(label)}”)" if label and label != str(page) else ""
        parts.append(f"page {page}{printed}")
    parts.append(site.rstrip("/") + address)
    parts.append(f"accessed {accessed}" if accessed else "")
    line = ", ".join(part for part in map(_one_line, parts) if part) + "."
    return f"{line} [{SAMPLE_NOTICE}]" if sample or document["sample"] else line


def _date(document: Row) -> str:
    """Return the document's own date in its printed words; else the site's date, said to be so."""
    if document["published"]:
        return _printed(document["published_words"], document["published"])
    if document["posted"]:
        return "posted " + _printed(document["posted_words"], document["posted"])
    return "undated"


def _printed(words: str | None, value: str) -> str:
    """Return a date as printed, but the plain day where a page prints an instant for machines."""
    return str(value if not words or words.startswith(f"{value}T") else words)


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
