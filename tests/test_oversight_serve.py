"""`oversight serve` and the questions to a release, as a person starts them: what is served, and what is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.folder import CATALOGUE
from archive.release.folder import Releases
from archive.site import server
from oversight import main
from tests.catalogue_rows import PIA
from tests.conftest import ROOT, need
from tests.demo_archive import command, environment
from tests.figures import figure
from tests.served_releases import an_archive, ask_over_http, copy_of, files_held, publish, served, two_ports


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    releases = an_archive(tmp_path_factory.mktemp("published") / "archive")
    publish(releases, 1, "DELETE FROM documents WHERE kind = 'article'")
    publish(releases, 2)
    return releases


@pytest.fixture
def releases(published: Releases, tmp_path: Path) -> Releases:
    return copy_of(published, tmp_path / "archive")


def test_the_newest_release_is_served_and_a_newer_one_without_a_restart(releases: Releases) -> None:
    with served(releases.archive) as site:
        assert ask_over_http(f"{site}/d/{PIA}")[1]["Oversight-Release"] == "2"
        publish(releases, 3)
        status, headers, text = ask_over_http(f"{site}/d/{PIA}")
        assert (status, headers["Oversight-Release"], "[of 3]" in text) == (200, "3", True)
        status, headers, text = ask_over_http(f"{site}/release-1/documents.json")
        assert (status, headers["Oversight-Release"], "[of 1]" in text) == (200, "1", True)
        forged = ask_over_http(
            f"{site}/archive/documents.json?_size=1", {"Host": "evil.example", "X-Forwarded-Proto": "https"}
        )
        assert json.loads(forged[2])["next_url"].startswith("/archive/documents.json?")
        publish(releases, 4)
        for _ in range(100):
            if "3.db" not in (held := files_held(releases)) and "4.db" in held:
                break
            time.sleep(0.1)
        assert set(held) == {"1.db", "4.db"}, "nobody asked, and the one before is closed"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--release", "9"), "There is no release 9 in "),
        (("--release", "2"), "Release 2 is not what its manifest says"),
        ((), "Release 2 is not what its manifest says"),
    ],
)
def test_rs_07_what_may_not_be_served_is_refused_in_a_sentence(
    releases: Releases, more: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    shutil.copy(releases.archive / CATALOGUE, releases.database(2))
    monkeypatch.setattr(sys, "argv", ["server", str(releases.archive), "--port", "1", *more])
    with pytest.raises(SystemExit, match="2"):
        server.main()
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_a_folder_of_releases_alone_can_be_served(releases: Releases) -> None:
    (releases.archive / CATALOGUE).unlink()
    with served(releases.archive, "--release", "1") as site:
        assert ask_over_http(site)[1]["Oversight-Release"] == "1"
    for line, says in ((("--working",), "There is no archive in"),
                       (("--working", "--release", "1"), "either the working archive or a release")):  # fmt: skip
        done = CliRunner().invoke(main, ["serve", "--archive", str(releases.archive), *line])
        assert done.exit_code == 2
        assert says in done.output


def test_a_service_waits_for_the_first_release_and_serves_nothing_meanwhile(tmp_path: Path) -> None:
    releases = an_archive(tmp_path / "archive")
    port, replay_port = two_ports()
    line = command("serve", "--archive", releases.archive, "--port", port, "--replay-port", replay_port, "--wait")
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(line, cwd=ROOT, env=environment(), stdout=log, stderr=log)
    try:
        until(lambda: "Waiting for the first release" in (tmp_path / "log").read_text())
        with pytest.raises(OSError, match="refused"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5)
        publish(releases, 1)
        until(lambda: "Uvicorn running" in (tmp_path / "log").read_text())
        assert ask_over_http(f"http://127.0.0.1:{port}/")[1]["Oversight-Release"] == "1"
    finally:
        server.terminate()
        assert server.wait(timeout=10) in {0, -15}
    releases = an_archive(tmp_path / "other")
    releases.folder.rmdir()
    for more, says in (((), "There is no folder"), (("--working",), "--wait is for the newest release")):
        done = CliRunner().invoke(main, ["serve", "--archive", str(releases.archive), "--wait", *more])
        assert done.exit_code == 2
        assert says in done.output


def until(so: Callable[[], bool]) -> None:
    """Wait until something is so, a minute at most."""
    for _ in range(600):
        if so():
            return
        time.sleep(0.1)
    pytest.fail("it never was")


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


def test_sc_05_a_server_that_may_write_nothing_serves(releases: Releases) -> None:
    """The folder is read-only for the server, and for nobody else."""
    confined = (need("unshare", "util-linux"), "-rm", "sh", "-c", READ_ONLY, str(releases.archive))
    if subprocess.run([*confined, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount in a namespace of their own")
    can_write = subprocess.run([*confined, "touch", str(releases.folder / "x")], capture_output=True, check=False)
    assert can_write.returncode, "the control: it can't write"
    paths = ("/", f"/d/{PIA}", "/search?q=plate", "/archive/pages.csv?_stream=1", "/release-1/pages", "/releases")
    with served(releases.archive, before=confined) as site:
        for path in paths:
            assert ask_over_http(site + path)[0] == 200, path
        publish(releases, 3)
        assert ask_over_http(site)[1]["Oversight-Release"] == "3"
    assert {path.suffix for path in releases.folder.iterdir()} == {".db", ".json", ""}
    figure("SC-05", addresses=len(paths), swaps=1, files_written_by_the_server=0)


def test_the_command_line_asks_as_of_a_release(releases: Releases) -> None:
    def ask(*line: str) -> Any:
        done = CliRunner().invoke(main, [*line, "--archive", str(releases.archive), "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert "release" not in ask("search", "plate")
    for number, documents in ((1, 3), (2, 4)):
        found = ask("search", "plate", "--release", str(number))
        assert found["release"] == number
        assert f"[of {number}]" in found["results"][0]["title"]
        state = ask("status", "--release", str(number))
        assert (state["release"], state["documents"]) == (number, documents)
        text = ask("text", PIA, "--release", str(number))
        assert (text["release"], f"[unit{number}]" in text["pages"][0]["text"]) == (number, True)
    for line in (("search", "plate"), ("status",), ("text", PIA)):
        done = CliRunner().invoke(main, [*line, "--release", "9", "--archive", str(releases.archive)])
        assert done.exit_code == 2
        assert "There is no release 9 in" in done.output
    done = CliRunner().invoke(main, ["text", __file__, "--release", "1"])
    assert done.exit_code == 2
    assert "a file is read as it lies here" in done.output
