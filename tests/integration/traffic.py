#!/usr/bin/env python3
"""A topic that fires on nearly every document is told to its owner while the works run, once though
daemons are killed and rules reloaded, and a narrower rule ends the alarm."""
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import server

FEED = """sources:
  - id: letters
    name: 来信选登
    kind: feed
    url: http://127.0.0.1:{port}/feed
    interval: 1s
    delay: 1ms
    allow_private: true
"""
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = '<item><title>第{0}号来信</title><link>http://127.0.0.1:{1}/{0}.html</link></item>'
PAGE = ('<html><head><title>第{0}号来信</title></head><body><h1>第{0}号来信</h1>'
        '<p>第{0}号来信说，写信人上周去河边走了走，柳树的叶子黄了，天很蓝，风不大。</p>'
        '<p>编号{0}的来信人还说，明年春天想再去一次，带上家里的老相机。</p></body></html>')
TOPIC = """topics:
  - {{id: letters, title: 来信, owner: labour, place: required, match: {{any: [{term}]}},
      samples: {{hit: ["{term}"], miss: [晴]}}}}
"""
TALLY = 'analyzer:\n  tally: 500ms\n'


class Feed(http.server.ThreadingHTTPServer):
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
            kind, text = 'text/html; charset=utf-8', PAGE.format(name)
        body = text.encode()
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write_rule(pipe, term):
    (pipe.path / 'rules/topics/letters.yaml').write_text(TOPIC.format(term=term))


def judged(pipe):
    return sum(row['documents'] for row in pipe.alerter.rows('SELECT documents FROM v_judged_day'))


def wait_until_judged(pipe, feed, count):
    """Each letter is counted; one that was asked again by whom a kill met may count twice."""
    feed.letters = count
    server.wait_until(f'{count} letters are counted', lambda: judged(pipe) >= count, 60)


def alarms(pipe):
    return pipe.alerter.rows("SELECT id, subject, owner, state, text, cleared_text FROM v_alarm "
                             "WHERE kind = 'topic-surge'")


def traffic(pipe):
    out = pipe.command('rules', 'traffic', '--config', pipe.config, '-o', 'json', check=False)
    return {line['topic']: line for line in map(json.loads, out.splitlines())}


def answers(pipe, name):
    status = json.loads(pipe.command('status', '--config', pipe.config, '-o', 'json', check=False) or '[]')
    return any(d['daemon'] == name and d['state'] == 'ready' for d in status)


def reload(pipe):
    for name in ('analyzer', 'alerter'):
        server.wait_until(f'{name} answers', lambda name=name: answers(pipe, name), 30)
        os.kill(pipe.daemons()[name], signal.SIGHUP)


def watch(pipe, feed):
    wait_until_judged(pipe, feed, 80)
    assert not alarms(pipe), alarms(pipe)
    wait_until_judged(pipe, feed, 120)
    server.wait_until('the alarm is there', lambda: alarms(pipe), 30)
    raised, = alarms(pipe)
    assert (raised['subject'], raised['owner'], raised['state']) == ('letters', 'labour', 'raised')
    assert '“来信”' in raised['text'] and 'letters.yaml:' in raised['text'], raised
    assert '占 100.0%' in raised['text'], raised
    # Told once, whatever dies and however often the same rules are loaded.
    pipe.kill('alerter')
    pipe.kill('analyzer')
    reload(pipe)
    before = judged(pipe)
    feed.letters = 150
    server.wait_until('it is counted on', lambda: judged(pipe) > before, 60)
    assert [a['state'] for a in alarms(pipe)] == ['raised'], alarms(pipe)
    told = pipe.alerter.rows(f"SELECT recipient, channel FROM v_notice WHERE alarm = '{raised['id']}'")
    assert len({r['recipient'] for r in told}) == 1 and len(told) == 2, told
    assert traffic(pipe)['letters']['state'] == 'surge', traffic(pipe)


def mend(pipe, feed):
    write_rule(pipe, '欠薪')
    reload(pipe)
    server.wait_until('the topic is counted anew',
                      lambda: traffic(pipe)['letters']['fired'] == 0, 30)
    feed.letters = 180
    server.wait_until('the alarm has ended', lambda: alarms(pipe)[0]['state'] == 'cleared', 60)
    assert '重新统计' in alarms(pipe)[0]['cleared_text'], alarms(pipe)
    assert len(alarms(pipe)) == 1, alarms(pipe)


def run(engine):
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        web = server.SimulatedWeb(test, path, seed=5, sites=2, documents=6, concerns=1, span_seconds=5)
        pipe = lib.Pipeline(test, path, web, engine)
        feed = Feed()
        test.callback(feed.shutdown)
        (path / 'sources.yaml').write_text(FEED.format(port=feed.server_port))
        (path / 'huiying.yaml').write_text((path / 'huiying.yaml').read_text() + TALLY)
        write_rule(pipe, '来信')
        pipe.up()
        try:
            watch(pipe, feed)
            mend(pipe, feed)
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
