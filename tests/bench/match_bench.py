"""The analyzer's matching, folding, places and scores included, beside YARA, a loop over PCRE2 and
Hyperscan with PCRE2 behind it, which read text that was folded before.

5,000 articles and 100, 1,000 and 10,000 rules of tests/lib/match_corpus.py. Every engine is a
process of its own; they take turns, and what counts is the median of CPU time an article.
"""
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess

import match_corpus
import server

SIZES = tuple(int(n) for n in os.environ.get('MATCH_RULES', '100 1000 10000').split())
ROUNDS = int(os.environ.get('ROUNDS', 5))
HELPER = server.BUILD / 'tests/helpers/match_cost'
PEERS = pathlib.Path(__file__).resolve().parent / 'peers'
LIBRARIES = {'yara': 'yara', 'hyperscan': 'libhs libpcre2-8'}
# Articles a round: the slow ones read fewer, each costs them the same.
READS = {'yara': {100: 5000, 1000: 1000, 10000: 200}, 'loop': {100: 2000, 1000: 300, 10000: 30}}
# Peer: what its cost divided by ours should be, at least.
WANTED = {1000: {'yara': 12, 'loop': 100}, 10000: {'yara': 20, 'loop': 200, 'hyperscan': 1 / 1.3}}
NAMES = {'ours': 'ours', 'yara': 'YARA', 'loop': 'PCRE2 loop', 'hyperscan': 'Hyperscan + PCRE2'}
TIMES_TEN, LOAD_MS, LOAD_MIB, HOSTILE_US = 8, 300, 64, 1000
HOSTILE = ('(?:中国|中|国)+公司', '(?:国|国国|中)+(?:国|中中)+公司', '中.*国.*中.*国.*中.*国.*司公',
           '(?:[中国]+[国中]+)+公司')


def build_peer(name, folder):
    """The peer's program, or None where its library is missing."""
    found = subprocess.run(['pkg-config', '--cflags', '--libs', *LIBRARIES[name].split()],
                           capture_output=True, text=True)
    if found.returncode:
        return None
    program = folder / name
    subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-D_GNU_SOURCE', '-I.', '-o', program,
                    PEERS / f'match_{name}.c', 'tests/lib/match_rounds.c',
                    *shlex.split(found.stdout)], check=True, cwd=server.ROOT)
    return program


class Engine:
    def __init__(self, test, argv, pairs_file):
        self.pairs_file, self.us, self.pairs = pairs_file, [], 0
        self.process = subprocess.Popen([*map(str, argv), str(pairs_file)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        preexec_fn=server.die_with_parent)
        test.callback(server.end, self.process)
        self.ready = json.loads(self.process.stdout.readline())

    def round(self, count):
        print(count, file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        self.us.append(answer['us'])
        self.pairs = answer['pairs']

    def cost(self):
        return statistics.median(self.us)

    def close(self):
        """The (article, rule) pairs of the last round."""
        self.process.stdin.close()
        self.process.wait()
        return {tuple(map(int, line.split())) for line in self.pairs_file.open()}


def fold(folder, name, texts):
    source, target = folder / f'{name}.txt', folder / f'{name}.folded'
    source.write_bytes(b''.join(t.encode() + b'\0' for t in texts))
    subprocess.run([HELPER, 'fold', source, target], check=True)
    return source, target


def characters(folder):
    """Chinese characters that folding leaves as they are."""
    files = [*server.ROOT.glob('tests/web/text/*.txt'), *server.ROOT.glob('rules/**/*.yaml')]
    found = {c for file in files for c in file.read_text() if '一' <= c <= '鿿'}
    return found & set(fold(folder, 'characters', (''.join(sorted(found)), ''))[1].read_text())


def make_rules(folder, language, rules):
    match_corpus.write_topics(folder, language, rules)
    shutil.copy(server.ROOT / 'rules/places.yaml', folder)
    (folder / 'plan').write_text(match_corpus.plan(rules))
    (folder / 'rules.yar').write_text(match_corpus.yara(rules))


def check_equal(name, theirs, ours, count):
    same = {pair for pair in ours if pair[0] < count}
    if theirs == same:
        return 'same results'
    assert name == 'yara' and theirs > same, \
        f'{NAMES[name]}: {len(theirs - same)} pairs more, {len(same - theirs)} fewer than ours'
    return f'{len(theirs - same)} pairs of {len(theirs)} too many (its gaps count bytes)'


def measure(test, path, size, programs, texts):
    rules = path / f'rules{size}'
    argv = {'ours': [HELPER, 'ours', rules, texts[0]],
            'loop': [HELPER, 'loop', rules / 'plan', texts[1]],
            'yara': [programs['yara'], rules / 'rules.yar', texts[1]],
            'hyperscan': [programs['hyperscan'], rules / 'plan', texts[1]]}
    engines = {name: Engine(test, line, path / f'{name}.pairs') for name, line in argv.items()
               if line[0]}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            engine.round(READS.get(name, {}).get(size, match_corpus.ARTICLES))
    ours = engines['ours']
    pairs = ours.close()
    print(f'{size} rules: {len(pairs) / match_corpus.ARTICLES:.2f} matches an article; ours '
          f'{ours.cost():.2f} us, ready in {ours.ready["load_ms"]:.0f} ms and '
          f'{ours.ready["load_kib"] / 1024:.0f} MiB')
    for name in ('yara', 'loop', 'hyperscan'):
        if name not in engines:
            print(f'  {NAMES[name]}: skipped, packaging/deps bench installs it')
            continue
        wanted = WANTED.get(size, {}).get(name)
        engine = engines[name]
        count = READS.get(name, {}).get(size, match_corpus.ARTICLES)
        print(f'  {NAMES[name]}: {engine.cost():.1f} us, {engine.cost() / ours.cost():.2f} times '
              f'ours' + (f' (wanted: at least {wanted:.3g})' if wanted else '') +
              f'; ready in {engine.ready["load_ms"]:.0f} ms, {engine.ready["load_kib"] // 1024} '
              f'MiB; {check_equal(name, engine.close(), pairs, count)}')
    return ours


def hostile(path):
    """What one bad pattern adds to the dearest of a few texts made for it."""
    texts = [part for n in (30, 300, 3000) for part in ('公司', '公司司公' + '中国' * n)]
    source = fold(path, 'hostile', texts)[0]
    rules = path / 'hostile'
    (rules / 'topics').mkdir(parents=True)
    shutil.copy(server.ROOT / 'rules/places.yaml', rules)
    for pattern in HOSTILE:
        costs = []
        for item in (f"'/{pattern}/'", '公司司'):
            (rules / 'topics/a.yaml').write_text(
                f'topics:\n  - id: hostile\n    title: 坏模式\n    owner: office\n'
                f'    match: {{any: [{item}], all: [[中国]]}}\n')
            out = subprocess.run([HELPER, 'one', rules, source], check=True, capture_output=True)
            costs.append(json.loads(out.stdout))
        print(f'hostile pattern {pattern}: {costs[0]["max_us"] - costs[1]["max_us"]:.0f} us more, '
              f'at its limit in {costs[0]["limited"]} scans (wanted: at most {HOSTILE_US} us)')


def main():
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        language = match_corpus.Language(characters(path))
        articles = [language.article() for _ in range(match_corpus.ARTICLES)]
        texts = fold(path, 'articles', [part for article in articles for part in article])
        programs = {name: build_peer(name, path) for name in LIBRARIES}
        ours = {}
        print('matching, CPU an article of 1 to 3 KB:')
        for size in SIZES:
            make_rules(path / f'rules{size}', language,
                       [match_corpus.rule(language) for _ in range(size)])
            ours[size] = measure(test, path, size, programs, texts)
        step = json.loads(subprocess.run([HELPER, 'step', texts[0]], check=True,
                                         capture_output=True).stdout)
        print(f'of ours, folding: {step["fold_us"]:.2f} us')
        if 1000 in ours and 10000 in ours:
            print(f'10,000 rules cost {ours[10000].cost() / ours[1000].cost():.1f} times 1,000 '
                  f'(wanted: at most {TIMES_TEN}); ready in {ours[10000].ready["load_ms"]:.0f} ms '
                  f'and {ours[10000].ready["load_kib"] / 1024:.0f} MiB (wanted: at most {LOAD_MS} '
                  f'ms and {LOAD_MIB} MiB)')
        hostile(path)


if __name__ == '__main__':
    main()
