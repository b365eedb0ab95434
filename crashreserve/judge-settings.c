/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "judge-parts.h"

enum {
	SYSRQ_ALL = 1,
	SYSRQ_DUMP = 8,		/* include/linux/sysrq.h: SYSRQ_ENABLE_DUMP */
};

static void judge_triggers(struct judgement *jd, const struct state *st)
{
	if (st->panic_on_oops.known && st->panic_on_oops.value == 0)
		judge_add(jd, POINT_WARNS, "panic-on-oops", "kernel.panic_on_oops is 0: only a"
			  " panic is captured; an oops kills one task, and the machine goes on");
	if (st->sysrq.known && st->sysrq.value != SYSRQ_ALL && !(st->sysrq.value & SYSRQ_DUMP))
		judge_add(jd, POINT_TELLS, "sysrq", "kernel.sysrq is %" PRIu64 ": the key SysRq-c"
			  " does nothing; writing c to /proc/sysrq-trigger does",
			  st->sysrq.value);
	if (strcmp(st->panic, "0") == 0)
		judge_add(jd, POINT_TELLS, "panic", "kernel.panic is 0: should the capture kernel"
			  " not start, the machine halts and does not reboot");
	if (st->post_notifiers.known && st->post_notifiers.value)
		judge_add(jd, POINT_TELLS, "post-notifiers", "crash_kexec_post_notifiers is on:"
			  " other code runs after a panic before the capture kernel does");
}

static void judge_hotplug(struct judgement *jd, const struct state *st)
{
	bool cpu = st->hotplug_cpu.known && st->hotplug_cpu.value;
	bool memory = st->hotplug_memory.known && st->hotplug_memory.value;

	if (cpu && (memory || !st->hotplug_memory.known))
		judge_add(jd, POINT_TELLS, "hotplug-kernel", "crash_hotplug is 1: the kernel itself"
			  " follows processors and memory that come and go; udev rules that"
			  " reload are not needed");
	else if (st->hotplug_cpu.known)
		judge_add(jd, POINT_TELLS, "hotplug-flag", "crash_hotplug is 0: reload when"
			  " processors or memory come or go; kexec-load --hotplug would make"
			  " that needless");
	else
		judge_add(jd, POINT_TELLS, "hotplug-reload", "this kernel does not follow"
			  " processors and memory that come and go: reload then");
}

void judge_settings(struct judgement *jd, const struct state *st)
{
	judge_triggers(jd, st);
	judge_hotplug(jd, st);
	if (st->disabled.known && st->disabled.value)
		judge_add(jd, POINT_TELLS, "load-disabled", "kernel.kexec_load_disabled is 1: what"
			  " is loaded stays until the next boot");
}
