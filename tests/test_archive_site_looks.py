"""The style sheets: each pair of colours that text is set in has the contrast that WCAG 2.2 asks for, in dark too."""

from __future__ import annotations

import re

import pytest

from archive.site.rendering import FILES, FOLDER

COLOURS = (FOLDER / "static" / "colours.css").read_text()
PAIRS = [
    ("ink", "paper"), ("ink", "card"), ("ink", "accent-soft"), ("quiet", "paper"), ("quiet", "card"),
    ("quiet", "accent-soft"), ("accent", "paper"), ("accent", "card"), ("accent", "accent-soft"), ("visited", "paper"),
    ("visited", "card"), ("paper", "accent"), ("mark-ink", "mark"), ("good", "good-soft"), ("warn", "warn-soft"),
    ("sample-ink", "sample"), ("paper", "warn"),
]  # fmt: skip
EDGES = [("field", "paper"), ("field", "card"), ("focus", "paper"), ("focus", "card")]


def _schemes() -> dict[str, dict[str, str]]:
    light, rest = COLOURS.split("@media (prefers-color-scheme: dark)")
    dark, paper = rest.split("@media print")
    found = {name: dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part))
             for name, part in (("light", light), ("dark", dark), ("print", paper))}  # fmt: skip
    return {name: {**found["light"], **colours} for name, colours in found.items()}


SCHEMES = _schemes()


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_text_stands_out(scheme: str) -> None:
    colours = SCHEMES[scheme]
    weak = {pair: round(ratio, 2) for pair in PAIRS if (ratio := _contrast(*(colours[one] for one in pair))) < 4.5}
    assert weak == {}, "WCAG 2.2, 1.4.3"
    faint = {pair: round(ratio, 2) for pair in EDGES if (ratio := _contrast(*(colours[one] for one in pair))) < 3}
    assert faint == {}, "WCAG 2.2, 1.4.11"


def test_dark_and_paper_name_the_colours_of_light() -> None:
    assert set(SCHEMES["dark"]) == set(SCHEMES["light"]) == set(SCHEMES["print"])


@pytest.mark.parametrize("name", ["site.css", "datasette.css"])
def test_rules_name_colours_and_load_nothing(name: str) -> None:
    rules = (FOLDER / "static" / name).read_text()
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])", rules) == ["#fff"][: name == "site.css"], (
        "a capture's paper"
    )
    assert not re.search(r"url\(|@import|@font-face", rules)
    used = set(re.findall(r"var\(--([a-z-]+)\)", rules))
    known = set(re.findall(r"--([a-z-]+):", COLOURS))
    assert used <= known, "each name is one of colours.css"
    assert FILES[name][0].startswith(COLOURS.encode())


def test_the_script_makes_no_markup_of_text() -> None:
    script = FILES["site.js"][0].decode()
    for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("):
        assert unsafe not in script
    assert len(script) < 30_000


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
