"""Classes that hand in: names of people, ways in which platforms and people lay files out, and what is around them."""

import random

ASSIGNMENT = "03_momentum"
ORDINARY = ["anna", "ben", "Carla Example", "D. Müller", "eve_long-name", "O'Neil, Fiona", "gül", "Hanna-Lena Meyer"]
FOREIGN = [
    "王小明",
    "王小红",
    "Ольга Иванова",
    "محمد علي",
    "ישראל ישראלי",
    "Zoë",
    "İrem",
    "Nguyễn Thị Hà",
    "José Á.",
    "ß",
]
EMOJI = ["🦊", "🐻‍❄️", "👩‍👩‍👧", "anna 🙂"]
NUMBERED = [f"group-{i}" for i in range(1, 5)] + [f"student-{i:02}" for i in range(1, 13)] + ["team_3", "s1", "pair 2"]
NUMBERS = ["4711", "0815", "1234567", "20261102", "17", "7"]
DATES = ["2026-11-02", "2026-11-03", "2026-11-02 14-30-00", "02.11.2026"]
ODD = [
    "Copy",
    "Anna Copy",
    "con",
    "NUL",
    "aux",
    "a.b.c",
    "final_anna",
    "x (y)",
    "anna=1",
    "-rf",
    "a'b",
    'a"b',
    "<b>",
    "%s",
    "$HOME",
]
LOOK_ALIKE = ["Bob", "bob", "bob ", "Zoe\u0308", "Zoë", "ｂｏｂ", "b\u043eb"]
NAMESAKES = ["Alex Example"] * 3
LONG = ["x" * 110 + "a", "x" * 110 + "b", "x" * 180 + "a", "x" * 180 + "b"]
POOLS = [ORDINARY, FOREIGN, EMOJI, NUMBERED, NUMBERS, DATES, ODD, LOOK_ALIKE, LONG]


def some_names(rng, count):
    """Different names, most of one kind, as in a class."""
    first, second = rng.sample(POOLS, 2)
    names = dict.fromkeys(rng.sample(first, min(count, len(first))) + rng.sample(second, 1))
    return list(names)[:count] if len(names) >= 2 else [*names, "anna"]


def flat(names, rng):
    return [[f"{name}.ipynb"] for name in names]


def with_assignment(names, rng):
    form = rng.choice(["03_momentum_{}", "{}_03_momentum", "03_momentum-{}", "{}-03-momentum", "{} 03_momentum"])
    return [[f"{form.format(name)}.ipynb"] for name in names]


def google(names, rng):
    form = rng.choice(["03_momentum - {}", "{} - 03_momentum", "Copy of 03_momentum - {}", "Homework 3 - {}"])
    return [[f"{form.format(name)}.ipynb"] for name in names]


def folders(names, rng):
    return [[f"{name}/03_momentum.ipynb"] for name in names]


def deep_folders(names, rng):
    return [[f"{name}/mine/03_momentum.ipynb", f"{name}/mine/scratch.ipynb", f"{name}/data/x.csv"] for name in names]


def zips(names, rng):
    return [[f"{name}.zip/03_momentum.ipynb"] for name in names]


def own_names(names, rng):
    return [[f"{name}/{name}_momentum.ipynb"] for name in names]


def mixed(names, rng):
    ways = ["{}/03_momentum.ipynb", "{}.zip/x/03_momentum.ipynb", "{}.ipynb"]
    return [[rng.choice(ways[: 2 + (i > 0)]).format(name)] for i, name in enumerate(names)]


def canvas(names, rng):
    users = rng.sample(range(1, 99999), len(names))
    files = iter(rng.sample(range(100000, 999999), 2 * len(names)))
    marks = [rng.choice(["", "_LATE"]) for _ in names]
    plain = ["".join(sign for sign in name.lower() if sign.isalnum()) or "x" for name in names]
    rows = zip(plain, marks, users, strict=True)
    return [
        [f"{n}{late}_{u}_{next(files)}_03_momentum-{i}.ipynb" for i in range(rng.choice([1, 1, 2]))]
        for n, late, u in rows
    ]


def moodle(names, rng):
    users = rng.sample(range(1, 9999999), len(names))
    plain = [name.replace("_", " ") for name in names]
    form = rng.choice(
        ["{}_{}_assignsubmission_file_/03_momentum.ipynb", "{}_{}_assignsubmission_file_03_momentum.ipynb"]
    )
    return [[form.format(name, user)] for name, user in zip(plain, users, strict=True)]


def _attempts(rng):
    days = sorted(rng.sample(range(1, 29), rng.choice([1, 1, 2, 7])))
    return [(day, rng.choice(["03_momentum", "final - copy", "x_ben_attempt_2026-11-01-10-00-00_y"])) for day in days]


def blackboard(names, rng):
    logins = rng.sample(["aexa", "s_1", "s_10", "a_exa", "b_exa", "Group 1", "4711", "anna@x.org", "x"], len(names))
    title = rng.choice(["03 Momentum", "HW_3", "Aufgabe", "03_momentum"])
    form = title + "_{}_attempt_2026-11-{:02}-10-00-00{}"
    return [
        [form.format(login, day, end) for day, stem in _attempts(rng) for end in (f"_{stem}.ipynb", ".txt")]
        for login in logins
    ]


def _short(name):
    """A name that leaves room for a date and a title in the 255 bytes of a file's name."""
    return name.encode("utf-8", "ignore")[:120].decode("utf-8", "ignore").strip() or "x"


def brightspace(names, rng):
    users = rng.sample(range(1, 99999), len(names))
    form = rng.choice(["{}-99 - {} - Nov {}, 2026 1159 PM", "{}-99 - {} - {} novembre, 2026 2359"])
    end = rng.choice([" - {}.ipynb", "/{}.ipynb"])
    return [
        [form.format(user, name, day) + end.format(stem) for day, stem in _attempts(rng)]
        for user, name in zip(users, (_short(name.replace("/", "").replace("- ", "")) for name in names), strict=True)
    ]


def exchange(names, rng):
    logins = rng.sample(["anna", "ben", "s_1", "4711", "carl-x", "d.e", "x+y", "eve"], len(names))
    return [
        [f"{login}+03_momentum+2026-11-{day:02} 10:00:00 UTC/03_momentum.ipynb" for day, _ in _attempts(rng)]
        for login in (login.replace("+", "") for login in logins)
    ]


def gradescope(names, rng):
    return [[f"submission_{n}/03_momentum.ipynb"] for n in rng.sample(range(1, 10**8), len(names))]


def github(names, rng):
    logins = [f"user-{rng.randrange(1000)}-{i}" if i % 2 else f"ann{i}" for i in range(len(names))]
    room = ["notebooks/03_momentum.ipynb", "exercises/03_momentum.ipynb", "exercises/02_sgd_noise.ipynb"]
    return [[f"03-momentum-{login}/{place}" for place in room] for login in logins]


def nbgrader(names, rng):
    return [
        [f"submitted/{name}/03_momentum/03_momentum.ipynb", f"submitted/{name}/03_momentum/timestamp.txt"]
        for name in names
    ]


def inside_nbgrader(names, rng):
    return [[place.removeprefix("submitted/") for place in places] for places in nbgrader(names, rng)]


def dated(names, rng):
    return [[f"2026-11-{day:02}/03_momentum.ipynb"] for day in rng.sample(range(1, 31), len(names))]


def numbered(names, rng):
    word = rng.choice(["submission-", "group-", "Gruppe ", "team_", "student", ""])
    return [[f"{word}{number}/03_momentum.ipynb"] for number in rng.sample(range(1, 200), len(names))]


def numbered_files(names, rng):
    word = rng.choice(["group-", "student-", "team_", "Gruppe ", "s", "4"])
    return [[f"{word}{number}.ipynb"] for number in rng.sample(range(1, 200), len(names))]


def weeks(names, rng):
    return [[f"week3/03_{name}.ipynb"] + [f"week2/02_{name}.ipynb"] * (i % 2) for i, name in enumerate(names)]


def week_folders(names, rng):
    return [[f"week {rng.choice([2, 3]) if i else 2}/{name}/a.ipynb"] for i, name in enumerate(names)]


BY_NAME = [flat, with_assignment, google, folders, deep_folders, zips, own_names, mixed, nbgrader, inside_nbgrader]
BY_NUMBER = [canvas, moodle, gradescope, blackboard, brightspace, exchange, github, dated, numbered, numbered_files]
AROUND = ["", "submissions/", "class.zip/", "export 2026/CS-101/", "class.zip/submissions/", "abgaben/03_momentum/"]
NOISE = {
    moodle: ["grades.csv"],
    gradescope: ["submission_metadata.yml"],
    brightspace: ["index.html"],
    nbgrader: ["source/03_momentum/03_momentum.ipynb", "gradebook.db"],
    folders: [".DS_Store", "README.md", "students.csv"],
    flat: ["__MACOSX/._anna.ipynb", ".ipynb_checkpoints/anna-checkpoint.ipynb", "README.md"],
}


def handed_in(layout, names, rng, around=""):
    """``(places, {place: number of the person})``; the places hold what is nobody's, too."""
    people = layout(names, rng)
    owner = {around + place: number for number, places in enumerate(people) for place in places}
    places = list(owner) + [around + place for place in NOISE.get(layout, [])]
    rng.shuffle(places)
    return places, owner


def seeded(*what):
    return random.Random(repr(what))


# --- A way of handing in, put together from parts ----------------------------------------------------------

CALLED = [
    ["anna", "ben", "Carla Example", "D. Müller", "eve_long-name", "O'Neil, Fiona", "gül", "Hanna-Lena Meyer", "Jo"],
    [str(1_000_000 + 7919 * i) for i in range(9)],
    ["3", "17", "101", "250", "404", "7", "88", "512", "64"],
    ["anna.b@uni.example", "ben@uni.example", "c.d@x.example", "eve@y.example", "f@z.example", "g_h@uni.example"],
    ["s1234567", "s7654321", "ab123", "cd456", "ef789", "gh012", "ij345", "kl678", "mn901"],
    ["anna_1234567", "ben_2345678", "carl_3456789", "dora_4567890", "eve_5678901", "fay_6789012"],
]
FILES = [
    *["{}.ipynb", "03_momentum_{}.ipynb", "{}_03_momentum.ipynb", "03-momentum {}.ipynb", "HW3_{}.ipynb"],
    *["hw03-{}.ipynb", "Assignment 3 - {}.ipynb", "{} (1).ipynb", "momentum_{}_final.ipynb", "{}-submission.ipynb"],
]
FOLDERS = [
    *["{0}/03_momentum.ipynb", "{0}/{0}.ipynb", "{0}/submission.ipynb", "{0}/notebooks/03_momentum.ipynb"],
    *["{0}.zip/03_momentum.ipynb", "{0}.zip/{0}/03_momentum.ipynb", "{0}/exercises/03_momentum.ipynb"],
    *["{0}/Untitled.ipynb", "{0}/hw3/solution.ipynb", "HW3_{0}/solution.ipynb"],
]
BESIDE = ["data/x.csv", "report.pdf", "scratch.ipynb", "02_sgd_noise.ipynb", ".ipynb_checkpoints/a-checkpoint.ipynb"]
WRAPPERS = ["", "submissions/", "class.zip/", "export/2026/", "Kurs SS26/", "all/", "HW3/", "in.zip/submissions/"]
IN_GROUPS = [
    *[(), (), (), ("group-1", "group-2"), ("Tutorial A", "Tutorial B", "Tutorial C"), ("mon", "tue")],
    *[("ta_smith", "ta_jones"), ("Lab 1", "Lab 2"), ("g1.zip", "g2.zip"), ("week 3",), ("late", "on time"), ("A", "B")],
]


def composed(rng):
    """``{place: number of the person}`` of some people, in some form, around and in some groups."""
    names = rng.choice(CALLED)
    form, around, groups = rng.choice(FILES + FOLDERS), rng.choice(WRAPPERS), rng.choice(IN_GROUPS)
    owner = {}
    for number, name in enumerate(rng.sample(names, rng.randint(2, len(names)))):
        group = f"{groups[number % len(groups)]}/" if groups else ""
        place = around + group + form.format(name)
        owner[place] = number
        if form in FOLDERS and rng.random() < 0.3:
            owner[f"{place.rpartition('/')[0]}/{rng.choice(BESIDE)}"] = number
    return owner
