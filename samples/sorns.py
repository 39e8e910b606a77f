"""The exchanges of the list of all notices: the page as it stood on a night, and the notices that it leads to."""

from __future__ import annotations

from collections.abc import Iterator

from samples import library
from samples.federal_register import (
    CARIER,
    EXTERNAL_2010,
    EXTERNAL_2020,
    ROBOTS,
    Notice,
    parts_of,
    record_of,
)
from samples.library_pages import SITE
from samples.recording import Answer

LIST = f"{SITE}/system-records-notices-sorns"
ARGUMENTS = {"listings": [LIST]}
NAMES = {
    CARIER: "DHS/ICE–011 Criminal Arrest Records and Immigration Enforcement Records (CARIER)",
    EXTERNAL_2010: "DHS/ICE–009 External Investigations",
    EXTERNAL_2020: "DHS/ICE–009 External Investigations",
}


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges, each address once."""
    yield Answer(f"{SITE}/robots.txt", library.ROBOTS, "text/plain")
    yield from ROBOTS
    yield Answer(LIST, _list(night), items=1)
    for notice in _listed(night):
        # The oldest is linked under an address that says no day.
        yield record_of(notice, dated=notice is not EXTERNAL_2010)
        yield from parts_of(notice)


def _listed(night: str) -> tuple[Notice, ...]:
    return (EXTERNAL_2020 if night >= EXTERNAL_2020.day else EXTERNAL_2010, CARIER)


def _list(night: str) -> bytes:
    title = "System of Records Notices (SORNs)"
    entries = "\n".join(f"<li>{_entry(notice)}</li>" for notice in _listed(night))
    updated = "January 12, 2021" if night >= "2021" else "March 2, 2017"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | Homeland Security</title></head>
<body>
<main id="main-content" role="main">
<h1>{title}</h1>
<p>What the Department keeps on people so that it can be found by a name or a number has to be announced in the Federal
Register. The announcements are listed here, component by component.</p>
<h2>Immigration and Customs Enforcement (ICE)</h2>
<ul>
{entries}
</ul>
<h2>Retired and Removed Notices</h2>
<p>None is left in this sample.</p>
<p>Last Published Date: {updated}</p>
</main>
</body></html>
""".encode()


def _entry(notice: Notice) -> str:
    url = "http://edocket.access.gpo.gov/2010/E9-31269.htm" if notice is EXTERNAL_2010 else notice.html_url
    day = notice.weekday.partition(", ")[2]
    return f'<a href="{url}">{NAMES[notice]}</a> {day}, {notice.citation}'
