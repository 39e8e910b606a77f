"""Makes the bench's website: pages that link to each other, and PDFs, the same for the same seed; knows no server."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

PAGE_BYTES = 50_000
LINKS = 32
FILES = 50
SCAN_BYTES = 80_000
_SYLLABLES = (
    *("an", "ber", "cal", "den", "el", "for", "gra", "hin", "is", "jun", "kel", "lor", "mat", "nor", "ol"),
    *("pre", "quin", "ras", "sen", "tur", "un", "vel", "win", "yor", "zan"),
)
_MENU = "".join(f'<li class="menu__item"><span class="menu__part">Part {n}</span></li>\n' for n in range(40))


def website(pages: int, seed: int) -> dict[str, bytes]:
    """Return every address of the website with its answer: robots.txt, `pages` pages from "/" on, and the files.

    Each page has 50 KB and 32 links; all that there is can be reached from "/".
    """
    chance = random.Random(seed)
    words = _words(chance)
    paragraphs = ["<p>" + _prose(chance, words, 110) + "</p>\n" for _ in range(2000)]
    site = {_page(number): _html(chance, words, paragraphs, number, pages) for number in range(pages)}
    site |= {_file(number): _pdf(chance, words, number) for number in range(files_of(pages))}
    answers = {path: _answer(body) for path, body in site.items()}
    robots = b"User-agent: *\nDisallow: /private/\n"
    answers["/robots.txt"] = _head("text/plain", robots) + robots
    return answers


def files_of(pages: int) -> int:
    """Return how many files a website of so many pages has."""
    return min(FILES, pages)


def _page(number: int) -> str:
    return f"/publications/{number}.html" if number else "/"


def _file(number: int) -> str:
    return f"/sites/default/files/document-{number:02d}.pdf"


def _words(chance: random.Random) -> list[str]:
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(3000)]


def _prose(chance: random.Random, words: list[str], count: int) -> str:
    # Few words are frequent, as in any language: that is what compression lives on.
    return " ".join(words[int(len(words) * chance.random() ** 3)] for _ in range(count)).capitalize() + "."


def _links(chance: random.Random, number: int, pages: int) -> Iterator[str]:
    """Yield a page's links: to its two children in a tree of all pages, to a file, and anywhere."""
    own = [_page(child) for child in (2 * number + 1, 2 * number + 2) if child < pages]
    every = max(1, pages // files_of(pages))
    if number % every == 0 and number // every < files_of(pages):
        own.append(_file(number // every))
    yield from own
    for _ in range(LINKS - len(own)):
        yield _page(chance.randrange(pages))


def _html(chance: random.Random, words: list[str], paragraphs: list[str], number: int, pages: int) -> bytes:
    title = _prose(chance, words, 6)
    parts = [
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n</head>\n<body>\n'
        f'<nav><ul class="menu">\n{_MENU}</ul></nav>\n<main>\n<h1>{title}</h1>\n'
    ]
    size = len(parts[0])
    for link in _links(chance, number, pages):
        entry = f'<p class="entry"><a href="{link}">{_prose(chance, words, 8)}</a></p>\n'
        paragraph = chance.choice(paragraphs)
        parts += [entry, paragraph]
        size += len(entry) + len(paragraph)
    while size < PAGE_BYTES:
        parts.append(chance.choice(paragraphs)[: PAGE_BYTES - size])
        size += len(parts[-1])
    parts.append("</main>\n</body>\n</html>\n")
    return "".join(parts).encode()


def _pdf(chance: random.Random, words: list[str], number: int) -> bytes:
    """Return a paper of some pages of text with a scanned one at its end: some 100 KB."""
    written = io.BytesIO()
    canvas = Canvas(written, LETTER, invariant=1)
    canvas.setTitle(f"Paper {number}")
    for _ in range(chance.randint(6, 10)):
        text = canvas.beginText(72, 720)
        for _ in range(45):
            text.textLine(_prose(chance, words, 12)[:90])
        canvas.drawText(text)
        canvas.showPage()
    canvas.drawImage(ImageReader(_scan(chance)), 72, 72, 468, 648)
    canvas.save()
    return written.getvalue()


def _scan(chance: random.Random) -> io.BytesIO:
    """Return a picture of noise, which compresses as badly as a scanned page does."""
    width = 240
    height = SCAN_BYTES // width
    return io.BytesIO(b"P5 %d %d 255\n" % (width, height) + chance.randbytes(width * height))


def _answer(body: bytes) -> bytes:
    return _head("application/pdf" if body.startswith(b"%PDF-") else "text/html; charset=utf-8", body) + body


def _head(media_type: str, body: bytes) -> bytes:
    lines = (
        "HTTP/1.1 200 OK",
        "Date: Fri, 26 Jan 2018 15:00:00 GMT",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
        "Last-Modified: Wed, 10 Jan 2018 15:00:00 GMT",
        "Vary: Accept-Encoding",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
