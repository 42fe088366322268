"""All rules over one tree."""

import allowed
import files
import formatter
import headers
import layers
import shape
import words
from source import Finding, Tree


def run(root, ci=False, format_code=True, warn=lambda text: None):
    """How many files there are, and all findings that no exception covers, sorted by place."""
    tree = Tree(root)
    modules = [layers, headers, words, shape, files]
    findings = []
    if format_code:
        try:
            formatter.find(tree.root)
            modules.append(formatter)
        except formatter.Missing as missing:
            text = f"{missing}: format not checked (./run test fetches it)"
            if ci:
                findings.append(Finding("tools/check", 0, "format", text))
            else:
                warn(text)
    findings += [finding for module in modules for finding in module.check(tree)]
    left = allowed.apply(findings, tree, format_checked=formatter in modules)
    return len(tree.files), sorted(left)
