"""Articles and rules for matching side by side: seeded, the same on every machine.

The characters are those of the simulated web and of the rules; words of two to four of them make
a lexicon of which a few are frequent and most are rare, as in a language. Articles have 1 to 3 KB,
with numbers, punctuation, places, and now and then a word in disguise (a space, a sign, a full
width digit inside) that only folding finds. Rules have 2 to 6 keywords, AND of ORs; about one in
six excludes something, about one in five holds a pattern: two words close together, alternatives,
a number before a unit.
"""
import bisect
import itertools
import random

WORDS = 60000
ARTICLES = 5000
SECTOR_RULES = 500      # topics in a file
PLACES = ('济南高新区', '孙村街道', '舜华路', '成都高新区', '历城区', '济南', '高新区')
UNITS = ('人', '名', '户', '万元')
ORS, NEITHER, PATTERNS = 0.7, 0.17, 0.2


class Language:
    def __init__(self, characters, seed=4):
        self.random = random.Random(seed)
        seen, characters = {}, sorted(characters)
        self.random.shuffle(characters)
        weights = list(itertools.accumulate(1 / (n + 20) for n in range(len(characters))))
        while len(seen) < WORDS:
            length = self.random.choice((2, 2, 2, 2, 3, 3, 4))
            seen[''.join(self.random.choices(characters, cum_weights=weights, k=length))] = None
        self.words = list(seen)
        self.frequent = list(itertools.accumulate(1 / (n + 5) for n in range(WORDS)))

    def word(self):
        """As an article uses words."""
        at = self.random.random() * self.frequent[-1]
        return self.words[bisect.bisect(self.frequent, at)]

    def keyword(self):
        """As rules name them: seldom what every text says."""
        return self.words[min(WORDS - 1, int(500 * 120 ** self.random.random()))]

    def piece(self):
        chance = self.random.random()
        if chance < 0.01:
            return self.random.choice(PLACES)
        if chance < 0.03:
            number = str(self.random.randint(1, 999))
            return number + self.random.choice(UNITS) + self.word()
        word = self.word()
        if chance < 0.04:
            return word[0] + self.random.choice((' ', '-', '＊', '​', '\n')) + word[1:]
        return word

    def article(self):
        """(title, body)"""
        goal, body, size, run = self.random.randint(1000, 3000), [], 0, 0
        while size < goal:
            body.append(self.piece())
            size += len(body[-1].encode())
            run += 1
            if self.random.random() < 0.15:
                body.append(self.random.choice('，，，，。。；、'))
                size += 3
                if run > 60:
                    body.append('\n\n')
                    run = 0
        return ''.join(self.word() for _ in range(6)), ''.join(body)


# An item is ('word', text) or ('pattern', regex, literals of which one is in every match).

def alternatives(words):
    return words[0] if len(words) == 1 else '(?:' + '|'.join(words) + ')'


def pattern(language):
    kind, words = language.random.randrange(3), [language.keyword() for _ in range(4)]
    if kind == 0:
        return 'pattern', alternatives(words[:2]) + '.{0,20}' + alternatives(words[2:]), words[:2]
    if kind == 1:
        return 'pattern', words[0] + alternatives([w[:2] for w in words[1:]]), words[:1]
    return ('pattern', '[0-9]{1,4}(?:人|名|户)' + alternatives(words[:2]), words[:2])


def rule(language):
    """{'all': [[item]], 'none': [item]}"""
    count, groups = language.random.randint(2, 6), []
    while count > 0:
        if len(groups) > 1 and (language.random.random() < ORS or len(groups) == 3):
            language.random.choice(groups).append(('word', language.keyword()))
        else:
            groups.append([('word', language.keyword())])
        count -= 1
    if language.random.random() < PATTERNS:
        language.random.choice(groups).append(pattern(language))
    none = [('word', language.keyword())] if language.random.random() < NEITHER else []
    return {'all': groups, 'none': none}


# ---- as our rules ----

def yaml_item(item):
    return item[1] if item[0] == 'word' else f"'/{item[1]}/'"


def yaml_topic(number, rule):
    lines = [f'  - id: bench.{number:05}', f'    title: 议题{number}', '    owner: office',
             '    match:', '      all:']
    lines += [f'        - [{", ".join(map(yaml_item, group))}]' for group in rule['all']]
    if rule['none']:
        lines.append(f'      none: [{", ".join(map(yaml_item, rule["none"]))}]')
    return '\n'.join(lines) + '\n'


def write_topics(folder, language, rules):
    """The folder of rules, without its places."""
    (folder / 'topics').mkdir(parents=True)
    for first in range(0, len(rules), SECTOR_RULES):
        words = ', '.join({language.keyword(): None for _ in range(40)})
        number = first // SECTOR_RULES
        (folder / f'topics/sector{number:03}.yaml').write_text(
            f'sector:\n  id: sector{number}\n  title: 领域{number}\n  words:\n'
            f'    - {{term: [{words}], weight: 2}}\ntopics:\n' +
            ''.join(yaml_topic(n, rules[n])
                    for n in range(first, min(first + SECTOR_RULES, len(rules)))))


# ---- as the peers' ----

def plan(rules):
    """The lines of tests/lib/match_rounds.h."""
    literals, lines = {}, []

    def number(word):
        return literals.setdefault(word, len(literals))

    def add(item):
        if item[0] == 'word':
            lines.append(f'w {number(item[1])}')
        else:
            lines.append(f'r {item[1]}')
            lines.extend(f'g {number(word)}' for word in item[2])

    for n, one in enumerate(rules):
        lines.append(f'R {n}')
        for group in one['all']:
            lines.append('A')
            for item in group:
                add(item)
        if one['none']:
            lines.append('N')
            for item in one['none']:
                add(item)
    return ''.join(f'L {word}\n' for word in literals) + '\n'.join(lines) + '\n'


def yara_regex(regex):
    """Bytes instead of characters, and a gap of 20 characters as 60 bytes: YARA knows no others,
    so that it finds more than was asked where the characters between are ASCII."""
    text = regex.replace('(?:', '(').replace('.{0,20}', '.{0,60}')
    return ''.join(c if c < '\x80' else ''.join(f'\\x{b:02x}' for b in c.encode()) for c in text)


def yara(rules):
    parts = []
    for n, one in enumerate(rules):
        strings, groups = [], []
        for group in one['all'] + ([one['none']] if one['none'] else []):
            names = []
            for item in group:
                names.append(f'$s{len(strings)}')
                value = f'"{item[1]}"' if item[0] == 'word' else f'/{yara_regex(item[1])}/'
                strings.append(f'{names[-1]} = {value}')
            groups.append('(' + ' or '.join(names) + ')')
        if one['none']:
            groups[-1] = 'not ' + groups[-1]
        parts.append(f'rule r{n} {{ strings: {" ".join(strings)} condition: '
                     f'{" and ".join(groups)} }}\n')
    return ''.join(parts)
