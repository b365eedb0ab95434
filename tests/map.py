#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""map.py - is a picture of memory what the table says?

usage: map.py FILE.png USAGE.json

Decodes the PNG by itself. Each dot of the rows of memory is counted by its colour; where
a block is one page, the dots of each kind must be as many as its pages. Where a block
is many pages, colours are mixed, and only the frame is looked at.
Prints what is wrong; exit 1 then.
"""
import json
import struct
import sys
import zlib

COLOURS = {
    'kernel': (222, 64, 54), 'slab': (245, 146, 30), 'page-table': (250, 208, 44),
    'zsmalloc': (176, 112, 60), 'vmemmap': (236, 112, 160), 'cache': (64, 132, 222),
    'cache-private': (40, 190, 212), 'user': (76, 175, 80), 'hugetlb': (168, 206, 64),
    'free': (196, 200, 206), 'unaccepted': (138, 144, 156), 'hwpoison': (255, 0, 255),
    'offline': (96, 84, 148), 'unknown': (255, 255, 255),
}
LEGEND = 14 * 14    # dots of the box beside a kind's name


def chunks(png):
    assert png[:8] == b'\x89PNG\r\n\x1a\n', 'no PNG'
    at = 8
    while at < len(png):
        size, = struct.unpack('>I', png[at:at + 4])
        body = png[at + 4:at + 8 + size]
        crc, = struct.unpack('>I', png[at + 8 + size:at + 12 + size])
        assert len(body) == size + 4 and crc == zlib.crc32(body), 'a chunk is damaged'
        yield body[:4], body[4:]
        at += 12 + size


def decode(png):
    parts = list(chunks(png))
    assert parts[0][0] == b'IHDR' and parts[-1] == (b'IEND', b''), 'not whole'
    width, height, *how = struct.unpack('>IIBBBBB', parts[0][1])
    assert how == [8, 2, 0, 0, 0], how
    data = zlib.decompress(b''.join(body for kind, body in parts if kind == b'IDAT'))
    assert len(data) == height * (1 + 3 * width), 'too few or too many rows'
    rows, above = [], bytes(3 * width)
    for y in range(height):
        at = y * (1 + 3 * width)
        row = data[at + 1:at + 1 + 3 * width]
        assert data[at] in (0, 2), 'a filter that is not decoded here'
        if data[at] == 2 and any(row):
            row = bytes((a + b) & 255 for a, b in zip(row, above))
        elif data[at] == 2:
            row = above
        rows.append(row)
        above = row
    return width, rows


def main():
    width, rows = decode(open(sys.argv[1], 'rb').read())
    usage = json.load(open(sys.argv[2]))
    assert 1024 < width < 1400 and 100 < len(rows) < 2100, (width, len(rows))
    dots, seen, times = {}, None, 0
    for row in rows + [None]:
        if row == seen:
            times += 1
            continue
        if seen:
            for x in range(0, 3 * width, 3):
                colour = tuple(seen[x:x + 3])
                dots[colour] = dots.get(colour, 0) + times
        seen, times = row, 1
    pages = {k['kind']: k['pages'] for k in usage['kinds']}
    if usage['pages'] > 100000:
        assert sum(dots.get(c, 0) for c in COLOURS.values()) > 1000, 'no memory to be seen'
        return
    scale = dots[COLOURS['kernel']] - LEGEND if pages['kernel'] else 0
    square = scale // pages['kernel'] if pages['kernel'] else 1
    assert square in (1, 4, 16, 64, 256, 1024), square
    for kind, n in pages.items():
        want = n * square + (LEGEND if n else 0)
        assert dots.get(COLOURS[kind], 0) == want, '%s: %d dots, not %d' % (
            kind, dots.get(COLOURS[kind], 0), want)


try:
    main()
except AssertionError as e:
    print('map:', e)
    sys.exit(1)
