"""Which runs a crawl comes to: of which source, for which night, with what it is told; asks nothing of anyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings, Settings

from archive.catalog.runs import RunFacts, fold, last_sign
from archive.folder import ArchiveFolder, holds_real_captures
from archive.store.journal import Journal
from archive.store.recording import Recording
from pipelines.clock import now, require_plausible
from pipelines.derive import Sources
from pipelines.resume import run_again, unfinished_run
from pipelines.session import Run, begun

# What a recording changes: there is no server to be polite to, and nothing to try again.
REPLAY_SETTINGS: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "RETRY_ENABLED": False,
}


class CrawlRefused(Exception):  # noqa: N818
    """A crawl that must not start, with the reason and what to do about it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of one source: what is said of it, and the settings that are its own."""

    run: Run
    settings: dict[str, Any] = field(default_factory=dict)
    # What of the catalogue its source is handed: it is looked up when the runs before it have been loaded.
    wants: str = ""


def project_settings(archive: Path) -> Settings:
    """Return the project's settings for one archive, without asking where the program was started."""
    settings = Settings()
    settings.setmodule("pipelines.settings", priority="project")
    settings.set("ARCHIVE_DIR", str(archive), priority="cmdline")
    return settings


def require_contact(settings: BaseSettings) -> None:
    """Raise CrawlRefused where a live crawl would not say who it is."""
    if not settings["CONTACT"] and not settings["ADDRESS_GUARD_ADMIT"]:
        raise CrawlRefused(
            "A crawl says who it is, so that a site can reach its operator: set OVERSIGHT_CONTACT to an address of "
            "yours (a web page or a mail address)."
        )


def require_browser(settings: BaseSettings, sources: Sequence[str]) -> None:
    """Raise CrawlRefused where a source's pages are to be opened in a browser, and there is none."""
    wanted = sorted(set(settings.getlist("BROWSER_SOURCES")) & set(sources))
    if wanted and not (settings["BROWSER_PATH"] and find_spec("scrapy_playwright")):
        raise CrawlRefused(
            f"{settings['SOURCES_FILE']} has the pages of {', '.join(wanted)} opened in a browser: install the program "
            "chromium (a package of Debian) and the extra oversight-archive[browser], or take `browser = true` out."
        )


def plan_live(
    settings: Settings, sources: Sequence[str], limit: int | None = None, *, resuming: bool = True
) -> list[Plan]:
    """Plan a run of each source against the network, now: a new one, or the one that isn't at its end yet.

    Raises CrawlRefused where no contact address is set, ClockImplausible where the clock can't be right.
    """
    require_contact(settings)
    require_browser(settings, sources)
    at, known = now(), Sources(settings)
    told = Journal(Path(settings["ARCHIVE_DIR"])).read()
    require_plausible(at, last_sign(fold(told).values()), believed=settings["CLOCK"] == "right")
    if not resuming or limit is not None:
        told = []
    plans = []
    for source in in_order(known, sources):
        facts = unfinished_run(told, source, at, settings.getfloat("RESUME_DAYS"))
        plans.append(_resumed(settings, known, facts, at) if facts else _live(known, source, at, limit))
    return plans


def _resumed(settings: Settings, known: Sources, facts: RunFacts, at: str) -> Plan:
    """Go on with a run, on the day on which it began: its searches up to that day are then the same as they were."""
    shared = settings.getdict("SHARED_ARGUMENTS")
    if shared.get("until") == at[:10]:
        shared = {**shared, "until": facts.night}
    return Plan(run_again(facts), {"RESUMED": True, "SHARED_ARGUMENTS": shared}, known.made(facts.source).wants)


def _live(known: Sources, source: str, at: str, limit: int | None) -> Plan:
    made = known.made(source)
    run = begun(source, at, None if limit else made.expect, "-limit" if limit else "")
    return Plan(run, {"DOCUMENT_LIMIT": limit} if limit else {}, made.wants)


def in_order(known: Sources, sources: Sequence[str]) -> list[str]:
    """Return the sources in the order of their runs: those that work from the catalogue come after the others."""
    order = ["", "references", "copies"]
    return sorted(dict.fromkeys(sources), key=lambda name: (order.index(known.made(name).wants), name))


def followed(settings: Settings, *, live: bool) -> list[str]:
    """Return the sources that a whole crawl runs: all but those switched off; live without the passive ones, too."""
    known = Sources(settings)
    names = [name for name in known.names() if name not in settings.getlist("DISABLED_SOURCES")]
    return in_order(known, [name for name in names if not (live and known.made(name).passive)])


def expected_of(known: Sources) -> list[dict[str, Any]]:
    """Return each source's name, its title, and how many documents one of its runs gives."""
    sources: list[Any] = [known.source_class(name) for name in known.names()]
    return [
        {
            "name": source.name,
            "title": getattr(source, "title", ""),
            "expected": {"minimum": source.expect.minimum, "maximum": source.expect.maximum},
        }
        for source in sources
    ]


def told_of(known: Sources, settings: Settings, name: str) -> dict[str, Any]:
    """Return what one source is, which arguments it takes, and what it is told of them."""
    source: Any = known.source_class(name)
    taken = {one: about.default for one, about in signature(source.__init__).parameters.items()}
    told = {**settings.getdict("SHARED_ARGUMENTS"), **settings.getdict("SOURCE_ARGUMENTS").get(name, {})}
    return {
        **{key: getattr(source, key) for key in ("name", "title", "publisher", "home", "collection", "description")},
        "enabled": name not in settings.getlist("DISABLED_SOURCES"),
        "expected": {**asdict(source.expect), "fields": dict(source.expect.fields)},
        "arguments": {key: told.get(key, usual) for key, usual in taken.items() if key not in ("self", "kwargs")},
    }


def plan_replay(
    settings: Settings,
    recording: Recording,
    sources: Sequence[str],
    night: str | None = None,
    limit: int | None = None,
) -> list[Plan]:
    """Plan a run of each source for each night of a recording, in the order of the nights.

    Raises CrawlRefused for a night that the recording doesn't hold.
    """
    if not recording.nights:
        why = "; ".join(f"{problem.subject}: {problem.detail}" for problem in recording.problems[:3])
        raise CrawlRefused(f"{recording.path} holds no exchange that can be replayed. {why}".rstrip())
    if night is not None and night not in recording.nights:
        held = ", ".join(recording.nights)
        raise CrawlRefused(f"{recording.path} holds no night {night}; it holds {held}.")
    require_browser(settings, sources)
    nights = [night] if night is not None else recording.nights
    known = Sources(settings)
    return [
        _replayed(settings, recording, source, one, limit, known.made(source).wants)
        for one in nights
        for source in in_order(known, sources)
    ]


def _replayed(
    settings: BaseSettings, recording: Recording, source: str, night: str, limit: int | None, wants: str
) -> Plan:
    expect = recording.expect.get(source, {}).get(night) if limit is None else None
    run = Run(
        id=f"{source}-{night}-{recording.digest[:8]}",
        source=source,
        night=night,
        at=f"{night}T00:00:00Z",
        replay=True,
        minimum=expect["minimum"] if expect else None,
        maximum=expect["maximum"] if expect else None,
        fields=dict(expect.get("fields", {})) if expect else {},
    )
    own = {"REPLAY_FILE": str(recording.path), "REPLAY_NIGHT": night, **_arguments(settings, recording, source, night)}
    return Plan(run, {**REPLAY_SETTINGS, **own, **({"DOCUMENT_LIMIT": limit} if limit else {})}, wants)


def _arguments(settings: BaseSettings, recording: Recording, source: str, night: str) -> dict[str, Any]:
    """Return what a source is told in a replay: what the recording says of it, or else what is configured; and the
    night's day in place of today's."""
    if source in recording.arguments:
        own = {source: dict(recording.arguments[source])}
        return {"SOURCE_ARGUMENTS": own, "SHARED_ARGUMENTS": {"until": night}}
    return {"SHARED_ARGUMENTS": {**settings.getdict("SHARED_ARGUMENTS"), "until": night}}


def refuse_mixture(archive: ArchiveFolder, recording: Recording) -> None:
    """Raise CrawlRefused where the sample would come among real captures."""
    if recording.sample and holds_real_captures(archive.connection):
        raise CrawlRefused(
            f"{archive.path} holds real captures, and {recording.path.name} is a sample with invented text. "
            "Give the sample an archive of its own: --archive data/demo."
        )
