#!/usr/bin/env python3
"""The simulated web does what its users stand on: pages, feeds, charsets, conditions, faults."""
import contextlib
import gzip
import json
import pathlib
import socket
import sys
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'lib'))
import server

START = '2026-11-23T09:00:00+08:00'
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url, data=None, **headers):
    """(status, headers, body); redirects are not followed beyond what loops."""
    request = urllib.request.Request(url, data=data,
                                     headers={k.replace('_', '-'): v for k, v in headers.items()})
    try:
        with OPENER.open(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, b''


def text_of(body):
    for charset in ('utf-8', 'gb18030'):
        with contextlib.suppress(UnicodeDecodeError):
            return body.decode(charset)
    raise AssertionError('neither UTF-8 nor GB18030')


def check_articles(web):
    concerns, documents = web.truth()
    assert len(documents) == 300 and len(concerns) == 30
    assert json.loads(web.get('/_truth').splitlines()[0]) == concerns[0]
    charsets = set()
    for d in documents:
        status, headers, body = get(d['url'], Accept_Encoding='gzip')
        assert status == 200, d['url']
        if headers.get('Content-Encoding') == 'gzip':
            body = gzip.decompress(body)
        charsets.add(headers['Content-Type'])
        text = text_of(body)
        expected = {'article': d['title'], 'deleted': '该内容已被发布者删除', 'blocked': '环境异常'}
        assert expected[d['outcome']] in text, d
    assert {'text/html', 'text/html; charset=gb2312', 'text/html; charset=iso-8859-1'} <= charsets
    urls = [u for c in concerns for u in c['urls']]
    assert sorted(urls) == sorted(d['url'] for d in documents if d['concern'] is not None)


def listed(source):
    """The addresses that a source's list or feed names."""
    _, _, body = get(source['url'])
    text = text_of(body)
    if source['kind'] == 'jsonfeed':
        return {item['url'] for item in json.loads(text)['items']}
    if source['kind'] == 'list':
        base = source['url'].split('/news/')[0]
        return {base + part.split('"')[0].replace('&amp;', '&')
                for part in text.split('<li><a href="')[1:]}
    root = xml.etree.ElementTree.fromstring(body)
    found = set()
    for element in root.iter():
        name = element.tag.rsplit('}', 1)[-1]
        if name in ('link', 'loc'):
            found.add(element.get('href') or element.text)
    return found


def check_lists(web):
    _, documents = web.truth()
    known = set()
    for source in web.ready['sources']:
        known |= listed(source) if not source.get('hostile') else set()
    missing = [d['url'] for d in documents if d['url'] not in known]
    assert not missing, missing[:3]


def check_conditions(web):
    for source in web.ready['sources'][:4]:
        status, headers, body = get(source['url'])
        assert status == 200 and body
        assert get(source['url'], If_None_Match=headers['ETag'])[0] == 304
        assert get(source['url'], If_Modified_Since=headers['Last-Modified'])[0] == 304
        assert get(source['url'], If_None_Match='"other"')[0] == 200


def cut_short(url):
    """How many bytes come of a page that never ends well, in a few seconds."""
    host, port = url.split('/')[2].split(':')
    with socket.create_connection((host, int(port))) as link:
        link.sendall(f'GET /{url.split("/", 3)[3]} HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
        link.settimeout(1.5)
        total, last = 0, time.monotonic() + 3
        with contextlib.suppress(TimeoutError):
            while total < 20 << 20 and time.monotonic() < last and (piece := link.recv(1 << 16)):
                total += len(piece)
    return total


def check_faults(web):
    hostile = {s['hostile']: s['url'] for s in web.ready['sources'] if s.get('hostile')}
    page = {name: url.replace('index.html', '2026/1.html') for name, url in hostile.items()}
    assert cut_short(page['slow']) < 1000
    assert cut_short(page['endless']) >= 20 << 20
    assert len(get(page['huge'])[2]) == 50 << 20
    assert get(page['redirect-loop'])[0] in (301, 302)
    status, headers, _ = get(page['busy-seconds'])
    assert (status, headers['Retry-After']) == (429, '3')
    assert 'GMT' in get(page['busy-date'])[1]['Retry-After']
    assert get(hostile['robots-503'].replace('/news/index.html', '/robots.txt'))[0] == 503
    for name in ('broken-gzip', 'gzip-bomb'):
        _, headers, body = get(page[name])
        assert headers['Content-Encoding'] == 'gzip' and len(body) < 1 << 20
    assert 10000 <= cut_short(page['truncated']) < 11000
    for name, least in (('many-links', 7), ('long-feed', 4), ('deep-feed', 4)):
        assert len(get(hostile[name])[2]) > least << 20, name
    assert len(get(page['deep'])[2]) > 2 << 20


def check_control(web):
    hook = web.ready['control'] + '/_webhook'
    answers = [get(hook, data=b'{"n":%d}' % n)[0] for n in range(1, 7)]
    assert answers == [200, 200, 503, 200, 200, 503], answers
    assert [json.loads(d['body'])['n'] for d in web.deliveries()] == [1, 2, 4, 5]
    before = web.stats()['violations']
    get(web.ready['sources'][0]['url'].replace('/news/index.html', '/admin/login'))
    assert web.stats()['violations'] == before + 1


def main():
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        options = dict(seed=5, sites=8, documents=300, concerns=30, misbehave=1, start=START,
                       crawl_delay=0, list_items=500, refuse_every=3)
        web = server.SimulatedWeb(test, path, **options)
        for check in (check_articles, check_lists, check_conditions, check_faults, check_control):
            check(web)
            print('ok', check.__name__)
        twin_path = path / 'twin'
        twin_path.mkdir()
        twin = server.SimulatedWeb(test, twin_path, **options)
        port, other = (str(w.ready['port']) for w in (web, twin))
        assert web.truth_file.read_text().replace(port, other) == twin.truth_file.read_text()


if __name__ == '__main__':
    main()
