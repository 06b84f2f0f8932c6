"""Whether an alerter gets slower or larger with the cases that are closed.

The same alerts, the same paced alerts and the same scans of what is due, on a store with 1,000
closed cases and on the same one with CLOSED_CASES: the figures are ratios of the second to the
first. The closed ones are written by SQL while the alerter is down, with the rows that an answered
case leaves, over the ten years before the last one.

Environment: CLOSED_CASES (1000000), CLOSED_ENGINES ("sqlite postgres"), ROUNDS (3).
"""
import contextlib
import json
import os
import re
import sqlite3
import statistics
import time

import alerter_alone
import server

CASES = int(os.environ.get('CLOSED_CASES', 1000000))
ENGINES = os.environ.get('CLOSED_ENGINES', 'sqlite postgres').split()
ROUNDS = int(os.environ.get('ROUNDS', 3))
FIRST, PIECE, ALERTS = 1000, 100000, 1500
DAY = 86400000
WANTED = 1.3     # and not more, of any ratio

# One closed case is number i of the table `made` (i, id, other, at): ids in no order, as hashes are.
MADE = {
    'sqlite': """CREATE TEMP TABLE made AS WITH RECURSIVE n(i) AS (SELECT {begin} UNION ALL
        SELECT i + 1 FROM n WHERE i + 1 < {end})
        SELECT i, printf('%08x%024x', i * 2654435761 % 4294967296, i) AS id,
        printf('1%03d-%06d', i / 1000000, i % 1000000) AS case_id, {at} AS at FROM n""",
    'postgres': """CREATE TEMP TABLE made AS SELECT i,
        lpad(to_hex(i * 2654435761 % 4294967296), 8, '0') || lpad(to_hex(i), 24, '0') AS id,
        to_char(1000 + i / 1000000, 'FM0000') || '-' || to_char(i % 1000000, 'FM000000') AS case_id,
        {at} AS at FROM generate_series({begin}::bigint, {end}::bigint - 1) AS i""",
}
HISTORY = (
    """INSERT INTO event (id, title, topic, opened_at, last_at, alerts)
       SELECT id, '某路段积水', 'noise', at, at, 1 FROM made""",
    """INSERT INTO case_ (id, event, lead, state, severity, topic, title, url, clock_start,
       detected_at, assigned_at, signed_at, answered_at, route, because, rules, version)
       SELECT case_id, id, (SELECT min(id) FROM unit), 'closed', 0, 'noise', '某路段积水', 'https://e.cn/' || i, at,
       at, at, at + 3600000, at + 86400000, 'fallback', '', id, 4 FROM made""",
    """INSERT INTO alert (id, document, version, event, case_id, url, title, source, outlet, topic,
       topics, places, hits, severity, rules, published_at, detected_at, received_at)
       SELECT 'a' || substr(id, 2), 'd' || substr(id, 2), id, id, case_id, 'https://e.cn/' || i,
       '某路段积水', 'source', 'outlet', 'noise', '["noise"]', '[]', '[]', 0, id, at, at, at
       FROM made""",
    """INSERT INTO event_text (alert, event, at, published_at, topics, places, subjects, title)
       SELECT 'a' || substr(id, 2), id, at, at, '["noise"]', '[]', '[]', '某路段积水' FROM made""",
    """INSERT INTO clock (case_id, ladder, unit, preset, title, basis, measure, start_at, due_at,
       open_calendar) SELECT case_id, l.ladder, '', 'p', 'p', '', 'natural', at, at + 86400000, 0
       FROM made, (SELECT 'sign' AS ladder UNION ALL SELECT 'answer') AS l""",
    """INSERT INTO deadline (case_id, ladder, step, preset, due_at, stopped_at)
       SELECT case_id, l.ladder, l.step, 'p', at + 86400000, at + 3600000
       FROM made, (SELECT 'sign' AS ladder, 50 AS step UNION ALL SELECT 'sign', 100 UNION ALL
       SELECT 'answer', 50 UNION ALL SELECT 'answer', 80 UNION ALL SELECT 'answer', 100) AS l""",
    """INSERT INTO span (case_id, number, unit, state, from_at, to_at)
       SELECT case_id, l.number, 'office', 'assigned', at, at + 3600000
       FROM made, (SELECT 1 AS number UNION ALL SELECT 2 UNION ALL SELECT 3) AS l""",
    """INSERT INTO notice (id, case_id, step, recipient, channel, state, created_at, changed_at,
       attempts, error, text, severity) SELECT 'n' || substr(id, 2), case_id, 'assigned', 'office',
       'terminal', 'sent', at, at, 1, '', '某路段积水', 0 FROM made""",
)
DUE = (('alerter/deadline.c', 'next_due'), ('alerter/deadline_fire.c', 'due_rows'))


def constant(path, name):
    """The text of an SQL constant of a source."""
    source = (server.ROOT / path).read_text()
    pieces = re.search(rf'char {name}\[\] =(.*?);\n', source, re.S).group(1)
    return ''.join(re.findall(r'"([^"]*)"', pieces))


class History:
    """What closed cases leave, and the scans of what is due."""

    def __init__(self, alerter, engine):
        self.alerter, self.engine, self.begin = alerter, engine, 0
        self.base = int(time.time() * 1000) - 400 * DAY

    def run(self, statements):
        if self.engine == 'postgres':
            store = self.alerter.store
            # Rows that are made to fit need no check against each other.
            store.postgres.sql(store.database, ';'.join(
                ['SET session_replication_role = replica', *statements]))
            return
        with contextlib.closing(sqlite3.connect(self.alerter.path / 'alerter.db')) as database:
            database.execute('PRAGMA synchronous = OFF')
            database.execute('PRAGMA cache_size = -2000000')
            for sql in statements:
                database.execute(sql)
            database.commit()
            database.execute('PRAGMA wal_checkpoint(TRUNCATE)')

    def grow(self, count):
        while self.begin < count:
            end = min(self.begin + PIECE, count)
            at = f'{self.base} - {3650 * DAY // CASES} * i'
            made = MADE[self.engine].format(begin=self.begin, end=end, at=at)
            self.run([made, *HISTORY, 'DROP TABLE made'])
            self.begin = end
        closed = self.alerter.store.rows("SELECT count(*) AS n FROM case_ WHERE state = 'closed'")
        assert closed[0]['n'] >= count, closed
        # Statistics as the server's own service keeps them; SQLite has none, nor do we ask it to.
        if self.engine == 'postgres':
            self.run(['ANALYZE'])

    def due_us(self):
        """Of both questions, in the engine, of many times the median."""
        now = str(int(time.time() * 1000))
        texts = [constant(*where).replace('$1', now) for where in DUE]
        if self.engine == 'postgres':
            return sum(statistics.median(self.explained_us(sql) for _ in range(30)) for sql in texts)
        with contextlib.closing(sqlite3.connect(self.alerter.path / 'alerter.db')) as database:
            return sum(statistics.median(timed_us(database, sql) for _ in range(300))
                       for sql in texts)

    def explained_us(self, sql):
        store = self.alerter.store
        text = store.postgres.sql(store.database, 'SET enable_seqscan = off; SET enable_hashjoin = off;'
                                  'SET enable_mergejoin = off; SET jit = off;'
                                  f'EXPLAIN (ANALYZE, FORMAT JSON) {sql}')
        return json.loads(text[text.index('['):])[0]['Execution Time'] * 1000


def timed_us(database, sql):
    begun = time.perf_counter()
    database.execute(sql).fetchall()
    return (time.perf_counter() - begun) * 1e6


def figures(alerter, history):
    """With as many open cases of this year each time."""
    alerter.up()
    alerter.load(200)
    found = {'memory at the start, MiB': alerter.memory_mib()}
    loads = [alerter.load(ALERTS) for _ in range(ROUNDS)]
    found['us an alert, as fast as they go'] = statistics.median(
        1e6 * r['seconds'] / ALERTS for r in loads)
    found['CPU us an alert'] = statistics.median(1e6 * r['cpu'] / ALERTS for r in loads)
    paced = [alerter.load(200, rate=50) for _ in range(ROUNDS)]
    found['alert to receipt p50, ms'] = statistics.median(r['p50_ms'] for r in paced)
    found['alert to receipt p99, ms'] = statistics.median(r['p99_ms'] for r in paced)
    found['memory at the end, MiB'] = alerter.memory_mib()
    found['scan of what is due, us'] = history.due_us()
    alerter.down()
    return found


def forget_open(history):
    """The cases of the measurement, closed too: both begin with none open."""
    history.run(["UPDATE deadline SET stopped_at = due_at WHERE fired_at IS NULL",
                 "UPDATE case_ SET state = 'closed' WHERE state <> 'closed'",
                 f"UPDATE event_text SET at = at - {400 * DAY} WHERE at > {history.base}"])


def measure(test, engine):
    postgres = server.Postgres(test, server.folder(test), durable=True) \
        if engine == 'postgres' else None
    alerter = alerter_alone.Alerter(test, server.folder(test), postgres)
    history = History(alerter, engine)
    alerter.up()
    alerter.down()
    found = []
    for count in (FIRST, CASES):
        history.grow(count)
        found.append(figures(alerter, history))
        forget_open(history)
    print(f'{engine}: {FIRST} and {CASES} closed cases')
    for name, first in found[0].items():
        last = found[1][name]
        print(f'  {name}: {first:.1f} and {last:.1f}, ratio {last / first:.2f}'
              f' (wanted: at most {WANTED})')


def main():
    for engine in ENGINES:
        if engine == 'postgres' and not server.postgres_programs():
            print('postgres: skipped, it is not installed')
            continue
        with contextlib.ExitStack() as test:
            measure(test, engine)


if __name__ == '__main__':
    main()
