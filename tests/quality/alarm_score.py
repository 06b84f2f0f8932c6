#!/usr/bin/env python3
"""Scores `huiying match` on real material: what must not alarm, and messages with labels.

sets 14, 18   news and hot-search titles: the share that alarms (at most 3 %), by topic
set 12        messages to government with an official label: how many get a topic, how often the
              first topic's label (topic-labels.tsv) is theirs, and macro-F1 over the labels
              the same messages answered by a unit: how often the first topic's kind of unit
              (unit-kinds.tsv) is the one that the official reply names
RULES=dir judges by other rules; VERBOSE=1 lists every alarm instead of 15 drawn by lot; exit code 1 above 3 %.
"""
import collections
import os
import random
import sys

from labelled import (DATA, MESSAGES, ROUTED, UNDECIDED, f1_by_label, label_of, macro_f1, match,
                      rows, table_of)

VERBOSE = bool(os.environ.get("VERBOSE"))
ALARMS_MAX = 0.03
READ = 15               # alarms of each set to be read, drawn by lot
READER = random.Random(4)
TITLES = (("14-topics/thucnews-titles.tsv", "news titles"),
          ("18-hotsearch/weibo-hot-titles.tsv", "hot-search titles"))


def score_titles(path, name):
    titles = [row["title"] for row in rows(path)]
    topics = match([(title, "") for title in titles])
    alarms = [(found[0], title) for title, found in zip(titles, topics) if found]
    share = len(alarms) / len(titles)
    print(f"{name:20} {len(titles):6} titles {len(alarms):5} alarm {share:8.2%}"
          f"  (limit {ALARMS_MAX:.0%})")
    for topic, count in collections.Counter(topic for topic, _ in alarms).most_common():
        print(f"    {topic:24} {count}")
    for topic, title in alarms if VERBOSE else READER.sample(alarms, min(READ, len(alarms))):
        print(f"      {topic}: {title}")
    return share <= ALARMS_MAX


def score_labels():
    messages = list(rows(MESSAGES))
    table = table_of("topic-labels.tsv")
    given = [label_of(found, table)
             for found in match([(m["title"], m["detail"]) for m in messages])]
    wanted = [m["label1"] for m in messages]
    for label, (precision, recall, _) in f1_by_label(given, wanted).items():
        print(f"    {label:10} {wanted.count(label):5} messages  precision {precision:.2f}"
              f"  recall {recall:.2f}")
    covered = sum(g is not None for g in given)
    print(f"{'messages, set 12':20} {len(messages):6} messages {covered / len(messages):8.2%}"
          f" with a topic, macro-F1 {macro_f1(given, wanted):.3f}")
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
    if (DATA / MESSAGES).exists():
        score_labels()
    if (DATA / ROUTED).exists():
        score_units()
    return 0 if good else 1


sys.exit(main())
