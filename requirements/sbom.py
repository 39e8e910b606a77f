"""Prints what the program is made of as a CycloneDX 1.6 document: `python -m requirements.sbom`."""

from __future__ import annotations

import json
import sys
import tomllib
from typing import Any

from requirements.lock import FOLDER, locked


def sbom() -> dict[str, Any]:
    """Return the list of all that `make demo` and `oversight` need; the same for the same lock."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))["project"]
    root = _named(project["name"], project["version"])
    parts = [
        {
            "type": "library",
            **_named(one.name, one.version),
            "hashes": [{"alg": "SHA-256", "content": digest} for digest in one.digests],
        }
        for one in locked(FOLDER / "run.txt")
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", **root, "licenses": [{"license": {"id": project["license"]}}]}
        },
        "components": parts,
        "dependencies": [{"ref": root["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def _named(name: str, version: str) -> dict[str, str]:
    purl = f"pkg:pypi/{name}@{version}"
    return {"bom-ref": purl, "name": name, "version": version, "purl": purl}


if __name__ == "__main__":
    json.dump(sbom(), sys.stdout, indent=1)
    sys.stdout.write("\n")
