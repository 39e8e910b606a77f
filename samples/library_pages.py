"""Lay dhs.gov's pages out as they were: Drupal 7 until 2019, the US Web Design System in 2021, and one static page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from samples import documents as files
from samples.publications import CARIER, EXTERNAL, Attachment, Publication, at, attachments_on

SITE = "https://www.dhs.gov"
COLLECTION = "/publications-library/collections/privacy-impact-assessments-(pia)"
COMPONENT_PAGE = "/privacy-documents-ice"
REDESIGNED = "2021"
MENU = (("/topics", "Topics"), ("/news", "News"), ("/about-dhs", "About DHS"), ("/privacy", "Privacy"))
INTRODUCTION = (
    "Before it builds or changes a system that holds information on people, the Department writes down what that means "
    "for them. These writings are collected here."
)


def publication_page(page: Publication, night: str) -> bytes:
    """Return a publication page as it stood on a night."""
    title, shown = str(at(page.titles, night)), attachments_on(page, night)
    body = "\n".join(f"<p>{text}</p>" for text in at(page.body, night))  # type: ignore[attr-defined]
    sorns = "\n".join(f"<li>{text}</li>" for text in page.sorns)
    notices = f"<p><strong>{page.sorn_label}</strong></p>\n<ul>\n{sorns}\n</ul>" if page.sorns else ""
    dates = (("Created Date", page.created), ("Last Published Date", str(at(page.published, night))))
    if night >= REDESIGNED:
        printed = "\n".join(f"<p>{label}: {words}</p>" for label, words in dates)
        inner = f"<h1>{escape(title)}</h1>\n{body}\n{notices}\n{_table(shown)}\n{printed}"
        return _new_frame(title, page.path, inner)
    printed = "\n".join(
        f'<div class="field"><span class="field-label">{label}:&nbsp;</span><span>{words}</span></div>'
        for label, words in dates
    )
    inner = f'<h1 class="page-title">{escape(title)}</h1>\n<div class="field-name-body">\n{body}\n{notices}\n</div>\n'
    return _old_frame(title, page.path, f"{inner}{_files(shown)}\n{printed}")


def listing_page(shown: Sequence[Publication], night: str, number: int, pages: int) -> bytes:
    """Return one page of the collection's listing; `shown` are its rows, `pages` how many there are."""
    rows = "\n".join(_row(page, night) for page in shown)
    title = "Privacy Impact Assessments (PIA)"
    inner = f'<h1>{title}</h1>\n<p>{INTRODUCTION}</p>\n<div class="view-content">\n{rows}\n</div>\n'
    inner += _pager(number, pages, night)
    return (_new_frame if night >= REDESIGNED else _old_frame)(title, f"{COLLECTION}?page={number}", inner)


def _row(page: Publication, night: str) -> str:
    title = str(at(page.titles, night))
    teaser = at(page.body, night)[0]  # type: ignore[index]
    # Some teasers only say the title again, and some are missing.
    words = {0: teaser, 1: title, 2: ""}[len(page.slug) % 3]
    teased = f'<div class="views-field-body"><p>{escape(words)}</p></div>' if words else ""
    return (
        f'<div class="views-row"><div class="views-field-title"><h3><a href="{page.path}">{escape(title)}</a></h3>'
        f"</div>{teased}</div>"
    )


def _pager(number: int, pages: int, night: str) -> str:
    new = night >= REDESIGNED
    items = [
        f'<li><a href="{COLLECTION}?page={other}">{other + 1}</a></li>' for other in range(pages) if other != number
    ]
    if number + 1 < pages:
        items.append(f'<li class="pager-next"><a href="{COLLECTION}?page={number + 1}">next</a></li>')
    if new:
        return (
            f'<nav class="usa-pagination"><ul class="usa-pagination__list js-pager__items">{"".join(items)}</ul></nav>'
        )
    return f'<div class="item-list"><ul class="pager">{"".join(items)}</ul></div>'


def component_page(night: str) -> bytes:
    """Return the static page on which ICE's assessments were listed by hand."""
    update = (
        f'<p><a href="{_local(files.PIA_039A)}">Acquisition and Use of License Plate Reader Data Update</a>, '
        "December 27, 2017 (PDF, 6 pages - 163 KB ) What was bought, and how it differs from what was planned.</p>\n"
    )
    first = (
        f'<a href="{_local(files.PIA_039)}">Acquisition and Use of License Plate Reader Data</a>, '
        "March 19, 2015 (PDF, 6 pages – 158.9KB) The plan to buy license plate sightings, and its limits."
    )
    both = f"{update}<ul><li>{first}</li></ul>" if night >= "2018-01-26" else f"<p>{first}</p>"
    inner = f"""<h1>Privacy Documents for ICE</h1>
<p>Assessments and notices on systems of U.S. Immigration and Customs Enforcement.</p>
<h3>DHS/ICE/PIA-039 License Plate Reader Data from a Commercial Service</h3>
{both}
<p>Associated SORN(s):</p>
<ul><li>{CARIER}</li><li>{EXTERNAL}</li></ul>
<p><a href="#top">Back To Top</a></p>
<h3>DHS/ICE/PIA-045 ICE Investigative Case Management (ICM)</h3>
<p><a href="{_local(files.PIA_045)}">ICE Investigative Case Management</a>, June 16, 2016 (PDF, 6 pages, 149 KB)
Where agents keep their cases.</p>
<p><a href="#top">Back To Top</a></p>"""
    frame = _new_frame if night >= REDESIGNED else _old_frame
    return frame("Privacy Documents for ICE", COMPONENT_PAGE, inner)


def _local(url: str) -> str:
    return url.removeprefix(SITE)


def _files(shown: Sequence[Attachment]) -> str:
    """Drupal 7 shows attachments in a table of two columns."""
    rows = "\n".join(
        f'<tr><td><span class="file"><a href="{file.url}" type="application/pdf">{escape(file.label)}</a></span></td>'
        f"<td>{file.size}</td></tr>"
        for file in shown
    )
    head = "<thead><tr><th>Attachment</th><th>Size</th></tr></thead>"
    return f'<table class="sticky-enabled">{head}<tbody>\n{rows}\n</tbody></table>'


def _table(shown: Sequence[Attachment]) -> str:
    rows = "\n".join(
        f'<tr><td><a href="{_local(file.url)}">{escape(file.label)}</a></td><td>PDF</td><td>{file.size}</td>'
        f"<td>{file.date}</td></tr>"
        for file in shown
    )
    head = "<thead><tr><th>Attachment</th><th>Ext.</th><th>Size</th><th>Date</th></tr></thead>"
    return f'<table class="usa-table">{head}<tbody>\n{rows}\n</tbody></table>'


def _old_frame(title: str, path: str, inner: str) -> bytes:
    menu = "".join(f'<li><a href="{href}">{words}</a></li>' for href, words in MENU)
    return f"""<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{escape(title)} | Homeland Security</title>
<link rel="canonical" href="{SITE}{path}"><meta name="Generator" content="Drupal 7"></head>
<body class="html not-front no-sidebars page-node">
<div id="skip-link"><a href="#main-content" class="element-invisible">Skip to main content</a></div>
<div id="header"><div class="site-name">Official website of the Department of Homeland Security (sample)</div>
<ul class="menu">{menu}</ul></div>
<div id="main-content" role="main">
<div class="breadcrumb">You are here: <a href="/">Home</a> &raquo; {escape(title)}</div>
{inner}
<div class="back-to-top"><a href="#header">Back to Top</a></div>
</div>
<div id="footer"><p>A page of the sample. Its text was written for it.</p></div>
</body></html>
""".encode()


def _new_frame(title: str, path: str, inner: str) -> bytes:
    menu = "".join(f'<li class="usa-nav__primary-item"><a href="{href}">{words}</a></li>' for href, words in MENU)
    return f"""<!DOCTYPE html>
<html lang="en" dir="ltr"><head><meta charset="utf-8"><title>{escape(title)} | Homeland Security</title>
<link rel="canonical" href="{SITE}{path}"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body class="path-node">
<a href="#main-content" class="visually-hidden focusable skip-link">Skip to main content</a>
<section class="usa-banner"><p>An official website of the United States government (sample)</p></section>
<header class="usa-header"><nav class="usa-nav"><ul class="usa-nav__primary">{menu}</ul></nav></header>
<nav class="usa-breadcrumb"><ol><li><a href="/">Home</a></li><li><a href="/news">News</a></li>
<li><a href="/publications">Publication Library</a></li><li>{escape(title)}</li></ol></nav>
<main id="main-content" class="usa-layout-docs">
{inner}
</main>
<footer class="usa-footer"><p>A page of the sample. Its text was written for it.</p></footer>
</body></html>
""".encode()
