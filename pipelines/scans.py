"""Has the pages of one document that wait for OCR read one by one, so that a page that kills costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipelines.text.reading import Reading
from pipelines.text.scans import WAITING, failed, joined

# Ten times what the slower engine takes for a dense page on a small machine.
SECONDS_A_SCAN = 120
# So many pages in a row without an answer, and the others of the document are given up.
_MOST_UNANSWERED = 5
_KEPT_EVERY = 20


def scanned(
    kept: Reading | None, pages: Sequence[int], read: Callable[[int], Reading], keep: Callable[[Reading], None]
) -> Reading:
    """Return what OCR makes of `pages`; of those in `kept` nothing is read again.

    `read` reads one page, and answers with no pages where its process came to an end: such a page is "ocr-failed"
    in what is returned and is not handed to `keep`, which is called now and then, and at the end.
    """
    done = [kept] if kept is not None else []
    held = {page.number for reading in done for page in reading.pages}
    lost: list[Reading] = []
    unanswered = 0
    for number in pages:
        if number in held:
            continue
        if unanswered >= _MOST_UNANSWERED:
            lost.append(failed(number, f"given up after {_MOST_UNANSWERED} pages without an answer"))
            continue
        reading = read(number)
        if not reading.pages:
            unanswered += 1
            lost.append(failed(number, f"{reading.outcome}: {reading.detail}"))
            continue
        unanswered = 0
        if reading.outcome in WAITING:  # The worker found no engine after all.
            break
        done.append(reading)
        if len(done) % _KEPT_EVERY == 0:
            keep(joined(done))
    if len(done) > (kept is not None):
        keep(joined(done))
    return joined([*done, *lost])
