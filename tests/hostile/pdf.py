"""PDFs written by hand, well made and hostile: each function returns one file's bytes. None is stored."""

from __future__ import annotations

import hashlib
import zlib

from pdfminer.arcfour import Arcfour

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object's body."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def assembled(objects: dict[int, bytes], trailer: bytes = b"/Root 1 0 R", *, tail: bytes = b"") -> bytes:
    """A file of these objects, with a right cross-reference table, in front of `tail`."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    out += b"trailer\n<< /Size %d %s >>\n" % (max(objects) + 1, trailer)
    return bytes(out) + tail + b"startxref\n%d\n%%%%EOF\n" % start


def lines(*words: str) -> bytes:
    """A page's content: each text on a line of its own, from the top."""
    shown = b"".join(b"(%s) Tj T*\n" % word.encode("latin-1") for word in words)
    return b"BT /F1 12 Tf 14 TL 72 720 Td\n%sET" % shown


def written(*pages: bytes | None, info: bytes = b"", annotations: bytes = b"") -> bytes:
    """A plain file: one page for each content (None for a page without any)."""
    kids = b" ".join(b"%d 0 R" % (10 + 2 * index) for index in range(len(pages)))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids),
        3: _FONT,
        4: b"<< %s >>" % info,
    }
    for index, content in enumerate(pages):
        own = b"" if content is None else b"/Contents %d 0 R" % (11 + 2 * index)
        objects[10 + 2 * index] = page(own + (b" /Annots [%s]" % annotations if annotations else b""))
        if content is not None:
            objects[11 + 2 * index] = stream(content)
    return assembled(objects, b"/Root 1 0 R /Info 4 0 R")


def page(entries: bytes) -> bytes:
    """A page object."""
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> %s >>" % entries
    )


def one_page(content: bytes, **more: bytes) -> dict[int, bytes]:
    """The objects of a file of one page, with this stream as its content; `_20=...` is object 20."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [10 0 R] >>",
        3: _FONT,
        10: page(b"/Contents 11 0 R"),
        11: content,
    }
    return objects | {int(name[1:]): body for name, body in more.items()}


# HP-01: streams that grow.


def flate_bomb(megabytes: int = 4096, layers: int = 2) -> bytes:
    """A content stream of blanks, packed `layers` times over."""
    packer, block, check = zlib.compressobj(9), b" " * (1 << 20), 1
    first = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(megabytes):
        check = zlib.adler32(block, check)
    # After a full flush each piece stands for itself, so one may be repeated (RFC 1951, 3.2.4).
    data = first + again * (megabytes - 1) + b"\x03\x00" + check.to_bytes(4, "big")
    for _ in range(layers - 1):
        data = zlib.compress(data, 9)
    return assembled(one_page(stream(data, b"/Filter [%s]" % (b"/FlateDecode " * layers))))


def wide_predictor() -> bytes:
    """A predictor with 1,000,000,000 columns."""
    parameters = b"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 1000000000 /Colors 4 >>"
    return assembled(one_page(stream(zlib.compress(b"\x02" * 1000), parameters)))


def broken_flate() -> bytes:
    """Two good pages around one whose content can't be unpacked at all."""
    objects = one_page(stream(lines("first page")))
    objects[2] = b"<< /Type /Pages /Count 3 /Kids [10 0 R 12 0 R 14 0 R] >>"
    objects[12], objects[13] = page(b"/Contents 13 0 R"), stream(b"\x78\x9c" + b"\xff" * 40, b"/Filter /FlateDecode")
    objects[14], objects[15] = page(b"/Contents 15 0 R"), stream(lines("third page"))
    return assembled(objects)


# HP-02: cross-references that lie.


def xref_circle() -> bytes:
    """A trailer whose /Prev is its own table."""
    whole = assembled(one_page(stream(lines("circle"))))
    start = int(whole.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    return whole.replace(b"/Root 1 0 R", b"/Prev %d /Root 1 0 R" % start)


def xref_huge() -> bytes:
    """A table that claims 2,147,483,648 entries."""
    return assembled(one_page(stream(lines("huge")))).replace(b"xref\n0 1\n", b"xref\n0 2147483648\n", 1)


def xref_absent() -> bytes:
    """No table, no startxref: the objects can only be found by looking through the file."""
    whole = assembled(one_page(stream(lines("found all the same"))))
    return whole[: whole.index(b"xref\n0 1")] + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def startxref_outside() -> bytes:
    """A startxref far behind the end of the file."""
    whole = assembled(one_page(stream(lines("found all the same"))))
    return whole[: whole.rindex(b"startxref")] + b"startxref\n99999999999\n%%EOF\n"


# HP-03: page trees.


def tree_circle() -> bytes:
    """A page tree that holds itself, beside one page."""
    objects = one_page(stream(lines("the only page")))
    objects[2] = b"<< /Type /Pages /Count -1 /Kids [2 0 R 10 0 R 2 0 R] >>"
    return assembled(objects)


def tree_deep(depth: int = 10_000) -> bytes:
    """A page at the end of `depth` nested page trees."""
    objects = one_page(stream(lines("deep down")))
    first = 100
    objects[2] = b"<< /Type /Pages /Count 1 /Kids [10 0 R %d 0 R] >>" % first
    for level in range(first, first + depth):
        objects[level] = b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % (level + 1)
    objects[first + depth] = page(b"/Contents 11 0 R")
    return assembled(objects)


def page_shared(times: int = 100_000) -> bytes:
    """One page that the tree lists `times` times, and a count of a thousand million."""
    objects = one_page(stream(lines("shared")))
    objects[2] = b"<< /Type /Pages /Count 1000000000 /Kids [%s] >>" % (b"10 0 R " * times)
    return assembled(objects)


def many_pages(count: int) -> bytes:
    """`count` empty pages."""
    return written(*[None] * count)


def no_pages() -> bytes:
    """A page tree without a page."""
    return assembled({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Count 0 /Kids [] >>"})


# HP-05: a small file that draws without end.


def many_glyphs(count: int = 1_000_000) -> bytes:
    """`count` letters on one page, in a few KB."""
    content = b"BT /F1 12 Tf 72 720 Td\n" + b"(" + b"a" * count + b") Tj ET"
    return assembled(one_page(stream(zlib.compress(content, 9), b"/Filter /FlateDecode")))


def many_rectangles(count: int = 1_000_000) -> bytes:
    """`count` rectangles on one page, and a word."""
    content = b"0 0 5 5 re f\n" * count + lines("behind rectangles")
    return assembled(one_page(stream(zlib.compress(content, 9), b"/Filter /FlateDecode")))


# HP-06: nesting.


def nested_arrays(depth: int = 100_000) -> bytes:
    """An array in an array, 100,000 deep, as a page's content and as its annotations."""
    objects = one_page(stream(b"[" * depth + b"]" * depth + lines("after the arrays")))
    objects[10] = page(b"/Contents 11 0 R /Annots " + b"[" * depth + b"]" * depth)
    return assembled(objects)


def nested_strings(depth: int = 100_000) -> bytes:
    """A string of nested brackets, and text that is begun and never ended."""
    return assembled(one_page(stream(b"BT /F1 12 Tf 72 720 Td (" + b"(" * depth + b")" * depth + b") Tj (end) Tj")))


def form_calls_itself() -> bytes:
    """A form that draws itself (HP-08)."""
    objects = one_page(stream(b"/X Do " + lines("beside the form")))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /X 12 0 R >> >> >>"
    )
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X 12 0 R >> >>"
    objects[12] = stream(b"/X Do", form)
    return assembled(objects)


# HP-07: a font that names a file.


def cmap_outside(path: str = "../../../../../../etc/passwd") -> bytes:
    """A font whose character map is a path."""
    objects = one_page(stream(lines("mapped")))
    name = "".join(f"#{byte:02x}" for byte in path.encode())
    objects[3] = (
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /%s /DescendantFonts [4 0 R] >>" % name.encode()
    )
    objects[4] = (
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    )
    return assembled(objects)


# HP-10: encryption.


def encrypted(user: bytes = b"", owner: bytes = b"owner", text: str = "behind a password") -> bytes:
    """A file by the standard handler, revision 2, RC4 of 40 bits (ISO 32000-1, 7.6.3)."""
    identity, permissions = bytes(range(16)), -4
    owner_key = hashlib.md5(_padded(owner)).digest()[:5]
    owner_entry = Arcfour(owner_key).process(_padded(user))
    seed = _padded(user) + owner_entry + permissions.to_bytes(4, "little", signed=True) + identity
    key = hashlib.md5(seed).digest()[:5]
    user_entry = Arcfour(key).process(_PADDING)
    own = hashlib.md5(key + (11).to_bytes(3, "little") + b"\0\0").digest()[:10]
    objects = one_page(stream(Arcfour(own).process(lines(text))))
    objects[20] = b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P %d /O <%s> /U <%s> >>" % (
        permissions, owner_entry.hex().encode(), user_entry.hex().encode(),
    )  # fmt: skip
    name = identity.hex().encode()
    return assembled(objects, b"/Root 1 0 R /Encrypt 20 0 R /ID [<%s> <%s>]" % (name, name))


def encrypted_by(handler: bytes) -> bytes:
    """A file encrypted by a handler of this name."""
    return encrypted().replace(b"/Filter /Standard", b"/Filter /" + handler)


def encrypted_length(bits: int) -> bytes:
    """A file whose key has a length that there isn't."""
    return encrypted().replace(b"/V 1 /R 2 /Length 40", b"/V 2 /R 3 /Length %d" % bits)


def _padded(password: bytes) -> bytes:
    return (password + _PADDING)[:32]
