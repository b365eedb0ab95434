/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Equal pages of a dump that share their stored bytes. A page is found by the hash of its
 * bytes (dedupe.h), and then both are read again and compared: hashes alone would let a
 * wrong page into the dump, by chance or because somebody wanted it. So a page costs two
 * reads more if it is shared, and nothing if it is not.
 *
 * Which pages are shared depends on the pages and their order alone. A page shares with
 * one before it, never with one after it: what a file that is cut short has, it has whole.
 */
#ifndef SHARE_H
#define SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "dedupe.h"

struct vmcore;
struct writer_page;

struct share {
	struct dedupe table;		/* closed: nothing is shared */
	struct vmcore *vm;		/* borrowed */
	uint8_t *page, *earlier;	/* of vm->page_size bytes */
	uint64_t earlier_pfn;		/* what is in earlier */
	bool has_earlier;
};

/*
 * The pages of vm. Of a running system none are shared: they change while they are
 * compared.
 */
int share_open(struct share *s, struct vmcore *vm);
/* a page that is stored already and equal to this one, or NULL; valid until share_add() */
const struct dedupe_page *share_find(struct share *s, const struct writer_page *page);
/* this page is stored at this file offset */
void share_add(struct share *s, const struct writer_page *page, uint64_t at);
/* what was never opened, all zeros, can be closed and asked too */
void share_close(struct share *s);

#endif
