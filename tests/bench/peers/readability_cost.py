"""CPU of python3-readability a page: readability_cost.py FILE...; prints {"pages", "cpu_us"}."""
import json
import logging
import sys
import time

from readability import Document

logging.disable(logging.CRITICAL)
pages = [open(name, 'rb').read() for name in sys.argv[1:]]
start = time.process_time()
for page in pages:
    try:
        document = Document(page)
        document.short_title()
        document.summary()
    except Exception:   # what it cannot read costs it what it cost so far
        pass
print(json.dumps({'pages': len(pages),
                  'cpu_us': (time.process_time() - start) * 1e6 / len(pages)}))
