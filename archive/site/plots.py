"""Draws what a query gave as bars, in SVG without styles, scripts or ids: the site's style sheet gives them colour.

It knows rows, not what they mean.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree import ElementTree

import pygal
from markupsafe import Markup
from pygal.style import Style

from archive.research.rows import Row

# The library leaves an importer of its plug-ins behind, of a form that Python knows no more; we have none.
sys.meta_path[:] = [importer for importer in sys.meta_path if type(importer).__module__ != "pygal"]
# So many bars are drawn, the newest or the largest; so many parts a bar has, the last of them for all others.
BARS, PARTS = 60, 6
OTHERS, UNNAMED = "others", "not told"
_KEPT = {"svg", "g", "rect", "path", "text"}
_ATTRIBUTES = {"x", "y", "rx", "ry", "width", "height", "d", "transform", "class", "viewBox"}
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SVG = "{http://www.w3.org/2000/svg}"
# Letters are measured by it; how they look says the style sheet.
_STYLE = Style(label_font_size=13, major_label_font_size=13, legend_font_size=13)


@dataclass(frozen=True, slots=True)
class Plot:
    """How a query's rows are drawn: a bar for each `bar`, as long as `value`, in parts by `part`.

    Bars of a `step` ("month", "week") stand in their order, those without rows too; others lie, the longest on top.
    """

    bar: str
    value: str
    part: str = ""
    step: str = ""


def draw(rows: list[Row], plot: Plot, title: str) -> Markup:
    """Return rows as an SVG element; "" where there is nothing to draw."""
    heights: dict[str, Counter[str]] = {}
    for row in rows:
        part = str(row[plot.part] or UNNAMED) if plot.part else ""
        heights.setdefault(str(row[plot.bar] or UNNAMED), Counter())[part] += row[plot.value] or 0
    if not heights:
        return Markup("")
    bars = list(_steps(heights, plot.step))[-BARS:] if plot.step else _longest(heights)
    parts = _parts([heights.get(bar, Counter()) for bar in bars])
    chart = _chart(plot, bars)
    for part in parts:
        chart.add(_text(part), [_height(heights.get(bar, Counter()), part, parts) for bar in bars])
    return _cleaned(chart.render(is_unicode=True), title)


def _longest(heights: dict[str, Counter[str]]) -> list[str]:
    """Return the longest bars, the longest last: it is drawn on top."""
    return sorted(heights, key=lambda bar: (-heights[bar].total(), bar))[: BARS // 4][::-1]


def _steps(heights: dict[str, Counter[str]], step: str) -> Iterator[str]:
    """Give each month or week from the first to the last."""
    known = sorted(bar for bar in heights if bar != UNNAMED)
    if not known:
        return
    at, last = known[0], known[-1]
    for _ in range(20_000):
        yield at
        if at >= last:
            return
        at = _next(at, step)


def _next(at: str, step: str) -> str:
    if step == "week":
        return (date.fromisoformat(at) + timedelta(days=7)).isoformat()
    year, month = int(at[:4]), int(at[5:7])
    return f"{year + month // 12:04}-{month % 12 + 1:02}"


def _parts(heights: list[Counter[str]]) -> list[str]:
    """Return the parts that are told apart, the largest first."""
    found = sum(heights, Counter[str]())
    named = sorted(found, key=lambda part: (-found[part], part))
    return named if len(named) <= PARTS else [*named[: PARTS - 1], OTHERS]


def _height(bar: Counter[str], part: str, parts: list[str]) -> float | None:
    if part == OTHERS and part not in bar:
        return sum(value for name, value in bar.items() if name not in parts) or None
    return bar[part] or None


def _chart(plot: Plot, bars: list[str]) -> pygal.graph.graph.Graph:
    kind = pygal.StackedBar if plot.step else pygal.HorizontalStackedBar
    chart = kind(
        js=[],
        style=_STYLE,
        width=900,
        height=380 if plot.step else 90 + 26 * len(bars),
        show_legend=bool(plot.part),
        legend_at_bottom=True,
        legend_at_bottom_columns=PARTS,
        max_scale=8,
        truncate_label=34,
        truncate_legend=26,
        value_formatter=lambda value: f"{value:,.0f}",
    )
    chart.x_labels = [_text(bar) for bar in bars]
    if plot.step:
        chart.x_labels_major, chart.show_minor_x_labels = chart.x_labels[:: max(1, len(bars) // 10)], False
    return chart


def _text(value: str) -> str:
    return _NO_CHARACTER.sub("�", value)


def _cleaned(svg: str, title: str) -> Markup:
    """Return what was drawn with nothing in it but shapes, words and classes; each part tells its figure in a title."""
    ElementTree.register_namespace("", _SVG[1:-1])
    root = ElementTree.fromstring(svg)  # noqa: S314 (our own)
    for element in list(root.iter()):
        _clean(element)
    root.attrib.update({"class": "plot", "role": "img", "aria-label": title})
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 (escaped by the writer)


def _clean(element: ElementTree.Element) -> None:
    told = {one.get("class", ""): one.text or "" for one in element.findall(f"{_SVG}desc")}
    for child in list(element):
        name = str(child.tag).removeprefix(_SVG)
        if name not in _KEPT or "overlay" in child.get("class", "") or not (len(child) or child.attrib or child.text):
            element.remove(child)
    element.attrib = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES}
    if element.tag == f"{_SVG}g" and told:
        words = ": ".join(filter(None, (told.get("x_label"), told.get("value"))))
        ElementTree.SubElement(element, f"{_SVG}title").text = words
