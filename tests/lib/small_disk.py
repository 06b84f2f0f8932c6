"""A small disk of a test's own: a tmpfs in a mount namespace that ends with the test.

Root may mount; others may in a user namespace of their own, where the system allows that. Where
neither works the campaign runs without it and says so.
"""
import contextlib
import os
import pathlib
import pwd
import subprocess
import sys

MARK = 'SMALL_DISK_NAMESPACE'


def namespace_flags():
    for flags in (['--mount'], ['--mount', '--map-root-user']):
        if flags == ['--mount'] and os.geteuid() != 0:
            continue
        probe = subprocess.run(['unshare', *flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'],
                               capture_output=True)
        if probe.returncode == 0:
            return flags
    return None


def enter(engine):
    """Runs this program again where it may mount; returns in the place that can be had."""
    if MARK in os.environ:
        return
    flags = namespace_flags()
    if flags and '--map-root-user' in flags and engine == 'postgres':
        flags = None    # the server refuses to run as the namespace's root
    os.environ[MARK] = ' '.join(flags) if flags else 'none'
    if flags:
        os.execvp('unshare', ['unshare', *flags, sys.executable, *sys.argv])


class Disk:
    def __init__(self, path, tablespace):
        self.path, self.tablespace = path, tablespace

    @contextlib.contextmanager
    def full(self):
        """Every free byte is taken until the end of the block."""
        ballast = self.path / 'ballast'
        with open(ballast, 'wb', buffering=0) as file:
            for piece in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b'\0' * piece)
        try:
            yield
        finally:
            ballast.unlink()


def make(test, path, engine, names, size_bytes):
    """{name: Disk}, empty where none can be had; for PostgreSQL each with a tablespace's folder."""
    if os.environ[MARK] == 'none':
        print('note: no small disk can be mounted here; runs without a full disk')
        return {}
    disks = {}
    for name in names:
        mount = pathlib.Path(path) / f'disk-{name}'
        mount.mkdir()
        subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size_bytes},mode=0777', 'tmpfs',
                        mount], check=True)
        test.callback(subprocess.run, ['umount', '--lazy', mount], capture_output=True)
        tablespace = None
        if engine == 'postgres':
            tablespace = mount / 'tables'
            tablespace.mkdir(mode=0o700)
            user = pwd.getpwnam('postgres')
            os.chown(tablespace, user.pw_uid, user.pw_gid)
        disks[name] = Disk(mount, tablespace)
    return disks
