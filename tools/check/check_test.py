"""Tests of tools/check: each rule on the smallest tree that breaks it, and on one that does not."""

import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import formatter  # noqa: E402
import runner  # noqa: E402
import shape  # noqa: E402

# A tree that keeps every rule; the tests change one thing in it.
GOOD = {
    "CMakeLists.txt": "# A project of two libraries.\nadd_subdirectory(src/base)\n",
    "README.md": "# A project\n\nSee [the map](docs/map.md).\n",
    "docs/map.md": "# Map\n\n```\n# not a title\n```\n",
    "src/base/CMakeLists.txt": "plmm_library(base\n  SOURCES a.cpp\n  TESTS a_test.cpp)\n",
    "src/base/a.h": "// The letter a.\n#pragma once\n\n#include <memory>\n",
    "src/base/a.cpp": '// Implements the letter a.\n#include "base/a.h"\n',
    "src/base/a_test.cpp": '// Tests of a.\n#include "base/a.h"\n\n#include <gtest/gtest.h>\n',
    "src/text/CMakeLists.txt": "plmm_library(text\n  SOURCES b.cpp\n  DEPS base)\n",
    "src/text/b.cpp": '// Uses the letter a.\n#include "base/a.h"\n\n#include <utf8proc.h>\n',
}
BODY = "// A file of the tests.\n"


class CheckTest(unittest.TestCase):
    def findings(self, changes=None, **options):
        """What the check says about GOOD with some files changed; None removes one."""
        with tempfile.TemporaryDirectory() as folder:
            for path, text in (GOOD | (changes or {})).items():
                if text is None:
                    continue
                full = pathlib.Path(folder, path)
                full.parent.mkdir(parents=True, exist_ok=True)
                full.write_bytes(text if isinstance(text, bytes) else text.encode())
            options = {"format_code": False} | options
            return runner.run(folder, **options)[1]

    def assert_rules(self, changes, *expected, **options):
        """Each of `expected` is "path:line rule", in order."""
        found = [f"{f.path}:{f.line} {f.rule}" for f in self.findings(changes, **options)]
        self.assertEqual(found, list(expected))

    def in_a(self, code):
        """The rules that src/base/a.cpp breaks when its third line is `code`."""
        found = self.findings({"src/base/a.cpp": GOOD["src/base/a.cpp"] + code + "\n"})
        self.assertTrue(all((f.path, f.line) == ("src/base/a.cpp", 3) for f in found), found)
        return [f.rule for f in found]

    def test_the_good_tree_has_no_findings(self):
        self.assert_rules({})


class LayersTest(CheckTest):
    def test_an_include_outside_the_deps_is_found(self):
        self.assert_rules(
            {"src/text/CMakeLists.txt": "plmm_library(text SOURCES b.cpp)\n"},
            "src/text/b.cpp:2 layers",
        )

    def test_a_test_may_use_test_deps_and_a_source_may_not(self):
        cmake = "plmm_library(base SOURCES a.cpp TESTS a_test.cpp TEST_DEPS text)\n"
        text = {
            "src/text/b.h": "// The letter b.\n#pragma once\n",
            "src/text/b.cpp": '// The letter b.\n#include "base/a.h"\n#include "text/b.h"\n',
            "src/base/CMakeLists.txt": cmake,
        }
        use = '#include "text/b.h"\n'
        self.assert_rules(text | {"src/base/a_test.cpp": GOOD["src/base/a_test.cpp"] + use})
        self.assert_rules(
            text | {"src/base/a.cpp": GOOD["src/base/a.cpp"] + use}, "src/base/a.cpp:3 layers"
        )

    def test_a_program_may_stand_beside_its_library(self):
        self.assert_rules(
            {
                "apps/x/CMakeLists.txt": "plmm_library(cli SOURCES r.cpp DEPS base)\n"
                "plmm_program(x SOURCES main.cpp DEPS cli)\n",
                "apps/x/r.cpp": '// Runs the program.\n#include "base/a.h"\n',
                "apps/x/main.cpp": "// Starts the program.\n",
            }
        )

    def test_an_unused_or_unknown_dependency_is_found_on_its_line(self):
        cmake = "plmm_library(text\n  SOURCES b.cpp\n  DEPS base\n       nowhere)\n"
        self.assert_rules(
            {"src/text/CMakeLists.txt": cmake},
            "src/text/CMakeLists.txt:4 layers",
            "src/text/CMakeLists.txt:4 layers",
        )
        self.assert_rules(
            {"src/text/b.cpp": BODY},
            "src/text/CMakeLists.txt:3 layers",
        )

    def test_a_circle_is_found(self):
        found = self.findings(
            {
                "src/base/CMakeLists.txt": GOOD["src/base/CMakeLists.txt"].replace(
                    "SOURCES a.cpp", "DEPS text SOURCES a.cpp"
                ),
                "src/base/a.cpp": GOOD["src/base/a.cpp"] + '#include "text/b.h"\n',
                "src/text/b.h": "// The letter b.\n#pragma once\n",
            }
        )
        self.assertEqual(
            [f.message for f in found], ["dependencies form a circle: base -> text -> base"]
        )

    def test_a_target_is_named_as_its_folder(self):
        cmake = GOOD["src/base/CMakeLists.txt"].replace("library(base", "library(bass")
        found = self.findings({"src/base/CMakeLists.txt": cmake})
        self.assertIn("the target 'bass' must be named as its folder", [f.message for f in found])

    def test_tiers_never_meet(self):
        tier = {
            "src/personal/CMakeLists.txt": "plmm_library(personal SOURCES p.cpp DEPS expert)\n",
            "src/personal/p.cpp": '// A tier.\n#include "expert/e.h"\n',
            "src/expert/CMakeLists.txt": "plmm_library(expert SOURCES e.cpp)\n",
            "src/expert/e.h": "// Another tier.\n#pragma once\n",
            "src/expert/e.cpp": '// Another tier.\n#include "expert/e.h"\n',
        }
        self.assert_rules(
            tier, "src/personal/CMakeLists.txt:1 layers", "src/personal/p.cpp:2 layers"
        )

    def test_includes_start_at_the_root_and_exist(self):
        for include in ["a.h", "../base/a.h", "base/missing.h"]:
            self.assertEqual(self.in_a(f'#include "{include}"'), ["layers"])

    def test_third_party_headers_stay_in_the_sources_of_their_folder(self):
        self.assertEqual(self.in_a("#include <sodium.h>"), ["third-party"])
        self.assertEqual(self.in_a("#include <boost/any.hpp>"), ["third-party"])
        self.assertEqual(self.in_a("#include <gtest/gtest.h>"), ["third-party"])
        self.assertEqual(self.in_a("#include <fmt/format.h>"), [])
        self.assertEqual(self.in_a("#include <sys/stat.h>"), [])
        header = GOOD["src/base/a.h"] + "#include <fmt/format.h>\n"
        self.assert_rules({"src/base/a.h": header}, "src/base/a.h:5 third-party")

    def test_a_fuzz_entry_may_include_the_driver(self):
        cmake = GOOD["src/base/CMakeLists.txt"].replace(")", "\n  FUZZ a_fuzz.cpp)")
        fuzz = {
            "tests/fuzz/fuzz.h": "// The entry that the driver calls.\n#pragma once\n",
            "src/base/CMakeLists.txt": cmake,
            "src/base/a_fuzz.cpp": '// Fuzzes a parser.\n#include "fuzz/fuzz.h"\n',
        }
        self.assert_rules(fuzz)
        self.assert_rules(
            fuzz | {"src/base/a.cpp": GOOD["src/base/a.cpp"] + '#include "fuzz/fuzz.h"\n'},
            "src/base/a.cpp:3 layers",
        )

    def test_an_include_in_a_comment_does_not_count(self):
        self.assertEqual(self.in_a('// #include "nowhere/x.h"'), [])

class HeadersTest(CheckTest):
    def test_a_name_whose_header_is_not_reached_is_found(self):
        for code in (
            "std::map<int, int> m;",
            "int i = std::min(1, 2);",
            "bool b = std::ranges::all_of(s, f);",
            "std::vector v{1};",
            "auto n = std::nullopt;",
            'auto s = fmt::format("a");',
        ):
            self.assertEqual(self.in_a(code), ["include"], code)

    def test_own_headers_bring_theirs(self):
        self.assertEqual(self.in_a("std::unique_ptr<int> p;"), [])

    def test_names_of_others_comments_and_headers_are_left_alone(self):
        for code in ("// std::map<int, int>", "int i = a.min(2);", "my::vector<int> v;"):
            self.assertEqual(self.in_a(code), [], code)
        self.assert_rules({"src/base/a.h": GOOD["src/base/a.h"] + "std::map<int, int> m();\n"})


class WordsTest(CheckTest):
    BANNED = {
        "new": "int* p = new int(3);",
        "delete": "void f(int* p) { delete p; }",
        "malloc": "void* p = std::malloc(3);",
        "throw": "void f() { throw 3; }",
        "using-namespace": "using namespace std;",
        "goto": "void f() { goto end; }",
        "assert": "void f() { assert(true); }",
        "printf": 'void f() { std::fprintf(stderr, "x"); }',
        "iostream": "void f() { std::cout << 3; }",
        "regex": "std::regex r;",
        "not-in-gcc-12": "#include <format>",
        "abort": "void f() { std::exit(3); }",
        "getenv": 'const char* home = std::getenv("HOME");',
        "shell": 'void f() { std::system("ls"); }',
        "c-strings": "int n = atoi(text);",
        "stoi": "int n = std::stoi(text);",
        "async": "auto f = std::async(g);",
        "openmp": "#pragma omp parallel",
        "fast-math": '#pragma GCC optimize("fast-math")',
    }
    FINE = [
        "A(const A&) = delete;",
        "std::unique_ptr<A> a(new A(3));",
        "auto f() { return std::unique_ptr<Base>(new A(3)); }",
        "// never throw, never new; not even delete p",
        'const char* text = "using namespace std; throw new goto";',
        "constexpr int kThousand = 1'000; constexpr char kQuote = '\"'; int renewed = 3;",
        'const char* raw = R"(delete p; throw 3;)";',
        "static_assert(true);",
        "cancel.abort(); pool.free(3); conversation.system(3);",
        "std::random_device device;",  # src/base/ is where it is wrapped
    ]

    def test_each_banned_word_is_found(self):
        for rule, code in self.BANNED.items():
            with self.subTest(rule):
                self.assertEqual(self.in_a(code), [rule])

    def test_what_only_looks_like_one_is_not(self):
        for code in self.FINE:
            with self.subTest(code):
                self.assertEqual(self.in_a(code), [])

    def test_clocks_and_randomness_come_from_base(self):
        text = GOOD["src/text/b.cpp"] + "std::random_device d;\nint t = system_clock::now();\n"
        self.assert_rules(
            {"src/text/b.cpp": text},
            "src/text/b.cpp:5 rand",
            "src/text/b.cpp:6 system-clock",
        )

    def test_pure_folders_take_no_clock_and_money_no_float(self):
        self.assert_rules(
            {
                "src/ledger/CMakeLists.txt": "plmm_library(ledger SOURCES l.cpp)\n",
                "src/ledger/l.cpp": "// Counts money.\n#include <chrono>\ndouble balance = 0;\n",
            },
            "src/ledger/l.cpp:2 pure",
            "src/ledger/l.cpp:3 float-money",
        )

    def test_programs_may_print_and_read_the_environment(self):
        self.assert_rules(
            {
                "apps/x/CMakeLists.txt": "plmm_program(x SOURCES main.cpp)\n",
                "apps/x/main.cpp": '// Prints things.\nvoid f() { puts(std::getenv("HOME")); }\n',
            }
        )

    def test_tests_do_not_sleep(self):
        text = GOOD["src/base/a_test.cpp"] + "void f() { std::this_thread::sleep_for(1s); }\n"
        self.assert_rules({"src/base/a_test.cpp": text}, "src/base/a_test.cpp:5 sleep")
        poll = GOOD["src/base/a_test.cpp"] + "void f() { while (!done) ::usleep(1); }\n"
        self.assert_rules({"src/base/a_test.cpp": poll})

    def test_build_files_name_no_cpu_and_no_globs(self):
        cmake = (
            "# Flags of ours.\nadd_compile_options(-march=native -Ofast)\nfile(GLOB all *.cpp)\n"
        )
        self.assert_rules(
            {"cmake/flags.cmake": cmake},
            "cmake/flags.cmake:2 cpu-flags",
            "cmake/flags.cmake:2 fast-math",
            "cmake/flags.cmake:3 glob",
        )

    def test_marks_and_machine_paths_are_found_in_any_text(self):
        text = "# Notes\n\n" + "TO" + "DO later\nsee /ho" + "me/mira/x and ~/home/x, src/work/x\n"
        self.assert_rules(
            {"docs/notes.md": text}, "docs/notes.md:3 marks", "docs/notes.md:4 machine-path"
        )


class ShapeTest(CheckTest):
    def test_lengths_of_lines_and_files(self):
        self.assertEqual(self.in_a("// " + "x" * 97), [])
        self.assertEqual(self.in_a("// " + "x" * 98), ["columns"])
        header = GOOD["src/base/a.h"]
        self.assert_rules({"src/base/a.h": header + "// x\n" * 196})
        self.assert_rules({"src/base/a.h": header + "// x\n" * 197}, "src/base/a.h:0 file-length")
        source = GOOD["src/base/a.cpp"]
        self.assert_rules({"src/base/a.cpp": source + "// x\n" * 598})
        self.assert_rules(
            {"src/base/a.cpp": source + "// x\n" * 599}, "src/base/a.cpp:0 file-length"
        )

    def test_the_first_line_says_the_purpose(self):
        include = '#include "base/a.h"\n'
        for first in ["", "// Word\n", "// Copyright of someone\n", "/* A block. */\n"]:
            with self.subTest(first):
                self.assert_rules(
                    {"src/base/a.cpp": first + include}, "src/base/a.cpp:1 first-line"
                )
        self.assert_rules({"tool.py": "import os\n"}, "tool.py:1 first-line")
        self.assert_rules({"tool.py": '#!/usr/bin/python3\n"""A tool."""\n'})
        self.assert_rules({"go": "#!/bin/sh\nls\n"}, "go:1 first-line")

    def test_a_header_is_included_once(self):
        header = GOOD["src/base/a.h"].replace("#pragma once", "")
        self.assert_rules({"src/base/a.h": header}, "src/base/a.h:1 pragma-once")

    def test_hidden_characters_are_found(self):
        self.assertEqual(self.in_a("// a\u202eb"), ["characters"])
        self.assertEqual(self.in_a("// a\x07b"), ["characters"])
        self.assertEqual(self.in_a("// a\tb"), ["characters"])
        self.assertEqual(self.in_a("// trailing "), ["characters"])
        self.assertEqual(self.in_a("// naïve, 你好, →"), [])
        self.assert_rules(
            {"src/base/a.cpp": GOOD["src/base/a.cpp"] + "// no newline"},
            "src/base/a.cpp:3 characters",
        )

    def test_functions_have_at_most_70_lines(self):
        fits = "void f() {\n" + "  g();\n" * 68 + "}\n"
        self.assert_rules({"src/base/a.cpp": GOOD["src/base/a.cpp"] + fits})
        self.assert_rules(
            {"src/base/a.cpp": GOOD["src/base/a.cpp"] + fits.replace("}", "  g();\n}")},
            "src/base/a.cpp:3 function-length",
        )
        python = '"""A tool."""\n\n\ndef f():\n' + "    g()\n" * 70
        self.assert_rules({"tool.py": python}, "tool.py:4 function-length")

    def test_functions_are_told_from_other_braces(self):
        code = """
namespace a {
struct alignas(64) Point { int x = 0; int y{}; };
enum class Kind { one, two };
constexpr int kTable[] = {f(1), 2};
class Box : public Base {
 public:
  explicit Box(int n) : Base{n}, values_{1, 2}, n_(n) {
    if (n) { g(); }
  }
  int size() const { return n_; }
  std::vector<int> values_{3};
};
template <class T> requires(sizeof(T) > 1) struct Wide { T value; };
#define OPEN(x) if (x) {
__attribute__((target("avx2"))) Result<int> run(std::span<const int> x) noexcept {
  auto h = [&](int i) { return i; };
  struct Local { int z() { return 1; } };
  return h(x[0]);
}
TEST(Box, counts) { }
}
"""
        names = [name for name, _, _ in shape.cpp_functions(code)]
        self.assertEqual(names, ["Box", "size", "run", "TEST(Box, counts)"])


class FilesTest(CheckTest):
    def test_blobs_are_found(self):
        self.assert_rules({"docs/a.bin": b"\0" * 1_000_000})
        self.assert_rules({"docs/a.bin": b"\0" * 1_000_001}, "docs/a.bin:0 blob")

    def test_orphans_are_found(self):
        self.assert_rules({"src/base/c.cpp": BODY}, "src/base/c.cpp:0 orphan")
        self.assert_rules({"src/base/c.h": BODY + "#pragma once\n"}, "src/base/c.h:0 orphan")
        cmake = GOOD["src/base/CMakeLists.txt"].replace("a.cpp", "a.cpp tiers/c.cpp", 1)
        self.assert_rules({"src/base/tiers/c.cpp": BODY, "src/base/CMakeLists.txt": cmake})

    def test_ignored_files_are_not_looked_at(self):
        ignore = {".gitignore": "/build/\n*.gguf\n"}
        self.assert_rules(ignore | {"build/c.cpp": "x\n", "docs/m.gguf": b"\0" * 2_000_000})
        self.assert_rules({"build/c.cpp": BODY}, "build/c.cpp:0 orphan")

    def test_documents_have_one_title_and_living_links(self):
        self.assert_rules({"docs/map.md": "Map\n"}, "docs/map.md:1 title")
        self.assert_rules({"docs/map.md": "# Map\n\n# More\n"}, "docs/map.md:3 title")
        self.assert_rules(
            {"docs/map.md": "# Map\n\n[a](../README.md#x) [b](gone.md) [c](https://a.b/c)\n"},
            "docs/map.md:3 dead-link",
        )

    def test_test_data_names_its_origin(self):
        self.assert_rules(
            {"testdata/gguf/a.txt": "a\n"},
            "testdata/gguf:0 testdata",
        )
        self.assert_rules(
            {"testdata/gguf/a.txt": "a\n", "testdata/README.md": "# Data\n\n- gguf: by hand\n"}
        )
        self.assert_rules({"testdata/gguf/a.txt": "a\n", "testdata/gguf/README.md": "# By hand\n"})


class ExceptionsTest(CheckTest):
    LIST = "tools/check/exceptions.txt"
    LONG = {"src/base/a.cpp": GOOD["src/base/a.cpp"] + "int* p = new int;\nint* q = new int;\n"}

    def test_an_exception_covers_its_line_only(self):
        self.assert_rules(
            self.LONG | {self.LIST: "# why\nnew | src/base/a.cpp | int* p | a test of it\n"},
            "src/base/a.cpp:4 new",
        )
        self.assert_rules(self.LONG | {self.LIST: "new | src/base/a.cpp | * | a test of it\n"})

    def test_an_exception_that_covers_nothing_is_found(self):
        self.assert_rules(
            {self.LIST: "new | src/base/a.cpp | * | a test of it\n"}, f"{self.LIST}:1 exceptions"
        )

    def test_an_exception_has_a_reason(self):
        self.assert_rules({self.LIST: "new | src/base/a.cpp | *\n"}, f"{self.LIST}:1 exceptions")


class FormatTest(CheckTest):
    def test_a_missing_formatter_is_said_here_and_an_error_in_ci(self):
        kept = dict(os.environ)
        os.environ["PATH"] = "/nowhere"
        os.environ.pop("PLMM_CLANG_FORMAT", None)
        try:
            said = []
            self.assertEqual(self.findings(format_code=True, warn=said.append), [])
            self.assertEqual(len(said), 1)
            self.assert_rules({}, "tools/check:0 format", format_code=True, ci=True)
        finally:
            os.environ.clear()
            os.environ.update(kept)

    def test_wrong_format_is_found_where_it_begins(self):
        root = pathlib.Path(__file__).resolve().parents[2]
        try:
            program = formatter.find(root)
        except formatter.Missing as missing:
            self.skipTest(str(missing))
        style = (root / ".clang-format").read_text()
        kept = os.environ.get("PLMM_CLANG_FORMAT")
        os.environ["PLMM_CLANG_FORMAT"] = program
        try:
            code = GOOD["src/base/a.cpp"] + "\nint   x;\n"
            self.assert_rules(
                {".clang-format": style, "src/base/a.cpp": code},
                "src/base/a.cpp:4 format",
                format_code=True,
            )
        finally:
            os.environ.pop("PLMM_CLANG_FORMAT")
            if kept:
                os.environ["PLMM_CLANG_FORMAT"] = kept


if __name__ == "__main__":
    unittest.main()
