"""Files as files: orphans, blobs, documents and their links, test data and its origin."""

import os
import re

from source import Finding

BLOB_BYTES_MAX = 1_000_000
# The surface for programs in C: a library's user includes it, we do not have to.
PUBLIC_HEADERS = "include/"


def check(tree):
    yield from _check_blobs(tree)
    yield from _check_orphan_sources(tree)
    yield from _check_orphan_headers(tree)
    yield from _check_documents(tree)
    yield from _check_testdata(tree)


def _check_blobs(tree):
    for file in tree:
        if file.size > BLOB_BYTES_MAX:
            yield Finding(
                file.path,
                0,
                "blob",
                f"{file.size} bytes; at most {BLOB_BYTES_MAX} in the repository",
            )


def _check_orphan_sources(tree):
    """Each .cpp is named by a CMakeLists.txt in its folder or above, or by a file in cmake/."""
    shared = " ".join(f.code for f in tree.texts if f.path.startswith("cmake/"))
    for file in tree:
        if file.suffix != ".cpp":
            continue
        names = set(re.findall(r"[\w./-]+", shared)) if file.path in shared else set()
        found = any(name.endswith(file.path) for name in names)
        folder = file.folder
        while folder and not found:
            cmake = folder + "/CMakeLists.txt"
            relative = file.path[len(folder) + 1 :]
            found = cmake in tree and relative in re.findall(r"[\w./-]+", tree[cmake].code)
            folder = folder.rpartition("/")[0]
        if not found:
            yield Finding(
                file.path, 0, "orphan", "no CMakeLists.txt names this file: it is never compiled"
            )


def _check_orphan_headers(tree):
    included = {(file.path, name) for file in tree if file.is_cpp for _, _, name in file.includes}
    for file in tree:
        if file.suffix not in {".h", ".inl"} or file.path.startswith(PUBLIC_HEADERS):
            continue
        names = {file.path, file.path.removeprefix("src/"), file.path.removeprefix("tests/")}
        if not any(name in names and path != file.path for path, name in included):
            yield Finding(file.path, 0, "orphan", "nobody includes this header")


def _without_fences(lines):
    fenced = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def _check_documents(tree):
    for file in tree.texts:
        if file.suffix != ".md":
            continue
        titles = [n for n, line in _without_fences(file.lines) if re.match(r"# \S", line)]
        if titles != [1]:
            line = titles[1] if len(titles) > 1 else 1
            yield Finding(
                file.path, line, "title", "a document has exactly one '# ' title, on its first line"
            )
        for number, line in _without_fences(file.lines):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"`[^`]*`", "", line)):
                if "://" in target or target.startswith("mailto:"):
                    continue
                path = os.path.normpath(os.path.join(file.folder, target)).replace(os.sep, "/")
                if path not in tree and not any(name.startswith(path + "/") for name in tree.files):
                    yield Finding(file.path, number, "dead-link", f"'{target}' is not here")


def _check_testdata(tree):
    """Whatever lies in a folder named testdata has a README.md that tells its origin."""
    members = {}
    for file in tree:
        if match := re.match(r"((?:.*/)?testdata)/([^/]+)", file.path):
            members.setdefault(match[1], set()).add(match[2])
    for folder, names in sorted(members.items()):
        readme = folder + "/README.md"
        text = tree[readme].text if readme in tree else None
        for name in sorted(names - {"README.md"}):
            own = f"{folder}/{name}/README.md" in tree
            if not own and (text is None or name not in text):
                yield Finding(
                    f"{folder}/{name}", 0, "testdata", f"{readme} does not name its origin"
                )
