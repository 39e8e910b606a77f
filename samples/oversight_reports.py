"""The inspector general's site on each night: two listings, and the reports that they lead to.

Numbers, titles, days and addresses are those of public record; one report stands in both listings, at two addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from samples.pdfs import render_plain
from samples.recording import Answer
from samples.texts import read_document

SITE = "https://www.oig.dhs.gov"
AUDITS = "/reports/audits-inspections-and-evaluations"
ALERTS = "/reports/management-alerts"
ARGUMENTS: Mapping[str, object] = {"listings": [SITE + AUDITS, SITE + ALERTS]}
REDESIGNED = "2021"
ASSETS = "/sites/default/files/assets"


@dataclass(frozen=True)
class Report:
    """One row of a listing; `text` names the report's text."""

    listing: str
    number: str
    title: str
    issued: str
    path: str
    text: str
    size: str


_CROWDING = (
    "OIG-19-46",
    "Management Alert - DHS Needs to Address Dangerous Overcrowding Among Single Adults at El Paso Del Norte "
    "Processing Center",
    "2019-05-30",
)
REPORTS = (
    Report(AUDITS, "OIG-18-18", "Management Alert - CBP's Use of Examination and Summons Authority Under "
           "19 U.S.C. § 1509", "2017-11-16", f"{ASSETS}/Mga/2017/oig-18-18-nov17.pdf", "oig-18-18",
           "(PDF, 1 pages - 2.9 KB)"),
    Report(AUDITS, "OIG-18-86", "Management Alert - Issues Requiring Action at the Adelanto ICE Processing Center in "
           "Adelanto, California", "2018-09-27", f"{ASSETS}/Mga/2018/oig-18-86-sep18.pdf", "oig-18-86",
           "(PDF, 1 pages - 2.7 KB)"),
    Report(AUDITS, *_CROWDING, f"{ASSETS}/2019-05/OIG-19-46-May19.pdf", "oig-19-46", ""),
    Report(ALERTS, "OIG-18-86", "Management Alert - Issues Requiring Action at the Adelanto ICE Processing Center in "
           "Adelanto, California", "2018-09-27", f"{ASSETS}/Mga/2018/oig-18-86-sep18.pdf", "oig-18-86", ""),
    Report(ALERTS, *_CROWDING, f"{ASSETS}/Mga/2019/oig-19-46-may19-mgmtalert.pdf", "oig-19-46", ""),
)  # fmt: skip


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: robots.txt, the listings, then each report once."""
    yield Answer(f"{SITE}/robots.txt", b"User-agent: *\nDisallow: /search/\nCrawl-delay: 10\n", "text/plain")
    shown = [report for report in REPORTS if report.issued <= night]
    for listing in (AUDITS, ALERTS):
        rows = [report for report in shown if report.listing == listing]
        if rows:
            yield Answer(f"{SITE}{listing}?page=0", _page(listing, rows, night))
        else:  # the page was made when there was something to list
            yield Answer(f"{SITE}{listing}?page=0", _frame("Page Not Found", ""), status=404)
    for path, text in {report.path: report.text for report in shown}.items():
        document = read_document(text)
        body = render_plain(document, ("Office of Inspector General", document.facts["number"]))
        yield Answer(SITE + path, body, "application/pdf", items=1)


def _page(listing: str, rows: list[Report], night: str) -> bytes:
    title = "Audits, Inspections, and Evaluations" if listing == AUDITS else "Management Alerts"
    made = "\n".join(_row(report, new=night >= REDESIGNED) for report in reversed(rows))
    names = ["Report Number", "Title", "Date Issued"] + (["Fiscal Year"] if night >= REDESIGNED else [])
    head = "".join(f"<th>{name}</th>" for name in names)
    return _frame(title, f'<table class="views-table"><thead><tr>{head}</tr></thead><tbody>\n{made}\n</tbody></table>')


def _row(report: Report, *, new: bool) -> str:
    year, month, day = report.issued.split("-")
    issued = f"{month}/{day}/{year}"
    title = escape(report.title)
    if new:
        fiscal = int(year) + (month >= "10")
        return (
            f'<tr><td class="views-field-field-report-number">{report.number}          </td>'
            f'<td class="views-field-title"><a href="{report.path}">{title}</a></td>'
            f'<td class="views-field-field-issue-date"><time datetime="{report.issued}T12:00:00Z">{issued}</time></td>'
            f'<td class="views-field-field-fy">{fiscal}</td></tr>'
        )
    shown = f"{title} {report.size}".strip()
    return f'<tr><td>{report.number}</td><td><a href="{report.path}">{shown}</a></td><td>{issued}</td></tr>'


def _frame(title: str, inner: str) -> bytes:
    return f"""<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{title} | Office of Inspector General</title></head><body>
<div id="header"><p>Office of Inspector General (sample)</p></div>
<div id="content" role="main"><h1>{title}</h1><div id="content-area">
{inner}
</div></div>
<div id="footer"><p>A page of the sample. Its text was written for it.</p></div>
</body></html>
""".encode()
