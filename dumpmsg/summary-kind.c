/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which lines of a log say that something went wrong. The words are those of Linux 3.10
 * to 7.2: kernel/panic.c, watchdog.c, hung_task.c, rcu/tree_stall.h, mm/oom_kill.c,
 * lib/list_debug.c, drivers/tty/sysrq.c, arch/x86/{kernel/traps.c,kernel/dumpstack.c,
 * mm/fault.c,kernel/cpu/mce/core.c}, arch/arm64/{kernel/traps.c,mm/fault.c}.
 */
#include <string.h>

#include "summary-report.h"

static const struct {
	const char *name;
	enum group group;
} kinds[KINDS] = {
	[KIND_NONE] = { "unknown", GROUP_NONE },
	[KIND_SYSRQ] = { "sysrq", GROUP_PANIC },
	[KIND_PANIC] = { "panic", GROUP_PANIC },
	[KIND_STACK] = { "stack-overflow", GROUP_OOPS },
	[KIND_DOUBLE_FAULT] = { "double-fault", GROUP_OOPS },
	[KIND_LIST] = { "list-corruption", GROUP_OOPS },
	[KIND_BUG] = { "bug", GROUP_OOPS },
	[KIND_NULL] = { "null-dereference", GROUP_OOPS },
	[KIND_PAGE_FAULT] = { "page-fault", GROUP_OOPS },
	[KIND_PROTECTION] = { "general-protection", GROUP_OOPS },
	[KIND_DIVIDE] = { "divide-error", GROUP_OOPS },
	[KIND_OPCODE] = { "invalid-opcode", GROUP_OOPS },
	[KIND_OOPS] = { "oops", GROUP_OOPS },
	[KIND_SANITIZER] = { "sanitizer", GROUP_WARNING },
	[KIND_SOFT_LOCKUP] = { "soft-lockup", GROUP_SOFT_LOCKUP },
	[KIND_HARD_LOCKUP] = { "hard-lockup", GROUP_HARD_LOCKUP },
	[KIND_RCU_STALL] = { "rcu-stall", GROUP_STALL },
	[KIND_HUNG_TASK] = { "hung-task", GROUP_HUNG_TASK },
	[KIND_OOM] = { "out-of-memory", GROUP_OOM },
	[KIND_MACHINE_CHECK] = { "machine-check", GROUP_MACHINE_CHECK },
	[KIND_WARNING] = { "warning", GROUP_WARNING },
	[KIND_COMPLAINT] = { "complaint", GROUP_WARNING },
};

/* what lines begin with and, if there are more words, have behind that; the first that fits */
static const struct {
	const char *words, *more;
	enum kind kind;
} lines[] = {
	{ "Kernel panic - not syncing: sysrq triggered crash", NULL, KIND_SYSRQ },
	{ "Kernel panic - not syncing", NULL, KIND_PANIC },
	{ "sysrq: Trigger a crash", NULL, KIND_SYSRQ },
	{ "sysrq: SysRq : Trigger a crash", NULL, KIND_SYSRQ },
	{ "SysRq : Trigger a crash", NULL, KIND_SYSRQ },

	{ "BUG: ", "stack guard page was hit", KIND_STACK },
	{ "Oops: stack guard page", NULL, KIND_STACK },
	{ "kernel stack overflow", NULL, KIND_STACK },
	{ "stack guard page: ", "[#", KIND_STACK },
	{ "Insufficient stack space to handle exception!", NULL, KIND_STACK },
	{ "Thread overran stack, or stack corrupted", NULL, KIND_STACK },
	{ "traps: PANIC: double fault", NULL, KIND_DOUBLE_FAULT },
	{ "PANIC: double fault", NULL, KIND_DOUBLE_FAULT },
	{ "double fault: ", "[#", KIND_DOUBLE_FAULT },
	{ "Oops: double fault", NULL, KIND_DOUBLE_FAULT },

	{ "list_add", "corruption", KIND_LIST },
	{ "list_del", "corruption", KIND_LIST },
	{ "list_bl_", "corruption", KIND_LIST },
	{ "kernel BUG at ", NULL, KIND_BUG },
	{ "Kernel BUG at ", NULL, KIND_BUG },
	{ "Internal error: Oops - BUG", NULL, KIND_BUG },

	{ "BUG: kernel NULL pointer dereference", NULL, KIND_NULL },
	{ "BUG: unable to handle kernel NULL pointer dereference", NULL, KIND_NULL },
	{ "Unable to handle kernel NULL pointer dereference", NULL, KIND_NULL },
	{ "BUG: unable to handle page fault", NULL, KIND_PAGE_FAULT },
	{ "BUG: unable to handle kernel paging request", NULL, KIND_PAGE_FAULT },
	{ "BUG: Bad page map", NULL, KIND_COMPLAINT },
	{ "Unable to handle kernel ", NULL, KIND_PAGE_FAULT },
	{ "BUG: KFENCE:", NULL, KIND_SANITIZER },
	{ "BUG: KASAN:", NULL, KIND_SANITIZER },
	{ "BUG: KCSAN:", NULL, KIND_SANITIZER },
	{ "BUG: KMSAN:", NULL, KIND_SANITIZER },
	{ "UBSAN: ", NULL, KIND_SANITIZER },
	{ "general protection fault", NULL, KIND_PROTECTION },
	{ "Oops: general protection fault", NULL, KIND_PROTECTION },
	{ "divide error: ", "[#", KIND_DIVIDE },
	{ "Oops: divide error", NULL, KIND_DIVIDE },
	{ "invalid opcode: ", "[#", KIND_OPCODE },
	{ "Oops: invalid opcode", NULL, KIND_OPCODE },
	{ "Internal error: Oops", NULL, KIND_OOPS },
	{ "Internal error: ", "[#", KIND_OOPS },
	{ "Oops", "[#", KIND_OOPS },
	{ "Bad mode in ", NULL, KIND_OOPS },
	{ "stack segment: ", "[#", KIND_OOPS },
	{ "invalid TSS: ", "[#", KIND_OOPS },
	{ "segment not present: ", "[#", KIND_OOPS },
	{ "alignment check: ", "[#", KIND_OOPS },

	{ "watchdog: BUG: soft lockup", NULL, KIND_SOFT_LOCKUP },
	{ "NMI watchdog: BUG: soft lockup", NULL, KIND_SOFT_LOCKUP },
	{ "BUG: soft lockup", NULL, KIND_SOFT_LOCKUP },
	{ "watchdog: Watchdog detected hard LOCKUP", NULL, KIND_HARD_LOCKUP },
	{ "NMI watchdog: Watchdog detected hard LOCKUP", NULL, KIND_HARD_LOCKUP },
	{ "Watchdog detected hard LOCKUP", NULL, KIND_HARD_LOCKUP },
	{ "rcu: INFO: rcu", "detected", KIND_RCU_STALL },
	{ "INFO: rcu", "detected", KIND_RCU_STALL },
	{ "INFO: task ", "blocked", KIND_HUNG_TASK },
	{ "Out of memory", NULL, KIND_OOM },
	{ "Memory cgroup out of memory", NULL, KIND_OOM },
	{ "", " invoked oom-killer:", KIND_OOM },
	{ "mce: [Hardware Error]: ", NULL, KIND_MACHINE_CHECK },
	{ "[Hardware Error]: ", NULL, KIND_MACHINE_CHECK },
	{ "{", "}[Hardware Error]: ", KIND_MACHINE_CHECK },	/* drivers/acpi/apei */
	{ "WARNING: ", " at ", KIND_WARNING },
	{ "BUG: ", NULL, KIND_COMPLAINT },
};

/* what panic() says when it ends something that was reported before */
static const struct {
	const char *words;
	enum group group;
} reasons[] = {
	{ "Fatal exception", GROUP_OOPS },
	{ "Oops", GROUP_OOPS },
	{ "softlockup: hung tasks", GROUP_SOFT_LOCKUP },
	{ "Hard LOCKUP", GROUP_HARD_LOCKUP },
	{ "RCU Stall", GROUP_STALL },
	{ "hung_task: blocked tasks", GROUP_HUNG_TASK },
	{ "panic_on_warn set", GROUP_WARNING },
	{ "kernel stack overflow", GROUP_OOPS },
	{ "Out of memory", GROUP_OOM },
	{ "out of memory", GROUP_OOM },
	{ "System is deadlocked on memory", GROUP_OOM },
	{ "machine check", GROUP_MACHINE_CHECK },
	{ "Machine check", GROUP_MACHINE_CHECK },
	{ "Fatal hardware error", GROUP_MACHINE_CHECK },
	{ "Machine halted", GROUP_OOPS },
	{ "Attempted to kill init", GROUP_OOPS },
	{ "Attempted to kill the idle task", GROUP_OOPS },
	{ "Aiee, killing interrupt handler", GROUP_OOPS },
};

const char *kind_name(enum kind kind)
{
	return kinds[kind].name;
}

enum group kind_group(enum kind kind)
{
	return kinds[kind].group;
}

enum kind kind_of_line(const char *line)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *words = lines[i].words;

		/* most lines are none, and most rows are ruled out by their first byte */
		if ((words[0] && words[0] != line[0]) || strncmp(line, words, strlen(words)) != 0)
			continue;
		if (!lines[i].more || strstr(line + strlen(words), lines[i].more))
			return lines[i].kind;
	}
	return KIND_NONE;
}

enum group group_of_panic(const char *words)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strstr(words, reasons[i].words))
			return reasons[i].group;
	return GROUP_PANIC;
}
