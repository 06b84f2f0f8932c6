#!/usr/bin/env python3
"""Scores encodings on set 10, through tests/helpers/charset_answer.

sniffing   html5lib's cases: which encoding a page is read as
scripted   the same where a script writes the label; shown, not demanded: no script is ever run
tables     every line of the full GB18030 and Big5 tables, as the Encoding standard decodes it
VERBOSE=1 lists the misses.
"""
import collections
import gzip
import os
import pathlib
import re
import subprocess
import sys
import tempfile

DATA = pathlib.Path(os.environ["DATA"]) / "10-html-encoding"
HELPER = os.environ.get("BUILD", "build") + "/tests/helpers/charset_answer"
VERBOSE = bool(os.environ.get("VERBOSE"))

right, total = collections.Counter(), collections.Counter()


def score(group, name, got, wanted):
    total[group] += 1
    if got == wanted:
        right[group] += 1
    elif VERBOSE:
        print(f"  {group}: {name!r}: got {got!r}, wanted {wanted!r}")


def ask(*arguments):
    return subprocess.run([HELPER, *arguments], check=True, stdout=subprocess.PIPE).stdout


def sniffing_cases():
    for path in sorted((DATA / "html5lib-encoding").rglob("*.dat")):
        for part in re.split(rb"(?:^|\n)#data\n", path.read_bytes())[1:]:
            page, mark, rest = part.partition(b"\n#encoding\n")
            if mark:
                yield path.relative_to(DATA), page, rest.split(b"\n")[0].strip().decode().lower()


def sniffing(folder):
    cases = list(sniffing_cases())
    paths = []
    for number, (_, page, _) in enumerate(cases):
        paths.append(folder / f"{number}.html")
        paths[-1].write_bytes(page)
    answers = ask("name", *paths).decode().splitlines()
    for (path, page, wanted), answer in zip(cases, answers, strict=True):
        score("scripted" if "scripted" in path.parts else "sniffing", f"{path}: {page[:200]}", answer, wanted)


def tables(folder):
    for name in ("gb18030", "big5"):
        page = folder / name
        page.write_bytes(gzip.open(DATA / f"encoding_rs/{name}_in.txt.gz").read())
        wanted = gzip.open(DATA / f"encoding_rs/{name}_in_ref.txt.gz").read().decode()
        got = ask("text", f"text/html; charset={name}", page).decode()
        lines = got.split("\n"), wanted.split("\n")
        score(name, "lines", len(lines[0]), len(lines[1]))
        for number, (one, other) in enumerate(zip(*lines)):
            score(name, f"line {number + 1}", one, other)


def main():
    if not DATA.is_dir():
        print("charset: skipped, no set 10")
        return 0
    with tempfile.TemporaryDirectory() as name:
        sniffing(pathlib.Path(name))
        tables(pathlib.Path(name))
    for group, count in total.items():
        print(f"{group:10} {right[group]:6} of {count:6}")
    return 0 if all(right[group] == total[group] for group in total if group != "scripted") else 1


if __name__ == "__main__":
    sys.exit(main())
