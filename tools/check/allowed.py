"""The exceptions: exceptions.txt beside this file, one per line, each with its reason.

One that excuses nothing is a finding itself, so that the list only shrinks."""

from source import Finding

LIST = "tools/check/exceptions.txt"


class Allowed:
    """`rule | path | text that the line contains, or * | reason`"""

    def __init__(self, line, rule, path, text):
        self.line = line
        self.rule = rule
        self.path = path
        self.text = text
        self.used = False

    def covers(self, finding, tree):
        if (finding.rule, finding.path) != (self.rule, self.path):
            return False
        if self.text == "*":
            return True
        return finding.line > 0 and self.text in tree[finding.path].lines[finding.line - 1]


def read(tree):
    """(exceptions, findings about the list itself)"""
    exceptions, findings = [], []
    if LIST not in tree:
        return exceptions, findings
    for number, line in enumerate(tree[LIST].lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 4 or not all(fields):
            findings.append(
                Finding(LIST, number, "exceptions", "want: rule | path | text or * | reason")
            )
        else:
            exceptions.append(Allowed(number, *fields[:3]))
    return exceptions, findings


def apply(findings, tree, format_checked):
    """The findings that no exception covers, and the exceptions that cover no finding."""
    exceptions, left = read(tree)
    for finding in findings:
        covering = [e for e in exceptions if e.covers(finding, tree)]
        for exception in covering:
            exception.used = True
        if not covering:
            left.append(finding)
    for exception in exceptions:
        if not exception.used and (exception.rule != "format" or format_checked):
            left.append(
                Finding(LIST, exception.line, "exceptions", "excuses nothing any more: remove it")
            )
    return left
