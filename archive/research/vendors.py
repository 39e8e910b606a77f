"""Who was awarded something, under all the names that records and curation give them, each name with its evidence.

Two names are one vendor where they are the same but for spelling (`plain_name` says what that is), where records give
both the same unique entity identifier, or where somebody claims it and the quotation that shows it stands on its page.
A parent is told as such, and is no other name.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from archive.addresses import slug
from archive.research.documents import version_address
from archive.research.money import by_fiscal_year, dollars, obligations
from archive.research.rows import Row, select

# A unique entity identifier has twelve places (SAM.gov); one that joins more names than this is none of one entity.
_UEI = re.compile(r"[0-9A-Z]{12}")
MOST_OF_ONE_UEI = 12
MOST_AWARDS = 500
_SHORT = {
    "corporation": "corp", "incorporated": "inc", "company": "co", "limited": "ltd", "and": "&",
}  # fmt: skip
SPELLING = (
    "The same but for case, accents, punctuation and blanks, with Corporation and Corp, Incorporated and Inc, Company"
    " and Co, Limited and Ltd, “and” and “&” taken for one; what else a name has tells it apart."
)
_WORD = re.compile(r"[^\W_]+|&")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a vendor, and what it rests on: `rule` is "record", "spelling", "uei" or "claim"."""

    name: str
    rule: str
    evidence: str
    document: str
    address: str
    records: int = 0


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor: the name that most records have, what its page is called (`slug`), all names, identifiers, parents, and
    names that are claimed and don't stand."""

    name: str
    slug: str
    names: tuple[Name, ...]
    ueis: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    broken: tuple[Row, ...] = field(default=())

    @property
    def recorded(self) -> tuple[str, ...]:
        """Return the names that records have, letter for letter."""
        return tuple(one.name for one in self.names if one.records)


def plain_name(name: str) -> str:
    """Return a name as it is compared: see SPELLING."""
    folded = unicodedata.normalize("NFKD", name.casefold())
    words = _WORD.findall("".join(sign for sign in folded if not unicodedata.combining(sign)))
    return " ".join(_SHORT.get(word, word) for word in words)


def list_vendors(connection: sqlite3.Connection) -> list[Vendor]:
    """Return every vendor that records name, by name."""
    records = _records(connection)
    groups = _Groups(records)
    aliases = _aliases(connection)
    for alias in aliases:
        if alias["outcome"] == "stands":
            groups.join(plain_name(alias["subject"]), plain_name(alias["says"]))
    held: dict[str, list[Row]] = defaultdict(list)
    for row in records:
        held[groups.top(plain_name(row["name"]))].append(row)
    said: dict[str, list[Row]] = defaultdict(list)
    for alias in aliases:
        said[groups.top(plain_name(alias["subject"]))].append(alias)
    vendors = sorted((_vendor(rows, said[top]) for top, rows in held.items()), key=lambda one: one.name)
    taken = Counter(one.slug for one in vendors)
    return [one if taken[one.slug] == 1 else replace(one, slug=f"{one.slug}-{_digest(one.name)}") for one in vendors]


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]


def find_vendor(connection: sqlite3.Connection, asked: str) -> Vendor | None:
    """Return the vendor whose page, or any of whose names, is called so."""
    wanted, plain = slug(asked), plain_name(asked)
    fitting = [
        one for one in list_vendors(connection)
        if wanted == one.slug or any(wanted == slug(name.name) or plain == plain_name(name.name) for name in one.names)
    ]  # fmt: skip
    exact = [one for one in fitting if wanted == one.slug]
    return next(iter(exact or fitting), None)


def other_names(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Yield each name that records have with each other name of the same vendor."""
    for vendor in list_vendors(connection):
        for recorded in vendor.recorded:
            yield from ((recorded, other.name) for other in vendor.names if other.name != recorded)


def notes_on(connection: sqlite3.Connection, meant: Mapping[str, list[str]]) -> list[str]:
    """Return, of values as typed with the names that they stand for, which of these are other names of one vendor."""
    vendors = [one for one in list_vendors(connection) if len(one.names) > 1] if meant else []
    notes = []
    for value, names in meant.items():
        for vendor in vendors:
            if set(names) & set(vendor.recorded):
                told = [f"{one.name} ({one.evidence})" for one in vendor.names if one.name != vendor.name]
                notes.append(f"“{value}” finds {vendor.name}, also as {'; as '.join(told[:6])}.")
    return notes[:10]


def describe_vendor(connection: sqlite3.Connection, vendor: Vendor) -> Row:
    """Return what a vendor's page says: names with their evidence, awards, money by fiscal year, claims about them."""
    awards = _awards(connection, vendor.recorded)
    money = [one for award in awards for one in award.pop("money")]
    documents = {award["document"] for award in awards}
    years = by_fiscal_year(money)
    return {
        "slug": vendor.slug,
        "name": vendor.name,
        "names": [asdict(name) for name in vendor.names],
        "broken": list(vendor.broken),
        "ueis": list(vendor.ueis),
        "parents": list(vendor.parents),
        "spelling": SPELLING,
        "awards": awards,
        "money": {
            "by_fiscal_year": [{**asdict(year), "dollars": dollars(year.cents)} for year in years],
            "cents": sum(year.cents for year in years),
            "dollars": dollars(sum(year.cents for year in years)),
            "actions": sum(year.actions for year in years),
        },
        "documents": sorted(documents),
    }


class _Groups:
    """Which names, as they are compared, are of one vendor."""

    def __init__(self, records: Iterable[Row]) -> None:
        self._above: dict[str, str] = {}
        by_uei: dict[str, set[str]] = defaultdict(set)
        for row in records:
            if _UEI.fullmatch(row["uei"]):
                by_uei[row["uei"]].add(plain_name(row["name"]))
        for names in by_uei.values():
            first, *others = sorted(names)
            if len(names) <= MOST_OF_ONE_UEI:
                for other in others:
                    self.join(first, other)

    def top(self, name: str) -> str:
        while (above := self._above.get(name, name)) != name:
            name = above
        return name

    def join(self, one: str, other: str) -> None:
        tops = sorted({self.top(one), self.top(other)})
        self._above.update(dict.fromkeys(tops[1:], tops[0]))


def _records(connection: sqlite3.Connection) -> list[Row]:
    """Return each name that records have, with its identifier and parent, how often, and one of the records."""
    return select(
        connection,
        "SELECT recipient AS name, upper(recipient_uei) AS uei, recipient_parent AS parent, count(*) AS records,"
        " min(version) AS version FROM awards WHERE recipient <> '' GROUP BY 1, 2, 3"
        " UNION ALL SELECT awardee, upper(awardee_uei), '', count(*), min(version) FROM notices WHERE awardee <> ''"
        " GROUP BY 1, 2 ORDER BY 1, 2, 3, 5",
    )


def _aliases(connection: sqlite3.Connection) -> list[Row]:
    return claims_of_kind(connection, "alias")


def claims_of_kind(connection: sqlite3.Connection, kind: str) -> list[Row]:
    """Return the claims of a kind, a row for each quotation, in their order; none in releases without claims."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'claims' AND type = 'table'").fetchone():
        return []
    return select(connection, "SELECT * FROM claims WHERE kind = ? ORDER BY ordinal, place, id", (kind,))


def _vendor(rows: list[Row], aliases: list[Row]) -> Vendor:
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row["name"]] += row["records"]
    main = min(counted, key=lambda name: (-counted[name], name))
    names = [_recorded(name, main, rows, counted[name]) for name in sorted(counted, key=lambda one: (one != main, one))]
    known = set(counted)
    for alias in aliases:
        if alias["outcome"] == "stands" and alias["says"] not in known:
            known.add(alias["says"])
            told = f"claimed, by words that stand in a document: “{alias['words']}”"
            names.append(Name(alias["says"], "claim", told, alias["document"] or "", alias["address"]))
    ueis = sorted({row["uei"] for row in rows if _UEI.fullmatch(row["uei"])})
    parents = sorted({row["parent"] for row in rows if row["parent"] and row["parent"] not in counted})
    broken = tuple(alias for alias in aliases if alias["outcome"] != "stands")
    return Vendor(main, slug(main)[:80] or "vendor", tuple(names), tuple(ueis), tuple(parents), broken)


def _recorded(name: str, main: str, rows: list[Row], records: int) -> Name:
    """Return a name that records have, with what makes it this vendor's."""
    own = [row for row in rows if row["name"] == name]
    shown = min(own, key=lambda row: (row["uei"] == "", row["version"]))
    document = str(shown["version"]).partition("@")[0]
    address = f"/d/{shown['version']}"
    if name == main:
        return Name(name, "record", f"so {records:,} records print it", document, address, records)
    ueis = {row["uei"] for row in own if row["uei"]} & {row["uei"] for row in rows if row["name"] != name}
    if ueis:
        told = f"records give it the same unique entity identifier, {min(ueis)}"
        return Name(name, "uei", told, document, address, records)
    others = sorted({row["name"] for row in rows if plain_name(row["name"]) == plain_name(name)} - {name})
    rule, told = ("spelling", f"the same as {others[0]} but for its spelling") if others else ("claim", "as claimed")
    return Name(name, rule, told, document, address, records)


def _awards(connection: sqlite3.Connection, names: tuple[str, ...]) -> list[Row]:
    """Return the awards to a vendor, the newest first, each with its obligations."""
    marks = ", ".join("?" * len(names))
    rows = select(
        connection,
        f"SELECT a.*, v.ordinal, v.digest FROM awards AS a JOIN versions AS v ON v.id = a.version WHERE"  # noqa: S608
        f" a.document IN (SELECT document FROM awards WHERE recipient IN ({marks}) ORDER BY document LIMIT ?)"
        " ORDER BY a.document, v.ordinal",
        (*names, MOST_AWARDS),
    )
    by_document: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        row["address"] = version_address({**row, "id": row["version"]})
        by_document[row["document"]].append(row)
    told = []
    for document, held in by_document.items():
        newest, money = held[-1], obligations(row for row in held if row["recipient"] in names)
        days = sorted(row["action_date"] for row in held if row["action_date"])
        told.append({
            "document": document, "piid": newest["piid"], "parent_piid": newest["parent_piid"],
            "award_id": newest["award_id"], "description": newest["description"][:300], "first": next(iter(days), ""),
            "last": days[-1] if days else "", "agency": newest["sub_agency"] or newest["agency"],
            "dollars": dollars(money[-1].total) if money else "", "cents": money[-1].total if money else None,
            "address": f"/d/{document}", "money": money,
        })  # fmt: skip
    return sorted(told, key=lambda one: (one["last"], one["document"]), reverse=True)
