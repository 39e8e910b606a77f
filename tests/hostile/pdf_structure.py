"""PDFs whose tables, page trees, page boxes and nesting lie (HP-02 to HP-06); made here, never stored."""

from __future__ import annotations

import zlib

from tests.hostile.pdf import assembled, lines, one_page, page, stream, written

WORDS = "words to be found"


def _plain() -> bytes:
    return written(lines(WORDS))


# HP-02: cross-references.


def xref_stream(widths: bytes, size: int = 12, index: bytes = b"", rows: bytes = b"\x01\0\0\0\x0f\0" * 12) -> bytes:
    """A file whose cross-reference stream says nothing true; its objects can be found by looking through it."""
    whole = assembled(one_page(stream(lines(WORDS))))
    head = whole[: whole.rindex(b"xref\n0 1")]
    entries = b"/Type /XRef /Size %d /W %s /Root 1 0 R %s" % (size, widths, index)
    return head + b"50 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(rows, entries), len(head))


def xref_in_the_content() -> bytes:
    """startxref leads into a page's content, which holds a table of its own."""
    whole = assembled(one_page(stream(b"xref\n0 1\n0000000000 65535 f \ntrailer << /Root 9 0 R >>\n" + lines(WORDS))))
    place = whole.index(b"xref\n0 1")
    return whole[: whole.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % place


def object_number(number: int) -> bytes:
    """A page with a number that there can't be."""
    objects = one_page(stream(lines(WORDS)))
    objects[2] = b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % number
    objects[number] = objects.pop(10)
    return assembled(objects)


def hybrid() -> bytes:
    """A table whose trailer names a cross-reference stream that isn't there (ISO 32000-1, 7.5.8.4)."""
    return _plain().replace(b"/Root 1 0 R", b"/XRefStm 99999 /Root 1 0 R")


def two_trailers() -> bytes:
    """A second trailer behind the first, whose root is a font."""
    return _plain() + b"trailer\n<< /Root 3 0 R >>\nstartxref\n7\n%%EOF\n"


def previous_circle() -> bytes:
    """Two tables that each name the other as the one before."""
    whole = _plain()
    start = int(whole.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    second = len(whole)
    first = whole.replace(b"/Root 1 0 R", b"/Prev %d /Root 1 0 R" % (second + 14))
    tail = b"xref\n0 0\ntrailer\n<< /Size 20 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (start, len(first))
    return first + tail


def entries_beyond_the_end() -> bytes:
    """A table whose entries all lie behind the end of the file."""
    whole = _plain()
    table = whole.rindex(b"xref\n0 1")
    return whole[:table] + whole[table:].replace(b"0000000", b"9999999")


def entries_on_one_place() -> bytes:
    """A table in which every object is the catalog."""
    head, table = (whole := _plain())[: (at := whole.rindex(b"xref\n0 1"))], whole[at:]
    place = head.index(b"1 0 obj")
    rows = [b"%010d 00000 n " % place if row.endswith(b" n ") else row for row in table.split(b"\n")]
    return head + b"\n".join(rows)


def root_is(words: bytes) -> bytes:
    """A trailer with this root."""
    return _plain().replace(b"/Root 1 0 R", b"/Root " + words)


def object_is_itself() -> bytes:
    """A page whose resources and content are references in a circle."""
    return assembled(one_page(b"12 0 R", _12=b"13 0 R", _13=b"12 0 R"))


# HP-03: page trees (and in tests/hostile/pdf.py).


def kids_are(words: bytes) -> bytes:
    """A page tree with these kids, beside one page that hangs on nothing."""
    objects = one_page(stream(lines(WORDS)))
    objects[2] = b"<< /Type /Pages /Count 3 /Kids %s >>" % words
    return assembled(objects)


def wide_tree(levels: int = 12) -> bytes:
    """Each level lists the next one ten times: 10^12 pages in a KB."""
    objects = one_page(stream(lines(WORDS)))
    objects[2] = b"<< /Type /Pages /Count 1000000000000 /Kids [100 0 R] >>"
    for level in range(100, 100 + levels):
        objects[level] = b"<< /Type /Pages /Count 10 /Kids [%s] >>" % (b"%d 0 R " % (level + 1) * 10)
    objects[100 + levels] = page(b"/Contents 11 0 R")
    return assembled(objects)


def parent_circle() -> bytes:
    """A page whose parents go in a circle, and that has no box of its own."""
    objects = one_page(stream(lines(WORDS)))
    objects[2] = b"<< /Type /Pages /Parent 12 0 R /Count 1 /Kids [10 0 R] >>"
    objects[12] = b"<< /Type /Pages /Parent 2 0 R /Count 1 /Kids [2 0 R] >>"
    objects[10] = b"<< /Type /Page /Parent 2 0 R /Contents 11 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
    return assembled(objects)


# HP-04: page boxes.


def page_box(entries: bytes) -> bytes:
    """A page with these entries in place of its box."""
    objects = one_page(stream(lines(WORDS)))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R %s /Contents 11 0 R /Resources << /Font << /F1 3 0 R >> >> >>" % entries
    )
    return assembled(objects)


# HP-05: a small file that draws without end (and in tests/hostile/pdf.py).


def drawn(content: bytes) -> bytes:
    """A page of this content, packed."""
    return assembled(one_page(stream(zlib.compress(content, 9), b"/Filter /FlateDecode")))


def many_lines(count: int = 500_000) -> bytes:
    """So many strokes, each of its own, and words."""
    return drawn(b"0 0 m 500 500 l S\n" * count + lines(WORDS))


def one_long_path(count: int = 1_000_000) -> bytes:
    """One path of so many corners, and words."""
    return drawn(b"0 0 m\n" + b"5 5 l 9 1 l\n" * (count // 2) + b"S " + lines(WORDS))


def grid(lines_each_way: int = 1500) -> bytes:
    """A table of more than two million cells, each of them empty."""
    across = b"".join(b"0 %.1f m 600 %.1f l S\n" % (n / 2, n / 2) for n in range(lines_each_way))
    down = b"".join(b"%.1f 0 m %.1f 790 l S\n" % (n / 3, n / 3) for n in range(lines_each_way))
    return drawn(across + down + lines(WORDS))


def on_one_spot(count: int = 100_000) -> bytes:
    """So many letters, each over the one before."""
    return drawn(b"BT /F1 12 Tf\n" + b"1 0 0 1 72 700 Tm (a) Tj\n" * count + b"ET")


def scattered(count: int = 60_000) -> bytes:
    """Letters that stand alone, each at another height."""
    shown = b"".join(
        b"1 0 0 1 %d %.3f Tm (a) Tj\n" % (n * 7919 % 600, n * 104_729 % 790_000 / 1000) for n in range(count)
    )
    return drawn(b"BT /F1 6 Tf\n" + shown + b"ET")


def boxes_over_letters(count: int = 19_000) -> bytes:
    """Letters under as many boxes, all of another size."""
    letters = b"BT /F1 4 Tf 3 TL 10 780 Td\n" + b"(%s) Tj T*\n" % (b"ab" * 75) * 250 + b"ET\n"
    return drawn(letters + b"".join(b"5 %.3f 1 780 re f\n" % (n / count) for n in range(count)) + lines(WORDS))


def many_fonts(count: int = 20_000) -> bytes:
    """A page that switches between so many fonts."""
    names = b" ".join(b"/G%d 3 0 R" % n for n in range(count))
    content = b"BT 72 700 Td " + b"".join(b"/G%d 9 Tf (a) Tj " % n for n in range(count)) + b"ET " + lines(WORDS)
    objects = one_page(stream(content))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R %s >> >> >>" % names
    )
    return assembled(objects)


def many_states(count: int = 1_000_000) -> bytes:
    """Graphics states that are saved and never taken back."""
    return drawn(b"q " * count + lines(WORDS))


# HP-06: nesting.


def nested_dictionaries(depth: int = 50_000) -> bytes:
    """A dictionary in a dictionary, as a page's entry."""
    objects = one_page(stream(lines(WORDS)))
    objects[10] = page(b"/Contents 11 0 R /PieceInfo " + b"<< /A " * depth + b"7 " + b">> " * depth)
    return assembled(objects)


def nested_references(depth: int = 5000) -> bytes:
    """A reference to a reference to a reference, as a page's content."""
    objects = one_page(b"100 0 R")
    objects |= {100 + n: b"%d 0 R" % (101 + n) for n in range(depth)}
    objects[100 + depth] = stream(lines(WORDS))
    return assembled(objects)


def long_name(megabytes: int = 5) -> bytes:
    """A name of so many megabytes, in a page's content."""
    return drawn(b"/" + b"N" * (megabytes << 20) + b" gs " + lines(WORDS))


def long_number(digits: int = 1_000_000) -> bytes:
    """A number of so many digits, as a place on the page and as a page's count."""
    objects = one_page(stream(b"9" * digits + b" 0 Td " + lines(WORDS)))
    objects[2] = b"<< /Type /Pages /Count %s /Kids [10 0 R] >>" % (b"9" * digits)
    return assembled(objects)


def marked_content_deep(depth: int = 200_000) -> bytes:
    """Marked content in marked content, never ended."""
    return drawn(b"/Span << /MCID 1 >> BDC " * depth + lines(WORDS))


def endless_content_list(count: int = 100_000) -> bytes:
    """A page whose content is one stream, so many times."""
    objects = one_page(stream(lines(WORDS)))
    objects[10] = page(b"/Contents [%s]" % (b"11 0 R " * count))
    return assembled(objects)
