"""What functions carry to a task and when it is taken; what classes of the program become there."""

import dataclasses
import enum
import functools
import math
import operator
import typing
from collections import OrderedDict, namedtuple

_factor = 10
_table = {"a": 1}
_words = ["zero", "one", "two"]


def _attempt(action):
    try:
        return action()
    except Exception as error:
        return error


def _scaled(x):
    return x * _factor


def _twice(f):
    @functools.wraps(f)
    def wrapper(x):
        return f(f(x))

    return wrapper


def _factorial(n):
    return 1 if n < 2 else n * _factorial(n - 1)


def _even(n):
    return n == 0 or _odd(n - 1)


def _odd(n):
    return n != 0 and _even(n - 1)


class _Point:
    scale = 1

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __eq__(self, other):
        return isinstance(other, _Point) and (self.x, self.y) == (other.x, other.y)

    def __hash__(self):
        return hash((self.x, self.y))

    def __lt__(self, other):
        return (self.x, self.y) < (other.x, other.y)

    def moved(self, by):
        return _Point(self.x + by, self.y)

    @property
    def norm(self):
        return math.hypot(self.x, self.y)

    @staticmethod
    def origin(_):
        return _Point(0, 0)

    @classmethod
    def diagonal(cls, n):
        return cls(n, n)


class _Point3(_Point):
    def __init__(self, x, y, z):
        super().__init__(x, y)
        self.z = z

    def moved(self, by):
        moved = super().moved(by)
        return _Point3(moved.x, moved.y, self.z)


class _Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


@dataclasses.dataclass(frozen=True, order=True)
class _Frozen:
    name: str
    count: int = 0


@dataclasses.dataclass
class _Open:
    items: list = dataclasses.field(default_factory=list)


_Pair = namedtuple("_Pair", "left right")


class _Typed(typing.NamedTuple):
    name: str
    value: int = 7

    def doubled(self):
        return _Typed(self.name, self.value * 2)


class _Color(enum.Enum):
    RED = 1
    GREEN = 2

    def next(self):
        return _Color.GREEN if self is _Color.RED else _Color.RED


class _Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class _Adder:
    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        return x + self.n


class _Key(str):
    pass


def _remade(*arguments):
    return _Reduced(*arguments)


class _Reduced:
    def __init__(self, value):
        self.value = value
        self.unpicklable = lambda: value

    def __reduce__(self):
        return _remade, (self.value,)


class _Stated:
    def __init__(self, value):
        self.value = value
        self.cache = "driver only"

    def __getstate__(self):
        return {"value": self.value}

    def __setstate__(self, state):
        self.value = state["value"]
        self.cache = "restored"


def _rebind(value):
    global _factor
    _factor = value


def a_global_changed_before_the_first_action(sc):
    """The task sees a global as it is when the function is first needed."""
    rdd = sc.parallelize([1, 2], 2).map(lambda x: x * _factor)
    _rebind(100)
    return rdd.collect()


def a_global_changed_between_two_actions(sc):
    """A pipeline keeps the function it was pickled with; another takes it anew."""
    rdd = sc.parallelize([1, 2], 2).map(lambda x: x * _factor)
    first = rdd.collect()
    _rebind(100)
    return first, rdd.collect(), rdd.count(), rdd.map(lambda x: x).collect(), rdd.sum()


def a_global_changed_between_two_takes(sc):
    """take, first and runJob make pipelines of their own."""
    rdd = sc.parallelize([1, 2], 2).map(_scaled)
    first = rdd.take(1)
    _rebind(100)
    return first, rdd.take(1), rdd.first(), rdd.collect()


def a_global_changed_with_a_cache(sc):
    """What is cached stays."""
    rdd = sc.parallelize([1, 2], 2).map(_scaled).cache()
    first = rdd.collect()
    _rebind(100)
    answers = first, rdd.collect(), rdd.map(lambda x: x * _factor).collect()
    rdd.unpersist()
    return answers


def a_global_changed_before_a_cached_rdd_is_computed(sc):
    """cache() itself pickles the pipeline."""
    rdd = sc.parallelize([1, 2], 2).map(_scaled).cache()
    _rebind(100)
    answers = rdd.collect()
    rdd.unpersist()
    return answers


def a_global_changed_behind_a_shuffle(sc):
    """By-key operations pickle their map side when they are defined."""
    pairs = sc.parallelize([("k", 1), ("k", 2)], 2)
    reduced = pairs.mapValues(_scaled).reduceByKey(lambda a, b: a + b, 1)
    after = reduced.mapValues(_scaled)
    _rebind(100)
    return reduced.collect(), after.collect()


def a_global_changed_before_union_and_coalesce(sc):
    """Which operations pickle what they are made of."""
    rdd = sc.parallelize([1, 2], 2).map(_scaled)
    made = [
        rdd.union(rdd),
        rdd.coalesce(1),
        rdd.repartition(1),
        rdd.zip(rdd),
        rdd.glom(),
        rdd.cartesian(rdd),
    ]
    _rebind(100)
    return [sorted(r.collect()) for r in made]


def a_global_changed_in_a_task(sc):
    """A task's globals are its own."""

    def bump(x):
        global _factor
        _factor += x
        return _factor

    rdd = sc.parallelize([1, 2, 3, 4], 2).map(bump)
    return rdd.collect(), rdd.collect(), _factor


def a_global_table_changed_in_a_task(sc):
    """Containers as well."""

    def note(x):
        _table[x] = _table.get(x, 0) + 1
        return dict(_table)

    rdd = sc.parallelize(["a", "b", "a"], 1).map(note)
    return rdd.collect(), rdd.collect(), _table


def a_global_read_by_a_helper(sc):
    """Globals of functions that the function calls."""

    def through(x):
        return _scaled(x) + len(_words)

    rdd = sc.parallelize([1, 2], 2).map(through)
    _words.append("three")
    return rdd.collect()


def two_functions_of_one_pipeline_share_globals(sc):
    """What one function of a pipeline sets, the next one reads."""

    def put(x):
        global _factor
        _factor = x
        return x

    def get(x):
        return x, _factor

    return sc.parallelize([1, 2, 3], 1).map(put).map(get).collect(), _factor


def globals_of_two_tasks(sc):
    """Each task starts from the driver's globals."""

    def put(x):
        global _factor
        before, _factor = _factor, x
        return before

    return sc.parallelize([1, 2, 3, 4, 5, 6], 3).map(put).glom().collect()


def a_local_changed_after_the_definition(sc):
    """Closures are taken when first needed too."""
    n = 1
    rdd = sc.parallelize([0], 1).map(lambda x: x + n)
    n = 2
    first = rdd.collect()
    n = 3
    return first, rdd.collect(), rdd.map(lambda x: x).collect()


def late_binding_in_a_loop(sc):
    """All see the loop's last value; defaults keep each its own."""
    late, early = [], []
    for i in range(3):
        late.append(sc.parallelize([0], 1).map(lambda x: x + i))
        early.append(sc.parallelize([0], 1).map(lambda x, i=i: x + i))
    return [r.collect() for r in late], [r.collect() for r in early]


def late_binding_with_an_action_in_the_loop(sc):
    """An action within the loop fixes the value."""
    kept = []
    for i in range(3):
        rdd = sc.parallelize([0], 1).map(lambda x: x + i)
        rdd.collect()
        kept.append(rdd)
    return [r.collect() for r in kept]


def a_union_built_in_a_loop(sc):
    """The famous trap: unions of late-bound maps."""
    base = sc.parallelize([1, 2], 1)
    total = sc.emptyRDD()
    for i in range(3):
        total = total.union(base.map(lambda x: (i, x)))
    return total.collect()


def filters_stacked_in_a_loop(sc):
    """A sieve whose divisor is late-bound."""
    rdd = sc.parallelize(list(range(2, 30)), 3)
    for n in (2, 3, 5):
        rdd = rdd.filter(lambda x: x == n or x % n)
    return rdd.collect()


def default_and_keyword_arguments(sc):
    """Defaults, keyword-only defaults, *args, annotations."""

    def f(x, y=10, *rest, z=100, **more) -> int:
        return x + y + z + len(rest) + len(more)

    return sc.parallelize([1], 1).map(f).collect()


def nested_functions(sc):
    """Functions that make functions that make functions."""

    def outer(a):
        def middle(b):
            def inner(x):
                return (a, b, x)

            return inner

        return middle

    return sc.parallelize([1, 2], 2).map(outer("a")("b")).collect()


def nonlocal_state(sc):
    """A counter in a closure starts at nothing in each task."""

    def counter():
        n = 0

        def count(x):
            nonlocal n
            n += 1
            return n

        return count

    count = counter()
    rdd = sc.parallelize([1, 2, 3, 4, 5], 2).map(count)
    return rdd.collect(), rdd.collect(), count(0)


def recursion(sc):
    """Recursive global functions, mutual recursion, a recursive local one."""

    def depth(x):
        return 1 + max(map(depth, x), default=0) if isinstance(x, list) else 0

    numbers = sc.parallelize([5, 6], 2)
    return [
        numbers.map(_factorial).collect(),
        numbers.map(_even).collect(),
        sc.parallelize([[], [1, [2, [3]]]], 2).map(depth).collect(),
    ]


def decorated_functions(sc):
    """functools.wraps and a decorator of the program."""

    @_twice
    def add(x):
        return x + 1

    return sc.parallelize([1, 2], 2).map(add).collect(), add.__name__


def partials_and_operators(sc):
    """functools.partial, operator functions, methodcaller and itemgetter."""
    rdd = sc.parallelize([1, 2, 3], 2)
    return [
        rdd.map(functools.partial(operator.mul, 5)).collect(),
        rdd.map(functools.partial(pow, mod=5, exp=2)).collect(),
        rdd.reduce(operator.add),
        sc.parallelize(["a b", "c"], 2).map(operator.methodcaller("split")).collect(),
        sc.parallelize([(1, 2), (3, 4)], 2).map(operator.itemgetter(1, 0)).collect(),
        rdd.map(math.sqrt).map(math.floor).collect(),
    ]


def callable_objects(sc):
    """Instances with __call__, bound methods, classes."""
    rdd = sc.parallelize([1, 2], 2)
    adder = _Adder(5)
    got = rdd.map(adder)
    adder.n = 7
    return [
        got.collect(),
        rdd.map(_Adder(1).__call__).collect(),
        rdd.map(_Adder).map(lambda a: a(10)).collect(),
        rdd.map(_Point.diagonal).map(lambda p: (p.x, p.y)).collect(),
        rdd.map(_Point.origin).map(lambda p: p.x).collect(),
        rdd.map(_Point(1, 1).moved).map(lambda p: p.x).collect(),
    ]


def cached_functions(sc):
    """An lru_cache of a local function cannot be pickled; one made in the task works."""

    @functools.lru_cache(maxsize=None)
    def local(n):
        return n

    def run(it):
        @functools.lru_cache(maxsize=None)
        def fib(n):
            return n if n < 2 else fib(n - 1) + fib(n - 2)

        return [(fib(n), fib.cache_info().currsize) for n in it]

    rdd = sc.parallelize([30, 40, 50], 2)
    return rdd.mapPartitions(run).collect(), _attempt(lambda: rdd.map(local).collect())


def functions_as_data(sc):
    """Lambdas as elements and as values, called in another task and on the driver."""
    rdd = sc.parallelize([("double", lambda x: 2 * x), ("square", lambda x: x * x)], 2)
    applied = rdd.mapValues(lambda f: f(7)).collect()
    back = rdd.collectAsMap()
    return (
        applied,
        back["square"](9),
        rdd.groupByKey(2).mapValues(lambda fs: [f(3) for f in fs]).collect(),
    )


def composed_functions(sc):
    """A list of functions in a closure."""
    steps = [str, str.strip, len, lambda n: n * 10, _scaled]

    def run(x):
        for step in steps:
            x = step(x)
        return x

    return sc.parallelize([1, 22, " 3 "], 2).map(run).collect()


def modules_in_closures(sc):
    """Modules imported by the program and inside of a function."""

    def local_import(x):
        import json

        return json.dumps({"x": x})

    return [
        sc.parallelize([1], 1).map(local_import).collect(),
        sc.parallelize([4], 1).map(lambda x: math.sqrt(x)).collect(),
        sc.parallelize([1], 1).map(lambda x: OrderedDict(a=x)).collect(),
    ]


def names_of_functions_in_a_task(sc):
    """__name__, __qualname__, __doc__ and __defaults__ survive."""

    def documented(x, y=2):
        """Says what."""
        return (
            documented.__name__,
            documented.__qualname__.rpartition(".")[2],
            documented.__doc__,
            documented.__defaults__,
        )

    return sc.parallelize([1], 1).map(documented).collect()


def instances_of_a_class(sc):
    """Elements come back as instances of the driver's class."""
    got = sc.parallelize([_Point(1, 2), _Point(3, 4)], 2).map(lambda p: p.moved(1)).collect()
    return got, [type(p) is _Point for p in got], got == [_Point(2, 2), _Point(4, 4)]


def isinstance_in_a_task(sc):
    """The class named in the closure is the class of the elements."""
    rdd = sc.parallelize([_Point(1, 2), _Point3(1, 2, 3), 5], 2)
    return rdd.map(lambda p: (isinstance(p, _Point), type(p) is _Point, type(p).__name__)).collect()


def instances_made_in_a_task(sc):
    """Made there, compared here."""
    got = sc.parallelize([3, 4], 2).map(lambda n: _Point3(n, n, n)).collect()
    return got, [isinstance(p, _Point) for p in got], [p.moved(1).z for p in got]


def instances_as_keys(sc):
    """__eq__ and __hash__ decide; placement is by hash."""
    rdd = sc.parallelize([(_Point(i % 3, 0), i) for i in range(7)], 3)
    return [
        rdd.reduceByKey(lambda a, b: a + b, 2).glom().collect(),
        rdd.keys().distinct(2).glom().collect(),
        rdd.groupByKey(2).mapValues(list).collect(),
        rdd.join(rdd.mapValues(str), 2).count(),
    ]


def instances_sorted(sc):
    """__lt__ decides."""
    rdd = sc.parallelize([_Point(3, 1), _Point(1, 2), _Point(1, 1), _Point(2, 0)], 2)
    return [
        rdd.sortBy(lambda p: p, numPartitions=2).glom().collect(),
        rdd.min(),
        rdd.takeOrdered(2),
    ]


def properties_and_static_methods_in_a_task(sc):
    """All kinds of attributes of a class."""
    rdd = sc.parallelize([_Point(3, 4)], 1)
    return rdd.map(lambda p: (p.norm, _Point.origin(0).x, _Point.diagonal(2).y, p.scale)).collect()


def a_class_with_slots(sc):
    """Its instances can be read in a task; those made there do not come back."""
    rdd = sc.parallelize([_Slotted(1, [2])], 1)
    return rdd.map(lambda s: (s.a, s.b)).collect(), _attempt(
        lambda: rdd.map(lambda s: _Slotted(s.b, s.a)).collect()
    )


def states_and_reductions(sc):
    """__getstate__, __setstate__, __reduce__."""
    return [
        sc.parallelize([_Stated(5)], 1).map(lambda s: (s.value, s.cache)).collect(),
        sc.parallelize([_Reduced(5)], 1).map(lambda r: (r.value, r.unpicklable())).collect(),
    ]


def dataclasses_as_elements_and_keys(sc):
    """Frozen ones hash and order; open ones do not."""
    rows = [_Frozen("b", 2), _Frozen("a", 1), _Frozen("b", 1), _Frozen("a", 1)]
    rdd = sc.parallelize(rows, 2)
    return [
        rdd.map(lambda f: dataclasses.replace(f, count=f.count + 1)).collect(),
        sorted(rdd.distinct(2).collect()),
        rdd.sortBy(lambda f: f, numPartitions=1).collect(),
        rdd.map(lambda f: (f.name, f.count)).reduceByKey(operator.add, 2).glom().collect(),
        rdd.collect() == rows,
        sc.parallelize([_Open([1])], 1).map(lambda o: o.items.append(2) or o).collect(),
        sc.parallelize([_Open()], 1).map(dataclasses.asdict).collect(),
    ]


def named_tuples(sc):
    """collections.namedtuple and typing.NamedTuple."""
    rdd = sc.parallelize([_Pair("a", 1), _Pair("b", 2), _Pair("a", 3)], 2)
    typed = sc.parallelize([_Typed("x"), _Typed("y", 1)], 2)
    return [
        rdd.map(lambda p: (p.left, isinstance(p, _Pair))).collect(),
        rdd.reduceByKey(operator.add, 2).glom().collect(),
        rdd.mapValues(str).collect(),
        rdd.map(lambda p: p._replace(right=0)).collect(),
        [type(p) is _Pair for p in rdd.collect()],
        typed.map(lambda t: t.doubled()).collect(),
        rdd.collectAsMap(),
    ]


def a_named_tuple_made_in_the_function(sc):
    """A class local to the function, on both sides."""
    Local = namedtuple("Local", ["a", "b"])
    got = sc.parallelize([1, 2], 2).map(lambda x: Local(x, -x)).collect()
    return got, [type(p) is Local for p in got], sc.parallelize(got, 2).map(lambda p: p.b).collect()


def a_class_made_in_the_function(sc):
    """Likewise, with a method that refers to its class."""

    class Box:
        made = 0

        def __init__(self, x):
            self.x = x

        def again(self):
            return Box(self.x * 2)

    got = sc.parallelize([1, 2], 2).map(Box).map(Box.again).collect()
    return got, [type(b) is Box for b in got], [isinstance(b, Box) for b in got]


def enums(sc):
    """Members are themselves again, in tasks and on the driver."""
    rdd = sc.parallelize([_Color.RED, _Color.GREEN, _Color.RED], 2)
    got = rdd.collect()
    return [
        got,
        [c is _Color.RED for c in got],
        rdd.map(lambda c: c is _Color.RED).collect(),
        rdd.map(lambda c: c.next()).collect(),
        rdd.map(lambda c: c.name).countByValue(),
        rdd.countByValue(),
        sc.parallelize([_Level.HIGH, _Level.LOW], 2).map(lambda v: v + 1).collect(),
        sc.parallelize([_Level.HIGH, _Level.LOW], 2).sortBy(lambda v: v, numPartitions=1).collect(),
    ]


def int_enums_as_keys(sc):
    """IntEnum members are placed as their ints."""
    rdd = sc.parallelize([(_Level.HIGH, 1), (2, 10), (_Level.LOW, 100)], 2)
    return rdd.reduceByKey(operator.add, 2).glom().collect()


def subclasses_of_builtins(sc):
    """A subclass of str is an element and a key."""
    rdd = sc.parallelize([_Key("a"), "a", _Key("b")], 2)
    return [
        rdd.map(lambda k: type(k).__name__).collect(),
        rdd.map(lambda k: (k, 1)).reduceByKey(operator.add, 1).collect(),
        rdd.collect() == ["a", "a", "b"],
    ]


def a_class_attribute_changed_on_the_driver(sc):
    """The class is taken as it is when the function is first needed."""
    rdd = sc.parallelize([1], 1).map(lambda x: _Point.scale)
    _Point.scale = 5
    first = rdd.collect()
    _Point.scale = 6
    return first, rdd.collect(), rdd.map(lambda x: (x, _Point.scale)).collect()


def a_class_attribute_changed_in_a_task(sc):
    """The driver's class stays as it is."""

    def change(x):
        _Point.scale = x
        return _Point.scale

    return sc.parallelize([7, 8], 1).map(change).collect(), _Point.scale


def a_class_attribute_counted_in_tasks(sc):
    """A class's counter begins in every task where the driver left it."""

    def count(x):
        _Point.scale += 1
        return _Point.scale

    rdd = sc.parallelize([0, 0, 0, 0], 2).map(count)
    return rdd.collect(), rdd.collect(), _Point.scale


def a_class_attribute_list_changed_in_a_task(sc):
    """Its containers too."""

    class Registry:
        seen = []

    def note(x):
        Registry.seen.append(x)
        return list(Registry.seen)

    return sc.parallelize([1, 2, 3], 1).map(note).collect(), Registry.seen


def an_instance_in_a_closure_and_as_an_element(sc):
    """self of a method and the element are of one class in the task."""
    anchor = _Point(1, 1)
    rdd = sc.parallelize([_Point(1, 1), _Point(2, 2)], 2)
    return rdd.map(lambda p: (p == anchor, type(p) is type(anchor), p is anchor)).collect()


def a_method_that_uses_its_object(sc):
    """A pipeline built in methods of a class of the program."""

    class Model:
        def __init__(self, weights):
            self.weights = weights

        def score(self, row):
            return sum(w * x for w, x in zip(self.weights, row, strict=True))

        def run(self, context, rows):
            return context.parallelize(rows, 2).map(self.score).collect()

    return Model([1, 2, 3]).run(sc, [(1, 0, 0), (0, 1, 1), (1, 1, 1)])


def a_generator_function_with_state(sc):
    """A generator as partition function that closes over things."""
    offsets = {"a": 1}

    def run(it):
        last = None
        for x in it:
            yield x, last, offsets.get(x, _factor)
            last = x

    return sc.parallelize("abc", 2).mapPartitions(run).glom().collect()


def comprehension_scopes(sc):
    """Comprehensions, walrus and star-expressions within lambdas."""
    table = {1: [1, 2], 2: [3]}
    return [
        sc.parallelize([1, 2], 2).map(lambda k: [v * k for v in table[k]]).collect(),
        sc.parallelize([1, 2], 2)
        .map(lambda k: {j: (m := j + k) for j in range(2)} | {"m": m})
        .collect(),
        sc.parallelize([[1, 2, 3]], 1).map(lambda xs: (lambda a, *b: (a, b))(*xs)).collect(),
    ]


def big_closures(sc):
    """A table of a megabyte and more in a closure."""
    table = {i: str(i) * 5 for i in range(50000)}
    return sc.parallelize([1, 49999, 77777], 2).map(lambda i: table.get(i)).collect()


def builtins_that_a_task_gives_back(sc):
    """`hash` and `print` as data: there and back, made in a task, inside other objects."""
    sent = sc.parallelize([hash, print], 1)
    made = sc.parallelize([1], 1).map(lambda _: (hash, [print], functools.partial(hash, "a")))
    hasher, printers, bound = made.first()
    return [
        sent.map(lambda x: x).collect() == [hash, print],
        sent.map(lambda x: x in (hash, print)).collect(),
        sent.map(lambda x: (x.__name__, x.__module__, repr(x))).collect(),
        sent.cache().map(lambda f: f("abc") if f is hash else f is print).collect(),
        sorted((f.__name__, n) for f, n in sent.union(sent).countByValue().items()),
        (hasher is hash, printers == [print], bound.func is hash),
        sc.broadcast([hash, print]).value == [hash, print],
    ]
