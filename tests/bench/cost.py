"""What a process costs: CPU seconds and memory, from /proc."""
import os
import pathlib

TICKS = os.sysconf('SC_CLK_TCK')


def cpu_seconds(pid):
    """User and system time so far, in seconds."""
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid, what='VmRSS'):
    for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith(what + ':'):
            return int(line.split()[1]) / 1024
    return 0.0
