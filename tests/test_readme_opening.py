"""The README's first screen is what the program says of the draft in docs/, and every address in it opens."""

from __future__ import annotations

import re

from archive.site.server import open_archive
from tests.asking_the_site import get
from tests.conftest import ROOT
from tests.demo_archive import DemoArchive, oversight


def test_the_opening_is_what_the_program_says(demo_made: DemoArchive) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme.partition("$ oversight quotes docs/example-draft.md\n")[2].partition("```")[0]
    done = oversight("--archive", demo_made.path, "quotes", ROOT / "docs" / "example-draft.md")
    assert (done.returncode, done.stdout.strip()) == (1, shown.strip())
    site = open_archive(demo_made.path)
    addresses = re.findall(r"/d/\S+", shown)
    assert len(addresses) == 3
    for address in addresses:
        answer = get(site, address)
        assert (answer.status_code, "<mark" in answer.text) == (200, True), address
