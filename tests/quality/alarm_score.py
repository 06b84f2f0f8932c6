#!/usr/bin/env python3
"""Scores `huiying match` on real material: what must not alarm, and messages with labels.

sets 14, 18   news and hot-search titles: the share that alarms (at most 3 %), by topic
set 12        messages to government with an official label: how many get a topic, how often the
              first topic's label (topic-labels.tsv) is theirs, and macro-F1 over the labels
              the same messages answered by a unit: how often the first topic's kind of unit
              (unit-kinds.tsv) is the one that the official reply names
RULES=dir judges by other rules; VERBOSE=1 lists every alarm; exit code 1 above 3 %.
"""
import collections
import csv
import fnmatch
import json
import os
import pathlib
import subprocess
import sys

DATA = pathlib.Path(os.environ["DATA"])
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"
RULES = os.environ.get("RULES", "rules")
VERBOSE = bool(os.environ.get("VERBOSE"))
ALARMS_MAX = 0.03
TITLES = (("14-topics/thucnews-titles.tsv", "news titles"),
          ("18-hotsearch/weibo-hot-titles.tsv", "hot-search titles"))
LABELLED = "12-gov-messages/tipdm-labelled.tsv"
ROUTED = "12-gov-messages/routing-strong.tsv"
UNDECIDED = ("街道乡镇", "其他")  # no topic decides these: it takes a place


def rows(path):
    with open(DATA / path, encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def match(documents):
    """Pairs (title, text) to lists of topic ids, the strongest first."""
    lines = "".join(json.dumps({"id": i, "title": title, "text": text}) + "\n"
                    for i, (title, text) in enumerate(documents))
    run = subprocess.run([PROGRAM, "match", "--rules", RULES, "-"], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True)
    return [[topic["topic"] for topic in json.loads(line)["topics"]]
            for line in run.stdout.splitlines()]


def score_titles(path, name):
    titles = [row["title"] for row in rows(path)]
    topics = match([(title, "") for title in titles])
    alarms = [(found[0], title) for title, found in zip(titles, topics) if found]
    share = len(alarms) / len(titles)
    print(f"{name:20} {len(titles):6} titles {len(alarms):5} alarm {share:8.2%}"
          f"  (limit {ALARMS_MAX:.0%})")
    for topic, count in collections.Counter(topic for topic, _ in alarms).most_common():
        print(f"    {topic:24} {count}")
    for topic, title in alarms if VERBOSE else alarms[:10]:
        print(f"      {topic}: {title}")
    return share <= ALARMS_MAX


def table_of(name):
    with open(pathlib.Path(__file__).parent / name, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]


def label_of(found, table):
    for topic in found[:1]:
        for glob, label in table:
            if fnmatch.fnmatchcase(topic, glob):
                return label
    return None


def score_labels():
    messages = list(rows(LABELLED))
    table = table_of("topic-labels.tsv")
    given = [label_of(found, table)
             for found in match([(m["title"], m["detail"]) for m in messages])]
    wanted = [m["label1"] for m in messages]
    f1 = []
    for label in sorted(set(wanted)):
        right = sum(g == w == label for g, w in zip(given, wanted))
        precision = right / max(1, given.count(label))
        recall = right / wanted.count(label)
        f1.append(2 * precision * recall / max(1e-9, precision + recall))
        print(f"    {label:10} {wanted.count(label):5} messages  precision {precision:.2f}"
              f"  recall {recall:.2f}")
    covered = sum(g is not None for g in given)
    print(f"{'messages, set 12':20} {len(messages):6} messages {covered / len(messages):8.2%}"
          f" with a topic, macro-F1 {sum(f1) / len(f1):.3f}")
    if VERBOSE:
        for message, g, w in zip(messages, given, wanted):
            if g != w:
                print(f"      {w} -> {g}: {message['title']}")


def score_units():
    messages = [m for m in rows(ROUTED) if m["unit_kind"] not in UNDECIDED]
    table = table_of("unit-kinds.tsv")
    given = [label_of(found, table)
             for found in match([(m["title"], m["detail"]) for m in messages])]
    right = sum(g == m["unit_kind"] for g, m in zip(given, messages))
    print(f"{'kinds of unit':20} {len(messages):6} messages {right / len(messages):8.2%}"
          f" with the kind of the unit that answered")


def main():
    good = True
    for path, name in TITLES:
        if (DATA / path).exists():
            good = score_titles(path, name) and good
        else:
            print(f"{name}: skipped, no {path}")
    if (DATA / LABELLED).exists():
        score_labels()
    if (DATA / ROUTED).exists():
        score_units()
    return 0 if good else 1


sys.exit(main())
