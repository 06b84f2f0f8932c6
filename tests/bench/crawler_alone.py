"""Crawlers on a store of their own or shared, without the rest of the chain."""
import subprocess
import time

import cost
import pipeline
import server

SOURCE = """  - id: site{n}
    name: 站点{n}
    kind: list
    url: {url}
    region: zone
    interval: 1h
    delay: 1ms
    allow_private: true
"""
CONFIG = """common:
  rules: {rules}
  run: {run}
  drain: 2s
crawler:
  store: "{store}"
  sources: sources.yaml
  max_age: 0s
  revisit: 30d
  new_per_poll: 50000
  lease: 30s
  connections: {connections}
"""
STALL_SECONDS = 6     # no new page for so long: what is missing will not come


class Crawlers:
    """`test` is an ExitStack; call up(), then wait(pages)."""

    def __init__(self, test, path, web, postgres=None):
        self.path, self.processes = path, []
        if postgres:
            name = f'bench{time.monotonic_ns()}'
            self.url = postgres.create(name)
            self.store = pipeline.PostgresStore(postgres, name)
        else:
            self.url = f'sqlite:{path / "crawler.db"}'
            self.store = pipeline.SqliteStore(path / 'crawler.db')
        (path / 'sources.yaml').write_text('sources:\n' + ''.join(
            SOURCE.format(n=n, url=url) for n, url in enumerate(web.entries)))
        test.callback(self.down)

    def up(self, count=1, connections=64):
        for n in range(count):
            run = self.path / f'run{n}'
            run.mkdir(mode=0o700, exist_ok=True)
            config = self.path / f'crawler{n}.yaml'
            config.write_text(CONFIG.format(rules=server.ROOT / 'rules', run=run,
                                            store=self.url, connections=connections))
            self.processes.append(subprocess.Popen(
                [server.BUILD / 'bin/huiying-crawler', '--config', config, '--name',
                 f'crawler-{n}'], cwd=self.path, stderr=open(self.path / f'log{n}', 'ab'),
                preexec_fn=server.die_with_parent))

    def stored(self):
        rows = self.store.rows('SELECT count(*) AS n FROM v_document')
        return rows[0]['n'] if rows else 0

    def span_s(self):
        """From the first article held to the last."""
        row, = self.store.rows('SELECT min(detected_at) AS first, max(detected_at) AS last'
                               ' FROM v_document')
        return max(1, row['last'] - row['first']) / 1000

    def wait(self, pages, seconds, watch=None):
        """Until so many are stored, or no more come; those that are."""
        now = time.monotonic()
        end, stall, count = now + seconds, None, 0
        while count < pages and now < end and not (stall and now > stall):
            time.sleep(0.2)
            now, before, count = time.monotonic(), count, self.stored()
            if count > before:
                stall = now + STALL_SECONDS
            if watch:
                watch(count)
        return count

    def cpu_seconds(self):
        return sum(cost.cpu_seconds(p.pid) for p in self.processes)

    def peak_mib(self):
        return max(cost.memory_mib(p.pid, 'VmHWM') for p in self.processes)

    def down(self):
        for process in self.processes:
            server.end(process, 10)
        self.processes = []
