class SparkConf:
    def __init__(self):
        self.pairs = {}

    def setAll(self, pairs):
        self.pairs.update(pairs)
        return self


class _Numbers:
    def __init__(self, numbers):
        self.numbers = numbers

    def sum(self):
        return sum(self.numbers)


class SparkContext:
    _active_spark_context = None

    def __init__(self, master=None, appName=None, conf=None):
        assert SparkContext._active_spark_context is None
        SparkContext._active_spark_context = self
        pairs = conf.pairs if conf else {}
        self.master = master or pairs["spark.master"]
        self.appName = appName or pairs["spark.app.name"]

    @classmethod
    def getOrCreate(cls):
        return cls._active_spark_context or cls("local", "made")

    def parallelize(self, numbers):
        return _Numbers(list(numbers))

    def setLocalProperty(self, key, value):
        pass

    def clearJobTags(self):
        pass

    def stop(self):
        SparkContext._active_spark_context = None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()
