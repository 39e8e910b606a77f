"""Identifiers: many spellings, one canonical form, no look-alike merged, and no text that takes long."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import addresses, identifiers
from archive.identifiers import (
    COMPONENTS,
    address_slug,
    component,
    find_identifiers,
    matches,
    parse_identifier,
    search_forms,
)

HEX = "0123456789abcdef0123456789ABCDEF"

IN_TEXT = [
    ("DHS/ICE/PIA-039 Acquisition", "pia", "DHS/ICE/PIA-039"),
    ("DHS-ICE-PIA-039 Acquisition", "pia", "DHS/ICE/PIA-039"),
    ("dhs-ice-pia-045-ice-investigative-case-management", "pia", "DHS/ICE/PIA-045"),
    ("DHS/ICE/PIA – 001 Student", "pia", "DHS/ICE/PIA-001"),
    ("DHS/USSS/PIA-009 - Field", "pia", "DHS/USSS/PIA-009"),
    ("DHS/ICE/PIA-001(a) - Student", "pia", "DHS/ICE/PIA-001(a)"),
    ("/publication/dhsicepia-062-alternatives", "pia", "DHS/ICE/PIA-062"),
    ("/publication/dhscbppia-049-cbp-license", "pia", "DHS/CBP/PIA-049"),
    ("DHS Reference No. DHS/CBP/PIA-049(a)", "pia", "DHS/CBP/PIA-049(a)"),
    ("see DHS/ICE/\nPIA-039 (A), below", "pia", "DHS/ICE/PIA-039(a)"),
    ("DHS/ICE/PIA-\r\n  039", "pia", "DHS/ICE/PIA-039"),
    ("DHS/ICE/PIA-039 (“ALPR”)", "pia", "DHS/ICE/PIA-039"),
    ("DHS/S&T/PIA-006", "pia", "DHS/S&T/PIA-006"),
    ("DHS/NPPD/US-VISIT/PIA-001", "pia", "DHS/NPPD/US-VISIT/PIA-001"),
    ("DHS/NEW/PIA-001", "pia", "DHS/NEW/PIA-001"),
    ("the update, PIA-039(a), says", "pia", "PIA-039(a)"),
    ("(PIA-015(d))", "pia", "PIA-015(d)"),
    ("PIA 039", "pia", "PIA-039"),
    ("DHS/ICE–011 Criminal Arrest Records", "sorn", "DHS/ICE-011"),
    ("DHS/CBP-006 Automated Targeting", "sorn", "DHS/CBP-006"),
    ("DHS/ALL-037", "sorn", "DHS/ALL-037"),
    ("DHS/NPPD/US-VISIT-004", "sorn", "DHS/NPPD/US-VISIT-004"),
    ("DHS/ICE-011 (81 Fed. Reg.)", "sorn", "DHS/ICE-011"),
    ("“DHS/ICE 011 Plates”", "sorn", "DHS/ICE-011"),
    ("DHS-ICE-011 Plates", "sorn", "DHS/ICE-011"),
    ("DHS/USCIS/ICE/CBP–001 Alien File", "sorn", "DHS/USCIS/ICE/CBP-001"),
    ("titled, “Department of Homeland Security/ALL–011 Biographies", "sorn", "DHS/ALL-011"),
    ("Department of Homeland Security/U.S. Immigration and Customs\nEnforcement–011", "sorn", "DHS/ICE-011"),
    ("Department of Homeland Security (DHS)/U.S. Customs and Border Protection (CBP)-006", "sorn", "DHS/CBP-006"),
    ("Department of Homeland Security Transportation Security Administration—013", "sorn", "DHS/TSA-013"),
    ("Department of Homeland Security United\nStates Immigration Customs and Enforcement--011", "sorn", "DHS/ICE-011"),
    ("titled, ``DHS/U.S. Immigration and Customs\nEnforcement (ICE)-009 External", "sorn", "DHS/ICE-009"),
    ("[Docket No. DHS–2016–0059]", "docket", "DHS-2016-0059"),
    ("[Docket Number ICEB-2023-0011]", "docket", "ICEB-2023-0011"),
    ("Docket ID: DOD-2016-HA-0042 or Docket No. GSA-2019-0002", "docket", "GSA-2019-0002"),
    ("comment on USCIS-2018-0003-0123, please", "docket", "USCIS-2018-0003"),
    ("https://www.regulations.gov/document/DHS-2016-0059-0001", "docket", "DHS-2016-0059"),
    ("https://www.federalregister.gov/citation/81-FR-72080", "fr-citation", "81 FR 72080"),
    ("https://www.federalregister.gov/citation/81/72080", "fr-citation", "81 FR 72080"),
    ("https://www.govinfo.gov/link/fr/81/72080", "fr-citation", "81 FR 72080"),
    ("[FR Doc. C1–2016–25197 Filed", "fr-document", "C1-2016-25197"),
    ("[FR Doc. 03–27101 Filed 10–24–03", "fr-document", "03-27101"),
    ("November 18, 2008, 73 FR 68435", "fr-citation", "73 FR 68435"),
    ("80 FR 24,269", "fr-citation", "80 FR 24269"),
    ("85 Fed. Reg. 80806 (Dec. 14, 2020)", "fr-citation", "85 FR 80806"),
    ("82 Fed. Reg. 43556, 43557", "fr-citation", "82 FR 43556"),
    ("81 F.R.\n72080", "fr-citation", "81 FR 72080"),
    ("[FR Doc. 2016–25197 Filed 10–18–16; 8:45 am]", "fr-document", "2016-25197"),
    ("[FR Doc No: 99-844]", "fr-document", "99-844"),
    ("FR Doc. E8-27101", "fr-document", "E8-27101"),
    ("https://www.federalregister.gov/d/2016-25197", "fr-document", "2016-25197"),
    ("https://www.federalregister.gov/documents/2024/07/05/2024-14768/x-y", "fr-document", "2024-14768"),
    ("https://www.govinfo.gov/content/pkg/FR-2024-07-05/html/2024-14768.htm", "fr-document", "2024-14768"),
    ("https://www.gpo.gov/fdsys/pkg/FR-2016-10-19/pdf/2016-25197.pdf", "fr-document", "2016-25197"),
    ("award 70CDCR18P00000017.", "piid", "70CDCR18P00000017"),
    ("award 70CDCR-18-P-00000017", "piid", "70CDCR18P00000017"),
    (
        "/award/CONT_AWD_70CDCR26C00000001_7012_-NONE-_-NONE-/",
        "award-id",
        "CONT_AWD_70CDCR26C00000001_7012_-NONE-_-NONE-",
    ),
    ("HSCETE11A00002", "piid", "HSCETE11A00002"),
    ("solicitation 70CDCR18Q00000005", "solicitation", "70CDCR18Q00000005"),
    ("HSCECR-14-Q-00006", "solicitation", "HSCECR-14-Q-00006"),
    ("HSCECR14Q00006", "solicitation", "HSCECR-14-Q-00006"),
    ("HSCEDM-15-R-\n00006", "solicitation", "HSCEDM-15-R-00006"),
    ("/spg/USAF/AFMC/OOALC/FA8213-13-R-3006/listing.html", "solicitation", "FA8213-13-R-3006"),
    (f"https://sam.gov/opp/{HEX}/view", "sam-notice", HEX.lower()),
    (f"https://sam.gov/api/prod/opps/v2/opportunities/{HEX}", "sam-notice", HEX.lower()),
    (f"https://www.fbo.gov/notices/{HEX}", "sam-notice", HEX.lower()),
    (f"https://www.fbo.gov/index?s=opportunity&mode=form&id={HEX}&tab=core", "sam-notice", HEX.lower()),
    (f"noticedesc?noticeid={HEX}", "sam-notice", HEX.lower()),
    (f"Notice ID: {HEX}", "sam-notice", HEX.lower()),
    ("report OIG-18-53, February 2018", "oig-report", "OIG-18-53"),
    ("(OIG–21–13)", "oig-report", "OIG-21-13"),
    ("DHS OIG-16-\n106-VR", "oig-report", "OIG-16-106-VR"),
    ("OIG-14-11-D was reissued", "oig-report", "OIG-14-11-D"),
    ("OIG-14-11-Dec13", "oig-report", "OIG-14-11"),
    ("OIG 05-1", "oig-report", "OIG-05-01"),
    ("OIG-18-053 of another department", "oig-report", "OIG-18-053"),
    ("FOIA case 2017-ICFO-43023", "foia-case", "2017-ICFO-43023"),
    ("2018–ICLI–00035", "foia-case", "2018-ICLI-00035"),
    ("2023-HQFO-00042.", "foia-case", "2023-HQFO-00042"),
]

NOT_IN_TEXT = [
    "in 2016-25197 cases",
    HEX,
    f"https://sam.gov/api/prod/opps/v3/opportunities/resources/files/{HEX}/download",
    "DHS/ICE 287(g) and DHS/ICE-287(g)",
    "privacy-pia30b-ice-acquisitionanduseoflprdata-june2021_0.pdf",
    "privacy-pia-fema-050-nfippivot-march2018_0.pdf",
    "24_1126_priv_pia_ice064_socialmedia.pdf",
    "/sites/default/files/assets/2026-07/OIG-26-18-Jul26.pdf assets/Mga/2018/oig-18-86-sep18.pdf OIG_15-95_May15.pdf",
    "OIG-002 OIG-2018-53 COIG-18-53 OIG-18-53-7 OIG-CA-18-053 2017-XXXX-43023 2017-ICFO-4302 12017-ICFO-43023",
    "DOJ/FBI/PIA-012",
    "PIA 2018, PIA - 5 pages, PIA 100",
    "DHS/ICE-2018 DHS/ICE/PIA-0391 DHS-2008-00421 ABC-2018-0123",
    "ABC12345C6789 1FTFW1ET5DFC10312 550e8400-E29B-41D4-A716-446655440000",
    "DHS/ІСЕ/РІА-039 РІА-039 PIA-039(а) DHS/ICE/PIA-039(а) DHS/ICE/PIA-039(a\u0301)",
    "АDHS/ICE/PIA-039 DHS/ICE/PIA-٠٣٩",
]


@pytest.mark.parametrize(("text", "scheme", "value"), IN_TEXT)
def test_found_in_text(text: str, scheme: str, value: str) -> None:
    found = find_identifiers(f"Before {text} after")
    assert [(one.identifier.scheme, one.identifier.value) for one in found] == [(scheme, value)]
    assert f"Before {text} after"[found[0].start : found[0].end] == found[0].identifier.printed


@pytest.mark.parametrize("text", NOT_IN_TEXT)
def test_not_claimed_in_text(text: str) -> None:
    assert find_identifiers(text) == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("PIA-039(a)", "PIA-039(a)"),
        ("PIA 39", "PIA-039"),
        ("PIA039", "PIA-039"),
        ("pia–39 A", "PIA-039(a)"),
        ("pia 39 a", "PIA-039(a)"),
        ("pia 39 ab", None),
        ("81fr72080", "81 FR 72080"),
        ("oig1886", "OIG-18-86"),
        ("oig 18 86", "OIG-18-86"),
        ("ice/pia-39", "DHS/ICE/PIA-039"),
        (" DHS ICE PIA 39 (A) ", "DHS/ICE/PIA-039(a)"),
        ("dhs-ice-pia-039a", "DHS/ICE/PIA-039(a)"),
        ("dhsstpia-006", "DHS/S&T/PIA-006"),
        ("dhs ice 11", "DHS/ICE-011"),
        ("ICE-011", "DHS/ICE-011"),
        ("DHS/ICE/SORN-011", "DHS/ICE-011"),
        ("81 fr 72,080", "81 FR 72080"),
        ("2016-25197", "2016-25197"),
        ("FR Doc. 03-27101", "03-27101"),
        ("03-27101", None),
        ("docket no. dhs-2016-0059", "DHS-2016-0059"),
        ("dhs uscis-ice-cbp 001", "DHS/USCIS/ICE/CBP-001"),
        ("70cdcr-18-p-00000017", "70CDCR18P00000017"),
        ("70CDCR 18 P 00000017", "70CDCR18P00000017"),
        ("hscecr14q00006", "HSCECR-14-Q-00006"),
        (HEX, HEX.lower()),
        ("oig 18-53", "OIG-18-53"),
        ("DHS/OIG-14-11-d", "OIG-14-11-D"),
        ("2017_icfo_43023", "2017-ICFO-43023"),
        ("2018 ICLI 00035", "2018-ICLI-00035"),
        ("OIG-002", "DHS/OIG-002"),
        ("ice 2", None),
        ("license plate", None),
        ("DHS/ICE/PIA-039 and more", None),
        ("", None),
        ("PIA-039" * 100_000, None),
    ],
)
def test_typed_alone(typed: str, value: str | None) -> None:
    parsed = parse_identifier(typed)
    assert (parsed and parsed.value) == value


def test_text_with_dropped_signs_keeps_its_places() -> None:
    text = "a\u00adb “see” DHS/ICE/PIA\u2011\u00ad039\u200b(a)\u00ad and ＤＨＳ／ＩＣＥ－０１１"
    first, second = find_identifiers(text)
    assert first.identifier.value == "DHS/ICE/PIA-039(a)"
    assert text[first.start : first.end] == first.identifier.printed == "DHS/ICE/PIA\u2011\u00ad039\u200b(a)"
    assert second.identifier.value == "DHS/ICE-011"
    assert text[second.start : second.end] == "ＤＨＳ／ＩＣＥ－０１１"


def test_titles_and_citations_seen_at_dhs(corpus: Path) -> None:
    facts = json.loads((corpus / "facts" / "dhs-gov-layouts.json").read_text())
    for title in facts["title_variants_seen"] + facts["slugs_seen"]:
        assert [one.identifier.scheme for one in find_identifiers(title)] == ["pia"], title
    for citation in facts["sorn_citation_variants"]:
        assert "fr-citation" in [one.identifier.scheme for one in find_identifiers(citation)], citation
    for url in facts["pdf_urls_seen"]:
        assert find_identifiers(url) == [], url


def test_short_numbers_match_any_component() -> None:
    assert matches("PIA-039(a)", "DHS/ICE/PIA-039(a)")
    assert matches("pia 39", "DHS/CBP/PIA-039")
    assert matches("70CDCR-18-P-00000017", "70CDCR18P00000017")
    assert not matches("PIA-039", "DHS/ICE/PIA-039(a)")
    assert not matches("DHS/CBP/PIA-039", "DHS/ICE/PIA-039")
    assert not matches("license plate", "license plate")


def test_component_slug_and_search_forms() -> None:
    assert component("DHS/ICE/PIA-039(a)") == "ICE"
    assert component("DHS/CBP/PIA-009") == "CBP"
    assert component("DHS/NPPD/US-VISIT-004") == "NPPD/US-VISIT"
    assert component("PIA-039(a)") == component("81 FR 72080") == component("70CDCR18P00000017") == ""
    assert address_slug("DHS/ICE/PIA-039(a)") == "dhs-ice-pia-039a"
    assert search_forms("DHS/ICE/PIA-039(a)") == ("DHS/ICE/PIA-039(a)", "PIA-039(a)", "PIA-039a")
    assert search_forms("80 FR 24269")[1:] == ("80 FR 24,269", "80 Fed. Reg. 24269", "80 Fed. Reg. 24,269")
    assert search_forms("70CDCR18P00000017") == ("70CDCR18P00000017", "70CDCR-18-P-00000017")
    assert search_forms("HSCECR-14-Q-00006") == ("HSCECR-14-Q-00006", "HSCECR14Q00006")


OWNERS = st.sampled_from([*COMPONENTS, "NPPD/US-VISIT", "USCIS/ICE/CBP", "NEWOFFICE"])
LETTERS = st.sampled_from(["", *(f"({letter})" for letter in "abcdj")])
NUMBERS = st.integers(0, 999)
PIAS = st.builds(lambda owner, n, letter: f"DHS/{owner}/PIA-{n:03}{letter}", OWNERS, NUMBERS, LETTERS)
SORNS = st.builds(lambda owner, n: f"DHS/{owner}-{n:03}", OWNERS, st.integers(0, 99))
CITATIONS = st.builds("{} FR {}".format, st.integers(1, 120), st.integers(1, 99_999))
SERIALS = st.integers(0, 99_999_999)
AWARDS = st.builds("70CDCR{:02}{}{:08}".format, st.integers(0, 39), st.sampled_from("ACDFGPJTV"), SERIALS)
ASKED = st.builds("70CDCR{:02}{}{:08}".format, st.integers(18, 39), st.sampled_from("BQRUNI"), SERIALS)
OLD_ASKED = st.builds("HSCECR-{:02}-{}-{:05}".format, st.integers(3, 17), st.sampled_from("BQRU"), NUMBERS)
REPORTS = st.builds("OIG-{:02}-{:02}{}".format, st.integers(2, 39), NUMBERS, st.sampled_from(["", "-D", "-VR"]))
CASES = st.builds("{}-{}-{:05}".format, st.integers(1990, 2039), st.sampled_from(["ICFO", "ICLI", "HQFO"]), NUMBERS)
DOCKETS = st.builds("{}-{}-{:04}".format, st.sampled_from(["DHS", "ICEB"]), st.integers(1990, 2039), NUMBERS)
VALUES = st.one_of(PIAS, SORNS, DOCKETS, CITATIONS, AWARDS, ASKED, OLD_ASKED, REPORTS, CASES)
DASHES = st.sampled_from("-‐‑–—−﹣－")


@settings(deadline=None)
@given(VALUES)
def test_a_canonical_value_is_its_own_canonical_form(value: str) -> None:
    parsed = parse_identifier(value)
    assert parsed is not None
    assert parsed.value == parsed.printed == value
    assert [one.identifier for one in find_identifiers(f"See {value}.")] == [parsed]


@settings(deadline=None, max_examples=300)
@given(VALUES, DASHES, st.sampled_from([str, str.lower, str.upper, address_slug]), st.booleans(), st.booleans())
def test_any_spelling_of_a_value_is_read_back(value: str, dash: str, case: type[str], soft: bool, wide: bool) -> None:
    spelled = case(value).replace("-", dash)
    if soft:
        spelled = "\u00ad".join(spelled)
    if wide:
        spelled = spelled.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    parsed = parse_identifier(f"\u00a0{spelled} ")
    assert parsed is not None
    assert parsed.value == value


@given(PIAS, st.sampled_from(["/", "-", " / ", " – ", "/\n", ""]))
def test_a_pia_survives_other_joints(value: str, joint: str) -> None:
    if joint or not any(name in value for name in ("NEWOFFICE", "NPPD/US", "USCIS/ICE")):
        parsed = parse_identifier(re.sub("[/-]", joint, value.replace("US-VISIT", "USVISIT")))
        assert parsed is not None
        assert parsed.value == value


@settings(deadline=None)
@given(st.text(st.sampled_from("DHSICEPIA/-(039a)\u00ad\n FR.18Q70CDCR–é"), max_size=120), st.text(max_size=80))
def test_no_text_breaks_it_and_hits_stand_where_they_say(likely: str, any_text: str) -> None:
    for text in (likely, any_text, f"{any_text}DHS/ICE/PIA-039 {likely}"):
        reached = 0
        for one in find_identifiers(text):
            assert reached <= one.start < one.end
            assert text[one.start : one.end] == one.identifier.printed
            again = parse_identifier(one.identifier.value)
            assert one.identifier.scheme == "fr-document" or (again and again.value == one.identifier.value)
            reached = one.end
        parse_identifier(text)


# fmt: off
NEAR_MISSES = [
    "a", "PIA-", "DHS/", "DHS/ICE/", "DHS ICE PIA ", "DHS-", "dhsice", "0", "A1", "1 FR ", "1 Fed. Reg. ", " ",
    "-", "–", "(", "\u00ad", "70CDCR18", "70CDCR-18-", "HS", "FR Doc. ", "federalregister.gov/", "a/", "fbo.gov/?",
    "fbo.gov/index?id=", "notice id: ", "a.", "%25", "?token", "&a=", "/amp", "www.", "OIG-", "OIG-18-",
    "2017-ICFO-", "2017-", "DHS/ICE/CBP/", "Department of Homeland Security/", "Department of Homeland Security U.S. ",
    "DHS-2016-", "Docket No. ", "Docket ABCDEF-2016-", "regulations.gov/docket/", "federalregister.gov/citation/81-FR-",
]
# fmt: on


def compiled_patterns(module: ModuleType) -> list[re.Pattern[str]]:
    """Return every compiled pattern that a module holds, alone or in a tuple."""
    flat = [one for value in vars(module).values() for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in flat if isinstance(one, re.Pattern)]


@pytest.mark.parametrize("pattern", compiled_patterns(identifiers) + compiled_patterns(addresses), ids=str)
def test_near_misses_take_linear_time(pattern: re.Pattern[str]) -> None:
    """The bound is two hundred times what these patterns need, and a tenth of what quadratic work would."""
    assert pattern.flags & re.ASCII or pattern.flags & re.UNICODE
    for near in NEAR_MISSES:
        text = near * (100_000 // len(near)) + "!"
        start = time.process_time()
        sum(1 for _ in pattern.finditer(text))
        assert time.process_time() - start < 10, near


@pytest.mark.parametrize("near", ["PIA-", "DHS/ICE/", "a", "1 FRx ", "70CDCR18", "–", "\u00ad"])
def test_a_megabyte_of_near_misses_is_searched(near: str) -> None:
    start = time.process_time()
    assert find_identifiers(near * (1_000_000 // len(near))) == []
    assert time.process_time() - start < 30
