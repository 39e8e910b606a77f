"""Which captures are one document, and what it is called."""

from __future__ import annotations

import pytest

from archive.catalog.describe import version_id
from archive.catalog.evidence import Said, Seen
from archive.catalog.identity import Content, Document, cover_number
from pipelines.items import Article, File, Index, Listed, Notice, PrintedDate, WebPage
from tests.evidence import Captured, World, night, prose

DHS = "https://www.dhs.gov/sites/default/files/publications"
LIST = "https://www.dhs.gov/list"
ICE_039B = "Privacy Impact Assessment\nfor the plate readers\nDHS/ICE/PIA-039(b)\n"
ICE_030 = "Privacy Impact Assessment\nDHS/ICE/PIA-030\n"


def pdf(url: str, at: str, body: str, *pages: str) -> Captured:
    return Captured(url, at, (File(),), body, pages)


def page(url: str, at: str, title: str, text: str, canonical: str = "") -> Captured:
    return Captured(url, at, (WebPage("component page", title, (text,), canonical=canonical),))


def article(url: str, at: str, headline: str, text: str, canonical: str = "") -> Captured:
    return Captured(
        url, at, (Article("An outlet", headline, canonical=canonical),), f"{url} {text}", (text,), source="news"
    )


def listing(at: str, url: str, title: str, heading: str = "") -> Captured:
    return Captured(LIST, at, (Index(LIST, 0, 1, True), Listed(LIST, url, title, heading=heading)))


def made(*captured: Captured) -> dict[str, int]:
    """Settle a world of these captures; return each document with the number of its versions."""
    return {row["id"]: row["versions"] for row in World(*captured).settle().rows("documents")}


def test_the_number_on_the_cover_beats_the_listing_and_the_file_name() -> None:
    url = f"{DHS}/privacy-pia30b-ice.pdf"
    world = (listing(night(1), url, "DHS/ICE/PIA-030(b) Plates"), pdf(url, night(1, 1), "x", ICE_039B))
    assert made(*world) == {"dhs-ice-pia-039b": 1}


def test_the_title_in_a_list_beats_the_address() -> None:
    url = f"{DHS}/pia30b.pdf"
    world = (listing(night(1), url, "DHS/ICE/PIA-039(b) Plates"), pdf(url, night(1, 1), "x", "A scan"))
    assert made(*world) == {"dhs-ice-pia-039b": 1}


def test_a_heading_above_the_entry_gives_its_number() -> None:
    url = f"{DHS}/pia30b.pdf"
    world = (listing(night(1), url, "Plates", "DHS/ICE/PIA-039(b)"), pdf(url, night(1, 1), "x", ""))
    assert made(*world) == {"dhs-ice-pia-039b": 1}


def test_a_file_name_is_never_believed() -> None:
    assert made(pdf(f"{DHS}/dhs-ice-pia-030.pdf", night(1), "x", "A memorandum")) == {
        "dhs-gov-sites-default-files-publications-dhs-ice-pia-030-pdf": 1
    }


@pytest.mark.parametrize(
    "cover",
    [
        f"Privacy Impact Assessment\n{prose('words of an introduction', 200)}\nDHS/ICE/PIA-030",
        "A memorandum on DHS/ICE/PIA-030",
        "Privacy Impact Assessment update of PIA-030",
    ],
)
def test_a_number_that_is_only_cited_is_not_the_documents_own(cover: str) -> None:
    assert cover_number(cover) is None


def test_the_same_bytes_at_two_addresses_are_one_document() -> None:
    text = prose("a memorandum without number")
    world = World(pdf(f"{DHS}/b.pdf", night(1), "x", text), pdf(f"{DHS}/a.pdf", night(2), "x", text)).settle()
    (document,) = world.rows("documents")
    assert document["versions"] == 1
    assert {row["url"] for row in world.rows("addresses")} == {f"{DHS}/a.pdf", f"{DHS}/b.pdf"}
    assert len(world.rows("aliases")) == 1


def test_of_several_addresses_the_first_that_still_gives_a_file_is_shown() -> None:
    """Which of them answered last is another one each night; who printed the address needs it to stay."""
    text = prose("a memorandum without number")
    first, second, third = (f"{DHS}/{name}.pdf" for name in "bac")

    def shown(*captured: tuple[str, str]) -> set[str]:
        world = World(*(pdf(url, at, "x", text) for url, at in captured)).settle()
        return {row["url"] for table in ("documents", "versions") for row in world.rows(table)}

    begun = [(first, night(1)), (second, night(1, 1))]
    assert shown(*begun) == {first}
    assert shown(*begun, (first, night(2)), (second, night(2, 1))) == {first}
    assert shown(*begun, (second, night(2)), (first, night(2, 1))) == {first}
    assert shown(*begun, (third, night(2)), (second, night(2, 1))) == {second}, "the first gives it no more"
    assert shown(*begun, (third, night(2))) == {third}


def test_a_file_replaced_in_place_has_two_versions() -> None:
    assert list(
        made(pdf(f"{DHS}/a.pdf", night(1), "x", "One"), pdf(f"{DHS}/a.pdf", night(2), "y", "Two")).values()
    ) == [2]


def test_two_numbers_at_one_address_over_time_are_two_documents() -> None:
    url = f"{DHS}/current.pdf"
    assert made(pdf(url, night(1), "x", ICE_039B), pdf(url, night(2), "y", ICE_030)) == {
        "dhs-ice-pia-039b": 1,
        "dhs-ice-pia-030": 1,
    }


def test_a_redirect_to_the_front_page_joins_nothing() -> None:
    world = (
        page("https://www.dhs.gov/", night(1), "Home", prose("front")),
        page("https://www.dhs.gov/ice", night(1, 1), "ICE", prose("component")),
        Captured("https://www.dhs.gov/ice", night(2), location="https://www.dhs.gov/"),
    )
    assert made(*world) == {"dhs-gov": 1, "dhs-gov-ice": 1}


def test_a_redirect_to_an_index_file_is_one_to_the_front_page() -> None:
    world = (
        page("https://www.dhs.gov/index.html", night(1), "Home", prose("front")),
        page("https://www.dhs.gov/ice/index.html", night(1, 1), "ICE", prose("component")),
        Captured("https://www.dhs.gov/ice/index.html", night(2), location="https://www.dhs.gov/index.html"),
    )
    assert len(made(*world)) == 2


def test_a_page_that_moved_under_its_name_stays_one_document() -> None:
    world = (
        article("https://one.example/2018/story-of-plates", night(1), "Plates", prose("old")),
        Captured(
            "https://one.example/2018/story-of-plates", night(2), location="https://archive.one.example/story-of-plates"
        ),
        article("https://archive.one.example/story-of-plates", night(2, 1), "Plates", prose("new")),
    )
    assert made(*world) == {"one-example-2018-story-of-plates": 2}


def test_one_article_under_two_addresses_of_a_site_is_one_document() -> None:
    text = prose("plates")
    same = [article(f"https://one.example/{name}", night(1, place), "Plates", text) for place, name in enumerate("ab")]
    assert made(*same) == {"one-example-a": 1}


def test_syndicated_text_on_two_sites_stays_two_documents() -> None:
    text = prose("plates")
    same = [article(f"https://{site}.example/story", night(1), "Plates", text) for site in ("one", "two")]
    assert made(*same) == {"one-example-story": 1, "two-example-story": 1}


@pytest.mark.parametrize("text", ["", "Page not available", prose("moved", 40)])
def test_short_equal_pages_of_one_site_stay_apart(text: str) -> None:
    assert len(made(*(page(f"https://www.dhs.gov/{name}", night(1), "Privacy", text) for name in "ab"))) == 2


def test_short_equal_articles_stay_apart() -> None:
    same = [article(f"https://one.example/{name}", night(1), "Plates", "Subscribe to read") for name in "ab"]
    assert len(made(*same)) == 2


def test_a_wall_in_place_of_two_articles_joins_them_not() -> None:
    wall = prose("subscribe to go on reading", 300)
    same = [article(f"https://one.example/{name}", night(1), f"Story {name}", wall) for name in "ab"]
    assert len(made(*same)) == 2


def test_a_short_page_that_moved_within_its_site_is_told_by_the_redirect() -> None:
    world = (
        page("https://www.dhs.gov/old/privacy-ice", night(1), "Privacy", "Short"),
        Captured("https://www.dhs.gov/old/privacy-ice", night(2), location="https://www.dhs.gov/privacy-ice"),
        page("https://www.dhs.gov/privacy-ice", night(2, 1), "Privacy", "Short"),
    )
    assert made(*world) == {"dhs-gov-old-privacy-ice": 1}


def test_an_article_and_a_page_at_one_address_are_two_documents() -> None:
    url = "https://www.dhs.gov/story"
    world = World(
        page(url, night(1), "Page", prose("page")), article(url, night(1, 1), "Story", prose("story"))
    ).settle()
    assert {row["kind"] for row in world.rows("documents")} == {"component page", "article"}
    assert len(world.rows("articles")) == 1


def test_of_two_documents_with_one_name_the_one_seen_first_has_it_for_good() -> None:
    url = "https://www.dhs.gov/story"
    first = page(url, night(2), "Page", prose("page"))
    (held,) = made(first)
    world = World(
        first, pdf(url, night(3), "x", "No number"), page("https://www.dhs.gov/sto/ry", night(1), "", "")
    ).settle()
    names = {row["kind"]: row["id"] for row in world.rows("documents", "url = ?", url)}
    assert names["component page"] == held
    assert names["file"].startswith(f"{held}-")


def test_names_that_only_differ_in_signs_are_told_apart() -> None:
    assert sorted(
        made(
            *(
                page(f"https://www.dhs.gov/{name}", night(1, place), name, "")
                for place, name in enumerate(["a-b", "a/b"])
            )
        )
    ) == [
        "dhs-gov-a-b",
        "dhs-gov-a-b-"
        + sorted(
            made(
                *(
                    page(f"https://www.dhs.gov/{name}", night(1, place), name, "")
                    for place, name in enumerate(["a-b", "a/b"])
                )
            )
        )[1][-6:],
    ]


def test_a_version_is_named_by_as_much_of_its_digest_as_tells_it_apart() -> None:
    seen = Seen(
        "c",
        "library",
        "r",
        "response",
        "https://a.example/",
        "a.example",
        night(1),
        200,
        "",
        1,
        "d",
        "",
        "",
        "document",
        "",
        False,
    )
    digests = ("ab" * 32, "ab" * 6 + "cd" * 26, "cd" * 32)
    contents = tuple(Content(digest, (Said(seen, "file", {}),), None) for digest in digests)
    document = Document("x", "file", None, contents, (), frozenset())
    assert [version_id(document, content) for content in contents] == [
        "x@ababababababa",
        "x@ababababababc",
        "x@cdcdcdcdcd",
    ]


def test_page_keys_fit_into_53_bits() -> None:
    world = World(pdf(f"{DHS}/a.pdf", night(1), "x", *("page",) * 50)).settle()
    keys = [row["id"] for row in world.rows("pages")]
    assert len(set(keys)) == 50
    assert all(0 <= key < 2**53 for key in keys)
    assert max(keys) > 2**48


def notice(at: str, *said: Notice) -> Captured:
    return Captured("https://sam.gov/csv", at, said, source="notices")


def test_amendments_of_a_notice_are_versions_of_it_the_last_posted_the_newest() -> None:
    old = Notice(
        "a" * 32, {"type": "Solicitation", "solicitation": "70CDCR18Q00000005", "posted": "2018-01-02", "title": "Old"}
    )
    new = Notice("b" * 32, {**old.record, "posted": "2018-01-09", "title": "New"})
    for order in ((old, new), (new, old)):
        world = World(notice(night(1), *order)).settle()
        (document,) = world.rows("documents")
        assert (document["title"], document["versions"]) == ("New", 2)
        assert [row["title"] for row in sorted(world.rows("versions"), key=lambda row: row["ordinal"])] == [
            "Old",
            "New",
        ]


def test_an_award_a_justification_and_a_solicitation_are_three_documents() -> None:
    numbers = {"solicitation": "70CDCR18Q00000005", "award_number": "70CDCR18P00000017"}
    kinds = ("Solicitation", "Award Notice", "Justification")
    said = (Notice(f"{place:032x}", {**numbers, "type": kind}) for place, kind in enumerate(kinds))
    assert sorted(made(notice(night(1), *said))) == [
        "award-70cdcr18p00000017",
        "justification-70cdcr18q00000005",
        "notice-70cdcr18q00000005",
    ]


def test_scans_replaced_in_place_go_by_the_number_they_were_listed_under_then() -> None:
    url = f"{DHS}/current.pdf"
    titles = {1: "DHS/ICE/PIA-001 One", 2: "DHS/ICE/PIA-002 Two"}
    world = World(
        *(one for n in (1, 2) for one in (listing(night(n), url, titles[n]), pdf(url, night(n, 1), f"{n}", "")))
    )
    assert {row["id"]: row["title"] for row in world.settle().rows("documents")} == {
        "dhs-ice-pia-001": titles[1],
        "dhs-ice-pia-002": titles[2],
    }


def test_a_file_handed_in_for_a_listed_address_is_a_version_of_what_is_listed() -> None:
    url = f"{DHS}/current.pdf"
    copy = Captured(url, night(3), (File(),), "older copy", ("",), source="deposit", kind="resource")
    assert made(listing(night(1), url, "DHS/ICE/PIA-001 One"), pdf(url, night(1, 1), "x", ""), copy) == {
        "dhs-ice-pia-001": 2
    }


def test_the_title_is_the_one_under_which_a_file_was_last_listed() -> None:
    url = f"{DHS}/a.pdf"
    world = World(
        listing(night(1), url, "Plates"), pdf(url, night(1, 1), "x", ""), listing(night(2), url, "Plates, revised")
    )
    assert [row["title"] for row in world.settle().rows("documents")] == ["Plates, revised"]


def republished(number: int, day: str, cover: str, title: str = "DHS/ICE-011 Arrests") -> list[Captured]:
    """A list and the notice that it shows, captured in the order of their numbers."""
    url = f"https://www.govinfo.gov/{day}.pdf"
    entry = Listed("https://www.dhs.gov/notices", url, title, dates=(PrintedDate("published", day),))
    return [
        Captured("https://www.dhs.gov/notices", night(1, 10 * number), (entry,)),
        Captured(url, night(1, 10 * number + 1), (File(),), f"bytes of {day}", (cover,)),
    ]


def test_a_system_that_was_published_again_is_one_document_the_last_published_the_newest() -> None:
    head = "Federal Register / Vol. 81, No. 202 / Wednesday, October 19, 2016 / Notices\n"
    later, earlier = (republished(place, day, head) for place, day in enumerate(("2016-10-19", "2015-04-30")))
    (row,) = World(*later, *earlier).settle().rows("documents")
    assert (row["id"], row["versions"], row["url"]) == ("dhs-ice-011", 2, "https://www.govinfo.gov/2016-10-19.pdf")
    versions = World(*later, *earlier).settle().rows("versions")
    assert {version["ordinal"]: version["url"][-14:-4] for version in versions} == {1: "2015-04-30", 2: "2016-10-19"}


def test_a_page_of_the_register_may_begin_with_another_notice() -> None:
    cover = "72080 Federal Register / Vol. 81, No. 202 / Notices\nthe system of records DHS/CBP-006. Filed."
    assert cover_number(cover) is None
    (row,) = World(*republished(1, "2016-10-19", cover)).settle().rows("documents")
    assert row["id"] == "dhs-ice-011"
    (row,) = World(*republished(1, "2016-10-19", cover, "Privacy Act of 1974")).settle().rows("documents")
    assert row["number"] == ""
