#!/usr/bin/env python3
"""Scores incremental polling on set 19: the crawler reads 25 feeds as they were at three moments.

Each moment must add exactly the items that no earlier one had. The feeds come from a server of
this script, and so do the addresses in them: nothing is asked of the real site. Its robots.txt
forbids the articles, so that only polling is measured. VERBOSE=1 lists the misses.
"""
import collections
import contextlib
import gzip
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))

import pipeline  # noqa: E402
import server  # noqa: E402

DATA = pathlib.Path(os.environ["DATA"]) / "19-wechat-feeds"
VERBOSE = bool(os.environ.get("VERBOSE"))
MOMENTS = ["T-14d", "T-02d", "T-00d"]
CONFIG = """common:
  rules: rules
  run: run
crawler:
  store: "sqlite:{path}/crawler.db"
  sources: sources.yaml
  max_age: 0s
"""


class Mirror(http.server.ThreadingHTTPServer):
    """The feeds of one moment; counts how often each was asked for since it came."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.feeds, self.asked = {}, collections.Counter()

    def show(self, moment):
        feeds = {}
        for path in (DATA / moment).glob("*.gz"):
            text = gzip.decompress(path.read_bytes())
            for site in (b"http://mp.weixin.qq.com", b"https://mp.weixin.qq.com"):
                text = text.replace(site, self.origin.encode())
            feeds["/feeds/" + path.name] = text
        self.feeds, self.asked = feeds, collections.Counter()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.server.feeds.get(self.path)
        if self.path == "/robots.txt":
            body = b"User-agent: *\nDisallow: /s?\n"
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")
        self.server.asked[self.path] += 1

    def log_message(self, *_):
        pass


def item_id(url):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
    return "|".join(query.get(key, [""])[0] for key in ("__biz", "mid", "idx"))


def start_crawler(test, path, mirror, names):
    (path / "run").mkdir(mode=0o700)
    (path / "rules").mkdir()
    (path / "huiying.yaml").write_text(CONFIG.format(path=path))
    (path / "sources.yaml").write_text("sources:\n" + "".join(
        pipeline.SOURCE.format(id=f"feed-{number}", name=name, kind="feed", region="zone",
                               url=f"{mirror.origin}/feeds/{name}", interval="1s", delay="5ms")
        for number, name in enumerate(names)))
    process = subprocess.Popen(
        [server.BUILD / "bin/huiying-crawler", "--config", "huiying.yaml"], cwd=path,
        stdin=subprocess.DEVNULL, stderr=open(path / "log", "wb"),
        preexec_fn=server.die_with_parent)
    test.callback(server.end, process)
    return process


def wait_for_two_polls(mirror, process, limit_s=120):
    """When a feed is asked for again, what it said before is stored."""
    until = time.monotonic() + limit_s
    while any(mirror.asked[path] < 3 for path in list(mirror.feeds)):
        assert process.poll() is None, "the crawler ended"
        assert time.monotonic() < until, "the feeds were not polled in time"
        time.sleep(0.1)


def measure(path, mirror, process, expected):
    store, known, right, total = pipeline.SqliteStore(path / "crawler.db"), set(), 0, 0
    for moment in MOMENTS:
        mirror.show(moment)
        wait_for_two_polls(mirror, process)
        rows = [item_id(row["url"]) for row in store.rows("SELECT url FROM v_page")]
        seen = {item["id"] for feed in expected.values()
                for item in feed.get(moment, {"items": []})["items"]}
        new, got = seen - known, set(rows) - known
        total += len(new)
        right += len(new & got) - len(got - new) - (len(rows) - len(set(rows)))
        print(f"{moment}: {len(new):5} new, {len(new & got):5} found, {len(got - new)} else,"
              f" {len(rows) - len(set(rows))} twice")
        if VERBOSE:
            print("  missed:", sorted(new - got)[:10], "else:", sorted(got - new)[:10])
        known |= seen
    return right == total


def main():
    if not DATA.is_dir():
        print("incremental: skipped, no set 19")
        return 0
    expected = json.loads((DATA / "expected.json").read_text("utf-8"))
    names = sorted({p.name for moment in MOMENTS for p in (DATA / moment).glob("*.gz")})
    mirror = Mirror()
    mirror.show(MOMENTS[0])
    threading.Thread(target=mirror.serve_forever, daemon=True).start()
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        return 0 if measure(path, mirror, start_crawler(test, path, mirror, names),
                            expected) else 1


if __name__ == "__main__":
    sys.exit(main())
