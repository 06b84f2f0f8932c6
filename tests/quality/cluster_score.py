#!/usr/bin/env python3
"""Scores `huiying cluster` on sets 13 and 20. The whole corpus is clustered, in order of time.

13  citizens' messages: recall of pairs inside the listed events, their mean per event,
    precision among listed messages, and the hard negatives (another place or firm in nearly the
    same words) that were merged. Shown for two halves of the events, by a hash of the event's
    name or of the hard negative's first message, and for all.
20  articles with a vulnerability's number masked: pairs of the same one.
HUIYING=program scores another binary; VERBOSE=1 lists the merged hard negatives.
"""
import collections
import datetime
import hashlib
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys

DATA = pathlib.Path(os.environ["DATA"])
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"
VERBOSE = bool(os.environ.get("VERBOSE"))
BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def rows(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"))) for line in lines[1:] if line]


def moment(text):
    """RFC 3339 of 2019/2/14 20:00:00 and 2022-09-21 22:29; None where there is no time."""
    part = [int(digits) for digits in re.findall(r"\d+", text)]
    if len(part) < 3:
        return None
    return datetime.datetime(*part[:6], tzinfo=BEIJING).isoformat()


def cluster(messages):
    """{id: event} of [(id, title, text, time)]"""
    messages = sorted(messages, key=lambda message: message[3] or "")
    lines = "".join(
        json.dumps(dict(zip(("id", "title", "text", "published_at"), message))) + "\n"
        for message in messages)
    run = subprocess.run([PROGRAM, "cluster", "-"], input=lines.encode(),
                         stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if [answer["id"] for answer in answers] != [message[0] for message in messages]:
        sys.exit("cluster: not one answer for each message, in order")
    return {answer["id"]: answer["event"] for answer in answers}


def half(text):
    return hashlib.md5(text.encode()).digest()[0] & 1


def groups_score(found, events):
    """Pairwise recall, mean recall per event, precision on listed messages."""
    of = {message: event for event, messages in events.items() for message in messages}
    together = collections.Counter()
    wrong = 0
    for a, b in itertools.combinations(of, 2):
        if found[a] == found[b]:
            together[of[a]] += of[a] == of[b]
            wrong += of[a] != of[b]
    pairs = {event: len(m) * (len(m) - 1) // 2 for event, m in events.items() if len(m) > 1}
    right = sum(together.values())
    return (right / sum(pairs.values()),
            sum(together[event] / count for event, count in pairs.items()) / len(pairs),
            right / max(1, right + wrong))


def score_messages(folder):
    found = cluster([(row["msg_id"], row["title"], row["detail"], moment(row["time"]))
                     for row in rows(folder / "corpus.tsv")])
    events = collections.defaultdict(list)
    for row in rows(folder / "events.tsv"):
        events[row["event_id"]].append(row["msg_id"])
    hard = [row for row in rows(folder / "pairs.tsv") if row["kind"] == "hard-negative"]
    results = []
    for name, keep in (("half 0", lambda key: half(key) == 0),
                       ("half 1", lambda key: half(key) == 1), ("all", lambda key: True)):
        recall, mean, precision = groups_score(
            found, {event: m for event, m in events.items() if keep(event)})
        mine = [row for row in hard if keep(row["msg_a"])]
        merged = [row for row in mine if found[row["msg_a"]] == found[row["msg_b"]]]
        print(f"messages {name:7} pairs {recall:.3f}  mean of events {mean:.3f}  precision "
              f"{precision:.3f}  hard negatives merged {len(merged)} of {len(mine)}")
        results.append(recall >= 0.80 and mean >= 0.92 and precision >= 0.97 and
                       len(merged) <= 0.2 * len(mine))
        if VERBOSE and name == "all":
            for row in merged:
                print(f"  {row['title_a']} | {row['title_b']}")
    return results[-1]


def score_articles(folder):
    articles = rows(folder / "docs.tsv")
    found = cluster([(row["doc_id"], row["title_masked"], row["text_masked"],
                      moment(row["time"])) for row in articles])
    label = {row["doc_id"]: row["event_id(cve)"] for row in articles}
    right = merged = same = 0
    for a, b in itertools.combinations(label, 2):
        right += found[a] == found[b] and label[a] == label[b]
        merged += found[a] == found[b]
        same += label[a] == label[b]
    f1 = 2 * right / max(1, merged + same)
    print(f"articles        precision {right / max(1, merged):.3f}  recall "
          f"{right / max(1, same):.3f}  F1 {f1:.3f}")
    return f1 >= 0.50


def main():
    results = []
    for name, score in (("13-events", score_messages), ("20-wechat-same-event", score_articles)):
        if not (DATA / name).is_dir():
            print(f"cluster: skipped, no set {name}")
            continue
        results.append(score(DATA / name))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
