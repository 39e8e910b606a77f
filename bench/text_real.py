"""Real files have no truth, but several readers: what two others agree on should be found, and nothing said alone.

The files are those of ../shared/corpus/pdf beside the checkout; a second reading that lies beside a file counts too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pypdfium2

from bench.text_readers import Answers

CORPUS = Path(__file__).parent.parent.parent / "shared" / "corpus" / "pdf"
QUICK_FILES, QUICK_PAGES = 10, 8
GRAM = 6
_WORD = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Sums over files. `confirmed`: what another reader has too; `found` of `agreed`: what two others have."""

    words: int = 0
    words_confirmed: int = 0
    words_agreed: int = 0
    words_found: int = 0
    grams: int = 0
    grams_confirmed: int = 0
    grams_agreed: int = 0
    grams_found: int = 0
    twin: int = 0
    twin_found: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def shares(self) -> dict[str, float]:
        """Return what is printed, by name."""
        return {
            "confirmed": self.words_confirmed / (self.words or 1),
            "found": self.words_found / (self.words_agreed or 1),
            "6 conf.": self.grams_confirmed / (self.grams or 1),
            "6 found": self.grams_found / (self.grams_agreed or 1),
            "twin": self.twin_found / (self.twin or 1),
        }


def born_digital(*, quick: bool) -> list[Path]:
    """Return the files that were made as text: letters on most pages, and hardly one that is a picture."""
    found = []
    for path in sorted(CORPUS.rglob("*.pdf")):
        try:
            count, lettered, pictures = _kinds_of_pages(path, QUICK_PAGES if quick else None)
        except pypdfium2.PdfiumError:
            continue
        if count and lettered >= 0.5 * count and pictures <= 0.2 * count:
            found.append(path)
    return found[:: max(1, len(found) // QUICK_FILES)] if quick else found


def _kinds_of_pages(path: Path, most: int | None) -> tuple[int, int, int]:
    """Return how many pages there are, with letters, and with a picture over most of them; none if over `most`."""
    lettered = pictures = 0
    with pypdfium2.PdfDocument(path) as pdf:
        count = len(pdf)
        for number in range(count if most is None or count <= most else 0):
            page = pdf[number]
            text = page.get_textpage()
            lettered += text.count_chars() >= 50
            pictures += _is_picture(page)
            text.close()
            page.close()
    return count, lettered, pictures


def _is_picture(page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = one.get_bounds()
        if (right - left) * (top - bottom) > 0.7 * width * height:
            return True
    return False


def agreements(paths: Sequence[Path], answers: Mapping[str, Answers]) -> dict[str, Agreement]:
    """Compare each reader with the others, file by file."""
    sums = dict.fromkeys(answers, Agreement())
    for index, path in enumerate(paths):
        bags = {name: _once_a_page(told.files[index].pages, 1) for name, told in answers.items()}
        bags_of_grams = {name: _once_a_page(told.files[index].pages, GRAM) for name, told in answers.items()}
        twin = path.with_suffix(".txt")
        beside = Counter(_plain(twin.read_text("utf-8", "replace"))) if twin.exists() else Counter()
        texts = {name: Counter(_plain(told.files[index].text)) for name, told in answers.items()}
        for name in answers:
            sums[name] += Agreement(
                *_compared(name, bags),
                *_compared(name, bags_of_grams),
                beside.total(),
                (beside & texts[name]).total(),
            )
    return sums


def _compared(name: str, bags: Mapping[str, Counter[tuple[int, str]]]) -> tuple[int, int, int, int]:
    """Return how much a reader has, how much of it another has, how much two others have, how much of it is here."""
    own = bags[name]
    others = [bag for other, bag in bags.items() if other != name]
    either: Counter[tuple[int, str]] = Counter()
    agreed: Counter[tuple[int, str]] = Counter()
    for bag in others:
        agreed |= either & bag
        either |= bag
    return own.total(), (own & either).total(), agreed.total(), (own & agreed).total()


def _once_a_page(pages: Sequence[str], length: int) -> Counter[tuple[int, str]]:
    """Return the runs of so many words, each once for each page it stands on.

    Shadows and bold letters are drawn twice: two readers that both say them twice are no witnesses of a second word.
    """
    found: set[tuple[int, str]] = set()
    for number, page in enumerate(pages):
        words = _plain(page)
        found |= {(number, " ".join(words[at : at + length])) for at in range(len(words) - length + 1)}
    return Counter(found)


def _plain(text: str) -> list[str]:
    """Return words and numbers, without hyphens and marks: readers differ in which hyphens they take for the line's
    own, in whether a note's mark hangs on its word, and in how they part dots that lead to a page number."""
    text = re.sub("(?:[-\u2010\u00ad]|\ufffe|\x02)\\s*\n\\s*|[-\u2010\u00ad\ufffe\x02]", "", text)
    return _WORD.findall(unicodedata.normalize("NFKC", text))
