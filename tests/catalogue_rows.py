"""A small catalogue for tests of search and site, filled row by row with words of our own."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

from archive.addresses import url_key
from archive.catalog.opening import open_catalogue
from archive.identifiers import parse_identifier

SEEN = "2018-01-26T15:00:00Z"
PIA = "dhs-ice-pia-039a"
PIA_URL = "https://www.dhs.gov/sites/default/files/publications/example-pia039a.pdf"
AWARD = "70cdcr18p00000017"
STORY = "example-outlet-plates"
SCAN = "dhs-cbp-pia-049"


class Rows:
    """Adds rows, with what a test doesn't care about filled in."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.page_ids = 0

    def add(self, table: str, **values: Any) -> None:
        """Insert one row."""
        names = ", ".join(f'"{name}"' for name in values)
        holes = ", ".join("?" * len(values))
        self.connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({holes})', tuple(values.values()))

    def source(self, name: str, **values: Any) -> None:
        """Add a source with one run and one capture."""
        facts = {"title": f"Source {name}", "publisher": "A publisher", "home": f"https://{name}.example/",
                 "collection": "Papers", "description": "Papers for a test."}  # fmt: skip
        self.add("sources", **{"name": name, **facts, **values})
        self.add("runs", id=f"{name}-run", source=name, night="2018-01-26", started=SEEN, finished=SEEN,
                 status="finished", replay=1, captures=2, documents=1, failures=0)  # fmt: skip
        self.capture(f"{name}-capture", name, f"https://{name}.example/")

    def capture(self, name: str, source: str, url: str, **values: Any) -> None:
        """Add a capture of an address."""
        facts = {"kind": "response", "url_key": url_key(url), "method": "GET", "captured_at": SEEN, "status": 200,
                 "media_type": "application/pdf", "payload_digest": "sha256:00", "payload_bytes": 10,
                 "content_digest": "00", "location": "", "truncated": "", "fidelity": "recorded", "file_name": "",
                 "callback": "parse", "arguments": "{}", "sample": 0, "outcome": "document"}  # fmt: skip
        self.add("captures", **{"id": name, "source": source, "run": f"{source}-run", "url": url, **facts, **values})

    def document(self, name: str, source: str, pages: list[str] | None = None, **values: Any) -> str:
        """Add a document with one version; returns the version's id."""
        facts = {"collection": "Privacy impact assessments", "kind": "assessment", "title": f"Title of {name}",
                 "number": "", "component": "", "published": None, "published_precision": None,
                 "published_words": None, "posted": None, "posted_precision": None, "posted_words": None,
                 "first_seen": SEEN, "last_seen": SEEN, "listing": "listed", "url": f"https://{source}.example/{name}",
                 "newest_version": "", "versions": 0, "pages": 0, "sample": 0}  # fmt: skip
        self.add("documents", **{"id": name, "source": source, **facts, **values})
        url = str(values.get("url", facts["url"]))
        if url_key(url):
            self.add("addresses", url_key=url_key(url), document=name, url=url, role="file")
        return self.version(name, source, pages or [])

    def version(self, document: str, source: str, pages: list[str], **values: Any) -> str:
        """Add the document's next version, which becomes its newest."""
        ordinal = self.connection.execute(
            "SELECT count(*) + 1 FROM versions WHERE document = ?", (document,)
        ).fetchone()[0]
        digest = hashlib.sha256(f"{document} {ordinal} {pages}".encode()).hexdigest()
        name = f"{document}@{digest[:10]}"
        facts = {"media_type": "application/pdf", "bytes": 1234, "pages": len(pages), "outcome": "text", "detail": "",
                 "reader": "pdf-3", "title": "", "url": "https://example.com/file.pdf",
                 "capture": f"{source}-capture", "first_seen": SEEN, "last_seen": SEEN}  # fmt: skip
        self.add(
            "versions", **{"id": name, "document": document, "digest": digest, "ordinal": ordinal, **facts, **values}
        )
        for number, text in enumerate(pages, 1):
            self.page_ids += 1
            self.add("pages", id=self.page_ids, version=name, document=document, number=number, label=str(number),
                     outcome="text" if text else "no-text-layer", text=text)  # fmt: skip
        self.connection.execute(
            "UPDATE documents SET newest_version = ?, versions = ?, pages = ? WHERE id = ?",
            (name, ordinal, len(pages), document),
        )
        return name

    def number(self, document: str, scheme: str, value: str, role: str = "own") -> None:
        """Let a document carry a number."""
        self.add("identifiers", document=document, scheme=scheme, value=value, printed=value, role=role)

    def reference(self, version: str, target: str, target_document: str | None, page: int = 1, **values: Any) -> None:
        """Let a page refer to something."""
        number = parse_identifier(target)
        facts = {"kind": number.scheme if number else "link", "printed": target}
        name = hashlib.sha256(f"{version} {page} {target} {values}".encode()).hexdigest()[:20]
        document = version.partition("@")[0]
        self.add("references", **{"id": name, "document": document, "version": version, "page": page,
                                  "target": target, "target_document": target_document, **facts, **values})  # fmt: skip


def make_catalogue(path: Path, *, sample: bool = False) -> Path:
    """Make the catalogue of a small story: an assessment in two versions, an award, an article, a scan."""
    connection = open_catalogue(path)
    rows = Rows(connection)
    with connection:
        if sample:
            rows.add("about", key="sample", value="1")
        for name in ("dhs_pia", "sam_notices", "news"):
            rows.source(name)
        rows.source("idle", title="A source that slept")
        connection.execute("DELETE FROM captures WHERE source = 'idle'")
        connection.execute("DELETE FROM runs WHERE source = 'idle'")
        rows.add("outcomes", id="o1", run="dhs_pia-run", capture=None, outcome="no-text-layer", severity="note",
                 subject="https://dhs_pia.example/scan", detail="")  # fmt: skip
        _add_assessment(rows)
        _add_award(rows)
        _add_article(rows)
    connection.close()
    return path


def _add_assessment(rows: Rows) -> None:
    rows.document(PIA, "dhs_pia", ["Cover page.", "An older text on the license plate readers."],
                  title="Use of Plate Readers: An Update", number="DHS/ICE/PIA-039(a)", component="ICE", url=PIA_URL,
                  published="2017-12-27", published_precision="day", published_words="December 27, 2017")  # fmt: skip
    newest = rows.version(PIA, "dhs_pia", [
        "Assessment for the plate readers.\nDHS/ICE/PIA-039(a)",
        "ICE may query a vendor's license plate data. The license\nplate reader keeps “each read” for five years.",
        "Nothing of note, save that DHS/ICE-011 covers it.",
    ])  # fmt: skip
    rows.number(PIA, "pia", "DHS/ICE/PIA-039(a)")
    rows.reference(newest, "DHS/ICE-011", None, 3)
    rows.add("dates", document=PIA, version=newest, role="published", value="2017-12-27", precision="day",
             words="December 27, 2017")  # fmt: skip
    rows.add("listings", source="dhs_pia", list="https://www.dhs.gov/pias", url=PIA_URL, relation="attachment",
             title="PIA-039(a) (PDF)", document=PIA, first_seen=SEEN, last_seen=SEEN, state="listed")  # fmt: skip
    rows.add("aliases", alias="pia-039a-old", document=PIA)
    rows.document(SCAN, "dhs_pia", [""], title="Border Crossing Pictures", number="DHS/CBP/PIA-049", component="CBP",
                  published="2018-06", published_precision="month", published_words="June 2018",
                  listing="delisted")  # fmt: skip
    rows.number(SCAN, "pia", "DHS/CBP/PIA-049")


def _add_award(rows: Rows) -> None:
    award = {"title": "Access to plate data", "type": "Award Notice", "base_type": "Award Notice",
             "solicitation": "70CDCR18Q00000005", "award_number": "70CDCR18P00000017", "award_date": "2017-12-22",
             "awardee": "West Publishing Corporation", "awardee_location": "Eagan, MN", "awardee_uei": "",
             "department": "HOMELAND SECURITY, DEPARTMENT OF", "sub_tier": "ICE", "office": "An office",
             "posted": "2018-01-08", "response_due": None, "naics": "519190", "psc": "D", "set_aside": "",
             "place_of_performance": "", "active": "Yes", "url": "https://sam.gov/opp/1", "place": "row 1",
             "description": "Subscription for plate data.", "capture": "sam_notices-capture",
             "notice_id": "1" * 32}  # fmt: skip
    first = rows.document(AWARD, "sam_notices", ["Award 70CDCR18P00000017. See DHS/ICE/PIA-039(a)."],
                          collection="Contract notices", kind="award", title="Access to plate data",
                          number="70CDCR18P00000017", component="ICE", posted="2018-01-08", posted_precision="day",
                          posted_words="2018-01-08")  # fmt: skip
    rows.add("notices", version=first, document=AWARD, award_amount="6,100,000", **award)
    second = rows.version(AWARD, "sam_notices", ["Award 70CDCR18P00000017, modified. See DHS/ICE/PIA-039(a)."])
    rows.add("notices", version=second, document=AWARD, award_amount="6,200,000", **award)
    rows.number(AWARD, "piid", "70CDCR18P00000017")
    rows.number(AWARD, "pia", "DHS/ICE/PIA-039(a)", "about")
    rows.number(AWARD, "solicitation", "70CDCR18Q00000005", "solicitation")
    rows.reference(second, "DHS/ICE/PIA-039(a)", PIA)


def _add_article(rows: Rows) -> None:
    story = rows.document(STORY, "news", ["The agency can now follow a car. It cites the license plate paper."],
                          collection="News", kind="article", title="Agency gets plate data",
                          published="2018-01-26", published_precision="day", published_words="Jan 26, 2018",
                          listing="unlisted")  # fmt: skip
    rows.add("articles", version=story, document=STORY, outlet="Example Outlet", headline="Agency gets plate data",
             byline="A Reporter", section="Policy", published="2018-01-26", modified=None,
             url="https://news.example/plates", words=12)  # fmt: skip
    rows.reference(story, "DHS/ICE/PIA-039(a)", PIA)
    rows.reference(story, PIA_URL, PIA, kind="link", printed="a privacy paper")
    rows.reference(story, "70CDCR18P00000017", AWARD)
    rows.reference(story, "javascript:alert(1)", None, kind="link")
