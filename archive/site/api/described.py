"""The site's JSON routes as programs ask them: one entry a path, with its parameters, its answers and a real example.

A test asks every example, and demands that each route of ROUTES either stands here or is named in NO_DATA.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from archive.site.api.forms import KINDS, Schema

TEXT, COUNT, DAY = KINDS["text"], KINDS["count"], KINDS["day"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `place` is "path" or "query"; `example` stands in the example of its route."""

    name: str
    description: str
    schema: Schema
    place: str = "query"
    example: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """One path: `answer` names its schema (several: one of them), `errors` the statuses it may have beside.

    `posts` are the media types of what may be sent by POST; asked by GET it then says only the form of the answer.
    `leads` are the redirects it may answer with. `media` is the answer's type where it isn't plain JSON. `says_nothing`
    tells that where nothing is held (404) the answer has its own form, too.
    """

    path: str
    summary: str
    answer: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = (404, 503)
    leads: tuple[int, ...] = ()
    media: str = "application/json"
    of_releases: bool = True
    says_nothing: bool = False
    posts: tuple[str, ...] = ()

    def example(self) -> str:
        """Return the path and query of this route's example."""
        path, asked = self.path, []
        for one in self.parameters:
            if one.place == "path":
                path = path.replace("{" + one.name + "}", one.example)
            elif one.example:
                asked.append(f"{one.name}={one.example}")
        return path + ("?" + "&".join(asked) if asked else "")


def _document(example: str = "dhs-ice-pia-039a") -> Parameter:
    return Parameter(
        "document", "A document's id.", {"type": "string", "pattern": "^[a-z0-9-]{1,300}$"}, "path", example
    )


def _tail(name: str = "version", example: str = "239d076958") -> Parameter:
    words = "The beginning of the version's SHA-256, at least ten digits."
    return Parameter(name, words, {"type": "string", "pattern": "^[0-9a-f]{10,64}$"}, "path", example)


_DOCUMENT, _TAIL = _document(), _tail()
_PAGE = Parameter("page", "The page's number, counted from 1.", {"type": "integer", "minimum": 1, "maximum": 9_999_999},
                  "path", "3")  # fmt: skip
_ON = Parameter("on", "A day: leads to the version that was in force on it.", {"type": "string", "format": "date"})
_SPAN = (
    Parameter("limit", "How many results; what is beyond the most is taken for the most.", COUNT),
    Parameter("offset", "How many results are passed over first.", COUNT),
)
_COLLECTION = Parameter("collection", "Only of this collection.", TEXT)
_QUERY = Parameter(
    "q", "What is looked for: words, phrases, numbers. Nothing is a syntax error.", TEXT, example="plate"
)
_QUOTED = (
    Parameter("quote", "Words that stand on the page; of a long passage the first and the last, with … between.", TEXT),
    Parameter("after", "Words that stand before them, where they stand on the page more than once.", TEXT),
    Parameter("before", "Words that stand behind them.", TEXT),
)
_VALUES = "Only of this {}, as a facet gives it or a part of its name; several are alternatives."
_FILTERS = (
    *(Parameter(name, _VALUES.format(name), TEXT) for name in ("collection", "component", "kind", "year", "vendor",
      "outlet", "source", "listing", "place", "state")),
    Parameter("number", "Only what carries this number, in any spelling.", TEXT),
    Parameter("title", "Only titles that hold these words.", TEXT),
    Parameter("after", "Only what is dated from this day, month or year on, by its own date.", TEXT),
    Parameter("before", "Only what is dated before this day, month or year.", TEXT),
    Parameter("on", "As the archive held it at the end of this day.", TEXT),
)  # fmt: skip
DRAFTS = ("text/markdown", "text/plain", "text/html", "application/pdf",
          "application/vnd.openxmlformats-officedocument.wordprocessingml.document")  # fmt: skip
_PAIR = (_document("notice-hscecr-14-q-00006"), _tail("before", "c19c1ca2af"), _tail("after", "5c1a77a18a"))
_URL = "https://www.dhs.gov/privacy-documents-ice"

DESCRIBED: tuple[Described, ...] = (
    Described("/d/{document}.json", "A document with its newest version", ("Document",), (_DOCUMENT, _ON),
              (400, 404, 410, 503), (301, 302)),
    Described("/d/{document}@{version}.json", "One version of a document", ("Document",), (_DOCUMENT, _TAIL),
              (404, 410, 503), (301,)),
    Described("/d/{document}@{version}/p{page}.json", "One page of a version, with its text", ("Document",),
              (_DOCUMENT, _TAIL, _PAGE, *_QUOTED), (404, 410, 503), (301,)),
    Described("/d/{document}@{version}/p{page}.words.json", "The words of a page, and where they stand on its picture",
              ("PageWords",), (_DOCUMENT, _TAIL, _PAGE), (404, 410, 503), (301,)),
    Described("/d/{document}@{version}.citations.json", "A citation of a version in every style, without markup",
              ("Citations",), (_DOCUMENT, _TAIL), (404, 410, 503), (301,)),
    Described("/d/{document}@{version}/p{page}.citations.json", "The same of a page, or of words quoted from it",
              ("Citations",), (_DOCUMENT, _TAIL, _PAGE, *_QUOTED), (404, 410, 503), (301,)),
    Described("/d/{document}@{version}.csl.json", "A version as CSL-JSON, for reference managers", ("CslItems",),
              (_DOCUMENT, _TAIL), (404, 410, 503), (301,), "application/vnd.citationstyles.csl+json"),
    Described("/d/{document}/diff/{before}..{after}.json", "What changed between two versions of a document",
              ("Difference",), _PAIR, (404, 410, 422, 503), (301, 302)),
    Described("/diff.json", "What differs between two documents, or versions named ID@VERSION", ("Difference",),
              (Parameter("a", "The one.", TEXT, example="dhs-ice-pia-039"),
               Parameter("b", "The other.", TEXT, example="dhs-ice-pia-039a")), (400, 404, 410, 422, 503), (301, 302)),
    Described("/n.json", "The documents that carry a number, in any spelling", ("ByNumber",),
              (Parameter("number", "The number: PIA, notice, contract, citation…", TEXT, example="PIA039a"),),
              (404, 410, 503), says_nothing=True),
    Described("/n/{number}.json", "The same, with the number in the path", ("ByNumber",),
              (Parameter("number", "The number; a slash in it may stand as it is.", {"type": "string", "minLength": 1},
                         "path", "81%20FR%2072080"),), (404, 410, 503), says_nothing=True),
    Described("/cite.json", "The documents that an original address led to, and its captures", ("ByAddress",),
              (Parameter("url", "The address, in any of its spellings.", TEXT, example=_URL),), (404, 410, 503),
              says_nothing=True),
    Described("/chain/{number}.json", "The chain of a contract: its steps, why each leads to the next, its money",
              ("Chain",), (Parameter("number", "The number of any of its records, in any spelling.",
                                     {"type": "string", "minLength": 1}, "path", "70CDCR18-P-00000017"),),
              (404, 410, 503), says_nothing=True),
    Described("/chain.json", "The same, with the number as a parameter", ("Chain",),
              (Parameter("number", "The number.", TEXT, example="HSCECR14Q00006"),), (404, 410, 503),
              says_nothing=True),
    Described("/timeline.json", "When something was mentioned, seen, listed, amended and paid", ("Timeline",),
              (Parameter("of", "A number, a document's id, words, a phrase, or vendor:NAME.", TEXT,
                         example="70CDCR18P00000017"),), (404, 410, 503)),
    Described("/vendors.json", "Who was awarded something, by the records that are held", ("Vendors",)),
    Described("/vendors/{vendor}.json", "A vendor: its names with their evidence, awards, money, claims", ("Vendor",),
              (Parameter("vendor", "What its page is called, or any of its names.",
                         {"type": "string", "pattern": "^[a-z0-9-]{1,80}$"}, "path", "west-publishing-corporation"),),
              (404, 503), (301,)),
    Described("/search.json", "Search over all documents, or over what changed (in=added, in=removed)",
              ("Search", "SearchInChanges"),
              (_QUERY, *_SPAN, Parameter("sort", "relevance, date or first_seen.", TEXT), *_FILTERS,
               Parameter("in", "What changed: words put in, or taken out.", {"enum": ["added", "removed"]}))),
    Described("/search/time.json", "Since when, and until when, documents have said something", ("OverTime",),
              (_QUERY, *_SPAN, Parameter("sort", "The order of the documents.", TEXT), _COLLECTION)),
    Described("/absence.json", "That nothing matches a search: among what, as of when, with which gaps",
              ("Absence",), (replace(_QUERY, example="submarine"), *_FILTERS)),
    Described("/quotes.json", "Whether the quotations of a draft stand in what is held: sent by POST, never kept",
              ("Quotations",), errors=(400, 413, 503), posts=DRAFTS),
    Described("/places.json", "The states, counties and cities that documents name", ("Places",),
              (Parameter("q", "Words of a name.", TEXT, example="Virginia"),
               Parameter("kind", "Only of this kind.", {"enum": ["state", "county", "city"]}),
               Parameter("state", "Only in this state, by its two letters.", TEXT))),
    Described("/places/{place}.json", "The documents that name a place, and on which pages", ("PlaceWithDocuments",),
              (Parameter("place", "The place's id.", {"type": "string", "pattern": "^us-[a-z]{2}(-[a-z0-9-]{1,80})?$"},
                         "path", "us-dc-washington"),), (404, 503)),
    Described("/changes.json", "What came, was replaced, moved, taken off a list, went or came back", ("Changes",),
              (Parameter("kind", "Only changes of this kind.", TEXT), _COLLECTION,
               Parameter("source", "Only of this source.", TEXT), Parameter("since", "From this day on.", DAY),
               Parameter("before", "What follows; stands in `next` of the answer before.", TEXT),
               Parameter("cosmetic", "Also what changed nothing that is said.", {"enum": ["1", "yes", "true"]})),
              (400, 404, 503)),
    Described("/watches.json", "What is watched for here, as far as everybody may see it", ("Watches",)),
    Described("/watches/{watch}.json", "A watch: what it looks for, what it was told, how its sources are", ("Watch",),
              (Parameter("watch", "What it is called.", {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,59}$"},
                         "path", "license-plate-readers"),
               Parameter("before", "What follows; stands in `next` of the answer before.", TEXT)), (400, 404, 503)),
    Described("/unmatched.json", "What documents refer to and the archive doesn't hold", ("Unmatched",),
              (Parameter("kind", "Only this kind; laws (usc, cfr) are told only so.", TEXT),
               Parameter("start", "What follows; stands in `next` of the answer before.", COUNT)), (400, 404, 503)),
    Described("/gaps.json", "Numbered series, and how many of their numbers are missing", ("AllSeries",)),
    Described("/gaps/{series}.json", "A numbered series: held, only mentioned and where, never seen", ("Series",),
              (Parameter("series", "The series' name.", TEXT, "path", "pia-ice"),)),
    Described("/dashboard.json", "What the plots of the dashboard draw", ("Dashboard",)),
    Described("/sources.json", "The sources, and how they are", ("Sources",)),
    Described("/badge.json", "How the archive is, for a badge", ("Badge",)),
    Described("/sources/{source}.json", "How a source is, for a badge", ("Badge",),
              (Parameter("source", "The source's name.", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,59}$"},
                         "path", "news"),)),
    Described("/releases.json", "The releases", ("Releases",), of_releases=False),
    Described("/releases/{number}.json", "A release's manifest", ("Manifest",),
              (Parameter("number", "The release's number.", {"type": "integer", "minimum": 1, "maximum": 999_999_999},
                         "path", "1"),), of_releases=False),
    Described("/withdrawals.json", "What was withdrawn, and why", ("Withdrawals",)),
    Described("/about.json", "Whose archive this is, and how much it holds", ("About",)),
    Described("/timemap/json/{url}", "The captures of an address (Memento)", ("TimeMap",),
              (Parameter("url", "The address as it is, slashes and query and all.",
                         {"type": "string", "pattern": "^https?://[a-z.]+/.*$"}, "path", _URL),),
              (400, 404, 410, 503), of_releases=False),
    Described("/-/databases.json", "What Datasette serves here", ("Databases",), of_releases=False),
)  # fmt: skip

AS_OF = Parameter("as_of", "The number of a release: the answer as it was then. Left out: the newest.",
                  {"type": "integer", "minimum": 1, "maximum": 999_999_999})  # fmt: skip
