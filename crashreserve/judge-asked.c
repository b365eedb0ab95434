/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "judge-parts.h"
#include "map.h"
#include "num.h"

void judge_evaluate(struct judgement *jd, const struct state *st)
{
	struct eval_in *in = &jd->asked_in;
	uint64_t reserved = 0, step = 128 << 20;

	*in = (struct eval_in){ .cmdline = st->cmdline, .ram = st->ram };
	if (!st->has_cmdline || eval_kernel(in, st->arch, st->release))
		return;
	if (in->ram == 0 && st->mem_total.known && look_reserved(st, &reserved)) {
		jd->ram_guessed = num_add(st->mem_total.value, reserved, &in->ram) &&
				  num_round_up(in->ram, step, &in->ram);
		if (!jd->ram_guessed)
			in->ram = 0;
	}
	if (in->ram == 0)
		return;
	if (st->iomem.ram.n > 0)
		in->map = &st->iomem.ram;
	eval_run(in, &jd->asked);
	jd->evaluated = true;
}

static void refuse_not_asked(struct judgement *jd, const struct state *st)
{
	if (st->boot.n > 0)
		judge_add(jd, POINT_DECIDES, "reboot-needed", "reboot needed: %s has %s, but the"
			  " running kernel was booted without", st->boot.hits[0].path,
			  st->boot.hits[0].token);
	else
		judge_add(jd, POINT_DECIDES, "not-asked", "crashkernel= is not on the kernel's"
			  " command line: crashreserve estimate tells how much to ask for");
}

/* nothing is reserved and no refusal was heard, though the algorithm would have reserved */
static void refuse_room(struct judgement *jd, const struct state *st)
{
	char size[MAP_SIZE], where[EVAL_TEXT];

	eval_where(&jd->asked_in, &jd->asked, where);
	map_size(size, jd->asked.size);
	if (klog_last(&st->log, KLOG_RESERVED))
		judge_add(jd, POINT_DECIDES, "given-back", "%s were reserved at boot and have been"
			  " given back since: only a reboot brings them again", size);
	else
		judge_add(jd, POINT_DECIDES, "refused", "asked but refused, because no free range"
			  " of %s was there (%s), or it has been given back since", size, where);
}

void judge_refusal(struct judgement *jd, const struct state *st)
{
	const char *said = klog_last(&st->log, KLOG_REFUSED);
	const char *why = jd->evaluated ? jd->asked.why : "";

	if (!look_asked(st)) {
		refuse_not_asked(jd, st);
	} else if (said) {
		judge_add(jd, POINT_DECIDES, "refused", "asked but refused, because %s%sthe kernel"
			  " says \"%s\"", why, why[0] ? ": " : "", said);
	} else if (jd->evaluated && jd->asked.status == EVAL_RESERVED) {
		refuse_room(jd, st);
	} else if (why[0]) {
		judge_add(jd, POINT_DECIDES, "refused", "asked but refused, because %s", why);
	} else {
		judge_add(jd, POINT_DECIDES, "refused", "crashkernel= is on the command line, and"
			  " the kernel has reserved nothing: see its log, and crashreserve eval");
	}
}

/* was it asked for with other words than the boot loader will say next time? */
static void judge_next_boot(struct judgement *jd, const struct state *st)
{
	if (!st->has_cmdline || !look_asked(st) || st->boot.n == 0)
		return;
	for (unsigned i = 0; i < st->boot.n; i++)
		if (strstr(st->cmdline, st->boot.hits[i].token))
			return;
	judge_add(jd, POINT_WARNS, "next-boot", "%s has %s: it takes effect with the next boot",
		  st->boot.hits[0].path, st->boot.hits[0].token);
}

static void judge_amount(struct judgement *jd, const struct state *st)
{
	uint64_t reserved = 0, asked = jd->asked.size;
	char have[MAP_SIZE], want[MAP_SIZE];

	if (!look_reserved(st, &reserved) || reserved == 0 || jd->ram_guessed)
		return;
	if (jd->asked.status != EVAL_RESERVED) {
		judge_add(jd, POINT_WARNS, "unexpected", "memory is reserved, although by its"
			  " command line none should be: %s", jd->asked.why);
		return;
	}
	/* a low region comes only with one above it: then main is compared alone */
	uint64_t main = st->main_size ? st->main_size : reserved;

	if (main == asked || st->iomem.hidden)
		return;
	map_size(have, main);
	map_size(want, asked);
	judge_add(jd, POINT_TELLS, main < asked ? "shrunk" : "grown", "asked for %s, %s are there:"
		  "%s", want, have, main < asked ? " some has been given back since boot" :
		  " this kernel counts in another way than expected");
}

void judge_asked(struct judgement *jd, const struct state *st)
{
	if (jd->evaluated && look_asked(st)) {
		judge_amount(jd, st);
		for (size_t i = 0; i < jd->asked.nwarnings && i < 6; i++)
			judge_add(jd, POINT_WARNS, "cmdline", "%s", jd->asked.warnings[i]);
	}
	judge_next_boot(jd, st);
}
