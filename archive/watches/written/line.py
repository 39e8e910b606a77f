"""Writes a message as a title and a few short lines, for ntfy, Slack and the like.

Such services make links, mentions and markup of what they are sent: of strangers' words nothing of that is left.
"""

from __future__ import annotations

from archive.watches.model import Message
from archive.watches.written.words import headline, in_turn, linked, more_line, plain, source_lines, subject

SHOWN, LONGEST = 5, 3_000
# What these services read as a mention, a tag or a command ("<!channel>", "@everyone").
_QUIET = str.maketrans({"@": "＠", "<": "‹", ">": "›", "&": "＆"})


def lines_of(message: Message, *, site: str = "") -> tuple[str, str]:
    """Return a title, and the text: the first changes with their addresses, how the sources are, the message's id."""
    told = source_lines(message)
    lines = [_quiet(plain(notice, 300)) for notice in message.notices if plain(notice) not in told]
    for _, hit, _ in list(in_turn(message.hits))[:SHOWN]:
        address = linked(site, hit.difference or hit.address) if site else ""
        lines.append(f"{_quiet(headline(hit, 120))}{' ' if address else ''}{address}")
    if more := message.more + len(message.hits[SHOWN:]):
        lines.append(more_line(more, "change"))
    if site and (address := linked(site, str(message.facts.get("address", "")))):
        lines.append(address)
    sources = [_quiet(plain(line, 200)) for line in told]
    lines += ["Sources: " + sources[0], *sources[1:SHOWN]]
    if len(sources) > SHOWN:
        lines.append(more_line(len(sources) - SHOWN, "source"))
    end = f"[{plain(message.id, 100)}]"
    text = "\n".join(lines)
    return _quiet(subject(message)), f"{text[: LONGEST - len(end)]}\n{end}"


def _quiet(text: str) -> str:
    return text.translate(_QUIET)
