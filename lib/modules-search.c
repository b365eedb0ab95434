/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of the modules' list, in kernels whose kallsyms have functions only (without
 * KALLSYMS_ALL). It is somewhere in the kernel's data: two pointers, to list heads that
 * point back, in a struct module which lies within the module it describes.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "err.h"
#include "modules-parts.h"
#include "vmcore.h"

enum { FAR = 128 << 20, GAP_MAX = 16 << 20 };
#define NEAR (UINT64_C(4) << 30)	/* modules are not farther from functions than this */

struct search {
	struct modules *ms;
	const struct layout *l;
	uint64_t text;			/* an address in the kernel's functions */
	uint8_t *raw;
};

/* is it in memory where a module may be, and of a structure? */
static bool is_near(const struct search *s, uint64_t node)
{
	return node % 8 == 0 && node - s->text + NEAR / 2 < NEAR;
}

/* as KBUILD_MODNAME is made, and memory as modules are given it */
static bool is_likely(const struct module *m)
{
	for (const char *c = m->name; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9') && *c != '_' && *c != '-')
			return false;
	for (int i = 0; i < MODULE_PARTS; i++)
		if (m->part[i].size && m->part[i].base % PEEK_PAGE)
			return false;
	return true;
}

/* is the node that of a struct module which lies in its module? 1, 0, -1 */
static int is_module(struct search *s, uint64_t node)
{
	uint64_t at = node - s->l->list.at;
	struct module m;
	int got = module_read(s->ms, s->l, at, s->raw, &m);

	if (got < 0)
		return err_code() == ERR_STOPPED ? -1 : 0;
	return got && is_likely(&m) && module_part(&m, at) >= 0;
}

/* next and prev are what is at head: 1, 0, -1 */
static int is_head(struct search *s, uint64_t head, uint64_t next, uint64_t prev)
{
	struct modules *ms = s->ms;
	uint64_t back, forth;
	int got;

	if (next == head || !is_near(s, next) || !is_near(s, prev))
		return 0;
	if (peek_u64(&ms->peek_names, next + 8, &back))
		return err_code() == ERR_STOPPED ? -1 : 0;
	if (back != head)
		return 0;
	if (peek_u64(&ms->peek_names, prev, &forth))
		return err_code() == ERR_STOPPED ? -1 : 0;
	if (forth != head)
		return 0;
	got = is_module(s, next);
	if (got != 1)
		return got;
	/* of the list's nodes, all but the head are in modules */
	got = is_module(s, head);
	return got < 0 ? -1 : !got;
}

/* 1: *head is it; 0: it is not from here to there; -1 */
static int look(struct search *s, uint64_t from, uint64_t to, uint64_t *head)
{
	const struct vmcore *vm = s->ms->sp->vm;
	struct peek *data = &s->ms->peek_symbols;
	uint64_t at = from & ~UINT64_C(7), last = at;	/* last: that could be read */

	for (; at < to && at - last < GAP_MAX; at += 8) {
		const uint8_t *p = peek(data, at, 16);
		int got;

		if (!p) {
			if (err_code() == ERR_STOPPED)
				return -1;
			at |= PEEK_PAGE - 8;	/* the next page */
			continue;
		}
		last = at;
		got = is_head(s, at, vmcore_u64(vm, p), vmcore_u64(vm, p + 8));
		*head = at;
		if (got)
			return got;
	}
	return 0;
}

int modules_search(struct modules *ms, const struct layout *l, struct kallsyms *ks,
		   uint8_t *raw, uint64_t *head)
{
	static const char *const names[] = { "_etext", "_sinittext", "_einittext" };
	struct search s = { .ms = ms, .l = l, .raw = raw };
	uint64_t at[3];
	int got;

	if (kallsyms_find(ks, names, at, 3) < 0)
		return -1;
	if (!at[0] || !at[1] || !at[2])
		return fail(ERR_UNKNOWN, "kallsyms does not say where the modules are");
	s.text = at[0];
	/* the data are behind what is for init only (arm64), or before it (x86_64) */
	got = look(&s, at[2], at[2] + FAR, head);
	if (got == 0 && at[0] < at[1] && at[1] - at[0] <= FAR)
		got = look(&s, at[0], at[1], head);
	if (got == 0)
		return fail(ERR_UNKNOWN, "no list of modules is in the kernel's data");
	return got > 0 ? 0 : -1;
}
