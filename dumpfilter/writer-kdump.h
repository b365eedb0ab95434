/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the kdump-compressed writer share. */
#ifndef WRITER_KDUMP_H
#define WRITER_KDUMP_H

#include <stddef.h>
#include <stdint.h>

#include "share.h"

struct writer;

struct kdump_writer {
	uint64_t bitmap1_at, bitmap2_at, bitmap_len;	/* bytes in the file */
	uint64_t bitmap2_done;			/* bytes of bitmap 2 written */
	uint64_t descs_at, data_at;		/* where the next ones go */
	uint64_t descs_room, descs_end;		/* up to where there is room; the table's end */
	uint64_t zero_at;			/* the page that all zero pages share, 0 if none */
	uint8_t *descs;				/* descriptors not written yet */
	size_t ndescs;
	struct share share;			/* closed unless equal pages share their bytes */
};

/* numbers go out in the byte order of the machine that crashed */
void kdump_put_u32(const struct writer *w, uint8_t *p, size_t at, uint32_t v);
void kdump_put_u64(const struct writer *w, uint8_t *p, size_t at, uint64_t v);

/* the header in block 0; its status says that the file is incomplete */
int kdump_write_header(struct writer *w, uint32_t sub_blocks);
/* what it says of a complete file */
uint32_t kdump_status(const struct writer *w);
int kdump_write_status(struct writer *w, uint32_t status);
/* the sub header and the notes, from block 1 on */
int kdump_write_sub_header(struct writer *w);

/* bitmap 1, and room for bitmap 2, which is written last */
int kdump_write_bitmap1(struct writer *w);
/* the whole blocks of bitmap 2 whose pages are all settled; it is the caller's to flush first */
int kdump_write_settled(struct writer *w, uint64_t settled);
/*
 * The end of bitmap 2: as the plan has it, or (complete is false) empty but for the
 * pages before w->next_pfn.
 */
int kdump_write_bitmap2_end(struct writer *w, int complete);

#endif
