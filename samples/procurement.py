"""SAM.gov's answers as the sample tells them: one search a calendar year, and the file that a notice has attached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from samples import documents as files
from samples.recording import Answer

API = "https://api.sam.gov/opportunities/v2/search"
FILES = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files"
SINCE = 2014

DHS = "HOMELAND SECURITY, DEPARTMENT OF"
OFFICES = {
    "070.7012.70CDCR": ("US IMMIGRATION AND CUSTOMS ENFORCEMENT", "DETENTION COMPLIANCE AND REMOVALS", "20024", "DC"),
    "070.7012.70CMSW": ("US IMMIGRATION AND CUSTOMS ENFORCEMENT", "MISSION SUPPORT WASHINGTON", "20024", "DC"),
    "070.7014.70B03C": (
        "US CUSTOMS AND BORDER PROTECTION",
        "INFORMATION TECHNOLOGY CONTRACTING DIVISION",
        "20229",
        "DC",
    ),
    "070.7022.70FA30": ("FEDERAL EMERGENCY MANAGEMENT AGENCY", "MITIGATION SECTION (MIT30)", "20472", "DC"),
    "070.7003.70SBUR": ("US CITIZENSHIP AND IMMIGRATION SERVICES", "USCIS CONTRACTING OFFICE", "05495", "VT"),
    "070.7008.70Z030": ("US COAST GUARD", "BASE PORTSMOUTH", "23703", "VA"),
}


@dataclass(frozen=True)
class Record:
    """One notice; `award` is (number, date, amount) to West Publishing Corporation."""

    posted: str
    solicitation: str
    title: str
    type: str
    office: str
    naics: str
    psc: str
    due: str = ""
    award: tuple[str, str, str] = ("", "", "")
    base_type: str = ""
    attached: tuple[str, ...] = ()

    @property
    def notice_id(self) -> str:
        return made_id(f"notice {self.solicitation} {self.posted}")


def made_id(of: str) -> str:
    """Return 32 hexadecimal digits made of some words, as SAM.gov's ids are."""
    return hashlib.sha256(f"sample {of}".encode()).hexdigest()[:32]


LPR = "ACCESS TO LICENSE PLATE READER DATABASE"
PIID = "70CDCR18P00000017"
SOLICITATION = "70CDCR18Q00000005"
CONTRACT = ("070.7012.70CDCR", "519190", "D317")
JUSTIFICATION_FILE = made_id("file justification")

AWARD = Record("2017-12-22", SOLICITATION, LPR, "Award Notice", *CONTRACT, award=(PIID, "2017-12-22", "1855000.00"))
JUSTIFICATION = Record(
    "2018-01-08", SOLICITATION, LPR, "Justification", *CONTRACT,
    award=(PIID, "2017-12-22", ""), attached=(JUSTIFICATION_FILE,),
)  # fmt: skip
# Modification P00004 of 15 May 2018: 245,000 more, 2,100,000 in all.
AMENDED = Record(
    "2018-05-15", SOLICITATION, f"{LPR} (MODIFICATION P00004)", "Award Notice", *CONTRACT,
    award=(PIID, "2018-05-15", "2100000.00"),
)  # fmt: skip

RECORDS = (
    Record("2014-02-12", "HSCECR-14-Q-00006", "NATIONAL LICENSE PLATE RECOGNITION DATABASE", "Solicitation",
           "070.7012.70CDCR", "519190", "D317", "2014-02-20T11:00:00-05:00",
           base_type="Combined Synopsis/Solicitation"),
    Record("2015-04-02", "HSCEDM-15-R-00006", "ACCESS TO LICENSE PLATE READER COMMERCIAL DATA SERVICE", "Solicitation",
           "070.7012.70CMSW", "519190", "D317", "2015-05-08T17:00:00-04:00", base_type="Presolicitation"),
    Record("2016-08-15", "HSBP1016Q0287", "BATTERIES FOR HANDHELD RADIOS", "Combined Synopsis/Solicitation",
           "070.7014.70B03C", "335911", "6140", "2016-08-29T12:00:00-04:00"),
    AWARD,
    JUSTIFICATION,
    Record("2018-02-05", "70FA3018R00000003", "PRINTING OF FLOOD MAPS", "Sources Sought",
           "070.7022.70FA30", "323111", "T011", "2018-03-01"),
    AMENDED,
    Record("2019-03-11", "70SBUR19Q00000041", "LABELS FOR PAPER FILES", "Combined Synopsis/Solicitation",
           "070.7003.70SBUR", "322230", "7530", "2019-03-25T15:00:00-04:00"),
    Record("2020-06-30", "70B03C20Q00000112", "REPAIR OF A GATE AT A PORT OF ENTRY", "Special Notice",
           "070.7014.70B03C", "238290", "Z2JZ"),
    Record("2021-05-17", "70Z03021QPORT0093", "PAINTING OF A BOATHOUSE", "Presolicitation",
           "070.7008.70Z030", "238320", "Z2AZ", "2021-06-14T13:00:00-04:00"),
)  # fmt: skip


def records_on(night: str) -> tuple[Record, ...]:
    """Return the notices that SAM.gov had on a night."""
    return tuple(record for record in RECORDS if record.posted <= night)


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: a search for each calendar year up to the night, then the attached file."""
    for host in ("api.sam.gov", "sam.gov"):
        yield Answer(f"https://{host}/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain")
    for year in range(SINCE, int(night[:4]) + 1):
        until = min(f"{year}-12-31", night)
        found = [record for record in records_on(night) if f"{year}-01-01" <= record.posted <= until]
        url = f"{API}?postedFrom=01/01/{year}&postedTo={until[5:7]}/{until[8:]}/{year}&organizationCode=070"
        yield Answer(f"{url}&limit=1000&offset=0", _envelope(found, year, until), "application/json", items=len(found))
    for record in records_on(night):
        for attached in record.attached:
            disposition = {"Content-Disposition": 'attachment; filename="justification.pdf"'}
            url = f"{FILES}/{attached}/download?api_key=null&token="
            yield Answer(url, files.justification(), "application/pdf", headers=disposition, items=1)


def _envelope(found: list[Record], year: int, until: str) -> bytes:
    window = (
        f"postedFrom={quote(f'01/01/{year}', safe='')}&postedTo={quote(f'{until[5:7]}/{until[8:]}/{year}', safe='')}"
    )
    answer = {
        "totalRecords": len(found),
        "limit": 1000,
        "offset": 0,
        "opportunitiesData": [_printed(record) for record in found],
        "links": [{"rel": "self", "href": f"null/opportunities/v2/search?{window}&limit=1000&offset=0"}],
    }
    return json.dumps(answer, indent=1).encode()


def _printed(record: Record) -> dict[str, object]:
    """Return a record under the keys of the API's own answers; persons are left out of it."""
    sub_tier, office, zipcode, state = OFFICES[record.office]
    return {
        "noticeId": record.notice_id,
        "title": record.title,
        "solicitationNumber": record.solicitation,
        "fullParentPathName": f"{DHS}.{sub_tier}.{office}",
        "fullParentPathCode": record.office,
        "postedDate": record.posted,
        "type": record.type,
        "baseType": record.base_type or record.type,
        "archiveType": "autocustom",
        "archiveDate": None,
        "typeOfSetAsideDescription": None,
        "typeOfSetAside": None,
        "responseDeadLine": record.due or None,
        "naicsCode": record.naics,
        "naicsCodes": [record.naics],
        "classificationCode": record.psc,
        "active": "Yes" if record.posted >= "2017-12" else "No",
        "award": _award(record),
        "pointOfContact": [],
        "description": f"https://api.sam.gov/prod/opportunities/v1/noticedesc?noticeid={record.notice_id}",
        "organizationType": "OFFICE",
        "officeAddress": {"zipcode": zipcode, "city": "", "countryCode": "USA", "state": state},
        "placeOfPerformance": None,
        "additionalInfoLink": None,
        "uiLink": notice_address(record),
        "links": [{"rel": "self", "href": f"{API}?noticeid={record.notice_id}&limit=1"}],
        "resourceLinks": [f"{FILES}/{name}/download?api_key=null&token=" for name in record.attached] or None,
    }


def _award(record: Record) -> dict[str, object] | None:
    number, day, amount = record.award
    if not number:
        return None
    place = {
        "city": {"name": "EAGAN"},
        "state": {"code": "MN", "name": "MINNESOTA"},
        "country": {"code": "USA", "name": "UNITED STATES"},
    }
    awardee = {"name": "WEST PUBLISHING CORPORATION", "location": place, "ueiSAM": None}
    return {"number": number, "date": day, "amount": amount or None, "awardee": awardee}


def notice_address(record: Record) -> str:
    """Return the address at which people see a notice."""
    return f"https://sam.gov/opp/{record.notice_id}/view"
