"""The labelled messages of set 12, and what `huiying match` says of documents."""
import csv
import fnmatch
import json
import os
import pathlib
import subprocess

DATA = pathlib.Path(os.environ["DATA"])
PROGRAM = os.environ.get("HUIYING") or os.environ.get("BUILD", "build") + "/bin/huiying"
RULES = os.environ.get("RULES", "rules")
MESSAGES = "12-gov-messages/tipdm-labelled.tsv"
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


def table_of(name):
    with open(pathlib.Path(__file__).parent / name, encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]


def label_of(found, table):
    for topic in found[:1]:
        for glob, label in table:
            if fnmatch.fnmatchcase(topic, glob):
                return label
    return None


def f1_by_label(given, wanted):
    """{label: (precision, recall, F1)}"""
    scores = {}
    for label in sorted(set(wanted)):
        right = sum(g == w == label for g, w in zip(given, wanted))
        precision = right / max(1, given.count(label))
        recall = right / wanted.count(label)
        scores[label] = precision, recall, 2 * precision * recall / max(1e-9, precision + recall)
    return scores


def macro_f1(given, wanted):
    scores = f1_by_label(given, wanted)
    return sum(f1 for _, _, f1 in scores.values()) / len(scores)
