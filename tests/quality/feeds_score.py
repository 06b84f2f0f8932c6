#!/usr/bin/env python3
"""Scores `huiying feed`: set 09 (feedparser, OPML, dates) and set 19 (WeChat mirrors).

feedparser   title, link, time and number of entries, where a file's comment states them; the
             title as plain text, since that is what the product keeps
dates        each text as the time of an item
opml         number of feeds, against the xmlUrl attributes of the lists of set 17
wechat       title, link and time of every item, at three moments
HUIYING=program scores another binary; VERBOSE=1 lists the misses.
"""
import ast
import collections
import datetime
import gzip
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
from email.utils import parsedate_to_datetime

DATA = pathlib.Path(os.environ["DATA"])
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"
VERBOSE = bool(os.environ.get("VERBOSE"))
UTC = datetime.timezone.utc

CLAIM = re.compile(r"""entries\[(\d+)\](?:\['(\w+)'\](?:\['value'\])?|\.(\w+))\s*==\s*"""
                   r"""(u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|\([^)]*\))""")
FIELDS = {"title": "title", "title_detail": "title", "link": "url",
          "published_parsed": "published_at", "updated_parsed": "published_at",
          "created_parsed": "published_at", "published": "published_at",
          "updated": "published_at", "created": "published_at"}
NO_LINK = re.compile(r"not entries\[(\d+)\]\.has_key\('link'\)")

right, total = collections.Counter(), collections.Counter()


def score(group, name, got, wanted):
    total[group] += 1
    if got == wanted:
        right[group] += 1
    elif VERBOSE:
        print(f"  {group}: {name}: got {got!r}, wanted {wanted!r}")


def feed(raw, url="", content_type=""):
    """The items, or None where the program refused the bytes."""
    command = [PROGRAM, "feed", f"--url={url}", f"--content-type={content_type}", "-"]
    run = subprocess.run(command, input=raw, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         check=False)
    if run.returncode not in (0, 3):
        raise SystemExit(f"huiying feed ended with {run.returncode}: {run.stderr[:200]}")
    return [json.loads(line) for line in run.stdout.splitlines()] if run.returncode == 0 else None


def plain(markup):
    """Without tags, but a tag that nobody closes was meant as text."""
    for name in set(re.findall(r"</([a-z]+)>", markup)):
        markup = re.sub(rf"</?{name}( [^>]*)?>", "", markup)
    return " ".join(html.unescape(markup).split())


def address(link):
    """As the product writes it: lower-case host, a path, no fragment."""
    match = re.match(r"(https?://)([^/?#]*)([^#]*)", link, re.I)
    if not match:
        return ""
    return match[1].lower() + match[2].lower() + (match[3] or "/")


def wanted_of(field, literal):
    value = ast.literal_eval(literal)
    if FIELDS[field] == "title":
        return plain(value)
    if field == "link":
        return address(value)
    if isinstance(value, str):
        return (datetime.datetime.fromisoformat(value) if value[:4].isdigit()
                else parsedate_to_datetime(value))
    return datetime.datetime(*value[:6], tzinfo=UTC)


def got_of(field, item):
    value = item[FIELDS[field]]
    if FIELDS[field] == "title":
        return " ".join(value.split())
    if FIELDS[field] == "published_at":
        return datetime.datetime.fromisoformat(value) if value else None
    return value


def feedparser_case(name, raw):
    head = raw[:6000].decode("utf-8", "replace")
    found = re.search(r"Expect:\s*(.*?)-->", head, re.S)
    if not found:
        return
    base = re.search(r"Content-Location:\s*(\S+)", head)
    kind = re.search(r"Content-type:\s*(.*)", head, re.I)
    items = feed(raw, base[1] if base else "http://127.0.0.1:8097/" + name,
                 kind[1].strip() if kind else "")
    group = "illformed" if "illformed" in name else "wellformed"
    for index, first, second, literal in CLAIM.findall(found[1]):
        field = first or second
        if field not in FIELDS:
            continue
        has = items and int(index) < len(items)
        got = got_of(field, items[int(index)]) if has else None
        score(group, f"{name} {field}", got, wanted_of(field, literal))
    for index in NO_LINK.findall(found[1]):
        score(group, f"{name} no link", items[int(index)]["url"] if items else None, "")
    count = re.search(r"len\(entries\)\s*==\s*(\d+)", found[1])
    if count:
        score(group, f"{name} entries", len(items or []), int(count[1]))


def feedparser(folder):
    with tarfile.open(folder / "feedparser-tests.tar.gz") as tar:
        for member in tar:
            if member.isfile():
                feedparser_case(member.name, tar.extractfile(member).read())


def dates(folder):
    for case in json.loads((folder / "dates-feedparser.json").read_text(encoding="utf-8")):
        raw = f"<rss><item><pubDate>{html.escape(case['input'])}</pubDate></item></rss>"
        got = feed(raw.encode())[0]["published_at"]
        score("dates", repr(case["input"]),
              datetime.datetime.fromisoformat(got) if got else None,
              datetime.datetime(*case["utc"], tzinfo=UTC) if case["utc"] else None)


def opml(folder):
    for path in sorted(folder.glob("*.opml")):
        raw = path.read_bytes()
        items = [item for item in feed(raw) or [] if item["feed"]]
        score("opml", path.name, len(items), len(re.findall(rb"xmlUrl=", raw, re.I)))


def wechat(folder):
    for name, moments in json.loads((folder / "expected.json").read_text("utf-8")).items():
        for moment, expected in moments.items():
            path = folder / moment / (name + ".gz")
            if not path.exists():
                continue
            items = feed(gzip.decompress(path.read_bytes()))
            score("wechat", f"{moment} {name} items", len(items), len(expected["items"]))
            for got, want in zip(items, expected["items"]):
                score("wechat", f"{moment} {name} title", got["title"],
                      " ".join(html.unescape(want["title"]).split()))
                score("wechat", f"{moment} {name} link", got["url"], address(want["link"]))
                score("wechat", f"{moment} {name} time",
                      datetime.datetime.fromisoformat(got["published_at"]),
                      parsedate_to_datetime(want["pub"]))


def main():
    for name, run in (("09-feeds", feedparser), ("09-feeds", dates), ("17-lists", opml),
                      ("19-wechat-feeds", wechat)):
        if (DATA / name).is_dir():
            run(DATA / name)
        else:
            print(f"{run.__name__}: skipped, no set {name}")
    for group, count in total.items():
        print(f"{group:10} {right[group]:5} of {count:5}  {100 * right[group] / count:5.1f} %")
    return 0 if all(right[group] >= 0.94 * count for group, count in total.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
