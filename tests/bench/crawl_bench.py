"""Crawling side by side: links followed, title and text taken, of the same files in nginx.

CPU a page, the medians of ROUNDS (3) rounds in turn, of this crawler with its store, of libcurl
with a plain libxml2 tree, and of Scrapy where it is installed (CRAWL_PAGES pages, 1000; Scrapy has
a quarter of them once). Then two crawlers that share a store beside one (sharing.py).
"""
import contextlib
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess

import crawler_alone
import server
import sharing
import still_web

PAGES = int(os.environ.get('CRAWL_PAGES', '1000'))
ROUNDS = int(os.environ.get('ROUNDS', '3'))
PAGE_KIB = int(os.environ.get('PAGE_KIB', '80'))
SITES = 40
PATIENCE_SECONDS = 90
PEERS = pathlib.Path(__file__).resolve().parent / 'peers'


def child(argv):
    """(its JSON line, CPU seconds, peak MiB) of a program that ends by itself."""
    process = subprocess.Popen(list(map(str, argv)), stdout=subprocess.PIPE, text=True,
                               preexec_fn=server.die_with_parent)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f'{argv[0]} ended with {process.returncode}')
    return (json.loads(out.strip().split('\n')[-1]), usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024)


def ours(web, connections=64):
    """CPU us a page, pages a second, peak MiB, (fetched, twice, missed)."""
    with contextlib.ExitStack() as test:
        web.forget()
        crawl = crawler_alone.Crawlers(test, server.folder(test), web)
        crawl.up(1, connections)
        count = crawl.wait(web.count, PATIENCE_SECONDS)
        if not count:
            raise SystemExit('the crawler stored nothing')
        return (crawl.cpu_seconds() * 1e6 / count, count / crawl.span_s(), crawl.peak_mib(),
                web.asked())


def peer(web, argv):
    web.forget()
    answer, spent, peak = child(argv)
    return spent * 1e6 / max(1, answer['pages']), peak, web.asked()


def side_by_side(web):
    rounds = {'huiying': [], 'tree': []}
    for _ in range(ROUNDS):
        rounds['huiying'].append(ours(web))
        rounds['tree'].append(peer(web, [server.BUILD / 'tests/helpers/dom_crawl', *web.entries]))
    cost = {name: statistics.median(r[0] for r in found) for name, found in rounds.items()}
    for name, label in (('huiying', 'this crawler, stored'), ('tree', 'libcurl and a plain tree')):
        fetched, twice, missed = rounds[name][-1][-1]
        print(f'  {label}: {cost[name]:.0f} us a page, peak {rounds[name][-1][-2]:.0f} MiB; '
              f'{fetched} fetched, {twice} twice, {missed} missed')
    print(f'  ratio to libcurl and a plain tree: {cost["huiying"] / cost["tree"]:.2f} '
          '(wanted: at most 0.60)')
    return cost['huiying']


def beside_scrapy(test, cost):
    if not importlib.util.find_spec('scrapy') and not pathlib.Path('/usr/bin/scrapy').exists():
        print('  Scrapy: skipped, packaging/deps bench installs it')
        return
    web = still_web.StillWeb(test, server.folder(test), SITES, PAGES // 4, PAGE_KIB)
    us_page, peak, (fetched, twice, missed) = peer(
        web, ['/usr/bin/python3', PEERS / 'spider.py', *web.entries])
    print(f'  Scrapy: {us_page:.0f} us a page, peak {peak:.0f} MiB; {fetched} fetched, {twice} '
          f'twice, {missed} missed; {us_page / cost:.1f} times ours (wanted: at least 25)')


def main():
    if not still_web.installed():
        print('skipped: nginx is not installed, packaging/deps bench installs it')
        return
    with contextlib.ExitStack() as test:
        web = still_web.StillWeb(test, server.folder(test), SITES, PAGES, PAGE_KIB)
        print(f'{web.count} articles of {web.bytes / web.count / 1024:.0f} KiB on {web.sites} '
              'sites, links followed, title and text taken:')
        beside_scrapy(test, side_by_side(web))
        sharing.report(test, PAGES, PAGE_KIB, ROUNDS)


if __name__ == '__main__':
    main()
