"""All commands, loaded at once, for processes that fork: `oversight` itself loads each only when it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from scrapy.utils.misc import load_object

from archive.gazetteer.names import gazetteer
from oversight import HEADINGS
from pipelines.derive import Sources
from pipelines.plan import project_settings


def load_all() -> None:
    """Load every source, every command, and what a crawl loads by name."""
    known = Sources(project_settings(Path()))
    for name in known.names():
        known.source_class(name)
    load_commands()
    load_crawl()


def load_commands() -> None:
    """Load every command, and what commands load only now and then."""
    for told in (told for commands in HEADINGS.values() for told in commands.values()):
        import_module(told.where.partition(":")[0])
    for late in ("archive.catalog.opening", "console.writing", "pipelines.expiries", "pipelines.rebuild"):
        import_module(late)
    gazetteer()


def load_crawl() -> None:
    """Load what a crawl would load by name; nothing may install a reactor before the fork."""
    settings = project_settings(Path())
    for name in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS"):
        for part in {**settings[f"{name}_BASE"], **settings[name]}:
            load_object(part)
    for setting in (
        "STATS_CLASS",
        "LOG_FORMATTER",
        "DNS_RESOLVER",
        "ROBOTSTXT_PARSER",
        "SCHEDULER",
        "DUPEFILTER_CLASS",
    ):
        load_object(settings[setting])
    assert "twisted.internet.reactor" not in sys.modules
