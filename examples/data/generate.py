"""Write the data that the examples read, from fixed seeds: run it and nothing changes.

    python examples/data/generate.py [directory]

It makes `market_town.txt` (a year in a made-up market town), `access.log` (a web server's log
with some broken lines), `links.txt` (which page links to which) and `points.txt` (points of the
plane in three heaps). The texts in `documents/` were written by hand and are not touched.
No line names a person; the log's addresses and domain are those reserved for documentation
(RFC 5737, RFC 3849, RFC 2606).
"""

import random
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

# --- market_town.txt: prose for counting words -----------------------------------------------

MONTHS = [
    ("January", "winter", ["snow", "hard frost", "a grey sky", "a bitter north wind"]),
    ("February", "winter", ["sleet", "thin ice", "a pale sun", "a cold east wind"]),
    ("March", "spring", ["blustery rain", "high cloud", "a drying wind", "late frost"]),
    ("April", "spring", ["bright showers", "a rainbow", "soft rain", "a mild west wind"]),
    ("May", "spring", ["warm sun", "heavy dew", "a light breeze", "a sudden hailstorm"]),
    ("June", "summer", ["long clear evenings", "warm rain", "thunder", "a steady sun"]),
    ("July", "summer", ["great heat", "a dry wind", "distant thunder", "a white haze"]),
    ("August", "summer", ["dusty heat", "a heavy storm", "warm nights", "a yellow moon"]),
    ("September", "autumn", ["morning mist", "gold light", "a soft wind", "quiet rain"]),
    ("October", "autumn", ["falling leaves", "a wild gale", "low sun", "cold rain"]),
    ("November", "autumn", ["thick fog", "steady rain", "an early dusk", "the first frost"]),
    ("December", "winter", ["a thin snow", "a red sunset", "black ice", "a still cold night"]),
]
TRADES = {
    "baker": ["rye loaves", "seed cakes", "barley bread", "honey buns"],
    "cooper": ["oak barrels", "wash tubs", "butter churns", "cider casks"],
    "weaver": ["wool blankets", "linen sheets", "striped cloth", "warm shawls"],
    "potter": ["brown jugs", "salt jars", "glazed bowls", "flower pots"],
    "smith": ["iron hinges", "plough blades", "horseshoes", "garden gates"],
    "miller": ["white flour", "oat meal", "bran", "barley meal"],
    "chandler": ["tallow candles", "beeswax", "lamp oil", "plain soap"],
    "carpenter": ["oak chairs", "ladders", "cart wheels", "window frames"],
}
PLACES = [
    "by the stone bridge",
    "in the market square",
    "under the clock tower",
    "along the mill stream",
    "beside the corn hall",
    "at the north gate",
    "near the old quay",
    "behind the bath house",
]
ANIMALS = ["sheep", "geese", "oxen", "hens", "goats", "ponies"]
NUMBERS = ["two", "three", "five", "seven", "nine", "a dozen", "twenty", "forty"]
SENTENCES = [
    "{Weather} came over the town, and the {trade} sold {goods} {place}.",
    "The {trade} set out {goods} {place}, and {number} were gone before noon.",
    "{Number} {animals} were driven over the bridge, and the bridge keeper took the toll.",
    "In the {season} the {trade} and the {trade2} share one stall {place}.",
    "The river rose with {weather}, but the mill stream kept within its banks.",
    "After {weather} the road to the hills was closed, and no {goods} came to the market.",
    "The clock in the tower struck late, so the market opened late, and nobody minded.",
    "{Number} boats tied up at the quay with {goods} for the {trade}.",
    "The price of {goods} fell by half, and the price of {goods2} rose.",
    "The {trade} paid the {trade2} in {goods}, as is the custom in the {season}.",
    "Children fed the {animals} {place} and were given honey buns.",
    "The town band played {place} until {weather} sent everyone home.",
    "At the corn hall the scales were tested, and the scales were found to be true.",
    "{Weather} again; the {animals} stayed in the fold and the {trade} stayed indoors.",
    "The bridge was mended with oak, and the {trade} gave {number} days of work.",
]


def market_town(seed: int = 1, sentences_a_month: int = 30) -> str:
    """A chapter for each month; every sentence is one of SENTENCES with its gaps filled."""
    rng = random.Random(seed)
    lines = ["A YEAR IN THE MARKET TOWN", ""]
    for month, season, weathers in MONTHS:
        text = [f"This is what was written down in {month}."]
        for _ in range(sentences_a_month):
            trade, trade2 = rng.sample(sorted(TRADES), 2)
            goods, goods2 = rng.sample(TRADES[trade], 2)
            weather, number = rng.choice(weathers), rng.choice(NUMBERS)
            text.append(
                rng.choice(SENTENCES).format(
                    season=season,
                    weather=weather,
                    Weather=weather.capitalize(),
                    trade=trade,
                    trade2=trade2,
                    goods=goods,
                    goods2=goods2,
                    place=rng.choice(PLACES),
                    animals=rng.choice(ANIMALS),
                    number=number,
                    Number=number.capitalize(),
                )
            )
        lines += [month.upper(), "", *textwrap.wrap(" ".join(text), width=78), ""]
    return "\n".join(lines)


# --- access.log: a web server's log in the Combined Log Format -------------------------------

PATHS = [
    ("/", 2_100),
    ("/market/stalls", 5_400),
    ("/market/prices?day=today", 3_300),
    ("/market/opening-hours", 1_200),
    ("/weather/today", 900),
    ("/weather/week", 4_100),
    ("/trades/baker", 2_600),
    ("/trades/cooper", 2_400),
    ("/images/bridge.jpg", 88_000),
    ("/images/clock-tower.jpg", 120_500),
    ("/search?q=honey+buns", 1_900),
]
STATUSES = [200] * 16 + [304] * 3 + [404] * 2 + [301, 400, 500]
AGENTS = ["ExampleBrowser/5.0 (Desktop)", "ExampleBrowser/5.0 (Phone)", "example-crawler/1.2"]
MALFORMED = [
    "",
    "-- log rotated --",
    '192.0.2.17 - - [06/May/2024:10:15:00 +0000] "GET /market/st',
    '198.51.100.4 - - [31/Bed/2024:10:15:00 +0000] "GET / HTTP/1.1" 200 2100 "-" "-"',
    '203.0.113.9 - - [07/May/2024:11:00:00 +0000] "" 400 0 "-" "-"',
    '192.0.2.80 - - [07/May/2024:12:00:00 +0000] "GET / HTTP/1.1" OK 2100 "-" "-"',
    "java.lang.IllegalStateException: log buffer full",
]


def access_log(seed: int = 2, requests: int = 600) -> str:
    """Requests over three days in May 2024, with every MALFORMED line strewn in twice."""
    rng = random.Random(seed)
    when = datetime(2024, 5, 6, 6, 0, tzinfo=UTC)
    lines = []
    for _ in range(requests):
        when += timedelta(seconds=rng.randrange(5, 720))
        network = rng.choice(["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8::"])
        path, size = rng.choice(PATHS)
        status = rng.choice(STATUSES)
        sent = {304: "-", 301: "0", 400: "0", 404: "512", 500: "-"}.get(status) or str(size)
        referer = rng.choice(["-", "https://www.example.org/", "https://town.example.com/map"])
        lines.append(
            f"{network}{rng.randrange(1, 40)} - - "
            f'[{when:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1" {status} {sent} '
            f'"{referer}" "{rng.choice(AGENTS)}"'
        )
    for broken in MALFORMED * 2:
        lines.insert(rng.randrange(len(lines)), broken)
    return "\n".join(lines) + "\n"


# --- links.txt: "page page" lines, a small web -----------------------------------------------

PAGES = ["home", "market", "prices", "stalls", "weather", "river", "bridge", "clock-tower"]
PAGES += ["trades", "baker", "cooper", "weaver", "map", "news", "archive"]


def links(seed: int = 3) -> str:
    """Each page links to home and one to four others; old-home has no link in, archive only one."""
    rng = random.Random(seed)
    found = {("news", "archive"), ("archive", "news"), ("old-home", "home")}
    for page in PAGES:
        targets = rng.sample(PAGES[1:-1], rng.randrange(1, 5))
        found |= {(page, target) for target in [*targets, "home"] if target != page}
    return "".join(f"{source} {target}\n" for source, target in sorted(found))


# --- points.txt: "x y" lines around three centres --------------------------------------------

CENTRES = [(0.0, 0.0), (6.0, 1.0), (2.0, 7.0)]


def points(seed: int = 4, points_a_centre: int = 100) -> str:
    """Points scattered around CENTRES, shuffled; three decimals are all that is kept."""
    rng = random.Random(seed)
    found = [
        f"{rng.gauss(x, 1.0):.3f} {rng.gauss(y, 1.0):.3f}\n"
        for x, y in CENTRES
        for _ in range(points_a_centre)
    ]
    rng.shuffle(found)
    return "".join(found)


FILES = {
    "market_town.txt": market_town,
    "access.log": access_log,
    "links.txt": links,
    "points.txt": points,
}


def main(directory: Path) -> None:
    for name, text in FILES.items():
        (directory / name).write_bytes(text().encode("utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
