#!/usr/bin/env python3
"""Documents through the daemon: one of several addresses, a version an edit, history, search, purge.

A site of this test's own answers: a desk and a mobile page of one article, articles that all
name the home page or one another as canonical, one whose counter changes and one that is edited.
"""
# variants: sqlite postgres
# limit: 120
import contextlib
import gzip
import hashlib
import http.server
import pathlib
import subprocess
import sys
import threading
import zlib

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / 'lib')]
import pipeline
import server

CONFIG = """common:
  run: run
crawler:
  store: "{store}"
  sources: sources.yaml
  revisit: 3s
  revisit_times: 3
  max_age: 0s
  warc: {path}/warc
"""
SOURCES = """sources:
  - {{id: own, name: 甲, kind: feed, region: zone, interval: 2s, delay: 10ms, allow_private: true,
     url: '{base}/feed'}}
"""
PARAGRAPH = ('孙村街道的居民近日反映，小区东侧的供热管道从上周三起停止供热，室内温度只有十二度，'
             '老人和孩子都裹着棉被过夜。物业公司说管道正在抢修，但一直没有给出恢复供热的时间。')
OTHER = ('高新区今日召开优化营商环境座谈会，三十余家企业的代表围绕审批、融资和用工畅所欲言，'
         '与会部门逐一记录，当场答复能够解决的事项，其余的在十个工作日内反馈办理结果。')
LIES = {'8801': '食品安全抽检公布，两批次糕点不合格，市场监管部门已责令停售并立案调查处理。',
        '8802': '城际公交新线路开通试运行，早晚高峰十分钟一班，市民可以用手机查询到站时间。'}


class Site(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, test):
        super().__init__(('127.0.0.1', 0), Handler)
        self.reads = {}
        self.is_edited = False
        threading.Thread(target=self.serve_forever, daemon=True).start()
        test.callback(self.shutdown)

    @property
    def base(self):
        return f'http://127.0.0.1:{self.server_port}'


def article(title, body, canonical=''):
    link = f'<link rel="canonical" href="{canonical}">' if canonical else ''
    return (f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{link}</head>'
            f'<body><h1>{title}</h1><div class="time">2026-11-23 08:30</div>'
            f'<div class="content">{body}</div></body></html>')


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        site = self.server
        count = site.reads[self.path] = site.reads.get(self.path, 0) + 1
        pages = {
            '/feed': self.feed,
            '/news/1234.html': lambda: article('供热管道停供一周', f'<p>{PARAGRAPH}</p>' * 2),
            '/m/1234.html': lambda: article('供热管道停供一周', f'<p>{PARAGRAPH}</p>' * 2 +
                                            '<p>打开客户端阅读全文。</p>', f'{site.base}/news/1234.html'),
            '/news/5001.html': lambda: article('营商环境座谈会', f'<p>{OTHER}</p>' * 2 +
                                               f'<p>阅读 {count * 17}</p>'),
            '/news/6001.html': lambda: article('座谈会答复', f'<p>{OTHER}</p><p>{PARAGRAPH}</p>' + (
                '<p>供热已于今晨全部恢复，联系电话 13812345678。</p>' if site.is_edited else '')),
        }
        for number, text in LIES.items():
            # One names the home page, the other the first one.
            claim = site.base + ('/' if number == '8801' else '/news/8801.html')
            pages[f'/news/{number}.html'] = lambda t=text, c=claim, n=number: article(
                f'第{n}号预警', f'<p>{t * 3}</p>', c)
        page = pages.get(self.path)
        body = page().encode() if page else b'none'
        self.send_response(200 if page else 404)
        self.send_header('Content-Type', 'application/rss+xml' if self.path == '/feed'
                         else 'text/html; charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def feed(self):
        paths = ['/m/1234.html', '/news/1234.html', '/news/5001.html', '/news/6001.html',
                 *(f'/news/{n}.html' for n in LIES)]
        items = ''.join(f'<item><title>条目</title><link>{self.server.base}{p}</link></item>'
                        for p in paths)
        return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'

    def log_message(self, *arguments):
        pass


class Daemons:
    def __init__(self, test, path, site, engine):
        self.path = path
        if engine == 'postgres':
            postgres = server.Postgres(test, path)
            self.url = postgres.create('huiying')
            self.store = pipeline.PostgresStore(postgres, 'huiying')
        else:
            self.url = f'sqlite:{path}/crawler.db'
            self.store = pipeline.SqliteStore(path / 'crawler.db')
        (path / 'run').mkdir(mode=0o700, exist_ok=True)
        (path / 'huiying.yaml').write_text(CONFIG.format(store=self.url, path=path))
        (path / 'sources.yaml').write_text(SOURCES.format(base=site.base))
        self.start(test, 'tests/helpers/fake_analyzer', f'ipc://{path}/run/analyzer.ipc')
        self.crawler = self.start(test, 'bin/huiying-crawler', '--config', path / 'huiying.yaml')

    def start(self, test, program, *arguments):
        log = test.enter_context(open(self.path / 'log', 'ab'))
        process = subprocess.Popen([server.BUILD / program, *arguments], cwd=self.path, stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL,
                                   preexec_fn=server.die_with_parent)
        test.callback(server.end, process)
        return process

    def document(self, *arguments, code=0):
        done = subprocess.run([server.BUILD / 'bin/huiying', 'document', *arguments, '--config',
                               self.path / 'huiying.yaml'], cwd=self.path, text=True,
                              capture_output=True, timeout=60)
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def count(self, what, where):
        rows = self.store.rows(f'SELECT COUNT(*) AS n FROM {what} WHERE {where}')
        return rows[0]['n'] if rows else 0


def check_addresses(daemons, base):
    rows = daemons.store.rows('SELECT DISTINCT url, document FROM v_document')
    urls = sorted(row['url'] for row in rows)
    assert urls == sorted([f'{base}/news/{n}.html' for n in ('1234', '5001', '6001', *LIES)]), urls
    assert daemons.count('v_page', "kind = 'duplicate'") == 1
    text = daemons.document('show', f'{base}/m/1234.html')
    # The desk page is the document's own address; whichever was read first, both stand there.
    assert f'网址：{base}/news/1234.html' in text and f'另一网址：{base}/m/1234.html' in text, text
    assert '第 2 版' not in text, text


def check_versions(daemons, base):
    assert '第 2 版' not in daemons.document('show', f'{base}/news/5001.html')
    text = daemons.document('show', f'{base}/news/6001.html')
    assert '＋ 新增：供热已于今晨全部恢复，联系电话 138********。' in text, text
    assert '－ 删去' not in text and '第 3 版' not in text, text
    assert '13812345678' not in text


def check_search(daemons):
    for word, hits in (('供热管道', 3), ('供热', 3), ('糕点', 1), ('座谈会 供热', 2), ('结果', 3)):
        text = daemons.document('search', *word.split())
        found = text.count('/news/') + text.count('/m/')
        assert found == hits, (word, found, text)
    daemons.document('search', '没有的词', code=1)
    daemons.document('search', '供热', '--until', '2020-01-01T00:00:00+08:00', code=1)
    daemons.document('search', ' ', code=2)


def members(data):
    while data:
        unzip = zlib.decompressobj(31)
        yield unzip.decompress(data) + unzip.flush()
        assert unzip.eof, 'a member is cut short'
        data = unzip.unused_data


def read_warc(path):
    """The headers and the block of each record, by the letter of ISO 28500."""
    for record in members(path.read_bytes()):
        head, rest = record.split(b'\r\n\r\n', 1)
        version, *lines = head.decode().split('\r\n')
        headers = dict(line.split(': ', 1) for line in lines)
        length = int(headers['Content-Length'])
        assert version == 'WARC/1.1' and rest[length:] == b'\r\n\r\n', headers
        assert {'WARC-Type', 'WARC-Record-ID', 'WARC-Date'} <= set(headers)
        yield headers, rest[:length]


def check_evidence(daemons, base):
    path, = (daemons.path / 'warc').iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert gzip.decompress(path.read_bytes()).startswith(b'WARC/1.1')
    info, *responses = read_warc(path)
    assert info[0]['WARC-Type'] == 'warcinfo' and info[0]['WARC-Filename'] == path.name
    alerted = {f'{base}/news/{n}.html' for n in LIES}
    assert {headers['WARC-Target-URI'] for headers, _ in responses} == alerted
    assert len(responses) == len(alerted)
    sums = {row['raw_sha256'] for row in daemons.store.rows(
        "SELECT raw_sha256 FROM v_document WHERE outcome = 'alerted'")}
    for headers, block in responses:
        head, body = block.split(b'\r\n\r\n', 1)
        digest = 'sha256:' + hashlib.sha256(body).hexdigest()
        assert headers['WARC-Payload-Digest'] == digest and digest[7:] in sums
        assert head.startswith(b'HTTP/1.1 200') and b'text/html' in head
    assert daemons.count('spool', '1 = 1') == 0 and daemons.count('v_evidence', '1 = 1') == 2


def check_purge(daemons, base):
    daemons.document('purge', f'{base}/news/8801.html')
    daemons.document('search', '糕点', code=1)
    text = daemons.document('show', f'{base}/news/8801.html')
    assert '正文与标题已按保存期限清除' in text and 'SHA-256' in text and '已预警' in text, text
    daemons.document('purge', '--older', '1')
    daemons.document('search', '供热')
    daemons.document('show', 'http://127.0.0.1:1/none', code=1)
    daemons.document('purge', code=2)


def main():
    engine = sys.argv[1] if len(sys.argv) > 1 else 'sqlite'
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        site = Site(test)
        daemons = Daemons(test, path, site, engine)
        try:
            server.wait_until('five documents judged', lambda: daemons.count(
                'v_document', "state = 'judged'") >= 5, 40)
            site.is_edited = True
            server.wait_until('the edit', lambda: daemons.count(
                'v_document', "state = 'judged' AND text LIKE '%今晨全部恢复%'") == 1, 40)
            server.wait_until('every page read again', lambda: daemons.count(
                'v_page', "state = 'done'") >= 6, 60)
            if engine == 'sqlite':
                server.wait_until('the index', lambda: not daemons.count(
                    'version_row', 'indexed = 0'), 20)
            else:
                assert daemons.count('pg_indexes', "indexname = 'version_text_words'") == 1
            check_addresses(daemons, site.base)
            check_versions(daemons, site.base)
            check_search(daemons)
            server.wait_until('the evidence', lambda: daemons.count(
                'v_evidence', "file <> ''") == 2, 20)
            check_evidence(daemons, site.base)
            check_purge(daemons, site.base)
            assert server.end(daemons.crawler) == 0
        except AssertionError:
            print((path / 'log').read_text()[-3000:])
            raise
        print(f'{daemons.count("v_document", "1 = 1")} versions of 5 documents under 6 addresses')


if __name__ == '__main__':
    main()
