"""What a message looks like as mail, as JSON, as a line: told whole, and nothing of strangers' text acts (XS-11)."""

from __future__ import annotations

import json
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
from lxml import html

from archive.watches.model import Message, SourceState
from archive.watches.written.line import lines_of
from archive.watches.written.mail import mail_of, message_id
from archive.watches.written.webhook import webhook_body
from archive.watches.written.words import linked, plain
from tests.conftest import ROOT
from tests.figures import figure
from tests.told_messages import AT, BLOCKED, SITE, hit, message, place

VALID = jsonschema_rs.validator_for(json.loads((ROOT / "docs" / "webhook.schema.json").read_text("utf-8")))
# Each kind of text that is said to act somewhere: in a header, in HTML, in a terminal, in a chat, in a reader's eyes.
HOSTILE = (
    "x\r\nBcc: canary@evil.example\r\n\r\n<b>canary</b>",
    "x\nSubject: canary",
    "=?utf-8?q?canary=0D=0ABcc:_canary=40evil.example?=",
    "=?utf-8?b?DQpCY2M6IGNhbmFyeUBldmlsLmV4YW1wbGU=?=",
    "<img src=https://evil.example/canary.png>",
    "<script>alert('canary')</script>",
    "</title></head><body onload=alert(1)>",
    '"><a href="javascript:alert(1)">canary</a>',
    "<style>*{background:url(//evil.example/canary)}</style>",
    "<!-- --> <![CDATA[ ]]> &lt;b&gt; &#x3c;script&#x3e;",
    "\x1b]8;;https://evil.example\x07canary\x1b]8;;\x07 \x1b[2J",
    "\u202ecanary\u202c \u2066x\u2069 \u200b\u200e",
    "<!channel> <!here> <@U012AB3CD> <https://evil.example|canary>",
    "@everyone @here @room **canary** [canary](https://evil.example)",
    "canary\x00\x0b\x1f\x7f\x85\u2028\u2029",
    "\ud800 canary \udfff",
    "--=_boundary\r\nContent-Type: text/html\r\n\r\n<b>canary</b>",
    ".\r\n.\r\nMAIL FROM:<canary@evil.example>",
    "canary " * 5_000,
)
FIELDS = ("title", "number", "document", "collection", "source", "summary", "kind", "address", "difference", "version")


def read(mail: bytes) -> EmailMessage:
    parsed = message_from_bytes(mail, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def mailed(told: Message) -> bytes:
    return mail_of(told, "plates/desk", "desk@news.example", "plates@archive.example", name="Plates", site=SITE)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def everywhere(text: str) -> Message:
    """Return a message that has a text in every field that strangers, or a watch's file, can say something in."""
    places = (place(text, term=text, change=text, address=text), place("plain", address="//evil.example/canary"))
    hits = (*(hit(**{name: text}) for name in FIELDS), hit(places=places))
    source = SourceState(text, text, text, text, text)
    return message(title=text, watch=text, hits=hits, sources=(source,), notices=(text,), facts={"address": text})


def test_a_mail_tells_all_of_it_in_text_and_in_html() -> None:
    told = message(
        more=4,
        hits=(hit(more=2), hit("Other", document="other")),
        notices=("The gate is closed.",),
        facts={"address": "/w/1"},
    )
    mail = read(mailed(told))
    text, markup = body(mail, "plain"), body(mail, "html")
    first = "Replaced: Acquisition and Use of License Plate Reader Data (DHS/ICE/PIA-039(a))"
    assert mail["Subject"] == f"Licence plates: {first}, and 5 more"
    for shown in (text, html.fromstring(markup).text_content()):
        for words in (
            "Replaced: Acquisition and Use of License Plate Reader Data (DHS/ICE/PIA-039(a))", "The gate is closed.",
            "2 words put in on page 3", "page 3: “the license plate reader program” (license plate)",
            "and 2 more places", "and 4 more changes", "DHS assessments: It refused us on 20 November.", "release 12",
        ):  # fmt: skip
            assert words in shown
    assert f"{SITE}/d/dhs-ice-pia-039a/diff/u..v" in text
    assert f"{SITE}/d/dhs-ice-pia-039a@v/p3" in text
    links = [str(one[2]) for one in html.fromstring(markup).iterlinks()]
    assert len(links) == 7
    assert all(one.startswith(f"{SITE}/") for one in links)


def test_a_mail_is_the_same_on_every_try_and_has_one_id_for_each_destination() -> None:
    assert mailed(message()) == mailed(message())
    ids = {message_id(one, to, "a.example") for one in ("m1", "m2") for to in ("plates/desk", "plates/editor")}
    assert len(ids) == 4
    assert read(mailed(message()))["Message-ID"] == message_id(message().id, "plates/desk", "archive.example")


def test_every_message_says_how_its_sources_are() -> None:
    silent = message(hits=(), sources=())
    for told in (message(), message(hits=()), silent):
        mail = read(mailed(told))
        words = "It refused us on 20 November." if told.sources else "Nothing is known of the sources"
        _, lines = lines_of(told, site=SITE)
        for shown in (body(mail, "plain"), body(mail, "html"), webhook_body(told, site=SITE).decode(), lines):
            assert words in shown
    assert read(mailed(silent))["Subject"] == "Licence plates: its sources"


def test_what_became_of_words_is_told_first_and_no_place_twice() -> None:
    found = hit("Guidance", kind="unlisted", document="g", number="", difference="")
    told = message(hits=(found, hit("Guidance", kind="new", document="g", number="", difference=""), hit("Other")))
    text = body(read(mailed(told)), "plain")
    assert text.index("1. New here: Guidance") < text.index("2. Replaced: Other") < text.index("3. Found on the server")
    assert text.count("the license plate reader program") == 2
    assert "The same places as in 1." in text
    assert "Privacy impact assessments, seen 2026-11-29 15:00 UTC" in text
    assert lines_of(told, site=SITE)[1].startswith("New here: Guidance")


def test_sources_that_are_well_take_one_line() -> None:
    well = tuple(SourceState(name, name.upper(), "ok", AT, f"{name.upper()}: well.") for name in ("a", "b"))
    text = body(read(mailed(message(sources=(BLOCKED, *well)))), "plain")
    assert "It refused us on 20 November.\r\n  Their last runs were as they should be: A, B.\r\n" in text


def test_xs_11_what_strangers_wrote_does_nothing_in_a_mail() -> None:
    plain_headers = {name.lower() for name, _ in read(mailed(message())).items()}
    counts = {"mails": 0, "headers_more": 0, "recipients_more": 0, "elements": 0, "links_elsewhere": 0, "unseen": 0}
    for text in HOSTILE:
        content = mailed(everywhere(text))
        mail = read(content)
        counts["mails"] += 1
        counts["headers_more"] += len({name.lower() for name, _ in mail.items()} - plain_headers)
        counts["recipients_more"] += sum(len(mail.get_all(name, [])) for name in ("Bcc", "Cc", "Reply-To"))
        assert [mail["To"], mail["From"]] == ["desk@news.example", "Plates <plates@archive.example>"]
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        tree = html.document_fromstring(body(mail, "html"))
        known = {
            "html",
            "head",
            "meta",
            "title",
            "body",
            "h1",
            "h2",
            "p",
            "ol",
            "ul",
            "li",
            "a",
            "br",
            "strong",
            "small",
        }
        counts["elements"] += len([one for one in tree.iter() if one.tag not in known])
        attributes = {(one.tag, name) for one in tree.iter() for name in one.attrib}
        assert attributes <= {("html", "lang"), ("meta", "charset"), ("a", "href")}, text
        counts["links_elsewhere"] += sum(urlsplit(str(one[2])).netloc != "archive.example" for one in tree.iterlinks())
        shown = body(mail, "plain") + tree.text_content()
        counts["unseen"] += len([one for one in shown if not one.isprintable() and one not in "\r\n"])
        assert max(map(len, content.split(b"\r\n"))) <= 998
        assert content.isascii()
        assert len(content) < 200_000
    figure("XS-11", texts=len(HOSTILE), fields=len(FIELDS) + 11, **counts)
    assert counts == {**dict.fromkeys(counts, 0), "mails": len(HOSTILE)}


@pytest.mark.parametrize("text", HOSTILE)
def test_xs_11_what_strangers_wrote_does_nothing_in_json_and_in_a_line(text: str) -> None:
    told = json.loads(webhook_body(everywhere(text), name=text, site=SITE))
    assert list(VALID.iter_errors(told)) == []
    for value in _strings(told):
        assert all(sign.isprintable() for sign in value)
        assert not value.startswith(("//", "javascript"))
    title, lines = lines_of(everywhere(text), site=SITE)
    own = re.sub(re.escape(SITE) + r"\S*", "", f"{title} {lines}")
    assert not re.search(r"<[!@hb/is]|@(?:everyone|here|room)", own)
    assert "\n" not in title
    assert all(sign.isprintable() or sign == "\n" for sign in own)
    assert len(lines) <= 3_000


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for part in value.values() for one in _strings(part)]
    if isinstance(value, list):
        return [one for part in value for one in _strings(part)]
    return [value] if isinstance(value, str) else []


def test_a_webhook_is_as_its_schema_says() -> None:
    test = message(hits=(), facts={"test": True})
    for told in (message(), message(hits=(), sources=()), test, message(more=10_000)):
        sent = json.loads(webhook_body(told, name="Plates", site=SITE))
        assert list(VALID.iter_errors(sent)) == []
    sent = json.loads(webhook_body(message(), name="Plates", site=SITE))
    assert (sent["type"], sent["timestamp"], sent["data"]["id"]) == ("watch.news", AT, message().id)
    assert sent["data"]["hits"][0]["places"][0]["address"] == f"{SITE}/d/dhs-ice-pia-039a@v/p3"
    assert sent["data"]["sources"][0]["health"] == BLOCKED.health
    assert json.loads(webhook_body(test))["type"] == "watch.test"
    del sent["data"]["sources"]
    assert list(VALID.iter_errors(sent)) != []


def test_without_a_public_address_nothing_is_a_link() -> None:
    mail = read(mail_of(message(), "plates/desk", "desk@news.example", "plates@archive.example"))
    assert list(html.fromstring(body(mail, "html")).iterlinks()) == []
    assert "/d/dhs-ice-pia-039a@v/p3" in body(mail, "plain")
    assert "http" not in lines_of(message())[1]


def test_only_paths_of_this_archive_are_addresses() -> None:
    assert linked(SITE, "/d/x@v/p3?q=a#b") == f"{SITE}/d/x@v/p3?q=a#b"
    for other in (
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:x",
        "d/x",
        "/a b",
        "/a\nb",
        "",
    ):
        assert linked(SITE, other) == ""


def test_what_is_long_is_cut_with_a_sign() -> None:
    assert plain("a" * 700) == "a" * 599 + "…"
    _, lines = lines_of(message(hits=(hit("t" * 900),) * 8, more=5), site=SITE)
    assert "and 8 more changes" in lines
    assert lines.endswith(f"[{message().id}]")
