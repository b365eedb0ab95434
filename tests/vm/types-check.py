#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""types-check.py - where members of structures are: we and bpftool

usage: types-check.py SYMBOLS VMCORE BTF COUNT

SYMBOLS is our test program, VMCORE a dump, BTF the same kernel's /sys/kernel/btf/vmlinux.
Asks for every member of COUNT structures, which change with the kernel, and of some that
are used; prints how many answers differ. Exit 0: none.
"""
import json
import random
import subprocess
import sys

USED = ['module', 'mod_kallsyms', 'task_struct', 'page', 'list_head', 'mm_struct', 'pt_regs']
MODIFIERS = ('TYPEDEF', 'CONST', 'VOLATILE', 'RESTRICT', 'TYPE_TAG')
STRUCTURES = ('STRUCT', 'UNION')
UNNAMED = ('', '(anon)')


def plain(types, id_):
    while types[id_]['kind'] in MODIFIERS:
        id_ = types[id_]['type_id']
    return types[id_]


def size_of(types, id_):
    kind = plain(types, id_)
    if kind['kind'] == 'PTR':
        return 8
    if kind['kind'] == 'ARRAY':
        return kind['nr_elems'] * size_of(types, kind['type_id'])
    return kind['size']


def members(types, structure, base):
    for member in structure['members']:
        bit = base + member['bits_offset']
        if member['name'] not in UNNAMED:
            yield member['name'], bit, member.get('bitfield_size', 0), member['type_id']
            continue
        inner = plain(types, member['type_id'])
        if inner['kind'] in STRUCTURES:
            yield from members(types, inner, bit)


def questions(types, structure):
    """pairs of a question and the answer to it"""
    name = structure['name']
    yield name, '1 %d' % structure['size']
    seen = set()
    for member, bit, bits, of in members(types, structure, 0):
        if member in seen:
            continue
        seen.add(member)
        kind = plain(types, of)
        count = kind['nr_elems'] if kind['kind'] == 'ARRAY' else 1
        yield name + ' ' + member, '1 %d %d %d %d' % (bit, bits, size_of(types, of), count)


def main(symbols, vmcore, btf, count):
    text = subprocess.run(['bpftool', '-j', 'btf', 'dump', 'file', btf], check=True,
                          stdout=subprocess.PIPE).stdout
    types = {t['id']: t for t in json.loads(text)['types']}
    structures, values = {}, {}
    for kind in types.values():
        if kind['kind'] in STRUCTURES and kind['name'] not in UNNAMED:
            structures.setdefault(kind['name'], kind)
        elif kind['kind'] in ('ENUM', 'ENUM64'):
            # bpftool of Linux 6.1 extends unsigned values by their highest bit
            mask = 0xffffffff if (kind['kind'], kind.get('encoding')) == ('ENUM', 'UNSIGNED') else 0
            for value in kind['values']:
                values.setdefault(value['name'], value['val'] & mask if mask else value['val'])
    random.seed(len(text))
    names = random.sample(sorted(structures), int(count))
    names += [n for n in USED if n in structures]
    asked = [q for n in names for q in questions(types, structures[n])]
    asked += [('= ' + n, '1 %d' % values[n]) for n in random.sample(sorted(values), 100)]
    asked += [('no_such_structure', '0 0'), ('module no_such_member', '0 0 0 0 1')]
    answers = subprocess.run([symbols, 'types', vmcore], check=True, text=True,
                             input=''.join(q + '\n' for q, _ in asked),
                             stdout=subprocess.PIPE).stdout.splitlines()
    wrong = [(q, a, b) for (q, a), b in zip(asked, answers) if a != b]
    for question, expected, got in wrong[:10]:
        print('%s: bpftool says %s, we say %s' % (question, expected, got))
    print('%d of %d answers about %d structures differ' % (len(wrong), len(asked), len(names)))
    return 1 if wrong or len(answers) != len(asked) else 0


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit('usage: types-check.py SYMBOLS VMCORE BTF COUNT')
    sys.exit(main(*sys.argv[1:]))
