"""Writes a message as one mail to one recipient: plain text, and the same as plain HTML; the same bytes on every try.

No picture, style, script or link to anywhere but the archive itself is in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from archive.watches.model import Hit, Message, Place
from archive.watches.written.words import (
    headline,
    in_turn,
    linked,
    made_line,
    more_line,
    place_line,
    plain,
    seen_line,
    source_lines,
    subject,
)

WIDTH = 78
_POLICY = SMTP.clone(max_line_length=WIDTH, cte_type="7bit")


def mail_of(message: Message, to: str, recipient: str, sender: str, *, name: str = "", site: str = "") -> bytes:
    """Return a mail from `sender` to `recipient`, both plain addresses; `to` is what the destination is called.

    `name` is the archive's, `site` its public address without a slash at its end ("" where it has none).
    """
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(_shown(name or "Oversight Archive"), addr_spec=sender)
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = _shown(subject(message))
    mail["Date"] = format_datetime(_instant(message.at))
    mail["Message-ID"] = message_id(message.id, to, domain)
    label = _label(message.watch)
    mail["List-Id"] = f"{_phrase(message.title or message.watch)} <{label}.watches.{domain}>"
    mail["List-Unsubscribe"] = f"<mailto:{quote(sender, safe='@')}?subject=unsubscribe%20{label}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's machine is to answer
    mail["Precedence"] = "list"
    mail.set_content("\r\n".join(_text(message, site)) + "\r\n", cte="quoted-printable")
    mail.add_alternative(_html(message, site), subtype="html", cte="quoted-printable")
    mail.set_boundary(f"=_{hashlib.sha256(repr((message, to)).encode('utf-8', 'replace')).hexdigest()[:40]}")
    return mail.as_bytes()


def message_id(message: str, to: str, domain: str) -> str:
    """Return the Message-ID of a message to a destination: the same on every try, so that mail readers show one."""
    digest = hashlib.sha256(f"{message} {to}".encode()).hexdigest()
    return f"<{digest[:40]}@{domain}>"


def _shown(text: str) -> str:
    """Return text that a header can hold: what looks like an encoded word (RFC 2047) is none of ours."""
    return plain(text, 200).replace("=?", "= ?")


def _phrase(text: str) -> str:
    """Return text as the description of a list (RFC 2919), which brackets and quotation marks would end."""
    return " ".join("".join(sign if sign.isalnum() or sign in "-'." else " " for sign in text[:100]).split()) or "Watch"


def _label(watch: str) -> str:
    """Return a watch's name as a label of a domain (RFC 2919)."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in watch).strip("-")[:60] or "watch"


def _instant(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)


def _text(message: Message, site: str) -> Iterator[str]:
    yield from (subject(message), made_line(message), "")
    for notice in message.notices:
        yield from (plain(notice), "")
    for number, hit, same in in_turn(message.hits):
        yield f"{number}. {headline(hit)}"
        yield from (f"   {line}" for line in _hit_lines(hit, same, site))
        yield ""
    if message.more:
        yield from (more_line(message.more, "change"), "")
    if address := linked(site, str(message.facts.get("address", ""))):
        yield from (f"All of this watch: {address}", "")
    yield "How the sources are:"
    yield from (f"  {line}" for line in source_lines(message))
    yield from ("", "-- ", f"Sent by a machine. Message {plain(message.id, 100)}, watch {plain(message.watch, 100)}.")


def _hit_lines(hit: Hit, same: int, site: str) -> Iterator[str]:
    yield seen_line(hit)
    if hit.summary:
        yield plain(hit.summary)
    if address := linked(site, hit.address):
        yield address
    if address := linked(site, hit.difference):
        yield f"What changed: {address}"
    if same:
        yield f"The same places as in {same}."
        return
    for place in hit.places:
        yield place_line(place)
        if address := linked(site, place.address):
            yield f"  {address}"
    if hit.more:
        yield more_line(hit.more, "place")


def _html(message: Message, site: str) -> str:
    parts = [f"<h1>{escape(subject(message))}</h1>", f"<p>{escape(made_line(message))}</p>"]
    parts += [f"<p><strong>{escape(plain(notice))}</strong></p>" for notice in message.notices]
    if message.hits:
        parts.append(
            f"<ol>{''.join(f'<li>{_hit_html(hit, same, site)}</li>' for _, hit, same in in_turn(message.hits))}</ol>"
        )
    if message.more:
        parts.append(f"<p>{escape(more_line(message.more, 'change'))}</p>")
    if address := str(message.facts.get("address", "")):
        parts.append(f"<p>{_link(site, address, 'All of this watch')}</p>")
    parts.append("<h2>How the sources are</h2>")
    parts.append(f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in source_lines(message))}</ul>")
    told = f"Sent by a machine. Message {plain(message.id, 100)}, watch {plain(message.watch, 100)}."
    parts.append(f"<p><small>{escape(told)}</small></p>")
    head = f'<meta charset="utf-8"><title>{escape(subject(message))}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{chr(10).join(parts)}\n</body></html>\n'


def _hit_html(hit: Hit, same: int, site: str) -> str:
    parts = [f"<p>{_link(site, hit.address, headline(hit))}<br>{escape(seen_line(hit))}</p>"]
    if hit.summary:
        parts.append(f"<p>{escape(plain(hit.summary))}</p>")
    if linked(site, hit.difference):
        parts.append(f"<p>{_link(site, hit.difference, 'What changed')}</p>")
    if same:
        return "".join((*parts, f"<p>The same places as in {same}.</p>"))
    places = [f"<li>{_place(place, site)}</li>" for place in hit.places]
    if hit.more:
        places.append(f"<li>{escape(more_line(hit.more, 'place'))}</li>")
    return "".join(parts) + (f"<ul>{''.join(places)}</ul>" if places else "")


def _place(place: Place, site: str) -> str:
    """Return where a term stands: its page leads there, and the words can be read."""
    line = place_line(place)
    where, parts, words = line.partition(": ") if place.page else ("", "", line)
    return f"{_link(site, place.address, where)}{parts}{escape(words)}" if where else _link(site, place.address, line)


def _link(site: str, address: str, words: str) -> str:
    """Return words as a link into the archive; as words alone where it has no public address."""
    address = linked(site, address) if site else ""
    return f'<a href="{escape(address)}">{escape(words)}</a>' if address else escape(words)
