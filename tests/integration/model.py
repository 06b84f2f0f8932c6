#!/usr/bin/env python3
"""SPIN walks everything that may happen to a case, in every order.

The model is written from the table by tests/helpers/case_model. In no reachable state is a case
without a lead, open without a pending step, unanswered without its clock, under review before
nobody, or such that nobody can bring it on.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ.get('BUILD', 'build')).resolve()
STATES_AT_LEAST = 500


def verify(text, folder):
    (folder / 'case.pml').write_text(text)
    subprocess.run(['spin', '-a', 'case.pml'], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(['cc', '-O1', '-w', '-DSAFETY', '-o', 'pan', 'pan.c'], cwd=folder, check=True)
    said = subprocess.run(['./pan', '-m1000000'], cwd=folder, check=True, capture_output=True,
                          text=True).stdout
    errors = int(re.search(r'errors: (\d+)', said).group(1))
    states = int(re.search(r'(\d+) states, stored', said).group(1))
    return errors, states, said


def main():
    if not shutil.which('spin'):
        print('spin is not installed')
        return 77
    text = subprocess.run([BUILD / 'tests/helpers/case_model'], check=True, capture_output=True,
                          text=True).stdout
    with tempfile.TemporaryDirectory(prefix='huiying-model-') as name:
        folder = pathlib.Path(name)
        errors, states, said = verify(text, folder)
        if errors or states < STATES_AT_LEAST or 'max search depth too small' in said:
            print(said)
            return 1
        # The checks can fail: an undone merger that forgets the pending step is found.
        broken = text.replace('answer = suspended; pending = true;', 'answer = suspended;')
        if broken == text or verify(broken, folder)[0] == 0:
            print('a case without a pending step is not found')
            return 1
    print(f'{states} states, none of them lost')
    return 0


if __name__ == '__main__':
    sys.exit(main())
