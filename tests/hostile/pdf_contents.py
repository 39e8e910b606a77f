"""PDFs that act, carry files, lie about themselves, hide text or are something else as well (HP-10 to HP-16)."""

from __future__ import annotations

import io
import zipfile

from tests.hostile.pdf import assembled, lines, one_page, page, stream, written

WORDS = "words to be found"


def catalog(entries: bytes, **more: bytes) -> bytes:
    """A file with these entries in its catalog; `_20=...` is object 20."""
    objects = one_page(stream(lines(WORDS)), **more)
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R %s >>" % entries
    return assembled(objects)


# HP-11: what a file would do.

ACTIONS = {
    "javascript": b"<< /S /JavaScript /JS (app.launchURL\\('http://127.0.0.1:9/'\\)) >>",
    "launch": b"<< /S /Launch /F (/bin/sh) /Win << /F (cmd.exe) /P (/c calc) >> >>",
    "submit": b"<< /S /SubmitForm /F << /FS /URL /F (http://127.0.0.1:9/form) >> >>",
    "goto-remote": b"<< /S /GoToR /F (\\\\\\\\127.0.0.1\\\\share\\\\a.pdf) /D [0 /Fit] >>",
    "uri": b"<< /S /URI /URI (file:///etc/passwd) >>",
    "import-data": b"<< /S /ImportData /F (/etc/passwd) >>",
    "chain": b"<< /S /JavaScript /JS 21 0 R /Next 20 0 R >>",
}


def opens_with(name: str) -> bytes:
    """A file that does this when it is opened."""
    return catalog(b"/OpenAction 20 0 R /AA << /WC 20 0 R >>", _20=ACTIONS[name], _21=stream(b"x = 1"))


def external_form() -> bytes:
    """A form whose XML asks for a file and an address."""
    xml = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">'
        b'<!ENTITY h SYSTEM "http://127.0.0.1:9/x">]><xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">&f;&h;</xdp:xdp>'
    )
    return catalog(b"/AcroForm << /Fields [] /XFA 20 0 R /NeedAppearances true >>", _20=stream(xml))


def external_stream() -> bytes:
    """A content, a font and a picture that lie in other files (ISO 32000-1, 7.3.8.2)."""
    outside = b"<< /Length 0 /F << /FS /URL /F (http://127.0.0.1:9/x) >> /FFilter /FlateDecode >>\nstream\n\nendstream"
    inside = b"<< /Length 0 /F (/etc/passwd) >>\nstream\n\nendstream"
    objects = one_page(outside, _12=inside, _13=stream(lines(WORDS)))
    objects[10] = page(b"/Contents [11 0 R 12 0 R 13 0 R]")
    return assembled(objects)


def rich_media() -> bytes:
    """An annotation that plays, and one that opens a remote document."""
    objects = one_page(stream(lines(WORDS)))
    objects[10] = page(b"/Contents 11 0 R /Annots [12 0 R 13 0 R]")
    objects[12] = (
        b"<< /Subtype /RichMedia /Rect [0 0 9 9] /RichMediaContent << /Assets << /Names [(a.swf) 14 0 R] >> >> >>"
    )
    objects[13] = (
        b"<< /Subtype /Screen /Rect [0 0 9 9] /A << /S /Rendition /R << /C << /D (http://127.0.0.1:9/v) >> >> >> >>"
    )
    objects[14] = b"<< /Type /Filespec /F (a.swf) >>"
    return assembled(objects)


# HP-12: files in the file.


def attached(count: int, name: bytes = b"a%d.exe", data: bytes = b"MZ" + bytes(100)) -> bytes:
    """So many files in the file; a name may count by %d."""
    names = b" ".join(b"(%s) 20 0 R" % (name % n if b"%d" in name else name) for n in range(count))
    spec = b"<< /Type /Filespec /F (%s) /EF << /F 21 0 R >> >>" % name
    return catalog(b"/Names << /EmbeddedFiles << /Names [%s] >> >>" % names, _20=spec, _21=stream(data))


def zip_bomb() -> bytes:
    """An archive in which ten megabytes of zeros lie in a few KB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("zeros"), bytes(10 << 20))
    return attached(1, b"bomb.zip", packed.getvalue())


def nested_files(depth: int = 50) -> bytes:
    """A PDF in a PDF in a PDF."""
    body = written(lines("innermost"))
    for _ in range(depth):
        body = attached(1, b"inner.pdf", body)
    return body


def names_in_a_circle() -> bytes:
    """A tree of names that holds itself."""
    return catalog(
        b"/Names << /EmbeddedFiles 20 0 R /JavaScript 20 0 R >> /Dests 20 0 R", _20=b"<< /Kids [20 0 R 20 0 R] >>"
    )


def outline_in_a_circle() -> bytes:
    """An outline whose entries are their own next and first."""
    return catalog(
        b"/Outlines 20 0 R", _20=b"<< /Title (circle) /First 20 0 R /Next 20 0 R /Last 20 0 R /Dest [10 0 R /Fit] >>"
    )


def structure_in_a_circle() -> bytes:
    """A tree of structure and labels of pages that hold themselves."""
    return catalog(b"/StructTreeRoot 20 0 R /PageLabels 21 0 R /MarkInfo << /Marked true >>",
                   _20=b"<< /K 20 0 R /P 20 0 R >>", _21=b"<< /Kids [21 0 R] /Nums [0 21 0 R] >>")  # fmt: skip


# HP-13: what a file says of itself.


def info(entries: bytes) -> bytes:
    """A file whose Info dictionary says this."""
    return written(lines(WORDS), info=entries)


def metadata_stream(data: bytes, entries: bytes = b"/Type /Metadata /Subtype /XML") -> bytes:
    """A file with this XMP packet."""
    return catalog(b"/Metadata 20 0 R", _20=stream(data, entries))


# HP-14: what can't be seen.


def over(content: bytes, words: str = "Smithee the witness") -> bytes:
    """Words at the top of the page, then this, then words that can be seen."""
    head, tail = b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % words.encode(), b"0 g 0 Tr BT /F1 12 Tf 72 600 Td"
    return assembled(one_page(stream(b"%s %s %s (%s) Tj ET" % (head, content, tail, WORDS.encode()))))


def of_a_layer(state: bytes = b"OFF") -> bytes:
    """Words in a layer that is switched off, or on (ISO 32000-1, 8.11)."""
    content = b"/OC /L BDC BT /F1 12 Tf 72 720 Td (Smithee the witness) Tj ET EMC " + lines("", "", WORDS)
    objects = one_page(stream(content), _20=b"<< /Type /OCG /Name (layer) >>")
    objects[1] = b"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [20 0 R] /D << /%s [20 0 R] >> >> >>" % state
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /Properties << /L 20 0 R >> >> >>"
    )
    return assembled(objects)


def earlier_revision() -> bytes:
    """A file whose page was written anew: what it said before is still in the file (ISO 32000-1, 7.5.6)."""
    whole = assembled(one_page(stream(lines("Smithee the witness"))))
    start = int(whole.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    new = b"11 0 obj\n%s\nendobj\n" % stream(lines(WORDS))
    table = b"xref\n11 1\n%010d 00000 n \ntrailer\n<< /Size 12 /Root 1 0 R /Prev %d >>\n" % (len(whole), start)
    return whole + new + table + b"startxref\n%d\n%%%%EOF\n" % (len(whole) + len(new))


def after_the_end() -> bytes:
    """An object behind the end of the file that would be the page's content."""
    return written(lines(WORDS)) + b"11 0 obj\n%s\nendobj\n" % stream(lines("Smithee the witness"))


# HP-16: what a file is.


def polyglot_zip() -> bytes:
    """A PDF that is an archive as well."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), "inside")
    return written(lines(WORDS)) + packed.getvalue()


def behind(junk: bytes) -> bytes:
    """A PDF behind something else."""
    return junk + written(lines(WORDS))
