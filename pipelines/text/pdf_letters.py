"""A pdfplumber page that makes objects of letters only: the same text, in half the time and without the drawings."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTComponent, LTContainer, LTItem, LTPage
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfplumber.page import Page

# The densest pages of real tables hold some 30,000.
MOST_LETTERS = 200_000


class TooManyLettersError(Exception):
    """The page draws more than MOST_LETTERS letters."""

    def __init__(self) -> None:
        super().__init__(f"more than {MOST_LETTERS} letters")


class LetterPage(Page):
    """One page; `chars`, `extract_text` and `extract_words` are as in pdfplumber, which has no other objects here.

    Stock pages resolve two dozen attributes of each letter, line and curve (half of the time on dense pages); a
    page of 1,000,000 rectangles costs them minutes and gigabytes. Raises TooManyLettersError, and whatever pdfminer
    raises, when it is first asked for its letters.
    """

    @property
    def layout(self) -> LTPage:
        """What pdfminer makes of the page's content, its drawings and pictures left out."""
        if not hasattr(self, "_layout"):
            device = _LetterDevice(self.pdf.rsrcmgr, pageno=self.page_number, laparams=None)
            PDFPageInterpreter(self.pdf.rsrcmgr, device).process_page(self.page_obj)
            self._layout: LTPage = device.get_result()
        return self._layout

    def iter_layout_objects(self, layout_objects: list[LTComponent]) -> Generator[dict[str, Any], None, None]:
        """Yield the letters in the order in which they were drawn, those in nested forms included."""
        for item in layout_objects:
            if isinstance(item, LTChar):
                yield self.process_object(item)
            elif isinstance(item, LTContainer):
                yield from self.iter_layout_objects(item._objs)

    def process_object(self, obj: LTItem) -> dict[str, Any]:
        """Return what pdfplumber's text functions ask of a letter; its axes count from the top."""
        assert isinstance(obj, LTChar)
        left, above = self.mediabox[:2]
        top = self.height - obj.y1 + above
        return {
            "object_type": "char",
            "text": obj.get_text(),
            "x0": obj.x0 + left,
            "x1": obj.x1 + left,
            "top": top,
            "bottom": self.height - obj.y0 + above,
            "doctop": self.initial_doctop + top,
            "width": obj.width,
            "height": obj.height,
            "size": obj.size,
            "fontname": obj.fontname,
            "upright": obj.upright,
        }


class _LetterDevice(PDFPageAggregator):
    """Takes letters and forms; lines, curves and pictures leave nothing behind."""

    _letters = 0

    def render_char(self, *arguments: Any, **named: Any) -> float:
        self._letters += 1
        if self._letters > MOST_LETTERS:
            raise TooManyLettersError
        return float(super().render_char(*arguments, **named))

    def paint_path(self, *_: Any) -> None:
        pass

    def render_image(self, *_: Any) -> None:
        pass
