/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kdump-compressed file, version 6 (lib/kdump-format.h), written in one go
 * and honest at every moment: pages and their descriptors come first, then the
 * part of bitmap 2 that has them. What was not reached is not in bitmap 2, and
 * until the last write of all the header's status says "incomplete". So neither
 * a full disk nor a killed process nor a cut pipe leaves a file that lies.
 */
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "err.h"
#include "kdump-format.h"
#include "num.h"
#include "out.h"
#include "plan.h"
#include "vmcore.h"
#include "writer-kdump.h"
#include "writer.h"

enum {
	DESCS = 2048,			/* descriptors written at once */
	BATCH = 256,			/* pages whose places are kept at once */
	HEADER_ALIGN = 64 << 10,	/* crash maps bitmaps: any host's page size must fit */
	COPY = 64 << 10,
};

/* where a page's data is */
struct place {
	uint64_t at;		/* file offset */
	uint32_t size, flags;
	bool shared;		/* it was there already */
};

/*
 * Room for the descriptors of n more pages, before their data takes it: so a full
 * disk never keeps data without its descriptors. Zeros are written, as not every
 * target can reserve.
 */
static int reserve_descs(struct writer *w, size_t n)
{
	static const uint8_t zeros[COPY];
	struct kdump_writer *k = w->priv;
	uint64_t need = k->descs_at + (k->ndescs + n) * KDUMP_DESC_LEN;

	if (need > k->descs_end)
		return fail(ERR_SYS, "more pages than planned");
	while (k->descs_room < need && w->out->kind != OUT_FLAT) {
		uint64_t left = k->descs_end - k->descs_room;
		size_t len = left < COPY ? (size_t)left : COPY;

		if (out_pwrite(w->out, zeros, len, k->descs_room))
			return -1;
		k->descs_room += len;
	}
	return 0;
}

/* the first data is a page of zeros, at which every zero page's descriptor points */
static int write_zero_page(struct writer *w)
{
	struct kdump_writer *k = w->priv;
	void *page = calloc(1, w->vm->page_size);
	int rc = page ? out_pwrite(w->out, page, w->vm->page_size, k->data_at) :
			fail_sys("page of zeros");

	free(page);
	k->zero_at = k->data_at;
	k->data_at += w->vm->page_size;
	return rc;
}

/* where everything goes; *head is what comes before the bitmaps */
static int lay_out(struct writer *w, uint64_t *head)
{
	struct kdump_writer *k = w->priv;
	const struct vmcore *vm = w->vm;
	uint64_t bs = vm->page_size, align = bs > HEADER_ALIGN ? bs : HEADER_ALIGN;

	*head = bs + KDUMP_SUB_LEN + vm->notes_len;
	if (!num_round_up(num_div_up(vm->npfns, 8), bs, &k->bitmap_len) ||
	    2 * k->bitmap_len / bs > UINT32_MAX || !num_round_up(*head, align, head))
		return fail(ERR_CORRUPT, "%llu pages are too many",
			    (unsigned long long)vm->npfns);
	k->bitmap1_at = *head;
	k->bitmap2_at = k->bitmap1_at + k->bitmap_len;
	k->descs_at = k->descs_room = k->bitmap2_at + k->bitmap_len;
	k->descs_end = k->data_at = k->descs_at + w->how.npages * KDUMP_DESC_LEN;
	return 0;
}

static int begin(struct writer *w)
{
	const struct vmcore *vm = w->vm;
	struct kdump_writer *k;
	uint64_t head;

	if (!arch_utsname(vm->machine))
		return fail(ERR_UNKNOWN, "no kdump-compressed file can be written for machine "
			    "type %u", vm->machine);
	w->priv = k = calloc(1, sizeof *k);
	if (!k)
		return fail_sys("writer");
	k->descs = malloc(DESCS * KDUMP_DESC_LEN);
	if (!k->descs)
		return fail_sys("page descriptors");
	if (w->how.dedupe && share_open(&k->share, w->vm))
		return -1;
	if (lay_out(w, &head) || out_reserve(w->out, 0, head) ||
	    kdump_write_header(w, (uint32_t)(head / vm->page_size - 1)) ||
	    kdump_write_sub_header(w) || kdump_write_bitmap1(w))
		return -1;
	return w->plan->rules.kinds >> PAGE_ZERO & 1 ? write_zero_page(w) : 0;
}

static int flush_descs(struct writer *w)
{
	struct kdump_writer *k = w->priv;
	size_t len = k->ndescs * KDUMP_DESC_LEN;

	if (out_pwrite(w->out, k->descs, len, k->descs_at))
		return -1;
	k->descs_at += len;
	k->ndescs = 0;
	return 0;
}

/* the blocks of bitmap 2 whose pages all come before w->next_pfn */
static int flush_bitmap2(struct writer *w)
{
	struct kdump_writer *k = w->priv;
	uint64_t bs = w->vm->page_size, settled = w->next_pfn / 8 / bs * bs;

	if (settled <= k->bitmap2_done)
		return 0;
	return flush_descs(w) || kdump_write_settled(w, settled) ? -1 : 0;
}

static int add_desc(struct writer *w, const struct writer_page *page, const struct place *place)
{
	struct kdump_writer *k = w->priv;
	uint8_t *d = k->descs + k->ndescs * KDUMP_DESC_LEN;

	kdump_put_u64(w, d, KDUMP_DESC_OFFSET, place->at);
	kdump_put_u32(w, d, KDUMP_DESC_SIZE, place->size);
	kdump_put_u32(w, d, KDUMP_DESC_FLAGS, place->flags);
	kdump_put_u64(w, d, KDUMP_DESC_PAGE_FLAGS, page->has_sum ? KDUMP_HAS_SUM | page->sum : 0);
	k->ndescs++;
	w->npages++;
	w->nzero += page->size == 0;
	w->nshared += place->shared;
	w->next_pfn = page->pfn + 1;
	return k->ndescs == DESCS ? flush_descs(w) : 0;
}

/* bytes [from, to) of the data, where the data ends now */
static int write_run(struct writer *w, const uint8_t *data, size_t from, size_t to)
{
	struct kdump_writer *k = w->priv;

	if (to > from && out_pwrite(w->out, data + from, to - from, k->data_at))
		return -1;
	k->data_at += to - from;
	return 0;
}

/* write the data of these pages, but for what is there already; *used bytes of it are theirs */
static int write_data(struct writer *w, const struct writer_page *page, size_t n,
		      const uint8_t *data, struct place *place, size_t *used)
{
	struct kdump_writer *k = w->priv;
	size_t from = 0, to = 0;	/* the run to be written next */

	for (size_t i = 0; i < n; i++) {
		const struct dedupe_page *equal = NULL;

		if (page[i].size == 0) {
			place[i] = (struct place){ k->zero_at, w->vm->page_size, 0, false };
			continue;
		}
		if (w->how.dedupe)
			equal = share_find(&k->share, &page[i]);
		if (equal) {
			place[i] = (struct place){ equal->at, equal->size, equal->flags, true };
			if (write_run(w, data, from, to))
				return -1;
			from = to + page[i].size;
		} else {
			place[i] = (struct place){ k->data_at + (to - from), page[i].size,
						   page[i].flags, false };
			if (w->how.dedupe)
				share_add(&k->share, &page[i], place[i].at);
		}
		to += page[i].size;
	}
	*used = to;
	return write_run(w, data, from, to);
}

static int pages(struct writer *w, const struct writer_page *page, size_t n, const void *data,
		 size_t len)
{
	const uint8_t *p = data;
	struct place place[BATCH];
	size_t used;

	for (size_t m; n > 0; n -= m, page += m, p += used, len -= used) {
		m = n < BATCH ? n : BATCH;
		if (reserve_descs(w, m) || write_data(w, page, m, p, place, &used))
			return -1;
		for (size_t i = 0; i < m; i++) {
			/* the blocks of bitmap 2 before this page are settled now */
			w->next_pfn = page[i].pfn;
			if (flush_bitmap2(w) || add_desc(w, &page[i], &place[i]))
				return -1;
		}
	}
	return len == 0 ? 0 : fail(ERR_SYS, "data without pages");
}

static int settle(struct writer *w, uint64_t pfn)
{
	w->next_pfn = pfn;
	return flush_bitmap2(w);
}

static int end(struct writer *w, bool complete)
{
	uint32_t status = kdump_status(w) | (complete ? 0 : KDUMP_INCOMPLETE);

	if (!w->priv || flush_descs(w) || (!complete && flush_bitmap2(w)) ||
	    kdump_write_bitmap2_end(w, complete))
		return -1;
	/* all else must be on the disk before the header may claim it */
	if (complete && out_flush(w->out))
		return -1;
	return kdump_write_status(w, status);
}

static void kdump_close(struct writer *w)
{
	struct kdump_writer *k = w->priv;

	if (!k)
		return;
	share_close(&k->share);
	free(k->descs);
	free(k);
	w->priv = NULL;
}

const struct writer_ops writer_kdump = {
	.name = "kdump-compressed",
	.codecs = true,
	.begin = begin,
	.pages = pages,
	.settle = settle,
	.end = end,
	.close = kdump_close,
};
