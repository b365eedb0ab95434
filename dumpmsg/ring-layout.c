/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "err.h"
#include "kinfo.h"
#include "ring.h"

/* log_buf_vmcoreinfo_setup() in kernel/printk/printk.c exports these since 5.10 */
static const struct key {
	bool (*get)(const struct kinfo *ki, const char *name, uint64_t *value);
	const char *kind, *name;
	size_t at;		/* in struct ring_layout */
} keys[] = {
#define SIZE(n, f) { kinfo_size, "SIZE", n, offsetof(struct ring_layout, f) }
#define OFFSET(n, f) { kinfo_offset, "OFFSET", n, offsetof(struct ring_layout, f) }
	SIZE("atomic_long_t", word),
	SIZE("prb_desc", desc_size),
	SIZE("printk_info", info_size),
	OFFSET("printk_ringbuffer.desc_ring", desc_ring),
	OFFSET("printk_ringbuffer.text_data_ring", text_data_ring),
	OFFSET("prb_desc_ring.count_bits", count_bits),
	OFFSET("prb_desc_ring.descs", descs),
	OFFSET("prb_desc_ring.infos", infos),
	OFFSET("prb_desc_ring.head_id", head_id),
	OFFSET("prb_desc_ring.tail_id", tail_id),
	OFFSET("prb_desc.state_var", state_var),
	OFFSET("prb_desc.text_blk_lpos", text_blk_lpos),
	OFFSET("prb_data_blk_lpos.begin", begin),
	OFFSET("prb_data_blk_lpos.next", next),
	OFFSET("printk_info.seq", seq),
	OFFSET("printk_info.ts_nsec", ts_nsec),
	OFFSET("printk_info.text_len", text_len),
	OFFSET("printk_info.caller_id", caller_id),
	OFFSET("prb_data_ring.size_bits", size_bits),
	OFFSET("prb_data_ring.data", data),
	OFFSET("atomic_long_t.counter", counter),
#undef SIZE
#undef OFFSET
};
enum { NKEYS = sizeof keys / sizeof keys[0] };

static int contradiction(const char *what)
{
	return fail(ERR_CORRUPT, "VMCOREINFO: %s cannot be as it says", what);
}

/* len bytes at an offset in dev_info are in the struct printk_info */
static bool fits(const struct ring_layout *l, uint64_t offset, uint64_t len)
{
	return l->dev_info <= l->info_size && offset <= l->info_size - l->dev_info &&
	       len <= l->info_size - l->dev_info - offset;
}

/* what not every kernel has */
static void read_optional(struct ring_layout *l, const struct kinfo *ki)
{
	l->has_device = kinfo_offset(ki, "printk_info.dev_info", &l->dev_info) &&
		kinfo_offset(ki, "dev_printk_info.subsystem", &l->subsystem) &&
		kinfo_offset(ki, "dev_printk_info.device", &l->device) &&
		kinfo_length(ki, "printk_info_subsystem", &l->subsystem_len) &&
		kinfo_length(ki, "printk_info_device", &l->device_len) &&
		fits(l, l->subsystem, l->subsystem_len) && fits(l, l->device, l->device_len);
	l->has_latch = kinfo_offset(ki, "latched_seq.val", &l->latch_val) &&
		l->latch_val <= RING_STRUCT_MAX;
}

/* does any of the fields lie in another one? Behind text_len are two bytes more */
static bool overlaps(const struct ring_layout *l)
{
	const struct { uint64_t at, len; } fields[] = {
		{ l->seq, 8 }, { l->ts_nsec, 8 }, { l->text_len, 4 }, { l->caller_id, 4 },
	};
	enum { NFIELDS = sizeof fields / sizeof fields[0] };

	for (int i = 0; i < NFIELDS; i++)
		for (int k = 0; k < i; k++)
			if (fields[i].at < fields[k].at + fields[k].len &&
			    fields[k].at < fields[i].at + fields[i].len)
				return true;
	return false;
}

int ring_layout_read(struct ring_layout *l, const struct kinfo *ki)
{
	*l = (struct ring_layout){ 0 };
	for (int i = 0; i < NKEYS; i++) {
		const struct key *k = &keys[i];
		uint64_t *value = (uint64_t *)(void *)((char *)l + k->at);

		if (!k->get(ki, k->name, value))
			return fail(ERR_UNKNOWN, "VMCOREINFO lacks %s(%s)", k->kind,
				    k->name);
		if (*value > RING_STRUCT_MAX)
			return fail(ERR_CORRUPT, "VMCOREINFO: %s(%s)=%" PRIu64, k->kind,
				    k->name, *value);
	}
	if (l->word != 4 && l->word != 8)
		return contradiction("atomic_long_t");
	if (l->state_var + l->counter + l->word > l->desc_size ||
	    l->text_blk_lpos + l->begin + l->word > l->desc_size ||
	    l->text_blk_lpos + l->next + l->word > l->desc_size)
		return contradiction("struct prb_desc");
	/* after text_len come a byte with the facility and one with flags and level */
	if (l->seq + 8 > l->info_size || l->ts_nsec + 8 > l->info_size ||
	    l->text_len + 4 > l->info_size || l->caller_id + 4 > l->info_size || overlaps(l))
		return contradiction("struct printk_info");
	read_optional(l, ki);
	return 0;
}
