"""PDFs whose fonts, forms, patterns and appearances lie or call themselves (HP-07, HP-08); made here, never stored."""

from __future__ import annotations

import zlib

from tests.hostile.pdf import assembled, lines, one_page, page, stream

WORDS = "words to be found"


def font(entries: bytes, content: bytes = b"", **more: bytes) -> bytes:
    """A page written in this font, and a line in a good one."""
    shown = content or b"BT /F2 12 Tf 72 700 Td (ABC) Tj ET "
    objects = one_page(stream(shown + lines(WORDS)))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R /F2 20 0 R >> >> >>"
    )
    objects[20] = b"<< /Type /Font %s >>" % entries
    return assembled(objects | {int(name[1:]): body for name, body in more.items()})


def cmap(body: bytes) -> bytes:
    """A font with this character map (ISO 32000-1, 9.10.3)."""
    head = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    head += b"1 begincodespacerange <00> <FF> endcodespacerange\n"
    whole = stream(zlib.compress(head + body + b"\nendcmap end end", 9), b"/Filter /FlateDecode")
    return font(b"/Subtype /Type1 /BaseFont /Helvetica /ToUnicode 21 0 R", _21=whole)


def cmap_bomb(count: int = 300_000) -> bytes:
    """A character map of so many entries, each 256 letters long."""
    return cmap(b"100 beginbfchar\n" + b"<41> <%s>\n" % (b"0041" * 256) * count + b"endbfchar")


def cmap_range(last: bytes = b"FFFFFFFF") -> bytes:
    """A character map with one range over all that there is."""
    return cmap(b"1 beginbfrange\n<00000000> <%s> <0041>\nendbfrange" % last)


def cmap_cid_range() -> bytes:
    """A map from codes to glyphs with one range over all that there is."""
    return cmap(b"1 begincidrange\n<00000000> <FFFFFFFF> 0\nendcidrange")


def cmap_short_range() -> bytes:
    """A range whose end is shorter than its begin, and one that runs backwards."""
    return cmap(b"2 beginbfrange\n<0000> <FF> <0041>\n<FF> <00> <0041>\n<41> <42> [<0041>]\nendbfrange")


def cmap_letters(letters: bytes) -> bytes:
    """A character map by which A means these letters (UTF-16)."""
    return cmap(b"1 beginbfchar\n<41> <%s>\nendbfchar" % letters.hex().encode())


def cmap_uses_itself() -> bytes:
    """A character map that builds on itself."""
    whole = stream(b"/Self usecmap\n1 beginbfchar <41> <0041> endbfchar", b"/CMapName /Self /UseCMap 21 0 R")
    return font(b"/Subtype /Type0 /BaseFont /X /Encoding 21 0 R /DescendantFonts [22 0 R] /ToUnicode 21 0 R", _21=whole,
                _22=_descendant(b""))  # fmt: skip


def _descendant(entries: bytes) -> bytes:
    system = b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    return b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo %s %s >>" % (system, entries)


def wide_font(widths: bytes) -> bytes:
    """A font of many letters with these widths (ISO 32000-1, 9.7.4.3)."""
    return font(
        b"/Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [22 0 R]", _22=_descendant(widths)
    )


def descendant_of_itself() -> bytes:
    """A font that is its own descendant."""
    return font(b"/Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [20 0 R]")


def system_named(name: bytes) -> bytes:
    """A font whose character system is a path (CVE-2025-64512 is of the encoding's name)."""
    system = b"<< /Registry (%s) /Ordering (%s) /Supplement 0 >>" % (name, name)
    own = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo %s >>" % system
    return font(b"/Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [22 0 R]", _22=own)


def type3_calls_itself() -> bytes:
    """A Type 3 font whose letter is drawn by that letter."""
    entries = (
        b"/Subtype /Type3 /FontBBox [0 0 1 1] /FontMatrix [1 0 0 1 0 0] /FirstChar 65 /LastChar 67 /Widths [1 1 1] "
        b"/Encoding << /Differences [65 /A /B /C] >> /CharProcs << /A 21 0 R /B 21 0 R /C 21 0 R >> "
        b"/Resources << /Font << /F2 20 0 R >> >>"
    )
    return font(entries, _21=stream(b"1 0 d0 BT /F2 1 Tf (ABC) Tj ET"))


def type3_matrix(matrix: bytes) -> bytes:
    """A Type 3 font with this matrix."""
    return font(b"/Subtype /Type3 /FontBBox [0 0 0 0] /FontMatrix %s /FirstChar 65 /Widths [0] /CharProcs << >> "
                b"/Encoding << >>" % matrix)  # fmt: skip


def font_file(kind: bytes, data: bytes) -> bytes:
    """A font with this file in it."""
    descriptor = b"<< /Type /FontDescriptor /FontName /X /Flags 4 /%s 22 0 R /Ascent 1e9 /Descent -1e9 >>" % kind
    entries = b"/Subtype /TrueType /BaseFont /X /FirstChar 65 /LastChar 999999999 /Widths [1e30] /FontDescriptor 21 0 R"
    return font(entries, _21=descriptor, _22=stream(data, b"/Length1 999999999 /Length2 -5"))


def encoding_differences() -> bytes:
    """Differences from a number beyond all letters, with names that aren't."""
    return font(b"/Subtype /Type1 /BaseFont /Helvetica /Encoding << /Differences [999999999999 /a 65 /uniD800 "
                b"/uFFFFFFFF /../../etc 7 (x)] >>")  # fmt: skip


# HP-08: what calls itself.


def form(content: bytes = b"/X Do", entries: bytes = b"", resources: bytes = b"/XObject << /X 12 0 R >>") -> bytes:
    """A page that draws a form, which has these resources."""
    objects = one_page(stream(b"/X Do " + lines(WORDS)))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 12 0 R >> >> >>"
    )
    own = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << %s >> %s" % (resources, entries)
    objects[12] = stream(content, own)
    return assembled(objects)


def forms_double(levels: int = 30) -> bytes:
    """Each form draws the next one twice: 2^30 forms in a few KB."""
    objects = one_page(stream(b"/X Do " + lines(WORDS)))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 100 0 R >> >> >>"
    )
    for level in range(100, 100 + levels):
        own = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % (level + 1)
        objects[level] = stream(b"/X Do /X Do", own)
    objects[100 + levels] = stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return assembled(objects)


def forms_deep(levels: int = 3000) -> bytes:
    """A form in a form in a form."""
    objects = one_page(stream(b"/X Do " + lines(WORDS)))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 100 0 R >> >> >>"
    )
    for level in range(100, 100 + levels):
        own = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % (level + 1)
        objects[level] = stream(b"/X Do", own)
    objects[100 + levels] = stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return assembled(objects)


def pattern_of_itself() -> bytes:
    """A pattern that is filled with itself, and a soft mask that masks itself."""
    content = b"/Pattern cs /P scn 0 0 9 9 re f /G gs " + lines(WORDS)
    objects = one_page(stream(content))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R /Resources << /Font << /F1 3 0 R >> "
        b"/Pattern << /P 12 0 R >> /ExtGState << /G 13 0 R >> >> >>"
    )
    own = b"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 1e-9 /YStep 1e-9 "
    objects[12] = stream(b"/Pattern cs /P scn 0 0 9 9 re f", own + b"/Resources << /Pattern << /P 12 0 R >> >>")
    objects[13] = b"<< /Type /ExtGState /SMask << /S /Alpha /G 14 0 R >> >>"
    group = b"/Subtype /Form /BBox [0 0 9 9] /Resources << /ExtGState << /G 13 0 R >> /XObject << /X 14 0 R >> >>"
    objects[14] = stream(b"/G gs /X Do", group)
    return assembled(objects)


def appearance_of_itself() -> bytes:
    """An annotation whose appearance, parent and popup are the annotation."""
    objects = one_page(stream(lines(WORDS)))
    objects[10] = page(b"/Contents 11 0 R /Annots [12 0 R 13 0 R]")
    objects[12] = b"<< /Subtype /Widget /FT /Tx /Rect [0 0 9 9] /AP << /N 12 0 R >> /Parent 12 0 R /Popup 12 0 R >>"
    objects[13] = b"<< /Subtype /Link /Rect 13 0 R /A 14 0 R >>"
    objects[14] = b"<< /S /URI /URI 14 0 R /Next 14 0 R >>"
    return assembled(objects)


def many_links(count: int = 200_000) -> bytes:
    """A page with so many links."""
    link = b"<< /Subtype /Link /Rect [0 0 600 700] /A << /S /URI /URI (http://example.gov/) >> >>\n"
    objects = one_page(stream(lines(WORDS)))
    objects[10] = page(b"/Contents 11 0 R /Annots 12 0 R")
    objects[12] = b"[%s]" % (link * count)
    return assembled(objects)
