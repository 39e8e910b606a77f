"""What a notice is known by, and when it was posted: its numbers hold together what its publisher gives many ids."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archive.catalog.evidence import Said
from archive.dates import parse_date, parse_instant
from archive.identifiers import parse_identifier

# Records of FedBizOpps that say what became of an earlier notice; its own type stands beside.
_ABOUT_A_NOTICE = frozenset(["archive", "unarchive", "modification"])
# A number of an office's own making holds a notice's history together where it can't be a word or a year alone.
_OWN_NUMBER = re.compile(r"(?=(?:[^0-9]*[0-9]){5})[^\s]{6,60}")


def is_notice_id(notice_id: str) -> bool:
    """Say whether a notice's id is its publisher's; records of FedBizOpps have none, and are named by their source."""
    return re.fullmatch("[0-9a-fA-F]{32}", notice_id) is not None


def notice_kind(record: Mapping[str, str]) -> str:
    """Return what kind of notice a record is, or is about, in lower case; "" where it doesn't say."""
    kind = record.get("type", "").lower()
    return record.get("base_type", "").lower() or kind if kind in _ABOUT_A_NOTICE else kind


def notice_key(notice_id: str, record: Mapping[str, str]) -> tuple[str, str]:
    """Return what a notice is known by: an award by its number, a justification apart, the rest by solicitation.

    Each amendment has a notice id of its own at SAM.gov, and none at all at FedBizOpps; only these numbers hold its
    history together. A number that isn't of the form of FAR 4.16 is told apart by the office that uses it.
    """
    kind = notice_kind(record)
    award = parse_identifier(record.get("award_number", ""))
    if "award" in kind and award and award.scheme == "piid":
        return ("award", award.value)
    name = "justification" if "justification" in kind else "notice"
    printed = record.get("solicitation", "").strip()
    solicitation = parse_identifier(printed)
    if solicitation and solicitation.scheme in ("solicitation", "piid"):
        return (name, solicitation.value)
    office = record.get("office") or record.get("sub_tier")
    if office and _OWN_NUMBER.fullmatch(printed):
        return (name, f"{printed} {office}".casefold())
    return ("notice", notice_id)


def posted(said: Said) -> str:
    """Return when a notice was posted, which is what its amendments go by; "" for all else.

    FedBizOpps gives what it archives the day on which that was once posted: there the day of archiving counts.
    """
    if said.kind != "notice":
        return ""
    record = said.body["record"]
    is_archiving = record.get("type", "").lower() in ("archive", "unarchive")
    words = (is_archiving and record.get("archive_date")) or record.get("posted", "")
    date = parse_date(words)
    return parse_instant(words) or (date.value if date else said.seen.captured_at)
