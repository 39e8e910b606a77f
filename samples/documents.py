"""The sample's files, made of its texts: which there are, where dhs.gov keeps them, how they came to change."""

from __future__ import annotations

from functools import cache

from samples.papers import is_paper, paper_at
from samples.pdfs import render_assessment, render_columns, render_plain
from samples.scans import render_scan
from samples.texts import Document, read_document, text_of

# What PIA-039(a) says on its third page, and what the articles quote.
KEY_SENTENCE = (
    "ICE obtains access to a commercial license plate reader database through a contract with a vendor, and it "
    "neither owns that database nor adds license plate records to it."
)
KEY_PAGE = 3

FILES = "https://www.dhs.gov/sites/default/files/publications"
PIA_039 = f"{FILES}/privacy-pia-ice-lpr-march2015.pdf"
PIA_039A = f"{FILES}/privacy-pia-ice-lpr-january2018.pdf"
# The publisher's own slip: the name says 30b, the document is 039(b).
PIA_039B = f"{FILES}/privacy-pia30b-ice-acquisitionanduseoflprdatafromacommercialservice-june2021_0.pdf"
PIA_045 = f"{FILES}/privacy-pia-ice-icm-june2016.pdf"
USSS_009 = f"{FILES}/privacy-pia-usss-firs-august2012.pdf"
USCIS_056 = f"{FILES}/privacy-pia-uscis-elis-may2016.pdf"
CBP_009 = "http://www.dhs.gov/xlibrary/assets/privacy/privacy-pia-cbp-tecs.pdf"
CBP_022 = f"{FILES}/privacy_pia_CBP_BSS_August2014.pdf"
FEMA_050 = f"{FILES}/privacy-pia-fema-050-nfippivot-march2018_0.pdf"
CBP_049 = f"{FILES}/privacy-pia-cbp049-lprtechnology-december2017.pdf"
CBP_049A = f"{FILES}/privacy-pia-cbp049a-lprtechnology-july2020.pdf"
SORN = "https://www.govinfo.gov/content/pkg/FR-2016-10-19/pdf/2016-25197.pdf"

_TEXTS = {
    PIA_039: "pia-039",
    PIA_039A: "pia-039a",
    PIA_039B: "pia-039b",
    PIA_045: "pia-045",
    USSS_009: "pia-usss-009",
    CBP_022: "pia-cbp-022",
    FEMA_050: "pia-fema-050",
    CBP_049: "pia-cbp-049",
    CBP_049A: "pia-cbp-049a",
}


def file_at(url: str, night: str) -> bytes:
    """Return the bytes that the server has at an address on a night."""
    if is_paper(url):
        return paper_at(url, night)
    # The assessment of USCIS ELIS was replaced in place after February 2018: one figure, and one more page.
    return _made(url, replaced=url == USCIS_056 and night >= "2019")


@cache
def _made(url: str, *, replaced: bool) -> bytes:
    if url == USCIS_056:
        return render_assessment(_elis(replaced=replaced))
    if url == CBP_009:
        return render_scan(read_document("pia-cbp-009"))
    if url == SORN:
        running = ("Federal Register", "Vol. 81, No. 202", "Wednesday, October 19, 2016", "Notices", "72080")
        return render_columns(sorn(), running)
    return render_assessment(read_document(_TEXTS[url], key=KEY_SENTENCE))


def _elis(*, replaced: bool) -> Document:
    if not replaced:
        return read_document("pia-uscis-056", years="fifteen", inserted="!page")
    return read_document("pia-uscis-056", years="twenty-five", inserted=text_of("pia-uscis-056-page"))


def sorn() -> Document:
    """Return the notice of the system of records that the plate assessments name."""
    return read_document("sorn-carier")


def justification() -> bytes:
    """Return the file that the notice of January 8, 2018 has attached."""
    document = read_document("justification")
    return render_plain(document, ("Justification", document.facts["number"]))
