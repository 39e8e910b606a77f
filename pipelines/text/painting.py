"""What decides whether paint shows: clips, transparency, and layers that are off (ISO 32000-1, 8.5, 8.11, 11.6).

It reads a page's resources and a path's corners; what is painted is no matter of its.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdftypes import PDFObjRef, resolve1
from pdfminer.psparser import PSLiteral

# Less isn't seen as transparent: letters under it can't be read.
_OPAQUE = 0.95
_MOST_LAYERS = 10_000


class Clip(NamedTuple):
    """Where paint shows, in points from the page's upper left corner; one that isn't `plain` shows less than that."""

    x0: float
    top: float
    x1: float
    bottom: float
    plain: bool = True

    def within(self, other: Clip | None) -> Clip:
        """Return where both show."""
        if other is None:
            return self
        x0, top = max(self.x0, other.x0), max(self.top, other.top)
        x1, bottom = max(x0, min(self.x1, other.x1)), max(top, min(self.bottom, other.bottom))
        return Clip(x0, top, x1, bottom, self.plain and other.plain)


def opacity(resources: Any, name: Any) -> bool | None:
    """Say whether a graphics state of the resources paints so that nothing shows through, or None if it doesn't say."""
    states = _dictionary(_dictionary(resources).get("ExtGState"))
    state = _dictionary(states.get(_name(name)))
    alpha, blend, mask = (resolve1(state.get(key)) for key in ("ca", "BM", "SMask"))
    if alpha is None and blend is None and mask is None:
        return None
    modes = [_name(mode) for mode in blend] if isinstance(blend, list) else [_name(blend)]
    normal = blend is None or modes[:1] in (["Normal"], ["Compatible"])
    solid = not isinstance(alpha, int | float) or alpha >= _OPAQUE
    return normal and solid and (mask is None or _name(mask) == "None")


def layers_off(document: PDFDocument) -> frozenset[int]:
    """Return the numbers of the layers that aren't shown when the file is opened."""
    properties = _dictionary(document.catalog.get("OCProperties"))
    shown = _dictionary(properties.get("D"))
    if _name(resolve1(shown.get("BaseState"))) == "OFF":
        return _numbers(properties.get("OCGs")) - _numbers(shown.get("ON"))
    return _numbers(shown.get("OFF"))


def is_off(layer: Any, off: frozenset[int]) -> bool:
    """Say whether a layer, or a membership of layers (8.11.2.2), is switched off."""
    if not off:
        return False
    if isinstance(layer, PDFObjRef) and layer.objid in off:
        return True
    groups = _dictionary(layer).get("OCGs")
    listed = _numbers(groups) or _numbers([groups])
    return bool(listed) and listed <= off


def layer_named(resources: Any, name: Any) -> Any:
    """Return the layer by its name among the resources of a page."""
    return _dictionary(_dictionary(resources).get("Properties")).get(_name(name))


def _numbers(references: Any) -> frozenset[int]:
    listed = resolve1(references)
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(one.objid for one in listed[:_MOST_LAYERS] if isinstance(one, PDFObjRef))


def _dictionary(value: Any) -> dict[str, Any]:
    found = resolve1(value)
    return found if isinstance(found, dict) else {}


def _name(value: Any) -> str:
    return str(value.name) if isinstance(value, PSLiteral) else str(value)


def is_hollow(places: Sequence[tuple[float, float, float, float]]) -> bool:
    """Say whether one rectangle of a path lies in another: what lies between is filled, a frame (8.5.3.3)."""
    return len(places) <= 20 and any(
        one is not other and one[0] <= other[0] and one[1] <= other[1] and one[2] >= other[2] and one[3] >= other[3]
        for one in places
        for other in places
    )
