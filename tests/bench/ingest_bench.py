"""Alerts over the real socket until each has its RECEIPT, beside bare inserts into the same store.

An alert that opens a case writes two dozen rows: the alert and its text, the event, the case, its
limits, spans, notices, the audit. The bare inserts are as fast as the engine goes by its own
library: one connection, batches of 100, rows of 300 bytes. They take turns
with the alerter, in one run and with the same durability (SQLite synchronous=FULL, PostgreSQL with
fsync); what counts is the median of the rounds.

Environment: INGEST_ALERTS a round (2000), ROUNDS (3).
"""
import contextlib
import json
import os
import statistics
import subprocess

import alerter_alone
import server

ALERTS = int(os.environ.get('INGEST_ALERTS', 2000))
ROUNDS = int(os.environ.get('ROUNDS', 3))
BARE_ROWS, BATCH, BARE_BYTES = 20000, 100, 300
TABLES = ('event', 'event_text', 'alert', 'sighting', 'case_', 'assist', 'deadline', 'notice',
          'audit', 'clock', 'span')
LOADS = (('all new', 0), ('4 of 5 retold', 80))


def rows(alerter):
    counts = ' + '.join(f'(SELECT count(*) FROM {table})' for table in TABLES)
    return alerter.store.rows(f'SELECT {counts} AS n')[0]['n']


def bare(url):
    done = subprocess.run([alerter_alone.HELPERS / 'store_rows', url, str(BARE_ROWS), str(BATCH),
                           str(BARE_BYTES)], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return found | {'rate': found['rows'] / found['seconds']}


def measure(test, name, postgres):
    alerter = alerter_alone.Alerter(test, server.folder(test), postgres)
    url = alerter.url if postgres else f'sqlite:{alerter.path}/bare.db'
    alerter.up()
    written = {}
    found = {load: [] for load, _ in LOADS}
    beside = []
    for _ in range(ROUNDS):
        for load, retold in LOADS:
            before = rows(alerter)
            took = alerter.load(ALERTS, retold=retold)
            written[load] = rows(alerter) - before
            found[load].append((written[load] / took['seconds'], ALERTS / took['seconds'],
                                took['cpu'] * 1e6 / ALERTS))
            beside.append(bare(url))
    base = statistics.median(b['rate'] for b in beside)
    print(f'{name}: bare inserts, {BATCH} a transaction: {base:.0f} rows/s; a commit p50 '
          f'{statistics.median(b["p50_ms"] for b in beside):.2f} ms, p99 '
          f'{statistics.median(b["p99_ms"] for b in beside):.2f} ms')
    for load, _ in LOADS:
        rate, alerts, us = (statistics.median(column) for column in zip(*found[load]))
        print(f'  {load}: {alerts:.0f} alerts/s with receipt, {written[load] / ALERTS:.1f} new rows '
              f'each: {rate:.0f} rows/s, ratio {rate / base:.2f} (wanted: at least 0.5); alerter '
              f'CPU {us:.0f} us an alert')
    paced = alerter.load(500, rate=25)
    print(f'  25 alerts/s: alert to receipt p50 {paced["p50_ms"]:.1f} ms, p99 '
          f'{paced["p99_ms"]:.1f} ms, ratio {paced["p99_ms"] / paced["p50_ms"]:.1f}')


def main():
    with contextlib.ExitStack() as test:
        measure(test, 'SQLite', None)
        if server.postgres_programs():
            measure(test, 'PostgreSQL', server.Postgres(test, server.folder(test), durable=True))
        else:
            print('PostgreSQL: skipped, it is not installed')


if __name__ == '__main__':
    main()
