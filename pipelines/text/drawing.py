"""Keeps what a page's content draws: its letters, boxes and pictures as plain values, nothing of pdfminer's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pdfminer.pdfdevice import PDFDevice
from pdfminer.pdfinterp import PDFGraphicState, PDFResourceManager
from pdfminer.pdftypes import PDFStream
from pdfminer.utils import Matrix

from pipelines.text.drawn import Box, Letter, Picture
from pipelines.text.painting import Clip, is_hollow

MOST_BOXES = 20_000
_ANYWHERE = 1e9


class TooManyLettersError(Exception):
    """The page draws more letters than are kept of one."""

    def __init__(self, most: int) -> None:
        super().__init__(f"more than {most} letters")


class Drawing(PDFDevice):
    """What one page draws, in its order. The place of a point of pdfminer's is x + left, (height - y) + above.

    Beyond MOST_BOXES there are none, and `too_many_boxes` says so.
    """

    ctm: Matrix

    def __init__(self, rsrcmgr: PDFResourceManager, place: tuple[float, float, float], most_letters: int) -> None:
        super().__init__(rsrcmgr)
        self.left, self.height, self.above = place
        self.most_letters = most_letters
        self.letters: list[Letter] = []
        self.boxes: list[Box] = []
        self.pictures: list[Picture] = []
        self.shapes: list[Picture] = []
        self.too_many_boxes = False
        # Of boxes that aren't kept it is only known how many letters were drawn before the last.
        self.hidden_until = 0
        self.look = PDFGraphicState()
        # Letters in layers that are switched off are counted, not kept.
        self.layers_off: frozenset[int] = frozenset()
        self.off, self.switched_off = 0, 0
        self._layers: list[bool] = []

    def render_image(self, name: str, stream: PDFStream) -> None:
        if self.off:
            return
        place = self._placed(0, 0, 1, 1)
        whole = not any(stream.attrs.get(key) for key in ("SMask", "Mask", "ImageMask", "IM"))
        clip: Clip | None = getattr(self.look, "clip", None)
        shown = clip.within(Clip(*place))[:4] if clip else place
        self.pictures.append(Picture(*shown, len(self.letters), whole and self._is_opaque(self.look)))

    def render_shading(self) -> None:
        """Keep where a shading is painted, as far as it is known."""
        if self.off:
            return
        clip: Clip | None = getattr(self.look, "clip", None)
        self._add_shape(clip[:4] if clip else (-_ANYWHERE, -_ANYWHERE, _ANYWHERE, _ANYWHERE))

    def begin_layer(self, off: bool) -> None:
        """Begin marked content, which is a layer that is switched off or isn't."""
        self._layers.append(off)
        self.off += off

    def end_layer(self) -> None:
        if self._layers:
            self.off -= self._layers.pop()

    def drop_letters(self, first: int) -> None:
        """Count the letters from this one on, blanks left out, and forget them."""
        self.switched_off += sum(not letter.text.isspace() for letter in self.letters[first:])
        del self.letters[first:]

    def clipped(self, path: Sequence[Any], clip: Clip | None) -> Clip | None:
        """Return where paint shows after this path became a clip, too."""
        parts = _subpaths(path)
        places = [place for points, _ in parts if len(points) > 2 for place in self._straight(points, True, True)]
        corners = self._corners(path)
        if not corners:
            return clip
        plain = len(places) == 1 and sum(segment[0] == "m" for segment in path) == 1
        return Clip(*_hull(corners), plain).within(clip)

    def _is_opaque(self, look: PDFGraphicState) -> bool:
        clip: Clip | None = getattr(look, "clip", None)
        return getattr(look, "opaque", True) and (clip is None or clip.plain)

    def _add_shape(self, place: tuple[float, float, float, float]) -> None:
        """Shapes between which no letter is drawn are one: they matter to letters only."""
        order = len(self.letters)
        if self.shapes and self.shapes[-1].order == order:
            last = self.shapes.pop()
            place = _hull([last[:2], last[2:4], place[:2], place[2:4]])
        self.shapes.append(Picture(*place, order, False))

    def paint_path(
        self, graphicstate: PDFGraphicState, stroke: bool, fill: bool, evenodd: bool, path: Sequence[Any]
    ) -> None:
        """Keep what is a rectangle, and of a stroked path the straight lines that run along an axis."""
        if not path or self.off:
            return
        if self.too_many_boxes:
            self.hidden_until = len(self.letters) if fill else self.hidden_until
            return
        shade = lightness(graphicstate.ncolor, graphicstate.ncs.name) if fill else None
        if fill and shade is None:
            # A pattern or an unknown colour: neither black nor white.
            shade = 0.5
        places = []
        for points, closed in _subpaths(path):
            places += self._straight(points, closed or not stroke, fill)
            if len(self.boxes) + len(places) > MOST_BOXES:
                filled = [box.order for box in self.boxes if box.shade is not None]
                self.hidden_until = len(self.letters) if fill else max(filled, default=0)
                self.boxes, self.too_many_boxes = [], True
                return
        if fill and len(places) < sum(segment[0] == "m" for segment in path):
            self._add_shape(_hull(self._corners(path)))
        opaque = self._is_opaque(graphicstate) and not (fill and is_hollow(places))
        clip: Clip | None = getattr(graphicstate, "clip", None) if fill else None
        for place in places:
            shown = clip.within(Clip(*place))[:4] if clip else place
            self.boxes.append(Box(*shown, shade, stroke, len(self.letters), opaque))

    def _straight(self, points: list[Any], closed: bool, fill: bool) -> list[tuple[float, float, float, float]]:
        if len(points) > 2 and points[0] == points[-1]:
            points, closed = points[:-1], True
        places = [self._point(x, y) for x, y in points]
        if len(places) == 4 and (closed or fill) and _is_rectangle(places):
            return [_around(places[0], places[2])]
        if fill and len(places) > 2:
            return []
        ends = [*places[1:], places[0]] if closed and len(places) > 2 else places[1:]
        return [
            _around(one, other)
            for one, other in zip(places, ends, strict=False)
            if abs(one[0] - other[0]) < 0.1 or abs(one[1] - other[1]) < 0.1
        ]

    def _corners(self, path: Sequence[Any]) -> list[tuple[float, float]]:
        """All points that a path names: it lies within them, curves too."""
        points = [segment[place : place + 2] for segment in path for place in range(1, len(segment), 2)]
        return [self._point(x, y) for x, y in points]

    def _point(self, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = self.ctm
        return a * x + c * y + e + self.left, self.height - (b * x + d * y + f) + self.above

    def _placed(self, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        corners = [self._point(x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
        return _hull(corners)


def _hull(corners: Sequence[tuple[float, ...]]) -> tuple[float, float, float, float]:
    across, down = [corner[0] for corner in corners], [corner[1] for corner in corners]
    return min(across), min(down), max(across), max(down)


def _around(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float, float, float]:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])


def _is_rectangle(corners: Sequence[tuple[float, float]]) -> bool:
    """Say whether four corners make a rectangle along the axes, within a tenth of a point."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    near = 0.1
    if abs(ax - bx) < near and abs(cx - dx) < near:
        return abs(by - cy) < near and abs(dy - ay) < near
    return abs(ay - by) < near and abs(cy - dy) < near and abs(bx - cx) < near and abs(dx - ax) < near


def _subpaths(path: Sequence[Any]) -> list[tuple[list[Any], bool]]:
    """The corners of each part of a path that has straight lines only, and whether it is closed."""
    found: list[tuple[list[Any], bool]] = []
    points: list[Any] = []
    closed, straight = False, True
    for segment in [*path, ("m", 0, 0)]:
        kind = segment[0]
        if kind == "m":
            if straight and len(points) > 1:
                found.append((points, closed))
            points, closed, straight = [segment[1:]], False, True
        elif kind == "l":
            points.append(segment[1:])
        elif kind == "h":
            closed = True
        else:
            straight = False
    return found


@lru_cache(maxsize=1024)
def lightness(color: Any, space: str) -> float | None:
    """How light a colour is, 0 black to 1 white, or None where pdfminer doesn't know; weights of ITU-R BT.601."""
    parts = color if isinstance(color, tuple) else (color,)
    if not all(isinstance(part, int | float) for part in parts) or space in ("Pattern", "Indexed", "DeviceN"):
        return None
    if len(parts) == 1:
        # A separation's number is how much ink there is (ISO 32000-1, 8.6.6.4).
        light = 1 - parts[0] if space == "Separation" else parts[0]
    elif len(parts) == 3:
        light = parts[0] / 100 if space == "Lab" else 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]
    elif len(parts) == 4:
        cyan, magenta, yellow, black = parts
        light = (1 - black) * (1 - 0.299 * cyan - 0.587 * magenta - 0.114 * yellow)
    else:
        return None
    return float(min(1.0, max(0.0, light)))
