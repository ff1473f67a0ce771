"""Programs and pipelines whose answers depend on how often a task is tried, and why.

They are right in Spark too only if nothing fails, so faults while they run show nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.catalog import Program

COUNTS = (
    "counts how often elements are computed that are kept: an attempt that fails has kept some "
    "and is not counted, and what is lost is computed and counted again"
)
NUMBERS = "tells the numbers of its attempts"
TIMES = "its error tells how many attempts there were"
ONCE = "fails the first time only, so that another attempt ends well"
CHANGES = "keeps what is not the same when it is computed again"
LOGS = "its tasks write down what they do"

PROGRAMS = {
    "caching.a_cached_child_of_a_cached_parent": COUNTS,
    "caching.a_cached_rdd_is_computed_once": COUNTS,
    "caching.after_unpersist_it_is_computed_again": COUNTS,
    "caching.answers_at_every_level": COUNTS,
    "caching.cache_is_lazy": COUNTS,
    "caching.cache_of_text": CHANGES,
    "caching.children_built_on_a_cache_that_was_given_up": COUNTS,
    "caching.children_defined_after_cache": COUNTS,
    "caching.children_defined_before_cache": COUNTS,
    "caching.partitions_are_cached_one_by_one": COUNTS,
    "caching.random_data_is_fixed_by_a_cache": CHANGES,
    "caching.replicated_levels_in_one_process": COUNTS,
    "caching.take_computes_whole_cached_partitions": COUNTS,
    "checkpoints.a_local_one": COUNTS,
    "checkpoints.a_local_one_after_one_partition": COUNTS,
    "checkpoints.a_local_one_of_a_cached_rdd": COUNTS,
    "checkpoints.accumulators_after_cleaning": COUNTS,
    "checkpoints.how_often_it_is_computed": COUNTS,
    "checkpoints.its_own_job_fails": ONCE,
    "checkpoints.marks_one_before_the_other": COUNTS,
    "checkpoints.the_job_that_computes_it_fails": ONCE,
    "context.task_attempt_ids_are_unique": NUMBERS,
    "context.task_context_in_tasks": NUMBERS,
    "errors.a_file_that_goes_before_it_is_read": TIMES,
    "errors.what_is_no_sequence_file": TIMES,
    "ordering.sort_by_of_a_cached_rdd_computes_it_once": COUNTS,
    "scheduling.a_failed_shuffle_can_be_tried_again": ONCE,
    "scheduling.a_failure_in_the_reduce_side_keeps_the_map_side": ONCE,
    "scheduling.a_shuffle_over_a_cache": COUNTS,
    "scheduling.nothing_runs_before_an_action": COUNTS,
    "scheduling.the_order_of_calls_inside_a_stage": LOGS,
    "shared.accumulators_with_a_cache": COUNTS,
    "shared.accumulators_with_part_of_a_cache": COUNTS,
}

HELD_TOGETHER = frozenset(
    f"records.{name}"
    for name in (
        "a_list_that_grows_while_it_is_grouped",
        "a_partition_function_is_called_once_for_each_key",
        "a_partition_function_that_fails",
        "a_sort_calls_its_key_function_as_often",
        "cached_lists_that_are_one_list_in_a_join",
        "functions_that_use_a_key_again",
        "keys_in_tuples_that_are_used_again",
        "keys_in_tuples_that_are_used_again_after_plain_ones",
        "keys_that_are_changed_later",
        "keys_that_are_nan",
        "keys_that_are_used_again",
        "keys_that_are_used_again_after_plain_ones",
        "sorts_with_nan",
        "values_that_are_one_list_in_a_join",
        "values_that_are_one_list_in_group_by_key",
        "values_that_are_one_list_in_reduce_by_key",
        "values_that_are_one_list_in_sort_by_key",
    )
)
"""Programs that show what is in memory together: records that share an object or change it later
(what is spilled are copies), NaN as keys, and how often and when a function of keys is called.
"""

MERGES = ("sub", "nest", "add_ten", "concat", "text", "trace")
"""Functions of pipelines whose results tell what was merged with what."""


def needs_its_memory(title: str, pipeline: dict[str, Any] | None) -> bool:
    """Whether an answer depends on what is in memory together.

    With little memory partial results are merged in another grouping, as in Spark: some functions
    tell it, and so does adding floats.
    """
    if pipeline is None:
        return title in HELD_TOGETHER
    text = json.dumps(pipeline)
    has_floats = re.search(r"\d\.\d", text) is not None
    return has_floats or any(f'"{name}"' in text for name in MERGES)


def is_program_left_out(program: Program) -> bool:
    return program.makes_its_own_context or program.title in PROGRAMS


def is_pipeline_left_out(pipeline: dict[str, Any]) -> bool:
    """A count of elements is one: what is kept by an attempt that fails is not counted by the next,
    and what is lost is counted again.
    """
    text = json.dumps(pipeline)
    keeps = any(f'"{op}"' in text for op in ("cache", "persist", "localCheckpoint"))
    return '"accumulate' in text and keeps


def are_blocks_spared(title: str, pipeline: dict[str, Any] | None) -> bool:
    """Whether faults leave the cached partitions of a program or pipeline alone.

    A local checkpoint has no other copy of what it keeps, so its loss fails the job, as in Spark.
    And `coalesce` puts together what is known to lie together, which a lost block no longer is.
    """
    if pipeline is None:
        return title.startswith("checkpoints.")
    text = json.dumps(pipeline)
    return "localCheckpoint" in text or "coalesce" in text
