/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A block device that holds one dump and no file system: a header, then the stream as
 * it was sent, byte after byte. A file that exists is as good as a device.
 */
#ifndef RAW_H
#define RAW_H

#include <stdbool.h>
#include <stdint.h>

enum {
	RAW_HEADER = 4096,	/* bytes in front of the stream */
	RAW_DATE = 32,		/* bytes for raw_date() */
};

struct raw_head {
	bool complete;		/* the stream came to its end */
	bool flat;		/* it is a flattened stream */
	bool recovered;		/* it is in a file, too: this one may be overwritten */
	uint32_t crc;		/* CRC-32 of the stream, as zlib's crc32() works it out */
	uint64_t length;	/* of the stream, bytes */
	int64_t time;		/* when it was begun, seconds since 1970 */
};

enum raw_found {
	RAW_OTHER,	/* something that is not ours, or of a version we do not know */
	RAW_BLANK,	/* zeros */
	RAW_BROKEN,	/* a header of ours that is damaged */
	RAW_DUMP,	/* *h is filled; of its length nothing is checked */
};

/*
 * Opens a block device, but not one that is in use, or a regular file; for writing
 * unless the caller only reads. *size in bytes. A descriptor or -1: ERR_SYS, or ERR_AGAIN
 * while another process has it.
 */
int raw_open(const char *device, bool writes, uint64_t *size);

/* what is on it? An enum raw_found, or -1 when it cannot be read */
int raw_look(int fd, const char *device, struct raw_head *h);

/* h in the place of the header there; durable once the device is synced */
int raw_put_head(int fd, const char *device, const struct raw_head *h);

/* h->time for messages, UTC */
const char *raw_date(const struct raw_head *h, char text[RAW_DATE]);

#endif
