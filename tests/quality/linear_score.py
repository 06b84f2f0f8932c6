#!/usr/bin/env python3
"""How far the rules are from a model that learns: character n-grams and a linear SVM (liblinear).

Set 12 is cut into FOLDS; the model judges each fold after learning from the others, the rules
judge the same messages, whose words were at hand when they were written: expect less of either on
others. Below the table stand the terms that the model holds to be telling, that
messages which the rules put elsewhere contain, and that no word of the label's rules covers.
Skipped without liblinear (packaging/deps quality). TERMS=n shows more or fewer.
"""
import collections
import math
import os
import pathlib
import re
import sys

from labelled import (DATA, MESSAGES, ROUTED, RULES, UNDECIDED, label_of, macro_f1, match, rows,
                      table_of)

# Debian's module is for Debian's interpreter and needs nothing of it.
sys.path.append("/usr/lib/python3/dist-packages")
try:
    from liblinearutil import predict, train
except (ImportError, OSError):
    train = None

FOLDS = 5
TERMS = int(os.environ.get("TERMS", 12))
TITLE_TIMES = 3         # the title says what the message is about
SIZES = (1, 2, 3)
TERM_SIZES = (2, 3, 4)
SEEN_IN_MIN = 2         # messages of an n-gram that is learnt
TERM_SEEN_IN_MIN = 4    # of a term that is shown: rarer ones are names and accidents
# No term begins or ends with one of these.
GLUE = set("的了是在个们这那有我你他它等和为之与及也都就到被把给让从而但还又很不没各该请如")
OPTIONS = "-s 2 -c 1 -q"


def grams(text, sizes):
    runs = re.findall(r"[一-鿿a-z0-9]+", text.lower())
    return collections.Counter(run[i:i + n] for run in runs for n in sizes
                               for i in range(len(run) - n + 1))


class Model:
    """TF-IDF of n-grams, one SVM against the rest for each label."""

    def __init__(self, messages, labels):
        counted = [self.count(m) for m in messages]
        seen = collections.Counter(gram for counts in counted for gram in counts)
        kept = [gram for gram, n in seen.items() if n >= SEEN_IN_MIN]
        self.number = {gram: i + 1 for i, gram in enumerate(kept)}
        self.idf = {gram: math.log((1 + len(messages)) / (1 + seen[gram])) + 1 for gram in kept}
        self.labels = sorted(set(labels))
        weights = [f"-w{i} {len(labels) / labels.count(label) / len(self.labels):.4f}"
                   for i, label in enumerate(self.labels)]
        self.model = train([self.labels.index(label) for label in labels],
                           [self.vector(counts) for counts in counted],
                           " ".join([OPTIONS, *weights]))

    @staticmethod
    def count(message):
        return grams((message["title"] + " ") * TITLE_TIMES + message["detail"], SIZES)

    def vector(self, counts):
        values = {self.number[gram]: (1 + math.log(n)) * self.idf[gram]
                  for gram, n in counts.items() if gram in self.number}
        length = math.sqrt(sum(v * v for v in values.values())) or 1
        return {number: value / length for number, value in values.items()}

    def judge(self, messages):
        vectors = [self.vector(self.count(m)) for m in messages]
        given, _, _ = predict([], vectors, self.model, "-q")
        return [self.labels[int(g)] for g in given]

    def weight(self, gram, label):
        if gram not in self.number:
            return 0
        at = self.model.get_labels().index(self.labels.index(label))
        return self.model.get_decfun_coef(self.number[gram], at) * self.idf[gram]


def by_folds(messages, labels):
    """What a model says of each message that learnt from the other folds."""
    order = sorted(range(len(labels)), key=lambda i: (labels[i], i))
    given = [None] * len(labels)
    for fold in range(FOLDS):
        rest = [i for n, i in enumerate(order) if n % FOLDS != fold]
        held_out = order[fold::FOLDS]
        model = Model([messages[i] for i in rest], [labels[i] for i in rest])
        for i, label in zip(held_out, model.judge([messages[i] for i in held_out])):
            given[i] = label
    return given


def share(given, wanted):
    return sum(g == w for g, w in zip(given, wanted)) / len(wanted)


def show(name, messages, labels, rules, score):
    most = collections.Counter(labels).most_common(1)[0][0]
    linear = by_folds(messages, labels)
    print(f"{name:34} {len(messages):5} messages   rules {score(rules, labels):.3f}"
          f"   linear model {score(linear, labels):.3f}"
          f"   majority {score([most] * len(labels), labels):.3f}")


def words_of(label, table):
    """The rule files with topics of the label, without their samples."""
    globs = {topic for topic, of in table if of == label}
    text = ""
    for path in sorted(pathlib.Path(RULES).glob("topics/*.yaml")):
        content = path.read_text(encoding="utf-8")
        if globs & set(re.findall(r"^  - id: (\S+)", content, re.M)):
            text += re.sub(r"^    samples:\n(?:     .*\n)*", "", content + "\n", flags=re.M)
    return text, set(re.findall(r"[一-鿿]{2,}", text))


def missed_terms(label, model, messages, missed, known):
    """[(term, messages that miss it)], the most telling first."""
    text, words = known
    found = collections.Counter(gram for m in missed
                                for gram in grams(m["title"] + " " + m["detail"], TERM_SIZES))
    seen = collections.Counter(gram for m in messages for gram in
                               set(grams(m["title"] + " " + m["detail"], TERM_SIZES)) & set(found))
    weighed = []
    for gram in found:
        is_scrap = GLUE & {gram[0], gram[-1]} or re.search("[a-z0-9]", gram)
        if seen[gram] < TERM_SEEN_IN_MIN or is_scrap:
            continue
        inner = grams(gram, SIZES)
        weight = sum(model.weight(part, label) for part in inner if len(part) > 1)
        if weight > 0 and gram not in text and not any(word in gram for word in words):
            of = sum(gram in m["title"] + m["detail"] for m in missed)
            weighed.append((weight * math.sqrt(of) / math.sqrt(len(gram)), gram, of))
    shown = []
    for _, gram, of in sorted(weighed, reverse=True):
        if not any(gram in other or other in gram for other, _ in shown):
            shown.append((gram, of))
    return shown[:TERMS]


def show_missed(messages, labels, topics, table):
    model = Model(messages, labels)
    for label in sorted(set(labels)):
        missed = [m for m, of, found in zip(messages, labels, topics)
                  if of == label and label_of(found, table) != label]
        went = collections.Counter(found[0] if found else "-" for of, found in zip(labels, topics)
                                   if of == label and label_of(found, table) != label)
        terms = missed_terms(label, model, messages, missed, words_of(label, table))
        print(f"  {label}: {len(missed)} messages elsewhere"
              f" ({', '.join(f'{topic} {n}' for topic, n in went.most_common(5))})")
        print("    missed: " + ", ".join(f"{term} {n}" for term, n in terms))


def topics_of(messages):
    return match([(m["title"], m["detail"]) for m in messages])


def main():
    if not train:
        print("linear model: skipped, no liblinear (packaging/deps quality installs it)")
        return 0
    if (DATA / MESSAGES).exists():
        messages, table = list(rows(MESSAGES)), table_of("topic-labels.tsv")
        labels, topics = [m["label1"] for m in messages], topics_of(messages)
        show("official labels, macro-F1", messages, labels,
             [label_of(found, table) for found in topics], macro_f1)
        show_missed(messages, labels, topics, table)
    if (DATA / ROUTED).exists():
        messages = [m for m in rows(ROUTED) if m["unit_kind"] not in UNDECIDED]
        labels, table = [m["unit_kind"] for m in messages], table_of("unit-kinds.tsv")
        show("kinds of unit, share that is right", messages, labels,
             [label_of(found, table) for found in topics_of(messages)], share)
    return 0


sys.exit(main())
