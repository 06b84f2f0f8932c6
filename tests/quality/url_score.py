#!/usr/bin/env python3
"""Scores addresses on set 11, through tests/helpers/url_answer.

wpt        WHATWG's cases whose result is http or https, and those that fail; ours leaves user,
           password and fragment out, so the expected form does too
other      WHATWG's cases of other schemes: refused
idna       hosts to their ASCII form, or refused
site       the registrable domain by the public suffix list
resolve    relative references, as another crawler's tests want them
VERBOSE=1 lists the misses.
"""
import collections
import csv
import json
import os
import pathlib
import re
import subprocess
import sys

DATA = pathlib.Path(os.environ["DATA"]) / "11-url"
HELPER = os.environ.get("BUILD", "build") + "/tests/helpers/url_answer"
VERBOSE = bool(os.environ.get("VERBOSE"))
MAX_BYTES = 2048


def octets(text):
    """UTF-8, lone surrogates replaced as the standard's USVString does."""
    return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text).encode("utf-8")


def question(verb, *texts):
    return " ".join([verb, *(octets(text).hex() or "-" for text in texts)])


def ask(questions):
    run = subprocess.run([HELPER], input="\n".join(questions).encode(), check=True,
                         stdout=subprocess.PIPE)
    return run.stdout.decode("ascii").split("\n")[:-1]


def expected(href):
    """Without what never reaches a server or must not be kept."""
    return re.sub(r"^(https?://)[^/?]*@", r"\1", href.partition("#")[0])


def wpt_cases():
    """(group, name, question, wanted); wanted None: refused"""
    for file in ("urltestdata.json", "ada_extra_urltestdata.json"):
        for case in json.loads((DATA / "wpt" / file).read_text(encoding="utf-8")):
            if isinstance(case, str):
                continue
            base, href = case.get("base") or "", case.get("href")
            name = f"{case['input']!r} at {base!r}"
            asked = question("resolve", "" if base == "about:blank" else base, case["input"])
            web = href is not None and re.match(r"https?:", href)
            if web and len(href) > MAX_BYTES:
                yield "over-long", name, asked, None
            elif case.get("failure") or web:
                yield "wpt", name, asked, None if case.get("failure") else expected(href)
            elif href is not None:
                yield "other", name, asked, None


def idna_cases():
    for file in ("toascii.json", "IdnaTestV2.json"):
        for case in json.loads((DATA / "wpt" / file).read_text(encoding="utf-8")):
            if isinstance(case, str) or not case["input"]:
                continue
            # What the URL's own syntax would take away is no case of IDNA.
            if re.search(r"[\x00-\x20#/?@\\:<>\[\]^|%]", case["input"]):
                continue
            wanted = case["output"]
            yield ("idna", repr(case["input"]),
                   question("resolve", "", "https://" + case["input"] + "/x"),
                   f"https://{wanted}/x" if wanted else None)


def site_cases():
    for line in (DATA / "psl" / "tests.txt").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if len(words) != 2 or line.startswith("//") or words[0] == "null":
            continue
        host = words[0].encode("idna").decode() if not words[0].startswith(".") else None
        if host:
            wanted = words[1] if words[1] != "null" else words[0].lower()
            yield "site", words[0], question("site", host.lower()), wanted.encode("idna").decode()


def csv_rows(name):
    with open(DATA / "crawler-commons" / name, encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                yield [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True))]


def resolve_cases():
    for row in csv_rows("url-resolve.csv"):
        if len(row) == 3:
            yield ("resolve", f"{row[0]!r} at {row[1]!r}", question("resolve", row[1], row[0]),
                   expected(row[2]) if re.match("https?:", row[2]) else None)
    for row in csv_rows("invalidUrls.csv"):
        yield "resolve", row[0], question("resolve", "", row[0]), None


def main():
    if not DATA.is_dir():
        print("url: skipped, no set 11")
        return 0
    cases = [*wpt_cases(), *idna_cases(), *site_cases(), *resolve_cases()]
    right, total = collections.Counter(), collections.Counter()
    answers = ask([case[2] for case in cases])
    for (group, name, _, wanted), answer in zip(cases, answers, strict=True):
        total[group] += 1
        if (None if answer.startswith("!") else answer) == wanted:
            right[group] += 1
        elif VERBOSE:
            print(f"  {group}: {name}: got {answer!r}, wanted {wanted!r}")
    for group, count in total.items():
        print(f"{group:10} {right[group]:5} of {count:5}  {100 * right[group] / count:5.1f} %")
    return 0 if all(right[group] >= 0.97 * count for group, count in total.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
