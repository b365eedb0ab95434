/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ORC tables (arch/x86/kernel/unwind_orc.c, CONFIG_UNWINDER_ORC): for the kernel's
 * image between __start_orc_unwind_ip and __stop_orc_unwind_ip the places in the code,
 * sorted, each an int to be added to its own address; between __start_orc_unwind and
 * __stop_orc_unwind as many of struct orc_entry, of what holds from each place on. Modules
 * have the same two tables (struct mod_arch_specific).
 *
 * struct orc_entry (arch/x86/include/asm/orc_types.h) is, since 4.14, two shorts sp_offset
 * and bp_offset, and 16 bits: sp_reg:4, bp_reg:4, and then
 *	to 6.2	type:2 (0 call, 1 regs, 2 regs_partial), end:1;
 *	6.3	type:2, signal:1, end:1;
 *	6.4	type:3 (0 undefined, 1 end of stack, 2 call, 3 regs, 4 regs_partial), signal:1.
 * Before 6.4, sp_reg 0 is "end of stack" with end, and "undefined" without. The numbers of
 * the registers are other ones in 7.2 than in 6.12. BTF does not have them, and a patch
 * as this may get into older series; but nearly all code is found by the stack pointer,
 * and what is its number in one numbering is rdi, hardly ever used, in the other. So the
 * table itself is asked for its numbering.
 */
#include <inttypes.h>
#include <stdio.h>

#include "btf.h"
#include "err.h"
#include "kallsyms.h"
#include "kinfo.h"
#include "modules.h"
#include "num.h"
#include "space.h"
#include "symbols.h"
#include "unwind-parts.h"
#include "vmcore.h"

enum {
	ENTRY = 6, IP = 4,		/* bytes */
	ENTRIES_MAX = 1 << 26,		/* Debian's 7.2 has a million and a half */
	SAMPLE = 256, SAMPLES = 8,
	SP_BEFORE = 5, SP_SINCE = 3,	/* ORC_REG_SP, in one numbering and the other */
};

static const enum orc_base before[16] = {
	BASE_UNDEFINED, BASE_PREV_SP, BASE_DX, BASE_DI, BASE_BP, BASE_SP, BASE_R10, BASE_R13,
	BASE_BP_INDIRECT, BASE_SP_INDIRECT, BASE_AX, BASE_BAD, BASE_BAD, BASE_BAD, BASE_BAD,
	BASE_BAD,
};
static const enum orc_base since[16] = {
	BASE_UNDEFINED, BASE_AX, BASE_DX, BASE_SP, BASE_BP, BASE_DI, BASE_R10, BASE_R13,
	BASE_PREV_SP, BASE_SP_INDIRECT, BASE_BP_INDIRECT, BASE_BAD, BASE_BAD, BASE_BAD,
	BASE_BAD, BASE_BAD,
};

static void decode_older(enum orc_format format, unsigned bits, struct orc_rule *rule)
{
	static const enum orc_type types[4] = { ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL, ORC_BAD };
	bool end = bits & (format == ORC_OF_6_3 ? 8 : 4);

	rule->type = types[bits & 3];
	rule->signal = format == ORC_OF_6_3 ? bits & 4 : rule->type != ORC_CALL;
	if (rule->sp == BASE_UNDEFINED)
		rule->type = end ? ORC_END : ORC_UNDEFINED;
}

void orc_decode(const struct unwinder *u, const uint8_t entry[ENTRY], struct orc_rule *rule)
{
	static const enum orc_type types[8] = {
		ORC_UNDEFINED, ORC_END, ORC_CALL, ORC_REGS, ORC_REGS_PARTIAL, ORC_BAD, ORC_BAD,
		ORC_BAD,
	};
	const enum orc_base *bases = u->renumbered ? since : before;
	unsigned bits = entry[5];

	rule->sp_offset = (int16_t)vmcore_u16(u->sp->vm, entry);
	rule->bp_offset = (int16_t)vmcore_u16(u->sp->vm, entry + 2);
	rule->sp = bases[entry[4] & 15];
	rule->bp = bases[entry[4] >> 4];
	if (u->format != ORC_SINCE_6_4) {
		decode_older(u->format, bits, rule);
		return;
	}
	rule->type = types[bits & 7];
	rule->signal = bits & 8;
}

/* by the types that the kernel has; else by its version */
static enum orc_format find_format(const struct unwinder *u)
{
	unsigned version = u->sp->vm->info.version;
	struct btf *b = u->s->btf;
	struct btf_member m;

	if (b && btf_member(b, "orc_entry", "type", &m) == 1) {
		if (btf_member(b, "orc_entry", "end", &m) != 1)
			return ORC_SINCE_6_4;
		return btf_member(b, "orc_entry", "signal", &m) == 1 ? ORC_OF_6_3 : ORC_TO_6_2;
	}
	if (version >= KINFO_VERSION(6, 4, 0))
		return ORC_SINCE_6_4;
	return version >= KINFO_VERSION(6, 3, 0) ? ORC_OF_6_3 : ORC_TO_6_2;
}

static bool is_call(const struct unwinder *u, const uint8_t entry[ENTRY])
{
	return u->format == ORC_SINCE_6_4 ? (entry[5] & 7) == 2 : (entry[5] & 3) == 0;
}

int orc_numbering(struct unwinder *u)
{
	const struct orc_table *t = &u->image;
	uint64_t n = t->n < SAMPLE ? t->n : SAMPLE;
	unsigned was = 0, is = 0, calls = 0, all = 0;
	uint8_t entries[SAMPLE * ENTRY];

	for (unsigned k = 0; k < SAMPLES; k++) {
		uint64_t first = (t->n - n) / SAMPLES * k;

		if (space_read(u->sp, entries, n * ENTRY, t->entries + first * ENTRY))
			continue;
		for (uint64_t i = 0; i < n; i++) {
			const uint8_t *entry = entries + i * ENTRY;

			was += (entry[4] & 15) == SP_BEFORE;
			is += (entry[4] & 15) == SP_SINCE;
			calls += is_call(u, entry);
			all++;
		}
	}
	if (all == 0)
		return fail_in("the unwind tables");
	if (was + is < all / 4 || (was < is * 4 && is < was * 4) || calls < all / 2)
		return fail(ERR_UNKNOWN, "the unwind tables are not as this version knows them");
	u->renumbered = is > was;
	return 0;
}

static int find_tables(struct unwinder *u)
{
	enum { IP_START, IP_STOP, START, STOP, STEXT, ETEXT, SINITTEXT, EINITTEXT, NAMES };
	static const char *const names[NAMES] = {
		"__start_orc_unwind_ip", "__stop_orc_unwind_ip", "__start_orc_unwind",
		"__stop_orc_unwind", "_stext", "_etext", "_sinittext", "_einittext",
	};
	uint64_t at[NAMES] = { 0 };

	if (!u->s || !u->s->ks)
		return fail(ERR_UNKNOWN, "no symbols");
	if (kallsyms_find(u->s->ks, names, at, NAMES) < 0)
		return -1;
	u->text[0].start = at[STEXT];
	u->text[0].end = at[ETEXT];
	u->text[1].start = at[SINITTEXT];
	u->text[1].end = at[EINITTEXT];
	u->format = find_format(u);
	if (!at[IP_START] || !at[IP_STOP] || !at[START] || !at[STOP])
		return orc_search(u);
	u->image.n = (at[IP_STOP] - at[IP_START]) / IP;
	u->image.ip = at[IP_START];
	u->image.entries = at[START];
	if (u->image.n == 0 || u->image.n > ENTRIES_MAX ||
	    at[STOP] - at[START] != u->image.n * ENTRY)
		return fail(ERR_CORRUPT, "unwind tables of %" PRIu64 " and %" PRIu64 " bytes",
			    at[IP_STOP] - at[IP_START], at[STOP] - at[START]);
	return orc_numbering(u);
}

void orc_open(struct unwinder *u)
{
	if (find_tables(u)) {
		u->image.n = 0;
		u->format = ORC_NONE;
		snprintf(u->trouble, sizeof u->trouble, "%s", err_text());
	}
}

/* where place i is in the code; those that all searches begin with are remembered */
static int ip_of(struct unwinder *u, const struct orc_table *t, uint64_t i, uint64_t *ip)
{
	uint64_t at = t->ip + i * IP;
	size_t slot = (size_t)(at * UINT64_C(0x9e3779b97f4a7c15) >> 32) % ORC_MEMO;
	uint32_t offset;

	if (u->memo[slot].at != at) {
		if (space_read_u32(u->sp, at, &offset))
			return fail_in("unwind table");
		u->memo[slot].at = at;
		u->memo[slot].offset = (int32_t)offset;
	}
	*ip = at + (uint64_t)(int64_t)u->memo[slot].offset;
	return 0;
}

/* the last of those that are not above ip, the first if all are */
static int search(struct unwinder *u, const struct orc_table *t, uint64_t ip,
		  struct orc_rule *rule)
{
	uint64_t low = 0, high = t->n;
	uint8_t entry[ENTRY];

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2, at = 0;

		if (ip_of(u, t, middle, &at))
			return -1;
		if (at <= ip)
			low = middle;
		else
			high = middle;
	}
	if (space_read(u->sp, entry, sizeof entry, t->entries + low * ENTRY))
		return fail_in("unwind table");
	orc_decode(u, entry, rule);
	return 1;
}

static bool in_image(const struct unwinder *u, uint64_t address)
{
	bool known = false;

	for (int i = 0; i < 2; i++) {
		if (u->text[i].start <= address && address < u->text[i].end)
			return true;
		known |= u->text[i].end != 0;
	}
	return !known;
}

static const struct module *module_of(const struct unwinder *u, uint64_t address)
{
	return u->s ? modules_of(&u->s->modules, address) : NULL;
}

bool is_text(const struct unwinder *u, uint64_t address)
{
	return module_of(u, address) || in_image(u, address);
}

int orc_find(struct unwinder *u, uint64_t ip, struct orc_rule *rule)
{
	const struct module *m = module_of(u, ip);
	struct orc_table t = u->image;

	if (u->format == ORC_NONE || (!m && !in_image(u, ip)))
		return 0;
	if (m)
		t = (struct orc_table){ m->orc_ip, m->orc, m->num_orcs };
	if (!t.ip || !t.entries || t.n == 0 || t.n > ENTRIES_MAX)
		return 0;
	return search(u, &t, ip, rule);
}
