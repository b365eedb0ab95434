/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cpio archives as the kernel unpacks them, byte by byte as they come: "new ASCII"
 * (070701), or with a sum of each file's bytes (070702).
 */
#ifndef CPIO_H
#define CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CPIO_HEADER = 110, CPIO_NAME_MAX = 4096 };

struct cpio_entry {
	char name[CPIO_NAME_MAX + 4];
	uint32_t mode;
	uint64_t size;
};

enum cpio_state { CPIO_BETWEEN, CPIO_IN_HEADER, CPIO_IN_NAME, CPIO_IN_BODY, CPIO_IN_PADDING };

struct cpio {
	enum cpio_state state;
	uint64_t at;		/* of the stream: the next byte to come */
	uint64_t begins;	/* where the entry began */
	size_t have, need;	/* bytes of the header, or the name */
	uint64_t left;		/* of the body, or the padding */
	uint8_t header[CPIO_HEADER];
	struct cpio_entry entry;
	uint32_t name_len, wanted_sum, sum;
	bool has_sum;
	uint64_t entries;	/* whole ones, trailers not counted */
	bool trailer;		/* the last entry was one */
	/* a whole header and name have come */
	int (*found)(void *arg, const struct cpio_entry *entry);
	void *arg;
};

/*
 * Takes bytes until they end, or until, between entries, something comes that is neither
 * zero nor another entry: *taken. -1: ERR_CORRUPT with entry and offset, or what found()
 * returned.
 */
int cpio_feed(struct cpio *c, const uint8_t *bytes, size_t len, size_t *taken);
/* the stream has ended: is the last entry whole? */
int cpio_end(const struct cpio *c);

#endif
