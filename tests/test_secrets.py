"""Secrets, but for whole nights (SC-01: tests/test_bad_input_secrets.py): where keys go, what is readable by whom, what
is in the tree, what error pages tell (SC-02 to SC-07, SC-09)."""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from scrapy.settings import Settings

from archive.addresses import url_key, without_secrets
from archive.site.server import open_archive
from archive.worker_process import bare_environment
from pipelines.address_guard import Target
from pipelines.credentials import Credential, Credentials
from tests.asking_the_site import get
from tests.conftest import ROOT
from tests.demo_archive import DemoArchive, environment
from tests.figures import figure
from tests.hostile import pdf
from tests.test_pipelines_credentials import API, KEY, SPELLINGS, traces_in

ADDRESS = "https://api.sam.gov/opportunities/v2/search?postedFrom=01/01/2018&q=1"


def places() -> dict[str, bytes]:
    """Return exchanges that hold the key, by where it stands in them."""

    def answered(head: str, body: str = "") -> bytes:
        return f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    upper = "".join(f"%{ord(sign):02x}" for sign in KEY).upper()
    return {
        "header": answered(f"X-Key: {KEY}\r\n"), "name of a header": answered(f"{KEY}: 1\r\n"),
        "body": answered("", f"the key {KEY} is spent"), "cookie": answered(f"Set-Cookie: k={KEY}; Path=/\r\n"),
        "location": answered(f"Location: /x?api_key={KEY}\r\n"),
        "renamed": answered(f"Location: /x?apikey_v2={KEY}\r\n"),
        "userinfo": answered(f"Location: https://u:{KEY}@api.sam.gov/\r\n"),
        "fragment": answered(f"Location: /x#{KEY}\r\n"), "upper case": answered("", KEY.upper()),
        "encoded, upper case": answered("", upper), "status": f"HTTP/1.1 401 {KEY}\r\n\r\n".encode(),
    }  # fmt: skip


def test_sc_02_a_key_is_cut_out_wherever_it_stands_and_replay_finds_the_exchange() -> None:
    credential = Credential("api_key", KEY)
    before = {name: traces_in(raw) for name, raw in places().items()}
    assert all(before.values()), "the control: it is seen where it isn't cut out"
    left = {name: traces_in(credential.cut_from_response(raw).raw) for name, raw in places().items()}
    assert not any(left.values()), left
    asked = credential.added_to(f"{ADDRESS}".encode()).decode()
    kept = credential.shown_in(ADDRESS)
    assert KEY in asked
    assert KEY not in kept
    found = {url_key(one) for one in (ADDRESS, kept, asked, without_secrets(asked))}
    assert len(found) == 1, "a replay looks for the address without its key"
    figure("SC-02", places=len(before), spellings=len(SPELLINGS), left=0, replay_finds_it=True)


def test_sc_03_a_key_goes_to_its_host_by_https_alone() -> None:
    credentials = Credentials.from_environment(Settings(), {"SAM_API_KEY": KEY})
    others = (
        Target("http", "api.sam.gov", 80), Target("http", "api.sam.gov", 443), Target("https", "api.sam.gov", 8443),
        Target("https", "sam.gov", 443), Target("https", "api.sam.gov.example.com", 443),
        Target("https", "API.sam.gov.", 443), Target("https", "xapi.sam.gov", 443), Target("https", "10.0.0.1", 443),
    )  # fmt: skip
    sent = [target for target in others if credentials.find(target) is not None]
    assert credentials.find(API) is not None, "the control"
    figure("SC-03", redirected_to=len(others), sent=len(sent))
    assert not sent


# Of makers who mark theirs; a private key; and a password that is set to something.
_KEYS = re.compile(
    rb"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_[A-Za-z0-9]{30,}|"
    rb"xox[abprs]-[A-Za-z0-9-]{12,}|sk-[A-Za-z0-9]{24,}|AIza[0-9A-Za-z_-]{35}|glpat-[A-Za-z0-9_-]{20}|"
    rb"(?i:SAM_API_KEY|SMTP_PASSWORD|AWS_SECRET_ACCESS_KEY)=[A-Za-z0-9/+_-]{16,}"
)
_CANARIES = (b"AKIACANARY0000000001",)


def _found(content: bytes) -> list[bytes]:
    return [one for one in _KEYS.findall(content) if one not in _CANARIES]


def _tracked() -> list[Path]:
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if told.returncode:
        pytest.skip("no checkout: there is no git here")
    return [ROOT / name for name in told.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_sc_04_no_secret_is_in_the_tree() -> None:
    files = _tracked()
    hits = {path.relative_to(ROOT).as_posix(): found for path in files if (found := _found(path.read_bytes()))}
    hits.pop("tests/test_secrets.py", None)
    assert _found(b"key = 'AKIA" + b"0123456789ABCDEF'"), "the control"
    figure("SC-04", files=len(files), hits=len(hits))
    assert not hits


@pytest.mark.soak
def test_sc_04_no_secret_is_in_the_history() -> None:
    listed = subprocess.run(["git", "rev-list", "--objects", "--all"], cwd=ROOT, capture_output=True, check=True)
    ids = b"\n".join(line.split()[0] for line in listed.stdout.splitlines()) + b"\n"
    told = subprocess.run(["git", "cat-file", "--batch"], cwd=ROOT, input=ids, capture_output=True, check=True)
    found = {one for one in _found(told.stdout) if not one.startswith(b"AKIA0123456789")}
    figure("SC-04 history", objects=ids.count(b"\n"), bytes=len(told.stdout), hits=len(found))
    assert not found


MAKES = """
import os, sys
from pathlib import Path
from click.testing import CliRunner
from oversight import main
os.umask(0)
folder = Path(sys.argv[1])
(folder / "control").write_text("x")
for line in (("deposit", folder / "report.pdf"), ("release", "build"), ("backup", folder / "copy"), ("rebuild",),
             ("backup", f"file://{folder}/store")):
    done = CliRunner().invoke(main, ["--archive", str(folder / "archive"), *map(str, line)])
    assert done.exit_code == 0, (line, done.output)
assert os.umask(0) == 0, "what the command did to it is undone"
"""


def test_sc_05_nobody_else_reads_the_archive_whatever_the_umask(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(pdf.written(pdf.lines("A report on license plates")))
    subprocess.run(
        [sys.executable, "-c", MAKES, str(tmp_path)], cwd=ROOT, env=environment(ARCHIVE_KEEP_FREE="0"), check=True
    )
    assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o666, "the control: the umask was 0"
    open_to_others, looked = [], 0
    for folder in ("archive", "copy"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700
        for path in (tmp_path / folder).rglob("*"):
            inside, mode = path.relative_to(tmp_path / folder), stat.S_IMODE(path.stat().st_mode)
            looked += 1
            # What is published may be read, by whom the folder above it is shown; nobody else changes it.
            if mode & (0o022 if inside.parts[0] == "releases" else 0o077):
                open_to_others.append(f"{folder}/{inside}")
    figure("SC-05 modes", umask="000", looked=looked, open_to_others=len(open_to_others))
    assert not open_to_others
    assert looked > 20


def test_sc_06_no_process_that_is_started_is_handed_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM_API_KEY", KEY)
    assert not traces_in(json.dumps(bare_environment()).encode())
    started, without = 0, []
    for folder in ("archive", "console", "pipelines", "spiders"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for call in _starts(ast.parse(path.read_text("utf-8"))):
                started += 1
                is_the_crawl = path.name == "crawl_task.py"  # on a worker's machine, with the keys that this has
                if "env" not in {one.arg for one in call.keywords} and not is_the_crawl:
                    without.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    control = _starts(ast.parse("import subprocess\nsubprocess.run(['x'])"))
    assert len(list(control)) == 1
    figure("SC-06", starts=started, with_our_environment=without, names_left=sorted(bare_environment()))
    assert started >= 4
    assert not without


def _starts(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that start a program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if (
                isinstance(of, ast.Name)
                and of.id == "subprocess"
                and node.func.attr in ("run", "Popen", "check_output")
            ):
                yield node


ODD = (
    "/-/versions", "/-/versions.json", "/-/plugins.json", "/-/metadata.json", "/-/settings.json", "/-/config.json",
    "/-/threads.json", "/-/databases.json", "/-/actor.json", "/-/permissions", "/-/allow-debug", "/-/messages",
    "/metrics", "/status", "/health", "/nothing", "/archive/nothing", "/archive.json?sql=select+x",
    "/archive.json?sql=select+*+from+pragma_database_list", "/archive.json?sql=attach+'/etc/passwd'+as+x",
    "/d/%00", "/d/" + "a" * 3000, "/d/nothing@nothing/p99999", "/search?q=%22&sort=x&page=-1", "/captures/1/x",
    "/web/2018/http://", "/timegate/x", "/release-99/pages", "/archive/pages?_search=%22&_nofacet=1", "/n/%ff",
    "/archive/pages.json?_sort=nothing", "/archive.db", "/archive/pages/1,2,3", "/changes?kind=x", "/watches/nothing",
    "/sources.json", "/releases.json", "/openapi.json", "/about.json",
)  # fmt: skip


def test_sc_07_no_page_tells_of_the_machine(demo_made: DemoArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAM_API_KEY", KEY)
    site = open_archive(demo_made.path)
    needles = {str(demo_made.path), str(ROOT), sys.prefix, os.uname().release, str(Path.home()) + "/", KEY}
    host = socket.gethostname()
    needles |= {host} if len(host) > 5 else set()
    told = {}
    for address in ODD:
        answer = get(site, address)
        text = answer.text + json.dumps(dict(answer.headers))
        assert "Traceback" not in text, address
        if found := [one for one in needles if one in text]:
            told[address] = found
    with closing(sqlite3.connect(demo_made.path / "archive.db")) as control:
        (row,) = control.execute("SELECT file FROM pragma_database_list").fetchall()
    assert any(one in row[0] for one in needles), "the control: it would be seen"
    figure("SC-07", asked=len(ODD), needles=len(needles), told=len(told))
    assert not told


_OFFICE = re.compile(rb"(?i)[a-z0-9._%+-]{2,}@(?:[a-z0-9-]+\.)*(?:dhs|ice|cbp|tsa|uscis|fema|gsa|sam)\.gov\b")
_TELEPHONE = re.compile(rb"(?<![\d.-])\(?[2-9][0-9]{2}\)?[-. ](?!555)[2-9][0-9]{2}[-. ][0-9]{4}(?![\d-])")
# A clause of the acquisition regulation, and passwords in web addresses that tests made up.
_KNOWN = (b"252.204-7012", b"pass@www.dhs.gov", b"user@www.dhs.gov")


def contacts_in(content: bytes) -> set[bytes]:
    return {one for pattern in (_OFFICE, _TELEPHONE) for one in pattern.findall(content)} - {*_KNOWN}


def test_sc_09_no_officials_contact_is_in_samples_tests_or_pictures(demo_made: DemoArchive) -> None:
    assert contacts_in(b"Write to jane.roe@hq.dhs.gov or call (202) 282-8000"), "the control"
    files = [path for path in _tracked() if path.suffix not in (".gz", ".xz", ".txt")]
    hits = {path.relative_to(ROOT).as_posix(): found for path in files if (found := contacts_in(path.read_bytes()))}
    hits.pop("tests/test_secrets.py", None)
    with closing(sqlite3.connect(f"file:{demo_made.path}/archive.db?mode=ro", uri=True)) as catalogue:
        texts = [row[0] for row in catalogue.execute("SELECT text FROM pages UNION ALL SELECT body FROM statements")]
    said = contacts_in("\n".join(texts).encode())
    figure("SC-09", files=len(files), pages_and_statements=len(texts), hits=len(hits) + len(said))
    assert (hits, said) == ({}, set())
