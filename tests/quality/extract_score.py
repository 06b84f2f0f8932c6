#!/usr/bin/env python3
"""Scores `huiying extract` on labelled pages: BUILD/bin/huiying, DATA=folder of the sets.

02 and 06  Chinese news: body F1 (multisets of 4 characters, white space removed), title, time
03         the 181-page benchmark: F1 of 4-word shingles, as its own evaluate.py computes it
04         pages of many languages: title, day, pieces that must and must not be in the text
07         WeChat and Sogou pages: kind, title, account, time
doubt      of 02 and 03: good pages (F1 >= 0.8) held in doubt, bad ones (< 0.5) that pass
HUIYING=program scores another binary; VERBOSE=1 lists the misses.
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
VERBOSE = bool(os.environ.get("VERBOSE"))


def extract(pages):
    """{name: path} -> {name: parsed line}; one process for all."""
    with tempfile.TemporaryDirectory() as folder:
        names = {}
        for number, (name, path) in enumerate(sorted(pages.items())):
            raw = path.read_bytes()
            copy = f"{folder}/{number}.html"
            pathlib.Path(copy).write_bytes(gzip.decompress(raw) if path.suffix == ".gz" else raw)
            names[copy] = name
        run = subprocess.run([PROGRAM, "extract", *names], stdout=subprocess.PIPE, check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {names[line["file"]]: line for line in lines}


def grams(text, n=4):
    text = re.sub(r"\s+", "", text or "")
    return collections.Counter(text[i:i + n] for i in range(max(1, len(text) - n + 1)) if text)


def body_f1(truth, found):
    truth, found = grams(truth), grams(found)
    same = sum((truth & found).values())
    if not same:
        return 0.0, 0.0, 0.0
    precision, recall = same / sum(found.values()), same / sum(truth.values())
    return 2 * precision * recall / (precision + recall), precision, recall


def mean(values):
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def plain(text):
    return re.sub(r"[\s\W_]+", "", text or "")


def same_minute(truth, found):
    digits = re.sub(r"\D", "", truth)[:12]
    return re.sub(r"\D", "", found)[:len(digits)] == digits


def miss(kind, name, truth, found):
    if VERBOSE:
        print(f"    {kind:6} {name}: wanted {str(truth)[:60]!r}, found {str(found)[:60]!r}")


DOUBT = collections.Counter()


def count_doubt(score, got):
    doubted = bool(got.get("doubt")) or got.get("kind") not in ("article", "wechat")
    if score >= 0.8:
        DOUBT["good"] += 1
        DOUBT["good in doubt"] += doubted
    elif score < 0.5:
        DOUBT["bad"] += 1
        DOUBT["bad that pass"] += not doubted


def score_news(title, pages, truth):
    """truth: {name: {title, publish_time, content}}, parts may be missing."""
    found = extract(pages)
    f1, titles, times = [], [], []
    for name, wanted in sorted(truth.items()):
        got = found.get(name, {"title": "", "text": "", "published_at": ""})
        if wanted.get("content"):
            score = body_f1(wanted["content"], got["text"])
            f1.append(score[0])
            count_doubt(score[0], got)
            if score[0] < 0.95:
                miss("body", name, "F1 P R", " ".join(f"{x:.3f}" for x in score))
        if wanted.get("title"):
            titles.append(plain(wanted["title"]) == plain(got["title"]))
            if not titles[-1]:
                miss("title", name, wanted["title"], got["title"])
        if wanted.get("publish_time"):
            times.append(same_minute(wanted["publish_time"], got["published_at"]))
            if not times[-1]:
                miss("time", name, wanted["publish_time"], got["published_at"])
    print(f"{title:34} pages {len(truth):4}  body F1 {mean(f1):.3f}  "
          f"title {mean(titles):.3f}  time {mean(times):.3f}")


def news_gne():
    folder = DATA / "02-article-gne-zh"
    truth = json.loads((folder / "gold-derived.json").read_text())
    pages = {name: folder / "html" / (name + ".gz") for name in truth}
    score_news("02 Chinese news and government", pages, truth)
    lists = extract({p.name: p for p in (folder / "list-pages").glob("*.gz")})
    kinds = collections.Counter(line["kind"] for line in lists.values())
    print(f"{'02 list pages':34} pages {len(lists):4}  kinds {dict(kinds)}")


def news_misc():
    folder = DATA / "06-article-misc-zh"
    truth, pages = {}, {}
    for stem in ("chinese_article", "chinese_article_001", "chinese_article_002"):
        pages[stem] = folder / "newspaper4k" / (stem + ".html.gz")
        truth[stem] = {"content": (folder / "newspaper4k" / (stem + ".txt")).read_text()}
        meta = folder / "newspaper4k" / (stem + ".metadata.json")
        if meta.exists():
            truth[stem]["title"] = json.loads(meta.read_text()).get("title")
    bbc = json.loads((folder / "goose3" / "test_bbc_chinese.json").read_text())["expected"]
    pages["bbc"] = folder / "goose3" / "test_bbc_chinese.html.gz"
    truth["bbc"] = {"content": bbc["cleaned_text"]}
    score_news("06 Chinese, other collections", pages, truth)


def words(text, n=4):
    tokens = re.findall(r"\w+", text or "")
    grams_of = [tuple(tokens[i:i + n]) for i in range(max(1, len(tokens) - n + 1))]
    return collections.Counter(g for g in grams_of if g)


def benchmark():
    folder = DATA / "03-article-zyte"
    truth = json.loads((folder / "ground-truth.json").read_text())
    found = extract({name: folder / "html" / (name + ".html.gz") for name in truth})
    precisions, recalls = [], []
    for name, wanted in truth.items():
        want, got = words(wanted["articleBody"]), words(found.get(name, {}).get("text", ""))
        hit = sum((want & got).values())
        extra, lost = sum((got - want).values()), sum((want - got).values())
        count_doubt(hit * 2 / max(1, hit * 2 + extra + lost), found.get(name, {}))
        if hit + extra:
            precisions.append(1.0 if extra == lost == 0 else hit / (hit + extra))
        if hit + lost:
            recalls.append(1.0 if extra == lost == 0 else hit / (hit + lost))
        if hit * 1.1 < max(hit + extra, hit + lost):
            miss("body", name[:12], f"hit {hit} extra {extra} lost {lost}",
                 found.get(name, {}).get("kind"))
    precision, recall = mean(precisions), mean(recalls)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
    print(f"{'03 the 181-page benchmark':34} pages {len(truth):4}  F1 {f1:.3f}  "
          f"precision {precision:.3f}  recall {recall:.3f}")


def languages():
    folder = DATA / "04-article-trafilatura"
    truth = {v["file"]: v for v in json.loads((folder / "evaldata-subset.json").read_text()).values()}
    found = extract({name: folder / "html" / (name + ".gz") for name in truth
                     if (folder / "html" / (name + ".gz")).exists()})
    count = collections.Counter()
    for name, got in found.items():
        wanted, text = truth[name], " ".join(got["text"].split())
        for key in ("with", "without"):
            count[key, True] += sum(" ".join(x.split()) in text for x in wanted[key])
            count[key, False] += sum(" ".join(x.split()) not in text for x in wanted[key])
        for key, good in (("title", plain(wanted["title"]) == plain(got["title"])),
                          ("date", got["published_at"][:10] == wanted["date"])):
            if wanted[key]:
                count[key, good] += 1
                if not good:
                    miss(key, name[:30], wanted[key], got["title" if key == "title" else "published_at"])
    precision = count["with", True] / max(1, count["with", True] + count["without", True])
    recall = count["with", True] / max(1, count["with", True] + count["with", False])
    parts = "  ".join(f"{key} {count[key, True]}/{count[key, True] + count[key, False]}"
                      for key in ("title", "date"))
    print(f"{'04 many languages':34} pages {len(found):4}  "
          f"F1 {2 * precision * recall / max(1e-9, precision + recall):.3f}  {parts}")


KIND_OF_STATE = {
    "ok": {"wechat"}, "gone": {"deleted"}, "expired": {"deleted"}, "unavailable": {"deleted"},
    "blocked": {"blocked"}, "list": {"list"}, "not-article": {"empty", "list"},
}


def wechat():
    folder = DATA / "07-wechat"
    index = json.loads((folder / "index.json").read_text())
    found = extract({entry["file"]: folder / entry["file"] for entry in index})
    right = collections.Counter()
    total = collections.Counter()

    def check(what, name, good, wanted, got):
        total[what] += 1
        right[what] += bool(good)
        if not good:
            miss(what, name, wanted, got)

    for entry in index:
        got = found.get(entry["file"], collections.defaultdict(str))
        state = entry["expected_state"]
        check("state", entry["file"], got["kind"] in KIND_OF_STATE[state], state, got["kind"])
        if state != "ok":
            continue
        check("text", entry["file"], got["text"], "some text", got["text"])
        if entry.get("title"):
            check("title", entry["file"], plain(got["title"]) == plain(entry["title"]),
                  entry["title"], got["title"])
        check("account", entry["file"], got["source"] == entry["account"], entry["account"],
              got["source"])
        check("time", entry["file"], same_minute(entry["publish_time_cst"], got["published_at"]),
              entry["publish_time_cst"], got["published_at"])
    parts = "  ".join(f"{what} {right[what]}/{total[what]}" for what in total)
    print(f"{'07 WeChat and Sogou':34} pages {len(index):4}  {parts}")


def main():
    if not pathlib.Path(PROGRAM).exists():
        sys.exit(f"extract_score: {PROGRAM} is not built")
    news_gne()
    news_misc()
    benchmark()
    print(f"{'02, 06, 03 doubt':34} good {DOUBT['good']}, in doubt {DOUBT['good in doubt']}; "
          f"bad {DOUBT['bad']}, passing {DOUBT['bad that pass']}")
    languages()
    wechat()


main()
