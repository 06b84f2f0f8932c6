#!/usr/bin/env python3
"""Rules changed and broken under load: 10,000 of them are swapped while documents stream in, and each
document is judged by a whole set; a broken set changes nothing; a pattern that reaches its limit is
told to its topic's owner exactly once, though analyzer and alerter are killed, and its documents are
judged by the rest."""
# variants: sqlite postgres
# limit: 300
import contextlib
import http.server
import json
import os
import pathlib
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import server

TOPICS = 10000
FEED = """  - id: stream
    name: 流水日报
    kind: feed
    url: http://127.0.0.1:{port}/feed
    interval: 1s
    delay: 1ms
    owner: environment
    allow_private: true
"""
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = '<item><title>第{0}号来信</title><link>http://127.0.0.1:{1}/{0}.html</link></item>'
PAGE = ('<html><head><title>第{0}号来信</title></head><body><h1>第{0}号来信</h1>'
        '<p>第{0}号来信说，小区门口的路灯坏了两周，晚上走路看不清，希望尽快修好。甲端标记，乙端标记。</p>'
        '<p>{1}编号{0}的来信人还说，已向物业说过三次。</p></body></html>')
HOSTILE = '/(?:中国|中|国)+[公司]/'
TOPIC = ('  - {{id: {id}, title: {title}, owner: labour, place: any, match: {{any: [{{term: "{term}", weight: 100}}]}},\n'
         '     samples: {{hit: ["{hit}"], miss: [晴]}}}}\n')


class Feed(http.server.ThreadingHTTPServer):
    """Lists so many letters; every tenth makes the hostile pattern reach its limit."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.letters = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        feed, name = self.server, self.path.strip('/').removesuffix('.html')
        if name == 'feed':
            kind, text = 'application/rss+xml', RSS.format(''.join(
                ITEM.format(i, feed.server_port) for i in range(max(0, feed.letters - 150), feed.letters)))
        elif name == 'robots.txt':
            kind, text = 'text/plain', 'User-agent: *\nAllow: /\n'
        else:
            hostile = '公，' + '中国' * 300 + '。' if int(name) % 10 == 0 else ''
            kind, text = 'text/html; charset=utf-8', PAGE.format(name, hostile)
        body = text.encode()
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write_rules(path, edition, broken=False):
    """Beside the real topics, a first file and a last one, each with a mark that every letter carries."""
    folder = path / 'rules/topics'
    filler = 'topics:\n' + ''.join(
        TOPIC.format(id=f'fill.n{i}', title=f'填充{i}', term=f'填{edition}{i}充', hit=f'填{edition}{i}充')
        for i in range(TOPICS))
    ends = {'a': '甲端标记', 'z': '乙端标记'}
    for name, mark in ends.items():
        (folder / f'{name * 3}.yaml').write_text('topics:\n' + TOPIC.format(
            id=f'mark.{name}', title=mark, term=mark, hit='晴' if broken and name == 'z' else mark))
    (folder / 'many.yaml').write_text(filler)
    (folder / 'slow.yaml').write_text('topics:\n' + TOPIC.format(
        id='hostile', title='难题', term=HOSTILE, hit='中国公'))


def figure(pipe, name):
    status = pipe.command('status', '--config', pipe.config, '-o', 'json', check=False)
    for daemon in json.loads(status or '[]'):
        if daemon['daemon'] == 'analyzer' and 'figures' in daemon:
            return daemon['figures'].get(name)
    return None


def reload(pipe, what, before):
    os.kill(pipe.daemons()['analyzer'], signal.SIGHUP)
    server.wait_until(f'{what} moves', lambda: (figure(pipe, what) or 0) > before, 60)


def versions(pipe):
    rows = pipe.crawler.rows("SELECT url, state, outcome, rules FROM v_document WHERE source = 'stream'")
    return [r for r in rows if r['state'] == 'judged']


def wait_for_letters(pipe, count):
    server.wait_until(f'{count} letters are judged', lambda: len(versions(pipe)) >= count, 90)


def swap_under_load(pipe, feed):
    feed.letters = 60
    wait_for_letters(pipe, 30)
    first = {r['rules'] for r in versions(pipe)}
    assert len(first) == 1, first
    # A set with a finding in its last file: refused whole, while letters go on coming.
    write_rules(pipe.path, 2, broken=True)
    feed.letters = 120
    reload(pipe, 'rules_refused', 0)
    wait_for_letters(pipe, 90)
    assert {r['rules'] for r in versions(pipe)} == first, 'judged by a refused set'
    write_rules(pipe.path, 3)
    feed.letters = 180
    reload(pipe, 'rules_loaded', 1)
    feed.letters = 240
    wait_for_letters(pipe, 240)
    print(f'{TOPICS} topics proved in {figure(pipe, "rules_load_ms")} ms, '
          f'taken over in {figure(pipe, "rules_swap_ms")} ms')
    judged = versions(pipe)
    assert len(judged) == 240, len(judged)
    assert len({r['rules'] for r in judged}) == 2, {r['rules'] for r in judged}
    assert {r['outcome'] for r in judged} == {'alerted'}, judged
    alerts = pipe.alerter.rows("SELECT url, topics FROM v_alert WHERE source = 'stream'")
    assert len(alerts) == len({a['url'] for a in alerts}) == 240, len(alerts)
    halves = [a for a in alerts if '"mark.a"' not in a['topics'] or '"mark.z"' not in a['topics']]
    assert not halves, halves[:3]


def limit_alarms(pipe):
    return pipe.alerter.rows("SELECT id, subject, owner, state, text FROM v_alarm "
                             "WHERE kind = 'pattern-limit'")


def limit_is_told_once(pipe, feed):
    server.wait_until('the alarm is there', lambda: limit_alarms(pipe), 30)
    pipe.kill('analyzer')
    feed.letters = 260
    wait_for_letters(pipe, 260)
    pipe.kill('alerter')
    pipe.kill('analyzer')
    feed.letters = 280
    wait_for_letters(pipe, 280)
    time.sleep(2)
    raised = limit_alarms(pipe)
    assert len(raised) == 1 and raised[0]['state'] == 'raised', raised
    assert raised[0]['subject'] == 'hostile' and raised[0]['owner'] == 'labour', raised
    assert '难题' in raised[0]['text'] and 'slow.yaml:' in raised[0]['text'], raised
    told = pipe.alerter.rows(f"SELECT recipient, channel FROM v_notice WHERE alarm = '{raised[0]['id']}'")
    assert len({r['recipient'] for r in told}) == 1 and len(told) == 2, told


def run(engine):
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        web = server.SimulatedWeb(test, path, seed=5, sites=2, documents=6, concerns=1, span_seconds=5)
        pipe = lib.Pipeline(test, path, web, engine)
        feed = Feed()
        test.callback(feed.shutdown)
        (path / 'sources.yaml').write_text('sources:\n' + FEED.format(port=feed.server_port))
        write_rules(path, 1)
        pipe.up()
        try:
            swap_under_load(pipe, feed)
            limit_is_told_once(pipe, feed)
            pipe.command('audit', 'verify', '--config', pipe.config)
        except AssertionError:
            pipe.show_logs()
            pipe.keep()
            raise


if __name__ == '__main__':
    try:
        run(sys.argv[1] if len(sys.argv) > 1 else 'sqlite')
    except AssertionError as failure:
        sys.exit(f'FAILED: {failure}')
