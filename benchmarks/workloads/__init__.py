"""All workloads, in the order of the report."""

from benchmarks.workloads import (
    aggregates,
    iterative,
    kept,
    narrow,
    ordered,
    pairs,
    scheduling,
    start,
    text,
)
from benchmarks.workloads.base import Workload

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for module in (start, scheduling, narrow, aggregates, text, pairs, ordered, kept, iterative)
    for workload in module.WORKLOADS
}
