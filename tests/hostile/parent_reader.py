"""The obedient worker, which started another process of its group before it gave that up."""

from __future__ import annotations

import subprocess
import sys

from pipelines.text import worker
from tests.hostile import reader

if __name__ == "__main__":
    # Worker processes import it by name, and would have another list.
    sys.modules["tests.hostile.reader"] = reader
    none = subprocess.DEVNULL
    reader._children.append(subprocess.Popen(["/bin/sleep", "600"], stdin=none, stdout=none, stderr=none).pid)
    worker._FUNCTIONS["pdf"] = ("tests.hostile.reader", "read")
    worker.main(sys.argv[1])
