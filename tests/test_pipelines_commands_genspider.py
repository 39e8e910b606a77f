"""`scrapy genspider` makes a source whose tests pass at once, in a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.commands.genspider import NAME
from tests.conftest import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the command and the sources' tests need."""
    for folder in ("archive", "pipelines", "spiders", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.gz"))
    for file in ("scrapy.cfg", "pyproject.toml", "sources.toml"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_one_command_makes_a_whole_source(project: Path) -> None:
    made = run(project, "scrapy", "genspider", "gao_reports", "https://www.gao.example/reports")
    assert made.returncode == 0, made.stderr
    assert (project / "spiders" / "gao_reports.py").is_file()
    cases = project / "tests" / "sources" / "gao_reports"
    assert {file.name for file in (cases / "listing").iterdir()} == {"request.json", "body.html", "expected.json"}
    assert 20 <= len((project / "spiders" / "gao_reports.py").read_text("utf-8").splitlines()) <= 120
    assert "gao_reports" in run(project, "scrapy", "list").stdout
    tested = run(project, "pytest", "tests/test_sources.py", "-k", "gao_reports")
    assert tested.returncode == 0, tested.stdout
    assert "3 passed" in tested.stdout
    shutil.rmtree(cases)
    assert run(project, "pytest", "tests/test_sources.py", "-k", "gao_reports").returncode == 1, "no case"


def test_a_name_that_cannot_be_one_makes_nothing(project: Path) -> None:
    before = sorted(project.rglob("*.py"))
    refused = run(project, "scrapy", "genspider", "../gao", "https://www.gao.example/reports")
    assert refused.returncode == 2
    assert sorted(project.rglob("*.py")) == before


@pytest.mark.parametrize("name", ["Gao", "gao-reports", "../gao", "1gao", "gao.reports", "", "gao_", "g\n"])
def test_names(name: str) -> None:
    assert not NAME.fullmatch(name)
