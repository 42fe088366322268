"""Each file reaches the standard headers whose names it uses.

The developers' builds precompile these headers for every file, so they cannot notice one that is
missing; the release build, which precompiles nothing, would stop there."""

import functools
import re

from source import Finding

# Patterns of names by the headers of which one must be reached.
_USES = [
    ("algorithm", r"std::(?:ranges::)?(?:(?:stable_)?sort|partial_sort|nth_element|min|max|minmax"
     r"|clamp|(?:min|max|minmax)_element|find|find_if|find_if_not|find_end|search|count|count_if"
     r"|copy|copy_n|copy_if|copy_backward|fill|fill_n|transform|replace|reverse|rotate|shuffle"
     r"|unique|remove|remove_if|lower_bound|upper_bound|equal_range|binary_search|all_of|any_of"
     r"|none_of|for_each|equal|mismatch|is_sorted|includes|set_union|set_intersection"
     r"|set_difference|merge|push_heap|pop_heap|make_heap|sort_heap|generate|starts_with|ends_with"
     r"|contains|lexicographical_compare|partition|stable_partition|swap_ranges)\("),
    ("array", r"std::array<"),
    ("charconv", r"std::(?:from|to)_chars\("),
    ("chrono", r"std::chrono::"),
    ("cmath", r"std::(?:sqrt|exp|log|log2|log10|pow|fabs|floor|ceil|round|lround|llround|isnan"
     r"|isfinite|isinf|fmod|sin|cos|tanh|erf|ldexp|hypot|nextafter|nearbyint|lrint)\("),
    ("expected", r"std::(?:un)?expected\b"),
    ("filesystem", r"std::filesystem::"),
    ("functional", r"std::function<"),
    ("map", r"std::(?:multi)?map<"),
    ("memory", r"std::(?:unique_ptr|shared_ptr|weak_ptr)<|std::make_(?:unique|shared)\b"),
    ("optional", r"std::optional<|std::nullopt\b"),
    ("set", r"std::(?:multi)?set<"),
    ("span", r"std::span<|std::span\(|std::as_(?:writable_)?bytes\("),
    ("string", r"std::string\b|std::to_string\("),
    ("string string_view", r"std::string_view\b"),
    ("unordered_map", r"std::unordered_map<"),
    ("vector", r"std::vector\b"),
    ("fmt/format.h fmt/compile.h fmt/ranges.h", r"\bfmt::"),
]
USES = [(tuple(headers.split()), re.compile(pattern)) for headers, pattern in _USES]


def check(tree):
    return [
        Finding(file.path, line, "include", f"{name.rstrip('(<')} needs #include <{headers[0]}>")
        for file in tree
        if file.suffix == ".cpp"
        for headers, line, name in _missing(file, tree)
    ]


def _missing(file, tree):
    reached = _reached(file.path, tree)
    for headers, pattern in USES:
        found = pattern.search(file.code)
        if found and not reached & set(headers):
            yield headers, file.line_of(found.start(), file.code), found[0]


def _reached(path, tree):
    """The angle-bracket headers that a file includes itself or through files of this tree."""
    seen, todo, reached = set(), [path], set()
    while todo:
        for kind, name in _direct(todo.pop(), tree):
            if kind == "angle":
                reached.add(name)
            elif name not in seen:
                seen.add(name)
                todo.append(name)
    return reached


@functools.lru_cache(maxsize=None)
def _direct(path, tree):
    """(kind, name) of what a file includes; a quoted name is a path in the tree."""
    for candidate in (path, "src/" + path, "tests/" + path):
        if candidate in tree:
            return [(kind, name) for _, kind, name in tree[candidate].includes]
    return []
