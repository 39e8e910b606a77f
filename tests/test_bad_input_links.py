"""Pages that lead elsewhere than they seem to: their links go where a browser's would, or are dropped (HT-03)."""

from __future__ import annotations

import pytest
from scrapy.http import HtmlResponse, Request, TextResponse

from pipelines.items import Article, Listed, WebPage
from spiders._articles import article_links, canonical_of
from spiders._markup import base_of, page_of
from spiders.dhs_oig import DhsOig
from spiders.dhs_pia import DhsPia
from spiders.news import News
from spiders.references import References
from tests.figures import figure

PAGE = "https://www.dhs.gov/publication/plates?page=3"
OWN = "https://www.dhs.gov/publication/"
# What a page says before its text, and where its link "next" leads in a browser; "" where it leads nowhere.
HEADS = {
    "no base": ("", OWN + "next"),
    "own host": ("<base href='/archive/'>", "https://www.dhs.gov/archive/next"),
    "no folder": ("<base href='/archive/x?y#z'>", "https://www.dhs.gov/archive/next"),
    "other host": ("<base href='https://copies.example/a/'>", "https://copies.example/a/next"),
    "no scheme": ("<base href='//copies.example/a/'>", "https://copies.example/a/next"),
    "blanks around": ("<base href=' \n/archive/\t'>", "https://www.dhs.gov/archive/next"),
    "upper case": ("<BASE HREF='HTTPS://COPIES.example/a/'>", "https://COPIES.example/a/next"),
    "two of them": ("<base href='/first/'><base href='/second/'>", "https://www.dhs.gov/first/next"),
    "the first has no address": ("<base target='_top'><base href='/second/'>", "https://www.dhs.gov/second/next"),
    "the first is broken": ("<base href='https://[x/'><base href='/second/'>", OWN + "next"),
    "empty": ("<base href=''>", OWN + "next"),
    "without a host": ("<base href='https://'>", OWN + "next"),
    "bad port": ("<base href='https://www.dhs.gov:port/a/'>", OWN + "next"),
    "javascript": ("<base href='javascript:alert(1)//'>", OWN + "next"),
    "data": ("<base href='data:text/html,x/'>", OWN + "next"),
    "mail": ("<base href='mailto:nobody'>", ""),
    "ftp": ("<base href='ftp://files.example/a/'>", ""),
    "with a login": ("<base href='https://www.dhs.gov@copies.example/a/'>", ""),
    "in a template": ("<template><base href='/archive/'></template>", OWN + "next"),
    "in a picture": ("<svg><base href='/archive/'/></svg>", OWN + "next"),
    "in a comment": ("<!-- <base href='/archive/'> -->", OWN + "next"),
    "in a script": ("<script>'<base href=\"/archive/\">'</script>", OWN + "next"),
    "in Explorer's condition": ("<!--[if IE]><base href='/archive/'><![endif]-->", OWN + "next"),
    "meta refresh": ("<meta http-equiv=refresh content='0; url=https://copies.example/a/'>", OWN + "next"),
    "meta base": ("<meta name=base content='https://copies.example/a/'>", OWN + "next"),
}
# Links whose words are kept, and where they lead in a browser.
LINKS = {
    "<a href='javascript:alert(1)'>x</a>": "",
    "<a href='java\nscript:alert(1)'>x</a>": "",
    "<a href='data:text/html,<p>x'>x</a>": "",
    "<a href='https://www.dhs.gov@copies.example/'>x</a>": "",
    "<a href='//copies.example/a'>x</a>": "https://copies.example/a",
    "<a href='\\\\copies.example\\a'>x</a>": "https://copies.example/a",
    "<a href='/\\copies.example/a'>x</a>": "https://copies.example/a",
    "<a href='a\\b?c\\d'>x</a>": OWN + "a/b?c\\d",
    "<math><mtext><a href='a'>x</a></mtext></math>": OWN + "a",
    "<p title='</p><a href=b>'><a href='a'>x</a>": OWN + "a",
    "<a href='a' href='b'>x</a>": OWN + "a",
    "<a href='a&NewLine;b'>x</a>": OWN + "ab",
    "<a href='&#106;avascript:alert(1)'>x</a>": "",
}
# Of another document, or never shown: none of these is a link of the page.
UNSEEN = (
    "<template><a href='a'>x</a></template>",
    "<noscript><a href='a'>x</a></noscript>",
    "<svg><a href='a'>x</a></svg>",
    "<svg><a xlink:href='a'>x</a></svg>",
    "<!--[if IE]><a href='a'>x</a><![endif]-->",
    "<script>document.write(\"<a href='a'>x</a>\")</script>",
    "<textarea><a href='a'>x</a></textarea>",
    "<title><a href='a'>x</a></title>",
)


def page(head: str, body: str = "<article><p>Words <a href='next'>x</a>.</p></article>") -> TextResponse:
    text = f"<html><head>{head}</head><body><h1>Plates</h1><main>{body}</main></body></html>"
    return page_of(HtmlResponse(PAGE, body=text.encode(), encoding="utf-8"))


@pytest.mark.parametrize("name", HEADS)
def test_a_link_starts_from_where_it_would_in_a_browser(name: str) -> None:
    head, target = HEADS[name]
    links, dropped = article_links(page(head))
    assert ([link.url for link in links], dropped) == ([target] if target else [], 0 if target else 1)


@pytest.mark.parametrize("markup", LINKS)
def test_a_link_goes_where_it_would_in_a_browser(markup: str) -> None:
    links, dropped = article_links(page("", f"<article>{markup}</article>"))
    assert ([link.url for link in links], dropped) == ([LINKS[markup]] if LINKS[markup] else [], int(not LINKS[markup]))


@pytest.mark.parametrize("markup", UNSEEN)
def test_what_no_reader_sees_is_no_link(markup: str) -> None:
    assert article_links(page("", f"<article><p>Words</p>{markup}</article>")) == ((), 0)


ROW = "<table><tbody><tr><td>OIG-18-53</td><td><a href='/assets/a.pdf'>Plates</a></td><td>01/26/2018</td></tr></table>"
ATTACHED = (
    "<table><tr><th>Attachment</th></tr><tr><td><a href='a.pdf'>A</a></td></tr></table>"
    "<p><a href='/publication/dhsicepia-039'>B</a> <a href='https://www.dhs.gov/publication/dhsicepia-040'>C</a></p>"
)
STORY = "<article><p>Words <a href='/2018/01/26/a-b-c'>x</a></p></article>"


def test_a_base_elsewhere_smuggles_nothing_past_the_domains() -> None:
    """Every source that follows what a page links to, with a base that makes its relative links another host's."""
    base = "<base href='https://copies.example/publication/'><link rel=canonical href='/2018/01/26/a-b-c'>"
    outlet = {"name": "example", "domains": ["dhs.gov"], "article_pattern": "."}
    news, oig, pia, cited = News(outlets=[outlet]), DhsOig(), DhsPia(), References(hosts=["dhs.gov"])
    said = [
        *news.parse_article(page(base, STORY), outlet="example", domains=["dhs.gov"], step=1),
        *oig.parse_listing(page(base, ROW), index="https://www.oig.dhs.gov/reports/all", page=0),
        *pia.parse_publication(page(base, ATTACHED)),
        *pia.parse_listing(page(base, ATTACHED), index="https://www.dhs.gov/privacy-impact-assessments", page=0),
        *cited.parse_cited(page(base, ATTACHED)),
    ]
    asked = [one.url for one in said if isinstance(one, Request)]
    assert set(asked) == {"https://www.dhs.gov/publication/dhsicepia-040"}
    told = {one.url for one in said if isinstance(one, Listed)}
    told |= {link.url for one in said if isinstance(one, Article | WebPage) for link in one.links}
    assert {url for url in told if "copies.example" in url} >= {
        "https://copies.example/assets/a.pdf", "https://copies.example/publication/a.pdf",
        "https://copies.example/2018/01/26/a-b-c",
    }  # fmt: skip
    assert canonical_of(page(base), ["dhs.gov"]) == ("", ["https://copies.example/2018/01/26/a-b-c"])
    figure("HT-03", pages=len(HEADS), links=len(LINKS), unseen=len(UNSEEN), sources=4, asked_of_another_host=0)


def test_ten_thousand_bases_cost_no_more_than_one() -> None:
    assert base_of(page("", "<template>" * 500 + "<base href='/a/'>" * 10_000)) == PAGE
