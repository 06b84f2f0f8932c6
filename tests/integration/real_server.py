"""Hands real pages and feeds out on loopback, as sites: a helper of run-real, not a test.

DATA is a folder of labelled material that is not part of this tree; nothing of it is copied.
  02-article-gne-zh  one site: an HTML list of its news pages
  07-wechat          one site: an RSS feed of its pages, captcha and deleted ones included
  19-wechat-feeds    one site: the feeds as they are, except that the addresses of their articles
                     lead to this site. The material has no pages behind these addresses, so each
                     is served as a page made of what the feed itself says of it.
"""
import gzip
import html
import http.server
import json
import pathlib
import re
import threading
import urllib.parse
from xml.sax.saxutils import escape

SNAPSHOTS = ('T-14d', 'T-02d', 'T-00d')
TITLE = re.compile(r'<title>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</title>', re.S)
LINK = re.compile(r'(<link>\s*(?:<!\[CDATA\[)?)https?://mp\.weixin\.qq\.com(/s\?[^<\]]*)')
ITEM = re.compile(r'<item>(.*?)</item>', re.S)
DESCRIPTION = re.compile(r'<description>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</description>', re.S)


def read(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == '.gz' else path.read_bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        page = self.server.site.page(self.path)
        status, kind, body = (200, *page) if page else (404, 'text/plain', b'not here')
        self.server.site.count(self.path, status)
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Site:
    """Pages by path at an address of its own, 127.2.0.n."""

    def __init__(self, number):
        self.pages, self.served, self.lock = {}, {}, threading.Lock()
        self.server = http.server.ThreadingHTTPServer((f'127.2.0.{number}', 0), Handler)
        self.server.site = self
        self.server.daemon_threads = True
        self.url = f'http://127.2.0.{number}:{self.server.server_port}'
        self.pages['/robots.txt'] = ('text/plain', b'User-agent: *\nAllow: /\n')
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path):
        return self.pages.get(path)

    def count(self, path, status):
        with self.lock:
            self.served.setdefault(path, []).append(status)

    def articles(self):
        return [path for path in self.pages if path.startswith(('/a/', '/s?'))]


def set_02(folder):
    """The list calls the pages by their titles, as news sites do."""
    site = Site(2)
    gold = json.loads((folder / 'gold-derived.json').read_text())
    items = []
    for file in sorted((folder / 'html').glob('*.html.gz')):
        name = file.name.removesuffix('.gz')
        title = gold.get(name, {}).get('title') or name
        site.pages[f'/a/{name}'] = ('text/html', read(file))
        items.append(f'<li><a href="/a/{name}">{html.escape(title)}</a></li>')
    site.pages['/'] = ('text/html; charset=utf-8', (
        '<!DOCTYPE html><html><head><title>真实网页</title></head><body><h1>真实网页</h1>'
        f'<ul class="list">{"".join(items)}</ul></body></html>').encode())
    return site, [('set02', 'list', site.url + '/')]


def set_07(folder):
    site = Site(7)
    items = []
    for file in sorted([*folder.rglob('*.html.gz'), *folder.rglob('*.html')]):
        name = str(file.relative_to(folder)).removesuffix('.gz')
        path = '/a/' + urllib.parse.quote(name)
        site.pages[path] = ('text/html', read(file))
        items.append(f'<item><title/><link>{site.url}{path}</link></item>')
    site.pages['/feed.xml'] = ('application/rss+xml', (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>07</title>'
        f'<link>{site.url}/</link>{"".join(items)}</channel></rss>').encode())
    return site, [('set07', 'wechat', site.url + '/feed.xml')]


class FeedSite(Site):
    """Serves the feeds of one snapshot after the other, see go_on."""

    def __init__(self, number, folder):
        super().__init__(number)
        self.folder, self.snapshot = folder, 0
        self.names = sorted({f.name.removesuffix('.gz') for f in folder.glob('T-*/*.xml.gz')})
        self.links = {}     # of each feed, over all snapshots so far
        self.load()

    def load(self):
        for name in self.names:
            file = self.folder / SNAPSHOTS[self.snapshot] / (name + '.gz')
            if file.exists():
                feed = LINK.sub(rf'\g<1>{self.url}\g<2>', read(file).decode())
                self.pages['/' + name] = ('application/rss+xml', feed.encode())
                self.add_items(name, feed)

    def add_items(self, name, feed):
        for item in ITEM.findall(feed):
            found = re.search(re.escape(self.url) + r'(/s\?[^<\]]*)', item)
            if not found:
                continue
            path = html.unescape(found.group(1)).split('#')[0].strip()
            title = (TITLE.search(item) or [None, ''])[1]
            text = (DESCRIPTION.search(item) or [None, ''])[1]
            self.links.setdefault(name, set()).add(path)
            self.pages[path] = ('text/html; charset=utf-8', (
                f'<!DOCTYPE html><html><head><title>{escape(title)}</title></head><body>'
                f'<article><h1>{escape(title)}</h1><div>{text}</div></article></body></html>'
            ).encode())

    def go_on(self):
        """The next snapshot; false where this was the last."""
        if self.snapshot + 1 == len(SNAPSHOTS):
            return False
        self.snapshot += 1
        self.load()
        return True

    def items(self):
        """Articles by biz, mid and idx: what makes one the same in every snapshot."""
        keys = set()
        for paths in self.links.values():
            for path in paths:
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
                keys.add(tuple(query.get(k, [''])[0] for k in ('__biz', 'mid', 'idx')))
        return keys


def set_19(folder):
    site = FeedSite(19, folder)
    return site, [(f'set19-{i:02}', 'wechat', f'{site.url}/{name}')
                  for i, name in enumerate(site.names)]


def start(data):
    """(site, sources) of each set that is there."""
    made = []
    for name, make in (('02-article-gne-zh', set_02), ('07-wechat', set_07),
                       ('19-wechat-feeds', set_19)):
        folder = pathlib.Path(data) / name
        if folder.is_dir():
            made.append(make(folder))
    return made
