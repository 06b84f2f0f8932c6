"""Whether a text repeats one of many, and which of many open events an alert belongs to.

CPU time of one process (tests/helpers/event_cost); half of what is asked retells something that
is stored. Environment: STORED_TEXTS (1000000), STORED_EVENTS (100000), ROUNDS (3).
"""
import json
import os
import statistics
import subprocess

import alerter_alone

TEXTS = int(os.environ.get('STORED_TEXTS', 1000000))
EVENTS = int(os.environ.get('STORED_EVENTS', 100000))
ROUNDS = int(os.environ.get('ROUNDS', 3))
WANTED_US, WANTED_RATE = 15, 1000


def run(what, stored, asked):
    done = subprocess.run([alerter_alone.HELPERS / 'event_cost', what, alerter_alone.TEXT,
                           str(stored), str(asked)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def median(rounds, key):
    return statistics.median(r[key] for r in rounds)


def main():
    rounds = [run('repeats', TEXTS, 20000) for _ in range(ROUNDS)]
    print(f'near-duplicates among {TEXTS}: {median(rounds, "us"):.1f} us a text of 1 to 3 KB, '
          f'{median(rounds, "signature_us"):.1f} of it the signature (wanted: at most {WANTED_US}); '
          f'{100 * median(rounds, "found"):.1f} % of the retold found, '
          f'{median(rounds, "kib") / 1024:.0f} MiB')
    for stored in (EVENTS // 100, EVENTS // 10, EVENTS):
        rounds = [run('events', stored, 1500) for _ in range(ROUNDS)]
        rate = 1e6 / median(rounds, 'us')
        wanted = f' (wanted: at least {WANTED_RATE})' if stored == EVENTS else ''
        print(f'alerts against {stored} open events: {rate:.0f} a CPU second{wanted}; '
              f'{100 * median(rounds, "found"):.1f} % of the retold found, '
              f'{median(rounds, "kib") / 1024:.0f} MiB')


if __name__ == '__main__':
    main()
