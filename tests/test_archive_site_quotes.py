"""The page that checks a draft: what it says of each quotation, what it takes, and that it keeps nothing."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from datasette.app import Datasette

from archive.site import quote_views
from archive.site.server import ArchiveDatasette, open_archive
from tests.asking_the_site import get, has_foreign_script
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.made_drafts import docx, in_pdf, paragraph

EXACT = "The vendor, not ICE, decides from which cameras the records come"
DRAFT = (
    f"“{EXACT}” (DHS/ICE/PIA-039(a), p. 7). “ICE obtains access to a national license plate reader database”.\n\n"
    f"“{EXACT}” (PIA-045) and “nobody anywhere counted the zebras of <b>the</b> hills”, a “scare quote”."
)


@pytest.fixture(scope="module")
def site(demo_made: DemoArchive) -> ArchiveDatasette:
    return open_archive(demo_made.path)


def post(site: Datasette, path: str, **options: Any) -> Any:
    async def ask() -> Any:
        return await site.client.post(path, **options)

    return asyncio.run(ask())


def test_each_quotation_is_shown_with_its_page(site: ArchiveDatasette) -> None:
    page = post(site, "/quotes", data={"text": DRAFT})
    assert page.status_code == 200
    assert "1 exact · 1 near · 1 elsewhere · 1 absent" in page.text
    assert "It stands on page 3 (printed “2”), not 7." in page.text
    assert "<del>national</del>" in page.text
    assert "<ins>commercial</ins>" in page.text
    assert 'href="/d/dhs-ice-pia-039a@239d076958/p3?quote=the-vendor' in page.text
    assert 'data-copy="#citation-1"' in page.text
    assert "scare quote" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_what_is_pasted_is_text_and_no_markup(site: ArchiveDatasette) -> None:
    """XS-05: what a draft holds is escaped, in what became of it, in what is skipped and in the form."""
    planted = '<script>alert(1)</script><img src=x onerror=alert(1)>" onfocus=alert(1) x="'
    for text in (
        f"“a quotation {planted} of words”",
        f"“{planted}",
        f"> {planted} and some more words",
        f"</textarea>{planted}",
    ):
        page = post(site, "/quotes", data={"text": text, "document": planted})
        assert page.status_code == 200
        assert not has_foreign_script(page.text)
        assert "<img" not in page.text
        assert page.text.count("</textarea>") == 1


def test_the_same_as_data(site: ArchiveDatasette) -> None:
    sent = post(site, "/quotes.json", content=DRAFT.encode(), headers={"content-type": "text/markdown"}).json()
    assert [row["outcome"] for row in sent["quotations"]] == ["exact", "near", "elsewhere", "absent"]
    assert [row["number"] for row in sent["quotations"]] == [1, 2, 3, 4]
    assert [row["good"] for row in sent["quotations"]] == [False] * 4
    assert sent["counts"] == {"exact": 1, "near": 1, "elsewhere": 1, "absent": 1}
    assert sent["skipped"][0]["words"] == "scare quote"
    assert sent["release"] == 1
    assert get(site, "/quotes.json").json()["quotations"] == []
    assert get(site, "/quotes").status_code == 200


@pytest.mark.parametrize(
    ("name", "body"), [("a.docx", docx(paragraph(f"“{EXACT}”"))), ("a.html", f"<q>{EXACT}</q>".encode())]
)
def test_a_file_is_read_as_what_it_is(site: ArchiveDatasette, name: str, body: bytes) -> None:
    page = post(site, "/quotes", data={"text": ""}, files={"file": (name, body)})
    assert "1 exact" in page.text


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"x" * 10_020_000, 413), (b"PK\x03\x04 no", 400), (b"\0" * 2000, 400), (in_pdf()[:300], 400)],
)  # fmt: skip
def test_what_can_not_be_checked_is_refused_by_name(site: ArchiveDatasette, body: bytes, status: int) -> None:
    answer = post(site, "/quotes.json", content=body, headers={"content-type": "application/octet-stream"})
    assert answer.status_code == status
    assert answer.json()["error"]


def test_only_so_many_are_checked_at_a_time(site: ArchiveDatasette, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQ-11: the third of three is asked to come again, and the next one has its turn."""

    async def three() -> list[int]:
        answers = await asyncio.gather(*(site.client.post("/quotes.json", data={"text": DRAFT}) for _ in range(4)))
        return sorted(answer.status_code for answer in answers)

    found = asyncio.run(three())
    figure("SQ-11 quotes", at_once=4, statuses=found)
    assert found == [200, 200, 503, 503]
    monkeypatch.setattr(quote_views, "SECONDS", 0.0)
    told = post(site, "/quotes.json", data={"text": DRAFT}).json()
    assert "more were not checked" in told["notes"][0]


def test_nothing_of_a_draft_is_logged_or_kept(site: ArchiveDatasette, caplog: pytest.LogCaptureFixture) -> None:
    """SC-08: a canary of the draft is in no log, in no kept answer, and in no later page."""
    canary = "zyxwv quotation canary 7411"
    with caplog.at_level(logging.DEBUG):
        page = post(site, "/quotes", data={"text": f"“{canary} of words”"})
    assert canary in page.text
    kept = site.serving.current.answers  # type: ignore[union-attr]
    held = [answer for answer in getattr(kept, "_held", {}) if canary in repr(answer)]
    figure("SC-08 quotes", in_logs=canary in caplog.text, kept=len(held))
    assert canary not in caplog.text
    assert held == []
    assert canary not in get(site, "/quotes").text
