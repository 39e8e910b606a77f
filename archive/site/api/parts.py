"""What the parts of JSON answers hold (a document, a version, a page, a hit), by name, and answers that are files as
they were built."""

from __future__ import annotations

from archive.site.api.forms import Form

_FOUND = "id title identifier collection kind component"
_DATED = "published:day? published_precision:text? published_words:text? posted:day? posted_words:text?"
SHOWN = "id collection kind title number component published:day? posted:day? first_seen:instant listing url"
_VERSION = (
    "id document digest:digest ordinal:count media_type bytes:count pages:count outcome detail reader title url "
    "capture first_seen:instant last_seen:instant provenance:text? address:path"
)
_TABLE = "page:count number:count headers:count rows:count columns:count address:path"
_RECORD = "version document digest:digest ordinal:count first_seen:instant url place capture description office "
_RECORD += "solicitation naics psc set_aside place_of_performance"
_STANDS = "version ordinal:count at:instant until:instant capture page:count url:path"
_CHANGE = "id at:instant not_before:instant? kind version:text? before:text? url capture:text? summary:text? difference"
COUNTS = "documents:count versions:count pages:count references:count captures:count"

PARTS: dict[str, Form] = {
    "Citation": Form(
        "A citation by a style.",
        "style title text entry in_text failed:yes",
        words=(
            ("text", "What is copied: a note, or else the entry in a list of works cited."),
            ("entry", "The entry in a list of works cited, where the style has one."),
            ("in_text", "What stands in the running text, where the style has it."),
            ("failed", "True where the style gave nothing, and `text` is the plain citation."),
        ),
    ),
    "CslItem": Form(
        "An item of CSL-JSON.",
        "id type title note archive",
        "author:[object] issued:object accessed:object number genre container-title container-title-short volume page "
        "URL archive_location",
    ),
    "Plot": Form(
        "A canned query, what it gives, and how that is drawn.",
        "name title description columns:[text] rows:list svg address:path",
        words=(("rows", "Objects with a field for each column."), ("svg", "The plot, an SVG element without colours.")),
    ),
    "Version": Form("A distinct content of a document.", f"{_VERSION} change:Comparison?", table="versions"),
    "ThisVersion": Form("The version at hand.", f"{_VERSION} sha256", table="versions"),
    "Comparison": Form(
        "What a version changed of the one before it.",
        "version before kind score:number summary why address:path",
        table="comparisons",
    ),
    "PageInList": Form(
        "A page, without its text.",
        "number:count label outcome origin covered:count characters:count opening address:path",
        table="pages",
    ),
    "Page": Form(
        "One page with its text.",
        "version document number:count label outcome text parts:[Part] runs_on also:[text] origin confidence:number? "
        "covered:count previous:count? next:count? address:path tables:[Table] facts:[Fact]",
        table="pages",
    ),
    "PlacedWord": Form(
        "A word with its offsets in the page's text, and its boxes: two where a line's end breaks it, or none.",
        "text start:count end:count boxes:[[number]]",
        words=(("boxes", "Left, top, right, bottom, in points from the page's upper left corner."),),
    ),
    "Quoted": Form(
        "Words that an article quotes, and what came of looking for them in all that is held.",
        "words outcome meaning sources:[QuotedFrom] edits:[object] notes:[text] searched:any",
        words=(
            ("outcome", "exact, near (`edits` set the words beside those that stand) or absent; empty if too short."),
            ("searched", "What was searched, where it is absent."),
        ),
    ),
    "QuotedFrom": Form(
        "A document that holds quoted words, and the page.",
        "document title number collection kind version page:count address:path is_newest:yes",
    ),
    "QuotedByPress": Form(
        "Words of this document that an article quotes.",
        "words page:count address:path version article headline:text? outlet:text? published:day? in_newest:yes "
        "article_address:path",
        words=(("in_newest", "False where only an earlier version has them."),),
    ),
    "Obligation": Form(
        "An action that obligated money, or took it back; amounts in cents, and as they are read.",
        "day modification action address:path cents:whole total:whole dollars in_all",
        words=(("total", "What all actions up to it come to, in cents."),),
    ),
    "Quotation": Form(
        "Where quoted words stand, looked for from one page on.",
        "asked state words address page:count pages:[count] times:count passages:[QuotedPassage] elsewhere:[object]",
        words=(
            ("state", "exact, otherwise (the nearest words are told), elsewhere in the version, or absent."),
            ("address", "The address of the first passage; empty where there is none."),
            ("elsewhere", "Other pages of the version that have the words."),
        ),
    ),
    "QuotedPassage": Form("Words as they stand, and where.", "words address:path places:[object]"),
    "Part": Form("A stretch of a page's text: header, heading, text, table, note…", "kind start:count end:count"),
    "TableInList": Form("A table, without its cells.", _TABLE, table="page_tables"),
    "Table": Form("A table as data.", f"{_TABLE} cells:[[text]]?", table="page_tables"),
    "RefersTo": Form(
        "What a version refers to.",
        "target target_document:text? title:text? number:text? pages:[count] kinds:[text] words:[text] "
        "mentions:count corrected evidence:[Evidence]",
        words=(("corrected", "Why somebody corrected where it leads; empty where nobody did."),),
    ),
    "ReferredBy": Form(
        "A document that refers to this one.",
        "document target id digest:digest ordinal:count title number collection document_kind published:day? "
        "published_words:text? posted:day? pages:[count] kinds:[text] words:[text] address:path "
        "target_document:text? mentions:count corrected evidence:[Evidence]",
    ),
    "Evidence": Form(
        "What a reference rests on; the first few of many.",
        "page:count printed words rule leads_by confidence:number? address:path",
        table="references",
    ),
    "Mentioned": Form(
        "Where something is mentioned, one place a document, in its newest version that does.",
        "document title page:count printed words rule leads_by confidence:number? address:path",
        table="references",
    ),
    "NotHeld": Form(
        "Something that documents refer to and the archive doesn't hold.",
        "kind target documents:count mentions:count places:[Mentioned] tried:Tried?",
        words=(("tried", "When it was last asked for, and what came of it."),),
    ),
    "Tried": Form("What came of asking for something.", "at:instant outcome url"),
    "SeriesSummary": Form(
        "A numbered series, as far as its highest number that was seen.",
        "series title held:count mentioned:count highest:count never_seen:[Range] never_seen_count:count "
        "updates_never_seen:[text] counted:yes caution address:path",
        words=(
            ("mentioned", "How many numbers are mentioned in what is held, and are not held."),
            ("counted", "False where gaps between numbers say nothing, as the caution explains."),
        ),
    ),
    "Range": Form("Numbers that follow each other.", "first:count last:count"),
    "NumberInSeries": Form(
        "A number of a series.",
        "number ordinal:count update state documents:[Bearer] pages:[Bearer] mentions:count places:[Mentioned]",
        words=(("state", "held, page-only (a page or record about it is held), or mentioned."),),
    ),
    "Bearer": Form("A document that bears a number.", "document address:path"),
    "Identifier": Form("A number that a document carries.", "scheme value printed role", table="identifiers"),
    "Date": Form("A date that a version carries.", "role value precision words", table="dates"),
    "Listing": Form(
        "Where a document was listed.",
        "source list url relation title first_seen:instant last_seen:instant state",
        table="listings",
    ),
    "Address": Form("An original address of a document.", "url role", table="addresses"),
    "Section": Form("A line of the document's outline.", "level:count number title page:count", table="outline"),
    "Fact": Form("What a document says of itself, or was found in its file.", "name value page:count", table="facts"),
    "CapturedAt": Form("A capture that is shown.", "at:instant url capture address:path provenance"),
    "Notice": Form(
        "A contract notice, as printed.",
        f"{_RECORD} notice_id title type base_type award_number award_date:day? award_amount awardee awardee_location "
        "awardee_uei department sub_tier posted:day? response_due:text? active",
        table="notices",
    ),
    "RecordChange": Form("What a version of a notice changed.", "version:count first_seen:instant changes:[Field]"),
    "Field": Form("A field, before and after.", "field before after"),
    "Award": Form(
        "One action on a contract, or a summary of it.",
        f"{_RECORD} award_id piid parent_piid modification action_date:day? action_type change obligated:text? "
        "obligated_cents:whole? total_obligated:text? value:text? potential_value:text? recipient recipient_uei "
        "recipient_parent recipient_location agency sub_agency funding_office type starts:day? ends:day? "
        "ends_potentially:day? competition address:path dollars",
        table="awards",
    ),
    "Article": Form(
        "What an article says of itself.",
        "version document outlet headline byline section published:day? modified:day? url words:count",
        table="articles",
    ),
    "Story": Form(
        "What became of a document, as far as it was looked at.",
        "listing:[Span] addresses:[AddressStory] versions:[VersionInStory] joins:[Join] events:[Event]",
    ),
    "Span": Form(
        "A stretch of time in which every look said the same.",
        "state since:instant until:instant not_before:instant? looks:count first_capture:text? last_capture:text? "
        "first_run last_run",
        "status:whole",
        "server_spans",
    ),
    "AddressStory": Form("What an address answered.", "url url_key spans:[Span]"),
    "VersionInStory": Form(
        "A version, as it stands in the story.",
        "id ordinal:count address:path url digest:digest first_seen:instant last_seen:instant pages:count",
    ),
    "Join": Form(
        "Why two addresses are one document.",
        "rule url other_url capture:text? other_capture:text? evidence score:number?",
        table="joins",
    ),
    "Event": Form("What happened to a document.", _CHANGE, table="changes"),
    "Facets": Form("How many of the found documents have which value.", "collection:[Facet]",
                   "kind:[Facet] component:[Facet] year:[Facet] vendor:[Facet] outlet:[Facet] state:[Facet]"),
    "Facet": Form("A value, and how many documents have it.", "value documents:count", "about:yes"),
    "FoundDocument": Form(
        "A document that was found.",
        f"{_FOUND} {_DATED} year:text? first_seen:instant listing sample:flag matched url:path pages_found:count "
        "pages:[FoundPage]",
    ),
    "FoundPage": Form(
        "A page that was found.",
        "version number:count label hits:count snippet marks:[[count]] url:path",
        words=(("marks", "Where words of the question stand in the snippet: [start, end) in characters."),),
    ),
    "TypedFilter": Form("A filter in the question, and the question without it.", "name printed without"),
    "Instead": Form(
        "A question that finds something where this one finds nothing.",
        "why query filters:values told",
        "documents:count",
        words=(
            ("why", "spelling, value (of a field), word (left out), filter (left out)."),
            ("filters", "The filters beside the question, as parameters."),
            ("told", "What is otherwise, in words."),
        ),
    ),
    "FoundChange": Form(
        "A version whose change was found.",
        f"{_FOUND} published:day? posted:day? sample:flag version before ordinal:count first_seen:instant summary "
        "score:number change url:path passages_found:count passages:[Passage]",
    ),
    "Passage": Form("A passage that was put in or taken out.",
                    "page:count part snippet marks:[[count]] url:path page_url:path"),
    "FoundOverTime": Form(
        "A document, and the versions of it that say it.",
        f"{_FOUND} {_DATED} sample:flag url:path versions:count stands_in:count in_newest:yes "
        "not_wholly_read:[count] beside:yes first:Stands last:Stands stretches:[object] stretches_left_out:count",
    ),
    "Stands": Form("A version that says it, and where.", _STANDS),
    "FirstOrLast": Form("The first, or the last, that says it.", f"document title identifier {_STANDS}"),
    "Change": Form(
        "A change in the archive.",
        f"{_CHANGE} document title number collection source document_kind score:number? address:path words "
        "quoted:[object]",
        table="changes",
        words=(("quoted", "Of words that are gone and that the press quotes: these, and where they stood."),),
    ),
    "Side": Form(
        "One of the two versions.",
        "document id ordinal:count digest:digest first_seen:instant last_seen:instant pages:count outcome address:path",
    ),
    "PagePair": Form(
        "Two pages that belong together, or one that has no other.",
        "before:count? after:count? state reflowed:yes before_address:path? after_address:path?",
    ),
    "Edit": Form(
        "Words that were added, removed, changed or moved; null where there was no room for them.",
        "op part why removed:text? added:text? before:[Place] after:[Place] at_before:Place? at_after:Place?",
    ),
    "Place": Form("A page, and a stretch of its text.", "page:count start:count end:count"),
    "TableChange": Form(
        "A table that differs, and which of its cells and rows do.",
        "op why before:list? after:list? cells:[object] cells_left_out:count rows_added:[list] rows_removed:[list]",
    ),
    "FieldChange": Form("A field that differs, and its words that do.", "op name before after why words:[WordChange]"),
    "WordChange": Form("Stretches of both values.", "op before:[count] after:[count] why"),
    "AtAddress": Form(
        "A document that an address led to.",
        f"{SHOWN} address role citation how",
        words=(
            ("address", "The original address, as this document has it."),
            ("how", "Empty for the very address; else by another spelling, a redirect, or as moved."),
        ),
    ),
    "Capture": Form(
        "A capture of an address.",
        "id url captured_at:instant status:whole media_type outcome provenance",
        table="captures",
    ),
    "ListedDocument": Form("A document.", f"{SHOWN} address:path", "indirect:flag", "documents"),
    "NumberReadAs": Form("What the number was read as.", "scheme value", table="identifiers"),
    "NearNumber": Form("A number that is held.", "number document title"),
    "Source": Form(
        "A source.",
        "name title publisher home collection description documents:count last_run:instant? health run:object? "
        "outcomes:[Outcome]",
        table="sources",
    ),
    "LastNight": Form(
        "The last night that came to its end, where its archive's journal can be read here.",
        "night:day began:instant at:instant status:count sources:[object] added:any changes:any release:any "
        "needs:[object]",
        words=(
            ("status", "The command's exit status: 0 all is well, 1 something needs a look, 2 nothing was published."),
            ("needs", "What of it needs a look, each with `about`, `name`, `why` and `do`."),
        ),
    ),
    "CheckedQuotation": Form(
        "A quotation, and what became of it.",
        "number:count quotation shape outcome document? version? page:count? url? title identifier pages:[count] label "
        "first_seen newest:yes? words edits:[object] differs:[object] cited:object page_agrees:yes? good:yes citation "
        "others:[object] brackets:[object] notes:[text] searched:object?",
        words=(
            ("outcome", "exact, near, elsewhere (not in what the draft cites) or absent."),
            ("shape", "marks or block."),
            ("url", "The path of the words on their page, for good; null where they stand nowhere."),
            ("words", "As they stand; `label` is the number printed on the page."),
            ("edits", "Draft and document side by side: `op` (same, changed, put in, left out), `quoted`, `held`."),
            ("differs", "Those of `edits` in which something differs."),
            ("cited", "What the draft cites for it: `documents`, `page`, and what of it is `not_held`."),
            ("page_agrees", "Whether it stands on the page that is cited; null where none is."),
            ("good", "Exact, and on the page that is cited."),
            ("others", "Further documents that hold it."),
            ("brackets", "What brackets stand for: `inside` them, and what `stands` in the document."),
            ("searched", "Of one that is absent what was searched: `sentence`, `documents`, `pages`, `captured_until`, "
             "`release`, `gaps`, and the `address` at which its words can be asked for again."),
        ),
    ),
    "PlaceNamed": Form(
        "A place, and how many documents and pages of all their versions name it.",
        "id kind name state letters documents:count pages:count address:path",
        table="places",
    ),
    "NamesPlace": Form(
        "A document that names a place: its newest version that does, and the pages.",
        "id collection kind title number component published:day? posted:day? dated version url:path pages:[object]",
    ),
    "SourceInScope": Form(
        "A source of what was searched, and how it is.",
        "name title documents:count last_run health since",
        words=(("since", "The night since which it is so; empty where it is well."),),
    ),
    "Gap": Form(
        "Something that is known not to be among what was searched.",
        "kind count:count told source since",
        words=(("source", "Empty where it is of several."), ("since", "A day or an instant; empty where unknown.")),
    ),
    "Outcome": Form("What became of so many inputs.", "outcome severity number:count subjects:[text]"),
    "Release": Form(
        "A release.",
        f"number:count built:instant digest root {COUNTS} bytes:count sha256 manifest_sha256 kept:yes timestamp:yes "
        "remade:any accepted:any looks:[object] more:any withdrawn_since:count?",
    ),
    "Manifest": Form(
        "A release's manifest, byte for byte as it was built.",
        "number:count built:instant digest root documents:count leaves:count previous accepted:any failing:[text] "
        "looks:[object] journal:object file:object tables:object",
    ),
    "Withdrawal": Form(
        "A line of the public log of withdrawals.",
        "number:count at:instant reason what kind collection until:day? undone:instant? undone_reason erased:flag",
        table="withdrawals",
    ),
    "TimeMap": Form(
        "The captures of an address (RFC 7089, as JSON).",
        "original_uri self timegate_uri timemap_uri:texts count:count pages:[object] release mementos:Mementos",
    ),
    "Mementos": Form("The first, the last, and all on this page.", "first:Memento last:Memento list:[Memento]"),
    "Memento": Form("A capture.", "datetime uri original capture status:whole media_type sha256 outcome captured_by"),
    "TimelineEvent": Form(
        "One thing that happened.",
        "since:day until:day kind words document address:path cents:whole? precision dollars",
        words=(
            ("kind", "mention, notice, modification, money, version, capture, listing, server, change."),
            ("precision", "day, month or year: no more of it is known; unknown."),
        ),
    ),
    "TimelineMonth": Form("What happened of one kind in a month.", "month:day kind events:count cents:whole? dollars"),
    "WatchInList": Form("A watch.", "name title address:path terms:count public:yes"),
    "WatchTerm": Form(
        "A term, and a search for it.",
        "term kind search:path",
        words=(("kind", "words, identifier, amount or vendor: what it is taken for."),),
    ),
    "WatchSource": Form(
        "A source behind a watch, and how it is.",
        "name title health last_good sentence",
        words=(
            ("health", "ok, failing, interrupted, overdue, blocked, never run; of the archive itself gate closed."),
            ("last_good", "The end of its last good run; empty where there was none."),
        ),
    ),
    "Hit": Form(
        "A change that a watch is told of, the same for good by its `id`.",
        "id kind words at:instant document title number collection source address:path version before difference "
        "summary places:[HitPlace] more:count",
        words=(
            ("at", "When it could first be told."),
            ("difference", "Where what changed is shown; empty where no version took another's place."),
            ("more", "How many places there are beside these."),
        ),
    ),
    "HitPlace": Form(
        "Where a term stands.",
        "term page:count address:path words change",
        words=(
            ("page", "The page, from 1; 0 where it stands in the document's title or number."),
            ("change", "added or removed, of what a change put in or took out; else empty."),
        ),
    ),
    "VendorInList": Form("A vendor.", "slug name address:path other_names:[text] records:count"),
    "VendorName": Form(
        "A name, and what it rests on.",
        "name rule evidence document address:path records:count",
        words=(("rule", "record, spelling, uei (the same unique entity identifier), claim."),),
    ),
    "VendorAward": Form(
        "An award to a vendor.",
        "document piid parent_piid award_id description first last agency dollars cents:whole? address:path",
    ),
    "Claim": Form(
        "What somebody claims: no fact of a record.",
        "subject says about broken:yes evidence:[ClaimEvidence]",
        words=(("broken", "True where one of its quotations doesn't stand where it is said to."),),
    ),
    "ClaimEvidence": Form(
        "A quotation that a claim rests on.",
        "outcome detail document:text? version:text? page:count? address words by title dated excerpted:yes",
        table="claims",
        words=(
            ("by", "Who published it: an outlet, or a source's publisher."),
            ("excerpted", "True where an excerpt of it is published: the words were looked for in the whole text."),
        ),
    ),
    "Mention": Form("A page that prints a number of the chain and the name of a claim's subject.",
                    "subject document title dated page:count address:path"),
    "ChainStep": Form(
        "One thing in a chain; `name` is what links call it by.",
        "name kind number title day document version address changed dollars url",
        words=(
            ("kind", "solicitation, notice, award, modification, order, award above, attached file, spending page."),
            ("day", "As its record prints it; empty where it prints none."),
            ("document", "Empty for what is named and not held."),
            ("changed", "What it changed of what stood before."),
            ("dollars", "What it obligated, as it is read: with its thousands parted."),
        ),
    ),
    "ChainLink": Form(
        "Why one step leads to another: the record, its field, and the words in it.",
        "one other rule field words document version address:path confidence",
    ),
    "ChainMoney": Form("What the actions held come to.",
                       "by_fiscal_year:[MoneyOfYear] cents:whole dollars actions:count"),
    "MoneyOfYear": Form("What was obligated in a fiscal year, which begins on October 1.",
                        "year:count? cents:whole actions:count dollars"),
    "ChainGap": Form("Something that isn't held.", "kind number told document address"),
    "ChainChoice": Form("One of several awards with one number.",
                        "document award_id piid parent_piid recipient description", table="awards"),
    "Database": Form("A database.", "name size:count? is_mutable:yes"),
}  # fmt: skip
