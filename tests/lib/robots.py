"""Strict fakes of the three robots' APIs and of a webhook's receiver, on one loopback port.

They refuse what the makers refuse (signature, clock, budget, byte limits, encoding), note what the
makers would not forgive, and keep everything they accepted. An answer may come late, before or after
the message was taken, so that whoever dies meanwhile cannot know.
"""
import base64
import collections
import hashlib
import hmac
import http.server
import json
import random
import threading
import time
import urllib.parse

MINUTE, HOUR = 60, 3600
BUDGET = {'wecom': 20, 'dingtalk': 20, 'feishu': 100}
TOO_FAST = {'wecom': 45009, 'dingtalk': 130101, 'feishu': 11232}
KEYS = {'wecom': 'wecom-key-5f1c', 'dingtalk': 'ding-token-77aa', 'feishu': '0c1d-feishu-hook'}
SECRETS = {'dingtalk': 'SECding0123456789', 'feishu': 'feishu-secret-42', 'webhook': 'hook-secret'}


class Refused(Exception):
    """(code, words): the maker's answer."""


def sign(key, text):
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def exactly(value, **wanted):
    """The object has these keys and no other, each of its type."""
    if not isinstance(value, dict) or set(value) != set(wanted):
        raise Refused(40035, f'keys {sorted(value)}')
    for key, kind in wanted.items():
        if not isinstance(value[key], kind):
            raise Refused(40035, f'type of {key}')
    return value


def wecom(query, body):
    if query.get('key') != [KEYS['wecom']] or len(query) != 1:
        raise Refused(93000, f'invalid webhook url, key {query.get("key")}')
    message = exactly(body, msgtype=str, markdown=dict)
    content = exactly(message['markdown'], content=str)['content']
    if message['msgtype'] != 'markdown' or not content or len(content.encode()) > 4096:
        raise Refused(40058, 'markdown.content exceed max length 4096')
    return content


def dingtalk(query, body):
    if query.get('access_token') != [KEYS['dingtalk']]:
        raise Refused(300001, 'token is not exist')
    stamp = query.get('timestamp', [''])[0]
    if not stamp.isdigit() or abs(time.time() - int(stamp) / 1000) > HOUR:
        raise Refused(310000, 'invalid timestamp')
    if query.get('sign') != [sign(SECRETS['dingtalk'], f'{stamp}\n{SECRETS["dingtalk"]}')]:
        raise Refused(310000, 'sign not match')
    message = exactly(body, msgtype=str, markdown=dict, at=dict)
    parts = exactly(message['markdown'], title=str, text=str)
    if message['msgtype'] != 'markdown' or not parts['title'] or message['at'].get('isAtAll'):
        raise Refused(40035, 'markdown')
    return parts['text']


def feishu(query, body):
    message = exactly(body, timestamp=str, sign=str, msg_type=str, card=dict)
    stamp = message['timestamp']
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > HOUR:
        raise Refused(19021, 'timestamp is not within one hour')
    if message['sign'] != sign(f'{stamp}\n{SECRETS["feishu"]}', ''):
        raise Refused(19021, 'sign match fail')
    card = exactly(message['card'], config=dict, header=dict, elements=list)
    if exactly(card['header']['title'], tag=str, content=str)['tag'] != 'plain_text':
        raise Refused(9499, 'Bad Request')
    element, = card['elements']
    if exactly(element, tag=str, content=str)['tag'] != 'markdown':
        raise Refused(9499, 'Bad Request')
    return element['content']


CHECKS = {'wecom': wecom, 'dingtalk': dingtalk, 'feishu': feishu}
PATHS = {'/wecom': 'wecom', '/dingtalk': 'dingtalk', f'/feishu/{KEYS["feishu"]}': 'feishu',
         '/hook': 'webhook'}
BODY_MAX = {'wecom': 1 << 16, 'dingtalk': 20000, 'feishu': 20 << 10, 'webhook': 1 << 20}


class Fakes:
    """`test` is an ExitStack. accepted: kind -> list of texts (bodies for the webhook)."""

    def __init__(self, test, seed=1, late_seconds=0.4):
        self.accepted = collections.defaultdict(list)
        self.refused = []           # (kind, code, words) of everything that was said no to
        self.complaints = []        # what a maker would not forgive
        self.keys = {}              # of the webhook: Idempotency-Key -> body
        self.repeats = 0            # of the webhook: posts with a key that was known
        self.arrivals = collections.defaultdict(collections.deque)
        self.arrived = threading.Event()    # somebody waits for an answer just now
        self.lock = threading.Lock()
        self.draw = random.Random(seed)
        self.late_seconds = late_seconds
        fakes = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def do_POST(self):
                fakes.answer(self)

            def do_GET(self):
                fakes.complaints.append(f'GET {self.path.split("?")[0]}')
                self.send_error(405)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None     # who asked is dead
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.callback(self.server.server_close)
        test.callback(self.server.shutdown)
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}'

    def wait(self):
        with self.lock:
            seconds = self.draw.uniform(0, self.late_seconds)
        time.sleep(seconds)     # the fake's slowness is the point, not a wait for something

    def answer(self, request):
        url = urllib.parse.urlsplit(request.path)
        kind = PATHS.get(url.path)
        self.arrived.set()
        raw = request.rfile.read(int(request.headers.get('Content-Length', 0)))
        self.wait()
        status, reply = 404, {'errcode': 404}
        if kind:
            status, reply = self.judge(kind, url.path, url.query, request.headers, raw)
        self.wait()
        text = json.dumps(reply).encode()
        try:
            request.send_response(status)
            request.send_header('Content-Type', 'application/json')
            request.send_header('Content-Length', str(len(text)))
            request.end_headers()
            request.wfile.write(text)
        except OSError:
            pass    # who asked is dead

    def judge(self, kind, path, query, headers, raw):
        try:
            with self.lock:
                if kind == 'webhook':
                    return self.take_hook(headers, raw)
                if KEYS[kind] in path + query:
                    self.keep_budget(kind)
                text = CHECKS[kind](urllib.parse.parse_qs(query, strict_parsing=bool(query)),
                                    self.parse(kind, headers, raw))
                self.accepted[kind].append(text)
        except Refused as no:
            code, words = no.args
            with self.lock:
                self.refused.append((kind, code, words))
            return 200, {'code': code, 'msg': words} if kind == 'feishu' \
                else {'errcode': code, 'errmsg': words}
        return 200, {'code': 0, 'msg': 'success'} if kind == 'feishu' \
            else {'errcode': 0, 'errmsg': 'ok'}

    def keep_budget(self, kind):
        arrivals, now = self.arrivals[kind], time.monotonic()
        arrivals.append(now)
        while now - arrivals[0] > MINUTE:
            arrivals.popleft()
        if len(arrivals) > BUDGET[kind]:
            self.complaints.append(f'{kind}: {len(arrivals)} messages within a minute')
            raise Refused(TOO_FAST[kind], 'too fast')

    def parse(self, kind, headers, raw):
        if headers.get('Content-Type') != 'application/json; charset=utf-8':
            self.complaints.append(f'{kind}: Content-Type {headers.get("Content-Type")}')
        if len(raw) > BODY_MAX[kind]:
            raise Refused(460101, f'{len(raw)} bytes')
        try:
            if raw.startswith(b'\xef\xbb\xbf'):
                raise ValueError('BOM')
            return json.loads(raw.decode('utf-8', 'strict'))
        except ValueError as error:
            self.complaints.append(f'{kind}: {error}')
            raise Refused(9499 if kind == 'feishu' else 47001, 'data format error') from None

    def take_hook(self, headers, raw):
        key = headers.get('Idempotency-Key')
        wanted = hmac.new(SECRETS['webhook'].encode(), raw, hashlib.sha256).hexdigest()
        if headers.get('X-Huiying-Signature') != wanted:
            self.complaints.append('webhook: signature')
            return 401, {}
        if key in self.keys:
            self.repeats += 1
            if json.loads(self.keys[key])['alerts'][0]['fingerprint'] != key:
                self.complaints.append('webhook: another notice under a known key')
            return 200, {}
        self.parse('webhook', headers, raw)
        self.keys[key] = raw
        self.accepted['webhook'].append(raw.decode())
        return 200, {}
