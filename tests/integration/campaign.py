#!/usr/bin/env python3
"""The crash campaign: nothing is lost and nothing happens twice, whatever dies when.

2,000 documents with 160 planted concerns flow while each daemon in turn, and the supervisor, is
killed by SIGKILL at seeded random moments, 72 times in all; in the middle the disk of the stores
is full for a while. Then every document must have its verdict, every concern its one case, every
case one lead, and no notice may have gone out twice.

CAMPAIGN=short kills less often, for slow builds. CAMPAIGN_SEED=n draws other moments.
"""
# variants: sqlite postgres
# limit: 900
import contextlib
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import server
import small_disk
import verdict

TARGETS = ('crawler', 'analyzer', 'alerter', 'supervisor')
SITES = 20
SIZES = {   # documents, concerns, kills, seconds over which documents appear
    'full': (2000, 160, 72, 100),
    'short': (600, 60, 16, 40),
}
DISK_BYTES = 64 << 20
DISK_FULL_SECONDS = 4
DISK_FULL_LIMIT = 40
PAUSE_SECONDS = (0.2, 2.4)
SETTLE_SECONDS = 300


def wait_for_daemons(pipe):
    server.wait_until('all daemons run', lambda: len(pipe.daemons()) == 3, 60)


def kill_some(pipe, draw, count, first):
    """Each target in turn, at moments drawn from the seed; the kills that met something alive."""
    killed = 0
    while killed < count:
        time.sleep(draw.uniform(*PAUSE_SECONDS))    # the moment is the point, not a wait
        name = TARGETS[(first + killed) % len(TARGETS)]
        server.wait_until(f'{name} can be killed', lambda: pipe.kill(name), 60)
        killed += 1
    return killed


def fill_disk(pipe, disk):
    """The stores cannot grow until a daemon has said so and for a while longer; none may give up
    or lose anything."""
    said = len(pipe.log.read_bytes())

    def complaints():
        return pipe.log.read_bytes()[said:].count(b'\n')
    with disk.full():
        server.wait_until('a daemon notices that the disk is full', complaints, DISK_FULL_LIMIT)
        time.sleep(DISK_FULL_SECONDS)
        count = complaints()
    print(f'note: disk full, {count} complaints in the log meanwhile')


def check(pipe, concerns, documents):
    wrong = verdict.documents_judged(pipe, documents)
    wrong += verdict.concerns_have_one_case(pipe, concerns)
    wrong += verdict.cases_have_one_lead(pipe)
    wrong += verdict.notices_went_out_once(pipe)
    wrong += verdict.nothing_else_alarms(pipe, documents)
    pipe.command('audit', 'verify', '--config', pipe.config)
    return wrong


def run(engine, size):
    count, planted, kills, span = SIZES[size]
    seed = int(os.environ.get('CAMPAIGN_SEED', '20261123'))
    draw = random.Random(f'{seed} {engine}')
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        disk = small_disk.make(test, path, engine, DISK_BYTES)
        web = server.SimulatedWeb(test, path, seed=seed, sites=SITES, documents=count,
                                  concerns=planted, span_seconds=span, list_items=2000,
                                  crawl_delay=0, captcha=0)
        pipe = lib.Pipeline(test, path, web, engine, stores=disk.path, tablespace=disk.tablespace,
                            revisit='20s', window=32)
        concerns, documents = web.truth()
        pipe.up()
        try:
            wait_for_daemons(pipe)
            killed = kill_some(pipe, draw, kills // 2, 0)
            if disk.path:
                wait_for_daemons(pipe)
                fill_disk(pipe, disk)
            killed += kill_some(pipe, draw, kills - killed, killed)
            print(f'note: {killed} kills in {time.monotonic() - web.begun:.0f} s, seed {seed}')
            pipe.wait_for_all(documents, SETTLE_SECONDS)
            under_way = "SELECT id FROM v_notice WHERE state IN ('waiting', 'sending')"
            server.wait_until('all notices are out', lambda: not pipe.alerter.rows(under_way), 90)
            pipe.down()
            verdict.report(check(pipe, concerns, documents))
        except AssertionError:
            pipe.show_logs()
            pipe.keep()
            raise
        print(f'note: {len(documents)} documents, {len(concerns)} concerns and cases, '
              f'{len(web.deliveries())} notices, {verdict.uncertain_notices(pipe)} of them uncertain; '
              f'{time.monotonic() - web.begun:.0f} s')


if __name__ == '__main__':
    small_disk.enter()
    size = os.environ.get('CAMPAIGN', 'full')
    if size != 'full':
        print(f'note: campaign scaled down: CAMPAIGN={size}')
    try:
        run(sys.argv[1] if len(sys.argv) > 1 else 'sqlite', size)
    except AssertionError as failure:
        sys.exit(f'FAILED: {failure}')
