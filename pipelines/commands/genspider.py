"""`scrapy genspider NAME URL`: a new source with its saved responses and their expected results, all at once.

Scrapy's own command makes the spider's file alone, and a source without saved responses fails the tests.
"""

from __future__ import annotations

import argparse
import re
from importlib import import_module
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from scrapy.commands.genspider import Command as ScrapyGenspider
from scrapy.commands.genspider import verify_url_scheme
from scrapy.exceptions import UsageError

NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


class Command(ScrapyGenspider):
    """Fill in spiders/templates/spiders/source.tmpl and, for tests/sources/NAME, spiders/templates/case."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.set_defaults(template="source")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Make the files; one that is there already is left alone. Raises UsageError for a name that can't be one."""
        if opts.list or opts.dump:
            super().run(args, opts)
            return
        if len(args) != 2 or not NAME.fullmatch(args[0]):
            raise UsageError("two words are needed: a name in small letters (gao_reports), and the listing's address")
        super().run(args, opts)
        spiders = Path(str(import_module("spiders").__file__)).parent
        if (spiders / f"{args[0]}.py").exists():
            self._save_case(spiders, args[0], verify_url_scheme(args[1]))

    def _save_case(self, spiders: Path, name: str, url: str) -> None:
        values = {"url": url, "site": f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"}
        templates = spiders / "templates" / "case"
        for template in sorted(path for path in templates.rglob("*") if path.is_file()):
            file = spiders.parent / "tests" / "sources" / name / template.relative_to(templates)
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                body = template.read_bytes()
                is_text = template.suffix in (".json", ".html")
                file.write_bytes(Template(body.decode()).substitute(values).encode() if is_text else body)
        print(f"with saved responses in:\n  tests/sources/{name}")  # noqa: T201 (a command speaks to its caller)
