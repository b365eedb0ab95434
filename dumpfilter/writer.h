/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dump in one of the output formats, written in one go from a plan. Pages come in
 * pfn order; writer_settle() says up to where no more will come, and with which bits.
 */
#ifndef WRITER_H
#define WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct out;
struct plan;
struct vmcore;
struct writer;

/* one page of a batch: its bytes follow the ones of the page before it */
struct writer_page {
	uint64_t pfn;
	uint32_t size;		/* bytes; 0: a page of zeros that need not be stored */
	uint32_t flags;		/* the codec's; 0: as it is */
	uint64_t hash;		/* of the page's own bytes, if writer_how.dedupe is set */
	bool has_sum;
	uint32_t sum;		/* CRC-32 of the page's own bytes */
};

struct writer_how {
	uint32_t codec_flag;	/* for the header; 0: no compression */
	bool dedupe;		/* equal pages share their bytes */
	bool split;		/* only pages [start, end), in a file that says so */
	uint64_t start, end;	/* pfns, multiples of 4096; 0 and npfns unless split */
	uint64_t npages;	/* how many of the plan's pages lie in there */
};

/* one per output format */
struct writer_ops {
	const char *name;
	bool codecs;		/* pages may be compressed */
	int (*begin)(struct writer *w);
	int (*pages)(struct writer *w, const struct writer_page *pages, size_t n,
		     const void *data, size_t len);
	int (*settle)(struct writer *w, uint64_t pfn);
	int (*end)(struct writer *w, bool complete);
	void (*close)(struct writer *w);
};

extern const struct writer_ops writer_kdump, writer_elf;

struct writer {
	const struct writer_ops *ops;
	struct writer_how how;
	struct out *out;	/* borrowed, as are vm and plan */
	struct vmcore *vm;
	struct plan *plan;
	void *priv;		/* owned by ops */

	uint64_t npages, nzero;	/* written */
	uint64_t nshared;	/* of them: share the bytes of an equal one */
	uint64_t next_pfn;	/* all kept pages below it are written */
	bool no_utsname;	/* init_uts_ns could not be read: the header has less */
};

/* headers, notes, what comes before the pages */
int writer_begin(struct writer *w, const struct writer_ops *ops, const struct writer_how *how,
		 struct out *out, struct vmcore *vm, struct plan *plan);
/*
 * Pages in pfn order, none below an earlier one. Kept pages that are passed
 * over must have lost their bit in plan->keep. After -1 the file holds the pages before
 * next_pfn, and writer_end() can still say so.
 */
int writer_pages(struct writer *w, const struct writer_page *pages, size_t n,
		 const void *data, size_t len);
/*
 * All pages below pfn, which is in or at the end of the plan's window, have come. To be
 * called at the end of each window, before the plan's next one.
 */
int writer_settle(struct writer *w, uint64_t pfn);
/* complete: every kept page was written and the file may say so; else it may be called again */
int writer_end(struct writer *w, bool complete);
void writer_close(struct writer *w);

#endif
