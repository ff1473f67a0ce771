"""Resource requests and profiles: made and read; refused in local mode."""


def _modules(api):
    import importlib

    return importlib.import_module(f"{api.__name__}.resource")


def _read(requests):
    fields = ("resourceName", "amount", "discoveryScript", "vendor")
    return {
        name: [getattr(each, field) for field in fields if hasattr(each, field)]
        for name, each in sorted(requests.items())
    }


def _caught(f):
    try:
        return f()
    except Exception as error:
        words = ("Failed to parse", "Invalid suffix", "Fractional values", "invalid")
        return next((each for each in words if each in str(error)), type(error).__name__)


def requests_of_executors(sc, api):
    """All kinds, chained; memory in units."""
    make = _modules(api).ExecutorResourceRequests
    requests = make().cores(2).memory("1g").memoryOverhead("10m").pysparkMemory("2048k")
    requests = requests.offheapMemory("1t").resource("gpu", 1, "script", "vendor")
    return _read(requests.requests), _read(make().requests), _read(make().memory("7").requests)


def requests_of_tasks(sc, api):
    """cpus and fractions."""
    make = _modules(api).TaskResourceRequests
    return _read(make().cpus(2).resource("gpu", 0.5).requests), _read(make().requests)


def requests_are_replaced(sc, api):
    """The last of a name counts."""
    make = _modules(api)
    executor = make.ExecutorResourceRequests().cores(2).cores(3).memory("1g").memory("2k")
    return _read(executor.requests), _read(make.TaskResourceRequests().cpus(1).cpus(2).requests)


def amounts_that_are_refused(sc, api):
    """Memory that is no size."""
    make = _modules(api).ExecutorResourceRequests
    return [
        _caught(lambda text=text: make().memory(text))
        for text in ("x", "", "-1g", "1x", "1.5g", "5bb", "1 g")
    ]


def single_requests(sc, api):
    """Their fields; a task's amount is a float."""
    make = _modules(api)
    one = make.ExecutorResourceRequest("fpga", 3, "s", "v")
    two = make.TaskResourceRequest("fpga", 2)
    three = make.ResourceInformation("fpga", ["a", "b"])
    return _read({"one": one, "two": two}), three.name, three.addresses


def a_profile_is_built(sc, api):
    """Task and executor requests; cleared; the builder goes on."""
    make = _modules(api)
    builder = make.ResourceProfileBuilder()
    builder.require(make.ExecutorResourceRequests().cores(2)).require(
        make.TaskResourceRequests().cpus(1)
    )
    profile = builder.build
    seen = [_read(profile.executorResources), _read(profile.taskResources)]
    builder.clearExecutorResourceRequests()
    builder.clearTaskResourceRequests()
    other = builder.build
    seen += [_read(other.executorResources), _read(other.taskResources)]
    return seen, other.id != profile.id, isinstance(profile.id, int)


def no_profile_unless_one_is_set(sc):
    """getResourceProfile is None."""
    return sc.parallelize([1, 2]).getResourceProfile()


def resources_of_the_driver(sc):
    """None in local mode."""
    return sc.resources
