#!/usr/bin/env python3
"""News flows from the simulated web through the three daemons into cases, undisturbed."""
# variants: sqlite postgres
# limit: 240
import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import server
import verdict

DOCUMENTS, CONCERNS, SITES, SPAN_SECONDS = 400, 60, 10, 15
SPREAD = 3      # outlets that tell of the same


def wechat_outcomes(pipe, documents):
    """Removed articles and captchas are recorded as what they are, and are no documents."""
    kinds = {lib.document_key(r['url']): r['kind']
             for r in pipe.crawler.rows('SELECT url, kind FROM v_page')}
    stored = {lib.document_key(r['url']) for r in pipe.crawler.rows('SELECT url FROM v_document')}
    wrong = []
    for d in documents:
        key = lib.document_key(d['url'])
        if d['outcome'] != 'article' and key in stored:
            wrong.append(f'{d["outcome"]} page became a document: {d["url"]}')
        # Behind a captcha the host is left alone: not every blocked page is even asked for.
        if d['outcome'] == 'deleted' and kinds.get(key) not in ('deleted', None, ''):
            wrong.append(f'removed article recorded as {kinds.get(key)}: {d["url"]}')
    if not any(kind == 'blocked' for kind in kinds.values()):
        wrong.append('no captcha page was recorded as blocked')
    return wrong


def spread_makes_graver(pipe):
    """So many outlets make a case graver, and the notice says so."""
    cases = pipe.alerter.rows('SELECT c.id, c.severity_rank, e.outlets FROM v_case c'
                              ' JOIN v_event e ON e.id = c.event')
    told = pipe.alerter.rows("SELECT case_id, text FROM v_notice WHERE step LIKE 'raised-%'")
    wide = [c for c in cases if c['outlets'] >= SPREAD]
    wrong = [f'{c["id"]}: {c["outlets"]} outlets, severity {c["severity_rank"]}'
             for c in wide if c['severity_rank'] == 0]
    if not wide:
        wrong.append(f'no concern was carried by {SPREAD} outlets')
    if not any('家媒体报道同一件事' in n['text'] for n in told):
        wrong.append('no notice tells of the spread')
    return wrong


def run(engine):
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        web = server.SimulatedWeb(test, path, seed=11, sites=SITES, documents=DOCUMENTS,
                                  concerns=CONCERNS, span_seconds=SPAN_SECONDS, list_items=500,
                                  refuse_every=9)
        pipe = lib.Pipeline(test, path, web, engine)
        (path / 'rules/outlets.yaml').write_text(
            f'spread: [{{outlets: {SPREAD}, timespan: 1h, severity: 较大}}]\n')
        concerns, documents = web.truth()
        # A captcha closes WeChat's host for half an hour; what stands behind it is not awaited.
        reachable = [d for d in documents if not d['wechat']]
        pipe.up()
        try:
            pipe.wait_for_all(reachable, 150)
            told = "SELECT id FROM v_notice WHERE state IN ('waiting', 'sending')"
            server.wait_until('all notices are out', lambda: not pipe.alerter.rows(told), 60)
            code = pipe.down()
            wrong = [] if code == 0 else [f'the supervisor ended with {code}']
            wrong += verdict.documents_judged(pipe, reachable)
            open_concerns = [dict(c, urls=[u for u in c['urls'] if '127.1.2.2' not in u])
                             for c in concerns]
            wrong += verdict.concerns_have_one_case(pipe, [c for c in open_concerns if c['urls']])
            wrong += verdict.nothing_else_alarms(pipe, documents)
            wrong += verdict.cases_have_one_lead(pipe)
            wrong += verdict.notices_went_out_once(pipe)
            wrong += spread_makes_graver(pipe)
            wrong += verdict.no_phone_is_stored(pipe, concerns)
            wrong += verdict.web_was_respected(pipe)
            wrong += verdict.no_daemon_broke(pipe)
            wrong += wechat_outcomes(pipe, documents)
            pipe.command('audit', 'verify', '--config', pipe.config)
            verdict.report(wrong)
        except AssertionError:
            pipe.show_logs()
            pipe.keep()
            raise
        print(f'note: {len(reachable)} documents, {len(concerns)} concerns, '
              f'{len(web.deliveries())} notices')


if __name__ == '__main__':
    try:
        run(sys.argv[1] if len(sys.argv) > 1 else 'sqlite')
    except AssertionError as failure:
        sys.exit(f'FAILED: {failure}')
