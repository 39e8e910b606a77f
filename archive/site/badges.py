"""Draws a badge: a word, what is so, and a colour, as a picture of a line's height that any page can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

GOOD, LOOK, BAD, UNKNOWN = "good", "look", "bad", "unknown"
# White letters on each of them: 4.5 to 1 and more.
COLOURS: Mapping[str, str] = {GOOD: "#2e7032", LOOK: "#8a5700", BAD: "#b3261e", UNKNOWN: "#5c5f62"}
# About what a letter of 11 px is wide, and the room beside words.
_LETTER, _BESIDE = 6.6, 12


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says: of what (`label`), how that is in words (`message`) and in one of COLOURS (`state`)."""

    label: str
    message: str
    state: str

    def data(self) -> dict[str, object]:
        """Return it as data: `schemaVersion` to `color` are those that shields.io's endpoint badges take."""
        return {
            "schemaVersion": 1,
            "label": self.label,
            "message": self.message,
            "color": COLOURS[self.state],
            "state": self.state,
        }

    def svg(self) -> str:
        """Return it as a picture, which says in words what it shows."""
        left, right = (round(len(words) * _LETTER) + _BESIDE for words in (self.label, self.message))
        told = escape(f"{self.label}: {self.message}")
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img"'
            f' aria-label="{told}"><title>{told}</title>',
            f'<rect width="{left}" height="20" fill="#3a3d40"/>',
            f'<rect x="{left}" width="{right}" height="20" fill="{COLOURS[self.state]}"/>',
            '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">',
            f'<text x="{left / 2:g}" y="14">{escape(self.label)}</text>',
            f'<text x="{left + right / 2:g}" y="14">{escape(self.message)}</text></g></svg>\n',
        ]
        return str(Markup("").join(Markup(part) for part in parts))  # noqa: S704 (escaped above)
