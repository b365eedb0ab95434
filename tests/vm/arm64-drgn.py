# SPDX-License-Identifier: GPL-2.0-or-later
"""What drgn reads of an arm64 dump without the kernel's symbols: by VMCOREINFO alone.

usage: arm64-drgn.py DUMP

The address space is drgn's own affair: the image and its page tables are walked for
the system's names, the vmemmap for struct pages, mem_section in the linear map.
"""

import hashlib
import sys

import drgn

prog = drgn.Program()
prog.set_core_dump(sys.argv[1])
lines = prog["VMCOREINFO"].string_().decode().split("\n")
info = dict(line.split("=", 1) for line in lines if "=" in line)


def symbol(name):
    return int(info["SYMBOL(%s)" % name], 16)


def digest(name, address, size):
    print(name, hashlib.sha256(prog.read(address, size)).hexdigest())


names = prog.read(symbol("init_uts_ns") + int(info["OFFSET(uts_namespace.name)"]), 390)
print("system", b" ".join(names.replace(b"\0", b" ").split()).decode())
digest("image", symbol("_stext"), 1 << 20)
digest("tables", symbol("swapper_pg_dir"), int(info["PAGESIZE"]))
digest("sections", symbol("mem_section"), 4096)
if "SYMBOL(vmemmap)" in info:
    size = int(info["SIZE(page)"])
    first = 0x40000000 // int(info["PAGESIZE"])
    digest("pages", symbol("vmemmap") + first * size, 8192 * size)
print("end")
