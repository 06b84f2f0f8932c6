"""What must be true of the stores when everything has flown through. Each function returns the
list of what is wrong, in words; none is all right."""
import collections
import json
import re

from pipeline import document_key


def documents_judged(pipeline, documents):
    judged, pending = pipeline.judged()
    wanted = [d for d in documents if d['outcome'] == 'article']
    wrong = [f'no verdict: {d["url"]}' for d in wanted if document_key(d['url']) not in judged]
    if pending:
        wrong.append(f'{pending} documents are still pending')
    rows = pipeline.crawler.rows("SELECT url FROM v_document WHERE state = 'judged' AND "
                                 "outcome NOT IN ('quiet', 'alerted', 'reaction')")
    return wrong + [f'not judged by the rules: {r["url"]}' for r in rows]


def cases_of(pipeline):
    """Cases by the key of the documents whose alerts they hold."""
    cases = collections.defaultdict(set)
    for row in pipeline.alerter.rows('SELECT url, case_id FROM v_alert'):
        cases[document_key(row['url'])].add(row['case_id'])
    return cases


def concerns_have_one_case(pipeline, concerns):
    """Every document of a concern raised an alert in one and the same case, no other concern's."""
    wrong, owner = [], {}
    cases = cases_of(pipeline)
    for concern in concerns:
        found = [cases.get(document_key(url), set()) for url in concern['urls']]
        name = f'concern {concern["concern"]} ({concern["topic"]}, {concern["title"]})'
        if not all(found):
            wrong.append(f'{name}: {sum(not f for f in found)} of {len(found)} raised no alert')
        together = set().union(*found)
        if len(together) > 1:
            wrong.append(f'{name}: {len(together)} cases')
        for case in together:
            if case in owner:
                wrong.append(f'{name}: shares its case with concern {owner[case]}')
            owner[case] = concern['concern']
    return wrong


def nothing_else_alarms(pipeline, documents):
    cases = cases_of(pipeline)
    return [f'alarm without a concern: {d["title"]} {d["url"]}' for d in documents
            if d['concern'] is None and document_key(d['url']) in cases]


def cases_have_one_lead(pipeline):
    wrong = [f'case {r["id"]} has lead "{r["lead"]}"' for r in pipeline.alerter.rows(
        "SELECT c.id, c.lead FROM v_case c LEFT JOIN v_unit u ON u.id = c.lead "
        "WHERE u.id IS NULL OR c.lead = ''")]
    for row in pipeline.alerter.rows("SELECT event, count(*) AS n FROM v_case WHERE state NOT IN "
                                     "('closed', 'merged', 'dismissed') GROUP BY event HAVING count(*) > 1"):
        wrong.append(f'event {row["event"]} has {row["n"]} open cases')
    for row in pipeline.alerter.rows('SELECT c.id FROM v_case c LEFT JOIN v_deadline d ON '
                                     'd.case_id = c.id WHERE d.case_id IS NULL'):
        wrong.append(f'case {row["id"]} has no deadline')
    return wrong


def notices_went_out_once(pipeline):
    """By what the webhook really got: a notice is a case or an alarm, a step and a recipient."""
    seen = collections.Counter()
    for delivery in pipeline.web.deliveries():
        labels = json.loads(delivery['body'])['alerts'][0]['labels']
        seen[labels['case'] or labels['alarm'], labels['step'], labels['recipient']] += 1
    wrong = [f'notice went out {n} times: {key}' for key, n in seen.items() if n > 1]
    rows = pipeline.alerter.rows("SELECT case_id, alarm, step, recipient, state FROM v_notice "
                                 "WHERE channel = 'test-hook'")
    for row in rows:
        key = row['case_id'] or row['alarm'], row['step'], row['recipient']
        if row['state'] == 'sent' and not seen[key]:
            wrong.append(f'notice is marked as sent and never came: {key}')
        if row['state'] in ('waiting', 'failed'):
            wrong.append(f'notice is {row["state"]}: {key}')
    told = {row['case_id'] for row in rows if row['step'] == 'assigned'}
    for row in pipeline.alerter.rows('SELECT id FROM v_case'):
        if row['id'] not in told:
            wrong.append(f'nobody was told of case {row["id"]}')
    return wrong


def uncertain_notices(pipeline):
    return len(pipeline.alerter.rows("SELECT id FROM v_notice WHERE channel = 'test-hook' AND "
                                     "state = 'uncertain'"))


def no_phone_is_stored(pipeline, concerns):
    text = json.dumps(pipeline.crawler.rows('SELECT title, text FROM v_document'),
                      ensure_ascii=False)
    return [f'phone {c["phone"]} is stored' for c in concerns if c['phone'] in text]


def no_daemon_broke(pipeline):
    """Killed is fine; a failed assertion or what a sanitizer found is not."""
    text = pipeline.log.read_text(errors='replace')
    broken = re.compile(r'Sanitizer|runtime error:|assertion failed|signal=(4|6|7|8|11)\b')
    return [f'in the log: {line[:300]}' for line in text.split('\n') if broken.search(line)]


def web_was_respected(pipeline):
    wrong = []
    for host in pipeline.web.stats()['hosts']:
        for what, count in host['violations'].items():
            if count:
                wrong.append(f'{host["host"]} ({host.get("hostile", "news")}): {count} times {what}')
        if host['anonymous']:
            wrong.append(f'{host["host"]}: {host["anonymous"]} requests without User-Agent')
    return wrong


def report(wrong):
    """Raises with the first twenty where there is any."""
    if wrong:
        raise AssertionError(f'{len(wrong)} findings\n' + '\n'.join(wrong[:20]))
