"""A web of files: articles of the simulated web, rendered once and served by nginx.

Each site lists its articles at /index.html; the articles lie at /a/N.html and link to it. So what
serves costs next to nothing, and every crawler sees the same bytes. nginx writes down each
request, which tells what was fetched twice and what was missed.
"""
import collections
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import urllib.request

import server

MIME = 'types { text/html html; text/plain txt; }'


def free_port():
    with socket.socket() as s:
        s.bind(('127.2.0.1', 0))
        return s.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read(), answer.headers.get('Content-Type')


def render(path, sites, pages, page_kib):
    """Article pages with their Content-Type, of as many sites as there are kinds."""
    with contextlib.ExitStack() as test:
        web = server.SimulatedWeb(test, path, sites=sites, documents=pages, concerns=0,
                                  crawl_delay=0, page_kib=page_kib, captcha=0)
        urls = [d['url'] for d in web.truth()[1] if '__biz=' not in d['url']]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(zip(urls, pool.map(fetch, urls)))


class StillWeb:
    """`test` is an ExitStack. Sites at 127.2.0.n; `pages` articles in all. `answer_s`: about so long
    it takes to send an article; it is sent in small pieces, which costs next to nothing."""

    def __init__(self, test, path, sites, pages, page_kib, body=None, answer_s=None):
        self.root, self.port, self.sites = path / 'still', free_port(), sites
        self.slow = (f'limit_rate {int(page_kib / answer_s)}k; sendfile_max_chunk 8k;'
                     if answer_s else '')
        self.count, self.bytes = 0, 0
        self.root.mkdir()
        charsets = self.write_small(pages, body) if body else self.write(path, pages, page_kib)
        self.start(test, charsets)

    def host(self, n):
        return f'127.2.0.{n + 1}'

    def base(self, n):
        return f'http://{self.host(n)}:{self.port}'

    @property
    def entries(self):
        return [self.base(n) + '/index.html' for n in range(self.sites)]

    def write(self, path, pages, page_kib):
        """As many sites of each charset as the simulated web has, and to each the same number of its
        articles: else the largest one is asked alone in the end."""
        hosts, bodies = collections.defaultdict(set), collections.defaultdict(list)
        for url, (body, kind) in render(path, self.sites, pages, page_kib):
            hosts[kind].add(url.split('/')[2])
            bodies[kind].append(body)
        found = {}
        for kind in sorted(hosts):
            count = len(hosts[kind])
            for n in range(count):
                self.write_site(len(found), bodies[kind][n::count])
                found[len(found)] = kind
        self.sites = len(found)
        return found

    def write_small(self, pages, body):
        share = pages // self.sites
        for n in range(self.sites):
            self.write_site(n, (body(n * share + i).encode() for i in range(share)))
        return {n: 'text/html; charset=utf-8' for n in range(self.sites)}

    def write_site(self, n, bodies):
        folder, links = self.root / str(n), []
        (folder / 'a').mkdir(parents=True)
        (folder / 'robots.txt').write_text('User-agent: *\nDisallow: /private/\n')
        for i, body in enumerate(bodies):
            (folder / f'a/{i}.html').write_bytes(body)
            links.append(f'<li><a href="/a/{i}.html">本地要闻第{i}号，今天的消息</a>'
                         '<span>2026-11-20</span></li>')
            self.count, self.bytes = self.count + 1, self.bytes + len(body)
        text = ('<!DOCTYPE html><html><head><meta charset="utf-8"><title>要闻</title></head>'
                f'<body><h1>要闻</h1><ul class="list">{"".join(links)}</ul></body></html>')
        (folder / 'index.html').write_text(text)

    def files(self):
        return sorted(self.root.glob('*/a/*.html'))

    def start(self, test, charsets):
        text = f'''worker_processes 1; daemon off; pid {self.root}/pid; error_log stderr crit;
user {"root" if os.geteuid() == 0 else "nobody"};
events {{ worker_connections 2048; }}
http {{ {MIME} sendfile on; open_file_cache max=4000 inactive=600s;
  keepalive_requests 1000000; log_format page '$host$uri'; etag on;
  client_body_temp_path {self.root}/t1; proxy_temp_path {self.root}/t2;
  fastcgi_temp_path {self.root}/t3; uwsgi_temp_path {self.root}/t4; scgi_temp_path {self.root}/t5;
  access_log {self.root}/access page buffer=64k flush=1s;
'''
        for n, kind in charsets.items():
            # The list is UTF-8, the articles are as their site sends them.
            text += (f'  server {{ listen {self.host(n)}:{self.port}; root {self.root}/{n};'
                     f' location /a/ {{ {self.slow} types {{ }} default_type "{kind}"; }} }}\n')
        (self.root / 'nginx.conf').write_text(text + '}\n')
        self.process = subprocess.Popen(
            [shutil.which('nginx') or '/usr/sbin/nginx', '-p', self.root, '-c',
             self.root / 'nginx.conf'], stderr=open(self.root / 'log', 'wb'),
            preexec_fn=server.die_with_parent)
        test.callback(server.end, self.process)
        server.wait_until('nginx answers', self.answers)
        self.forget()

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit('nginx ended: ' + (self.root / 'log').read_text())
        try:
            return fetch(self.base(0) + '/robots.txt')
        except OSError:
            return None

    def forget(self):
        """What was asked for so far does not count."""
        server.time.sleep(1.2)
        (self.root / 'access').write_bytes(b'')

    def asked(self):
        """(articles fetched, fetched more than once, missed)"""
        server.time.sleep(1.2)
        lines = (self.root / 'access').read_text().split('\n')
        pages = collections.Counter(x for x in lines if '/a/' in x)
        return len(pages), sum(n > 1 for n in pages.values()), self.count - len(pages)


def installed():
    return bool(shutil.which('nginx') or pathlib.Path('/usr/sbin/nginx').exists())
