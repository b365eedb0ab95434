/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/summary-log.c dumpmsg/summary-notable.c dumpmsg/summary-line.c dumpmsg/summary-call.c dumpmsg/summary-kind.c dumpmsg/summary-calls.c dumpmsg/summary-signature.c dumpmsg/summary-choose.c dumpmsg/summary-taint.c */
/* Which crashes have one signature, and which have not; where it comes from. */
#include <stdio.h>
#include <stdlib.h>

#include "../../dumpmsg/summary-line.h"
#include "summary-text.h"

static const char *sign(struct summary *s)
{
	static char text[2][SIGNATURE_TEXT];
	static int turn;

	turn = !turn;
	summary_choose(s);
	summary_signature(s, text[turn]);
	free(s);
	return text[turn];
}

/* the log's text with one word made another, as often as it is there */
static const char *with(const char *text, const char *from, const char *to)
{
	static char changed[2][16384];
	static int turn;
	size_t n = 0;

	turn = !turn;
	while (*text && n < sizeof changed[0] - 100) {
		if (strncmp(text, from, strlen(from)) == 0) {
			n += (size_t)sprintf(changed[turn] + n, "%s", to);
			text += strlen(from);
		} else {
			changed[turn][n++] = *text++;
		}
	}
	changed[turn][n] = '\0';
	return changed[turn];
}

/* the calls of a processor's registers, innermost first: "panic a [m] !b c"; '!' interrupted */
static void give_registers(struct summary *s, const char *text)
{
	struct memory_trace *t = &s->own;

	*t = (struct memory_trace){ .known = true, .named = true };
	for (; *text; text += strspn(text, " ")) {
		size_t n = strcspn(text, " ");

		if (*text == '[') {
			line_clean(t->call[t->n - 1].module, n - 1, text + 1, n - 2);
		} else {
			struct call *c = &t->call[t->n++];

			*c = (struct call){ .times = 1, .interrupted = *text == '!' };
			line_clean(c->name, sizeof c->name, text + c->interrupted, n - c->interrupted);
		}
		text += n;
	}
}

/* as if the log had the titles only */
static struct summary *without_traces(const char *text, const char *registers)
{
	struct feed f = feed_open();

	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		if (!memmem(text, (size_t)(end - text), "+0x", 3))
			feed_bytes(&f, 5, text, (size_t)(end - text));
	}
	give_registers(f.s, registers);
	return f.s;
}

static void form(void **state)
{
	const char *text = sign(feed_all(null_61));

	(void)state;
	assert_int_equal(strlen(text), 18);
	assert_int_equal(strncmp(text, "1-", 2), 0);
	assert_int_equal(strspn(text + 2, "0123456789abcdef"), 16);
	/* it may be written down somewhere: only with another number in front may it change */
	assert_string_equal(sign(feed_all(sysrq_612)), "1-b172911ada3df242");
	assert_string_equal(sign(summary_open()), "");
}

/* other boots, processors, kernels of the same source with another compiler */
static void same(void **state)
{
	(void)state;
	assert_string_equal(sign(feed_all(null_61)), sign(feed_all(null_72)));
	assert_string_equal(sign(feed_all(null_61)), sign(feed_all(with(null_61, "0x", "0x1"))));
	assert_string_equal(sign(feed_all(null_arm64)),
			    sign(feed_all(with(null_arm64, "x60 [widget]\nlr :", "x64 [widget]\nlr :"))));
	assert_string_equal(sign(feed_all(sysrq_612)), sign(feed_all(sysrq_49)));
	assert_string_equal(sign(feed_all(softlockup_510)),
			    sign(feed_all(with(softlockup_510, "431", "9"))));
	/* where in a loop it is met, and how deep a recursion is, is chance */
	assert_string_equal(sign(feed_all(softlockup_510)),
			    sign(feed_all(with(softlockup_510, "__const_udelay", "delay_tsc"))));
	assert_string_equal(sign(feed_all(overflow_61)),
			    sign(feed_all(with(overflow_61, "RIP: 0010:ping", "RIP: 0010:pong"))));
	assert_string_equal(sign(feed_all(overflow_61)),
			    sign(feed_all(with(overflow_61, " start_playing", " pong+0x38/0x70 [widget]\n x"))));
	assert_string_equal(sign(feed_all(overflow_61)), sign(feed_all(overflow_arm64)));
	assert_string_equal(sign(feed_all(hung_61)),
			    sign(feed_all(with(hung_61, " schedule_timeout", " io_schedule"))));
}

static void differ(void **state)
{
	static const char bug[] = "kernel BUG at drivers/widget.c:7!\nOops: invalid opcode: 0000 [#1] SMP\n"
		"RIP: 0010:a+0x1/0x2\nCall Trace:\n b+0x1/0x2\n";
	const char *const logs[] = {
		null_61, softlockup_510, hung_61, sysrq_612, overflow_61, bug,
		with(null_61, "widget_store", "widget_show"), with(bug, "widget.c", "gadget.c"),
	};
	char all[8][SIGNATURE_TEXT];

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		strcpy(all[i], sign(feed_all(logs[i])));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(all[i], all[k]);
	}
	assert_string_not_equal(sign(feed_all(null_61)), sign(feed_all(with(null_61, "[widget]", "[gadget]"))));
	assert_string_not_equal(sign(feed_all(bug)), sign(feed_all(with(bug, " b+", " c+"))));
	/* an update moves lines, another build is made in another folder */
	assert_string_equal(sign(feed_all(bug)), sign(feed_all(with(bug, "c:7", "c:81"))));
	assert_string_equal(sign(feed_all(bug)), sign(feed_all(with(bug, "drivers/", "/usr/src/linux/drivers/"))));
	assert_string_equal(sign(feed_all(bug)), sign(feed_all(with(bug, "drivers/", ""))));
	assert_string_not_equal(sign(feed_all(hung_61)), sign(feed_all(with(hung_61, "widget_flush", "x"))));
	assert_string_not_equal(sign(feed_all("Kernel panic - not syncing: VFS: no root on 8:1\n")),
				sign(feed_all("Kernel panic - not syncing: Requested init failed\n")));
	assert_string_equal(sign(feed_all("Kernel panic - not syncing: VFS: no root on 8:1\n")),
			    sign(feed_all("Kernel panic - not syncing: VFS: no root on 9:7\n")));
}

/* in an interrupt: what it interrupted is chance */
static void interrupted(void **state)
{
	static const char log[] = "BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
		"RIP: 0010:widget_irq+0x1/0x20 [widget]\nCall Trace:\n handle_irq+0x1/0x20\n"
		" reschedule_interrupt+0xf/0x20\n </IRQ>\nRIP: 0010:somebody+0x1/0x20\n else_+0x1/0x20\n";

	(void)state;
	assert_string_equal(sign(feed_all(log)), sign(feed_all(with(log, "else_", "other"))));
	assert_string_equal(sign(feed_all(log)), sign(feed_all(with(log, "somebody", "other"))));
	assert_string_equal(sign(feed_all(log)), sign(feed_all(with(log, "reschedule_interrupt",
							      "asm_fred_entrypoint_kernel"))));
	assert_string_not_equal(sign(feed_all(log)), sign(feed_all(with(log, "handle_irq", "x"))));
}

/* the log's trace or the registers': one signature */
static void sources(void **state)
{
	(void)state;
	assert_string_equal(sign(feed_all(null_61)),
		sign(without_traces(null_61, "widget_store [widget] widget_write [widget] "
			"kernfs_fop_write_iter vfs_write ksys_write do_syscall_64 "
			"entry_SYSCALL_64_after_hwframe")));
	/* registers of a panic are those of the panic: what led to it comes first */
	assert_string_equal(sign(feed_all(softlockup_510)),
		sign(without_traces(softlockup_510, "__crash_kexec panic watchdog_timer_fn.cold "
			"__hrtimer_run_queues hrtimer_interrupt sysvec_apic_timer_interrupt "
			"asm_sysvec_apic_timer_interrupt !delay_tsc widget_poll [widget] "
			"widget_wait [widget] kthread ret_from_fork")));
	assert_string_equal(sign(feed_all(overflow_61)),
		sign(without_traces(overflow_61, "ping [widget] pong [widget] ping [widget] pong "
			"[widget] ping [widget] pong [widget] ping [widget] pong [widget]")));
	assert_string_equal(sign(feed_all(
			"Kernel panic - not syncing: widget is gone\nCall Trace:\n dump_stack_lvl+0x1/0x2\n"
			" panic+0x1/0x2\n widget_check.cold+0x1/0x2 [widget]\n asm_sysvec_x+0x1/0x2\n"
			" whatever+0x1/0x2\n")),
		sign(without_traces("Kernel panic - not syncing: widget is gone\n", "__crash_kexec "
			"vpanic panic widget_check [widget] asm_sysvec_x !something_else")));
	/* no log at all: what the registers were in the middle of */
	assert_string_equal(sign(feed_all(sysrq_612)),
		sign(without_traces("", "crash_kexec panic sysrq_handle_crash write_sysrq_trigger")));
}

/* do the log's trace and the registers' say the same? */
static void agreement(void **state)
{
	struct summary *s = feed_all(null_61);

	(void)state;
	give_registers(s, "widget_store [widget] widget_write [widget] kernfs_fop_write_iter "
		       "vfs_write ksys_write do_syscall_64 entry_SYSCALL_64_after_hwframe");
	assert_true(calls_agree(s->cause, &s->own));
	s->own.n--;
	assert_false(calls_agree(s->cause, &s->own));
	s->own.cut = true;
	assert_true(calls_agree(s->cause, &s->own));
	strcpy(s->own.call[2].name, "other");
	assert_false(calls_agree(s->cause, &s->own));
	s->own.n = 0;
	assert_false(calls_agree(s->cause, &s->own));
	free(s);

	/* arm64's trace has the pc again; what has no name says nothing else */
	s = feed_all(null_arm64);
	give_registers(s, "widget_store [widget] widget_write [widget] kernfs_fop_write_iter "
		       "vfs_write el0_svc");
	assert_true(calls_agree(s->cause, &s->own));
	s->own.call[0].name[0] = s->own.call[1].name[0] = '\0';
	assert_true(calls_agree(s->cause, &s->own));
	for (size_t i = 0; i < s->own.n; i++)
		s->own.call[i].name[0] = '\0';
	assert_false(calls_agree(s->cause, &s->own));
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(form), cmocka_unit_test(same), cmocka_unit_test(interrupted), cmocka_unit_test(differ),
		cmocka_unit_test(sources), cmocka_unit_test(agreement),
	};

	return RUN(tests);
}
