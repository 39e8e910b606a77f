"""The publication library of dhs.gov as the sample tells it: each page, and how it stood on each night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from samples import documents as files
from samples import papers

NIGHTS = ("2018-01-10", "2018-01-26", "2018-02-08", "2019-05-14", "2021-07-24")
ALWAYS = (NIGHTS[0], "9999")
NEVER = ("9999", "9999")

CARIER = (
    f'<a href="{files.SORN}">DHS/ICE–011 Criminal Arrest Records and Immigration Enforcement Records (CARIER)</a> '
    "October 19, 2016, 81 FR 72080"
)
EXTERNAL = "DHS/ICE–009 External Investigations"


@dataclass(frozen=True)
class Attachment:
    """A file that a publication page offers: shown on the nights from `shown[0]` up to, not with, `shown[1]`."""

    label: str
    url: str
    date: str
    pages: int
    size: str
    shown: tuple[str, str] = ALWAYS
    gone: tuple[str, str] = NEVER


@dataclass(frozen=True)
class Publication:
    """A publication page. What changes is given from a night on: {"2018-01-10": …, "2019-05-14": …}."""

    slug: str
    titles: Mapping[str, str]
    body: Mapping[str, tuple[str, ...]]
    published: Mapping[str, str]
    created: str
    attachments: tuple[Attachment, ...]
    sorns: tuple[str, ...]
    listed: tuple[str, str] = ALWAYS
    exists_from: str = NIGHTS[0]
    leads_from: str = "9999"  # since when its address leads to that of `leads_to`
    leads_to: str = ""
    sorn_label: str = "Associated SORN(s)"

    @property
    def path(self) -> str:
        return f"/publication/{self.slug}"


def at(values: Mapping[str, object], night: str) -> object:
    """Return the value that holds on a night: the one given for the latest night not after it."""
    return values[max(start for start in values if start <= night)]


_LPR = (
    "U.S. Immigration and Customs Enforcement (ICE) buys access to records of license plate sightings from a company."
)
_LPR_SINCE_2017 = (
    "ICE has signed a contract for such access. The update DHS/ICE/PIA-039(a) compares it with what the assessment of "
    "2015 had promised, and names the risks that are left."
)
_LPR_TITLE = "Acquisition and Use of License Plate Reader Data from a Commercial Service"

_PAPERS = (
    "These papers were made up for the sample, to show what becomes of documents. Each of them is renamed, moved, "
    "saved anew, edited, taken off this page or put back on it; what they say about plate records follows nothing.",
    "They are for whoever asks where a paper has gone since it was cited, and whether it still says the same.",
)


def _paper(label: str, url: str, shown: tuple[str, str] = ALWAYS, gone: tuple[str, str] = NEVER) -> Attachment:
    return Attachment(label, url, "01/08/2018", 1, "9.6 KB", shown, gone)


_PAPER_FILES = (
    _paper("Sample Paper on Keeping Plate Records", papers.RETENTION, (NIGHTS[0], NIGHTS[2])),
    _paper("Sample Paper on Keeping Plate Records", papers.RETENTION_RENAMED, (NIGHTS[2], "9999")),
    _paper("Sample Paper on Where Cameras Stand", papers.CAMERAS, (NIGHTS[0], NIGHTS[3])),
    _paper("Sample Paper on Where Cameras Stand", papers.CAMERAS_EDITED, (NIGHTS[3], "9999")),
    _paper("Sample Paper on Logs of Searches", papers.AUDIT, (NIGHTS[0], NIGHTS[1])),
    _paper("Sample Paper on Logs of Searches", papers.AUDIT_MOVED, (NIGHTS[1], "9999")),
    _paper("Sample Paper on Misread Plates", papers.QUALITY),
    # Taken off the page after the first night, and back on it in 2019.
    _paper("Sample Paper on Telling Drivers", papers.ROADSIDE, (NIGHTS[0], NIGHTS[1])),
    _paper("Sample Paper on Telling Drivers", papers.ROADSIDE, (NIGHTS[3], "9999")),
    # Shown all the time; the server doesn't have it from January 26, 2018 to 2019.
    _paper("Sample Paper on Sharing Between Towns", papers.TOWNS, gone=(NIGHTS[1], NIGHTS[4])),
    # Two years, and two documents: the wording is the same.
    _paper("Sample Report on Plate Searches, 2017", papers.SEARCHES_2017, (NIGHTS[0], NIGHTS[3])),
    _paper("Sample Report on Plate Searches, 2018", papers.SEARCHES_2018, (NIGHTS[3], "9999")),
    # On the server, and named by the page's text alone, before it was put among the files in 2019.
    _paper("Sample Paper on Drafts", papers.DRAFTS, (NIGHTS[3], "9999")),
)
_DRAFT = f'<a href="{papers.DRAFTS.removeprefix("https://www.dhs.gov")}">A paper on drafts</a> is being written.'
_FORMER = f'They stood at <a href="/publication/{papers.PAGE}">another address</a> before.'


PUBLICATIONS = (
    Publication(
        "dhs-ice-pia-039-acquisition-and-use-license-plate-reader-data-commercial-service",
        {NIGHTS[0]: f"DHS-ICE-PIA-039 {_LPR_TITLE}", "2021-07-24": f"DHS/ICE/PIA-039 {_LPR_TITLE}"},
        {
            NIGHTS[0]: (_LPR, "The assessment was written before any company had been chosen. March 2015"),
            "2018-01-26": (_LPR, f"{_LPR_SINCE_2017} December 2017"),
            "2021-07-24": (_LPR, _LPR_SINCE_2017, "A second update reports on the first audits. May 2021"),
        },
        {
            NIGHTS[0]: "March 19, 2015",
            "2018-01-26": "January 23, 2018",
            "2019-05-14": "May 10, 2019",
            "2021-07-24": "July 23, 2021",
        },
        "March 19, 2015",
        (
            Attachment(
                "DHS/ICE/PIA-039(b) Acquisition and Use of License Plate Reader Data, May 2021",
                files.PIA_039B,
                "07/23/2021",
                6,
                "171.2 KB",
                ("2021-07-24", "9999"),
            ),
            Attachment(
                "DHS/ICE/PIA-039(a) Acquisition and Use of License Plate Reader Data, December 2017",
                files.PIA_039A,
                "01/23/2018",
                6,
                "163.4 KB",
                ("2018-01-26", "9999"),
            ),
            Attachment(
                "DHS/ICE/PIA-039 Acquisition and Use of License Plate Reader Data, March 2015",
                files.PIA_039,
                "03/19/2015",
                6,
                "158.9 KB",
            ),
        ),
        (CARIER, EXTERNAL),
    ),
    Publication(
        "dhs-ice-pia-045-ice-investigative-case-management",
        {NIGHTS[0]: "dhs-ice-pia-045-ice-investigative-case-management"},
        {
            NIGHTS[0]: (
                "Investigative Case Management is where agents of Homeland Security Investigations keep their cases.",
                "It receives records from the Secret Service, whose side is described under "
                '<a href="/publication/dhsusspia-009-field-investigative-reporting-system-firs">DHS/USSS/PIA-009</a>. '
                "June 2016",
            )
        },
        {NIGHTS[0]: "June 22, 2016"},
        "June 22, 2016",
        (Attachment("DHS/ICE/PIA-045 ICE Investigative Case Management", files.PIA_045, "06/22/2016", 6, "149.0 KB"),),
        (EXTERNAL,),
    ),
    # Delisted: after February 2018 no listing shows it, and PIA-045 still leads to it.
    Publication(
        "dhsusspia-009-field-investigative-reporting-system-firs",
        {NIGHTS[0]: "DHS/USSS/PIA-009 - Field Investigative Reporting System (FIRS)"},
        {NIGHTS[0]: ("Reports of field offices on counterfeit money, fraud and threats, and how they are joined.",)},
        {NIGHTS[0]: "August 30, 2012"},
        "August 30, 2012",
        (Attachment("Field Investigative Reporting System (FIRS)", files.USSS_009, "08/30/2012", 6, "139.5 KB"),),
        ("DHS/USSS–001 Criminal Investigation Information",),
        listed=(NIGHTS[0], "2019-05-14"),
    ),
    Publication(
        "dhsuscispia-056-uscis-electronic-immigration-system-uscis-elis",
        {NIGHTS[0]: "DHS/USCIS/PIA-056 USCIS Electronic Immigration System (USCIS ELIS)"},
        {NIGHTS[0]: ("How applications for immigration benefits are received and decided on the screen. May 2016",)},
        {NIGHTS[0]: "May 20, 2016", "2019-05-14": "March 6, 2018"},
        "May 20, 2016",
        (Attachment("DHS/USCIS/PIA-056 USCIS ELIS", files.USCIS_056, "05/20/2016", 6, "145.7 KB"),),
        ("DHS/USCIS–007 Benefits Information System",),
    ),
    # Its body leads to a file that no listing shows; its own file, a scan, is no longer there in 2021.
    Publication(
        "dhscbppia-009-tecs-system-cbp-primary-and-secondary-processing",
        {NIGHTS[0]: "DHS/CBP/PIA-009 - TECS System: CBP Primary and Secondary Processing"},
        {
            NIGHTS[0]: (
                "What officers look up about travelers and vehicles at a port of entry, in two steps.",
                "What is seen between the ports of entry is the subject of "
                f'<a href="{files.CBP_022.removeprefix("https://www.dhs.gov")}">another assessment</a>. December 2010',
            )
        },
        {NIGHTS[0]: "July 1, 2015"},
        "July 1, 2015",
        (
            Attachment(
                "DHS/CBP/PIA-009 TECS System", files.CBP_009, "12/22/2010", 3, "30.2 KB", gone=("2021-07-24", "9999")
            ),
        ),
        ("DHS/CBP-011 TECS",),
    ),
    Publication(
        "dhsfemapia-050-national-flood-insurance-program-nfip-pivot-system",
        {NIGHTS[0]: "DHS/FEMA/PIA-050 National Flood Insurance Program PIVOT System"},
        {NIGHTS[0]: ("The system that holds policies and claims of the national flood insurance. March 2018",)},
        {NIGHTS[0]: "March 26, 2018"},
        "March 26, 2018",
        (Attachment("DHS/FEMA/PIA-050 NFIP PIVOT System", files.FEMA_050, "03/26/2018", 6, "144.8 KB"),),
        ("DHS/FEMA–003 National Flood Insurance Program Files",),
        exists_from="2019-05-14",
    ),
    Publication(
        "dhscbppia-049-cbp-license-plate-reader-technology",
        {NIGHTS[0]: "DHS/CBP/PIA-049 CBP License Plate Reader Technology"},
        {
            NIGHTS[0]: (
                "U.S. Customs and Border Protection (CBP) reads license plates at ports of entry, at checkpoints and "
                "beside roads.",
                "The update treats sightings that are bought from a company. July 2020",
            )
        },
        {NIGHTS[0]: "July 8, 2020"},
        "July 7, 2020",
        (
            Attachment(
                "DHS/CBP/PIA-049(a) CBP License Plate Reader Technology", files.CBP_049A, "07/07/2020", 6, "150 KB"
            ),
            Attachment("DHS/CBP/PIA-049 CBP License Plate Reader Technology", files.CBP_049, "07/07/2020", 6, "146 KB"),
        ),
        ("DHS/CBP-006 Automated Targeting System",),
        exists_from="2021-07-24",
        sorn_label="Associated SORN(s):",
    ),
    Publication(
        papers.PAGE,
        {NIGHTS[0]: "Sample Papers on Plate Records"},
        {NIGHTS[0]: (*_PAPERS, _DRAFT), NIGHTS[3]: _PAPERS},
        {NIGHTS[0]: "January 8, 2018"},
        "January 8, 2018",
        _PAPER_FILES,
        (),
        listed=(NIGHTS[0], papers.MOVED),
        leads_from=papers.MOVED,
        leads_to=papers.MOVED_PAGE,
    ),
    Publication(
        papers.MOVED_PAGE,
        {NIGHTS[0]: "Sample Papers on Plate Records"},
        {NIGHTS[0]: (*_PAPERS, _FORMER)},
        {NIGHTS[0]: "January 8, 2018"},
        "January 8, 2018",
        _PAPER_FILES,
        (),
        exists_from=papers.MOVED,
    ),
)


def publications_on(night: str) -> tuple[Publication, ...]:
    """Return the pages that the server has on a night, whether a listing shows them or not."""
    return tuple(page for page in PUBLICATIONS if page.exists_from <= night < page.leads_from)


def leading_on(night: str) -> tuple[Publication, ...]:
    """Return the pages whose addresses lead to others on a night."""
    return tuple(page for page in PUBLICATIONS if page.leads_from <= night)


def listed_on(night: str) -> tuple[Publication, ...]:
    """Return the pages that the collection's listing shows, the last one published first."""
    shown = [page for page in publications_on(night) if page.listed[0] <= night < page.listed[1]]
    return tuple(sorted(shown, key=lambda page: page.exists_from, reverse=True))


def attachments_on(page: Publication, night: str) -> tuple[Attachment, ...]:
    """Return the files that a page shows on a night, also those that are no longer there."""
    return tuple(file for file in page.attachments if file.shown[0] <= night < file.shown[1])
