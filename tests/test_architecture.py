"""Imports run one way, spiders → pipelines → archive, and each part leaves to the others what is theirs."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.figures import figure

PARTS = ("archive", "console", "pipelines", "spiders")
MODULES = sorted(path.relative_to(ROOT) for part in PARTS for path in (ROOT / part).rglob("*.py"))

# What the modules of a folder may not import; the innermost folder's own rules come on top of the outer ones'.
NEVER = {
    "archive": {
        "console",
        "pipelines",
        "spiders",
        "scrapy",
        "pdfplumber",
        "pdfminer",
        "pypdfium2",
        "trafilatura",
        "twisted",
    },
    "console": {"spiders", "scrapy", "datasette"},
    "pipelines": {"console", "spiders", "datasette"},
    "pipelines/text": {"scrapy", "archive", "twisted", "sqlite3", "sqlite_utils"},
    "spiders": {
        "console",
        "archive",
        "sqlite3",
        "sqlite_utils",
        "pdfplumber",
        "pdfminer",
        "datasette",
        "requests",
        "httpx",
    }
    # Neither the clock, nor the disk, nor the environment, nor the network by another door than Scrapy's.
    | {"os", "pathlib", "shutil", "tempfile", "time", "socket", "subprocess", "random", "urllib.request", "uuid"},
}
EVERYWHERE = {"oversight", "samples", "tests"}
# What a source may take from the pipelines: the words that it speaks in, and what marks its callbacks.
FOR_SOURCES = {"pipelines.items", "pipelines.screening"}


def imported(path: Path) -> Iterator[str]:
    """Yield the full names that a module imports, wherever in it the import stands."""
    package = path.with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*above, node.module or "")).strip(".")
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def forbidden(path: Path) -> set[str]:
    """Return every import of a module that crosses a line."""
    folders = [str(parent) for parent in path.parents]
    never = EVERYWHERE.union(*(names for folder, names in NEVER.items() if folder in folders))
    if "archive" in folders and "archive/site" not in folders:
        never = never | {"datasette"}
    return {name for name in imported(path) if any(name == out or name.startswith(f"{out}.") for out in never)}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_run_one_way(path: Path) -> None:
    assert not forbidden(path)


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] == "spiders"], ids=str)
def test_sources_take_only_what_is_for_them(path: Path) -> None:
    for name in imported(path):
        if name.startswith("pipelines."):
            assert ".".join(name.split(".")[:2]) in FOR_SOURCES, name
        if name.startswith("spiders."):
            assert name.split(".")[1].startswith("_"), f"{name}: sources don't know each other"


@pytest.mark.parametrize(
    ("path", "line", "crosses"),
    [
        ("archive/new.py", "import scrapy.http", True),
        ("archive/new.py", "from pipelines import items", True),
        ("archive/new.py", "def late():\n    from spiders import news", True),
        ("archive/research/new.py", "from datasette.utils.asgi import Response", True),
        ("archive/site/new.py", "from datasette.utils.asgi import Response", False),
        ("archive/site/new.py", "import pdfplumber", True),
        ("pipelines/new.py", "from archive.model import Asked", False),
        ("pipelines/text/new.py", "from archive.model import Asked", True),
        ("pipelines/text/new.py", "from ...archive import model", True),
        ("pipelines/text/new.py", "import scrapyrt", False),
        ("spiders/new.py", "from archive import dates", True),
        ("spiders/new.py", "from urllib import request", True),
        ("spiders/new.py", "from datetime import date", False),
        ("pipelines/new.py", "import oversight", True),
    ],
)
def test_the_rules_themselves(
    path: str, line: str, crosses: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(line, "utf-8")
    assert bool(forbidden(Path(path))) is crosses


@pytest.mark.parametrize("part", PARTS)
def test_parts_come_from_this_checkout(part: str) -> None:
    """The package index has packages of these names; a test run must never be one of theirs."""
    origin = importlib.import_module(part).__file__
    assert origin is not None
    assert Path(origin).resolve().parent == (ROOT / part).resolve()


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] == "spiders"], ids=str)
def test_sources_meet_neither_clock_nor_disk(path: Path) -> None:
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in {"now", "utcnow", "today", "open", "print", "input", "eval", "exec", "getenv"}


# What starts another program, and what in these modules is handed to it: a list of its own, never a shell's line.
STARTS = {"subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
          "asyncio.create_subprocess_exec", "os.execv"}  # fmt: skip
SHELLS = {"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput",
          "asyncio.create_subprocess_shell", "pty.spawn"}  # fmt: skip
# Each call that starts one: its module, and the words before whatever a file or a person can name. Interpreters are
# handed modules by name; openssl's file names are each the value of an option; the server's folder stands after "--".
STARTED = {
    ("archive/site/asked_apart.py", "sys.executable '-s' '-m' 'archive.site.sql_process' str(theirs.fileno())"),
    ("archive/worker_process.py", "sys.executable '-m' *line"),
    ("pipelines/cluster/crawl_task.py", "sys.executable '-m' 'pipelines.cluster.crawl_process'"),
    ("pipelines/timestamping.py", "'openssl' 'ts' *map(str, arguments)"),
    ("pipelines/delivery/apprise.py", "sys.executable '-P' '-m' 'pipelines.delivery.apprise_process'"),
    ("console/serving.py", "line"),
}


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call, by the name of what is called as the module's imports make it."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, dot, rest = ast.unparse(node.func).partition(".")
            yield names.get(first, first) + dot + rest, node


def started(source: str) -> Iterator[str]:
    """Yield what a module's calls hand to other programs. Raises AssertionError for a shell, or a way not known."""
    for name, call in called(ast.parse(source)):
        assert name not in SHELLS, name
        assert not name.startswith(("os.spawn", "os.posix_spawn")), name
        assert not name.startswith("os.exec") or name == "os.execv", name
        shells = [word.value for word in call.keywords if word.arg == "shell"]
        assert all(isinstance(one, ast.Constant) and one.value is False for one in shells), f"{name} with a shell"
        if name in STARTS:
            line = call.args[name == "os.execv"]
            yield " ".join(map(ast.unparse, line.elts)) if isinstance(line, ast.List) else ast.unparse(line)


def test_pt_07_programs_are_started_without_a_shell() -> None:
    found = {
        (str(path), line)
        for path in (*MODULES, Path("oversight.py"))
        for line in started((ROOT / path).read_text("utf-8"))
    }
    assert found == STARTED
    figure("PT-07", modules=len(MODULES) + 1, starts=len(found), shells=0)


@pytest.mark.parametrize("source", [
    "import os; os.system('x')", "from os import system as s; s('x')", "import subprocess as p; p.run('x', shell=True)",
    "import subprocess; subprocess.run(['x'], shell=sh)", "import os; os.execlp('sh', 'sh')",
    "from subprocess import getoutput; getoutput('x')",
])  # fmt: skip
def test_pt_07_a_shell_is_seen(source: str) -> None:
    with pytest.raises(AssertionError):
        list(started(source))
