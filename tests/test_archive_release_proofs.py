"""A stranger checks one document by a proof file: with our program, and literally by the page of documented steps."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from archive.release.folder import Releases
from archive.release.merkle import leaf_hash, path_of, root_by_path, root_of
from archive.release.proofs import FORMAT, MEMBERS, _written, check_proof, make_proof
from archive.store.store import CaptureStore
from console.releasing import release
from console.verifying import verify_command
from tests.conftest import ROOT, need
from tests.demo_archive import DemoArchive
from tests.figures import figure
from tests.released import ask, build, change, unreleased

__all__ = ["unreleased"]

VERSION = "dhs-ice-pia-039a"
STEPS = re.findall(
    r"^```sh\n(.*?)^```", (ROOT / "docs/checking-a-proof.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
# The test vectors of Certificate Transparency: the roots over the first one to eight of these leaves.
CT_LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_tree_is_that_of_rfc_9162() -> None:
    for size, root in enumerate(CT_ROOTS, 1):
        assert root_of([leaf_hash(leaf) for leaf in CT_LEAVES[:size]]).hex() == root
    assert root_of([]).hex() == hashlib.sha256(b"").hexdigest()


def test_each_leaf_has_one_path_to_the_root() -> None:
    hashes = [leaf_hash(bytes([one])) for one in range(70)]
    for size in (*range(1, 18), 64, 65, 70):
        root = root_of(hashes[:size])
        for index in range(size):
            path = path_of(hashes[:size], index)
            assert root_by_path(hashes[index], index, size, path) == root
            for other in range(-1, size + 2):
                assert (root_by_path(hashes[index], other, size, path) == root) is (other == index)
            assert root_by_path(hashes[index], index, size, [*path, root]) is None


def _document(demo: DemoArchive, capture: str) -> bytes:
    with closing(sqlite3.connect(f"file:{demo.path / 'archive.db'}?mode=ro", uri=True)) as catalogue:
        catalogue.row_factory = sqlite3.Row
        return CaptureStore.open(demo.path, catalogue, recovering=False).read(capture).body


def _altered(members: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a proof altered in each of its fields, one at a time; and cut, doubled, of another release."""
    manifest = json.loads(base64.b64decode(members["manifest"]))
    for name in MEMBERS:
        if name not in ("leaf", "path", "manifest", "timestamp"):
            value = members[name]
            yield name, members | {name: value + 1 if isinstance(value, int) else _other(value)}
    for name, value in members["leaf"].items():
        yield f"leaf {name}", members | {"leaf": members["leaf"] | {name: _other(value)}}
    yield "leaf without url", members | {"leaf": {k: v for k, v in members["leaf"].items() if k != "url"}}
    for at, one in enumerate(members["path"]):
        yield f"path {at}", members | {"path": [*members["path"][:at], _other(one), *members["path"][at + 1 :]]}
    yield "path cut", members | {"path": members["path"][:-1]}
    yield "path longer", members | {"path": [*members["path"], members["path"][0]]}
    yield "path turned", members | {"path": members["path"][::-1]}
    for name, value in manifest.items():
        other = _other(value) if isinstance(value, str) else value + 1 if isinstance(value, int) else [value]
        content = json.dumps(manifest | {name: other}, indent=1, sort_keys=True).encode() + b"\n"
        yield f"manifest {name}", members | {"manifest": base64.b64encode(content).decode()}


def _other(value: str) -> str:
    return (value[:-1] + ("0" if value[-1:] != "0" else "1")) if value else "1"


def _by_the_steps(folder: Path, proof: bytes, document: bytes, published: str) -> subprocess.CompletedProcess[str]:
    """Carry out the documented steps, as they stand, with nothing but standard tools within reach."""
    (folder / "proof.json").write_bytes(proof)
    (folder / "document").write_bytes(document)
    return subprocess.run(
        ["sh", "-c", STEPS[0]], cwd=folder, env={"PATH": "/usr/bin:/bin", "PUBLISHED": published},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_co_08_a_proof_altered_in_any_field_is_refused_by_program_and_steps(
    unreleased: Path, demo_made: DemoArchive, tmp_path: Path
) -> None:
    for program, package in (("xxd", "xxd"), ("openssl", "openssl"), ("sha256sum", "coreutils")):
        need(program, package)
    assert len(STEPS) == 1
    build(unreleased)
    published = hashlib.sha256(Releases(unreleased).manifest_path(1).read_bytes()).hexdigest()
    proof = make_proof(Releases(unreleased), 1, VERSION)
    members = json.loads(proof)
    document = _document(demo_made, members["leaf"]["capture"])
    assert document.startswith(b"%PDF")
    assert check_proof(proof, published, document) == []
    done = _by_the_steps(tmp_path, proof, document, published)
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout.startswith("proved: {")
    assert members["leaf"]["url"] in done.stdout
    refused = by_steps = accepted = 0
    for name, altered in _altered(members):
        said = check_proof(_written(altered), published, document)
        assert said, name
        done = _by_the_steps(tmp_path, _written(altered), document, published)
        assert (done.returncode, done.stdout[:9]) == (1, "refused: "), (name, done)
        refused, by_steps, accepted = refused + 1, by_steps + 1, accepted + (not said)
    for other in (document + b"\n", document[:-1], b""):
        assert check_proof(proof, published, other) == ["the document isn't the one that the leaf names"]
        assert _by_the_steps(tmp_path, proof, other, published).returncode == 1
    for broken in (b"", b"{", proof[:-9], proof + proof, proof.replace(b'"index"', b'"indeks"'), b"[" * 100_000):
        assert check_proof(broken, published, document)
        assert _by_the_steps(tmp_path, broken, document, published).returncode == 1, broken[:40]
    figure("CO-08", fields=refused, refused=refused, refused_by_the_steps=by_steps, false_accepts=accepted)


def test_co_07_proofs_and_manifests_of_two_releases_are_not_mixed(unreleased: Path) -> None:
    releases = Releases(unreleased)
    build(unreleased)
    change(unreleased, "UPDATE documents SET title = 'Another' WHERE id = 'dhs-ice-pia-039a'")
    build(unreleased)
    first, second = (json.loads(make_proof(releases, number, VERSION)) for number in (1, 2))
    published = [hashlib.sha256(releases.manifest_path(number).read_bytes()).hexdigest() for number in (1, 2)]
    mixed = [
        (first | {"manifest": second["manifest"]}, published[1]),
        (first | {"root": second["root"]}, published[0]),
        (first | {"path": second["path"]}, published[0]),
        (second | {"manifest": first["manifest"], "release": 1}, published[0]),
        (first, published[1]),
    ]
    for members, manifest in mixed:
        assert check_proof(_written(members), manifest)
    assert not check_proof(_written(second), published[1]), "the control"
    figure("CO-07", mixed=len(mixed), false_accepts=0)


def test_every_version_has_a_proof(unreleased: Path) -> None:
    build(unreleased)
    held = [row[0] for row in ask(unreleased, 1, "SELECT id FROM versions ORDER BY id")]
    for version in held:
        proof = make_proof(Releases(unreleased), 1, version)
        assert check_proof(proof) == []
        assert json.loads(proof)["leaf"]["version"] == version
    assert len(held) == len(set(held)) > 60


def test_the_form_is_the_documented_one() -> None:
    assert FORMAT in STEPS[0]
    assert shutil.which("sh")
    with pytest.raises(KeyError):
        _written({"format": FORMAT})


def test_the_commands_make_and_check_a_proof(unreleased: Path, tmp_path: Path) -> None:
    build(unreleased)
    made = CliRunner().invoke(release, ["proof", VERSION], obj=unreleased)
    assert (made.exit_code, made.stdout_bytes) == (0, make_proof(Releases(unreleased), 1, VERSION))
    file, document = tmp_path / "proof.json", tmp_path / "document"
    file.write_bytes(made.stdout_bytes)
    document.write_bytes(b"another")
    good = CliRunner().invoke(verify_command, ["--proof", str(file)], obj=tmp_path / "no-archive")
    assert (good.exit_code, json.loads(good.stdout)["document"]) == (0, VERSION)
    for more in ([str(document)], ["--manifest", "0" * 64]):
        bad = CliRunner().invoke(verify_command, ["--proof", str(file), *more], obj=tmp_path / "no-archive")
        assert (bad.exit_code, bad.stdout[:9]) == (1, "refused: ")
    assert CliRunner().invoke(release, ["proof", "no-such"], obj=unreleased).exit_code == 1
    assert not (tmp_path / "no-archive").exists()
