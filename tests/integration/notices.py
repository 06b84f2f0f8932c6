#!/usr/bin/env python3
"""Each notice arrives once: robots, mail and webhook, while the alerter is killed at random.

Concerns flow through the whole pipeline; each case is told over six ways at once: strict fakes of the
three robots' APIs, a real SMTP server with STARTTLS and AUTH, a webhook whose receiver knows the
Idempotency-Key. The alerter dies by SIGKILL at seeded random moments. Then every notice must have
been accepted exactly once where the receiver can tell, and at most once at a robot, where the only
ones missing are those that the alerter itself calls uncertain. The makers' rules were never broken.

NOTICES_SEED=n draws other moments.
"""
# variants: sqlite postgres
# limit: 420
import collections
import contextlib
import json
import os
import pathlib
import random
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import pipeline as lib
import robots
import server
import smtp_server
import verdict

SHORT = os.environ.get('CAMPAIGN') == 'short'
DOCUMENTS, CONCERNS, SITES, SPAN_SECONDS, KILLS = (60, 10, 4, 10, 5) if SHORT else (240, 40, 8, 30, 16)
PAUSE_SECONDS = (0.3, 2.5)
SETTLE_SECONDS = 200
NUMBER = re.compile(r'通知号 ([0-9a-f]{8})')
ROBOTS = ('wecom', 'dingtalk', 'feishu')
CHANNELS = """channels:
  - id: terminal
    type: publish
  - {{id: wecom, type: wecom, url: "{url}/wecom", key_file: secrets/wecom, gather: 5s}}
  - {{id: dingtalk, type: dingtalk, url: "{url}/dingtalk", key_file: secrets/dingtalk,
     secret_file: secrets/dingtalk-sign, gather: 5s}}
  - {{id: feishu, type: feishu, url: "{url}/feishu", key_file: secrets/feishu,
     secret_file: secrets/feishu-sign}}
  - {{id: mail, type: smtp, url: "smtp://127.0.0.1:{port}", from: huiying@zone.example,
     to: [duty@zone.example, office@zone.example], user: {user}, password_file: secrets/mail,
     ca_file: {certificate}}}
  - {{id: hook, type: webhook, url: "{url}/hook", secret_file: secrets/hook, repeat: true}}
  - {{id: broken, type: wecom, url: "{url}/wecom", key_file: secrets/wrong, steps: [assigned],
     fallback: spare}}
  - {{id: spare, type: webhook, url: "{url}/hook", secret_file: secrets/hook, repeat: true,
     standby: true}}
"""
SECRETS = {'wecom': robots.KEYS['wecom'], 'dingtalk': robots.KEYS['dingtalk'],
           'feishu': robots.KEYS['feishu'], 'dingtalk-sign': robots.SECRETS['dingtalk'],
           'feishu-sign': robots.SECRETS['feishu'], 'hook': robots.SECRETS['webhook'],
           'mail': smtp_server.PASSWORD, 'wrong': 'wecom-key-nobody-has'}


def write_channels(pipe, fakes, mail):
    folder = pipe.path / 'rules/secrets'
    folder.mkdir(mode=0o700)
    for name, secret in SECRETS.items():
        (folder / name).write_text(secret + '\n')
    (pipe.path / 'rules/channels.yaml').write_text(CHANNELS.format(
        url=fakes.url, port=mail.port, user=smtp_server.USER, certificate=mail.certificate))


def numbers(texts):
    return collections.Counter(n for text in texts for n in NUMBER.findall(text))


def ids_of(rows, channel, *states):
    return {r['id'][:8] for r in rows if r['channel'] == channel and r['state'] in states}


def robots_were_told_once(fakes, rows):
    wrong = []
    for kind in ROBOTS:
        told = numbers(fakes.accepted[kind])
        sent, uncertain = ids_of(rows, kind, 'sent'), ids_of(rows, kind, 'uncertain')
        every = ids_of(rows, kind, 'sent', 'uncertain', 'failed', 'waiting', 'sending')
        wrong += [f'{kind}: {n} accepted {told[n]} times' for n in told if told[n] > 1]
        wrong += [f'{kind}: {n} is marked as sent and never came' for n in sent if not told[n]]
        wrong += [f'{kind}: {n} came and is neither sent nor uncertain'
                  for n in set(told) - sent - uncertain]
        wrong += [f'{kind}: {n} is left over' for n in every - sent - uncertain]
        print(f'note: {kind}: {len(every)} notices in {len(fakes.accepted[kind])} messages, '
              f'{len(uncertain)} uncertain, {len(uncertain & set(told))} of them had arrived')
    return wrong


def mails_came_once(mail, rows):
    """By Message-ID, as a mailbox counts; each with all its headers whole."""
    wrong, seen = [], {}
    mails = mail.mails()
    for m in mails:
        text = m.get_content()
        if seen.setdefault(m['Message-ID'], text) != text:
            wrong.append(f'two texts under {m["Message-ID"]}')
        if m.taken_to != ['duty@zone.example', 'office@zone.example'] or \
                m.taken_from != 'huiying@zone.example' or not m['Subject'] or '\ufffd' in text:
            wrong.append(f'{m["Message-ID"]}: {m.taken_from} {m.taken_to} {m["Subject"]}')
        wrong += [f'{m["Message-ID"]}: {d}' for d in m.defects]
    told, every = numbers(seen.values()), {r['id'][:8] for r in rows if r['channel'] == 'mail'}
    wrong += [f'mail: {n} accepted {told[n]} times' for n in every if told[n] != 1]
    wrong += [f'mail: {n} is not sent' for n in every - ids_of(rows, 'mail', 'sent')]
    print(f'note: mail: {len(every)} notices in {len(seen)} mails, {len(mails) - len(seen)} repeated')
    return wrong


def hook_was_told_once(fakes, rows):
    told = collections.Counter(json.loads(body)['alerts'][0]['fingerprint']
                               for body in fakes.accepted['webhook'])
    every = {r['id'] for r in rows if r['channel'] in ('hook', 'spare')}
    wrong = [f'webhook: {n} accepted {told[n]} times' for n in every if told[n] != 1]
    wrong += [f'webhook: {r["id"]} is {r["state"]}' for r in rows
              if r['channel'] in ('hook', 'spare') and r['state'] != 'sent']
    print(f'note: webhook: {len(every)} notices, {fakes.repeats} posts repeated')
    return wrong


def the_spare_took_over(rows):
    """A key that the robot does not know: each of its notices went to the fallback."""
    def told(channel):
        return {(r['case_id'], r['step'], r['recipient']) for r in rows if r['channel'] == channel}
    wrong = [f'broken: {r["id"]} is {r["state"]}' for r in rows if r['channel'] == 'broken' and
             r['state'] not in ('failed', 'uncertain')]
    failed = {(r['case_id'], r['step'], r['recipient']) for r in rows
              if r['channel'] == 'broken' and r['state'] == 'failed'}
    if not failed:
        wrong.append('no notice of the broken channel failed')
    return wrong + [f'no fallback for {x}' for x in failed ^ told('spare')]


def attempts_are_on_record(pipe, rows):
    attempts = pipe.alerter.rows('SELECT message, outcome, code FROM v_attempt')
    told = {a['message'] for a in attempts if a['outcome'] == 'accepted'}
    wrong = [f'attempt still open: {a["message"]}' for a in attempts if a['outcome'] == 'sending']
    return wrong + [f'{r["channel"]}: {r["id"]} is sent without an accepted attempt' for r in rows
                    if r['state'] == 'sent' and r['channel'] != 'terminal' and
                    r['message'] not in told]


def secrets_are_nowhere(pipe):
    """Neither in what was logged nor in the store."""
    text = pipe.log.read_text(errors='replace') + (pipe.path / 'out').read_text(errors='replace')
    text += json.dumps(pipe.alerter.rows('SELECT error FROM notice'))
    text += json.dumps(pipe.alerter.rows('SELECT words FROM attempt'))
    return [f'the secret {name} is readable' for name, secret in SECRETS.items() if secret in text]


def kill_some(pipe, fakes, draw):
    """At any moment, and every other time while somebody waits for an answer."""
    for number in range(KILLS):
        time.sleep(draw.uniform(*PAUSE_SECONDS))    # the moment is the point, not a wait
        if number % 2:
            fakes.arrived.clear()
            fakes.arrived.wait(5)
            time.sleep(draw.uniform(0, 0.5))
        server.wait_until('the alerter can be killed', lambda: pipe.kill('alerter'), 60)


def run(engine):
    seed = int(os.environ.get('NOTICES_SEED', '20261124'))
    draw = random.Random(f'{seed} {engine}')
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        mail = smtp_server.SmtpServer(test, path, seed)
        fakes = robots.Fakes(test, seed)
        web = server.SimulatedWeb(test, path, seed=seed, sites=SITES, documents=DOCUMENTS,
                                  concerns=CONCERNS, span_seconds=SPAN_SECONDS, list_items=2000,
                                  crawl_delay=0, captcha=0)
        pipe = lib.Pipeline(test, path, web, engine, revisit='20s', window=32)
        write_channels(pipe, fakes, mail)
        concerns, documents = web.truth()
        pipe.up()
        try:
            server.wait_until('all daemons run', lambda: len(pipe.daemons()) == 3, 60)
            kill_some(pipe, fakes, draw)
            pipe.wait_for_all(documents, SETTLE_SECONDS)
            under_way = "SELECT id FROM v_notice WHERE state IN ('waiting', 'sending')"
            server.wait_until('all notices are out', lambda: not pipe.alerter.rows(under_way),
                              SETTLE_SECONDS)
            pipe.down()
            rows = pipe.alerter.rows('SELECT id, case_id, alarm, step, recipient, channel, state, '
                                     'message FROM v_notice')
            wrong = [*fakes.complaints, *robots_were_told_once(fakes, rows),
                     *mails_came_once(mail, rows), *hook_was_told_once(fakes, rows),
                     *the_spare_took_over(rows), *attempts_are_on_record(pipe, rows),
                     *secrets_are_nowhere(pipe), *verdict.concerns_have_one_case(pipe, concerns),
                     *verdict.no_daemon_broke(pipe)]
            wrong += [f'{kind} refused: {code} {words}' for kind, code, words in fakes.refused
                      if code != 93000]
            verdict.report(wrong)
        except AssertionError:
            pipe.show_logs()
            pipe.keep()
            raise
        print(f'note: {len(rows)} notices, {KILLS} kills, seed {seed}; '
              f'{time.monotonic() - web.begun:.0f} s')


if __name__ == '__main__':
    try:
        run(sys.argv[1] if len(sys.argv) > 1 else 'sqlite')
    except AssertionError as failure:
        sys.exit(f'FAILED: {failure}')
