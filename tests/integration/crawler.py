#!/usr/bin/env python3
"""The crawler alone on a small simulated web, with a stand-in for the analyzer.

Misbehaving hosts included. On PostgreSQL two crawlers share one frontier. Every article is fetched once and judged once, although the crawler is
killed on the way and the analyzer is absent at first; no page is asked for that robots.txt
forbids; nothing that a captcha hides is stored.
"""
# variants: sqlite postgres
# limit: 240
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / 'lib')]
import pipeline
import server

KILLS = 6
PEAK_KIB = 400 << 10
CPU_S = 60


class Crawler(pipeline.Pipeline):
    """A pipeline of which only crawlers run."""

    def __init__(self, test, path, web, engine):
        super().__init__(test, path, web, engine, interval='2s', delay='5ms', revisit='1h')
        (path / 'run').mkdir(mode=0o700, exist_ok=True)
        self.names = ['crawler'] if engine == 'sqlite' else ['crawler', 'crawler2']
        self.processes, self.analyzer = {}, None
        test.callback(self.stop_analyzer)

    def up(self):
        for name in self.names:
            self.start(name)

    def start(self, name):
        self.processes[name] = subprocess.Popen(
            [server.BUILD / 'bin/huiying-crawler', '--config', self.config, '--name', name],
            stdin=subprocess.DEVNULL, stderr=open(self.log, 'ab'), cwd=self.path,
            preexec_fn=server.die_with_parent)

    def down(self):
        """The exit codes that are not 0."""
        codes = [server.end(process, 30) for process in self.processes.values()]
        self.processes = {}
        return [code for code in codes if code != 0]

    def crash(self, number):
        """The server needs a moment to notice that the lock's holder is gone."""
        name = self.names[number % len(self.names)]
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

        def has_started():
            self.start(name)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.processes[name].wait(0.5)
            return self.processes[name].poll() is None
        server.wait_until(f'{name} starts again', has_started, 30)

    def start_analyzer(self):
        self.analyzer = subprocess.Popen(
            [server.BUILD / 'tests/helpers/fake_analyzer', f'ipc://{self.path}/run/analyzer.ipc'],
            stdout=open(self.path / 'documents', 'ab'), preexec_fn=server.die_with_parent)

    def stop_analyzer(self):
        if self.analyzer:
            server.end(self.analyzer)

    def count(self, sql):
        rows = self.crawler.rows(sql)
        return rows[0]['n'] if rows else 0

    def documents(self):
        lines = (self.path / 'documents').read_text().splitlines()
        return [json.loads(line) for line in lines]


def host_of(document):
    return pipeline.document_key(document['url'])[0]


def check_pages(crawler, web, articles):
    stored = crawler.crawler.rows('SELECT url, document, version, state FROM v_document')
    keys = [pipeline.document_key(row['url']) for row in stored]
    wanted = {pipeline.document_key(d['url']) for d in articles}
    assert not wanted - set(keys), f'not stored: {sorted(wanted - set(keys))[:5]}'
    assert all(row['state'] == 'judged' for row in stored)
    assert not crawler.count("SELECT COUNT(*) AS n FROM v_page WHERE kind = 'crash'")
    # Stored although a captcha, an error page or a list came instead: never.
    bad = crawler.crawler.rows("SELECT url FROM v_document WHERE text LIKE '%环境异常%'"
                               " OR text LIKE '%完成验证%'")
    assert not bad, bad
    assert len(stored) == len({row['version'] for row in stored})
    sent = {d['id'] for d in crawler.documents()}
    assert {row['version'] for row in stored} <= sent


def check_manners(web, crawler):
    """The web itself says whether its rules were kept, across all crashes."""
    for host in web.stats()['hosts']:
        broken = host['violations']
        # What was answered in the very turn of a kill was not written down yet.
        assert broken['retry_after'] <= KILLS, host
        assert not broken['disallowed'] and not broken['crawl_delay'], host
        assert not host['anonymous'], host
    paused = crawler.crawler.rows("SELECT host, reason FROM v_host WHERE reason <> ''")
    kinds = crawler.crawler.rows('SELECT state, kind, reason, COUNT(*) AS n FROM v_page'
                                 ' GROUP BY state, kind, reason')
    for row in [*paused, *kinds]:
        print(' ', json.dumps(row, ensure_ascii=False))


def is_sanitized(program):
    """ASan keeps freed memory back, up to 256 MiB: a bound on the peak says nothing there."""
    return b'__asan_init' in program.read_bytes()


def check_bounds(crawler):
    """What the hosts that mean harm may cost: none of their 48 MiB is ever held twice over."""
    bounds_memory = not is_sanitized(server.BUILD / 'bin/huiying-crawler')
    for name, process in crawler.processes.items():
        status = pathlib.Path(f'/proc/{process.pid}/status').read_text()
        peak_kib = int(re.search(r'VmHWM:\s*(\d+)', status)[1])
        fields = pathlib.Path(f'/proc/{process.pid}/stat').read_text().rsplit(')', 1)[1].split()
        cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
        print(f'  {name}: {peak_kib >> 10} MiB at most, {cpu_s:.1f} s of the processor')
        assert peak_kib < PEAK_KIB or not bounds_memory, name
        assert cpu_s < CPU_S, name


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else 'sqlite'
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        web = server.SimulatedWeb(test, path, seed=7, sites=6, documents=240, concerns=30,
                                  list_items=200, misbehave=1)
        crawler = Crawler(test, path, web, engine)
        _, documents = web.truth()
        # One captcha and its host is left alone, for longer than this test takes.
        shut = {host_of(d) for d in documents if d['outcome'] == 'blocked'}
        assert shut, 'this seed has no captcha'
        articles = [d for d in documents if d['outcome'] == 'article' and host_of(d) not in shut]
        try:
            crawler.up()
            for kill in range(KILLS):
                least = (kill + 1) * len(articles) // (KILLS + 2)
                server.wait_until(f'{least} documents stored', lambda: crawler.count(
                    'SELECT COUNT(*) AS n FROM v_document') >= least, 60)
                crawler.crash(kill)
                if kill == KILLS // 2:
                    crawler.start_analyzer()
            crawler.wait_for_all(articles, 120)
            check_pages(crawler, web, articles)
            check_manners(web, crawler)
            check_bounds(crawler)
            codes = crawler.down()
            assert not codes, f'a crawler ended with {codes} when told to'
        except AssertionError:
            crawler.show_logs()
            raise
        print(f'{len(articles)} articles, {KILLS} kills: each stored and judged')


if __name__ == '__main__':
    main()
