"""What the chain costs and how long a notice takes, as ratios in one run.

Environment: BUILD; PAGES (how many articles to judge, 1200); PAGE_KIB (about how long each is
with its markup, 80). Uses the simulated web on loopback, one address a site, and SQLite with
full durability. The web runs on the same processors; its CPU time is not counted.

1. Throughput: all articles are there at once. Articles per second by the clock, and per CPU
   second of crawler, analyzer and alerter together, beside a plain libxml2 tree of the same
   pages (parsed and freed, nothing else) in the same run.
2. Latency: articles appear evenly at half of that rate, on sites that are polled at different
   intervals. From the moment the crawler held a page to the arrival of the first notice of its
   case at a ZeroMQ subscriber, which the alerter publishes only after its full commit.

Ends by itself within four minutes, with what it has by then.
"""
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import time
import urllib.request

import pipeline
import server

PAGES = int(os.environ.get('PAGES', '1200'))
PAGE_KIB = int(os.environ.get('PAGE_KIB', '80'))
SITES = 40
SPAN_SECONDS = 20      # of the latency run
WARM_UP_MS = 4000      # what waited while the daemons started is no half load
PATIENCE_SECONDS = 60  # of either run
SAMPLE_PAGES = 200
TICKS = os.sysconf('SC_CLK_TCK')
CORES = os.cpu_count()


def cpu_seconds(pids):
    """Name -> CPU seconds so far."""
    spent = {}
    for name, pid in pids.items():
        fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
        spent[name] = (int(fields[11]) + int(fields[12])) / TICKS
    return spent


def stagger(path):
    """Other intervals for other sites: what is polled together would come in bursts."""
    file, step = path / 'sources.yaml', iter(range(10**6))
    file.write_text(re.sub('interval: .*', lambda _: f'interval: {1000 + 17 * next(step)}ms',
                           file.read_text()))


def start(test, pages, span):
    path = server.folder(test)
    web = server.SimulatedWeb(test, path, sites=SITES, documents=pages,
                              concerns=min(600, pages // 10), span_seconds=span, crawl_delay=0,
                              list_items=200, page_kib=PAGE_KIB)
    chain = pipeline.Pipeline(test, path, web, 'sqlite', interval='1s', delay='1ms', window=256)
    stagger(path)
    return path, web, chain


def articles(web):
    """Without the WeChat host, which is left alone once it shows a captcha."""
    return [d['url'] for d in web.truth()[1]
            if d['outcome'] == 'article' and '__biz=' not in d['url']]


def run_all(chain, web, seconds):
    """Runs until all is judged or time is up; CPU seconds by daemon."""
    chain.up()
    server.wait_until('all daemons run', lambda: len(chain.daemons()) == 3)
    pids, want = chain.daemons(), len(articles(web))
    before, end = cpu_seconds(pids), time.monotonic() + seconds
    judged = 0
    while judged < want and time.monotonic() < end:
        time.sleep(0.25)
        judged = len(chain.crawler.rows(
            "SELECT 1 FROM v_document WHERE state = 'judged' AND url NOT LIKE '%__biz=%'"))
    if judged < want:
        print(f'time is up: {judged} of {want} articles were judged; the figures are of these')
    if chain.daemons() != pids:
        chain.show_logs()
        raise SystemExit('a daemon died and was started again: there is nothing to measure')
    after = cpu_seconds(pids)
    return {name: after[name] - before[name] for name in pids}


def plain_parse(test, web):
    """CPU microseconds of a libxml2 tree of the same pages, without the fetch."""
    folder = server.folder(test)
    urls = articles(web)[:SAMPLE_PAGES]
    files = []
    for n, url in enumerate(urls):
        with urllib.request.urlopen(url, timeout=20) as answer:
            (folder / f'{n}.html').write_bytes(answer.read())
        files.append(str(folder / f'{n}.html'))
    sizes = [os.path.getsize(f) for f in files]
    done = subprocess.run([server.BUILD / 'tests/helpers/dom_parse', '5', *files],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)['cpu_us_per_page'], statistics.median(sizes)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def judged_documents(chain):
    return chain.crawler.rows("SELECT detected_at, judged_at FROM v_document"
                              " WHERE state = 'judged'")


def per_second(moments):
    return len(moments) * 1000 / max(1, max(moments) - min(moments))


def throughput():
    with contextlib.ExitStack() as test:
        _, web, chain = start(test, PAGES, 0)
        spent = run_all(chain, web, PATIENCE_SECONDS)
        rows = judged_documents(chain)
        if not rows:
            chain.show_logs()
            raise SystemExit('no article was judged')
        us_page, size = plain_parse(test, web)
        chain.down()
    count, took = len(rows), max(r['judged_at'] for r in rows) - min(r['detected_at'] for r in rows)
    rate, ours, plain = count * 1000 / took, count / sum(spent.values()), 1e6 / us_page
    parts = ', '.join(f'{name} {1e6 * cpu / count:.0f}' for name, cpu in sorted(spent.items()))
    print(f'throughput: {count} articles in {took / 1000:.1f} s: {rate:.0f} articles/s by the '
          f'clock, on {CORES} processors that the simulated web shares')
    print(f'chain CPU: {1e6 / ours:.0f} us per article ({parts}), {ours:.0f} articles per CPU '
          f'second; plain libxml2 tree of the same pages (median {size / 1024:.0f} KiB)'
          f': {us_page:.0f} us, {plain:.0f} per CPU second; ratio {ours / plain:.2f}')
    return rate


def arrivals(file):
    """Case -> moment of its first notice's arrival."""
    first = {}
    for line in file.read_text().splitlines():
        notice = json.loads(line)
        first.setdefault(notice['case'], notice['at_ms'])
    return first


def times(values):
    return (f'p50 {percentile(values, .5)} ms, p99 {percentile(values, .99)} ms, '
            f'worst {max(values)} ms')


def latency(rate):
    with contextlib.ExitStack() as test:
        path, web, chain = start(test, max(200, int(rate * SPAN_SECONDS)), SPAN_SECONDS)
        out = path / 'arrivals'
        (path / 'run').mkdir(mode=0o700)
        clock = subprocess.Popen([server.BUILD / 'tests/helpers/notice_clock',
                                  f'ipc://{path}/run/events.ipc'], stdout=open(out, 'wb'),
                                 preexec_fn=server.die_with_parent)
        test.callback(server.end, clock)
        spent = run_all(chain, web, SPAN_SECONDS + PATIENCE_SECONDS)
        first = arrivals(out)
        opened = chain.alerter.rows(
            'SELECT case_id, min(detected_at) AS at, min(received_at) AS received FROM v_alert'
            ' GROUP BY case_id')
        documents = judged_documents(chain)
        chain.down()
    warm = min(r['detected_at'] for r in documents) + WARM_UP_MS
    documents = [r for r in documents if r['detected_at'] >= warm]
    opened = [r for r in opened if r['at'] >= warm]
    heard = [r for r in opened if r['case_id'] in first]
    if not heard:
        print('latency: no notice was heard')
        return
    load = sum(spent.values()) / SPAN_SECONDS
    print(f'half load: {rate:.0f} articles/s offered, '
          f'{per_second([r["detected_at"] for r in documents]):.0f}/s reached after the first '
          f'{WARM_UP_MS // 1000} s; the daemons took {load:.2f} of {CORES} processors')
    print(f'  fetch complete to verdict stored, {len(documents)} articles: '
          + times([r['judged_at'] - r['detected_at'] for r in documents]))
    print(f'  fetch complete to alert taken, {len(heard)} alerts: '
          + times([r['received'] - r['at'] for r in heard]))
    print(f'  fetch complete to notice heard, {len(heard)} of {len(opened)} cases: '
          + times([first[r['case_id']] - r['at'] for r in heard]))


def main():
    rate = throughput()
    latency(rate / 2)


if __name__ == '__main__':
    main()
