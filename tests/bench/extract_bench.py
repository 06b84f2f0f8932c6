"""Extraction, parse included, beside a libxml2 tree alone and python3-readability.

On articles of the simulated web; with DATA=dir also on the sets 02 and 03 of real pages.
"""
import contextlib
import gzip
import json
import os
import pathlib
import subprocess

import server
import still_web

PAGES = 200
READABILITY_PAGES = 60
ROUNDS = '5'
PEERS = pathlib.Path(__file__).resolve().parent / 'peers'
SETS = ('02-article-gne-zh', '03-article-zyte')


def run(argv):
    done = subprocess.run(list(map(str, argv)), capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def unpacked(folder, name):
    files = []
    for file in sorted((pathlib.Path(os.environ['DATA']) / name / 'html').rglob('*.html*')):
        raw = file.read_bytes()
        files.append(folder / f'{name}-{len(files)}.html')
        files[-1].write_bytes(gzip.decompress(raw) if file.suffix == '.gz' else raw)
    return files


def measure(what, files):
    helper = server.BUILD / 'tests/helpers/extract_cost'
    found = run([helper, ROUNDS, *files])
    ours, tree = found['extract_us'], found['tree_us']
    print(f'  {what}: {ours:.0f} us a page of {found["median_bytes"] / 1024:.0f} KiB; ratio to a '
          f'libxml2 tree {ours / tree:.2f} (wanted: at most 0.60)')
    some = files[::max(1, len(files) // READABILITY_PAGES)]
    theirs = run(['/usr/bin/python3', PEERS / 'readability_cost.py', *some])
    if not theirs:
        print('    python3-readability: skipped, packaging/deps bench installs it')
        return
    same = run([helper, ROUNDS, *some])['extract_us']
    print(f'    python3-readability on {len(some)} of them: {theirs["cpu_us"]:.0f} us, '
          f'{theirs["cpu_us"] / same:.0f} times ours (wanted: at least 20)')


def main():
    with contextlib.ExitStack() as test:
        path = server.folder(test)
        files = []
        for n, (_, (body, _)) in enumerate(still_web.render(path, 20, PAGES, 80)):
            files.append(path / f'{n}.html')
            files[-1].write_bytes(body)
        print('extraction, parse included:')
        measure('articles of the simulated web', files)
        for name in SETS if os.environ.get('DATA') else ():
            measure(name, unpacked(path, name))


if __name__ == '__main__':
    main()
