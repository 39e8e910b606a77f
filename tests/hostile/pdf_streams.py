"""PDFs whose streams grow, lie or can't be unpacked (HP-01, HP-09); made here, never stored."""

from __future__ import annotations

import zlib

from tests.hostile.pdf import assembled, lines, one_page, page, stream


def filtered(data: bytes, filters: bytes, parameters: bytes = b"") -> bytes:
    """One page whose content is packed by these filters."""
    return assembled(one_page(stream(data, b"/Filter [%s] %s" % (filters, parameters))))


def stacked_flate(layers: int = 26) -> bytes:
    """Blanks packed as many times over; each layer would unpack to a thousand times more, the last to words."""
    data = lines("at the bottom") + b" " * 100_000
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return filtered(data, b"/FlateDecode " * layers)


def stacked_hex(layers: int = 12) -> bytes:
    """Hexadecimal digits of hexadecimal digits: each layer doubles the file, not what it unpacks to."""
    data = lines("in hexadecimal")
    for _ in range(layers):
        data = data.hex().encode() + b">"
    return filtered(data, b"/ASCIIHexDecode " * layers)


def ascii85_bomb(groups: int = 50_000_000) -> bytes:
    """ "z" is four zero bytes (ISO 32000-1, 7.4.3); the letters z are packed by Flate first."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(b"z" * 1_000_000) for _ in range(groups // 1_000_000))
    data += packer.compress(b"~>") + packer.flush()
    return filtered(data, b"/FlateDecode /ASCII85Decode")


def run_length_bomb(megabytes: int = 200) -> bytes:
    """Pairs that repeat a blank 128 times, packed by Flate on top."""
    return filtered(zlib.compress(b"\x81 " * (megabytes << 13), 9), b"/FlateDecode /RunLengthDecode")


def lzw_bomb(codes: int = 2_000_000) -> bytes:
    """A table that is cleared again and again, in codes of nine bits, and packed by Flate on top."""
    data = int("100000000" + "000100000" * 7, 2).to_bytes(9, "big") * (codes // 8)
    return filtered(zlib.compress(data, 9), b"/FlateDecode /LZWDecode")


def lzw_garbage() -> bytes:
    """Codes that the table doesn't have."""
    return filtered(b"\xff" * 5000, b"/LZWDecode")


def tiff_predictor() -> bytes:
    """A TIFF predictor with 1,000,000,000 columns."""
    parameters = b"/DecodeParms << /Predictor 2 /Columns 1000000000 /Colors 4 /BitsPerComponent 16 >>"
    return filtered(zlib.compress(b"\x02" * 1000), b"/FlateDecode", parameters)


def negative_predictor() -> bytes:
    """A predictor whose columns and colours count below nothing."""
    parameters = b"/DecodeParms << /Predictor 15 /Columns -7 /Colors 0 /BitsPerComponent -1 >>"
    return filtered(zlib.compress(b"\x02" * 1000), b"/FlateDecode", parameters)


def fax(columns: int) -> bytes:
    """A page that is packed as a fax."""
    parameters = b"/DecodeParms << /K -1 /Columns %d /Rows 1000000000 >>" % columns
    return filtered(b"\xaa\x55" * 500, b"/CCITTFaxDecode", parameters)


def of_pictures(name: bytes) -> bytes:
    """A page whose content claims to be packed as a picture, or by a filter that there isn't."""
    return filtered(b"\x00\x01" * 500, b"/" + name)


def filter_is_no_name() -> bytes:
    """A filter that is a number, one that is a dictionary, and one that is the stream itself."""
    return filtered(b"x" * 100, b"7 << /A 1 >> 11 0 R")


def length_lies(length: int) -> bytes:
    """A stream with another length than it says."""
    objects = one_page(b"<< /Length %d >>\nstream\n%s\nendstream" % (length, lines("of some length")))
    return assembled(objects)


def length_is_itself() -> bytes:
    """A stream whose length is the stream."""
    return assembled(one_page(b"<< /Length 11 0 R >>\nstream\n%s\nendstream" % lines("of its own length")))


def never_ended() -> bytes:
    """A stream without its end."""
    return assembled(one_page(b"<< /Length 9 >>\nstream\n%s" % lines("without an end")))


def object_stream_bomb(megabytes: int = 1024) -> bytes:
    """An object stream of 1 MB that unpacks to a thousand times as much, and holds an annotation of the page."""
    packer = zlib.compressobj(9)
    head = b"30 0 " + b" " * 1000
    packed = packer.compress(head)
    for _ in range(megabytes):
        packed += packer.compress(b" " * (1 << 20))
    packed += packer.flush()
    entries = b"/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode"
    objects = one_page(stream(lines("beside objects")), _20=stream(packed, entries))
    objects[10] = page(b"/Contents 11 0 R /Annots [30 0 R]")
    return _with_table(objects, {30: 20})


def object_stream_in_itself() -> bytes:
    """An object stream that lies in itself, and extends itself."""
    objects = one_page(stream(lines("beside objects")))
    objects[20] = stream(b"20 0 << >>", b"/Type /ObjStm /N 1 /First 5 /Extends 20 0 R")
    objects[10] = page(b"/Contents 11 0 R /Annots [30 0 R]")
    return _with_table(objects, {30: 21, 21: 21})


def _with_table(objects: dict[int, bytes], inside: dict[int, int]) -> bytes:
    """A file whose cross-references are a stream; `inside` says which objects lie in which object streams."""
    whole = assembled(objects)
    head = whole[: whole.rindex(b"xref\n0 1")]
    rows = b""
    for number in range(60):
        mark = head.find(b"\n%d 0 obj\n" % number) + 1
        if number in inside:
            rows += b"\x02" + inside[number].to_bytes(4, "big") + b"\0\0"
        else:
            rows += (b"\x01" if mark else b"\0") + mark.to_bytes(4, "big") + b"\0\0"
    table = stream(rows, b"/Type /XRef /Size 60 /W [1 4 2] /Root 1 0 R")
    return head + b"59 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


# HP-09: pictures.


def picture(entries: bytes, data: bytes = b"\0" * 100) -> bytes:
    """A page with words and a picture."""
    objects = one_page(stream(b"q 500 0 0 500 50 50 cm /I Do Q " + lines("beside a picture")))
    objects[10] = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /XObject << /I 12 0 R >> >> >>"
    )
    objects[12] = stream(data, b"/Type /XObject /Subtype /Image " + entries)
    return assembled(objects)


def large_picture(wide: int, high: int, bits: int = 8) -> bytes:
    """A picture that claims so many points, in a file of one KB."""
    size = b"/Width %d /Height %d /BitsPerComponent %d /ColorSpace /DeviceGray" % (wide, high, bits)
    return picture(size + b" /Filter /FlateDecode", zlib.compress(bytes(1000)))


def picture_packed(name: bytes) -> bytes:
    """A picture whose bytes aren't what its filter says."""
    return picture(
        b"/Width 100 /Height 100 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /" + name, b"\xff\xd8" * 50
    )


def profile_bomb(megabytes: int = 128) -> bytes:
    """A picture with a colour profile that unpacks to a thousand times its size."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
    whole = {
        **one_page(stream(b"/CS0 cs /I Do " + lines("beside a picture"))),
        12: stream(b"\0", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace [/ICCBased 13 0 R]"),
        13: stream(packed, b"/N 3 /Filter /FlateDecode"),
        10: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 11 0 R "
        b"/Resources << /Font << /F1 3 0 R >> /ColorSpace << /CS0 [/ICCBased 13 0 R] >> /XObject << /I 12 0 R >> >> >>",
    }  # fmt: skip
    return assembled(whole)


def inline_picture(content: bytes) -> bytes:
    """A page with words before and behind an inline picture."""
    return assembled(one_page(stream(lines("before") + content + lines("behind"))))


def mask_of_itself() -> bytes:
    """A picture whose soft mask is the picture."""
    return picture(b"/Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /SMask 12 0 R")
