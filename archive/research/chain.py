"""The chain of a contract, from its records: solicitation, notices, award, modifications, orders, the award above.

Pure functions of rows. A link is drawn where a field of a record holds the very number of another, or the record's own
address, and nowhere else: what merely looks alike is no link. So each link is a fact of the record that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from archive.award_ids import AwardId, parse_award_id
from archive.identifiers import parse_identifier
from archive.research.chain_gaps import Gap, gaps_in_modifications
from archive.research.documents import notice_changes
from archive.research.money import as_they_stand, by_fiscal_year, dollars, obligations
from archive.research.rows import Row

# A number of FAR 4.1603 is its own alone; shorter ones are counted anew under each award that they are ordered under.
SHORTEST_NUMBER = 13
# Notices of what was decided, which name a solicitation and don't make it.
_AFTERWARDS = ("Award Notice", "Award:", "Justification")
# What every further record of a notice has otherwise.
_OF_EACH = ("notice_id", "url", "posted")
FACT = "fact of the record"
KINDS = ("solicitation", "notice", "award above", "award", "modification", "order", "attached file", "spending page")


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of a chain: the records of its notices and awards, by document and in their order, and files that
    its notices have attached. `above` are the awards that others were ordered under: their money is not of this chain.
    `withdrawn` are numbers that nothing is said of. `cut` tells that there are more."""

    notices: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    awards: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    attached: Sequence[Row] = ()
    above: frozenset[str] = frozenset()
    withdrawn: frozenset[str] = frozenset()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing in the chain; `name` is what links call it by. `document` is "" for what isn't held."""

    name: str
    kind: str
    number: str
    title: str
    day: str = ""
    document: str = ""
    version: str = ""
    address: str = ""
    changed: str = ""
    dollars: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Why a step leads to another: the record (`document`, `version`), its field, and the words that stand in it."""

    one: str
    other: str
    rule: str
    field: str
    words: str
    document: str
    version: str
    address: str
    confidence: str = FACT


def canonical(number: str) -> str:
    """Return a number as it is compared: with or without its hyphens, in either case, it is one."""
    read = parse_identifier(number)
    return read.value if read else " ".join(number.upper().split())


def is_its_own(number: str) -> bool:
    """Tell whether a number can stand for one thing by itself: an order's "0001" can't."""
    read = parse_identifier(number)
    return read is not None and read.scheme in ("piid", "solicitation")


def build(held: Held) -> Row:
    """Return the chain as plain data: `steps` by day, `links`, `money` by fiscal year, and `gaps`."""
    made = _Made(held)
    money = [one for name, rows in held.awards.items() if name not in held.above for one in obligations(rows)]
    years = by_fiscal_year(money)
    return {
        "steps": [asdict(step) for step in made.ordered()],
        "links": [asdict(link) for link in made.links],
        "money": {
            "by_fiscal_year": [{**asdict(year), "dollars": dollars(year.cents)} for year in years],
            "cents": sum(year.cents for year in years),
            "dollars": dollars(sum(year.cents for year in years)),
            "actions": sum(year.actions for year in years),
        },
        "gaps": [asdict(gap) for gap in (*made.gaps, *made.unasked(), *_cut(held))],
    }


def _cut(held: Held) -> Iterator[Gap]:
    if held.cut:
        yield Gap("more", "", "More records carry these numbers than are shown here.", "", "")


class _Made:
    """The steps, links and gaps so far."""

    def __init__(self, held: Held) -> None:
        self.held = held
        self.steps: dict[str, Step] = {}
        self.links: list[Link] = []
        self.gaps: list[Gap] = []
        self._by_piid: dict[str, list[str]] = {}
        for document, rows in held.awards.items():
            self._by_piid.setdefault(canonical(rows[-1]["piid"]), []).append(document)
        for document, records in held.notices.items():
            self._notice(document, records)
        for document, rows in held.awards.items():
            self._award(document, rows)
        for row in held.attached:
            self._attached(row)

    def ordered(self) -> list[Step]:
        """Return the steps by day, what prints none last; of one day in the order of KINDS."""
        return sorted(self.steps.values(), key=lambda one: (one.day or "9", KINDS.index(one.kind)))

    def unasked(self) -> Iterator[Gap]:
        """Yield the solicitations of which no notice asks for offers: an award or a justification only names them."""
        asked = {link.other for link in self.links if self.steps[link.one].kind == "notice"
                 and not self.steps[link.one].title.startswith(_AFTERWARDS)}  # fmt: skip
        for step in self.steps.values():
            if step.kind == "solicitation" and step.name not in asked:
                yield Gap(
                    "solicitation", step.number, f"No notice by which {step.number} was asked for is held.", "", ""
                )

    def _put(self, step: Step) -> str:
        self.steps.setdefault(step.name, step)
        return step.name

    def _link(self, ends: tuple[str, str], rule: str, name: str, record: Row) -> None:
        self.links.append(Link(*ends, rule, name, str(record[name]), record["document"], record["version"],
                               record["address"]))  # fmt: skip

    def _notice(self, document: str, records: Sequence[Row]) -> None:
        """Add a notice with each of its records, and where its numbers lead."""
        changes = {one["version"]: _fields(one["changes"]) for one in notice_changes(list(reversed(records)))}
        for record in records:
            name = self._put(Step(
                f"notice {record['version']}", "notice", record["notice_id"], f"{record['type']}: {record['title']}",
                record["posted"] or "", document, record["version"], record["address"],
                changes.get(record["ordinal"], ""),
            ))  # fmt: skip
            if record["solicitation"]:
                self._link((name, self._solicitation(record)), "solicitation number", "solicitation", record)
            if record["award_number"]:
                for other in self._award_named(record["award_number"], record):
                    self._link((name, other), "award number", "award_number", record)

    def _solicitation(self, record: Row) -> str:
        """Return the step of a solicitation; an office's own number is told apart by that office."""
        number = canonical(record["solicitation"])
        own = number if is_its_own(number) else f"{number} of {record['office']}"
        return self._put(Step(f"solicitation {own}", "solicitation", number, f"Solicitation {number}"))

    def _award_named(self, printed: str, record: Row) -> list[str]:
        """Return the awards that a record names; a number that may be many's names one that is not held."""
        number = canonical(printed)
        held = self._by_piid.get(number, []) if is_its_own(number) else []
        if held or number in self.held.withdrawn:
            return [f"award {document}" for document in held]
        if not any(gap.number == number for gap in self.gaps):
            told = f"Award {number} is named, and no spending record of it is held."
            self.gaps.append(Gap("award", number, told, record["document"], record["address"]))
        return [self._put(Step(f"award {number}", "award", number, f"Award {number}", record["award_date"] or ""))]

    def _award(self, document: str, rows: Sequence[Row]) -> None:
        """Add an award with its modifications, where it was asked for, and what it was ordered under."""
        newest = rows[-1]
        actions = as_they_stand(rows)
        first = next((row for row in actions if _is_base(row)), None)
        shown = first or (newest if not actions else {**newest, "action_date": ""})
        kind = "award above" if document in self.held.above else "order" if newest["parent_piid"] else "award"
        name = self._put(Step(
            f"award {document}", kind, newest["piid"], newest["description"][:300] or newest["piid"],
            shown["action_date"] or "", document, shown["version"], shown["address"], "",
            first["dollars"] if first else "",
        ))  # fmt: skip
        if asked := next((row for row in reversed(rows) if row["solicitation"]), None):
            self._link((name, self._solicitation(asked)), "solicitation number", "solicitation", asked)
        if newest["parent_piid"]:
            self._above(name, newest)
        for row in actions:
            if row is not first:
                self._modification(name, row)
        if newest["url"]:
            told = "The award at USAspending.gov"
            page = self._put(Step(f"page {document}", "spending page", newest["award_id"], told, url=newest["url"]))
            self._link((name, page), "award id", "url", newest)
        self.gaps += gaps_in_modifications(document, newest, actions)

    def _modification(self, award: str, row: Row) -> None:
        name = self._put(Step(
            f"modification {row['version']}", "modification", row["modification"], row["action_type"] or "Modification",
            row["action_date"] or "", row["document"], row["version"], row["address"], row["change"], row["dollars"],
        ))  # fmt: skip
        # An award's actions are told under its id; where a file prints none, under its number.
        self._link((award, name), "award id", "award_id" if row["award_id"] else "piid", row)

    def _above(self, name: str, row: Row) -> None:
        """Add what an award was ordered under: the award of that number and that agency."""
        number, agency = canonical(row["parent_piid"]), _parts(row).parent_agency
        held = [
            document for document in self._by_piid.get(number, [])
            if not agency or _parts(self.held.awards[document][-1]).agency in ("", agency)
        ]  # fmt: skip
        if held or number in self.held.withdrawn:
            for document in held:
                self._link((name, f"award {document}"), "ordered under", "parent_piid", row)
            return
        above = self._put(Step(f"above {number} {agency}", "award above", number, f"Award {number}"))
        self._link((name, above), "ordered under", "parent_piid", row)
        told = f"Ordered under {number}, which is not held."
        self.gaps.append(Gap("award above", number, told, row["document"], row["address"]))

    def _attached(self, row: Row) -> None:
        name = self._put(Step(
            f"file {row['target_document']}", "attached file", row["number"], row["title"], row["published"] or "",
            row["target_document"], "", f"/d/{row['target_document']}",
        ))  # fmt: skip
        link = Link(f"notice {row['version']}", name, "attached", "attachments", row["target"], row["document"],
                    row["version"], row["address"])  # fmt: skip
        self.links.append(link)


def _parts(row: Row) -> AwardId:
    return parse_award_id(row["award_id"]) or AwardId(row["piid"], "", row["parent_piid"])


def _is_base(row: Row) -> bool:
    return not row["modification"].strip("0")


def _fields(changes: Iterable[Mapping[str, Any]]) -> str:
    """Return in a few words what a notice's record says otherwise than the one before."""
    told = [
        f"{one['field'].replace('_', ' ')}: {_short(one['before'])} → {_short(one['after'])}"
        for one in changes
        if one["field"] not in _OF_EACH and not str(one["after"]).startswith(("http://", "https://"))
    ]
    return "; ".join(told[:6]) + (f"; and {len(told) - 6} more" if len(told) > 6 else "")


def _short(words: str) -> str:
    words = " ".join(words.split()) or "nothing"
    return words if len(words) <= 80 else words[:79] + "…"
