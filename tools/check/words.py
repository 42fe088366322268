"""Banned words, each with its replacement, and where it is banned."""

import re

from source import Finding


class Word:
    """`pattern` must not occur in the code (comments and strings aside) of files in `where`.

    `unless` excuses lines that match it."""

    def __init__(self, rule, pattern, instead, where, unless=None):
        self.rule = rule
        self.pattern = re.compile(pattern, re.MULTILINE)
        self.instead = instead
        self.where = where
        self.unless = re.compile(unless) if unless else None


def _cpp(file):
    return file.is_cpp


def _library(file):
    """What ends up in a library: neither a program nor a test."""
    return file.is_cpp and file.path.startswith("src/") and not file.is_test


def _shipped(file):
    return file.is_cpp and not file.is_test


def _outside_base(file):
    return file.is_cpp and not file.path.startswith("src/base/")


def _pure(file):
    """Folders that a seed must replay bit for bit."""
    return (
        _library(file) and re.match(r"src/(kernel|ledger|privacy/secagg)\b", file.path) is not None
    )


def _money(file):
    return _library(file) and re.match(r"src/(ledger|economy)/", file.path) is not None


def _test(file):
    return file.is_cpp and file.is_test


def _build(file):
    return file.is_cmake or file.name == "CMakePresets.json" or file.is_shell


WORDS = [
    Word(
        "new",
        r"\bnew\b(?=\s*[\w:(<])",
        "a value, std::make_unique or a container",
        _cpp,
        # make_unique cannot reach a private constructor; the owner takes it at once.
        unless=r"\bunique_ptr<[^;]*>[^;({]*[({]\s*new\b",
    ),
    Word("delete", r"(?<!=)(?<!= )\bdelete\b", "a value, std::unique_ptr or a container", _cpp),
    Word("malloc", r"(?<![.>\w])(malloc|calloc|realloc|free|strdup)\s*\(", "a container", _cpp),
    Word("throw", r"\bthrow\b", "return fail(...): errors are values", _cpp),
    Word("using-namespace", r"\busing\s+namespace\b", "the names themselves", _cpp),
    Word("goto", r"\bgoto\b", "a function and an early return", _cpp),
    Word("assert", r"\bassert\s*\(|<cassert>|<assert\.h>", "CHECK (base/check.h)", _cpp),
    Word(
        "printf",
        r"(?<![.>\w])(v?f?printf|v?sn?printf|puts|fputs|putchar|fputc)\s*\(",
        "a returned value, or fmt::format_to",
        _library,
    ),
    Word(
        "iostream",
        r"<iostream>|\bstd::(cout|cerr|clog|endl)\b",
        "fmt::print in apps, return values elsewhere",
        _cpp,
    ),
    Word("regex", r"\bstd::w?regex\b|<regex>", "a hand-written scanner, or PCRE2 in text/", _cpp),
    Word("not-in-gcc-12", r"<(format|print|mdspan|generator|stacktrace)>", "fmt, View", _cpp),
    Word(
        "rand",
        r"(?<![.>\w])(s?rand|rand_r|drand48|random)\s*\("
        r"|\bstd::(random_device|mt19937(_64)?|default_random_engine)\b",
        "base/rng.h, seeded by the caller",
        _outside_base,
    ),
    Word(
        "system-clock",
        r"\bsystem_clock\b|\bgettimeofday\b|(?<![.>\w])time\s*\(\s*(NULL|nullptr|0)\s*\)",
        "std::chrono::steady_clock, or a clock that the caller passes",
        _outside_base,
    ),
    Word(
        "abort",
        r"(?<![.>\w])(abort|exit|quick_exit|terminate)\s*\(",
        "fail(...) for input, CHECK for bugs",
        _library,
    ),
    Word("getenv", r"\b(secure_)?getenv\s*\(", "an option that the program passes in", _library),
    Word(
        "shell",
        r"\bstd::system\s*\(|(?<![\w>])::system\s*\(|\bpopen\s*\(",
        "posix_spawn with an argument list",
        _cpp,
    ),
    Word(
        "c-strings",
        r"\b(strcpy|strcat|strtok|gets|atoi|atol|atof|sscanf|strto(l|ul|ll|ull|d|f))\s*\(",
        "std::string and std::from_chars",
        _cpp,
    ),
    Word(
        "stoi",
        r"\bstd::sto(i|l|ul|ll|ull|f|d|ld)\b",
        "std::from_chars: it does not throw",
        _shipped,
    ),
    Word(
        "async",
        r"\bstd::async\b|\.detach\s*\(\s*\)",
        "base/thread_pool.h, or a thread that is joined",
        _cpp,
    ),
    Word(
        "openmp",
        r"#\s*pragma\s+omp\b|<omp\.h>|-fopenmp",
        "base/thread_pool.h",
        lambda f: _cpp(f) or _build(f),
    ),
    Word(
        "fast-math",
        r"-ffast-math|-Ofast|-funsafe-math|-fassociative-math|#\s*pragma\s+GCC\s+optimize",
        "a written order of sums",
        lambda f: _cpp(f) or _build(f),
    ),
    Word(
        "cpu-flags",
        r"(?<![\w-])-m(arch|tune|cpu|avx|fma|sse|f16c|bmi|amx)[\w.=-]*",
        "target regions in the code and run-time dispatch",
        _build,
    ),
    Word("glob", r"\bfile\s*\(\s*GLOB", "the files by name", lambda f: f.is_cmake),
    Word(
        "pure",
        r"<(chrono|random|thread|mutex|future|fstream|filesystem|ctime)>|\bsteady_clock\b",
        "what the caller passes in: this folder replays bit for bit",
        _pure,
    ),
    Word("float-money", r"\b(float|double)\b", "integers (micro-credits)", _money),
    Word(
        "sleep",
        r"(?<![.>\w])(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(",
        "a condition that is waited for",
        _test,
        unless=r"\b(while|for)\s*\(",
    ),
]

# In comments and documents too. Put together here, so that this file does not find itself.
MARKS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(work|home|root|Users)/(?=[\w.])")


def check(tree):
    for file in tree.texts:
        for word in WORDS:
            if word.where(file):
                yield from _find(file, word)
        for number, line in enumerate(file.lines, 1):
            if match := MARKS.search(line):
                yield Finding(file.path, number, "marks", f"'{match[0]}': do it, or open an issue")
            if match := MACHINE_PATH.search(line):
                yield Finding(
                    file.path, number, "machine-path", f"'{match[0]}…' exists on one machine only"
                )


def _find(file, word):
    for match in word.pattern.finditer(file.code):
        line = file.line_of(match.start(), file.code)
        if word.unless and word.unless.search(file.code_lines[line - 1]):
            continue
        yield Finding(file.path, line, word.rule, f"'{match[0].strip()}': use {word.instead}")
