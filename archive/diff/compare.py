"""Compares two versions: which pages, words, cells and fields changed, and whether any of it is real."""

from __future__ import annotations

from collections.abc import Iterable

from archive.diff.edits import align_streams, edits_of, read_otherwise
from archive.diff.fields import fact_changes, field_changes, link_changes
from archive.diff.furniture import furniture_edits
from archive.diff.judging import judged
from archive.diff.model import SAME, Comparison, Edit, Page, Side
from archive.diff.page_pairs import pair_pages, shared_words, with_states
from archive.diff.streams import BESIDE, beside, running
from archive.diff.tables import table_changes
from archive.diff.unread import unknown
from archive.running_text import OnPage


def compare(before: Side, after: Side) -> Comparison:
    """Return what changed from one version to the other; a function of the two alone.

    Its time grows with the length of the texts, whatever they hold: what would take longer is told coarsely, and
    `doubts` says so.
    """
    forms = _forms(before.pages) | _forms(after.pages)
    aligned = [align_streams(running(before.pages), running(after.pages))]
    aligned += [align_streams(beside(before.pages, part), beside(after.pages, part)) for part in BESIDE]
    pairs = pair_pages(
        before.pages, after.pages, sum((shared_words(one) for one in aligned[1:]), shared_words(aligned[0]))
    )
    edits = [edit for streams in aligned for edit in edits_of(streams, forms)]
    edits = read_otherwise([*edits, *furniture_edits(before.pages, after.pages, pairs)])
    edits = unknown(edits, pairs, before.pages, after.pages)
    told = Comparison(
        before.version,
        after.version,
        SAME,
        0.0,
        "",
        pages=with_states(pairs, edits),
        edits=tuple(sorted(edits, key=_where)),
        tables=table_changes(before.tables, after.tables),
        metadata=fact_changes(before.facts, after.facts),
        fields=field_changes(before.fields, after.fields, terse=before.terse or after.terse),
        attachments=link_changes(before.links, after.links),
    )
    return judged(told, before, after, coarse=any(streams.coarse for streams in aligned))


def _where(edit: Edit) -> OnPage:
    """Return where an edit begins in the later version, or would."""
    return min(edit.after, default=edit.at_after or OnPage(0, 0, 0))


def _forms(pages: Iterable[Page]) -> frozenset[str]:
    return frozenset().union(*(page.forms for page in pages))
