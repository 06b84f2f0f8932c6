#!/usr/bin/env python3
"""Scores `huiying extract` on forum and question pages: BUILD/bin/huiying, DATA=folder of the sets.

A set is a folder DATA/*forum* with base.json, {key: {"url", "content"}}, and htmls/KEY.html
or KEY.html.gz: the form of magic_html's benchmark. Body F1 as in extract_score.py: multisets
of 4 characters, white space removed. VERBOSE=1 lists every page below 0.8.
"""
import collections
import gzip
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

DATA = pathlib.Path(os.environ["DATA"])
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"


def grams(text, n=4):
    text = re.sub(r"\s+", "", text or "")
    return collections.Counter(text[i:i + n] for i in range(max(1, len(text) - n + 1)) if text)


def f1(truth, found):
    truth, found = grams(truth), grams(found)
    same = sum((truth & found).values())
    if not same:
        return 0.0, 0.0, 0.0
    precision, recall = same / sum(found.values()), same / sum(truth.values())
    return 2 * precision * recall / (precision + recall), precision, recall


def extract(page, url):
    raw = page.read_bytes()
    with tempfile.NamedTemporaryFile(suffix=".html") as copy:
        copy.write(gzip.decompress(raw) if page.suffix == ".gz" else raw)
        copy.flush()
        run = subprocess.run([PROGRAM, "extract", "--url", url, copy.name],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return json.loads(run.stdout) if run.stdout else {"text": "", "kind": "refused"}


def score(folder):
    cases = json.loads((folder / "base.json").read_text())
    scores, kinds = [], collections.Counter()
    for key, case in sorted(cases.items()):
        page = folder / "htmls" / (key + ".html")
        page = page if page.exists() else page.with_suffix(".html.gz")
        # Some addresses of such sets hold quotes and spaces that no address has.
        got = extract(page, re.sub(r"[\s'\"]", "", case.get("url", "")))
        scores.append(f1(case["content"], got["text"]))
        kinds[got["kind"]] += 1
        if os.environ.get("VERBOSE") and scores[-1][0] < 0.8:
            print(f"    {scores[-1][0]:.3f} {got['kind']:8} {case.get('url', '')[:90]}")
    parts = [sum(part) / len(scores) for part in zip(*scores)]
    print(f"{folder.name:34} pages {len(scores):4}  body F1 {parts[0]:.3f}  "
          f"precision {parts[1]:.3f}  recall {parts[2]:.3f}  kinds {dict(kinds)}")


def main():
    if not pathlib.Path(PROGRAM).exists():
        sys.exit(f"forum_score: {PROGRAM} is not built")
    folders = sorted(path.parent for path in DATA.glob("*forum*/base.json"))
    if not folders:
        print("forum_score: skipped, no folder *forum* with base.json in DATA")
    for folder in folders:
        score(folder)


main()
