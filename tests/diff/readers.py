# SPDX-License-Identifier: GPL-2.0-or-later
"""What drgn has to say of a dump: tasks, backtraces, log. readers.sh runs it.

The imports are explicit because a script is not given the helpers that an
interactive drgn is. The last line, "end", says that nothing failed.
"""

import sys

from drgn.helpers.linux.list import list_for_each_entry
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.printk import get_dmesg

prog = prog  # noqa: F821 - drgn gives it to the script
out = sys.stdout.buffer


def write_trace(thread):
    out.write(str(thread.stack_trace()).encode() + b"\n")


for task in sorted(for_each_task(prog), key=lambda t: t.pid.value_()):
    out.write(b"pid %d %s\n" % (task.pid.value_(), task.comm.string_()))
    write_trace(prog.thread(task.pid))

for module in list_for_each_entry("struct module", prog["modules"].address_of_(), "list"):
    out.write(b"module %s\n" % module.name.string_())

out.write(get_dmesg(prog) + b"\n")

out.write(b"crashed\n")
write_trace(prog.crashed_thread())
out.write(b"end\n")
