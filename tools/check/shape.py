"""Sizes and looks: lines, files, functions, the first line, characters that hide something."""

import ast
import re
import unicodedata

from source import Finding

COLUMNS_MAX = 100
FILE_LINES_MAX = 600
HEADER_LINES_MAX = 200
FUNCTION_LINES_MAX = 70

# Signs that reorder or hide text in a review.
_HIDING = {
    0x00A0,
    0x200B,
    0x200E,
    0x200F,
    0x2060,
    0xFEFF,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f" + "".join(map(chr, sorted(_HIDING))) + "]")


def check(tree):
    for file in tree.texts:
        yield from _check_characters(file)
        if file.is_code:
            yield from _check_lengths(file)
            yield from _check_first_line(file)
        if file.is_cpp:
            yield from _check_header_guard(file)
            yield from _check_cpp_functions(file)
        elif file.suffix == ".py":
            yield from _check_python_functions(file)


def _check_characters(file):
    for number, line in enumerate(file.lines, 1):
        if match := _CONTROL.search(line):
            name = unicodedata.name(match[0], "control character")
            yield Finding(
                file.path, number, "characters", f"hidden U+{ord(match[0]):04X} ({name.lower()})"
            )
        if file.is_code or file.suffix == ".md":
            if "\t" in line:
                yield Finding(file.path, number, "characters", "tab: use spaces")
            if line != line.rstrip():
                yield Finding(file.path, number, "characters", "space at the end of the line")
    if file.is_code and file.text and (not file.text.endswith("\n") or file.text.endswith("\n\n")):
        yield Finding(
            file.path, len(file.lines), "characters", "a file ends with exactly one newline"
        )


def _check_lengths(file):
    limit, kind = (HEADER_LINES_MAX, "header") if file.is_header else (FILE_LINES_MAX, "file")
    count = file.text.count("\n")
    if count > limit:
        yield Finding(file.path, 0, "file-length", f"a {kind} of {count} lines; at most {limit}")
    for number, line in enumerate(file.lines, 1):
        if len(line) > COLUMNS_MAX and not re.search(r"https?://\S{60}", line):
            yield Finding(
                file.path, number, "columns", f"{len(line)} columns; at most {COLUMNS_MAX}"
            )


def _check_first_line(file):
    # A library's list of sources is explained by plmm_library.
    if file.name == "CMakeLists.txt" and file.path != "CMakeLists.txt" or not file.text:
        return
    lines = file.lines[1:] if file.lines[0].startswith("#!") else file.lines
    first = lines[0] if lines else ""
    # A comment of at least two words, and not a copyright.
    start = {".py": r'("""|# )', ".svelte": r"<!-- "}.get(
        file.suffix, r"# " if _hash_comments(file) else r"//[/!]? "
    )
    if not re.match(start + r"\S+ \S+", first) or re.search(
        r"copyright|SPDX", first, re.IGNORECASE
    ):
        yield Finding(
            file.path, 1, "first-line", "the first line is a comment that says what the file is for"
        )


def _hash_comments(file):
    return file.is_cmake or file.is_shell


def _check_header_guard(file):
    if (
        file.is_header
        and not re.search(r"^#pragma once$", file.text, re.MULTILINE)
        and not _is_c_header(file)
    ):
        yield Finding(file.path, 1, "pragma-once", "a header says #pragma once")


def _is_c_header(file):
    return file.path.startswith("include/")


def _check_python_functions(file):
    try:
        tree = ast.parse(file.text)
    except SyntaxError as error:
        yield Finding(file.path, error.lineno or 1, "syntax", f"Python cannot read it: {error.msg}")
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield _too_long(file, node.lineno, node.name, lines)


def _check_cpp_functions(file):
    for name, first, last in cpp_functions(file.code):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield _too_long(file, first, name, last - first + 1)


def _too_long(file, line, name, count):
    return Finding(
        file.path,
        line,
        "function-length",
        f"'{name}' has {count} lines; at most {FUNCTION_LINES_MAX}",
    )


def _without_preprocessor(code):
    """Directives could open a brace twice; blank them, line continuations too."""
    return re.sub(
        r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
        lambda m: re.sub(r"[^\n]", " ", m[0]),
        code,
        flags=re.MULTILINE,
    )


_CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|concept)\b|\bextern\s*$")
_ATTRIBUTE = re.compile(
    r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)|alignas\s*\([^()]*\)|\[\[[^\]]*\]\]"
)
_INITIALISER_LIST = re.compile(r"\)\s*(noexcept\s*)?:(?!:)")
_TEST = re.compile(r"\b(TEST|TEST_F|TEST_P|TYPED_TEST)\s*\([^)]*\)")
_NAME = re.compile(r"(~?[A-Za-z_][\w:~]*|operator\s*\S{1,3})\s*\(")


def cpp_functions(code):
    """(name, first line, last line) of each function that is in no other function.

    A heuristic on braces: what stands before a `{` at namespace or class level decides what it
    opens."""
    code = _without_preprocessor(code)
    stack = []  # "scope", "function" or "value"
    head_start = 0  # where the declaration that may own the next `{` begins
    line = 1
    found = []
    opened = None
    for offset, character in enumerate(code):
        if character == "\n":
            line += 1
        elif character == ";" and "function" not in stack and "value" not in stack:
            head_start = offset + 1
        elif character == "{":
            kind = "value" if stack and stack[-1] != "scope" else _opens(code[head_start:offset])
            if kind == "function":
                opened = (_function_name(code[head_start:offset]), line)
            if kind == "scope":
                head_start = offset + 1
            stack.append(kind)
        elif character == "}" and stack:
            kind = stack.pop()
            if kind == "function":
                found.append((*opened, line))
            if kind != "value":
                head_start = offset + 1
    return found


def _opens(head):
    head = _ATTRIBUTE.sub(" ", head).strip()
    if "(" not in head:
        return "scope" if _CONTAINER.search(head) else "value"
    if re.search(r"[=,(]$|\breturn$", head):
        return "value"
    # template <class T> requires(...) struct Name {
    if re.search(r"\b(namespace|class|struct|union|enum)\b[^()]*$", head):
        return "scope"
    # Foo() : a_{1}, b_(2) {   the first brace belongs to a_, the second follows `)` or `}`.
    if _INITIALISER_LIST.search(head) and re.search(r"[\w>]$", head):
        return "value"
    return "function"


def _function_name(head):
    if match := _TEST.search(head):
        return match[0]
    match = _NAME.search(_ATTRIBUTE.sub(" ", head))
    return match[1] if match else "function"
