/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "judge.h"
#include "judge-parts.h"
#include "map.h"
#include "num.h"

void judge_add(struct judgement *jd, enum weight weight, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (jd->npoints >= JUDGE_POINTS)
		return;
	struct point *pt = &jd->points[jd->npoints++];

	pt->weight = weight;
	pt->code = code;
	va_start(ap, fmt);
	vsnprintf(pt->text, sizeof pt->text, fmt, ap);
	va_end(ap);
}

const struct point *judge_point(const struct judgement *jd, const char *code)
{
	for (unsigned i = 0; i < jd->npoints; i++)
		if (strcmp(jd->points[i].code, code) == 0)
			return &jd->points[i];
	return NULL;
}

/* nr_cpus= bounds what a kernel makes room for; without it, it is all that may come */
static unsigned capture_cpus(const struct state *st)
{
	const char *at = st->record.cmdline, *found = NULL;
	uint64_t cpus;

	for (; at && (at = strstr(at, "nr_cpus=")); at++)
		if (at == st->record.cmdline || at[-1] == ' ')
			found = at + strlen("nr_cpus=");
	if (found && num_parse(found, strcspn(found, " "), 10, &cpus) && cpus <= UINT16_MAX)
		return (unsigned)cpus;
	return st->cpus.known ? (unsigned)st->cpus.value : 1;
}

void judge_needs(struct estimate_in *in, const struct state *st)
{
	*in = (struct estimate_in){
		.arch = st->arch,
		.page_size = st->root && st->root[0] ? 0 : (uint64_t)sysconf(_SC_PAGESIZE),
		.ram = st->ram ? st->ram : st->mem_total.value,
		.cpus = 1,
		.crashed_cpus = st->cpus.known ? (unsigned)st->cpus.value : 1,
	};
	if (st->has_record != 1)
		return;
	in->init_size = st->record.init_size;
	in->kernel_size = st->record.kernel_size;
	in->initrd_unpacked = st->record.unpacked;
	in->modules = look_modules(st, st->record.modules);
	/* the one inside a unified kernel image has no file of its own */
	if (st->record.initrd.path)
		in->initrd_packed = st->record.initrd.size;
	else if (in->initrd_unpacked && st->record.used > in->init_size)
		in->initrd_packed = st->record.used - in->init_size;
	in->cpus = capture_cpus(st);
	in->cmdline = st->record.cmdline;
}

static void judge_file(struct judgement *jd, enum file_state state, const char *path,
		       bool is_kernel)
{
	if (state == FILE_CHANGED)
		judge_add(jd, POINT_DECIDES, is_kernel ? "stale-kernel" : "stale-initrd",
			  "%s has changed since it was loaded: load it again", path);
	else if (state == FILE_GONE)
		judge_add(jd, POINT_DECIDES, is_kernel ? "missing-kernel" : "missing-initrd",
			  "%s, which was loaded, is there no more: it could not be loaded again",
			  path);
}

static void judge_room(struct judgement *jd, const struct state *st)
{
	struct estimate_in in;
	uint64_t reserved = 0, main = st->main_size;
	char have[MAP_SIZE], least[MAP_SIZE], want[MAP_SIZE];

	judge_needs(&in, st);
	if (main == 0 && look_reserved(st, &reserved))
		main = reserved;
	/* something is loaded: a size of 0 is one that nobody knows */
	if (main == 0)
		return;
	/* the capture kernel has that, too */
	if (!num_add(main, st->cma, &main))
		main = UINT64_MAX;
	estimate_judge(&jd->room, &in, st->record.used, main, st->low_size);
	map_size(have, jd->room.usable);
	map_size(least, jd->room.least);
	map_size(want, jd->room.wanted);
	switch (jd->room.verdict) {
	case ESTIMATE_LOADS_ONLY:
	case ESTIMATE_TOO_SMALL:
		judge_add(jd, POINT_DECIDES, "too-small", "the reservation of %s is enough to load"
			  " what is loaded, but not to boot it: that takes %s at least;"
			  " %s are recommended", have, least, want);
		break;
	case ESTIMATE_TIGHT:
		/* who is to trust it must know that it does, and here nobody does */
		judge_add(jd, POINT_DECIDES, "tight", "the reservation of %s may be too small to"
			  " boot what is loaded: %s are recommended", have, want);
		break;
	case ESTIMATE_FITS:
	case ESTIMATE_UNKNOWN:
		break;
	}
}

static void judge_loaded(struct judgement *jd, const struct state *st)
{
	if (st->has_record == 1) {
		judge_file(jd, st->kernel, st->record.kernel.path, true);
		judge_file(jd, st->initrd, st->record.initrd.path, false);
		judge_room(jd, st);
	} else if (st->has_record == 0) {
		judge_add(jd, POINT_TELLS, "foreign", "it was not loaded by kexec-load: from which"
			  " files, and whether they have changed, is not known");
	} else {
		judge_add(jd, POINT_WARNS, "no-record", "what was loaded is not known: the record"
			  " of kexec-load cannot be read");
	}
	judge_settings(jd, st);
}

static void judge_not_loaded(struct judgement *jd, const struct state *st)
{
	judge_add(jd, POINT_DECIDES, "not-loaded", "memory is reserved but nothing is loaded:"
		  " see kexec-load");
	if (st->disabled.known && st->disabled.value)
		judge_add(jd, POINT_WARNS, "load-disabled", "kernel.kexec_load_disabled is 1:"
			  " nothing can be loaded until the next boot");
	if (st->has_record == 1)
		judge_add(jd, POINT_TELLS, "unloaded", "%s was loaded; it has been unloaded since,"
			  " and not by kexec-load", st->record.kernel.path);
}

/* the files are there with every kernel that has the call: but who saved them may not have */
static bool lacks_kexec(const struct state *st)
{
	return !st->crash_size.known && !st->loaded.known && st->has_sysfs &&
	       !(st->root && st->root[0]);
}

static void judge_none(struct judgement *jd, const struct state *st)
{
	if (lacks_kexec(st))
		judge_add(jd, POINT_DECIDES, "no-kexec", "this kernel was built without panic"
			  " kernels (CONFIG_KEXEC, CONFIG_CRASH_DUMP)");
	else if (!st->has_cmdline)
		judge_add(jd, POINT_DECIDES, "not-known-why", "whether any was asked for is not"
			  " known");
	else
		judge_refusal(jd, st);
	if (st->crash_size.known && st->crash_size.value == 0 && st->iomem.crash.n > 0)
		judge_add(jd, POINT_WARNS, "useless-low", "a region below 4 GiB is still reserved;"
			  " nothing can be loaded there");
}

static const char *opening(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ARMED:
		return "armed: a capture kernel is loaded";
	case VERDICT_NOT_ARMED:
		return "not armed";
	case VERDICT_UNTRUSTED:
		return "armed, but not to be trusted";
	case VERDICT_NO_RESERVATION:
		return "no reservation";
	default:
		return "not known";
	}
}

static const char *word_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ARMED:
		return "armed";
	case VERDICT_NOT_ARMED:
		return "not-armed";
	case VERDICT_UNTRUSTED:
		return "not-trustworthy";
	case VERDICT_NO_RESERVATION:
		return "no-reservation";
	default:
		return "unknown";
	}
}

static void conclude(struct judgement *jd, enum verdict verdict)
{
	const char *reason = NULL;

	for (unsigned i = 0; i < jd->npoints && !reason; i++)
		if (jd->points[i].weight == POINT_DECIDES)
			reason = jd->points[i].text;
	if (verdict == VERDICT_ARMED && reason)
		verdict = VERDICT_UNTRUSTED;
	jd->verdict = verdict;
	jd->word = word_of(verdict);
	snprintf(jd->answer, sizeof jd->answer, "%s%s%s", opening(verdict), reason ? ": " : "",
		 reason ? reason : "");
}

void judge(struct judgement *jd, const struct state *st)
{
	uint64_t reserved = 0;
	bool known = look_reserved(st, &reserved);
	enum verdict verdict = VERDICT_UNKNOWN;

	*jd = (struct judgement){ 0 };
	judge_evaluate(jd, st);
	if (st->loaded.known && st->loaded.value) {
		verdict = VERDICT_ARMED;
		judge_loaded(jd, st);
	} else if ((known && reserved == 0) ||
		   (!known && lacks_kexec(st) && !st->kexec_unreadable)) {
		verdict = VERDICT_NO_RESERVATION;
		judge_none(jd, st);
	} else if (st->loaded.known && known) {
		verdict = VERDICT_NOT_ARMED;
		judge_not_loaded(jd, st);
	} else {
		judge_add(jd, POINT_DECIDES, "unreadable", "%s", !st->has_sysfs ? "/sys is"
			  " not mounted" : st->nnotes ? st->notes[0] :
			  "/sys/kernel/kexec_crash_loaded: not there");
	}
	judge_asked(jd, st);
	conclude(jd, verdict);
}
