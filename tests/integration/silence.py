#!/usr/bin/env python3
"""A feed answers 200 and yields nothing: its owner's duty officer hears of it exactly once, though
the crawler and the alerter are killed meanwhile, and the alarm ends when items come again."""
# variants: sqlite postgres
# limit: 180
import contextlib
import http.server
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import server
import verdict

FEED = """  - id: quiet-feed
    name: 静静日报
    kind: feed
    url: http://127.0.0.1:{port}/feed
    interval: 1s
    delay: 10ms
    quiet: 4s
    owner: environment
    allow_private: true
"""
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = ('<item><title>第{0}篇</title><link>http://127.0.0.1:{1}/{0}.html</link></item>')
PAGE = ('<html><head><title>第{0}篇</title></head><body><h1>第{0}篇</h1><p>区里今天召开了第{0}次例会，'
        '研究了绿化养护和道路清扫的安排，要求各单位按计划推进。</p><p>会议还通报了上周的检查情况。</p></body></html>')


class Feed(http.server.ThreadingHTTPServer):
    """Lists as many items as `items` says, and always answers 200."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.items = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        feed = self.server
        if self.path == '/feed':
            kind = 'application/rss+xml'
            text = RSS.format(''.join(ITEM.format(i, feed.server_port) for i in range(feed.items)))
        elif self.path == '/robots.txt':
            kind, text = 'text/plain', 'User-agent: *\nAllow: /\n'
        else:
            kind, text = 'text/html; charset=utf-8', PAGE.format(self.path.strip('/.html'))
        body = text.encode()
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def alarms(pipe):
    return pipe.alerter.rows("SELECT id, kind, unit, state FROM v_alarm "
                             "WHERE subject = 'quiet-feed' ORDER BY raised_at")


def posts(web):
    """What the webhook got about the feed."""
    labels = [json.loads(d['body'])['alerts'][0]['labels'] for d in web.deliveries()]
    return [x for x in labels if x.get('subject') == 'quiet-feed']


def scenario(pipe, web, feed):
    for i in range(4):
        feed.items = i + 1
        time.sleep(1)
    assert not alarms(pipe), 'alarmed while it published'
    # The alerter is gone when the feed falls silent, and the crawler dies with what it has to tell.
    def raised_in_vain():
        pipe.kill('alerter')
        return pipe.crawler.rows("SELECT id FROM v_source_alarm WHERE source = 'quiet-feed'")
    server.wait_until('the alarm is raised', raised_in_vain, 40)
    pipe.kill('crawler')
    server.wait_until('the alerter has it', lambda: alarms(pipe), 40)
    pipe.kill('crawler')
    pipe.kill('alerter')
    server.wait_until('the officer is told', lambda: pipe.alerter.rows(
        "SELECT id FROM v_notice WHERE step = 'alarm' AND channel = 'test-hook' "
        "AND state IN ('sent', 'uncertain')"), 40)
    time.sleep(3)
    raised = alarms(pipe)
    assert len(raised) == 1 and raised[0]['state'] == 'raised', raised
    assert raised[0]['kind'] == 'source-silent' and raised[0]['unit'], raised
    told = pipe.alerter.rows("SELECT recipient, channel FROM v_notice WHERE alarm = "
                             f"'{raised[0]['id']}'")
    assert len({r['recipient'] for r in told}) == 1 and len(told) == 2, told
    assert told[0]['recipient'].startswith(raised[0]['unit'] + '/'), told
    assert len(posts(web)) <= 1, posts(web)
    assert '静静日报' in pipe.command('status', '--config', pipe.config, check=False)
    line = next(row for row in map(json.loads, pipe.command(
        'sources', 'list', '--config', pipe.config, '-o', 'json').splitlines())
        if row['id'] == 'quiet-feed')
    assert line['state'] == 'silent' and line['robots'] == 'allowed', line
    assert '静默' in pipe.command('sources', 'list', '--config', pipe.config)
    feed.items = 6
    server.wait_until('it is cleared', lambda: alarms(pipe)[0]['state'] == 'cleared', 40)
    audited = pipe.alerter.rows("SELECT act FROM audit WHERE subject = "
                                f"'{raised[0]['id']}' ORDER BY seq")
    assert [a['act'] for a in audited] == ['alarm.raise', 'alarm.clear'], audited


def run(engine):
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        web = server.SimulatedWeb(test, path, seed=5, sites=2, documents=6, concerns=1,
                                  span_seconds=5)
        pipe = lib.Pipeline(test, path, web, engine)
        feed = Feed()
        test.callback(feed.shutdown)
        with open(path / 'sources.yaml', 'a') as sources:
            sources.write(FEED.format(port=feed.server_port))
        config = path / 'huiying.yaml'
        config.write_text(config.read_text().replace('  attempts: 20\n',
                                                     '  attempts: 20\n  watch: 300ms\n'))
        pipe.up()
        try:
            server.wait_until('it is read', lambda: pipe.crawler.rows(
                "SELECT source FROM v_source_health WHERE source = 'quiet-feed' "
                "AND last_success_at IS NOT NULL"), 40)
            scenario(pipe, web, feed)
            pipe.command('audit', 'verify', '--config', pipe.config)
            verdict.report(verdict.no_daemon_broke(pipe))
        except AssertionError:
            pipe.show_logs()
            pipe.keep()
            raise


if __name__ == '__main__':
    try:
        run(sys.argv[1] if len(sys.argv) > 1 else 'sqlite')
    except AssertionError as failure:
        sys.exit(f'FAILED: {failure}')
