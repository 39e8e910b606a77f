"""A text as the words and signs that a quotation is compared by, each with its place. It knows no quotation.

What typesetting changes is the same here: kinds of quotation marks and dashes, ligatures, blanks and line ends, letters
that are composed of several characters. What it doesn't change is kept: letters with their case and accents, numbers
with their points and commas, every other sign.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

WORD, DASH, SIGN, OMISSION, MARK = "word", "dash", "sign", "omission", "mark"


class Token(NamedTuple):
    """A word or sign: what of it is compared, and the characters of the text from `start` to `end` that it is.

    `kind` is WORD; DASH (`soft` where a line ends behind it, so that it may only break a word); OMISSION (three dots or
    asterisks); MARK, a raised number that leads to a note; or SIGN.
    """

    kind: str
    text: str
    start: int
    end: int
    soft: bool = False


_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u2043"
_QUOTES = "“”„‟«»″〝〞＂"
_APOSTROPHES = "‘’‚‛′‹›ʼ＇`´"
_BLANKS = "\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_NOTHING = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# Raised digits are no part of the word that they stand behind; between folding and cutting they are these.
_PRIVATE = "".join(map(chr, range(0xE100, 0xE10A)))
_AS_DIGITS = str.maketrans(_PRIVATE, "0123456789")
_FOLD = str.maketrans(
    dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_QUOTES, '"')
    | dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys(_BLANKS, " ")
    | dict.fromkeys(_NOTHING, "\u00ad")
    | dict(zip(_RAISED, _PRIVATE, strict=True))
)
# Signs that stand around words for the eye: quotation marks, bullets, emphasis, marks of notes.
_UNSAID = frozenset("\"'*_•◦▪‣·†‡|")
_TOKEN = re.compile(
    r"(?P<omission>…|\.(?:\s?\.){2,}|\*(?:\s?\*){2,})"
    # A power or a measure is no mark of a note: 10⁶ is another number than 10, m² another unit than m.
    r"|(?P<power>(?<![\w.,])(?:\d{1,3}|[cdkm]?m|in|ft|yd|mi)[\ue100-\ue109]{1,3})"
    r"|(?P<mark>[\ue100-\ue109]{1,3})"
    r"|(?P<word>(?<![\w.])\.\d{1,40}|\d{1,40}(?:[.,:/]\d{1,40})+(?![^\W_])|[^\W_\ue100-\ue109]+(?:['_][^\W_\ue100-\ue109]+)*)"
    r"|(?P<dash>\x02|-{1,3}(?P<end>[ \t]*\r?\n)?)"
    r"|(?P<sign>[^\s\u00ad])"
)


def tokens_of(text: str) -> list[Token]:
    """Return the words and signs of a text in their order; those that stand around words for the eye alone are left
    out."""
    folded, places = _folded(text)
    found = []
    for match in _TOKEN.finditer(folded):
        kind = str(match.lastgroup if match.lastgroup != "end" else DASH)
        said = match[kind]
        if kind == "power":
            base = said.rstrip(_PRIVATE)
            kind, said = WORD, f"{base}^{said[len(base) :].translate(_AS_DIGITS)}"
        if kind == SIGN and said in _UNSAID:
            continue
        start, end = match.span()
        found.append(_token(kind, said, places[start], places[end - 1] + 1, folded[start - 1 : start]))
    return found


def _token(kind: str, said: str, start: int, end: int, before: str) -> Token:
    if kind == DASH:
        stripped = said.rstrip()
        # U+0002 is what pdfium, and so what is copied from a browser, has for a hyphen at a line's end.
        soft = said == "\x02" or (stripped == "-" != said and before.isalnum())
        return Token(DASH, "-", start, start + len(stripped), soft)
    if kind == OMISSION:
        return Token(OMISSION, "…", start, end)
    if kind == MARK:
        said = said.translate(_AS_DIGITS)
    return Token(kind, said, start, end)


def _folded(text: str) -> tuple[str, range | list[int]]:
    """Return a text in which signs of one meaning are one, and where in the text each of its characters stands."""
    folded = text.translate(_FOLD)
    if "\u00ad" not in folded and (folded.isascii() or _is_plain(folded)):
        return folded, range(len(folded))
    letters: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(folded):
        end = at + 1
        while end < len(folded) and unicodedata.combining(folded[end]) and end - at < 8:
            end += 1
        piece = folded[at:end]
        composed = "" if piece == "\u00ad" else piece if piece.isascii() else unicodedata.normalize("NFKC", piece)
        letters.append(composed)
        places += [at] * len(composed)
        at = end
    return "".join(letters), places


def _is_plain(text: str) -> bool:
    """Tell whether nothing in a text is composed: then each character stays where it is."""
    return unicodedata.is_normalized("NFKC", text)


def words_of(tokens: list[Token]) -> list[str]:
    """Return the words alone."""
    return [token.text for token in tokens if token.kind == WORD]
