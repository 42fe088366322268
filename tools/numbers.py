#!/usr/bin/env python3
"""Writes docs/numbers.md from what `plmm bench SUITE --json` prints.

Usage: (plmm bench engine --peers --json; plmm bench accuracy --peers --json) |
           python3 tools/numbers.py > docs/numbers.md

Every figure comes from a line of the input; suites and metrics keep their order there.
"""

import json
import sys

HEAD = """# Numbers

Written by `tools/numbers.py` from the output of `plmm bench SUITE --peers --json`; do not edit it.
Absolute figures belong to the machine named below and drift with its load; what counts is the ratio
to the peers, which were measured in turn with ours in the same run. A ratio above 1 is in our
favour whatever the unit. *Of limit* is the share of what this machine's memory (decode, load) or
int8 arithmetic (prefill) would allow. Ours is the release build.
"""


def digits(value):
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size >= 1e-3 else f"{value:.2e}"


def table(header, rows):
    yield "| " + " | ".join(header) + " |"
    yield "|" + "|".join("---" for _ in header) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def peer_cell(metric, name):
    """A peer's value and ours over it, as the bench computes it for the best peer."""
    value = metric.get("peers", {}).get(name)
    if value is None:
        return ""
    # The best peer's ratio tells whether more or less is better: both are given there.
    more = abs(metric["ratio"] * metric["peer"] - metric["value"]) <= 1e-9 * abs(metric["value"])
    ratio = metric["value"] / value if more else value / metric["value"]
    return f"{digits(value)} (**{ratio:.2f}** x)"


def goal_cell(metric):
    if "rule" not in metric:
        return ""
    return f"{metric['rule']}: {'holds' if metric['ok'] else '**missed**'}"


def rows_of(metrics, peers):
    for metric in metrics:
        limit = f"{100 * metric['of_limit']:.0f} %" if "of_limit" in metric else ""
        yield [
            metric["metric"],
            f"{digits(metric['value'])} {metric['unit']}".strip(),
            limit,
            *[peer_cell(metric, name) for name in peers],
            goal_cell(metric),
            metric.get("note", ""),
        ]


def section(suite, metrics):
    yield f"## `plmm bench {suite}`"
    yield ""
    for metric in metrics:
        if metric["metric"] == "cpu":
            yield f"{digits(metric['value'])} {metric['unit']}: {metric['note']}"
            yield ""
    metrics = [metric for metric in metrics if metric["metric"] != "cpu"]
    peers = sorted({name for metric in metrics for name in metric.get("peers", {})})
    header = ["metric", "ours", "of limit", *[f"{name} (ratio)" for name in peers], "goal", "note"]
    rows = list(rows_of(metrics, peers))
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    yield from table([header[i] for i in kept], [[row[i] for i in kept] for row in rows])


def main():
    suites = {}
    for line in sys.stdin:
        metric = json.loads(line)
        suites.setdefault(metric["suite"], []).append(metric)
    if not suites:
        sys.exit(__doc__)
    print(HEAD)
    print("\n\n".join("\n".join(section(suite, metrics)) for suite, metrics in suites.items()))


if __name__ == "__main__":
    main()
