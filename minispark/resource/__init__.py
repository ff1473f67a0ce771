"""``pyspark.resource``: what tasks and executors ask for besides a slot."""

from minispark.resource.information import ResourceInformation
from minispark.resource.profile import ResourceProfile, ResourceProfileBuilder
from minispark.resource.requests import (
    ExecutorResourceRequest,
    ExecutorResourceRequests,
    TaskResourceRequest,
    TaskResourceRequests,
)

__all__ = [
    "ExecutorResourceRequest",
    "ExecutorResourceRequests",
    "ResourceInformation",
    "ResourceProfile",
    "ResourceProfileBuilder",
    "TaskResourceRequest",
    "TaskResourceRequests",
]
