"""The tree as the rules see it: files read once, C++ with comments and strings blanked."""

import dataclasses
import fnmatch
import functools
import os
import pathlib
import re

CPP = {".h", ".inl", ".cpp"}
CODE = CPP | {".py", ".sh", ".cmake", ".c", ".ts", ".svelte"}

# One token that is not code: a comment, a raw string, a string or a character literal. The
# look-behind keeps the separators of 1'000'000 apart from characters.
_NOT_CODE = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)"""
    r"""|(?P<raw>R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")"""
    r"""|(?P<string>"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<char>(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:\\.|[^'\\\n])+')""",
    re.DOTALL,
)


_TEST_NAME = re.compile(r"_(test|fuzz|fixture)\.(cpp|h)$")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int  # from 1; 0 is the file as a whole
    rule: str
    message: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message} [{self.rule}]"


def _spaces(text):
    return "".join("\n" if c == "\n" else " " for c in text)


class File:
    """One file of the tree; every view of it is computed at most once."""

    def __init__(self, root, path):
        self.path = path  # relative, with forward slashes
        self.size = os.path.getsize(os.path.join(root, path))
        self._root = root

    @functools.cached_property
    def data(self):
        with open(os.path.join(self._root, self.path), "rb") as handle:
            return handle.read()

    @functools.cached_property
    def text(self):
        """The file as text; None for a binary one."""
        if b"\0" in self.data[:8192]:
            return None
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    @functools.cached_property
    def lines(self):
        return [] if self.text is None else self.text.split("\n")

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    @property
    def folder(self):
        return self.path.rpartition("/")[0]

    @property
    def suffix(self):
        return pathlib.PurePosixPath(self.path).suffix

    @property
    def is_cpp(self):
        return self.suffix in CPP

    @property
    def is_header(self):
        return self.suffix == ".h"

    @property
    def is_cmake(self):
        return self.name == "CMakeLists.txt" or self.suffix == ".cmake"

    @property
    def is_shell(self):
        first = self.lines[0] if self.lines else ""
        return self.suffix == ".sh" or (
            not self.suffix and first.startswith("#!") and "sh" in first
        )

    @property
    def is_code(self):
        return self.suffix in CODE or self.is_cmake or self.is_shell

    @property
    def is_test(self):
        """A file that only the tests compile."""
        return self.path.startswith("tests/") or bool(_TEST_NAME.search(self.name))

    @functools.cached_property
    def without_comments(self):
        return _NOT_CODE.sub(lambda m: _spaces(m[0]) if m["comment"] else m[0], self.text)

    @functools.cached_property
    def code(self):
        """C++ without comments, strings and characters; CMake and shell without comments."""
        if self.is_cpp:
            return _NOT_CODE.sub(lambda m: _spaces(m[0]), self.text)
        if self.is_cmake or self.is_shell:
            return "\n".join(re.sub(r"(^|\s)#.*", r"\1", line) for line in self.lines)
        return self.text

    @functools.cached_property
    def code_lines(self):
        return self.code.split("\n")

    @functools.cached_property
    def includes(self):
        """(line, "quoted" or "angle", name) of each #include."""
        pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
        return [
            (
                self.line_of(m.start(), self.without_comments),
                "quoted" if m[1] else "angle",
                m[1] or m[2],
            )
            for m in pattern.finditer(self.without_comments)
        ]

    @staticmethod
    def line_of(offset, text):
        return text.count("\n", 0, offset) + 1


class Tree:
    """All files below `root` but those that .gitignore leaves out."""

    def __init__(self, root):
        self.root = str(root)
        ignored = self._ignored_names()
        self.files = {}
        for folder, folders, names in os.walk(self.root):
            relative = os.path.relpath(folder, self.root).replace(os.sep, "/")
            prefix = "" if relative == "." else relative + "/"
            folders[:] = sorted(d for d in folders if not self._matches(prefix + d, d, ignored))
            for name in sorted(names):
                path = prefix + name
                full = os.path.join(folder, name)
                if not self._matches(path, name, ignored) and not os.path.islink(full):
                    self.files[path] = File(self.root, path)

    def __iter__(self):
        return iter(self.files.values())

    def __contains__(self, path):
        return path in self.files

    def __getitem__(self, path):
        return self.files[path]

    @property
    def texts(self):
        return [f for f in self if f.text is not None]

    def _ignored_names(self):
        """The plain patterns of .gitignore: `name`, `*.end`, `/name/`."""
        patterns = [".git"]
        path = os.path.join(self.root, ".gitignore")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as handle:
                patterns += [
                    line.strip() for line in handle if line.strip() and line[0] not in "#!"
                ]
        return patterns

    @staticmethod
    def _matches(path, name, patterns):
        for pattern in patterns:
            rooted = pattern.startswith("/")
            if fnmatch.fnmatch(path if rooted else name, pattern.strip("/")):
                return True
        return False
