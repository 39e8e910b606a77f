"""A lean pdfplumber page: letters, boxes and pictures as plain values, the same text in a fraction of the time."""

from __future__ import annotations

from typing import Any

from pdfplumber.page import Page

from pipelines.text.annotated import painted_over
from pipelines.text.drawing import MOST_BOXES, Drawing
from pipelines.text.drawn import Box, Letter, Picture
from pipelines.text.hidden import Seen, TooMuchDrawnError, seen
from pipelines.text.interpreter import Interpreter
from pipelines.text.painting import layers_off

# The densest pages of real tables hold some 30,000.
MOST_LETTERS = 200_000

_MOST_FONTS = 500
_MOST_OBJECTS = 5_000


class LetterPage(Page):
    """One page as it is shown (/Rotate applied; all of the MediaBox, as in pdfplumber).

    `chars`, `extract_text` and `extract_words` are as in pdfplumber, which has no other objects here. Stock pages
    resolve two dozen attributes of each letter, line and curve; one of 1,000,000 rectangles costs them minutes and
    gigabytes. Raises TooManyLettersError, TooMuchContentError, and whatever pdfminer raises, when it is first asked
    for what it draws.
    """

    @property
    def drawing(self) -> Drawing:
        if not hasattr(self, "_drawing"):
            left, above = self.mediabox[:2]
            drawing = Drawing(self.pdf.rsrcmgr, (left, self.height, above), MOST_LETTERS)
            drawing.layers_off = layers_off(self.pdf.doc)
            Interpreter(self.pdf.rsrcmgr, drawing).process_page(self.page_obj)
            self._drawing = drawing
        return self._drawing

    @property
    def letters(self) -> list[Letter]:
        """All letters in the order in which they were drawn, those in nested forms and the invisible ones included."""
        return self.drawing.letters

    @property
    def boxes(self) -> list[Box]:
        """Rectangles and straight lines along an axis, in the order of drawing; none where there are too many."""
        return self.drawing.boxes

    @property
    def pictures(self) -> list[Picture]:
        return self.drawing.pictures

    def seen(self) -> Seen:
        """Say which letters can be seen. Raises TooMuchDrawnError, also where boxes over letters aren't known."""
        drawing = self.drawing
        if drawing.too_many_boxes and any(
            not letter.text.isspace() for letter in drawing.letters[: drawing.hidden_until]
        ):
            raise TooMuchDrawnError(f"more than {MOST_BOXES} boxes")
        boxes = [*drawing.boxes, *painted_over(self, len(drawing.letters))]
        found = seen(drawing.letters, boxes, drawing.pictures, drawing.shapes, self.shown_box)
        return found._replace(switched_off=drawing.switched_off)

    @property
    def shown_box(self) -> tuple[float, float, float, float]:
        """The part of the page that is shown (its CropBox), as x0, top, x1, bottom."""
        x0, top, x1, bottom = map(float, self.mediabox)
        if self.rotation:
            # pdfplumber doesn't turn a CropBox about the page's middle.
            return x0, top, x1, bottom
        left, above, right, below = map(float, self.cropbox)
        cut = max(x0, left), max(top, above), min(x1, right), min(bottom, below)
        return cut if cut[0] < cut[2] and cut[1] < cut[3] else (x0, top, x1, bottom)

    @property
    def too_many_boxes(self) -> bool:
        return self.drawing.too_many_boxes

    @property
    def objects(self) -> dict[str, list[dict[str, Any]]]:
        """The letters as pdfplumber's own functions ask for them."""
        if not hasattr(self, "_objects"):
            self._objects = {"char": [self._char(letter) for letter in self.letters]}
        return self._objects

    def _char(self, letter: Letter) -> dict[str, Any]:
        return {
            "object_type": "char",
            "text": letter.text,
            "x0": letter.x0,
            "x1": letter.x1,
            "top": letter.top,
            "bottom": letter.bottom,
            "doctop": self.initial_doctop + letter.top,
            "width": letter.x1 - letter.x0,
            "height": letter.bottom - letter.top,
            # pdfplumber's size of turned letters is how far they reach down.
            "size": letter.bottom - letter.top if letter.turn in (90, 270) else letter.size,
            "fontname": letter.font,
            "upright": letter.upright,
        }

    def close(self) -> None:
        """Forget what the page draws, and what pdfminer keeps of other pages once that is much."""
        super().close()
        vars(self).pop("_drawing", None)
        document, fonts = self.pdf.doc, self.pdf.rsrcmgr._cached_fonts
        if len(fonts) > _MOST_FONTS:
            fonts.clear()
        if len(document._cached_objs) > _MOST_OBJECTS:
            document._cached_objs.clear()
            document._parsed_objs.clear()
