#!/usr/bin/env python3
"""The crash campaign: nothing is lost and nothing happens twice, whatever dies when.

2,000 documents with 160 planted concerns flow while each daemon in turn, and the supervisor, is
killed by SIGKILL at seeded random moments, 72 times in all; in between the disk of the crawler's
store, and later that of the alerter's, is full for a while. Then every document must have its verdict, every concern its one case, every
case one lead, and no notice may have gone out twice.

CAMPAIGN=short kills less often, for slow builds. CAMPAIGN_SEED=n draws other moments.
"""
# variants: sqlite postgres
# limit: 900
import contextlib
import os
import pathlib
import random
import re
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
DISK_BYTES = 48 << 20
DISK_FULL_SECONDS = 4
DISK_FULL_LIMIT = 40
# As SQLite and PostgreSQL put it; a process that starts on a full disk cannot even map its index.
FULL = re.compile(r'is full|No space left|disk I/O error')
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


def fill_disk(pipe, name, disk):
    """One store cannot grow until its daemon has said so and for a while longer; the daemon must
    neither give up nor lose anything, nor say that it has what it could not store."""
    wait_for_daemons(pipe)
    said = len(pipe.log.read_bytes())

    def complaints():
        lines = pipe.log.read_text(errors='replace')[said:].split('\n')
        return sum(f' {name} ' in line and bool(FULL.search(line)) for line in lines)
    with disk.full():
        server.wait_until(f'the {name} notices that its disk is full', complaints, DISK_FULL_LIMIT)
        time.sleep(DISK_FULL_SECONDS)
        count = complaints()
    print(f'note: disk of the {name} full, {count} complaints in the log meanwhile')


def disturb(pipe, draw, kills, disks):
    """A third of the kills, a full disk, and again; the number of kills."""
    killed = 0
    for name in ('crawler', 'alerter', None):
        share = kills - killed if name is None else kills // 3
        killed += kill_some(pipe, draw, share, killed)
        if name in disks:
            fill_disk(pipe, name, disks[name])
    return killed


def check(pipe, concerns, documents):
    wrong = verdict.documents_judged(pipe, documents)
    wrong += verdict.concerns_have_one_case(pipe, concerns)
    wrong += verdict.cases_have_one_lead(pipe)
    wrong += verdict.notices_went_out_once(pipe)
    wrong += verdict.nothing_else_alarms(pipe, documents)
    wrong += verdict.no_daemon_broke(pipe)
    pipe.command('audit', 'verify', '--config', pipe.config)
    return wrong


def run(engine, size):
    count, planted, kills, span = SIZES[size]
    seed = int(os.environ.get('CAMPAIGN_SEED', '20261123'))
    draw = random.Random(f'{seed} {engine}')
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        disks = small_disk.make(test, path, engine, ('crawler', 'alerter'), DISK_BYTES)
        web = server.SimulatedWeb(test, path, seed=seed, sites=SITES, documents=count,
                                  concerns=planted, span_seconds=span, list_items=2000,
                                  crawl_delay=0, captcha=0, answer_after=400)
        pipe = lib.Pipeline(test, path, web, engine, disks=disks, revisit='20s', window=32)
        concerns, documents = web.truth()
        pipe.up()
        try:
            wait_for_daemons(pipe)
            killed = disturb(pipe, draw, kills, disks)
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
    engine = sys.argv[1] if len(sys.argv) > 1 else 'sqlite'
    small_disk.enter(engine)
    size = os.environ.get('CAMPAIGN', 'full')
    if size != 'full':
        print(f'note: campaign scaled down: CAMPAIGN={size}')
    try:
        run(engine, size)
    except AssertionError as failure:
        sys.exit(f'FAILED: {failure}')
