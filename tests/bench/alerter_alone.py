"""An alerter on a store of its own, without the rest of the chain, and loads for it."""
import json
import shutil
import subprocess
import time

import cost
import pipeline
import server

CONFIG = """common:
  rules: rules
  run: {run}
  drain: 5s
alerter:
  store: "{store}"
"""
CHANNELS = """channels:
  - id: terminal
    type: publish
"""
HELPERS = server.BUILD / 'tests/helpers'
TEXT = server.ROOT / 'tests/web/text/concerns.txt'


class Alerter:
    """`test` is an ExitStack. Call up(), then load()."""

    def __init__(self, test, path, postgres=None):
        self.path, self.process, self.seed = path, None, 0
        if postgres:
            name = f'bench{time.monotonic_ns()}'
            self.url = postgres.create(name)
            self.store = pipeline.PostgresStore(postgres, name)
        else:
            self.url = f'sqlite:{path / "alerter.db"}'
            self.store = pipeline.SqliteStore(path / 'alerter.db')
        shutil.copytree(server.ROOT / 'rules', path / 'rules')
        (path / 'rules/channels.yaml').write_text(CHANNELS)
        (path / 'run').mkdir(mode=0o700)
        self.config = path / 'huiying.yaml'
        self.config.write_text(CONFIG.format(run=path / 'run', store=self.url))
        test.callback(self.down)

    def up(self, seconds=120):
        """Starts it; seconds until it is active."""
        log = self.path / 'log'
        before, begun = log.read_text().count('active') if log.exists() else 0, time.monotonic()
        self.process = subprocess.Popen(
            [server.BUILD / 'bin/huiying-alerter', '--config', self.config], cwd=self.path,
            stderr=open(log, 'ab'), preexec_fn=server.die_with_parent)
        end = begun + seconds
        while log.read_text().count('active') == before:
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit('the alerter did not become active: ' + log.read_text()[-2000:])
            time.sleep(0.005)
        return time.monotonic() - begun

    def down(self):
        if self.process:
            server.end(self.process)
            self.process = None

    def load(self, count, window=1024, rate=0, retold=0):
        """What tests/helpers/alert_load prints, and the CPU seconds it cost the alerter."""
        self.seed += 1
        before = cost.cpu_seconds(self.process.pid)
        done = subprocess.run(
            list(map(str, [HELPERS / 'alert_load', f'ipc://{self.path}/run/alerter.ipc', TEXT,
                           self.seed, count, window, rate, retold])),
            capture_output=True, text=True, timeout=600)
        if done.returncode:
            raise SystemExit(f'alert_load: {done.stderr}')
        found = json.loads(done.stdout)
        if found['refused']:
            raise SystemExit('alerts were refused: ' + (self.path / 'log').read_text()[-2000:])
        return found | {'cpu': cost.cpu_seconds(self.process.pid) - before}

    def memory_mib(self):
        return cost.memory_mib(self.process.pid)

    def huiying(self, *arguments):
        """Seconds that a command takes."""
        begun = time.monotonic()
        subprocess.run([server.BUILD / 'bin/huiying', *arguments, '--config', self.config],
                       check=True, capture_output=True, cwd=self.path, timeout=120)
        return time.monotonic() - begun
