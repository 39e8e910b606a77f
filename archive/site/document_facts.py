"""All that is shown around a document and one of its versions, read from what is served."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict

from archive.mementos.timeline import exact_path, mementos_of_version
from archive.research import documents, page_parts
from archive.research.chain_records import chain_of_document
from archive.research.compared import kept_comparisons
from archive.research.links import references_from, references_to
from archive.research.money import dollars, obligations
from archive.research.quoted import quotations_of, quoted_by_press
from archive.research.rows import Row
from archive.research.story import read_story
from archive.site.chain_picture import chain_picture
from archive.site.fact_words import told_of
from archive.site.record_pictures import Moment, money_bars, timeline
from archive.site.story_picture import picture


def around(connection: sqlite3.Connection, document: Row, version: Row | None) -> Row:
    """Return all that hangs on a document and one version of it; `labels` are printed page numbers that differ."""
    notices = documents.list_notices(connection, document["id"])
    shown = [notice for notice in notices if version and notice["version"] == version["id"]]
    awards = documents.list_awards(connection, document["id"])
    pages = documents.list_pages(connection, version) if version else []
    return {
        "versions": _versions(connection, document["id"]),
        "pages": pages,
        "labels": {one["number"]: one["label"] for one in pages if one["label"] not in ("", str(one["number"]))},
        "refers_to": references_from(connection, version) if version else [],
        "referred_by": references_to(connection, document["id"]),
        "identifiers": documents.list_identifiers(connection, document["id"]),
        "dates": documents.list_dates(connection, version) if version else [],
        "listings": documents.list_listings(connection, document["id"]),
        "addresses": documents.list_addresses(connection, document["id"]),
        "notice": shown[0] if shown else None,
        "changes": documents.notice_changes(notices),
        "award": next((award for award in awards if version and award["version"] == version["id"]), None),
        "actions": [award for award in awards if award["modification"]],
        "article": documents.find_article(connection, version) if version else None,
        "captures": _captures(connection, version),
        **_found_in(connection, version),
    }


def around_page(connection: sqlite3.Connection, document: Row, version: Row, page: int) -> Row:
    """Return what of all that the view of one page shows: a document of thousands of pages lists none of them there."""
    return {
        "versions": _versions(connection, document["id"]),
        "refers_to": references_from(connection, version, page),
        "facts": page_parts.list_facts(connection, version),
        "identifiers": documents.list_identifiers(connection, document["id"]),
        "article": documents.find_article(connection, version),
    }


def around_document(connection: sqlite3.Connection, document: Row, facts: Row) -> Row:
    """Return what only the page of a document or version shows: its story, its history and money, what it quotes."""
    name = document["title"] or document["id"]
    story = read_story(connection, document["id"])
    money = obligations(facts["actions"])
    chain = (
        chain_of_document(connection, document["id"]) if facts["actions"] or facts["notice"] or facts["award"] else {}
    )
    said = [fact["value"] for fact in facts["facts"] if fact["name"] == "quotation"]
    return {
        "story": story,
        "story_picture": picture(story, name),
        "history_picture": timeline(_moments(connection, document["id"], facts), name),
        "money": [{**asdict(one), "dollars": dollars(one.cents), "in_all": dollars(one.total)} for one in money],
        "money_picture": money_bars(money, name),
        "chain": chain,
        "chain_picture": chain_picture(chain) if chain else "",
        "quotes": quotations_of(connection, document["id"], said) if facts["article"] else [],
        "quoted": quoted_by_press(connection, document["id"]),
    }


def _moments(connection: sqlite3.Connection, document: str, facts: Row) -> list[Moment]:
    """Return what happened to a notice or an award, by the days that the records themselves print."""
    acted = [Moment(one["action_date"] or "", one["action_type"] or "the award") for one in facts["actions"]]
    notices = documents.list_notices(connection, document) if facts["notice"] else []
    posted = [Moment(one["posted"] or "", f"posted: {one['type'] or 'notice'}") for one in notices]
    due = [Moment(one["response_due"] or "", "responses due") for one in notices[:1]]
    awarded = [Moment(one["award_date"] or "", "awarded") for one in notices[:1]]
    return [*acted, *posted, *due, *awarded]


def _captures(connection: sqlite3.Connection, version: Row | None) -> list[Row]:
    """Return the captures of a version that are shown, each with the path of the page around it."""
    found = mementos_of_version(connection, version) if version else []
    return [{"at": one.at, "url": one.url, "capture": one.capture, "address": exact_path(one),
             "provenance": one.row["provenance"]} for one in found]  # fmt: skip


def _versions(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return a document's versions, newest first, each with the `change` that it made of the one before it."""
    kept = kept_comparisons(connection, document)
    return [{**one, "change": kept.get(one["id"])} for one in documents.list_versions(connection, document)]


def _found_in(connection: sqlite3.Connection, version: Row | None) -> Row:
    """Return what a reader found in a version beside its text."""
    if version is None:
        return {"tables": [], "outline": [], "facts": [], "metadata": {}, "said": [], "in_file": []}
    facts = page_parts.list_facts(connection, version)
    said, in_file = told_of(facts)
    return {
        "tables": page_parts.list_tables(connection, version),
        "outline": page_parts.list_outline(connection, version),
        "facts": facts,
        "metadata": page_parts.file_metadata(connection, version),
        "said": said,
        "in_file": in_file,
    }
