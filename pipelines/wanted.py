"""What a source that works from the catalogue is to look for, settled once for a run and put on record."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from archive.folder import ArchiveFolder
from archive.research.wanted import asked_in_vain, copies_held, was_asked, worth_a_look
from archive.store.recording import open_recording
from pipelines.derive import Sources
from pipelines.plan import Plan

# What was asked for in vain is asked for again after so many days.
AGAIN_AFTER_DAYS = 30
WANTED = {"references": worth_a_look, "copies": asked_in_vain}


def expand(plan: Plan, settings: BaseSettings, sources: Sources) -> list[Plan]:
    """Return the runs that a plan of such a source comes to, now that all before it is in the catalogue.

    What another source knows is fetched by that source, in a run of its own whose id ends in "-cited": so it is read
    as that source reads all else. A run that is done again looks for what it looked for first.
    """
    archive = ArchiveFolder.open(Path(settings["ARCHIVE_DIR"]))
    with closing(archive):
        wanted = _told_before(archive, plan.run.id)
        if wanted is None:
            wanted = _wanted(archive, plan, settings, sources)
            archive.journal.append("run-wanted", run=plan.run.id, wanted=wanted)
        own: dict[str, Any] = {"wanted": wanted.get(plan.run.source, [])}
        if plan.wants == "copies":
            own["held"] = copies_held(archive.connection, plan.run.at)
    others = [_cited(plan, source, urls) for source, urls in wanted.items() if source != plan.run.source]
    return [*others, _told(plan, settings, own)]


def _told_before(archive: ArchiveFolder, run: str) -> dict[str, list[str]] | None:
    told: list[dict[str, Any]] = [one for one in archive.journal.read() if one.get("event") == "run-wanted"]
    return next((one["wanted"] for one in told if one["run"] == run), None)


def _wanted(archive: ArchiveFolder, plan: Plan, settings: BaseSettings, sources: Sources) -> dict[str, list[str]]:
    """Return what is wanted by the source that is to fetch it; each once, what was lately tried left out."""
    source = sources.made(plan.run.source)
    since = (date.fromisoformat(plan.run.night) - timedelta(AGAIN_AFTER_DAYS)).isoformat()
    recording = open_recording(Path(plan.settings["REPLAY_FILE"])) if plan.run.replay else None
    wanted: dict[str, dict[str, None]] = {}
    for kind, target in WANTED[source.wants](archive.connection, plan.run.night):
        url = source.address_of(kind, target)
        if not url or was_asked(archive.connection, url, since):
            continue
        # A recording is all the world there is in a replay.
        if recording is not None and not recording.holds(plan.run.night, "GET", url):
            continue
        if kind == "copy":
            wanted.setdefault(source.name, {})[target] = None
        else:
            wanted.setdefault(sources.source_for(url) or source.name, {})[url] = None
    return {name: list(urls) for name, urls in sorted(wanted.items())}


def _cited(plan: Plan, source: str, urls: list[str]) -> Plan:
    run_id = plan.run.id.replace(plan.run.source, source, 1) + "-cited"
    run = replace(plan.run, id=run_id, source=source, minimum=None, maximum=None, fields={})
    own = {key: value for key, value in plan.settings.items() if key != "SOURCE_ARGUMENTS"}
    return Plan(run, {**own, "ADDRESSES": urls})


def _told(plan: Plan, settings: BaseSettings, more: Mapping[str, Any]) -> Plan:
    held: Mapping[str, Any] = plan.settings.get("SOURCE_ARGUMENTS", settings.getdict("SOURCE_ARGUMENTS"))
    own = {**held.get(plan.run.source, {}), **more}
    return Plan(plan.run, {**plan.settings, "SOURCE_ARGUMENTS": {**held, plan.run.source: own}})
