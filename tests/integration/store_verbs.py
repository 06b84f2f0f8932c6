#!/usr/bin/env python3
"""What `huiying sources list|hosts` and `huiying document` say of a crawler's store: a store that
the crawler made, and rows of this test's own in it."""
import contextlib
import datetime
import hashlib
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import server

CONFIG = """common:
  run: run
crawler:
  store: sqlite:{path}/crawler.db
  sources: sources.yaml
"""
SOURCES = """sources:
  - {id: later, name: 将来, kind: feed, url: "http://127.0.0.1:1/", allow_private: true,
     from: "2099-01-01T00:00:00+08:00"}
"""
CHINA = datetime.timezone(datetime.timedelta(hours=8))
HOUR = 3600 * 1000
NOW = int(time.time() * 1000)
URL = 'http://a.example/1'
# The content id of one part: its length in eight bytes, and it.
DOCUMENT = hashlib.sha256(len(URL).to_bytes(8, 'big') + URL.encode()).hexdigest()[:32]
FIRST, SECOND, PENDING = (digit * 32 for digit in '234')
# id, active, failures, reason, last success and new (hours ago), failure, robots
SOURCE_ROWS = [
    ('blocked', 1, 3, '网站要求登录（401）', 30, 40, 'blocked', 'allowed'),
    ('good', 1, 0, '', 1, 2, '', 'allowed'),
    ('gone', 0, 0, '', 100, 100, '', 'allowed'),
    ('new', 1, 0, '', None, None, None, None),
    ('retrying', 1, 1, 'robots.txt 暂时无法取得（503），按规定不抓取', 3, 4, 'server', 'unreachable'),
    ('silent', 1, 0, '', 1, 90, '', 'allowed'),
    ('walled', 1, 5, 'robots.txt 不允许（第 2 行）', 50, 60, 'robots', 'disallowed'),
]
ALARMS = [('source-failing', 'blocked', None), ('source-blocked', 'blocked', None),
          ('source-silent', 'silent', None), ('source-silent', 'good', NOW - HOUR),
          ('source-robots', 'walled', None), ('crawler-network', 'good', None)]
STATES = {'blocked': ('blocked', '被拦截'), 'good': ('good', '正常'), 'gone': ('inactive', '停用'),
          'new': ('new', '尚未读到'), 'retrying': ('retrying', '重试中'), 'silent': ('silent', '静默'),
          'walled': ('robots', '不允许抓取'), 'later': ('inactive', '停用')}
ROBOTS = {'allowed': '允许', 'disallowed': '不允许', 'unreachable': '暂不可达，按不允许处理', '': '未知'}


def day(ago):
    at = datetime.datetime.fromtimestamp(NOW / 1000, CHINA) - datetime.timedelta(days=ago)
    return at.strftime('%Y-%m-%d')


def ago(hours):
    return None if hours is None else NOW - hours * HOUR


def insert(db, table, **columns):
    db.execute(f'INSERT INTO {table} ({", ".join(columns)}) VALUES '
               f'({", ".join("?" * len(columns))})', list(columns.values()))


def fill(db):
    for name, active, failures, reason, success, new, failure, robots in SOURCE_ROWS:
        insert(db, 'source', id=name, name=f'“{name}”', kind='feed', region='', url='u', url_index=0,
               urls='u', host='h', active=active, interval_ms=1, quiet_ms=1, next_poll_at=NOW + HOUR,
               failures=failures, reason=reason, last_success_at=ago(success), last_new_at=ago(new))
        if failure is not None:
            insert(db, 'source_health', source=name, owner='office', added_at=0, failure=failure,
                   robots=robots)
    for i, (kind, source, cleared) in enumerate(ALARMS):
        insert(db, 'source_alarm', id=str(i), kind=kind, source=source, owner='', since=0,
               raised_at=0, text='', cleared_at=cleared)
    # Two crawlers yesterday; what is older than seven days is left out.
    for crawler, back, expected, new in (('a', 0, 3400, 2), ('a', 1, 2000, 1), ('b', 1, 4000, 3),
                                         ('a', 9, 50000, 50)):
        insert(db, 'coverage', source='good', day=day(back), crawler=crawler, day_at=0, polls=10,
               failed_server=1, expected_milli=expected, items_new=new, timed=2, mirror_ms=240000,
               poll_ms=60000, fetched=2, fetch_ms=20000)
    insert(db, 'host', host='paused.example', paused_until=NOW + HOUR, reason='网站要求放慢（429）')
    for host, back, requests in (('paused.example', 0, 7), ('a.example', 0, 9), ('a.example', 9, 3)):
        insert(db, 'impact', host=host, day=day(back), requests=requests, bytes=4096 * requests,
               errors=1)


def fill_documents(db):
    insert(db, 'document', id=DOCUMENT, url=URL, source='good', region='',
           first_seen_at=NOW - 2 * HOUR, last_seen_at=NOW, page=DOCUMENT)
    for name, text, hours, state, outcome in (
            (FIRST, '供热管道停供一周。', 2, 'judged', 'quiet'),
            (SECOND, '供热管道停供一周。\n今晨已经恢复。', 1, 'judged', 'alerted'),
            (PENDING, '供热管道停供一周。\n今晨已经恢复。\n又停了。', 0, 'pending', '')):
        insert(db, 'version', id=name, document=DOCUMENT, title='供热', text=text, outlet='',
               detected_at=NOW - hours * HOUR, kind='article', charset='UTF-8', raw_sha256='00',
               flags='', state=state, holder='crawler', outcome=outcome)


class Verbs:
    def __init__(self, path):
        self.path = path

    def __call__(self, *argv, code=0):
        done = subprocess.run([server.BUILD / 'bin/huiying', *argv, '--config',
                               self.path / 'huiying.yaml'], cwd=self.path, text=True,
                              capture_output=True, timeout=60)
        assert done.returncode == code, (argv, done)
        return done.stdout


def check_list(verbs):
    rows = {r['id']: r for r in map(json.loads, verbs('sources', 'list', '--all', '-o',
                                                      'json').splitlines())}
    assert {name: row['state'] for name, row in rows.items()} == {
        name: state for name, (state, _) in STATES.items()}, rows
    good = {key: value for key, value in rows['good'].items() if not key.startswith(('last', 'next'))}
    assert good == {
        'id': 'good', 'name': '“good”', 'owner': 'office', 'expected_today': 3.4, 'seen_today': 2,
        'expected_7d': 9.4, 'seen_7d': 6, 'polls_7d': 30, 'polls_failed_7d': 3, 'robots': 'allowed',
        'mirror_lag_ms': 120000, 'own_lag_ms': 40000, 'failures': 0, 'failure': '', 'reason': '',
        'state': 'good'}, good
    assert rows['new']['last_success'] is None and rows['new']['mirror_lag_ms'] is None
    active = [json.loads(line)['id'] for line in verbs('sources', 'list', '-o', 'json').splitlines()]
    assert active == ['blocked', 'good', 'new', 'retrying', 'silent', 'walled'], active
    head, *lines = verbs('sources', 'list', '--all').splitlines()
    assert re.split(' +', head.strip())[:4] == ['来源', '名称', '状态', '上次成功'], head
    for line in lines:
        cells = re.split('  +', line.strip())
        row = rows[cells[0]]
        assert cells[2] == STATES[cells[0]][1], line
        assert ROBOTS[row['robots']] in cells, line
        assert not row['failures'] or line.endswith(
            f'连续失败 {row["failures"]} 次：{row["reason"]}'), line
    assert len(lines) == len(rows)
    good, = (line for line in lines if line.startswith('good'))
    assert re.search(r' 2/3 +6/9 +允许 +2 分 +40 秒 ', good), good


def check_hosts(verbs):
    rows = [json.loads(line) for line in verbs('sources', 'hosts', '-o', 'json').splitlines()]
    assert [(r['host'], r['day'], r['requests'], r['bytes'], r['errors']) for r in rows] == [
        ('a.example', day(0), 9, 36864, 1), ('paused.example', day(0), 7, 28672, 1)], rows
    assert rows[0]['paused_until'] is None and rows[1]['reason'] == '网站要求放慢（429）', rows
    assert len(verbs('sources', 'hosts', '--all', '-o', 'json').splitlines()) == 3
    head, first, second = verbs('sources', 'hosts').splitlines()
    assert re.split(' +', head.strip()) == ['网站', '日期', '请求', '流量', '出错', '暂停到', '原因'], head
    assert re.split('  +', first.strip()) == ['a.example', day(0), '9', '36 KiB', '1', '-', '-'], first
    assert second.endswith('网站要求放慢（429）') and ' 28 KiB ' in second, second
    verbs('sources', 'hosts', 'more', code=2)
    verbs('sources', 'list', '-o', 'xml', code=2)


def check_documents(verbs):
    by_url, by_id = (verbs('document', 'show', x) for x in (URL, DOCUMENT))
    assert by_url == by_id
    order = [by_url.index(x) for x in ('第 1 版', '第 2 版', '＋ 新增：今晨已经恢复。', '第 3 版',
                                       '＋ 新增：又停了。')]
    assert order == sorted(order), by_url
    verbs('document', 'show', 'http://a.example/none', code=1)
    hits = verbs('document', 'search', '供热', '恢复')
    assert hits.count(URL) == 2, hits
    assert verbs('document', 'search', '供热', '--limit', '1').count(URL) == 1
    verbs('document', 'search', '供热', '--source', 'silent', code=1)
    verbs('document', 'search', '供热', '--limit', '0', code=2)
    assert '清除 2 版' in verbs('document', 'purge', URL)
    text = verbs('document', 'show', DOCUMENT)
    # What is not judged yet stays.
    assert text.count('已按保存期限清除') == 2 and '又停了。' in text, text
    assert verbs('document', 'search', '恢复').count(URL) == 1
    assert '0 版' in verbs('document', 'purge', '--older', '1')
    verbs('document', 'purge', '--older', '1', DOCUMENT, code=2)
    verbs('document', 'forget', code=2)


def make_store(test, path):
    """By the crawler, which has nothing to read; it is ended before a row is touched."""
    (path / 'run').mkdir(mode=0o700)
    (path / 'huiying.yaml').write_text(CONFIG.format(path=path))
    (path / 'sources.yaml').write_text(SOURCES)
    crawler = subprocess.Popen([server.BUILD / 'bin/huiying-crawler', '--config',
                                path / 'huiying.yaml'], cwd=path, stdin=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, preexec_fn=server.die_with_parent)
    test.callback(server.end, crawler)

    def is_made():
        with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(
                sqlite3.connect(path / 'crawler.db')) as db:
            return db.execute('SELECT COUNT(*) FROM source').fetchone()[0]
    server.wait_until('the store', is_made)
    assert server.end(crawler) == 0


def main():
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        verbs = Verbs(path)
        make_store(test, path)
        with contextlib.closing(sqlite3.connect(path / 'crawler.db')) as db, db:
            fill(db)
            fill_documents(db)
        check_list(verbs)
        check_hosts(verbs)
        check_documents(verbs)
        print(f'{len(SOURCE_ROWS) + 1} sources, 3 days of hosts, 3 versions of a document')


if __name__ == '__main__':
    main()
