"""What each JSON answer of the site holds, by name; the words for columns are those of the catalogue's tables."""

from __future__ import annotations

from archive.site.api.forms import Form
from archive.site.api.parts import COUNTS, PARTS, SHOWN

# What every answer may say beside: from which release it is, and whether it is the sample's, or the operator's own.
FRAME = "release:count sample:any sample_notice working:yes working_notice"

_ASKED = "query total:count offset:count limit:count sort notes:[text]"
_SEARCHED = f"{_ASKED} filters:texts"
_ERROR = "ok:no status:whole title error"

ANSWERS: dict[str, Form] = {
    "Document": Form(
        "A document, one of its versions, or one page of it, with all that hangs on it.",
        f"{SHOWN} source identifier published_precision:text? published_words:text? posted_precision:text? "
        "posted_words:text? last_seen:instant address:path citation newest_version pages_count:count "
        "version:ThisVersion? versions:[Version] pages:[PageInList] page:Page? refers_to:[RefersTo] "
        "referred_by:[ReferredBy] identifiers:[Identifier] dates:[Date] listings:[Listing] addresses:[Address] "
        "notice:Notice? changes:[RecordChange] award:Award? actions:[Award] article:Article? tables:[TableInList] "
        "outline:[Section] facts:[Fact] metadata:texts captures:[CapturedAt]",
        "story:Story on:any quotation:Quotation quotes:[Quoted] quoted:[QuotedByPress] money:[Obligation]",
        "documents",
        (
            ("citation", "A plain citation in one line; other styles stand at `….citations.json`."),
            ("page", "The page that was asked for; null where none was."),
            ("pages", "The version's pages, without their texts."),
            ("versions", "The versions, the newest first."),
            ("on", "What was in force on the day that was asked for."),
            ("metadata", "What the file says of itself."),
        ),
    ),
    "Citations": Form(
        "A citation in every style; nothing in it is markup.",
        "plain styles:[Citation] wikipedia bibtex ris csl:CslItem address original page quote",
        words=(
            ("address", "The address in this archive."),
            ("page", "The page that is cited, by its printed number."),
            ("quote", "The words that are quoted, as they stand on the page."),
        ),
    ),
    "Chain": Form(
        "The chain of a contract, from the records that are held; each link is a fact of the record that it names.",
        "asked number steps:[ChainStep] links:[ChainLink] money:ChainMoney gaps:[ChainGap] claims:[Claim] "
        "mentions:[Mention] choices:[ChainChoice]",
        words=(
            ("asked", "What was asked for."),
            ("number", "The number as it was read; empty for what is none."),
            ("gaps", "What is missing, as far as the records tell."),
            ("choices", "Of a number that several awards bear: these, and nothing else."),
        ),
    ),
    "Timeline": Form(
        "When something was mentioned, seen, listed, amended and paid.",
        "of read_as name notes:[text] total:count told:count events:[TimelineEvent] by_month:[TimelineMonth]",
        words=(
            ("of", "What was asked for."),
            ("read_as", "What it was taken for: number, document, vendor, words, nothing."),
            ("told", "How many of the events stand here; the CSV has all."),
            ("by_month", "All of them, counted by month and kind."),
        ),
    ),
    "Vendors": Form("Who was awarded something, by name.", "vendors:[VendorInList] total:count"),
    "Vendor": Form(
        "A vendor, under all the names that records and curation give it.",
        "slug name names:[VendorName] broken:[object] ueis:[text] parents:[text] spelling awards:[VendorAward] "
        "money:ChainMoney claims:[Claim]",
        words=(
            ("broken", "Names that are claimed by a quotation that doesn't stand; they find nothing."),
            ("ueis", "Unique entity identifiers."),
            ("parents", "As records tell them: no other names of it."),
            ("spelling", "Which spellings count as one name."),
        ),
    ),
    "Search": Form(
        "Documents that a search finds, each with its best pages.",
        f"{_ASKED} filters:values excluded:values meant:any looked_for typed:[TypedFilter] missing:[text] "
        "instead:[Instead] facets:Facets results:[FoundDocument]",
        "total_about:yes",
        words=(
            ("filters", "What results are narrowed to, by field: in the question or beside it. Days are no lists."),
            ("excluded", "What was left out by field (-component:ICE)."),
            ("meant", "By field and value as typed, the names that it stands for, where they aren't the same."),
            ("looked_for", "The question without its filters."),
            ("missing", "Where nothing is found: the words that are on no page at all."),
            ("instead", "Where nothing is found: questions that find something."),
            ("total_about", "True where the total is an estimate."),
            ("notes", "What was made of the question where it wasn't taken as it stands."),
        ),
    ),
    "SearchInChanges": Form(
        "Versions whose change put the words in, or took them out (in=added, in=removed).",
        f"{_SEARCHED} in results:[FoundChange]",
    ),
    "OverTime": Form(
        "Since when, and until when, documents have said something.",
        f"{_SEARCHED} versions:count first:FirstOrLast? last:FirstOrLast? results:[FoundOverTime]",
    ),
    "Quotations": Form(
        "What became of the quotations of a draft, in its order; nothing of the draft is kept.",
        "quotations:[CheckedQuotation] counts:counts skipped:[object] notes:[text]",
        words=(
            ("counts", "How many are exact, near, elsewhere, absent."),
            ("skipped", "What looks like a quotation and was not checked: `words`, and `why`."),
            ("notes", "How many more there were than are checked at once."),
        ),
    ),
    "Absence": Form(
        "That nothing matches a question; or that something does; or why nothing can be said.",
        "outcome sentence citation caution query understood asked:yes filters:values excluded:values meant:any "
        "notes:[text] identifiers:any how:[text] documents:count pages:count sources:[SourceInScope] gaps:[Gap] "
        "captured_until built release:count? address:path is_pinned:yes why total:count total_about:yes "
        "results:[object]",
        words=(
            ("outcome", "absent, found (something matches) or unproven (`why` says what stands in the way)."),
            ("sentence", "All of it in a sentence; `citation` is it with the archive's name and the address."),
            ("understood", "The question as it was read, without its filters."),
            ("identifiers", "By number as typed, the spellings that were looked for."),
            ("documents", "How many documents the question's filters leave: among them nothing matches."),
            ("pages", "The pages of all their versions; as of a day, of those in force."),
            ("gaps", "What is known not to be among them."),
            ("captured_until", "The last instant at which anything of the sources was captured."),
            ("address", "Asks the same again: of a release for good (`is_pinned`)."),
            ("results", "Where something matches, some of it, each with `url` and `pages`."),
        ),
    ),
    "Places": Form("Places that documents name, those of the most documents first.", "places:[PlaceNamed]"),
    "PlaceWithDocuments": Form(
        "A place, with the documents that name it.",
        "id kind name state letters address:path total:count documents:[NamesPlace] within:[PlaceNamed]",
        table="places",
        words=(("within", "Of a state: its counties and cities that are named."),),
    ),
    "Watches": Form("What is watched for here.", "watches:[WatchInList] problems:[text]"),
    "Watch": Form(
        "A watch, and what it was told, the newest first.",
        "name title terms:[WatchTerm] filters:values kinds:[text] public:yes hits:[Hit] total:count? "
        "sources:[WatchSource] next",
        table="watches",
        words=(
            ("total", "How many hits there are in all; null where nobody counted them."),
            ("next", "The address of what follows, empty at the end."),
        ),
    ),
    "Changes": Form(
        "What changed, the newest first.",
        "changes:[Change] next",
        words=(("next", "Where the next ones are; empty at the end."),),
    ),
    "Unmatched": Form(
        "What documents refer to and the archive doesn't hold; what most mention comes first.",
        "references:[NotHeld] kinds:counts total:count next",
        words=(("next", "Where the next ones are; empty at the end."), ("kinds", "How many there are of each kind.")),
    ),
    "AllSeries": Form("Every numbered series of which a number was seen.", "series:[SeriesSummary]"),
    "Series": Form(
        "A numbered series: what is held, what is only mentioned and where, what was never seen.",
        "series title held:count mentioned:count highest:count never_seen:[Range] never_seen_count:count "
        "updates_never_seen:[text] counted:yes caution address:path numbers:[NumberInSeries]",
    ),
    "Difference": Form(
        "What changed between two versions: pages, words, tables by cell, fields.",
        "document title before:Side after:Side address:path kind score:number summary why:[text] doubts:[text] "
        "counts:counts pages:[PagePair] edits:[Edit] tables:[TableChange] fields:[FieldChange] metadata:[FieldChange] "
        "attachments:[object] left_out:counts",
    ),
    "ByAddress": Form(
        "The documents that an original address has led to, and its captures.",
        "url documents:[AtAddress] captures:[Capture]",
    ),
    "ByNumber": Form(
        "The documents that carry a number, in whatever spelling it was asked for.",
        "asked identifier:NumberReadAs? documents:[ListedDocument] cited_by:[ListedDocument] near:[NearNumber]",
        words=(
            ("cited_by", "Where none is held: the documents that print the number."),
            ("near", "Where none is held: the numbers that are, before and after it."),
        ),
    ),
    "Dashboard": Form("The dashboard's plots and their figures.", "plots:[Plot]"),
    "Sources": Form("Every source, its last run and what came of that.", "sources:[Source] last_night:LastNight?"),
    "Badge": Form(
        "A badge, as data: shields.io's endpoint badges take it.",
        "schemaVersion:count label message color state",
        words=(("state", "good, look, bad or unknown."), ("color", "That of the picture.")),
    ),
    "Releases": Form("The releases, the newest first.", "current:count? refused gate_failure:any releases:[Release]"),
    "Withdrawals": Form("The public log of withdrawals, the newest first.", "withdrawals:[Withdrawal]"),
    "About": Form("Whose archive this is, and how much it holds.", f"name contact address {COUNTS}"),
    "Databases": Form("The databases that Datasette serves here.", "databases:[Database]"),
    "Several": Form("An old name that fits several documents.", "asked documents:[ListedDocument]"),
    "PageWords": Form(
        "The words of a page's published text, and where they stand on its picture.",
        "document version page:count address:path width:number height:number unit placed:count words:[PlacedWord]",
        words=(
            ("width", "Of the page as it is shown, in points."),
            ("placed", "How many of the words have a place."),
        ),
    ),
    "Error": Form(
        "Why there is no such answer.",
        _ERROR,
        "asked on:any outcome",
        words=(("outcome", "By what name the reason goes, where it has one."),),
    ),
    "Gone": Form("What stood here was withdrawn from publication.", f"{_ERROR} withdrawal:Withdrawal"),
}

FORMS: dict[str, Form] = {
    **{name: Form(one.told, one.has, f"{one.may} {FRAME}", one.table, one.words) for name, one in ANSWERS.items()},
    **PARTS,
}
