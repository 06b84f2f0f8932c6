"""Two crawlers that share a store beside one.

What sharing must give is the second crawler's hands: so one crawler's connections are what binds,
as with real sites, whose answers are waited for most of the time. Each site sends an article in
about ANSWER_S; one crawler with CONNECTIONS of them cannot do more than so many in that time, and
two can do twice that only if each has hosts to ask from the first page to the last. On a machine
of two cores which the sites and the store share with the crawlers, a measure bound by the
processor would say how many cores there are; it is shown as it is, unjudged. What sharing costs
is the processor time of a page, the store's included, with two beside one.
"""
import contextlib
import os
import pathlib
import statistics

import cost
import crawler_alone
import server
import still_web

SITES = 40
CONNECTIONS = 8
ANSWER_S = 0.25
PATIENCE_SECONDS = 120


def store_seconds(postgres):
    """What the server's processes have spent so far, those that ended included."""
    if not postgres:
        return 0
    total = 0
    for path in pathlib.Path('/proc').glob('[0-9]*/stat'):
        with contextlib.suppress(OSError):
            fields = path.read_text().rsplit(')', 1)[1].split()
            if int(fields[1]) == postgres.process.pid:
                total += cost.cpu_seconds(path.parent.name)
    fields = pathlib.Path(f'/proc/{postgres.process.pid}/stat').read_text().rsplit(')', 1)[1].split()
    return total + (int(fields[13]) + int(fields[14])) / cost.TICKS


def crawl(web, postgres, count, connections):
    """Pages a second, CPU us a page (crawlers and store), (fetched, twice, missed)."""
    with contextlib.ExitStack() as test:
        web.forget()
        crawlers = crawler_alone.Crawlers(test, server.folder(test), web, postgres)
        before = store_seconds(postgres)
        crawlers.up(count, connections)
        pages = crawlers.wait(web.count, PATIENCE_SECONDS)
        if not pages:
            raise SystemExit('the crawlers stored nothing')
        spent = crawlers.cpu_seconds() + store_seconds(postgres) - before
        return pages / crawlers.span_s(), spent * 1e6 / pages, web.asked()


def compare(web, postgres, connections, rounds):
    found = {1: [], 2: []}
    for _ in range(rounds):
        for count in found:
            found[count].append(crawl(web, postgres, count, connections))
    rate = {n: statistics.median(r[0] for r in found[n]) for n in found}
    us_page = {n: statistics.median(r[1] for r in found[n]) for n in found}
    twice, missed = (max(r[2][i] for r in found[2]) for i in (1, 2))
    return rate, us_page, twice, missed


def report(test, pages, page_kib, rounds):
    engines = {'SQLite': None}
    if server.postgres_programs():
        engines['PostgreSQL'] = server.Postgres(test, server.folder(test))
    slow = still_web.StillWeb(test, server.folder(test), SITES, pages * 3 // 5, page_kib,
                              answer_s=ANSWER_S)
    print(f'two crawlers on one store beside one, {slow.sites} sites that take about '
          f'{ANSWER_S * 1000:.0f} ms to send an article, {CONNECTIONS} connections each: what one '
          'crawler can do is bound by its connections')
    for name, postgres in engines.items():
        rate, us_page, twice, missed = compare(slow, postgres, CONNECTIONS, rounds)
        print(f'  {name}: {rate[2]:.1f} pages/s, one: {rate[1]:.1f}; ratio {rate[2] / rate[1]:.2f} '
              f'(wanted: at least 1.85); {twice} twice, {missed} missed; CPU a page, store '
              f'included: {us_page[2]:.0f} us, one: {us_page[1]:.0f}')
    fast = still_web.StillWeb(test, server.folder(test), SITES, pages * 2, page_kib)
    print(f'  sites that answer at once, all on {os.cpu_count()} cores with the sites and the '
          'store: what the machine has left decides, for the record only')
    for name, postgres in engines.items():
        rate, us_page, twice, missed = compare(fast, postgres, CONNECTIONS, rounds)
        print(f'  {name}: {rate[2]:.0f} pages/s, one: {rate[1]:.0f}; ratio {rate[2] / rate[1]:.2f}; '
              f'{twice} twice, {missed} missed; CPU a page, store included: {us_page[2]:.0f} us, '
              f'one: {us_page[1]:.0f}')
