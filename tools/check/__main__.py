"""python3 tools/check [--ci] [--no-format] [FOLDER]: holds the tree to the rules of the house.

Prints file:line: what is wrong and what to do [rule]. Exit 0 when all is well, 1 when not, 2 for a
wrong call. --ci: a missing clang-format is an error; without it one is told and goes on."""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True

import runner  # noqa: E402  (after the line above, so that a check leaves no files behind)


def main():
    parser = argparse.ArgumentParser(prog="tools/check", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--ci", action="store_true", help="a missing clang-format is an error")
    parser.add_argument("--no-format", action="store_true", help="leave clang-format out")
    parser.add_argument("folder", nargs="?", default=pathlib.Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    count, findings = runner.run(
        arguments.folder,
        arguments.ci,
        not arguments.no_format,
        warn=lambda text: print(f"tools/check: {text}", file=sys.stderr),
    )
    for finding in findings:
        print(finding)
    print(f"tools/check: {count} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
