"""Drafts in every format that is read, all with the same quotations, made here without any word processor."""

from __future__ import annotations

import io
import zipfile

from tests.hostile import pdf

WORDS = "A sentence of the vendor’s that is quoted"
OTHER = "Another one, which “holds” a quotation"
BLOCK = "A block of words that is set apart from all else."
MARKDOWN = f"""# Heading

He said that “{WORDS}” (DHS/ICE/PIA-039(a), at 7).[^1] It's a 5" screen, and "scare" quotes don't count.

> {BLOCK}
>
> — DHS/ICE/PIA-039(a), p. 4

She wrote, *"{OTHER}"* [there](https://example.org/story), and then \u201cno more

```
"what is in code is no quotation"
```

[^1]: See https://example.org/note, p. 9.
"""
HTML = f"""<!doctype html><meta charset=utf-8><title>“Not this one, it is a title”</title>
<script>"nor this one here"</script>
<p>He said that <q>{WORDS}</q> (DHS/ICE/PIA-039(a), at 7).
<blockquote><p>{BLOCK}<p>— DHS/ICE/PIA-039(a), p. 4</blockquote><p>She wrote, “<em>{OTHER}</em>”
<a href="https://example.org/story">there</a>"""
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def paragraph(text: str, style: str = "", more: str = "") -> str:
    """Return a paragraph as a word processor writes it: in runs, which part words anywhere."""
    runs = "".join(f'<w:r><w:t xml:space="preserve">{text[at : at + 7]}</w:t></w:r>' for at in range(0, len(text), 7))
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}{more}</w:p>'


def docx(body: str | None = None, **parts: str | bytes) -> bytes:
    """Return a document with such a body; further parts by their names, "__" for a slash."""
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    link = '<w:hyperlink r:id="rId9"><w:r><w:t>there</w:t></w:r></w:hyperlink>'
    gone = "<w:del><w:r><w:delText>“that was deleted from it”</w:delText></w:r></w:del>"
    said = body or (
        paragraph(f"He said that “{WORDS}”", more=note) + paragraph(BLOCK, "Zitat") +
        paragraph("— DHS/ICE/PIA-039(a), p. 4", "Zitat") + paragraph(f"She wrote, “{OTHER}” ", more=link + gone)
    )  # fmt: skip
    held = {
        "word/document.xml": f'<w:document xmlns:w="{_W}" xmlns:r="{_R}"><w:body>{said}</w:body></w:document>',
        "word/footnotes.xml": f'<w:footnotes xmlns:w="{_W}"><w:footnote w:id="2">'
        f"{paragraph('DHS/ICE/PIA-039(a), at 7.')}</w:footnote></w:footnotes>",
        "word/styles.xml": f'<w:styles xmlns:w="{_W}"><w:style w:styleId="Zitat"><w:name w:val="Quote"/></w:style>'
        "</w:styles>",
        "word/_rels/document.xml.rels": '<Relationships><Relationship Id="rId9" Target="https://example.org/story"/>'
        "</Relationships>",
        **{name.replace("__", "/"): value for name, value in parts.items()},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, value in held.items():
            package.writestr(name, value)
    return made.getvalue()


def in_pdf() -> bytes:
    """Return a draft as a PDF."""
    return pdf.written(pdf.lines(f'He said that "{WORDS.replace("’", chr(39))}" and left.'))
