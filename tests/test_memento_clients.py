"""Clients of others find the right capture: curl each time, the registry's and pywb by `make interop` (ME-02)."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.mementos.instants import http
from tests.captured import Was, archive_of
from tests.conftest import ROOT, need
from tests.figures import figure
from tests.served_releases import served, two_ports

THEIRS = ROOT / ".venv-interop" / "bin"
URL = "http://www.dhs.gov/page?a=1&b=%26"
DAYS = (1, 3, 5, 9)
ASKED = (("1970-01-01", 1), ("2018-01-01", 1), ("2018-01-02", 1), ("2018-01-04", 3), ("2018-01-07", 5),
         ("2018-01-08", 9), ("2300-01-01", 9))  # fmt: skip


def _at(day: int) -> str:
    return f"2018-01-{day:02}T00:00:00Z"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    captures = [Was(URL, _at(day), f"<p>Day {day}</p>".encode()) for day in DAYS]
    path = archive_of(tmp_path_factory.mktemp("clients") / "archive", captures)
    port, replay_port = two_ports()
    assert port
    with served(path, "--replay-port", str(replay_port)) as main:
        yield main, f"http://127.0.0.1:{replay_port}"


def curl(*arguments: str) -> str:
    line = [need("curl", "curl"), "--silent", "--globoff", "--max-time", "20", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


def test_me_02_curl_finds_the_capture_of_a_day(site: tuple[str, str]) -> None:
    main, apart = site
    wrong = []
    for day, meant in ASKED:
        told = curl("--location", "--header", f"Accept-Datetime: {http(f'{day}T00:00:00Z')}", f"{main}/timegate/{URL}")
        wrong += [day] if told != f"<p>Day {meant}</p>" else []
    assert curl("--location", f"{main}/timegate/{URL}") == "<p>Day 9</p>"
    bad = curl("--output", "/dev/null", "--write-out", "%{http_code}", "--header", "Accept-Datetime: now",
               f"{main}/timegate/{URL}")  # fmt: skip
    listed = re.findall(r'<([^>]+)>; rel="[a-z ]*memento"', curl(f"{main}/timemap/link/{URL}"))
    bodies = [curl(one) for one in listed]
    head = curl("--head", f"{apart}/web/20180103000000/{URL}")
    figure("ME-02-curl", asked=len(ASKED), wrong=len(wrong), bad_date=bad, by_timemap=len(bodies))
    assert wrong == []
    assert bad == "400"
    assert bodies == [f"<p>Day {day}</p>" for day in DAYS]
    assert "memento-datetime: Wed, 03 Jan 2018 00:00:00 GMT" in head


# Carried out by the other environment's Python: what the registry's client says of each day.
_CLIENT = """
import datetime, json, sys, warnings
warnings.simplefilter("ignore")
from memento_client import MementoClient
gate, url, days = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
client, found = MementoClient(timegate_uri=gate, check_native_timegate=False), {}
client.get_original_uri = lambda uri, **_: uri  # it would ask the live web for it
for day in days:
    at = datetime.datetime.strptime(day, "%Y-%m-%d")
    told = client.get_memento_info(url, at)["mementos"]
    found[day] = {name: str(one["datetime"]) for name, one in told.items()}
print(json.dumps(found))
"""


@pytest.mark.soak
def test_me_02_the_registrys_client(site: tuple[str, str]) -> None:
    if not (THEIRS / "python").exists():
        pytest.skip("the other programs aren't installed: `make interop`")
    main, _ = site
    days = [day for day, _ in ASKED]
    line = [str(THEIRS / "python"), "-c", _CLIENT, f"{main}/timegate/", URL, json.dumps(days)]
    told = json.loads(subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout)
    wrong = [day for day, meant in ASKED if told[day]["closest"] != f"2018-01-{meant:02} 00:00:00"]
    ends = {(told[day]["first"], told[day]["last"]) for day in days}
    figure("ME-02-client", asked=len(days), wrong=len(wrong))
    assert wrong == []
    assert ends == {("2018-01-01 00:00:00", "2018-01-09 00:00:00")}


@pytest.mark.soak
def test_me_02_pywb_gathers_from_us(site: tuple[str, str], tmp_path: Path) -> None:
    """Pywb as an aggregator: a collection that is nothing but our TimeGate, TimeMaps and captures."""
    if not (THEIRS / "wayback").exists():
        pytest.skip("the other programs aren't installed: `make interop`")
    main, apart = site
    (tmp_path / "config.yaml").write_text(
        "collections:\n  ours:\n    index:\n      type: memento\n"
        f"      timegate_url: {main}/timegate/{{url}}\n      timemap_url: {main}/timemap/link/{{url}}\n"
        f"      replay_url: {apart}/web/{{timestamp}}id_/{{url}}\n"
    )
    port, _ = two_ports()
    server = subprocess.Popen([str(THEIRS / "wayback"), "-b", "127.0.0.1", "-p", str(port)], cwd=tmp_path,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        for _ in range(100):
            try:
                curl(f"http://127.0.0.1:{port}/")
                break
            except subprocess.CalledProcessError:
                time.sleep(0.1)
        listed = curl(f"http://127.0.0.1:{port}/ours/timemap/link/{URL}")
        bodies = [curl(f"http://127.0.0.1:{port}/ours/201801{day:02}000000id_/{URL}") for day in DAYS]
    finally:
        server.terminate()
        server.wait(10)
    figure("ME-02-pywb", mementos=listed.count('memento"'), replayed=len(bodies))
    assert bodies == [f"<p>Day {day}</p>" for day in DAYS]
    assert listed.count('memento"') == len(DAYS)
