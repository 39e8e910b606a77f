"""Reads a news page's bytes into the text of its article by trafilatura. It is run in a worker process."""

from __future__ import annotations

import logging
import warnings

from trafilatura import bare_extraction
from trafilatura.settings import Document

from pipelines.text.cleaning import clean_text
from pipelines.text.reading import Reading, TextPage
from pipelines.text.stored_reading import READERS

READER = READERS["article"]
# 20 MB of paragraphs cost 34 s and 1.8 GB (trafilatura 2.3.1).
MOST_BYTES = 5_000_000


def read_article(body: bytes, url: str = "") -> Reading:
    """Return the article as one page, its paragraphs parted by blank lines; raises nothing but MemoryError.

    The text is a function of `body` alone: `url` stands in error messages only. Headline, byline and dates are
    for the source to say, so none are looked for.
    """
    if len(body) > MOST_BYTES:
        return Reading(READER, "no-article", f"{len(body)} bytes; more than {MOST_BYTES} are not read")
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Deduplication would remember earlier pages.
            found = bare_extraction(
                body, favor_precision=True, include_comments=False, deduplicate=False, with_metadata=False
            )
        except MemoryError:
            raise
        except Exception as error:
            return Reading(READER, "no-article", f"{url[:200]} {type(error).__name__}: {error}"[:300].strip())
    text, removed = clean_text(found.text or "" if isinstance(found, Document) else "")
    paragraphs = [line.strip() for line in text.split("\n") if line.strip()]
    if not any(character.isalnum() for paragraph in paragraphs for character in paragraph):
        return Reading(READER, "no-article", "no paragraphs of an article")
    metadata = {"removed characters": str(removed)} if removed else {}
    return Reading(READER, "text", "", (TextPage(1, "", "\n\n".join(paragraphs)),), (), metadata)
