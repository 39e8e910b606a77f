"""SV-06: each host is asked as gently as was said, and left alone where it says so; counted from the server's log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.counted_site import CountedSite, Reply
from tests.demo_archive import rows
from tests.figures import figure
from tests.live_crawls import HTML, crawled, outcomes, site_pages


def first(reply: Reply, then: Reply | Callable[..., Reply]) -> Callable[..., Reply]:
    """Answer so once, and well from then on."""
    assert isinstance(then, Reply)
    return lambda path, headers, before: then if before else reply


def busy(status: int, wait: str | None) -> Reply:
    return Reply(b"busy", status, {} if wait is None else {"Retry-After": wait})


ONE_BY_ONE = {"*": {"delay": 0, "concurrency": 1}}
WAITS: tuple[tuple[int, str | None], ...] = (
    (429, "1"), (503, "1"), (429, None), (429, "-1"), (429, "soon"), (503, "Mon, 08 Jan 2018 10:00:00 GMT"),
    (503, None), (500, None), (429, "0"),
)  # fmt: skip


def test_a_server_that_says_not_now_is_asked_again_later(tmp_path: Path) -> None:
    pages = site_pages(len(WAITS), len(WAITS), files=False)
    for number, (status, wait) in enumerate(WAITS):
        pages[f"/page-{number}"] = first(busy(status, wait), pages[f"/page-{number}"])
    with CountedSite(pages) as site:
        report = crawled(tmp_path, site, RETRY_ENABLED=True, HOST_RULES=ONE_BY_ONE, RETRY_AFTER_UNSAID=0.2)
    assert report["failures"] == 0
    assert outcomes(report)["document"] == len(WAITS)
    assert outcomes(report).keys() <= {"document", "listing", "robots", "blocked", "server-error"}
    assert Counter(site.asked()) == {"/robots.txt": 1, "/list-0": 1, **{f"/page-{n}": 2 for n in range(len(WAITS))}}
    for number, one in enumerate(site.log[:-1]):
        if one.path in ("/page-0", "/page-1") and one.status != 200:
            assert site.log[number + 1].at - one.at > 0.9, "nothing is asked while it is to be left alone"


@pytest.mark.parametrize("wait", ["86400", "Sat, 26 Jan 2086 15:00:00 GMT"])
def test_a_server_that_says_not_for_long_is_given_up(tmp_path: Path, wait: str) -> None:
    pages = site_pages(6, 6, files=False)
    pages["/page-3"] = first(busy(503, wait), pages["/page-3"])
    with CountedSite(pages) as site:
        report = crawled(tmp_path, site, RETRY_ENABLED=True, HOST_RULES=ONE_BY_ONE)
        asked = len(site.log)
    assert [run["status"] for run in report["runs"]] == ["given-up"]
    assert report["failures"] > 0
    assert site.log[-1].status == 503, "it was asked for nothing after that"
    ((left,),) = rows(tmp_path, "SELECT detail FROM outcomes WHERE outcome = 'host-given-up'")
    assert left.startswith(f"{6 + 2 - asked + 1} requests were left: it answered 503")


def test_a_server_that_fails_all_night_is_given_up(tmp_path: Path) -> None:
    pages = site_pages(30, 30, files=False)
    pages |= {path: Reply(b"", 500) for path in pages if path.startswith("/page-")}
    with CountedSite(pages) as site:
        report = crawled(tmp_path, site, RETRY_ENABLED=True, HOST_RULES=ONE_BY_ONE, MAX_FAILURES_IN_A_ROW=10)
    assert len(site.log) == 12
    assert (outcomes(report)["host-given-up"], report["runs"][0]["status"]) == (1, "given-up")


def test_what_is_refused_is_blocked_and_never_gone(tmp_path: Path) -> None:
    """SV-06: 401, 403, 451, 999, 500 and 503 on one night say nothing of whether a document is there."""
    statuses = (401, 403, 451, 999, 500, 503)
    pages = site_pages(len(statuses), len(statuses), files=False)
    with CountedSite(pages) as site:
        crawled(tmp_path, site)
        for number, status in enumerate(statuses):
            site.pages[f"/page-{number}"] = Reply(b"no", status)
        report = crawled(tmp_path, site)
        asked = Counter(site.asked())
    assert outcomes(report) == {"blocked": 3, "server-error": 3, "unchanged": 2, "below-expected": 1}
    assert {one for (one,) in rows(tmp_path, "SELECT listing FROM documents")} == {"listed"}
    assert rows(tmp_path, "SELECT count(*) FROM outcomes WHERE outcome = 'not-found'") == [(0,)]
    assert max(asked.values()) == 2
    figure("SV-06", statuses=len(statuses) + len(WAITS), most_requests_of_one_address_in_a_night=1, wrongly_gone=0)


def test_a_delay_is_kept_to(tmp_path: Path) -> None:
    """Requests per host and second, counted by the server: so many can't have come in less time."""
    with CountedSite(site_pages(8, 4, files=False)) as site:
        crawled(tmp_path, site, HOST_RULES={"127.0.0.1": {"delay": 0.3, "concurrency": 3}})
    times = sorted(one.at for one in site.log)
    assert len(times) == 11
    assert times[-1] - times[0] > 0.3 * 10 - 0.1


BUDGET = {"*": {"delay": 0, "concurrency": 4, "requests_a_night": 6}}


def test_a_budget_is_kept_to_by_all_crawls_of_a_night(tmp_path: Path) -> None:
    with CountedSite(site_pages(8, 8, files=False)) as site:
        report = crawled(tmp_path, site, HOST_RULES=BUDGET)
        assert len(site.log) == 6
        assert (report["failures"], report["runs"][0]["status"]) == (0, "budget")
        ((left,),) = rows(tmp_path, "SELECT detail FROM outcomes WHERE outcome = 'over-budget'")
        assert left == "4 requests were left: 6 requests a night"
        crawled(tmp_path, site, HOST_RULES=BUDGET)
        assert len(site.log) == 6, "a second crawl has no budget of its own"


def robots(*lines: str) -> Reply:
    return Reply("\n".join(["User-agent: *", *lines, ""]).encode(), 200, {"Content-Type": "text/plain"})


def changing(path: str, headers: Mapping[str, str], before: int) -> Reply:
    return robots("Disallow: /page-") if before else robots()


LONG = "\n".join(f"Disallow: /nowhere-{n}-{'x' * 80}" for n in range(100_000))
# What robots.txt is; what is asked for beside it; an outcome that must be named.
ROBOTS: dict[str, tuple[Reply | Callable[..., Reply], set[str], str]] = {
    "status 500": (Reply(b"", 500), set(), "robots-unreachable"),
    "status 404": (Reply(b"Disallow: /", 404), {"/list-0", "/page-0", "/page-1"}, "robots"),
    "a circle": (Reply(b"", 302, {"Location": "/robots.txt"}), {"/list-0", "/page-0", "/page-1"}, "redirect-loop"),
    "forbids all": (robots("Disallow: /"), set(), "robots-disallowed"),
    "forbids us": (
        Reply(b"User-agent: oversightarchive\nDisallow: /page-1\n"),
        {"/list-0", "/page-0"},
        "robots-disallowed",
    ),
    "10 MB": (robots("Disallow: /page-1", LONG, "Disallow: /"), {"/list-0", "/page-0"}, "robots-disallowed"),
    "a huge delay": (robots("Crawl-delay: 86400"), {"/list-0", "/page-0", "/page-1"}, "robots"),
    "changes at night": (changing, {"/list-0"}, "robots-disallowed"),
    "not text": (Reply(bytes(range(256)) * 40, 200, HTML), {"/list-0", "/page-0", "/page-1"}, "robots"),
}


@pytest.mark.parametrize("case", ROBOTS)
def test_robots_txt(tmp_path: Path, case: str) -> None:
    """SV-16, RFC 9309 2.3.1: requests against robots.txt 0, whatever it is."""
    said, asked, outcome = ROBOTS[case]
    with CountedSite({**site_pages(2, 2, files=False), "/robots.txt": said}) as site:
        report = crawled(tmp_path, site, MAX_CRAWL_DELAY=0.2, ROBOTS_MAX_AGE=0 if case == "changes at night" else 99)
    assert set(site.asked()) - {"/robots.txt"} == asked
    figure("SV-16", robots=case, asked=len(asked), against_robots=0)
    assert outcome in outcomes(report)
