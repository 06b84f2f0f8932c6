#!/usr/bin/env python3
"""Scores `huiying robots` on set 08: agreement with Google's parser, case by case.

cases.jsonl           verdicts; google_reference_allows is what counts
path-and-escape.json  how a URL becomes a path and a pattern is escaped, asked through a rule
HUIYING=program scores another binary; VERBOSE=1 lists the misses.
"""
import json
import os
import pathlib
import subprocess
import sys

DATA = pathlib.Path(os.environ["DATA"]) / "08-robots"
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"
VERBOSE = bool(os.environ.get("VERBOSE"))


def allowed(robots, agent, url):
    """True, False, or None where the program failed."""
    command = [PROGRAM, "robots", "--agent", agent, f"--url={url}", "-"]
    run = subprocess.run(command, input=robots.encode("utf-8", "surrogatepass"),
                         stdout=subprocess.PIPE, check=False)
    word = run.stdout.split(b" ")[0]
    return {(0, b"allowed"): True, (1, b"disallowed"): False}.get((run.returncode, word))


def questions():
    """(set, name, robots, agent, url, wanted)"""
    with open(DATA / "cases.jsonl", encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            yield ("verdicts", case["id"], case["robots"], case["agents"][0], case["url"],
                   case["google_reference_allows"])
    for case in json.loads((DATA / "path-and-escape.json").read_text(encoding="utf-8")):
        if case["fn"] == "path_params_query":
            yield ("paths", case["input"], f"user-agent: *\ndisallow: {case['expected']}$\n",
                   "Bot", case["input"], False)
        elif case["input"].startswith("/"):
            yield ("patterns", case["input"], f"user-agent: *\ndisallow: {case['input']}\n",
                   "Bot", case["expected"], False)


def main():
    if not DATA.is_dir():
        print("robots: skipped, no set 08")
        return 0
    right, total = {}, {}
    for group, name, robots, agent, url, wanted in questions():
        total[group] = total.get(group, 0) + 1
        if allowed(robots, agent, url) == wanted:
            right[group] = right.get(group, 0) + 1
        elif VERBOSE:
            print(f"  {group}: {name!r} for {agent!r}, wanted {wanted}")
    for group, count in total.items():
        print(f"{group:10} {right.get(group, 0):4} of {count:4}")
    return 0 if right == total else 1


if __name__ == "__main__":
    sys.exit(main())
