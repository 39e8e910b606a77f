"""Every outcome that an input can have, by name: how grave it is, and what to do about it.

A run's report counts these and nothing else, and they add up to its inputs. `severity` is "ok" (as it should be),
"note" (worth knowing; the run is good) or "failure" (the run's exit status is not zero).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """A named outcome: `meaning` in one sentence, `remedy` says what a person can do."""

    name: str
    severity: str
    meaning: str
    remedy: str = ""


AGAIN = "The bytes are kept; two more nights try again, and `oversight rebuild` does."


def _named(*outcomes: Outcome) -> dict[str, Outcome]:
    return {outcome.name: outcome for outcome in outcomes}


OUTCOMES = _named(
    # What became of a capture.
    Outcome("document", "ok", "Holds a document, which was read."),
    Outcome("listing", "ok", "Lists documents, or holds records; it is not one itself."),
    Outcome("robots", "ok", "A site's robots.txt."),
    Outcome("page-part", "ok", "What a page that a browser opened is made of: its own bytes, a script, its records."),
    Outcome("unchanged", "ok", "The server says that what it gave before still stands there; nothing was sent again."),
    Outcome("redirect", "ok", "The server sent us to another address, which was followed."),
    Outcome(
        "redirect-loop",
        "failure",
        "The server sends us in a circle, or on and on; what stands there was not reached.",
        "Look at the address in a browser.",
    ),
    Outcome(
        "not-found",
        "note",
        "The server says that there is nothing at this address (404, 410).",
        "Nothing, unless a listing still shows it: then the publisher's link is dead.",
    ),
    Outcome(
        "blocked",
        "failure",
        "The server refused us (401, 403, 429, 451); the document may well exist.",
        "Try again later, or hand the file in with `oversight deposit`.",
    ),
    Outcome("server-error", "failure", "The server failed (5xx).", "It is asked again on the next run."),
    Outcome(
        "unexpected-status",
        "failure",
        "The server answered with a status that this source never gives.",
        "Look at the capture.",
    ),
    Outcome(
        "not-in-recording",
        "note",
        "A replay was asked for an address that the recording doesn't hold.",
        "Nothing: it says what the recording leaves out.",
    ),
    # Quarantined: kept as bytes, never stored as a document.
    Outcome(
        "bot-wall",
        "failure",
        "A page that asks whether we are human, in place of what was asked for.",
        "Slow the source down, or hand the file in with `oversight deposit`.",
    ),
    Outcome(
        "error-page", "failure", "An error page with the status of a good answer.", "It is asked again on the next run."
    ),
    Outcome(
        "wrong-media-type",
        "failure",
        "The bytes are not of the kind that this address should give.",
        "Look at the capture; the publisher may have moved the file.",
    ),
    Outcome(
        "hostile-markup",
        "failure",
        "Markup that would take too long to parse; it was not parsed.",
        "Look at the capture with a text editor.",
    ),
    Outcome(
        "decode-failed",
        "failure",
        "The body's content coding (gzip, br, …) is broken.",
        "It is asked again on the next run.",
    ),
    Outcome("truncated", "failure", "The answer ended before it was whole.", "It is asked again on the next run."),
    Outcome("empty-body", "failure", "The answer has no body.", "It is asked again on the next run."),
    Outcome("malformed-json", "failure", "Not JSON, or JSON that breaks a limit.", "Look at the capture."),
    Outcome("malformed-csv", "failure", "A CSV file whose rows can't be told apart.", "Look at the capture."),
    Outcome(
        "malformed-record",
        "failure",
        "A record whose beginning or end is missing, or text between records; what is whole beside it is kept.",
        "Look at the capture.",
    ),
    Outcome("malformed-xml", "failure", "A feed or sitemap that can't be parsed.", "Look at the capture."),
    Outcome(
        "layout-changed",
        "failure",
        "The page is no longer laid out as its source knows it.",
        "Mend the source's file; `oversight rebuild` then reads the stored pages again.",
    ),
    Outcome(
        "repeated-page",
        "failure",
        "The same words stand at many addresses of the site: an error page or a wall with a good status.",
        "Look at one of the addresses in a browser. The bytes are kept, and make no document.",
    ),
    Outcome("empty-listing", "failure", "A listing without a row.", "Look at the page: redesigned, or blocked?"),
    Outcome(
        "count-differs",
        "failure",
        "A list gave another number of rows than it says it has, or a row on two of its pages.",
        "It is asked again on the next run.",
    ),
    # Why a page isn't shown as a picture.
    Outcome("not-a-pdf", "ok", "Only the pages of a PDF are shown as pictures."),
    Outcome(
        "not-shown",
        "ok",
        "Published as an excerpt, or without the contacts that stand in it; so it isn't shown as it was captured.",
    ),
    Outcome("no-page", "note", "The file has no page of this number, as the program that draws it counts them."),
    Outcome(
        "picture-too-large",
        "note",
        "The page, or a picture on it, is larger than is drawn.",
        "The text beside it is whole; the original shows the rest.",
    ),
    Outcome("picture-slow", "note", "Drawing the page took longer than is allowed.", "The text beside it is whole."),
    Outcome("picture-failed", "note", "The page could not be drawn.", "The text beside it is whole."),
    Outcome("picture-waits", "note", "Too many pages are being drawn at the moment.", "Ask again in a moment."),
    # What became of a page in the browser.
    Outcome(
        "page-unsettled",
        "note",
        "A page was still asking for more when its time in the browser was up; what it showed by then was taken.",
        "Look at the page; BROWSER_SECONDS in pipelines/settings.py is the time it has.",
    ),
    Outcome(
        "page-part-refused",
        "note",
        "A page asked for something elsewhere than at its source's hosts, too often, or where robots.txt says no.",
        "Where it needs that, name the host in the source's `browser_hosts`.",
    ),
    Outcome("page-left", "note", "A page's script led to another address, which was not followed."),
    Outcome(
        "page-hung",
        "failure",
        "A page computed without end in the browser, which had nothing to give; the page's own bytes are kept.",
        "Look at the page; without `browser = true` its own bytes are read.",
    ),
    Outcome(
        "page-crashed",
        "failure",
        "The browser, or the page in it, came to an end before there was anything to take.",
        "It is opened again on the next run.",
    ),
    Outcome(
        "unknown-callback",
        "failure",
        "The capture names a reader that its source no longer has.",
        "Give the source that method back under its old name.",
    ),
    # What became of a request that got no answer to capture.
    Outcome(
        "address-refused",
        "failure",
        "The address is not on the public internet; nothing was sent.",
        "Nothing, if a hostile page named it.",
    ),
    Outcome(
        "address-erased",
        "note",
        "An address of a document that was withdrawn and erased for good; it was not asked for.",
        "`oversight withdraw --undo` lets it in again.",
    ),
    Outcome("not-allowed-host", "note", "Outside the hosts of its source; it was not asked for."),
    Outcome(
        "robots-disallowed",
        "note",
        "The site's robots.txt asks us not to fetch it.",
        "Hand the file in with `oversight deposit`.",
    ),
    Outcome(
        "robots-unreachable",
        "failure",
        "The site's robots.txt could not be had; nothing is asked of it before that (RFC 9309, 2.3.1.4).",
        "It is asked again on the next run.",
    ),
    Outcome(
        "over-budget",
        "note",
        "As many requests as its host is sent in one night were sent; the others are left for another night.",
        "The next run goes on from there; sources.toml says how many a night there are.",
    ),
    Outcome(
        "host-given-up",
        "failure",
        "The server asked to be left alone for long, or failed again and again; it was asked no more in this run.",
        "The next run goes on from there.",
    ),
    Outcome("name-not-resolved", "failure", "The host's name could not be resolved.", "Is the network there?"),
    Outcome("connection-failed", "failure", "No connection, or it broke.", "It is asked again on the next run."),
    Outcome(
        "tls-failed",
        "failure",
        "The server's certificate did not hold; nothing was read.",
        "Is this machine's clock right? Otherwise the publisher has to mend it.",
    ),
    Outcome("timed-out", "failure", "No whole answer within the time allowed.", "It is asked again on the next run."),
    Outcome(
        "too-large",
        "failure",
        "Larger than the source allows; the part that came was kept.",
        "Raise the source's limit if the file is meant to be so large.",
    ),
    Outcome("trap", "failure", "More pages than this source can have; the rest was left.", "Look at the listing."),
    # What became of a file's text.
    Outcome("text", "ok", "Every page was read."),
    Outcome(
        "no-text-layer",
        "note",
        "Some or all pages are pictures of text; they have no letters yet.",
        "Install Debian's tesseract-ocr, or run `make ocr`: the next run reads them.",
    ),
    Outcome(
        "garbled-text",
        "note",
        "The letters of some or all pages make no words: the file doesn't say what its glyphs mean.",
        "Install Debian's tesseract-ocr, or run `make ocr`: the next run reads the pages' pictures.",
    ),
    Outcome("blank-page", "note", "On some or all pages there is nothing to read: OCR found no word."),
    Outcome("ocr-failed", "failure", "OCR could not read some pages; the others were read.", "The pages are named."),
    Outcome(
        "not-stamped",
        "note",
        "A release has no time-stamp: the authority gave none that is good.",
        "It is asked again at the next build; look at TSA_URL and TSA_CA.",
    ),
    Outcome("excerpt", "ok", "Belongs to its publisher: released are its headline, dates, quotations and some words."),
    Outcome("not-published", "ok", "Its text is not released; what it is, and where it stands, is."),
    Outcome("no-pages", "note", "A file without a page."),
    Outcome("encrypted", "failure", "The file needs a password.", "Hand in a copy that opens without one."),
    Outcome(
        "malformed-pdf",
        "failure",
        "The file is not a PDF that can be opened.",
        "Look at it with another program; the bytes are kept.",
    ),
    Outcome("page-failed", "failure", "Some pages could not be read; the others were.", "The pages are named."),
    Outcome("reader-timeout", "failure", "Reading took too long and was stopped.", AGAIN),
    Outcome("reader-memory", "failure", "Reading took too much memory and was stopped.", AGAIN),
    Outcome("reader-crashed", "failure", "The reader died on this file; the others went on.", AGAIN),
    Outcome("no-article", "failure", "No article text was found on the page.", "Look at the capture."),
    Outcome("unsupported-type", "note", "A file of a type that isn't read yet; its bytes are kept."),
    # What became of a file that a person handed in.
    Outcome(
        "unreadable-file",
        "failure",
        "The file could not be read whole, or changed meanwhile.",
        "Its reason says what to mend.",
    ),
    Outcome("not-a-file", "note", "A link, a device or a socket: left alone."),
    Outcome("already-held", "ok", "The same bytes had been handed in before."),
    # What became of a recording that somebody else made, and of its records.
    Outcome(
        "no-source",
        "note",
        "No source knows this address; its bytes are kept, and nothing is made of them.",
        "Add a source that knows it, then `oversight rebuild`.",
    ),
    Outcome("no-answer-record", "ok", "A record beside an answer: a request, metadata, a description of the file."),
    Outcome("not-web", "note", "A record of something else than a web address (a name look-up, a file, a picture)."),
    Outcome(
        "payload-elsewhere",
        "note",
        "A record that only says that its payload was the same as another's, which isn't here.",
        "Import the file that holds it, then this one again.",
    ),
    Outcome(
        "sample-apart",
        "failure",
        "Invented text of a sample and real captures don't go into one archive; nothing was taken in.",
        "Name another archive with --archive.",
    ),
    Outcome("not-a-recording", "failure", "Neither WARC, ARC nor WACZ; nothing was taken in.", "Check what it is."),
    Outcome(
        "package-refused",
        "failure",
        "A WACZ file that is not laid out as one may be; nothing of it was taken in.",
        "Ask where it comes from; unpack it by hand and import the WARC files.",
    ),
    Outcome(
        "package-altered",
        "failure",
        "A part of a WACZ file is not what its own list says; that part was not taken in.",
        "Get the file again, from where it was made.",
    ),
    # What became of a look-up at a web archive.
    Outcome("no-copy", "note", "The web archive holds no copy of this address, or shows none."),
    Outcome(
        "not-a-copy",
        "failure",
        "The web archive answered with something of its own in place of a copy.",
        "It is asked again on the next run.",
    ),
    Outcome(
        "copy-unverified",
        "note",
        "The copy isn't the bytes that the web archive's index names: unpacked on the way, or altered.",
        "Compare it with another archive's copy before relying on it.",
    ),
    # What was said of a field or a record.
    Outcome(
        "invalid-amount", "note", "An amount that isn't one to the cent; its words are kept, and no number is made."
    ),
    Outcome("invalid-date", "note", "A date that isn't one; its words are kept, and no date is made of them."),
    Outcome("invalid-amount", "note", "An amount that is no exact decimal number; its words are kept."),
    Outcome(
        "unknown-value",
        "failure",
        "A value that this source's vocabulary doesn't have.",
        "Add it to the source's file, with its meaning.",
    ),
    Outcome("missing-field", "failure", "A field that every record must have is absent.", "Look at the capture."),
    Outcome(
        "unmapped-field",
        "failure",
        "A field that the source's file neither maps nor leaves out by name.",
        "Map it, or name it as out of scope.",
    ),
    Outcome(
        "duplicate-id",
        "note",
        "Two records of one answer carry the same id; where they differ, both are kept.",
        "Look at the capture.",
    ),
    Outcome("out-of-scope", "ok", "A record that this archive doesn't collect (another department's)."),
    Outcome(
        "metadata-skipped",
        "note",
        "What a page says of itself in its head (JSON-LD) can't be read; the page was read without it.",
    ),
    Outcome("link-dropped", "note", "A link that is not http or https, or can't be parsed; left out by name."),
    # What became of the store's own files.
    Outcome("tail-cut", "note", "A record torn by a crash was cut off; it had never been acknowledged."),
    Outcome(
        "tail-set-aside",
        "note",
        "What a power cut left in pieces was put beside its file (.torn); none of it had been acknowledged.",
        "Nothing: the next run asks again. The file beside it may be deleted.",
    ),
    Outcome("record-indexed", "note", "A whole record without a row was indexed after a crash."),
    Outcome(
        "record-missing",
        "failure",
        "The index names a record that the files don't hold.",
        "Bring the file back from a backup: `oversight restore COPY`.",
    ),
    Outcome(
        "record-altered",
        "failure",
        "A stored record's bytes are not those that were written.",
        "Bring the file back from a backup: `oversight restore COPY`.",
    ),
    Outcome(
        "file-unknown",
        "failure",
        "A WARC file, or a part of one, that the index doesn't know.",
        "`oversight rebuild` takes it in, if it belongs here.",
    ),
    Outcome(
        "unsealed",
        "note",
        "Bytes of a WARC file without a seal in the journal: their run was killed.",
        "Nothing: the next command that writes seals them.",
    ),
    Outcome(
        "manifest-made",
        "note",
        "The list of a WARC file's records was gone, and was made again from the file, which is as it was sealed.",
    ),
    Outcome("restored", "note", "Something that was gone or damaged came back whole from a copy."),
    Outcome(
        "not-restored",
        "failure",
        "Something is gone or damaged, and the copy doesn't hold it as it was.",
        "Try an older or another copy: `oversight restore` takes from several, one after the other.",
    ),
    # What `oversight verify` finds beside damaged records.
    Outcome(
        "journal-altered",
        "failure",
        "The journal is not the one that was written, or its end is gone.",
        "Restore the folder journal from a backup.",
    ),
    Outcome(
        "manifest-altered",
        "failure",
        "A list of a WARC file's records is not the one that was sealed, or is gone.",
        "`oversight rebuild` makes it again, if the file is as it was sealed; else restore it from a backup.",
    ),
    Outcome(
        "catalogue-altered",
        "failure",
        "The catalogue's file is gone, damaged, or not made as the program makes it.",
        "`oversight rebuild` makes it again from the stored bytes.",
    ),
    Outcome(
        "row-altered",
        "failure",
        "A row of the catalogue is not what the records say, as they are read today.",
        "`oversight rebuild` makes it again. Was sources.toml or the program changed since the last load?",
    ),
    Outcome(
        "row-missing",
        "failure",
        "The records say what the catalogue doesn't.",
        "`oversight rebuild` makes it again. Was a load interrupted, or sources.toml or the program changed since?",
    ),
    Outcome(
        "row-unknown",
        "failure",
        "The catalogue says what no record does.",
        "`oversight rebuild` takes it out. Was sources.toml or the program changed since the last load?",
    ),
    Outcome(
        "index-altered",
        "failure",
        "The full-text index is not that of the pages.",
        "`oversight rebuild` makes it again; a release is built again.",
    ),
    Outcome(
        "reading-altered",
        "failure",
        "A kept reading is not the one that its reader made.",
        "Delete it; `oversight rebuild` makes it again.",
    ),
    Outcome(
        "curation-altered",
        "failure",
        "A file under curation/ is not the one that was accepted.",
        "Restore it, or put on record that it is right: `oversight accept FILE --reason TEXT`.",
    ),
    Outcome(
        "curation-missing",
        "failure",
        "A file under curation/ that was accepted is gone.",
        "Restore it, or put on record that it is to go: `oversight accept FILE --reason TEXT`.",
    ),
    Outcome(
        "curation-unaccepted",
        "failure",
        "A file under curation/ that nobody accepted.",
        "Put on record that it is right, `oversight accept FILE --reason TEXT`, or take it away.",
    ),
    Outcome(
        "curation-unreadable",
        "failure",
        "A file under curation/ can't be understood, or is gone; what it said when it last could stays in force.",
        "Mend the line that is named; docs/design.md says what an entry looks like.",
    ),
    Outcome(
        "destination-refused",
        "failure",
        "A place that a watch's messages are to go to can't be used; nothing is sent there, and all others are told.",
        "Mend the [[send]] table that is named; docs/watches.md says what one takes.",
    ),
    Outcome(
        "not-delivered",
        "failure",
        "No message of a watch could be told, since they are told by what is published, and nothing can be read.",
        "Look at `oversight release list`; what is due stays due.",
    ),
    Outcome(
        "release-altered",
        "failure",
        "A release, or what is told of it, is not what was built.",
        "Restore it from a backup, or build a new one.",
    ),
    Outcome(
        "release-missing",
        "failure",
        "A release that was built is gone, and nobody deleted it on the record.",
        "Restore it from a backup.",
    ),
    Outcome(
        "release-unknown",
        "failure",
        "Something lies among the releases that is no part of one.",
        "Look at it, and take it away.",
    ),
    Outcome("not-checked", "note", "Was being written meanwhile, and was left out.", "Verify it again."),
    # What a release leaves out beside what was withdrawn by name.
    Outcome("withdrawn-again", "note", "Holds the very content of something that was withdrawn; no release has it."),
    Outcome(
        "held-back",
        "note",
        "Looks like something that was withdrawn, and is in no release until somebody has looked.",
        "Look at it; `oversight withdraw --allow ID --reason TEXT` publishes it all the same.",
    ),
    # What became of a whole run.
    Outcome(
        "below-expected",
        "failure",
        "Fewer documents than a run of this source gives at least.",
        "Redesigned, or blocked? Look at the run's outcomes.",
    ),
    Outcome(
        "list-shrunk",
        "failure",
        "A list showed less than half of what it had shown; nothing was taken off it.",
        "Look at the page: redesigned, or cut? The next run that finds as little is believed.",
    ),
    Outcome(
        "above-expected",
        "failure",
        "More documents than this source should have.",
        "A trap, or a site that grew? Look at the run; the bounds stand in the source's file.",
    ),
    Outcome(
        "fields-missing",
        "failure",
        "Too few of the run's records say what all of them should.",
        "Look at some of its captures: the layout has changed, or the publisher leaves the field out now.",
    ),
    # What became of a draft that was handed in to have its quotations checked.
    Outcome(
        "draft-too-large",
        "failure",
        "A draft is larger than a book, so its quotations weren't checked.",
        "Check it chapter by chapter.",
    ),
    Outcome(
        "draft-format",
        "failure",
        "A draft is of a kind that isn't read.",
        "Save it as .md, .txt, .html, .docx or .pdf.",
    ),
    Outcome(
        "draft-unreadable",
        "failure",
        "A draft can't be read: it is damaged, or isn't what its name says.",
        "Open it with the program that wrote it, and save it anew.",
    ),
    Outcome(
        "draft-slow",
        "failure",
        "A draft took longer to read than any draft should.",
        "Save its text alone, as .txt, and check that.",
    ),
)

# Those of an address that answered as it should.
ANSWERED = ("document", "listing", "redirect", "robots", "unchanged")


def severity(name: str) -> str:
    """Return "ok", "note" or "failure". Raises KeyError for a name that isn't in OUTCOMES."""
    return OUTCOMES[name].severity
