#!/usr/bin/env python3
"""From pages of the web to the drafter's desk: pages that react to a watched policy are told to its
drafter as a digest with what they ask, and become one case that he leads when they are enough, though
the alerter is killed in between. The policy's own page is no reaction, and no reaction is an alert."""
# variants: sqlite postgres
# limit: 240
import contextlib
import http.server
import json
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import server

FEED = """  - id: forum
    name: 问政论坛
    kind: feed
    url: http://127.0.0.1:{port}/feed
    interval: 1s
    delay: 1ms
    allow_private: true
"""
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{}</channel></rss>'
ITEM = '<item><title>{title}</title><link>http://127.0.0.1:{port}/{name}.html</link></item>'
PAGE = ('<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p>'
        '<p>本页由问政论坛整理，欢迎继续留言，我们会把大家关心的事情转给有关部门。</p></body></html>')
NAME = '青年人才十二条'
PAGES = {
    'release': (f'{NAME}来了', f'{NAME}今日起施行，最高可获五十万元资助。怎么申请？登录平台办理。到账时间请以平台为准。'),
    'a': (f'{NAME}的租房补贴怎么申请', '我今年毕业来区里工作，看了介绍还是不明白，窗口排队的人很多，想先问清楚。'),
    'b': (f'{NAME}租房补贴如何申请', '刚刚签了合同，准备下个月搬过来住，手续上的事情想先问清楚，免得跑几趟。'),
    'quiet': ('周末公园花开正好', '周末天气晴好，公园里的菊花开了，不少市民带着孩子前来观赏拍照留念。'),
    'c': (f'请问{NAME}租房补贴在哪申请', '网上的说法不一样，有的说去窗口，有的说用手机就行，想听一个准信。'),
    'd': (f'{NAME}的创业补贴什么时候到账', '公司材料交上去已经半年，打过电话，说再等等，至今没有消息，请问还要多久。'),
    'e': (f'{NAME}对年龄怎么规定', '今年三十六岁，带着团队回来的，想知道还能不能享受，请问年龄按哪一天计算。'),
}
ORDER = list(PAGES)
# The same in other words; whichever is read first stands for both, and for the third.
SAME = [PAGES['a'][0], PAGES['b'][0]]


class Forum(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.shown = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        forum, name = self.server, self.path.strip('/').removesuffix('.html')
        if name == 'feed':
            kind, text = 'application/rss+xml', RSS.format(''.join(
                ITEM.format(title=PAGES[n][0], name=n, port=forum.server_port)
                for n in ORDER[:forum.shown]))
        elif name == 'robots.txt':
            kind, text = 'text/plain', 'User-agent: *\nAllow: /\n'
        else:
            kind = 'text/html; charset=utf-8'
            text = PAGE.format(title=PAGES[name][0], text=PAGES[name][1])
        body = text.encode()
        self.send_response(200)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write_rules(path, port):
    """The shipped example, told at once and with its text on the forum."""
    file = path / 'rules/policies/enterprise.yaml'
    text = file.read_text()
    for old, new in (('    threshold: 5\n', '    threshold: 5\n    digest: 1s\n'),
                     ('https://www.example.gov.cn/art/2026/3/16/art_1001_1.html',
                      f'http://127.0.0.1:{port}/release.html')):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text)


def outcomes(pipe):
    rows = pipe.crawler.rows("SELECT url, state, outcome FROM v_document WHERE source = 'forum'")
    return {pathlib.PurePosixPath(r['url']).stem: r['outcome'] for r in rows if r['state'] == 'judged'}


def digests(pipe):
    return pipe.alerter.rows("SELECT recipient, channel, text FROM v_notice "
                             "WHERE step = 'policy-digest' ORDER BY created_at, id")


def first_reactions(pipe, forum):
    forum.shown = 4
    server.wait_until('four pages are judged', lambda: len(outcomes(pipe)) == 4, 60)
    assert outcomes(pipe) == {'release': 'quiet', 'a': 'reaction', 'b': 'reaction', 'quiet': 'quiet'}, \
        outcomes(pipe)
    server.wait_until('the drafter is told', lambda: digests(pipe) and
                      '累计 2 篇' in digests(pipe)[-1]['text'], 60)
    told = digests(pipe)
    assert {d['recipient'].split('/')[0] for d in told} == {'fazhan-baozhang'}, told
    assert any(f'问得最多：{question}（2 篇）' in told[-1]['text'] for question in SAME), told
    for view in ('v_alert', 'v_event', 'v_case'):
        assert not pipe.alerter.rows(f'SELECT * FROM {view}'), view


def enough_reactions(pipe, forum):
    forum.shown = 6
    server.wait_until('the fourth reaction is judged', lambda: len(outcomes(pipe)) == 6, 60)
    assert not pipe.alerter.rows('SELECT id FROM v_case')
    pipe.kill('alerter')
    forum.shown = 7
    pipe.kill('alerter')
    server.wait_until('the fifth reaction is judged', lambda: len(outcomes(pipe)) == 7, 60)
    cases = pipe.alerter.rows('SELECT id, lead, route, topic, because FROM v_case')
    assert len(cases) == 1, cases
    assert cases[0]['lead'] == 'fazhan-baozhang' and cases[0]['route'] == 'policy', cases
    assert cases[0]['topic'] == 'policy.business' and '谁起草谁解读' in cases[0]['because'], cases
    assert '7 天内达到 5 篇' in cases[0]['because'], cases
    rows = pipe.alerter.rows('SELECT document, case_id FROM v_reaction')
    assert len(rows) == 5 and {r['case_id'] for r in rows} == {cases[0]['id']}, rows
    assert not pipe.alerter.rows('SELECT * FROM v_alert')
    server.wait_until('the digest names the case', lambda: any(
        f'在办事项 {cases[0]["id"]}' in d['text'] for d in digests(pipe)), 60)
    assigned = pipe.alerter.rows("SELECT recipient FROM v_notice WHERE step = 'assigned' "
                                 "AND channel = 'terminal'")
    assert len(assigned) == 1 and assigned[0]['recipient'].startswith('fazhan-baozhang'), assigned
    return cases[0]['id']


def what_officers_see(pipe, case):
    shown = json.loads(pipe.command('policy', 'show', 'youth-talent', '--config', pipe.config, '-o', 'json'))
    most = shown['questions'][0]
    assert most['question'] in SAME and most['reactions'] == 3, shown['questions']
    assert sum(d['reactions'] for d in shown['days']) == 5, shown['days']
    assert [c['case'] for c in shown['cases']] == [case], shown['cases']
    assert len(shown['newest']) == 5, shown['newest']
    text = pipe.command('policy', 'show', 'youth-talent', '--config', pipe.config)
    assert '问得最多' in text and '谁起草' not in text and PAGES['d'][0] in text, text
    listed = pipe.command('policy', 'list', '--config', pipe.config)
    assert 'property-fund' in listed and 'youth-talent' in listed, listed
    report = pipe.path / 'week.html'
    pipe.command('report', 'weekly', '--config', pipe.config, '-o', report)
    assert '九、政策反应' in report.read_text() and most['question'] in report.read_text()


def run(engine):
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        web = server.SimulatedWeb(test, path, seed=5, sites=2, documents=6, concerns=1, span_seconds=5)
        pipe = lib.Pipeline(test, path, web, engine)
        forum = Forum()
        test.callback(forum.shutdown)
        (path / 'sources.yaml').write_text('sources:\n' + FEED.format(port=forum.server_port))
        write_rules(path, forum.server_port)
        pipe.up()
        try:
            first_reactions(pipe, forum)
            case = enough_reactions(pipe, forum)
            what_officers_see(pipe, case)
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
