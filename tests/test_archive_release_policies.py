"""What a source's policy keeps back stands nowhere in a release's file; nor does a contact of a structured record."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.release.contacts import MASK, masked
from archive.release.excerpts import GAP, MOST_WORDS, excerpt, link_words
from archive.release.folder import Releases
from archive.release.policies import AS_PUBLISHED, EXCERPT, FULL, METADATA, Policies
from archive.research.documents import find_document, find_version
from archive.research.pictured import NOT_SHOWN, why_not_given, why_not_pictured
from pipelines.following import FollowingError, read_following
from tests.released import ask, build, change, unreleased

__all__ = ["unreleased"]

CANARY = "zyxwcanary"
ARTICLE = "thinkprogress-org-license-plate-tracking-ice-system-bd76f18f676e@2dbaf0a978"
PIA = "SELECT newest_version FROM documents WHERE id = 'dhs-ice-pia-039a'"


def _plant(path: Path, version: str) -> None:
    """Put a word into every place where a version's text is kept."""
    of = f"version = ({version})"
    document = f"(SELECT document FROM versions WHERE id = ({version}))"
    change(
        path,
        f"UPDATE pages SET text = text || ' {CANARY}1 and the last word', also = '{CANARY}2', broken = '{CANARY}-3'"
        f" WHERE {of}",
        f"INSERT INTO facts SELECT ({version}), 900, {document}, 'note', '{CANARY}4', 1",
        f"INSERT INTO outline SELECT ({version}), 900, {document}, 1, '', '{CANARY}5', 1",
        f"INSERT INTO page_tables SELECT ({version}), 1, 900, {document}, 0, 1, 1, '[[\"{CANARY}6\"]]'",
        f"INSERT INTO facts SELECT ({version}), 901, {document}, 'quotation', '{CANARY}7 stands on no page', 1",
    )


def _found(path: Path, number: int) -> set[str]:
    """Return the planted words that a release's file has, as bytes or in its index."""
    content = Releases(path).database(number).read_bytes()
    found = {one.decode() for one in re.findall(CANARY.encode() + rb"-?[0-9]", content)}
    indexed = ask(path, number, f"SELECT count(*) FROM pages_fts WHERE pages_fts MATCH '{CANARY}*'")[0][0]
    return found | ({"(index)"} if indexed else set())


@pytest.mark.parametrize(
    ("version", "policies", "kept"),
    [
        (f"'{ARTICLE}'", Policies(), False),
        (f"'{ARTICLE}'", Policies({"news": EXCERPT}), False),
        (f"'{ARTICLE}'", Policies({"news": METADATA}), False),
        (f"'{ARTICLE}'", Policies({"news": FULL}), True),
        (PIA, Policies({"dhs_pia": METADATA}), False),
        (PIA, Policies({"dhs_pia": EXCERPT}), False),
        (PIA, Policies({"news": METADATA}), True),
    ],
)
def test_what_is_kept_back_stands_nowhere(unreleased: Path, version: str, policies: Policies, kept: bool) -> None:
    _plant(unreleased, version)
    build(unreleased, policies=policies)
    found = _found(unreleased, 1)
    whole = {"(index)", f"{CANARY}-3", *(f"{CANARY}{one}" for one in (1, 2, 4, 5, 6, 7))}
    assert found == (whole if kept else set())


@pytest.mark.parametrize("outcome", ["text", "no-text-layer", "garbled-text", "page-failed", "ocr-failed"])
@pytest.mark.parametrize(("policy", "why"), [(EXCERPT, NOT_SHOWN), (METADATA, NOT_SHOWN), (FULL, "")])
def test_pictures_show_no_page_that_a_policy_keeps_back_also_where_nobody_could_read_it(
    unreleased: Path, policy: str, why: str, outcome: str
) -> None:
    unread = "" if outcome == "text" else ", text = '', parts = '[]'"
    change(
        unreleased,
        f"UPDATE versions SET outcome = '{outcome}' WHERE id = ({PIA})",
        f"UPDATE pages SET outcome = '{outcome}'{unread} WHERE version = ({PIA})",
    )
    build(unreleased, policies=Policies({"dhs_pia": policy}))
    with closing(sqlite3.connect(Releases(unreleased).database(1))) as release:
        document = find_document(release, "dhs-ice-pia-039a")
        assert document is not None
        version = find_version(release, document, "")
        assert version is not None
        assert why_not_pictured(release, version, whole=False) == why
        assert why_not_given(release, version, whole=False) == why
        assert why_not_pictured(release, version, whole=True) == ""


def test_of_an_article_no_five_words_stand_outside_its_excerpt(unreleased: Path) -> None:
    build(unreleased)
    content = Releases(unreleased).database(1).read_bytes()
    links = 'SELECT printed FROM "references" UNION ALL SELECT description FROM sources'
    told = ask(unreleased, 1, f"SELECT text FROM pages UNION ALL {links}")
    published = "\n".join(" ".join(row[0].split()) for row in told)
    with closing(sqlite3.connect(unreleased / "archive.db")) as catalogue:
        texts = [row[0] for row in catalogue.execute("SELECT text FROM pages JOIN articles USING (version)")]
    looked_for = 0
    for text in texts:
        places = [found.span() for found in re.finditer(r"\S+", text)]
        for (start, _), (_, end) in zip(places, places[4:], strict=False):
            passage = text[start:end]
            if " ".join(passage.split()) not in published:
                looked_for += 1
                assert passage.encode() not in content, passage
    assert looked_for > 600
    for text, outcome in ask(unreleased, 1, "SELECT text, outcome FROM pages JOIN articles USING (version)"):
        assert outcome == "excerpt"
        assert "neither owns that database nor adds license plate records to it" in text, "the quotation"
    assert ask(unreleased, 1, "SELECT count(*) FROM articles WHERE headline <> ''") == [(5,)]


def test_an_article_is_an_excerpt_whoever_brought_it() -> None:
    assert Policies().of("news", "news", article=True) == EXCERPT
    assert Policies().of("import", "news", article=True) == EXCERPT
    assert Policies({"import": FULL}).of("import", "news", article=True) == EXCERPT
    assert Policies({"news": FULL}).of("import", "news", article=True) == FULL
    assert Policies({"news": FULL, "import": METADATA}).of("import", "news", article=True) == METADATA
    assert Policies({"news": METADATA}).of("news", "news", article=False) == METADATA
    assert Policies().of("dhs_pia", "dhs_pia", article=False) == FULL
    assert AS_PUBLISHED.of("news", "news", article=True) == FULL


def test_an_excerpt_is_capped_and_cuts_no_passage() -> None:
    words = [f"w{at}" for at in range(4000)]
    text = " ".join(words)
    quotations = [" ".join(words[at : at + 60]) for at in range(0, 4000, 100)]
    taken = excerpt(text, ["Head", "2018-01-26"], quotations, words[5:4000:97]).split(GAP)
    assert taken[:2] == ["Head", "2018-01-26"]
    assert [one in GAP.join(taken) for one in quotations[:5]] == [True] * 4 + [False]
    assert sum(len(one.split()) for one in taken[2:]) <= MOST_WORDS
    assert excerpt("", [], ["a"], ["b"]) == ""
    assert excerpt("one two", [], ["one two"], ["one"]) == "", "a text that is all quotation is nobody's excerpt"
    assert link_words("a b c") == "a b c"
    assert link_words(text) == " ".join(words[:12]) + " …"


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Call (202) 555-0147 x12.", "(202) 555-0147 x12"),
        ("Tel. 202-555-0147", "202-555-0147"),
        ("202.555.0147 or +1 202 555 0147", "202.555.0147|+1 202 555 0147"),
        ("phone: 2025550147", "2025550147"),
        ("+44 20 7946 0958", "+44 20 7946 0958"),
        ("mail jane.roe@example.gov today", "jane.roe@example.gov"),
        ("jane [at] example [dot] gov", "jane [at] example [dot] gov"),
        ("order 70CDCR18P00000017 of HSCECR-14-Q-00006", ""),
        ("561611, D317, 2018-01-26, 20180126, $1,234,567.89 and 3-5-2019", ""),
        ("20528-0075 is a ZIP code; 832109234 a number", ""),
        ("notice id 6c5dd1b5205789d6abb00c86fb5ba28d", ""),
        ("five officers @ the gate", ""),
    ],
)
def test_contacts_are_masked_and_numbers_are_not(text: str, hidden: str) -> None:
    expected = text
    for one in filter(None, hidden.split("|")):
        expected = expected.replace(one, MASK * len(one))
    assert masked(text) == expected


def test_of_structured_records_contacts_are_left_out_and_of_files_they_stay(unreleased: Path) -> None:
    mail, phone = "jane.roe@example.gov", "(202) 555-0147"
    change(
        unreleased,
        f"UPDATE notices SET description = description || ' Ask {mail} or {phone}.'",
        f"UPDATE awards SET description = description || ' Ask {mail} or {phone}.'",
        f"UPDATE pages SET text = text || ' Ask {mail} or {phone}.' WHERE version IN (SELECT version FROM notices)",
    )
    build(unreleased)
    content = Releases(unreleased).database(1).read_bytes()
    assert mail.encode() not in content
    assert phone.encode() not in content
    assert ask(unreleased, 1, "SELECT count(*) FROM notices WHERE description LIKE '%Ask •%'") == [(14,)]
    assert ask(unreleased, 1, "SELECT count(*) FROM pages_fts WHERE pages_fts MATCH 'roe'") == [(0,)]
    change(unreleased, f"UPDATE pages SET text = text || ' Ask {mail} or {phone}.' WHERE version = ({PIA})")
    build(unreleased)
    content = Releases(unreleased).database(2).read_bytes()
    assert mail.encode() in content
    assert phone.encode() in content


def test_a_policy_is_one_of_three(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text('[sources.news]\npublish = "metadata"\n')
    assert read_following(file).publish == {"news": "metadata"}
    for wrong in ('"all"', "true", "[]"):
        file.write_text(f"[sources.news]\npublish = {wrong}\n")
        with pytest.raises(FollowingError, match=r"\[sources.news\] publish"):
            read_following(file)
