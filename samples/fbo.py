"""FedBizOpps as the sample tells it: two nightly files of 2014 and one notice's page, until the site went in 2019."""

from __future__ import annotations

from collections.abc import Iterator

from samples.procurement import made_id
from samples.recording import Answer

FEEDS = {day: f"https://ftp.fbo.gov/FBOFeed{day}" for day in ("20140212", "20140219")}
PAGE = f"https://www.fbo.gov/notices/{made_id('notice HSCECR-14-Q-00006 cancelled')}"
ARGUMENTS = {"feeds": list(FEEDS.values()), "pages": [PAGE]}
GONE = "2019-11-12"

LISTING = "https://www.fbo.gov/spg/DHS/INS/ICE-OAQ-DCR/HSCECR-14-Q-00006/listing.html"
TITLE = "NATIONAL LICENSE PLATE RECOGNITION DATABASE"
WHERE = ("<AGENCY>Department of Homeland Security", "<OFFICE>Immigration & Customs Enforcement",
         "<LOCATION>ICE-OAQ-DCR")  # fmt: skip
ASKED_FOR = (
    "The agency looks for a commercial service that shows its officers where a license plate was seen, and by whom."
)
CANCELLED = "This notice is cancelled. It was posted before the matter had been considered by those who must be asked."


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: while the site stood, its old nightly files and the page of a cancelled notice."""
    if night >= GONE:
        return
    for host in ("ftp.fbo.gov", "www.fbo.gov"):
        yield Answer(f"https://{host}/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain")
    yield Answer(FEEDS["20140212"], _asked() + _archived(), "text/plain", items=2)
    yield Answer(FEEDS["20140219"], _cancelled(), "text/plain", items=1)
    yield Answer(PAGE, _page().encode("latin-1"), "text/html; charset=iso-8859-1", items=1)


def _asked() -> bytes:
    """Return a record as the nightly files have them: tags that don't close, and ends of lines of two kinds."""
    return "\n".join([
        "<COMBINE>", "<DATE>0212", "<YEAR>14", *WHERE, "<ZIP>20024", "<CLASSCOD>D", "<NAICS>519190",
        "<OFFADD>Washington DC 20024", f"<SUBJECT>{TITLE}", "<SOLNBR>HSCECR-14-Q-00006", "<RESPDATE>022014",
        "<ARCHDATE>03072014", f"<DESC><p>{ASKED_FOR}</p>\r", "<p>Offers are taken until the day named above.</p>\r",
        "<LINK>", f"<URL>{LISTING}", "<DESC>Link To Document", "<SETASIDE>N/A", "</COMBINE>", "", "", "",
    ]).encode()  # fmt: skip


def _archived() -> bytes:
    return "\n".join([
        "<ARCHIVE>", "<DATE>0117", "<YEAR>14", *WHERE, "<SOLNBR>HSCECR-13-Q-00101", "<NTYPE>COMBINE  ",
        "<ARCHDATE>02122014", "</ARCHIVE>", "", "", "",
    ]).encode()  # fmt: skip


def _cancelled() -> bytes:
    return "\n".join([
        "<AMDCSS>", "<DATE>0219", "<YEAR>14", *WHERE, "<CLASSCOD>D", "<NAICS>519190", f"<SUBJECT>{TITLE}",
        "<SOLNBR>HSCECR-14-Q-00006", "<NTYPE>COMBINE  ", "<RESPDATE>022014", f"<DESC>{CANCELLED}", "<LINK>",
        f"<URL>{LISTING}", "<DESC>Link To Document", "</AMDCSS>", "", "", "",
    ]).encode()  # fmt: skip


FIELDS = {
    "solicitation_number": "HSCECR-14-Q-00006", "procurement_type": "Combined Synopsis/Solicitation",
    "description": f"{ASKED_FOR}<br>{CANCELLED}", "posted_date": "February 19, 2014",
    "response_deadline": "Feb 20, 2014 11:00 am&nbsp;Eastern", "archive_type": "Manual Archive",
    "archive_date": "-", "classification_code": "D -- Information technology services",
    "naics_code": "519 -- Other Information Services/519190 -- All Other Information Services",
}  # fmt: skip


def _page() -> str:
    """Return a notice's page with the labels, names and classes of the site's own."""
    widget = "dnf_class_values_procurement_notice__"
    fields = "\n".join(
        f'<div class="field fld_{name}">\n<div class="widget" id="{widget}{name}__widget">\n\t{value}\n\t</div></div>'
        for name, value in FIELDS.items()
    )
    return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html><head><meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
<title>{TITLE} - Federal Business Opportunities: Opportunities</title></head>
<body><h1><a href="/?s=main&amp;mode=list&amp;tab=list">Federal Business Opportunities</a></h1>
<div class="agency-header"><h2>{TITLE}</h2>
<div class="sol-num">Solicitation Number: HSCECR-14-Q-00006</div>
<div class="agency-name">Agency: Department of Homeland Security<br>\
Office: Immigration &amp; Customs Enforcement<br>Location: ICE-OAQ-DCR</div></div>
<ul id="ptls"><li><a href="{PAGE}" class="bkmrk permalink">Link</a></li></ul>
<ul id="sb_related_notices" class="doclist hascv"><li class="cv"><span class="active">Complete View</span></li></ul>
{fields}
</body></html>
"""
