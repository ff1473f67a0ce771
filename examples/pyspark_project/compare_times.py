"""How long this project's whole test run takes on each engine: python compare_times.py [rounds]

Each run is a process of its own, from its start to its end, the start of the JVM included. The
engines take turns, so that a busy machine is busy for both.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ENGINES = ("minispark", "pyspark")


def seconds_of_a_run(engine):
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--spark-engine", engine],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"the tests do not pass on {engine}:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - begin, done.stdout.splitlines()[-1]


def main(rounds):
    seconds = {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            taken, last_line = seconds_of_a_run(engine)
            seconds[engine].append(taken)
            print(f"{engine:9} {taken:6.2f} s   {last_line}", flush=True)
    middle = {engine: median(taken) for engine, taken in seconds.items()}
    print(f"median of {rounds}:", *(f"{engine} {middle[engine]:.2f} s" for engine in ENGINES))
    print(f"minispark is {middle['pyspark'] / middle['minispark']:.1f} times as fast")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
