"""Shows strings: from a font and the state of the text to letters in the places where pdfplumber has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFGraphicState, PDFTextState
from pdfminer.utils import Matrix
from pdfplumber.page import fix_fontname_bytes

from pipelines.text.drawing import Drawing, TooManyLettersError, lightness
from pipelines.text.drawn import Letter

_new = tuple.__new__


class Face:
    """A font's glyphs as they were asked for: of each its text, width and displacement (vertical fonts only)."""

    def __init__(self, font: PDFFont) -> None:
        self.font = font
        name = font.fontname
        self.name = fix_fontname_bytes(name) if isinstance(name, bytes) else str(name)
        self.vertical = font.is_vertical()
        self.multibyte = font.is_multibyte()
        self.descent = font.get_descent()
        self.decode: Callable[[bytes], Iterable[int]] = font.decode
        self.glyphs: dict[int, tuple[str, float, Any]] = {}

    def glyph(self, cid: int) -> tuple[str, float, Any]:
        font = self.font
        try:
            text = font.to_unichr(cid)
        except PDFUnicodeNotDefined:
            text = f"(cid:{cid})"
        if not isinstance(text, str):
            text = f"(cid:{cid})"
        found = text, font.char_width(cid), font.char_disp(cid)
        self.glyphs[cid] = found
        return found


def face_of(font: PDFFont) -> Face:
    """The font's face, which lives as long as the font."""
    face: Face | None = vars(font).get("face")
    if face is None:
        face = vars(font)["face"] = Face(font)
    return face


class _Shown:
    """What is the same for all letters of a string."""

    def __init__(self, drawing: Drawing, state: PDFTextState, look: PDFGraphicState) -> None:
        assert state.font is not None
        self.face = face_of(state.font)
        ta, tb, tc, td, te, tf = state.matrix
        a, b, c, d, e, f = drawing.ctm
        self.matrix: Matrix = (
            a * ta + c * tb, b * ta + d * tb, a * tc + c * td, b * tc + d * td,
            a * te + c * tf + e, b * te + d * tf + f,
        )  # fmt: skip
        self.size = state.fontsize
        self.scaling = state.scaling * 0.01
        self.charspace = state.charspace * self.scaling
        self.wordspace = 0 if self.face.multibyte else state.wordspace * self.scaling
        self.kerning = 0.001 * self.size * self.scaling
        self.rise = state.rise
        color, space = (look.scolor, look.scs) if state.render in (1, 5) else (look.ncolor, look.ncs)
        self.shade = lightness(color, space.name)
        if state.render in (2, 6) and self.shade != lightness(look.scolor, look.scs.name):
            # Filled and outlined in two shades: it can be seen.
            self.shade = None
        self.invisible = state.render in (3, 7)
        a, b, c, d = self.matrix[:4]
        self.upright = a * d * self.scaling > 0 and b * c <= 0
        forward = self.size * self.scaling
        self.turn = _turn(a * forward, b * forward)


def _turn(across: float, up: float) -> int:
    """By how many degrees clockwise text is turned that runs in this direction."""
    if abs(across) >= abs(up):
        return 180 if across < 0 else 0
    return 90 if up < 0 else 270


def show(drawing: Drawing, state: PDFTextState, look: PDFGraphicState, items: list[Any]) -> None:
    """Add the letters of a TJ's array to the drawing, and move the state's place on.

    The arithmetic is pdfminer's, to the last bit (PDFTextDevice.render_string, LTChar). Raises TooManyLettersError.
    """
    shown = _Shown(drawing, state, look)
    face, most = shown.face, drawing.most_letters
    placed = _placed if face.vertical or shown.matrix[1] or shown.matrix[2] else _placed_straight
    x, y = state.linematrix
    place = y if face.vertical else x
    spaced, first = False, len(drawing.letters)
    for item in items:
        if isinstance(item, float | int):
            place -= item * shown.kerning
            spaced = True
        elif isinstance(item, bytes) and item:
            codes = face.decode(item[: 4 * most + 4])
            place = placed(drawing, shown, codes, (place, x, y), spaced)
            spaced = True
            if len(drawing.letters) > most:
                raise TooManyLettersError(most)
    if drawing.off:
        drawing.drop_letters(first)
    state.linematrix = (x, place) if face.vertical else (place, y)


def _placed_straight(
    drawing: Drawing, shown: _Shown, codes: Iterable[int], at: tuple[float, float, float], spaced: bool
) -> float:
    """Text that runs along the page's axis, in a font that isn't vertical: nearly all of it."""
    x, y = at[0], at[2]
    face, size, scaling, charspace, wordspace = shown.face, shown.size, shown.scaling, shown.charspace, shown.wordspace
    a, _, _, d, e, f = shown.matrix
    low = face.descent * size + shown.rise
    up = y * d + f
    one, other = d * low + up, d * (low + size) + up
    y0, y1 = (one, other) if one < other else (other, one)
    left, height, above = drawing.left, drawing.height, drawing.above
    top, bottom, tall = height - y1 + above, height - y0 + above, y1 - y0
    base = height - (d * shown.rise + up) + above
    name, turn, shade, invisible, upright = face.name, shown.turn, shown.shade, shown.invisible, shown.upright
    letters, glyphs = drawing.letters, face.glyphs
    add, order = letters.append, len(letters)
    for cid in codes:
        if spaced:
            x += charspace
        spaced = True
        text, width, _ = glyphs.get(cid) or face.glyph(cid)
        advance = width * size * scaling
        x0 = x * a + e
        x1 = a * advance + x0
        if x1 < x0:
            x0, x1 = x1, x0
        add(
            _new(
                Letter,
                (text, x0 + left, top, x1 + left, bottom, tall, name, turn, shade, invisible, order, base, upright),
            )
        )
        order += 1
        x += advance
        if cid == 32 and wordspace:
            x += wordspace
    return x


def _placed(
    drawing: Drawing, shown: _Shown, codes: Iterable[int], at: tuple[float, float, float], spaced: bool
) -> float:
    """Text that is turned or slanted, and vertical fonts."""
    place, x, y = at
    face, size, scaling = shown.face, shown.size, shown.scaling
    for cid in codes:
        if spaced:
            place += shown.charspace
        spaced = True
        text, width, displaced = face.glyphs.get(cid) or face.glyph(cid)
        advance = width * size * scaling
        if face.vertical:
            across, down = displaced
            across = size * 0.5 if across is None else across * size * 0.001
            down = (1000 - down) * size * 0.001
            box = (-across, down + shown.rise + advance, -across + size, down + shown.rise)
            _add(drawing, shown, text, (x, place), box)
        else:
            low = face.descent * size + shown.rise
            _add(drawing, shown, text, (place, y), (0, low, advance, low + size))
        place += advance
        if cid == 32 and shown.wordspace:
            place += shown.wordspace
    return place


def _add(
    drawing: Drawing, shown: _Shown, text: str, at: tuple[float, float], box: tuple[float, float, float, float]
) -> None:
    a, b, c, d, e, f = shown.matrix
    x, y = at
    e, f = x * a + y * c + e, x * b + y * d + f
    corners = ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]))
    across = [a * px + c * py + e for px, py in corners]
    ups = [b * px + d * py + f for px, py in corners]
    x0, x1, y0, y1 = min(across), max(across), min(ups), max(ups)
    left, height, above = drawing.left, drawing.height, drawing.above
    size = x1 - x0 if shown.face.vertical or shown.turn in (90, 270) else y1 - y0
    base = c * shown.rise + e + left if shown.turn in (90, 270) else height - (d * shown.rise + f) + above
    drawing.letters.append(
        Letter(
            text, x0 + left, height - y1 + above, x1 + left, height - y0 + above, size, shown.face.name, shown.turn,
            shown.shade, shown.invisible, len(drawing.letters), base, shown.upright,
        )
    )  # fmt: skip
