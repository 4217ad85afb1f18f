"""The process that a job runs in: it limits itself first, then reads the job and writes the counts."""

from __future__ import annotations

import json
import math
import sys
import time
from typing import Any

from accord.errors import AccordError

__all__ = ["main"]


def _limit(cpu_s: float, memory_mb: int) -> None:
    try:
        import resource
    except ImportError:  # no such limits on this platform; the worker still watches the time
        return
    seconds = max(1, math.ceil(cpu_s))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def main() -> None:
    """Run the job on standard input; its outcome goes to standard output as JSON."""
    order: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    from accord.tools.lab.backends import run_circuit

    _limit(order["cpu_s"], order["memory_mb"])
    begin = time.process_time()
    try:
        found = run_circuit(order["backend"], order["circuit"], order["shots"], order["seed"])
        body: dict[str, Any] = {"counts": found.counts, "cpu_s": time.process_time() - begin}
    except AccordError as error:
        body = {"reason": str(error)}
    except MemoryError:
        body = {"reason": f"more than {order['memory_mb']} MB of memory"}
    sys.stdout.write(json.dumps(body))


if __name__ == "__main__":
    main()
