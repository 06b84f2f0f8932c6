"""Memory of one crawler over many small pages (MEMORY_PAGES, 20000; 200000 takes minutes)."""
import contextlib
import os

import cost
import crawler_alone
import server
import still_web

PAGES = int(os.environ.get('MEMORY_PAGES', '20000'))
SITES = 120     # a reading of a list gives at most 2,000 links
SENTENCE = '市民反映，第{n}号路段的路灯近日不亮，夜间出行不便，相关部门表示将尽快安排检修，并公布进度。'


def small_page(n):
    text = ''.join(f'<p>{SENTENCE.format(n=n * 7 + i)}</p>' for i in range(3))
    return (f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>路灯报修第{n}号</title></head>'
            f'<body><h1>路灯报修第{n}号</h1><div>2026-11-20 09:30</div>'
            f'<div class="content">{text}</div></body></html>')


def main():
    if not still_web.installed():
        print('skipped: nginx is not installed, packaging/deps bench installs it')
        return
    with contextlib.ExitStack() as test:
        web = still_web.StillWeb(test, server.folder(test), SITES, PAGES, 0, small_page)
        crawl = crawler_alone.Crawlers(test, server.folder(test), web)
        seen = []

        def watch(count):
            seen.append((count, cost.memory_mib(crawl.processes[0].pid)))

        crawl.up()
        count = crawl.wait(web.count, max(120, PAGES / 150), watch)
        early = next(mib for pages, mib in seen if pages >= count / 10)
        print(f'memory: {early:.1f} MiB at {count // 10} pages, {seen[-1][1]:.1f} MiB at {count}, '
              f'peak {crawl.peak_mib():.1f} MiB; {count / crawl.span_s():.0f} pages/s, '
              f'{crawl.cpu_seconds() * 1e6 / max(1, count):.0f} us a page; '
              f'{web.asked()[1]} twice, {web.count - count} missed')


if __name__ == '__main__':
    main()
