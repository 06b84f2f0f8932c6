"""The real daemons on a simulated web, in a folder of their own, and questions to their stores."""
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import urllib.parse

import server

SOURCE = """  - id: {id}
    name: {name}
    kind: {kind}
    url: {url}
    region: zone
    interval: {interval}
    delay: {delay}
    allow_private: true
"""
CONFIG = """common:
  rules: rules
  run: run
  drain: 5s
crawler:
  store: "{crawler}"
  sources: sources.yaml
  lease: 4s
  retry: 500ms
  attempts: 20
  window: {window}
  max_age: 0s
  revisit: {revisit}
alerter:
  store: "{alerter}"
supervisor:
  log_level: warn
  watch: true
"""
CHANNELS = """channels:
  - id: terminal
    type: publish
  - id: test-hook
    type: webhook
    url: {url}/_webhook
    timeout: 10s
"""
KINDS = {'list': 'list', 'sitemap': 'sitemap', 'rss': 'feed', 'atom': 'feed', 'jsonfeed': 'feed'}


class SqliteStore:
    def __init__(self, path):
        self.path = path

    def rows(self, sql):
        if not self.path.exists():
            return []
        # Not read-only: who opens a store after a crash has to replay its journal.
        connection = sqlite3.connect(f'file:{self.path}?mode=rw', uri=True, timeout=20)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql)]
        except sqlite3.OperationalError as error:
            if 'no such table' in str(error):
                return []
            raise
        finally:
            connection.close()


class PostgresStore:
    def __init__(self, postgres, database):
        self.postgres, self.database = postgres, database

    def rows(self, sql):
        try:
            text = self.postgres.sql(self.database, 'SELECT coalesce(json_agg(t), \'[]\') FROM '
                                     f'({sql}) AS t')
        except AssertionError as error:
            if 'does not exist' in str(error):
                return []
            raise
        return json.loads(text)


def document_key(url):
    """What identifies an article of the simulated web whatever order its query stands in."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qs(parts.query)
    number = query.get('mid') or query.get('id') or re.findall(r'\d+', parts.path)[-1:]
    return parts.hostname, number[0] if number else parts.path


class Pipeline:
    """`test` is an ExitStack. `engine` is sqlite or postgres. `disks` gives each store a small disk
    of its own (small_disk.py); without, PostgreSQL has both stores in one database."""

    def __init__(self, test, path, web, engine, disks=None, **settings):
        self.path, self.web, self.engine = path, web, engine
        disks = disks or {}
        if engine == 'postgres':
            self.postgres = server.Postgres(test, path)
            names = ['crawler', 'alerter'] if disks else ['huiying']
            urls = [self.database(name, disks.get(name)) for name in names]
            urls = [urls[0], urls[-1]]
            self.crawler = PostgresStore(self.postgres, names[0])
            self.alerter = PostgresStore(self.postgres, names[-1])
        else:
            files = [(disks[name].path if disks else path) / f'{name}.db'
                     for name in ('crawler', 'alerter')]
            urls = [f'sqlite:{file}' for file in files]
            self.crawler, self.alerter = map(SqliteStore, files)
        shutil.copytree(server.ROOT / 'rules', path / 'rules')
        (path / 'rules/channels.yaml').write_text(CHANNELS.format(url=web.ready['control']))
        self.write_sources(settings.get('interval', '2s'), settings.get('delay', '20ms'))
        (path / 'huiying.yaml').write_text(CONFIG.format(
            crawler=urls[0], alerter=urls[1], window=settings.get('window', 64),
            revisit=settings.get('revisit', '1h')))
        self.log = path / 'log'
        self.supervisor = None
        test.callback(self.down)

    def database(self, name, disk):
        if not disk:
            return self.postgres.create(name)
        self.postgres.sql('postgres', f"CREATE TABLESPACE {name} LOCATION '{disk.tablespace}'")
        return self.postgres.create(name, f'default_tablespace = {name}')

    def write_sources(self, interval, delay):
        """WeChat and HTML lists as they are; what misbehaves gets as little time as the rest."""
        text = 'sources:\n'
        for source in self.web.ready['sources']:
            kind = 'wechat' if source.get('wechat') else KINDS[source['kind']]
            text += SOURCE.format(id=source['id'], name=source['name'], kind=kind,
                                  url=source['url'], interval=interval, delay=delay)
        (self.path / 'sources.yaml').write_text(text)

    def command(self, *arguments, check=True):
        done = subprocess.run([server.BUILD / 'bin/huiying', *arguments], text=True,
                              capture_output=True, timeout=120)
        if check and done.returncode:
            raise AssertionError(f'huiying {" ".join(arguments)}: {done.returncode}\n'
                                 f'{done.stdout}{done.stderr}')
        return done.stdout

    @property
    def config(self):
        return str(self.path / 'huiying.yaml')

    def up(self):
        self.supervisor = subprocess.Popen(
            [server.BUILD / 'bin/huiying', 'up', '--config', self.config],
            stdin=subprocess.DEVNULL, stdout=open(self.path / 'out', 'ab'),
            stderr=open(self.log, 'ab'), cwd=self.path, preexec_fn=server.die_with_parent)

    def down(self):
        """Ends everything politely; the supervisor's exit code, None where it had to be killed."""
        code = None
        if self.supervisor:
            code = server.end(self.supervisor, 30)
            self.supervisor = None
        for pid in self.daemons().values():   # orphans of a killed supervisor
            os.kill(pid, signal.SIGKILL)
        return code

    def daemons(self):
        """Process ids of the running daemons of this pipeline by name: crawler, analyzer, ..."""
        found = {}
        for entry in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                arguments = (entry / 'cmdline').read_bytes().decode(errors='replace').split('\0')
            except OSError:
                continue
            name = arguments[0].rsplit('/', 1)[-1]
            if name.startswith('huiying-') and self.config in arguments:
                found[name.removeprefix('huiying-')] = int(entry.name)
        return found

    def kill(self, name):
        """SIGKILL to a daemon or the supervisor; false where it is not running just now."""
        pid = self.supervisor.pid if name == 'supervisor' else self.daemons().get(name)
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        if name == 'supervisor':
            self.supervisor.wait()
            self.up()
        return True

    def show_logs(self, lines=30):
        for name in ('out', 'log'):
            file = self.path / name
            if file.exists():
                text = file.read_text(errors='replace').splitlines()
                print(f'--- last of {len(text)} lines of {name}')
                print('\n'.join(line[:300] for line in text[-lines:]))

    def keep(self):
        """KEEP=folder: what is left of a failed test is copied there, to be looked at."""
        if kept := os.environ.get('KEEP'):
            self.down()
            ignore = shutil.ignore_patterns('run', 'pg', 'ballast')
            shutil.copytree(self.path, kept, dirs_exist_ok=True, ignore=ignore)

    def judged(self):
        """Keys of the articles all of whose versions have a verdict, and how many have none."""
        rows = self.crawler.rows('SELECT url, state FROM v_document')
        pending = {document_key(r['url']) for r in rows if r['state'] != 'judged'}
        return {document_key(r['url']) for r in rows} - pending, len(pending)

    def wait_for_all(self, documents, seconds):
        """Until every article of the truth has its verdict."""
        wanted = {document_key(d['url']) for d in documents if d['outcome'] == 'article'}
        progress = {}

        def done():
            judged, pending = self.judged()
            progress.update(missing=wanted - judged, pending=pending)
            return not progress['missing'] and not pending
        try:
            server.wait_until('every document is judged', done, seconds)
        except AssertionError as error:
            some = sorted(progress['missing'])[:5]
            raise AssertionError(f'{error}: {len(progress["missing"])} of {len(wanted)} missing, '
                                 f'{progress["pending"]} pending; for example {some}') from None
