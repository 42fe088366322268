"""Arrows between the folders: an include is own or of a direct dependency, without circles.

Third-party headers stay in the .cpp files of the folders that wrap them."""

import re

from source import Finding

# The tiers meet in `protocol` and nowhere else.
TIERS = {"personal", "expert", "teacher", "economy"}

# Third-party headers by their first path component or name, and the folders that may include them.
# `*` is for libraries that are a vocabulary rather than a service.
THIRD_PARTY = {
    "fmt": ["*"],
    "nlohmann": [
        "catalog", "gguf", "model", "train", "protocol", "eval", "reader", "expert", "teacher",
        "api", "apps", "bench",
    ],
    "openssl": ["catalog", "crypto"],
    "sodium.h": ["crypto"],
    "sodium": ["crypto"],
    "sqlite3.h": ["store"],
    "zlib.h": ["base"],
    "curl": ["net"],
    "CLI": ["apps"],
    "spdlog": ["base"],
    "utf8proc.h": ["text"],
    "pcre2.h": ["text", "search"],
    "histedit.h": ["apps"],
    "editline": ["apps"],
    "hwy": ["kernel"],
    "tesseract": ["ocr"],
    "allheaders.h": ["ocr"],
    "turbojpeg.h": ["ocr"],
    "png.h": ["ocr"],
    "webp": ["ocr"],
    "omp.h": ["ocr"],
    "poppler": ["reader"],
}
# Only the tests see these.
TEST_ONLY = {"gtest", "gmock", "benchmark"}

# What the compiler and the operating system bring.
SYSTEM = set(
    """
    sys linux asm arpa netinet net
    cpuid.h dirent.h dlfcn.h errno.h fcntl.h glob.h grp.h langinfo.h limits.h locale.h netdb.h
    poll.h pthread.h pwd.h sched.h signal.h spawn.h stddef.h stdint.h stdio.h string.h termios.h
    time.h unistd.h wchar.h cxxabi.h execinfo.h
    immintrin.h x86intrin.h arm_neon.h arm_bf16.h arm_fp16.h arm_acle.h
    """.split()
)


class Unit:
    """What one CMakeLists.txt declares with plmm_library or plmm_program."""

    def __init__(self, folder):
        self.folder = folder  # "src/base", "apps/plmm"
        self.name = folder.split("/")[1] if folder.startswith("src/") else folder.split("/")[0]
        self.line = 1
        self.deps = {}  # name -> line
        self.test_deps = set()
        self.libraries = []  # names given to plmm_library


def parse_units(tree):
    """folder -> Unit for each CMakeLists.txt that declares a library or a program of ours."""
    units = {}
    for file in tree:
        if file.name != "CMakeLists.txt" or not re.match(r"(src|apps|bench)\b", file.path):
            continue
        for call in re.finditer(r"\bplmm_(library|program)\s*\(([^)]*)\)", file.code):
            unit = units.setdefault(file.folder, Unit(file.folder))
            keyword = None
            for word in re.finditer(r"\S+", call[2]):
                line = file.line_of(call.start(2) + word.start(), file.code)
                if re.fullmatch(
                    r"SOURCES|DEPS|PRIVATE_LIBS|TESTS|TEST_DEPS|FUZZ|[A-Z]+_?[A-Z]+", word[0]
                ):
                    keyword = word[0]
                elif keyword is None and call[1] == "library":
                    unit.libraries.append(word[0])
                    unit.line = line
                elif keyword == "DEPS":
                    unit.deps[word[0]] = line
                elif keyword == "TEST_DEPS":
                    unit.test_deps.add(word[0])
    return units


def unit_of(path, units):
    """The unit whose folder is the nearest above `path`."""
    while "/" in path:
        path = path.rpartition("/")[0]
        if path in units:
            return units[path]
    return None


def check(tree):
    units = parse_units(tree)
    yield from _check_declarations(units)
    yield from _check_circles(units)
    used = {}
    for file in tree:
        if file.is_cpp:
            yield from _check_includes(file, tree, units, used)
    yield from _check_unused(units, used)


def _check_declarations(units):
    known = {name for u in units.values() for name in u.libraries}
    for unit in units.values():
        path = unit.folder + "/CMakeLists.txt"
        for name in unit.libraries:
            if unit.folder.startswith("src/") and name != unit.name:
                yield Finding(
                    path, unit.line, "layers", f"the target '{name}' must be named as its folder"
                )
        for dep, line in unit.deps.items():
            if dep not in known:
                yield Finding(
                    path, line, "layers", f"DEPS names '{dep}', which no CMakeLists.txt declares"
                )
            elif unit.name in TIERS and dep in TIERS and dep != unit.name:
                yield Finding(
                    path,
                    line,
                    "layers",
                    f"tiers never include each other ({unit.name} -> {dep}); they meet in protocol",
                )


def _check_circles(units):
    graph = {u.name: u.deps for u in units.values() if u.folder.startswith("src/")}
    done = set()

    def walk(name, path):
        if name in path:
            return path[path.index(name) :] + [name]
        if name in done or name not in graph:
            return None
        for dep in sorted(graph[name]):
            circle = walk(dep, path + [name])
            if circle:
                return circle
        done.add(name)
        return None

    for name in sorted(graph):
        circle = walk(name, [])
        if circle:
            line = graph[circle[0]][circle[1]]
            yield Finding(
                f"src/{circle[0]}/CMakeLists.txt",
                line,
                "layers",
                "dependencies form a circle: " + " -> ".join(circle),
            )
            return


def _check_includes(file, tree, units, used):
    unit = unit_of(file.path, units)
    for line, kind, name in file.includes:
        if kind == "quoted":
            yield from _check_own(file, line, name, unit, tree, units, used)
        else:
            yield from _check_foreign(file, line, name, unit)


def _check_own(file, line, name, unit, tree, units, used):
    places = [f"src/{name}", name] + ([f"tests/{name}"] if file.is_test else [])
    places = [place for place in places if place in tree]
    if ".." in name.split("/") or not places:
        yield Finding(
            file.path,
            line,
            "layers",
            f'"{name}" is no file of this tree (paths start at src/ or at the root)',
        )
        return
    if unit is None or file.path.startswith("tests/"):
        return
    owner = unit_of(places[0], units)
    if owner is None or owner is unit:
        return
    targets = set(owner.libraries) or {owner.name}
    used.setdefault(unit.folder, set()).update(targets)
    if unit.name in TIERS and owner.name in TIERS:
        yield Finding(
            file.path,
            line,
            "layers",
            f"tiers never include each other ({unit.name} -> {owner.name})",
        )
    elif targets.isdisjoint(unit.deps) and not (file.is_test and targets & unit.test_deps):
        yield Finding(
            file.path,
            line,
            "layers",
            f"'{owner.name}' is not in the DEPS of {unit.folder}/CMakeLists.txt",
        )


def _check_foreign(file, line, name, unit):
    first = name.split("/")[0]
    if first in SYSTEM or first == name and "." not in name:
        return  # the operating system's or the standard library's
    if first in TEST_ONLY:
        if not file.is_test and not file.path.startswith("bench/"):
            yield Finding(file.path, line, "third-party", f"<{name}> is for tests only")
        return
    if first not in THIRD_PARTY:
        yield Finding(
            file.path,
            line,
            "third-party",
            f"<{name}> is a library we do not know: add it to THIRD_PARTY in tools/check/layers.py",
        )
        return
    if file.is_header:
        yield Finding(
            file.path, line, "third-party", f"<{name}>: third-party headers stay in .cpp files"
        )
    allowed = THIRD_PARTY[first]
    owner = unit.name if unit else file.path.split("/")[0]
    if "*" not in allowed and owner not in allowed and not file.is_test:
        yield Finding(
            file.path,
            line,
            "third-party",
            f"<{name}> is wrapped by {' and '.join(allowed)}; use that",
        )


def _check_unused(units, used):
    for unit in units.values():
        for dep, line in unit.deps.items():
            if dep not in used.get(unit.folder, set()) | set(unit.libraries):
                yield Finding(
                    f"{unit.folder}/CMakeLists.txt",
                    line,
                    "layers",
                    f"DEPS names '{dep}', but no file includes it",
                )
