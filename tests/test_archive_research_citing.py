"""Citations: by every style for every kind, against worked examples of others, and read back by others' parsers."""

from __future__ import annotations

import html
import itertools
import json
import re
import threading
import warnings
from typing import Any

import mwparserfromhell
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from citeproc.source.json import CiteProcJSON
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.identifiers import COMPONENTS as LETTERS
from archive.research.citation import SAMPLE_NOTICE
from archive.research.citing import styles
from archive.research.citing.files import bibtex, csl_item, csl_json, ris
from archive.research.citing.forms import NAMES, all_styles, as_data, form
from archive.research.citing.institutions import COMPONENTS, Institution, institution_of
from archive.research.citing.item import Cited, Described, Part, clean, date_parts, item_of
from archive.research.citing.styles import BY_NAME, STYLES, cite_in
from archive.research.citing.wikitext import wikitext
from tests.figures import figure

SITE = "https://archive.example"
PDF = "https://www.dhs.gov/sites/default/files/publications/privacy-pia-ice-lpr-january2018.pdf"
TITLE = "Acquisition and Use of License Plate Reader Data from a Commercial Service"

PIA = Described("dhs-ice-pia-039a-239d076958", TITLE, "privacy impact assessment", "privacy-impact-assessments",
                "DHS/ICE/PIA-039(a)", "ICE", "2017-12-27", PDF)  # fmt: skip
NOTICE = Described("dhs-ice-011-c396", "Privacy Act of 1974; System of Records", "system of records notice",
                   "federal-register", "DHS/ICE-011", "ICE", "2016-10-19",
                   "https://www.govinfo.gov/content/pkg/FR-2016-10-19/pdf/2016-25197.pdf",
                   register="81 FR 72080")  # fmt: skip
AWARD = Described("award-1", "ACCESS TO LICENSE PLATE READER DATABASE", "award notice", "procurement-notices",
                  "70CDCR18P00000017", "ICE", "2018-05-15", "https://sam.gov/opp/6c5/view")  # fmt: skip
CONTRACT = Described("contract-1", "PLATE READER DATABASE", "purchase order", "contract-awards",
                     "70CDCR18P00000017", "ICE", "2017-12-22", "https://www.usaspending.gov/award/1/")  # fmt: skip
REPORT = Described("oig-18-86-6bdf", "Management Alert - Issues Requiring Action", "inspector general report",
                   "inspector-general-reports", "OIG-18-86", "", "2018-09-27",
                   "https://www.oig.dhs.gov/sites/default/files/assets/Mga/2018/oig-18-86-sep18.pdf")  # fmt: skip
ARTICLE = Described("verge-1", "A California city hesitates over plate readers because of ICE", "article",
                    "news-articles", "", "", "2018-02-07", "https://www.theverge.com/2018", "The Verge")  # fmt: skip
PAGE = Described("dhs-gov-1", "Privacy Documents for ICE", "component page", "privacy-impact-assessments", "", "", "",
                 "https://www.dhs.gov/privacy-documents-ice")  # fmt: skip
SORN = Described("dhs-cbp-006", "DHS/CBP-006 Automated Targeting System", "system of records notice",
                 "system-of-records-notices", "DHS/CBP-006", "CBP", "2012-05", "https://www.dhs.gov/a.pdf")  # fmt: skip
BARE = Described("deposit-1", "", "file", "deposited")
KINDS = {"PIA": PIA, "FR notice": NOTICE, "award notice": AWARD, "award": CONTRACT, "report": REPORT,
         "article": ARTICLE, "page": PAGE, "SORN": SORN, "bare": BARE}  # fmt: skip


def cited(told: Described, page: str = "", quote: str = "", **more: Any) -> Cited:
    item, institution = item_of(told)
    path = f"/d/{told.id}@0123456789" + (f"/p{page}" if page else "") + ("?quote=words" if quote else "")
    facts: dict[str, Any] = {"archived": SITE + path, "archived_on": "2018-01-26", "accessed": "2018-02-01"}
    return Cited(item=item, part=Part(page, quote), institution=institution, path=path, digest="ab" * 32,
                 archive_name="Oversight Archive", plain="PLAIN", **{**facts, **more})  # fmt: skip


def text(name: str, one: Cited) -> str:
    return cite_in(BY_NAME[name], one).text


# Worked examples of others. Each names where it stands; what we leave out of it, or add, is said.


def _of(item: dict[str, Any], *levels: str, short: tuple[str, ...] = (), page: str = "", archived: str = "") -> Cited:
    body = Institution(levels, short or levels) if levels else None
    named = {"author": [{"literal": body.full}]} if body else {}
    return Cited(item={"id": "x", **named, **item}, part=Part(page), institution=body, path="", archived=archived,
                 archived_on="", archive_name="", digest="", accessed="", plain="")  # fmt: skip


def test_apa_government_report() -> None:
    """North Island College Library, APA Style Guide (7th edition), "Report with Multiple Levels of Government":
    https://library.nic.bc.ca/c.php?g=713252&p=5086885 (the APA's own example of section 10.4)."""
    report = {"type": "report", "title": "Facing forward: Life after cancer treatment", "number": "18-2424",
              "genre": "NIH Publication No.", "issued": {"date-parts": [[2018]]}}  # fmt: skip
    one = _of(report, "U.S. Department of Health and Human Services", "National Institutes of Health",
              "National Cancer Institute", page="15")  # fmt: skip
    made = cite_in(BY_NAME["apa"], one)
    assert made.text == (
        "National Cancer Institute. (2018). Facing forward: Life after cancer treatment (NIH Publication No. 18-2424). "
        "U.S. Department of Health and Human Services, National Institutes of Health."
    )
    assert made.in_text == "(National Cancer Institute, 2018, p. 15)"


def test_chicago_federal_agency_without_personal_author() -> None:
    """Chicago-Style Citation Quick Guide for Government Documents, "Federal agency, without personal author":
    https://docslib.org/doc/7954104/. Its place of publication ("Maine, ") is no field of ours."""
    report = {
        "type": "report",
        "issued": {"date-parts": [[2004]]},
        "URL": "http://purl.fdlp.gov/GPO/gpo67000",
        "title": "Schoodic: Draft General Management Plan Amendment and Environmental Impact Statement",
    }
    one = _of(report, "U.S. Department of the Interior", "National Park Service", "Northeast Region", page="116")
    assert text("chicago", one) == (
        "U.S. Department of the Interior, National Park Service, Northeast Region, Schoodic: Draft General Management "
        "Plan Amendment and Environmental Impact Statement (2004), 116, http://purl.fdlp.gov/GPO/gpo67000."
    )


def test_bluebook_federal_register() -> None:
    """GW Law Library, Federal Regulations, "Interpreting Citations" (The Bluebook, rule 14.2):
    https://law.gwu.libguides.com/federalregulatory/citations. Without "(to be codified …)", which no notice has."""
    rule = {"type": "article-journal", "title": "Importation of Fruits and Vegetables", "volume": "60",
            "page": "50379", "container-title": "Federal Register", "container-title-short": "Fed. Reg.",
            "issued": {"date-parts": [[1995, 9, 29]]}}  # fmt: skip
    one = _of(rule, "U.S. Department of Agriculture")
    assert text("bluebook", one) == "Importation of Fruits and Vegetables, 60 Fed. Reg. 50,379 (Sept. 29, 1995)."


def test_bluebook_archived_page() -> None:
    """Boley Law Library, "Creating archival URLs to comply with new Bluebook rules" (rule 18.2.1(d)):
    https://lawlib.lclark.edu/blog/Creating-archival-URLs-to-comply-with-new-Bluebook-rules. Without its author."""
    url = "https://www.theatlantic.com/ideas/archive/2024/08/interview-justice-neil-gorsuch-over-ruled/679342/"
    article = {"type": "article-newspaper", "title": "The Law as Justice Gorsuch Sees It", "URL": url,
               "container-title": "Atlantic", "issued": {"date-parts": [[2024, 8, 5]]}}  # fmt: skip
    assert text("bluebook", _of(article, archived="https://perma.cc/PT32-56LR")) == (
        f"The Law as Justice Gorsuch Sees It, Atlantic (Aug. 5, 2024), {url} [https://perma.cc/PT32-56LR]."
    )


def test_mla_begins_with_the_largest_body() -> None:
    """Hope International University, "Government Authors and Documents" (MLA 9, 5.20): from the largest to the
    smallest, with commas: https://libguides.hiu.edu/mla/gov. We begin with the department, not with "United States"."""
    report = {"type": "report", "title": "A Report", "issued": {"date-parts": [[2017, 12, 27]]}}
    one = _of(report, "Department of Health and Human Services", "Center for Disease Control and Prevention")
    assert text("mla", one).startswith(
        "Department of Health and Human Services, Center for Disease Control and Prevention. A Report."
    )


def test_wikipedia_archived_parameters() -> None:
    """Template:Citation Style documentation/url: archive-url needs archive-date and url, and url-status=live shows the
    original first; dates are all in one form: https://en.wikipedia.org/wiki/Template:Cite_report."""
    assert wikitext(cited(PIA, "2")) == (
        "{{cite report |author=U.S. Immigration and Customs Enforcement |title=" + TITLE + " |date=December 27, 2017 "
        "|type=Privacy Impact Assessment |publisher=U.S. Department of Homeland Security |id=DHS/ICE/PIA-039(a) "
        f"|page=2 |url={PDF} |archive-url={SITE}/d/dhs-ice-pia-039a-239d076958@0123456789/p2 "
        "|archive-date=January 26, 2018 |url-status=live |access-date=February 1, 2018}}"
    )


# What ours look like.


@pytest.mark.parametrize(
    ("style", "told", "page", "expected"),
    [
        ("bluebook", PIA, "2", "U.S. Immigr. & Customs Enf’t, U.S. Dep’t of Homeland Sec., Acquisition and Use of "
         f"License Plate Reader Data from a Commercial Service 2 (Dec. 27, 2017), {PDF} "
         f"[{SITE}/d/dhs-ice-pia-039a-239d076958@0123456789/p2]."),
        ("bluebook", NOTICE, "72083", "Privacy Act of 1974; System of Records, 81 Fed. Reg. 72,080, 72,083 (Oct. 19, "
         f"2016), {NOTICE.url} [{SITE}/d/dhs-ice-011-c396@0123456789/p72083]."),
        ("bluebook", SORN, "", "U.S. Customs & Border Prot., U.S. Dep’t of Homeland Sec., DHS/CBP-006 Automated "
         f"Targeting System (May 2012), {SORN.url} [{SITE}/d/dhs-cbp-006@0123456789]."),
        ("apa", AWARD, "", "U.S. Immigration and Customs Enforcement. (2018, May 15). ACCESS TO LICENSE PLATE READER "
         f"DATABASE (Award Notice 70CDCR18P00000017). Oversight Archive ({SITE}/d/award-1@0123456789). SAM.gov. "
         "https://sam.gov/opp/6c5/view"),
        ("chicago", NOTICE, "", "U.S. Department of Homeland Security, U.S. Immigration and Customs Enforcement, "
         "“Privacy Act of 1974; System of Records,” Federal Register 81 (October 2016): 72080, "
         f"{NOTICE.url}, archived at {SITE}/d/dhs-ice-011-c396@0123456789."),
        ("chicago-author-date", ARTICLE, "", "The Verge. 2018. “A California City Hesitates over Plate Readers Because "
         f"of ICE.” The Verge, February 7. {ARTICLE.url}, archived at {SITE}/d/verge-1@0123456789."),
        ("mla", REPORT, "4", "U.S. Department of Homeland Security, Office of Inspector General. Management Alert - "
         f"Issues Requiring Action. Inspector General Report OIG-18-86, 27 Sept. 2018, p. 4, {REPORT.url}. Oversight "
         f"Archive, {SITE}/d/oig-18-86-6bdf@0123456789/p4."),
    ],
)  # fmt: skip
def test_ours(style: str, told: Described, page: str, expected: str) -> None:
    assert text(style, cited(told, page)) == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("date", ["", "2021-05", "2021-99-99"])
def test_every_style_takes_every_kind_and_date(kind: str, date: str) -> None:
    told = KINDS[kind]
    one = cited(Described(**{**{name: getattr(told, name) for name in told.__dataclass_fields__}, "date": date}), "3")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = all_styles(one)
    assert not [each.style for each in made if each.failed]
    for each in made:
        assert one.archived in each.text, each
        assert not re.search(r"\( |\(\)|,,|\.\.(?!\.)| ,|“”|Edition|Https", each.text + each.entry), each
        assert each.text.count(one.archived) == 1, each


def test_dates_have_no_more_parts_than_were_printed() -> None:
    assert [date_parts(one) for one in ("2021-05", "2021", "", "2021-13", "0000", "99999-01-01", "2021-05-09T1")] == [
        [2021, 5], [2021], [], [], [], [], [2021, 5, 9],
    ]  # fmt: skip
    made = [text(style.name, cited(SORN)) for style in STYLES]
    assert not [one for one in made if re.search(r"May 1,|1 May|2012-05-01|January", one)]


def test_every_component_has_its_name_in_full() -> None:
    assert set(LETTERS) == set(COMPONENTS)
    for body in COMPONENTS.values():
        assert body.full.startswith("U.S. Department of Homeland Security")
        assert body.abbreviated.endswith("U.S. Dep’t of Homeland Sec.")
    named = institution_of("", "https://www.oig.dhs.gov/a.pdf")
    assert named is not None
    assert named.levels[-1] == "Office of Inspector General"
    assert institution_of("", "https://dhs.gov.example.com/a.pdf") is None


def test_an_article_names_no_body_and_no_person() -> None:
    item, institution = item_of(ARTICLE)
    assert "author" not in item
    assert institution is None


def test_the_sample_is_marked_in_every_form() -> None:
    one = cited(PIA, "2", "words of it", sample=True)
    plain = {name: form(name, one) for name in NAMES if name != "plain"}
    assert [name for name, made in plain.items() if SAMPLE_NOTICE not in made.replace("\\", "")] == []
    assert not [name for name in plain if SAMPLE_NOTICE in form(name, cited(PIA))]


def test_a_style_that_fails_gives_the_plain_citation_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __init__(self, *_: object) -> None:
            raise ValueError("a style's error")

    monkeypatch.setattr(styles, "CitationStylesBibliography", Broken)
    made = as_data(cited(PIA))["styles"]
    assert [(one["text"], one["failed"]) for one in made] == [("PLAIN", True)] * len(STYLES)


def test_threads_cite_side_by_side() -> None:
    ones = [cited(told, "3") for told in KINDS.values()]
    expected = [text("bluebook", one) for one in ones]
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(5):
            wrong.extend(made for one, sound in zip(ones, expected, strict=True)
                         if (made := text("bluebook", one)) != sound)  # fmt: skip

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# XS-09: what is hostile, read back by others' parsers.

HOSTILE = [
    r"\input{/etc/passwd}", r"\write18{rm -rf ~}", r"\immediate\write18{id}", "}}", "}", "{", "{{", "a } b { c", "\\",
    "$x_1^2$", "50% of #1 & ~tilde", '"', "@comment{x}", "@article{y, title={z}}", "%",
    "a\r\nER  - \r\nTY  - JOUR\r\nTI  - b",
    "ER  - ", "TY  - BOOK", "a\x85ER  - ", "a\u2028ER  - ", "a\x0bER  - ", "<script>alert(1)</script>", "<i>x</i>",
    '<span class="nocase">x</span>', "</span>", "<ref name=x>y</ref>", "[[File:x.png|thumb]]", "{{delete|}}",
    "|url=evil",
    "a|b=c", "}}{{db-g10}}", "~~~~", "''bold'''", "https://evil.example/x", "&lt;b&gt;", "&#123;", "&amp;", "__NOTOC__",
    "\u202eabc", "שלום עולם", "ا{ب}", "é ñ ü ß", "x" * 5000, "…", "“quoted”", "‘single’ ’", "What?", "End.", "-{zh:x}-",
    "<!-- c -->", "<nowiki>", "{{!}}", "a = b", "\ue0f0\ue0f6", "title,", "a,b, c", "\x00\x07", "  ", "#REDIRECT [[x]]",
]  # fmt: skip
_TEX_BACK = {r"\textbackslash{}": "\\", r"\textbraceleft{}": "{", r"\textbraceright{}": "}", r"\textasciitilde{}": "~",
             r"\textasciicircum{}": "^", **{f"\\{sign}": sign for sign in "$&#%_"}}  # fmt: skip
_TEX_MARKS = re.compile("|".join(map(re.escape, sorted(_TEX_BACK, key=len, reverse=True))))


def _from_tex(made: str) -> str:
    return _TEX_MARKS.sub(lambda found: _TEX_BACK[found[0]], made)


def _told(title: str, number: str = "N-1") -> Described:
    return Described("a-1", title, "privacy impact assessment", "x", number, "ICE", "2017-12-27", PDF)


def _read_back(title: str, quote: str) -> None:
    one = cited(_told(title, title[:200]), "3", clean(quote))
    expected = one.item["title"]
    entry = _bibtex_entry(bibtex(one))
    assert _from_tex(entry["title"].removeprefix("{").removesuffix("}")) == expected
    assert _from_tex(entry.get("number", "")) == one.item.get("number", "")
    assert entry["url"] == PDF
    assert entry["ENTRYTYPE"] == "techreport"
    (read,) = rispy.loads(ris(one))
    assert (read["type_of_reference"], read["title"]) == ("RPT", expected)
    assert [name.rstrip(",") for name in read["authors"]] == ["U.S. Immigration and Customs Enforcement"]
    (loaded,) = json.loads(csl_json(one))
    assert loaded == csl_item(one)
    source = CiteProcJSON([{**loaded, "note": "", "title": loaded["title"].replace("<", "(")}])
    assert str(source[loaded["id"]]["title"]) == expected.replace("<", "(")
    (template,) = mwparserfromhell.parse(wikitext(one)).filter_templates()
    assert str(template.name).strip() == "cite report"
    assert html.unescape(str(template.get("title").value).strip()) == expected.strip()
    if one.part.quote:
        assert html.unescape(str(template.get("quote").value).strip()) == one.part.quote
    assert str(template.get("url").value).strip() == PDF
    parsed = mwparserfromhell.parse(wikitext(one))
    assert [*parsed.filter_tags(), *parsed.filter_wikilinks(), *parsed.filter_comments()] == []


def _bibtex_entry(made: str) -> dict[str, str]:
    found = parse_string(made)
    assert len(found.entries) == 1
    assert len(found.blocks) == 1
    balance = 0
    for sign in made:
        balance += {"{": 1, "}": -1}.get(sign, 0)
        assert balance >= 0
    assert balance == 0
    (entry,) = found.entries
    return {"ENTRYTYPE": entry.entry_type, **{field.key: str(field.value) for field in entry.fields}}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_titles_are_read_back_exactly(hostile: str) -> None:
    _read_back(hostile, hostile)
    _read_back(f"A {hostile} title", f"the {hostile} words")


TITLES = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\\{}%#$&_^~|[]<>'\"=@-\r\n, .")), max_size=60)


@given(title=TITLES, quote=TITLES)
@settings(max_examples=100, deadline=None)
@example(title="\\", quote="}")
def test_any_title_is_read_back_exactly(title: str, quote: str) -> None:
    _read_back(title, quote)


@given(title=TITLES)
@settings(max_examples=30, deadline=None)
def test_any_title_is_cited_by_every_style_as_it_is(title: str) -> None:
    one = cited(_told(title), "3")
    letters = "".join(filter(str.isalnum, one.item["title"])).lower()
    for style in ("bluebook", "apa", "mla"):
        made = cite_in(BY_NAME[style], one)
        assert not made.failed
        assert "\n" not in made.text
        assert letters in "".join(filter(str.isalnum, made.text)).lower(), made


def test_figures_of_hostile_citations() -> None:
    forms = 0
    for told, hostile in zip(itertools.cycle(KINDS.values()), HOSTILE[::3], strict=False):
        facts = {name: getattr(told, name) for name in told.__dataclass_fields__}
        made = as_data(cited(Described(**{**facts, "title": hostile}), "3", clean(hostile)))
        forms += len(made["styles"]) + 4
        assert not any(one["failed"] for one in made["styles"])
        assert "\ue0f1" not in json.dumps(made, ensure_ascii=False)
    figure("XS-09", titles=len(HOSTILE), forms=forms, read_back_otherwise=0, failed_styles=0)
