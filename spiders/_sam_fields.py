"""How SAM.gov names and shapes the fields of a notice, in its API and in its files: for its source alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit, urlunsplit

from spiders._notices import Layout, Read, leaves
from spiders._platform import web_address

# Contacts are out of scope by name: names, phones and mail of officials are not what this archive is for.
API_LAYOUT = Layout(
    {
        "noticeId": "notice_id", "title": "title", "type": "type", "baseType": "base_type",
        "solicitationNumber": "solicitation", "department": "department", "subTier": "sub_tier", "office": "office",
        "fullParentPathCode": "organization_code", "postedDate": "posted", "archiveType": "archive_type",
        "archiveDate": "archive_date", "typeOfSetAsideDescription": "set_aside", "typeOfSetAside": "set_aside_code",
        "responseDeadLine": "response_due", "reponseDeadLine": "response_due",  # the documentation's own misspelling
        "naicsCode": "naics", "naicsCodes[]": "naics", "classificationCode": "psc", "active": "active",
        "award.number": "award_number", "award.date": "award_date", "award.amount": "award_amount",
        "award.awardee.name": "awardee", "award.awardee.ueiSAM": "awardee_uei", "description": "description",
        **{f"award.awardee.location.{part}": "awardee_location" for part in (
            "streetAddress", "streetAddress2", "city.name", "state.name", "zip", "country.name")},
        **{f"placeOfPerformance.{part}": "place_of_performance" for part in (
            "streetAddress", "streetAddress2", "city.name", "state.name", "zip", "country.name")},
        "uiLink": "url", "additionalInfoLink": "more_information",
    },
    ("pointOfContact", "officeAddress", "organizationType", "links", "resourceLinks", "fullParentPathName",
     *(f"{place}.{part}.code" for place in ("award.awardee.location", "placeOfPerformance")
       for part in ("city", "state", "country"))),
)  # fmt: skip
CSV_LAYOUT = Layout(
    {
        "NoticeId": "notice_id", "Title": "title", "Sol#": "solicitation", "Department/Ind.Agency": "department",
        "Sub-Tier": "sub_tier", "Office": "office", "CGAC": "organization_code", "FPDS Code": "organization_code",
        "AAC Code": "organization_code", "PostedDate": "posted", "Type": "type", "BaseType": "base_type",
        "ArchiveType": "archive_type", "ArchiveDate": "archive_date", "SetASideCode": "set_aside_code",
        "SetASide": "set_aside", "ResponseDeadLine": "response_due", "NaicsCode": "naics",
        "ClassificationCode": "psc", "PopStreetAddress": "place_of_performance", "PopCity": "place_of_performance",
        "PopState": "place_of_performance", "PopZip": "place_of_performance", "PopCountry": "place_of_performance",
        "Active": "active", "AwardNumber": "award_number", "AwardDate": "award_date", "Award$": "award_amount",
        "Awardee": "awardee", "AdditionalInfoLink": "more_information", "Link": "url", "Description": "description",
    },
    (*(f"{which}Contact{part}" for which in ("Primary", "Secondary")
       for part in ("Title", "Fullname", "Email", "Phone", "Fax")),
     "OrganizationType", "State", "City", "ZipCode", "CountryCode"),
)  # fmt: skip
# A third party's flattened copy of the API's answers, as one of 19 February 2026 has it.
COPY_LAYOUT = Layout(
    {
        "notice_id": "notice_id", "title": "title", "department": "department", "sub_tier": "sub_tier",
        "office": "office", "posted_date": "posted", "response_deadline": "response_due", "notice_type": "type",
        "set_aside": "set_aside_code", "naics_code": "naics", "classification_code": "psc", "active": "active",
        "description": "description", "link": "url",
    }
)  # fmt: skip

# What the site's own search answers; undocumented. Its descriptions are cut off, and its times are those of indexing.
SITE_LAYOUT = Layout(
    {
        "_id": "notice_id", "title": "title", "type.value": "type", "solicitationNumber": "solicitation",
        "department": "department", "subTier": "sub_tier", "office": "office", "publishDate": "posted",
        "responseDateActual": "response_due", "isActive": "active", "award.awardee.name": "awardee",
        "award.awardee.ueiSAM": "awardee_uei",
    },
    ("type.code", "organizationHierarchy", "descriptions", "modifications", "modifiedDate", "responseDate",
     "responseTimeZone", "parentNoticeId", "isCanceled", "_rScore", "_type"),
)  # fmt: skip

LAYOUTS = {"NoticeId": CSV_LAYOUT, "notice_id": COPY_LAYOUT}
RECORD_STARTS = re.compile(r'"?[0-9A-Fa-f]{32}"?,')
TYPES = frozenset({
    "Justification", "Presolicitation", "Award Notice", "Sources Sought", "Special Notice", "Solicitation",
    "Sale of Surplus Property", "Combined Synopsis/Solicitation", "Intent to Bundle Requirements (DoD-Funded)",
    # Retired, in the archived years' files.
    "Foreign Government Standard", "Fair Opportunity / Limited Sources Justification",
    "Justification and Approval (J&A)", "Modification/Amendment/Cancel",
})  # fmt: skip


def api_records(found: list[object], base: str) -> Iterator[Read]:
    """Yield the API's records with the names in their organization path apart, and places called by their names."""
    for place, item in enumerate(found, 1):
        values = (
            [*leaves(item), *_organizations(item)] if isinstance(item, dict) else [("a record that is no object", None)]
        )
        named = {name.removesuffix(".name") for name, value in values if name.endswith(".name") and value}
        # A place is called by its name, or by its code where it has no name.
        values = [
            (f"{name.removesuffix('.code')}.name" if name.endswith(".code") and name.removesuffix(".code") not in named
             else name, value) for name, value in values
        ]  # fmt: skip
        links = item.get("resourceLinks") if isinstance(item, dict) else None
        files = [_without_key(base, str(link)) for link in links] if isinstance(links, list) else []
        yield Read(
            f"item {place}",
            API_LAYOUT.record(values),
            tuple(file for file in files if file),
            API_LAYOUT.unmapped(name for name, _ in values),
            files.count(""),
        )


def site_records(found: list[object]) -> Iterator[Read]:
    """Yield the records of the site's own search, with the names of the organizations above each."""
    for place, item in enumerate(found, 1):
        values = list(leaves(item)) if isinstance(item, dict) else [("a record that is no object", None)]
        above = item.get("organizationHierarchy") if isinstance(item, dict) else None
        for one in above if isinstance(above, list) else ():
            if isinstance(one, dict):
                level = "department" if one.get("level") == 1 else "subTier" if one.get("level") == 2 else "office"
                values.append((level, one.get("name")))
        yield Read(f"item {place}", SITE_LAYOUT.record(values), (), SITE_LAYOUT.unmapped(name for name, _ in values))


def _organizations(item: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Take the path "HOMELAND SECURITY, DEPARTMENT OF.U.S. COAST GUARD.OFFICE" apart, whose names may hold full stops.

    How many names it has is told by the codes beside it; the stops that are too many are the middle name's.
    """
    names = str(item.get("fullParentPathName") or "").split(".")
    levels = len(str(item.get("fullParentPathCode") or "").split("."))
    yield "department", names[0]
    if levels > 2 and len(names) > 2:
        yield "office", names[-1]
        names = names[:-1]
    yield "subTier", ".".join(names[1:])


def _without_key(base: str, link: str) -> str:
    """Return an attachment's address without the `api_key=null&token=` that the API prints at its end."""
    address = web_address(base, link)
    return urlunsplit(urlsplit(address)._replace(query="")) if "api_key=" in address else address


def is_table(body: bytes) -> bool:
    """Say whether these bytes begin as one of the known files does: with its header."""
    first = body[:4096].removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    names = [name.strip(b'"') for name in first[0].split(b",")] if first else []
    return any(
        names[:1] == [key.encode()]
        and 2 * len({name.encode() for name in layout.fields} & set(names)) > len(layout.fields)
        for key, layout in LAYOUTS.items()
    )


def posted_outside(record: Mapping[str, str], since: str, until: str) -> bool:
    """Say whether a record was posted on a day that wasn't asked for; one without a date is not told."""
    try:
        day = date.fromisoformat(record.get("posted", "")[:10]).isoformat()
    except ValueError:
        return False
    return not since <= day <= until
