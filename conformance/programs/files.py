"""Files, modules and archives for tasks; properties of the process; profiles."""

import os
import random
import sys
import tarfile
import zipfile


def _write(tmp, name, text):
    path = os.path.join(tmp, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    return path


def _caught(f):
    try:
        return f()
    except Exception as error:
        words = (
            "UNSUPPORTED_ADD_FILE.DIRECTORY",
            "does not exist",
            "URI has a fragment component",
            "exists and does not match contents of",
            "INCORRECT_CONF_FOR_PROFILE",
            "key can't be empty",
            "Do not construct SparkFiles objects",
        )
        return next((each for each in words if each in str(error)), "another error")


def _reader(api, name):
    def read(_):
        with open(api.SparkFiles.get(name)) as file:
            return file.read()

    return read


def _listed(uris, tmp):
    return sorted(uri.replace(str(tmp), "TMP") for uri in uris)


def a_file_for_tasks(api, tmp):
    """Added twice, by path and by URI."""
    path = _write(tmp, "a.txt", "hello")
    with api.SparkContext("local[2]", "files") as sc:
        sc.addFile(path)
        sc.addFile("file:" + path)
        read = sc.parallelize([1, 2], 2).map(_reader(api, "a.txt"))
        root = api.SparkFiles.getRootDirectory()
        same = sc.parallelize([1]).map(lambda _: api.SparkFiles.getRootDirectory() == root)
        return read.collect(), _listed(sc.listFiles, tmp), same.collect(), os.listdir(root)


def a_directory_for_tasks(api, tmp):
    """Refused, unless it is meant."""
    _write(tmp, "d/deep/a.txt", "deep")
    with api.SparkContext("local[2]", "files") as sc:
        refused = _caught(lambda: sc.addFile(os.path.join(tmp, "d")))
        sc.addFile(os.path.join(tmp, "d"), True)
        read = sc.parallelize([1]).map(_reader(api, "d/deep/a.txt"))
        return refused, read.collect(), _listed(sc.listFiles, tmp)


def files_that_are_refused(api, tmp):
    """Not there, empty, with a fragment, a glob."""
    _write(tmp, "a.txt", "a")
    paths = ("/nowhere/a.txt", os.path.join(tmp, "a.txt#b"), os.path.join(tmp, "*.txt"))
    with api.SparkContext("local[2]", "files") as sc:
        return [_caught(lambda path=path: sc.addFile(path)) for path in paths]


def two_files_of_one_name(api, tmp):
    """The second is refused."""
    one, two = _write(tmp, "one/a.txt", "1"), _write(tmp, "two/a.txt", "2")
    with api.SparkContext("local[2]", "files") as sc:
        sc.addFile(one)
        with open(api.SparkFiles.get("a.txt")) as file:
            return _caught(lambda: sc.addFile(two)), file.read()


def the_next_context_has_no_files(api, tmp):
    """Its directory is another, and the first is gone."""
    path = _write(tmp, "a.txt", "hello")
    with api.SparkContext("local[1]", "files") as sc:
        sc.addFile(path)
        first = api.SparkFiles.getRootDirectory()
    with api.SparkContext("local[1]", "files") as sc:
        second = api.SparkFiles.getRootDirectory()
        return sc.listFiles, first != second, os.path.exists(first), os.listdir(second)


def a_module_for_tasks(api, tmp):
    """Imported in tasks and on the driver."""
    path = _write(tmp, "conformance_mod_a.py", "def f(x):\n    return x + 1\n")
    with api.SparkContext("local[2]", "files") as sc:
        sc.addPyFile(path)
        tasks = sc.parallelize([1, 2], 2).map(lambda x: __import__("conformance_mod_a").f(x))
        driver = __import__("conformance_mod_a").f(1)
        on_path = sys.path[1] == api.SparkFiles.getRootDirectory()
        return tasks.collect(), driver, _listed(sc.listFiles, tmp), on_path


def a_zip_of_modules(api, tmp):
    """And an egg."""
    found = []
    with api.SparkContext("local[2]", "files") as sc:
        for extension in sc.PACKAGE_EXTENSIONS[:2]:
            name = f"conformance_mod_{extension[1:]}"
            path = os.path.join(tmp, f"packed{extension}")
            with zipfile.ZipFile(path, "w") as packed:
                packed.writestr(f"{name}.py", "N = 7")
            sc.addPyFile(path)
            found += sc.parallelize([name], 1).map(lambda name: __import__(name).N).collect()
            found.append(__import__(name).N)
    return found


def modules_by_the_constructor(api, tmp):
    """pyFiles, spark.files, spark.submit.pyFiles, spark.archives."""
    names = ("conformance_mod_b", "conformance_mod_c")
    one, two = (_write(tmp, f"{name}.py", f"N = '{name}'") for name in names)
    text = _write(tmp, "a.txt", "hello")
    packed = os.path.join(tmp, "p.zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner.txt", "inner")
    conf = api.SparkConf().setMaster("local[2]").setAppName("files").set("spark.files", text)
    conf.set("spark.submit.pyFiles", one).set("spark.archives", packed)
    with api.SparkContext(conf=conf, pyFiles=[two]) as sc:
        read = sc.parallelize(["a.txt", "p.zip/inner.txt"], 2).map(
            lambda name: open(api.SparkFiles.get(name)).read()
        )
        modules = sc.parallelize(names, 2).map(lambda name: __import__(name).N)
        return read.collect(), modules.collect()


def archives_for_tasks(api, tmp):
    """zip, tar.gz; under their own name, or that behind #; no archive at all."""
    path = _write(tmp, "a.txt", "hello")
    packed, tar = os.path.join(tmp, "p.zip"), os.path.join(tmp, "t.tar.gz")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data/x.txt", "x")
    with tarfile.open(tar, "w:gz") as archive:
        archive.add(path, "inner/a.txt")
    with api.SparkContext("local[2]", "files") as sc:
        for each in (packed, f"{packed}#named", tar, f"{tar}#unpacked", path):
            sc.addArchive(each)
        names = ["p.zip/data/x.txt", "named/data/x.txt", "t.tar.gz/inner/a.txt"]
        names += ["unpacked/inner/a.txt", "a.txt"]
        read = sc.parallelize(names, 2).map(lambda name: open(api.SparkFiles.get(name)).read())
        return read.collect(), _listed(sc.listArchives, tmp)


def permissions_in_a_zip(api, tmp):
    """Files have them, without setuid; directories, and files made elsewhere, do not."""
    path = os.path.join(tmp, "p.zip")
    names = ["tool", "d/secret", "setuid", "link", "plain", "d"]
    modes = [0o100755, 0o100600, 0o104755, 0o120777, 0o755]
    with zipfile.ZipFile(path, "w") as packed:
        for name, mode in zip(names, modes, strict=False):
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.create_system = 0 if name == "plain" else 3
            packed.writestr(info, "x")

    def permissions(name):
        mode = os.lstat(api.SparkFiles.get(f"p.zip/{name}")).st_mode
        return oct(mode & 0o7700), os.path.isfile(api.SparkFiles.get(f"p.zip/{name}"))

    with api.SparkContext("local[2]", "files") as sc:
        sc.addArchive(path)
        return sc.parallelize(names, 2).map(permissions).collect()


def archives_that_are_refused(api, tmp):
    """Cut short, overwritten, no archive, with a password: each by a context of its own."""
    noise = random.Random(1).randbytes(100000)
    packed, tar = os.path.join(tmp, "p.zip"), os.path.join(tmp, "t.tar.gz")
    path = os.path.join(tmp, "noise")
    with open(path, "wb") as file:
        file.write(noise)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("f", b"".join(b"line %d\n" % i for i in range(50000)))
    with tarfile.open(tar, "w:gz") as archive:
        archive.add(path, "f")
    with open(packed, "rb") as file:
        of_zip = file.read()
    with open(tar, "rb") as file:
        of_tar = file.read()
    locked = bytearray(of_zip)
    locked[6] |= 1
    locked[locked.index(b"PK\1\2") + 8] |= 1
    damaged = {
        "cut.tar.gz": of_tar[:50000],
        "over.tar.gz": of_tar[:5000] + b"\xff" * 200 + of_tar[5200:],
        "no.tar.gz": b"no archive",
        "empty.tar.gz": b"",
        "over.zip": of_zip[:2000] + bytes(100) + of_zip[2100:],
        "no.zip": b"no archive",
        "locked.zip": bytes(locked),
    }
    refused = []
    for name, data in damaged.items():
        with open(os.path.join(tmp, name), "wb") as file:
            file.write(data)
        with api.SparkContext("local[1]", "files") as sc:
            try:
                sc.addArchive(os.path.join(tmp, name))
            except Exception:
                refused.append(name)
    return refused


def files_as_uris(api, tmp):
    """What is encoded in them; they name the same files when they come back."""
    names = ["a b%20c.txt", "q'\"<>^`{}|\\[]?.txt", "a+b&c=d;e@f:g,h~!$*().txt", "\u00fc\x85.txt"]
    names += ["100%.txt", "a#b c.txt"]
    with api.SparkContext("local[2]", "files") as sc:
        for name in names:
            sc.addFile(_write(tmp, f"d d/{name}", name))
        listed = sc.listFiles
        for uri in listed:
            sc.addFile(uri)
        read = [_reader(api, name)(None) for name in names]
        refused = [os.path.join(tmp, "d d/100%25.txt"), f"file:{tmp}/d d/100%.txt"]
        refused = [_caught(lambda path=path: sc.addFile(path)) for path in refused]
        return _listed(listed, tmp), sc.listFiles == listed or len(sc.listFiles), read, refused


def archives_as_uris(api, tmp):
    """With what is behind #, which is encoded further."""
    path = _write(tmp, "a \u00fc.txt", "x")
    uri = f"file:{tmp}/a%20\u00fc.txt"
    with api.SparkContext("local[2]", "files") as sc:
        for each in (path, uri, f"{uri}#b%20\u00e9", f"{tmp}/a%20\u00fc.txt#+&=~c"):
            sc.addArchive(each)
        listed = _listed(sc.listArchives, tmp)
        names = sorted(os.listdir(api.SparkFiles.getRootDirectory()))
        return listed, names, _caught(lambda: sc.addArchive(f"{path}#d")) is not None


def constructor_files_that_are_missing(api):
    """The context does not start; the next one does."""
    refused = _caught(lambda: api.SparkContext("local[1]", "files", pyFiles=["/nowhere.py"]))
    with api.SparkContext("local[1]", "files") as sc:
        return refused, sc.parallelize([1]).count()


def spark_files_is_no_object(sc, api):
    """And finds names that are not there."""
    missing = os.path.basename(api.SparkFiles.get("x/../missing"))
    return _caught(api.SparkFiles), missing


def system_properties(sc, api):
    """Those named spark... are in later SparkConfs; None where there is none."""
    api.SparkContext.setSystemProperty("spark.conformance.a", "b")
    api.SparkContext.setSystemProperty("conformance.a", "c")
    return (
        api.SparkContext.getSystemProperty("spark.conformance.a"),
        api.SparkContext.getSystemProperty("conformance.a"),
        api.SparkContext.getSystemProperty("conformance.none"),
        api.SparkConf().get("spark.conformance.a"),
        api.SparkConf().get("conformance.a"),
        api.SparkConf(False).get("spark.conformance.a"),
        _caught(lambda: api.SparkContext.getSystemProperty("")),
    )


def no_profiles_unless_asked(sc, api):
    """show_profiles and dump_profiles raise."""
    return _caught(sc.show_profiles), _caught(lambda: sc.dump_profiles("x")), sc.profiler_collector


def profiles_of_rdds(api, tmp):
    """Which RDDs have one; printed once; written to files."""
    shown = []

    class Mine(api.BasicProfiler):
        def show(self, id):
            calls = [v[1] for k, v in self.stats().stats.items() if k[2] == "_marked"]
            shown.append((id, calls))

    def _marked(x):
        return x * 2

    conf = api.SparkConf().setMaster("local[2]").setAppName("p").set("spark.python.profile", "true")
    with api.SparkContext(conf=conf, profiler_cls=Mine) as sc:
        rdd = sc.parallelize(range(10), 2).map(_marked)
        answers = [rdd.collect(), rdd.sum()]
        sc.show_profiles()
        sc.show_profiles()
        sc.dump_profiles(os.path.join(tmp, "profiles"))
        return answers, shown, sorted(os.listdir(os.path.join(tmp, "profiles")))


def a_profiler_that_replaces_profile(api):
    """Its profile() runs in tasks; what it adds to an accumulator comes back."""

    class Counting(api.BasicProfiler):
        def __init__(self, ctx):
            super().__init__(ctx)
            self.tasks = ctx.accumulator(0)

        def profile(self, func, *args, **kwargs):
            self.tasks.add(1)
            return func(*args, **kwargs)

        def show(self, id):
            counted.append(self.tasks.value)

    counted = []
    conf = api.SparkConf().setMaster("local[2]").setAppName("p").set("spark.python.profile", "true")
    with api.SparkContext(conf=conf, profiler_cls=Counting) as sc:
        sc.parallelize(range(10), 4).map(str).count()
        sc.show_profiles()
        return counted


def a_profiled_barrier_stage(api):
    """Its tasks wait for each other."""
    conf = api.SparkConf().setMaster("local[2]").setAppName("p").set("spark.python.profile", "true")

    class Silent(api.BasicProfiler):
        def show(self, id):
            pass

    def in_step(records):
        return api.BarrierTaskContext.get().allGather(str(sum(records)))

    with api.SparkContext(conf=conf, profiler_cls=Silent) as sc:
        return sc.parallelize(range(6), 2).barrier().mapPartitions(in_step).glom().collect()
