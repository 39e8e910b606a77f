"""What versions refer to, and which document each reference leads to, now and after the next night."""

from __future__ import annotations

import pytest

from pipelines.items import Article, File, Notice, PageLink, WebPage
from tests.evidence import Captured, World, night, prose

ICE = "Privacy Impact Assessment\nDHS/ICE/PIA-039(a)\n"
CBP = "Privacy Impact Assessment\nDHS/CBP/PIA-039(a)\n"
ICE_URL, CBP_URL, MEMO_URL = (f"https://www.dhs.gov/{name}.pdf" for name in ("ice", "cbp", "memo"))
NOTICE = "0123456789abcdef" * 2


def pdf(url: str, text: str, *links: str, at: str = night(1)) -> Captured:
    return Captured(url, at, (File(),), url + text, (text,), links)


def targets(world: World, document: str) -> dict[str, str | None]:
    """Return what a document refers to, and where that leads."""
    return {row["target"]: row["target_document"] for row in world.rows("references", "document = ?", document)}


def memo(*captured: Captured, text: str = "", links: tuple[str, ...] = ()) -> dict[str, str | None]:
    """Return the references of a memorandum with this text and these links, beside other captures."""
    return targets(World(pdf(MEMO_URL, text, *links), *captured).settle(), "dhs-gov-memo-pdf")


def test_a_number_leads_to_the_document_that_bears_it() -> None:
    assert memo(pdf(ICE_URL, ICE), text="See DHS/ICE/PIA-039(a).") == {"DHS/ICE/PIA-039(a)": "dhs-ice-pia-039a"}


def test_a_number_without_its_component_leads_somewhere_only_if_one_document_has_it() -> None:
    assert memo(pdf(ICE_URL, ICE), text="See PIA-039(a).") == {"PIA-039(a)": "dhs-ice-pia-039a"}
    assert memo(pdf(ICE_URL, ICE), pdf(CBP_URL, CBP), text="See PIA-039(a).") == {"PIA-039(a)": None}
    assert memo(pdf(ICE_URL, ICE), text="See PIA-039.") == {"PIA-039": None}


def test_a_page_titled_with_the_short_number_makes_it_no_less_clear() -> None:
    page = Captured("https://www.dhs.gov/page", night(1), (WebPage("publication page", "PIA-039(a) Plates", ()),))
    assert memo(pdf(ICE_URL, ICE), page, text="See PIA-039(a).") == {"PIA-039(a)": "dhs-ice-pia-039a"}


def test_a_document_does_not_refer_to_itself() -> None:
    text = ICE + "This PIA-039(a) updates DHS/ICE/PIA-039(a) and DHS/ICE/PIA-039."
    world = World(pdf(ICE_URL, text, ICE_URL)).settle()
    assert targets(world, "dhs-ice-pia-039a") == {"DHS/ICE/PIA-039": None, ICE_URL: None}


def test_a_notice_does_not_refer_to_itself_but_to_its_solicitation() -> None:
    numbers = {"award_number": "70CDCR18P00000017", "solicitation": "70CDCR18Q00000005"}
    said = (
        Notice(NOTICE, {"type": "Award Notice", **numbers}),
        Notice("b" * 32, {"type": "Solicitation", "solicitation": numbers["solicitation"]}),
    )
    world = World(Captured("https://sam.gov/csv", night(1), said, source="notices")).settle()
    assert targets(world, "award-70cdcr18p00000017") == {"70CDCR18Q00000005": "notice-70cdcr18q00000005"}
    assert targets(world, "notice-70cdcr18q00000005") == {}


@pytest.mark.parametrize(
    "link",
    [
        ICE_URL,
        "http://dhs.gov/ice.pdf?utm_source=feed&fbclid=1#page=2",
        "https://www.dhs.gov/older.pdf",
        "https://www.dhs.gov/oldest.pdf",
    ],
)
def test_a_link_leads_through_spelling_tracking_and_redirects(link: str) -> None:
    older, oldest = (f"https://www.dhs.gov/{name}.pdf" for name in ("older", "oldest"))
    moved = [Captured(oldest, night(1), location=older), Captured(older, night(1), location=ICE_URL)]
    assert memo(pdf(ICE_URL, ICE), *moved, links=(link,)) == {link: "dhs-ice-pia-039a"}


def test_redirects_in_a_circle_lead_nowhere() -> None:
    one, other = "https://www.dhs.gov/one", "https://www.dhs.gov/other"
    circle = [Captured(one, night(1), location=other), Captured(other, night(1), location=one)]
    assert memo(*circle, links=(one,)) == {one: None}


@pytest.mark.parametrize("form", ["https://sam.gov/opp/{}/view", "https://sam.gov/workspace/contract/opp/{}/view"])
def test_a_link_to_sam_gov_leads_to_its_notice(form: str) -> None:
    notice = Captured("https://sam.gov/csv", night(1), (Notice(NOTICE, {"type": "Solicitation"}),), source="notices")
    link = form.format(NOTICE)
    assert memo(notice, links=(link,)) == {link: f"notice-{NOTICE}"}


def test_what_is_no_web_address_is_no_reference() -> None:
    assert memo(links=("javascript:alert(1)", "mailto:someone@example.com", "https://", "")) == {}


def test_a_page_names_each_target_once() -> None:
    world = World(
        Captured(MEMO_URL, night(1), (File(),), "m", ("See DHS/ICE/PIA-001, DHS-ICE-PIA-001.", "DHS/ICE/PIA-001"))
    )
    assert [row["page"] for row in world.settle().rows("references")].count(1) == 1
    assert len(world.rows("references")) == 2


def test_a_reference_follows_what_is_held_from_load_to_load() -> None:
    target = pdf(ICE_URL, ICE, at=night(2))
    world = World(pdf(MEMO_URL, "See DHS/ICE/PIA-039(a).", ICE_URL)).settle()
    wanted = {"DHS/ICE/PIA-039(a)": None, ICE_URL: None}
    assert targets(world, "dhs-gov-memo-pdf") == wanted
    world.take(target).settle()
    assert targets(world, "dhs-gov-memo-pdf") == dict.fromkeys(wanted, "dhs-ice-pia-039a")
    world.connection.execute("DELETE FROM sightings WHERE capture = ?", (target.id,))
    assert targets(world.settle(), "dhs-gov-memo-pdf") == wanted


def test_an_address_leads_to_the_document_that_it_held_last() -> None:
    for first, last, name in ((ICE, CBP, "dhs-cbp-pia-039a"), (CBP, ICE, "dhs-ice-pia-039a")):
        world = (pdf(ICE_URL, first, at=night(1)), pdf(ICE_URL, last, at=night(2)))
        assert memo(*world, links=(ICE_URL,)) == {ICE_URL: name}


def test_another_sites_address_is_not_taken_by_naming_it_as_ones_own() -> None:
    said = Article("One", "Plates", canonical=MEMO_URL, links=(PageLink(ICE_URL, "paper"),))
    story = Captured("https://one.example/story", night(1), (said,), "story", (prose("story"),), source="news")
    assert memo(story, links=("https://one.example/story", MEMO_URL)) == {
        "https://one.example/story": "one-example-story",
        MEMO_URL: None,
    }
