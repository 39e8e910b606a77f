"""A checked dossier as one HTML page that loads nothing but the pictures beside it; whatever it shows is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

from archive.dossiers.dossier import Dossier
from archive.dossiers.footnotes import Footnote, Pages
from archive.dossiers.page_text import MARK
from archive.research.rows import Row

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; font: 1.05rem/1.6 Georgia, serif; }
body { overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
blockquote { border-left: 3px solid #8888; margin-left: 0; padding-left: 1rem; }
table { border-collapse: collapse; } td, th { border: 1px solid #8888; padding: .2rem .5rem; }
.facts, .verdict, .small, figcaption { font: .85rem/1.5 system-ui, sans-serif; }
.verdict { border: 1px solid currentColor; border-radius: .3rem; padding: .05rem .4rem; }
.good { color: #17692c; } .bad { color: #a3161b; }
@media (prefers-color-scheme: dark) { .good { color: #7fce93; } .bad { color: #ff9a94; } }
ol.notes > li { margin-bottom: 1.2rem; } figure { margin: .5rem 0; } img { max-width: 100%; height: auto; }
figure img { border: 1px solid #8888; width: 20rem; }
"""
# What no page may hold (https://html.spec.whatwg.org/#preprocessing-the-input-stream).
_NO_TEXT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000)], "\ufffd")


def policy() -> str:
    """Return what the page may do: be shown, in its own style, with the pictures beside it."""
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{style}'; img-src 'self'; form-action 'none'; base-uri 'none'"


def page_of(dossier: Dossier, answer: Row, notes: Sequence[Footnote], pages: Pages, facts: Sequence[str],
            proofs: Mapping[str, str]) -> str:  # fmt: skip
    """Return the page of a checked dossier. `facts` are sentences at its head, `proofs` folders by versions' ids."""
    return "\n".join([
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy()}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(answer['title'] or answer['dossier'])}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        '<aside class="facts">',
        *(f"<p>{_text(one)}</p>" for one in facts),
        "</aside>",
        "<main>",
        _with_marks(dossier.html, answer["claims"], notes),
        "</main>",
        '<section id="notes">',
        "<h2>Notes</h2>",
        '<ol class="notes">',
        *(line for note in notes for line in _note(note, pages)),
        "</ol>",
        "</section>",
        *_absences(answer["claims"]),
        *_odd(answer),
        *_proofs(proofs),
        "</body>",
        "</html>",
        "",
    ])  # fmt: skip


def _text(text: object) -> str:
    return escape(str(text).translate(_NO_TEXT))


def _with_marks(html: str, claims: Sequence[Row], notes: Sequence[Footnote]) -> str:
    """Return the dossier's HTML with its footnotes' numbers, and behind each claim what is held for it."""

    def put(match: re.Match[str]) -> str:
        number = int(match[2])
        if match[1] == "c":
            claim = claims[number - 1]
            return f' <span class="verdict {_kind(claim["good"])}">{_text(claim["verdict"])}</span>'
        note = notes[number - 1]
        return f'<sup id="at-{number}"><a class="{_kind(note.good)}" href="#note-{number}">{number}</a></sup>'

    return MARK.sub(put, html)


def _kind(good: bool) -> str:
    return "good" if good else "bad"


def _note(note: Footnote, pages: Pages) -> Iterator[str]:
    yield f'<li id="note-{note.number}"><b class="{_kind(note.good)}">{_text(note.outcome)}</b>'
    yield from (f"<p>{_text(one)}</p>" for one in note.citations)
    if note.told:
        yield f'<p class="small">{_text(note.told)}</p>'
    for page in note.pages:
        names = pages.get(page, ())
        links = " · ".join(f'<a href="{_text(name)}">{_text(name.rpartition(".")[2].upper())}</a>' for name in names)
        if not links:
            continue
        picture = next((name for name in names if name.endswith(".png")), "")
        shown = f'<img src="{_text(picture)}" alt="Page {page[1]} of {_text(page[0])}" loading="lazy">'
        yield "<figure>" + (shown if picture else "")
        yield f"<figcaption>Page {page[1]} of {_text(page[0])}: {links}</figcaption></figure>"
    yield f'<a class="small" href="#at-{note.number}">back</a></li>'


def _absences(claims: Sequence[Row]) -> Iterator[str]:
    rows = [(claim, row) for claim in claims for row in claim["absences"]]
    if not rows:
        return
    yield '<section id="absences"><h2>What was looked for</h2><ul>'
    for claim, row in rows:
        told = " ".join(filter(None, [row["sentence"], row["caution"], *row["gaps"], row["change"]]))
        yield f'<li><b class="{_kind(row["good"])}">{_text(row["outcome"])}</b> (claim {claim["number"]}): '
        yield f'{_text(told)} <span class="small">{_text(row["address"])}</span></li>'
    yield "</ul></section>"


def _odd(answer: Row) -> Iterator[str]:
    told = [f"Line {one['line']}: {one['told']}" for one in answer["not_understood"]] + answer["notes"]
    told += [f"Line {one['line']}, “{one['subject']}”: {one['told']}" for one in answer["changes"]]
    if told:
        yield '<section id="odd"><h2>What has to be looked at</h2><ul>'
        yield from (f"<li>{_text(one)}</li>" for one in told)
        yield "</ul></section>"


def _proofs(proofs: Mapping[str, str]) -> Iterator[str]:
    if proofs:
        yield '<section id="proofs"><h2>Proofs</h2><p class="small">README.md says how each is checked.</p><ul>'
        yield from (
            f'<li>{_text(version)}: <a href="{_text(at)}/proof.json">{_text(at)}/proof.json</a></li>'
            for version, at in proofs.items()
        )
        yield "</ul></section>"
