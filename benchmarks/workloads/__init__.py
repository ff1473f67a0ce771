"""All workloads, in the order of the report."""

from benchmarks.workloads import iterative, narrow, ordered, pairs, scheduling, start, text
from benchmarks.workloads.base import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for module in (start, scheduling, narrow, text, pairs, ordered, iterative)
    for workload in module.WORKLOADS
}
