#!/usr/bin/env python3
"""Scores `huiying robots` on set 08: agreement with Google's parser, case by case.

cases.jsonl           verdicts; google_reference_allows is what counts
path-and-escape.json  how a URL becomes a path and a pattern is escaped, asked through a rule
other-directives      Crawl-delay and Sitemap lines, through tests/helpers/robots_answer
real-robots           files of real sites: each must give an answer
HUIYING=program scores another binary; VERBOSE=1 lists the misses.
"""
import json
import os
import pathlib
import subprocess
import sys

DATA = pathlib.Path(os.environ["DATA"]) / "08-robots"
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"
HELPER = os.environ.get("BUILD", "build") + "/tests/helpers/robots_answer"
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


def directives():
    """(name, got, wanted)"""
    with open(DATA / "other-directives.jsonl", encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            if case["kind"] not in ("crawl_delay", "sitemaps"):
                continue
            run = subprocess.run([HELPER, case["agent"] or "*"], check=True, input=case["body"].encode(),
                                 stdout=subprocess.PIPE)
            delay, *sitemaps = run.stdout.decode().splitlines()
            wanted = case["value"]
            if case["kind"] == "sitemaps":
                yield case["test"], sitemaps, wanted
            else:
                yield case["test"], int(delay), -1 if wanted is None else round(wanted * 1000)


def count(right, total, group, name, is_right):
    total[group] = total.get(group, 0) + 1
    right[group] = right.get(group, 0) + is_right
    if not is_right and VERBOSE:
        print(f"  {group}: {name}")


def main():
    if not DATA.is_dir():
        print("robots: skipped, no set 08")
        return 0
    right, total = {}, {}
    for group, name, robots, agent, url, wanted in questions():
        count(right, total, group, f"{name!r} for {agent!r}, wanted {wanted}",
              allowed(robots, agent, url) == wanted)
    for name, got, wanted in directives():
        count(right, total, "directives", f"{name}: got {got}, wanted {wanted}", got == wanted)
    for path in sorted((DATA / "real-robots").iterdir()):
        answer = allowed(path.read_text("utf-8", "replace"), "HuiyingBot", "/")
        count(right, total, "real", path.name, answer is not None)
    for group, number in total.items():
        print(f"{group:10} {right[group]:4} of {number:4}")
    # One of the directives' agents has a blank in its name, which is no product token.
    return 0 if all(total[g] - right[g] <= (g == "directives") for g in total) else 1


if __name__ == "__main__":
    sys.exit(main())
