"""Servers that a test starts for itself: the simulated web and a private PostgreSQL.

All live in the test's folder, listen on unix sockets or loopback addresses of their own, and are
ended with the test, whatever way it ends.
"""
import ctypes
import glob
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = (ROOT / os.environ.get('BUILD', 'build')).resolve()
SKIP = 77
POLL_SECONDS = 0.05


def skip(reason):
    print(f'{reason}')
    raise SystemExit(SKIP)


def wait_until(what, condition, seconds=30):
    """The first true value of condition(); an AssertionError naming `what` after so long."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise AssertionError(f'waited {seconds} s in vain: {what}')
        time.sleep(POLL_SECONDS)


def die_with_parent():
    """For preexec_fn: SIGTERM when the test process is gone."""
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)


def end(process, seconds=20, signal_number=signal.SIGTERM):
    """Ends a child politely, then not; its exit code."""
    if process.poll() is None:
        process.send_signal(signal_number)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


def folder(test):
    """A fresh folder with a short path: names of unix sockets have 108 bytes. From now on SIGTERM
    (a time-out) ends the test as an exception would, so that what it started is ended too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('told to end'))
    path = pathlib.Path(tempfile.mkdtemp(prefix='hy-', dir=os.environ.get('TMPDIR', '/tmp')))
    test.callback(shutil.rmtree, path, ignore_errors=True)
    path.chmod(0o755)   # the PostgreSQL user looks into it
    return path


class SimulatedWeb:
    """`test` is an ExitStack that ends it."""

    def __init__(self, test, path, **options):
        self.truth_file, self.webhook_log = path / 'truth.jsonl', path / 'webhook.jsonl'
        argv = [BUILD / 'tests/simweb', '--text', ROOT / 'tests/web/text', '--truth',
                self.truth_file, '--webhook-log', self.webhook_log]
        for name, value in options.items():
            argv += ['--' + name.replace('_', '-'), str(value)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent)
        test.callback(end, self.process)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError('the simulated web did not start')
        self.ready = json.loads(line)
        self.begun = time.monotonic()

    def get(self, path):
        with urllib.request.urlopen(self.ready['control'] + path, timeout=20) as answer:
            return answer.read().decode()

    def stats(self):
        return json.loads(self.get('/_stats'))

    def truth(self):
        """(concerns, documents) as dictionaries."""
        lines = [json.loads(line) for line in self.truth_file.read_text().splitlines()]
        return ([x for x in lines if 'document' not in x], [x for x in lines if 'document' in x])

    def deliveries(self):
        """What the webhook was sent and accepted."""
        lines = [json.loads(line) for line in self.webhook_log.read_text().splitlines()]
        return [x for x in lines if x['status'] == 200]


def postgres_programs():
    found = sorted(glob.glob('/usr/lib/postgresql/*/bin/initdb'),
                   key=lambda p: int(p.split('/')[4]))
    return pathlib.Path(found[-1]).parent if found else None


class Postgres:
    """A cluster of its own, on a unix socket in its folder only."""

    def __init__(self, test, path, durable=False):
        self.programs = postgres_programs()
        if not self.programs or not shutil.which('psql'):
            skip('PostgreSQL is not installed')
        self.path = path / 'pg'
        self.path.mkdir()
        self.user = None
        if os.geteuid() == 0:   # the server refuses root
            try:
                self.user = pwd.getpwnam('postgres')
            except KeyError:
                skip('PostgreSQL does not run as root and there is no user postgres')
            os.chown(self.path, self.user.pw_uid, self.user.pw_gid)
        self.log = self.path / 'log'
        self.call('initdb', '-D', self.path / 'data', '-U', 'postgres', '-A', 'trust',
                  '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8')
        self.process = subprocess.Popen(
            self.argv('postgres', '-D', self.path / 'data', '-k', self.path, '-c',
                      'listen_addresses=', '-c', f'fsync={"on" if durable else "off"}', '-c',
                      'max_connections=40'),
            stdout=subprocess.DEVNULL, stderr=open(self.path / 'log', 'ab'), cwd=self.path,
            preexec_fn=self.become)
        test.callback(end, self.process, 30, signal.SIGINT)
        wait_until('PostgreSQL accepts connections', self.answers, 60)

    def become(self):
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)
        die_with_parent()

    def argv(self, program, *arguments):
        return [str(self.programs / program), *map(str, arguments)]

    def call(self, program, *arguments):
        done = subprocess.run(self.argv(program, *arguments), capture_output=True, text=True,
                              cwd=self.path, preexec_fn=self.become)
        if done.returncode:
            raise AssertionError(f'{program}: {done.stderr}')

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError('PostgreSQL ended: ' + self.log.read_text())
        return subprocess.run(['psql', '-qAtX', '-h', str(self.path), '-U', 'postgres', '-c',
                               'SELECT 1', 'postgres'], capture_output=True).returncode == 0

    def create(self, name, *settings):
        self.sql('postgres', f'CREATE DATABASE {name}')
        for setting in settings:
            self.sql('postgres', f'ALTER DATABASE {name} SET {setting}')
        return f'postgresql:///{name}?host={self.path}&user=postgres'

    def sql(self, database, text):
        done = subprocess.run(['psql', '-qAtX', '-v', 'ON_ERROR_STOP=1', '-h', str(self.path),
                               '-U', 'postgres', '-d', database, '-c', text],
                              capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f'{text}: {done.stderr}')
        return done.stdout
