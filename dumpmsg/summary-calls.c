/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which functions of a trace tell what crashed. A trace begins with what deals with the
 * crash, and how much of that there is depends on the kernel and on who made the trace.
 */
#include <string.h>

#include "summary-state.h"

/* a name that ends in '*' stands for all that begin so */
static const char *const machinery[] = {
	/* kernel/panic.c, kernel/kexec_core.c, kernel/crash_core.c, lib/dump_stack.c */
	"dump_stack*", "__dump_stack", "show_stack*", "panic", "vpanic", "panic_*", "nmi_panic*",
	"crash_kexec", "__crash_kexec", "crash_setup_regs", "crash_save_cpu", "machine_kexec*",
	"machine_crash_shutdown", "native_machine_crash_shutdown", "kdump_*", "oops_*",
	"__warn*", "warn_slowpath*", "report_bug", "__report_bug", "check_panic_on_warn",
	"rust_panic*",
	/* mm/kasan, mm/kfence, lib/ubsan.c */
	"print_report", "kasan_*", "__kasan_*", "__asan_*", "print_address_description*",
	"kfence_*", "__ubsan_*", "ubsan_*",
	/* arch/x86: traps.c, dumpstack.c, fault.c, entry_64.S */
	"die", "__die", "__die_body", "__die_header", "die_addr", "show_regs", "__show_regs",
	"show_trace_log_lvl", "no_context", "page_fault_oops", "__bad_area*", "bad_area*",
	"kernelmode_fixup_or_oops", "__do_user_fault", "do_user_addr_fault",
	"do_kern_addr_fault", "handle_page_fault", "do_page_fault", "__do_page_fault",
	"page_fault", "async_page_fault", "spurious_kernel_fault", "do_trap", "do_trap_no_signal",
	"do_error_trap", "handle_bug", "handle_invalid_op", "do_invalid_op", "invalid_op",
	"general_protection", "do_general_protection", "divide_error", "do_divide_error",
	"double_fault", "do_double_fault", "handle_stack_overflow", "exc_*", "asm_exc_*",
	"noist_exc_*", "error_entry", "paranoid_entry", "df_debug",
	/* arch/x86/entry: entry_fred.c, entry_64_fred.S */
	"fred_*", "asm_fred_*",
	/* arch/arm64: traps.c, fault.c, entry-common.c, entry.S */
	"dump_backtrace*", "die_kernel_fault", "__do_kernel_fault", "do_mem_abort",
	"do_translation_fault", "do_bad_area", "do_sea", "do_debug_exception", "brk_handler",
	"bug_handler", "bug_brk_handler", "call_break_hook", "do_brk64", "do_el1_brk64",
	"panic_bad_stack", "handle_bad_stack", "__bad_stack", "do_undefinstr", "do_el1_undef",
	"el1_abort", "el1_dbg", "el1_undef", "el1_brk64", "el1_sync", "el1_sync_handler",
	"el1h_64_sync*", "el1t_64_sync*", "arm64_serror_panic", "do_serror*",
	"arm64_notify_die", "notify_die", "arm64_force_sig_fault",
};

/* where an interrupt or an NMI comes in: x86, arm64 */
static const char *const interrupts[] = {
	"asm_sysvec_*", "asm_common_interrupt", "ret_from_intr", "apic_timer_interrupt",
	"asm_exc_nmi", "end_repeat_nmi", "nmi_restore", "nmi", "asm_fred_entrypoint_kernel",
	/* before 5.8 */
	"call_function_interrupt", "call_function_single_interrupt", "reschedule_interrupt",
	"irq_work_interrupt", "x86_platform_ipi", "hyperv_callback_vector",
	"hv_stimer0_callback_vector", "xen_hvm_callback_vector", "xen_do_hypervisor_callback",
	"el1_irq", "el1h_64_irq", "el1h_64_fiq", "el1_interrupt",
	"el1h_64_irq_handler", "el1h_64_fiq_handler", "el1h_64_error",
};

/* how a task waits: what it waits for comes behind them */
static const char *const waiting[] = {
	"__schedule", "schedule", "schedule_timeout*", "schedule_preempt_disabled",
	"schedule_hrtimeout*", "io_schedule*", "__switch_to", "context_switch", "schedule_idle",
	"preempt_schedule*", "__cond_resched", "_cond_resched",
};

/* what a busy loop calls most of the time: which of them an interrupt meets is chance */
static const char *const spinning[] = {
	"delay_*", "__delay", "__udelay", "__ndelay", "__const_udelay", "ktime_get*", "rdtsc*",
	"read_tsc", "read_hpet", "cpu_relax", "arch_local_irq_*", "native_queued_spin_lock_slowpath",
	"queued_spin_lock_slowpath", "__pv_queued_spin_lock_slowpath", "_raw_spin_lock*",
	"do_raw_spin_lock", "__pi_*", "kvm_clock*", "pvclock*", "touch_*_watchdog",
	"arch_counter_*", "__arch_counter_*", "acpi_pm_read", "arch_timer_*",
};

/* names without what the compiler put behind them: ".cold", ".isra.0", ".constprop.0" */
static size_t stem(const char *name)
{
	return name[0] == '.' ? strlen(name) : strcspn(name, ".");
}

static bool is_among(const char *name, const char *const *list, size_t n)
{
	size_t len = stem(name);

	for (size_t i = 0; i < n; i++) {
		size_t want = strlen(list[i]);

		if (list[i][want - 1] == '*' ? len >= want - 1 && strncmp(name, list[i], want - 1) == 0 :
					       len == want && strncmp(name, list[i], want) == 0)
			return true;
	}
	return false;
}
#define IS_AMONG(name, list) is_among(name, list, sizeof (list) / sizeof *(list))

bool call_is_machinery(const char *name)
{
	return IS_AMONG(name, machinery);
}

bool call_is_interrupt(const char *name)
{
	return IS_AMONG(name, interrupts);
}

static bool is_same(const struct call *a, const struct call *b)
{
	size_t len = stem(a->name);

	return len == stem(b->name) && strncmp(a->name, b->name, len) == 0 &&
	       strcmp(a->module, b->module) == 0;
}

/* the calls that count: those marked "?" only if there are no others */
struct walk {
	const struct call *pc, *call;
	size_t n, i;
	bool maybes, started;
};

static struct walk walk_from(const struct call *pc, const struct call *call, size_t n)
{
	struct walk w = { pc && pc->times > 0 ? pc : NULL, call, n, 0, true, false };

	/* arm64's traces begin with it */
	if (w.pc && n > 0 && is_same(pc, call) && pc->offset == call->offset)
		w.pc = NULL;
	for (size_t i = 0; i < n; i++)
		w.maybes &= call[i].maybe;
	return w;
}

static const struct call *walk_next(struct walk *w)
{
	if (!w->started) {
		w->started = true;
		if (w->pc)
			return w->pc;
	}
	while (w->i < w->n) {
		const struct call *c = &w->call[w->i++];

		if (!c->maybe || w->maybes)
			return c;
	}
	return NULL;
}

/* behind the last of the leading ones that are in the list */
static void skip(struct walk *w, const char *const *list, size_t n)
{
	struct walk before = *w;
	const struct call *c;

	while ((c = walk_next(w)) != NULL && is_among(c->name, list, n))
		before = *w;
	*w = before;
}
#define SKIP(w, list) skip(w, list, sizeof (list) / sizeof *(list))

/* to what an interrupt interrupted, if the trace has come in by one */
static void skip_interrupt(struct walk *w)
{
	struct walk at = *w, below = *w;
	const struct call *c, *last = NULL;
	bool found = false;

	/* a trace that begins with the registers of what was interrupted is there already */
	if (w->pc && !w->started && !call_is_machinery(w->pc->name))
		return;
	while ((c = walk_next(&at)) != NULL) {
		if ((c->interrupted && last) || call_is_interrupt(c->name)) {
			below = at;
			if (c->interrupted && !call_is_interrupt(c->name))
				below.i--;	/* this one itself */
			found = true;
		} else if (found) {
			break;
		}
		last = c;
	}
	if (found)
		*w = below;
}

enum { RECURSION = 4 };		/* so often in a trace, and a function calls itself */

/* how often it is there in all */
static uint64_t occurrences(const struct walk *from, const struct call *of)
{
	struct walk w = *from;
	const struct call *c;
	uint64_t times = 0;

	while ((c = walk_next(&w)) != NULL)
		if (is_same(c, of))
			times += c->times;
	return times;
}

static bool has(const struct call *const *cause, size_t n, const struct call *c)
{
	for (size_t i = 0; i < n; i++)
		if (is_same(cause[i], c))
			return true;
	return false;
}

/*
 * Of a stack that overflowed, the functions that fill it: where among them it ended is
 * chance. Sorted by name, as the order begins by chance too.
 */
static size_t recursing(const struct walk *from, const struct call *cause[CAUSE_CALLS])
{
	struct walk w = *from;
	const struct call *c;
	size_t n = 0;

	while (n < CAUSE_CALLS && (c = walk_next(&w)) != NULL) {
		size_t i = n;

		if (!c->name[0] || has(cause, n, c) || occurrences(from, c) < RECURSION)
			continue;
		for (; i > 0 && strcmp(cause[i - 1]->name, c->name) > 0; i--)
			cause[i] = cause[i - 1];
		cause[i] = c;
		n++;
	}
	return n;
}

static bool is_lockup(enum kind kind)
{
	return kind == KIND_SOFT_LOCKUP || kind == KIND_HARD_LOCKUP || kind == KIND_RCU_STALL;
}

size_t calls_of_cause(enum kind kind, const struct call *pc, const struct call *call, size_t n,
		      const struct call *cause[CAUSE_CALLS])
{
	struct walk w = walk_from(pc, call, n);
	const struct call *c;
	size_t found = 0;

	if (kind == KIND_STACK || kind == KIND_DOUBLE_FAULT) {
		found = recursing(&w, cause);
		if (found > 0)
			return found;
	}
	if (is_lockup(kind)) {
		skip_interrupt(&w);
		SKIP(&w, spinning);
	} else {
		SKIP(&w, machinery);
	}
	if (kind == KIND_HUNG_TASK)
		SKIP(&w, waiting);
	while (found < CAUSE_CALLS && (c = walk_next(&w)) != NULL) {
		if (call_is_interrupt(c->name))
			break;
		if (has(cause, found, c))
			continue;
		cause[found++] = c;
		if (occurrences(&w, c) + c->times >= RECURSION)
			break;	/* how deep it is, and whether its end was seen, is chance */
	}
	return found;
}

bool calls_sure(const struct call *call, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!call[i].maybe && call[i].name[0])
			return true;
	return false;
}

/*
 * arm64 prints return addresses as they are: behind a call that does not return there may
 * be another function already, and the log has that one's name.
 */
static bool is_next(const struct call *log, const struct call *memory)
{
	return log->name[0] && log->offset == 0 && memory->size > 0 &&
	       memory->offset == memory->size;
}

/* the next two that should be the same: 1 they are, 0 an end, -1 they are not */
static int compare(struct walk *log, struct walk *memory, const struct call **x,
		   const struct call **y)
{
	*x = walk_next(log);
	*y = walk_next(memory);
	if (!*x || !*y)
		return 0;
	/* 5.10 prints no line for where an interrupt came */
	if ((*y)->name[0] && !is_same(*x, *y) && (*y)->interrupted)
		*y = walk_next(memory);
	/* what has no name here, a module's functions perhaps, does not say otherwise */
	return *y && (!(*y)->name[0] || is_same(*x, *y) || is_next(*x, *y)) ? 1 : -1;
}

bool calls_agree(const struct report *log, const struct memory_trace *memory)
{
	struct walk a = walk_from(&log->pc, log->call, log->n);
	struct walk b = walk_from(NULL, memory->call, memory->n);
	const struct call *x, *y;
	bool any = false;
	int rc;

	SKIP(&a, machinery);
	SKIP(&b, machinery);
	while ((rc = compare(&a, &b, &x, &y)) == 1)
		any |= y->name[0] != '\0';
	return rc == 0 && any && ((!x && !y) || log->cut || memory->cut);
}

void calls_mend(struct report *log, const struct memory_trace *memory)
{
	struct walk a = walk_from(&log->pc, log->call, log->n);
	struct walk b = walk_from(NULL, memory->call, memory->n);
	const struct call *x, *y;

	SKIP(&a, machinery);
	SKIP(&b, machinery);
	while (compare(&a, &b, &x, &y) == 1)
		if (is_next(x, y) && !is_same(x, y) && a.i > 0)
			log->call[a.i - 1].really = (uint8_t)(y - memory->call + 1);
}
