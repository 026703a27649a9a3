"""Programs in processes that have imported PyTorch and SciPy, and nothing of ours or the page's.

They begin as copies of one such process: to import these takes two seconds.
"""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent

# A copy leaves the loop and ends as any program does, with what Python does at its end.
FIRST = """
import json, os, sys
import scipy.fft, scipy.sparse, scipy.special, soundfile, torch

for line in sys.stdin:
    request = json.loads(line)
    child = os.fork()
    if child == 0:
        break
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
else:
    sys.exit()
for number, path in enumerate([os.devnull, request["stdout"], request["stderr"]]):
    os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
os.chdir(request["cwd"])
os.environ.update(request["env"])
sys.path[0] = request["path"]
sys.argv[1:] = request["arguments"]
exec(request["code"], {"__name__": "__main__"})
"""


@contextmanager
def fresh_processes():
    """Yields a function that runs a program as `python -c` does and waits for its end."""
    first = subprocess.Popen(
        [sys.executable, "-c", FIRST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def run(code, *arguments, cwd=None, env=None, path=ROOT):
        """What it wrote is bytes; `path` is where it finds our packages."""
        with TemporaryDirectory() as folder:
            files = {name: f"{folder}/{name}" for name in ("stdout", "stderr")}
            request = {
                "code": code,
                "arguments": [str(each) for each in arguments],
                "cwd": str(cwd or os.getcwd()),
                "env": env or {},
                "path": str(path),
            }
            print(json.dumps(request | files), file=first.stdin, flush=True)
            status = int(first.stdout.readline())
            written = {name: Path(file).read_bytes() for name, file in files.items()}
        return subprocess.CompletedProcess(code, status, **written)

    with first:
        yield run
        first.stdin.close()
