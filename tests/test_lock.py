"""What is installed is what was locked (UM-05), and nothing locked is older than it may be (UM-06)."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.version import Version

from archive.research.engine import KNOWN, engine
from requirements.lock import locked, locks
from requirements.sbom import sbom
from tests.conftest import ROOT
from tests.figures import figure

ADVISORIES = (ROOT / "docs" / "advisories.md").read_text("utf-8")
INSTALLS = re.findall(r"-m pip install (.+)", (ROOT / "Makefile").read_text("utf-8"))
# How the Makefile installs a lock, but for the lock.
OPTIONS = shlex.split(next(line for line in INSTALLS if "run.txt" in line).partition(" -r ")[0])
OURS = {"archive", "console", "pipelines", "spiders", "oversight", "requirements"}


@dataclass(frozen=True)
class Index:
    """A folder that serves as a package index, and a place to install to."""

    folder: Path
    into: Path

    def wheel(self, name: str, version: str, needs: str = "") -> str:
        """Put a package there, and return its digest."""
        path = self.folder / f"{name}-{version}-py3-none-any.whl"
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
            f"Requires-Dist: {needs}\n" if needs else ""
        )
        tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        with zipfile.ZipFile(path, "w") as made:
            made.writestr(f"{name}.py", "x = 1\n")
            made.writestr(f"{name}-{version}.dist-info/METADATA", about)
            made.writestr(f"{name}-{version}.dist-info/WHEEL", tag)
            made.writestr(f"{name}-{version}.dist-info/RECORD", "")
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def install(self, lock: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Install a lock as the Makefile does, from this index alone."""
        file = self.folder / "lock.txt"
        file.write_text(lock)
        told = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        told |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder)}
        told |= {"PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more}
        line = [sys.executable, "-m", "pip", "install", *OPTIONS, "--target", str(self.into), "-r", str(file)]
        return subprocess.run(line, env=told, capture_output=True, text=True, timeout=120, check=False)

    def installed(self) -> set[str]:
        return {path.stem for path in self.into.glob("*.py")} if self.into.exists() else set()


@pytest.fixture
def index(tmp_path: Path) -> Index:
    (tmp_path / "index").mkdir()
    return Index(tmp_path / "index", tmp_path / "into")


def _byte_changed(index: Index) -> str:
    digest = index.wheel("good", "1.0")
    wheel = next(index.folder.glob("*.whl"))
    content = wheel.read_bytes().replace(b"x = 1", b"x = 2")
    wheel.write_bytes(content)
    return f"good==1.0 --hash=sha256:{digest}\n"


def _no_hash(index: Index) -> str:
    digest = index.wheel("good", "1.0")
    index.wheel("other", "1.0")
    return f"good==1.0 --hash=sha256:{digest}\nother==1.0\n"


def _source_only(index: Index) -> str:
    archive = index.folder / "good-1.0.tar.gz"
    archive.write_bytes(b"\x1f\x8b not looked into")
    return f"good==1.0 --hash=sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}\n"


def _named_archive(index: Index) -> str:
    index.wheel("archive", "99.0")
    digest = index.wheel("good", "1.0", needs="archive")
    return f"good==1.0 --hash=sha256:{digest}\n"


def _unreachable(index: Index) -> str:
    return f"good==1.0 --hash=sha256:{index.wheel('good', '1.0')}\n"


NOBODY = {"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_RETRIES": "0", "PIP_INDEX_URL": "http://127.0.0.1:9/nobody"}
REFUSED: tuple[tuple[Callable[[Index], str], dict[str, str], str], ...] = (
    (_byte_changed, {}, "DO NOT MATCH THE HASHES"),
    (_no_hash, {}, "Hashes are required"),
    (_source_only, {}, "No matching distribution"),
    (_named_archive, {}, "pinned"),
    (_unreachable, NOBODY, "No matching distribution"),
)


def test_what_is_not_what_was_locked_is_not_installed(index: Index, tmp_path: Path) -> None:
    assert index.install(f"good==1.0 --hash=sha256:{index.wheel('good', '1.0')}\n").returncode == 0
    assert index.installed() == {"good"}, "the control"
    refused = 0
    for number, (harm, told, why) in enumerate(REFUSED):
        (tmp_path / str(number)).mkdir()
        other = Index(tmp_path / str(number), tmp_path / f"into-{number}")
        done = other.install(harm(other), **told)
        assert why in done.stdout + done.stderr, harm.__name__
        assert (done.returncode, other.installed()) == (1, set()), harm.__name__
        refused += 1
    figure("UM-05", tried=len(REFUSED), refused=refused)


def test_every_install_is_of_a_lock_or_of_this_tree() -> None:
    assert len(INSTALLS) >= 5
    for line in INSTALLS:
        told = set(line.split())
        if "interop.txt" in line:
            # One of those programs is there as a source only; nothing of it comes into ours.
            assert "--require-hashes" in told
            continue
        assert {"--require-hashes", "--only-binary"} <= told or {"--no-deps", "--no-index", "-e"} <= told, line


@pytest.mark.parametrize("lock", locks(), ids=lambda path: path.name)
def test_a_lock_names_a_digest_of_all_and_nothing_of_ours(lock: Path) -> None:
    packages = locked(lock)
    assert len(packages) == len(re.findall(r"(?m)^\w.*==", lock.read_text())), "every line that pins is read"
    assert all(one.digests for one in packages)
    assert not OURS & {one.name for one in packages}
    assert "://" not in lock.read_text()


def _floors() -> dict[str, str]:
    found = re.findall(r"(?m)^\| ([a-z0-9-]+) \| ([0-9][0-9.]*) \|", ADVISORIES)
    assert len(found) >= 14
    return dict(found)


def _below(path: Path) -> list[str]:
    floors = _floors()
    held = [one for one in locked(path) if one.name in floors]
    return [f"{one.name} {one.version}" for one in held if Version(one.version) < Version(floors[one.name])]


def test_nothing_locked_is_older_than_it_may_be(tmp_path: Path) -> None:
    names = {one.name for path in locks() for one in locked(path)}
    assert _floors().keys() <= names, "a row whose package is gone goes with it"
    assert [_below(path) for path in locks()] == [[] for _ in locks()]
    older = tmp_path / "older.txt"
    older.write_text("datasette==0.65.4 --hash=sha256:" + "0" * 64 + "\npillow==9.9\n")
    assert _below(older) == ["datasette 0.65.4", "pillow 9.9"], "one that is older is seen"
    figure("UM-06", floors=len(_floors()), locks=len(locks()), below=0, listed=len(sbom()["components"]))


def test_the_program_can_be_listed() -> None:
    told = sbom()
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    run = locked(ROOT / "requirements" / "run.txt")
    assert [(one["name"], one["version"]) for one in told["components"]] == [(one.name, one.version) for one in run]
    assert sum(len(one["hashes"]) for one in told["components"]) == sum(len(one.digests) for one in run)
    assert len(set(told["dependencies"][0]["dependsOn"])) == len(run)


def test_what_is_known_of_sqlite_is_told() -> None:
    documented = re.findall(r"(?m)^\| (3\.[0-9.]+) \| (CVE-[0-9-]+)", ADVISORIES)
    assert documented == [(".".join(map(str, fixed)), what.partition(":")[0]) for fixed, what in KNOWN]
    assert (len(engine("3.40.1")["advisories"]), engine("3.51.0")["advisories"]) == (2, [])
    assert re.match(r"20\d\d-", engine()["build"])
    figure("SQ-13", known=len(KNOWN), build=engine()["build"][:10], told_of_this_build=len(engine()["advisories"]))
