/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/summary-log.c dumpmsg/summary-notable.c dumpmsg/summary-line.c dumpmsg/summary-call.c dumpmsg/summary-kind.c dumpmsg/summary-calls.c dumpmsg/summary-signature.c dumpmsg/summary-choose.c dumpmsg/summary-taint.c dumpmsg/summary-print.c dumpmsg/summary-json.c dumpmsg/summary-facts.c dumpmsg/summary-dump.c dumpmsg/regs.c dumpmsg/unwind.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c */
/* What is printed of logs, of dumps that hold nothing else, and of registers by hand. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../dumpmsg/summary-line.h"
#include "summary-text.h"
#include "vmcore.h"

enum what { TEXT, ALL_OF_IT, JSON, FACTS };

/* closes s */
static const char *printed(struct summary *s, enum what what)
{
	static char *text;
	size_t len;
	FILE *f;

	free(text);
	f = open_memstream(&text, &len);
	assert_non_null(f);
	if (what == FACTS)
		summary_facts(s, f);
	else if (what == JSON)
		summary_json(s, "a dump", f);
	else
		summary_print(s, "a dump", f, what == ALL_OF_IT);
	fclose(f);
	summary_close(s);
	return text;
}

#define HAS(text, part) do { \
	if (!strstr(text, part)) \
		fail_msg("no \"%s\" in:\n%s", part, text); \
} while (0)
#define LACKS(text, part) do { \
	if (strstr(text, part)) \
		fail_msg("\"%s\" in:\n%s", part, text); \
} while (0)

static void give_call(struct memory_trace *t, const char *name, const char *module)
{
	struct call *c = &t->call[t->n++];

	*c = (struct call){ .times = 1, .offset = 0x12, .size = 0x34, .at = 0xffff8012 };
	line_copy(c->name, sizeof c->name, name);
	line_copy(c->module, sizeof c->module, module);
	t->known = t->named = true;
}

static void log_only(void **state)
{
	const char *text = printed(feed_all(null_72), TEXT);

	(void)state;
	HAS(text, "\nkind:       null-dereference\n");
	HAS(text, "\ncause:      [    1.000001] BUG: kernel NULL pointer dereference, address: 0000000000000020\n");
	HAS(text, "\npanic:      [    1.000019] Kernel panic - not syncing: Fatal exception\n");
	HAS(text, "\ntask:       tee, PID 99, on CPU 0\n");
	HAS(text, "\ntainted:    OE: out-of-tree module, unsigned module\n");
	HAS(text, "\nat:         widget_store.cold+0x3/0x10 [widget]\n");
	HAS(text, "\n            vfs_write+0x216/0x410\n");
	HAS(text, "\nmodules:    widget (OE: out-of-tree module, unsigned module)\n");
	HAS(text, "\nhardware:   Other Inc. Tower, BIOS 9 09/09/2025\n");
	LACKS(text, "registers:");
	text = printed(feed_all(softlockup_510), TEXT);
	HAS(text, "\ntainted:    L: soft lockup before\n");
	HAS(text, "\ncause:      [    1.000001] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [my task:x:431]\n");
	text = printed(feed_all(hung_61), TEXT);
	HAS(text, "\ntask:       my task:x, PID 77\n            the panic was in khungtaskd, PID 30, on CPU 0\n");
	HAS(text, "\nhung:       [    1.000001] INFO: task my task:x:77 blocked");
	/* the number of a task is no part of what happened, nor is a processor that nobody named */
	text = printed(feed_all(hung_61), FACTS);
	HAS(text, "\nPANIC=task-blocked\n");
	text = printed(feed_all("BUG: unable to handle kernel paging request at ffff\nOops: 0000 [#1] SMP\n"
				"Pid: 7, comm: sh Not tainted 2.6.32 #1\nRIP: 0010:a+0x1/0x2\n"
				"Kernel panic - not syncing: Fatal exception\n"
				"Pid: 8, comm: sh Not tainted 2.6.32 #1\n"), TEXT);
	HAS(text, "the panic was in sh, PID 8\n");
	/* those marked "?" only if there are no others */
	text = printed(feed_all(sysrq_49), TEXT);
	HAS(text, "? write_sysrq_trigger+0x2f/0x40");
	text = printed(feed_all(null_61), ALL_OF_IT);
	LACKS(text, "exc_page_fault");
}

static void registers(void **state)
{
	struct summary *s = feed_all(sysrq_612);
	const char *text;

	(void)state;
	give_call(&s->own, "__crash_kexec", "");
	give_call(&s->own, "panic", "");
	give_call(&s->own, "sysrq_handle_crash", "");
	give_call(&s->own, "write_sysrq_trigger", "");
	text = printed(s, TEXT);
	HAS(text, "\ntrace:      log and registers agree\n            dump_stack_lvl+0x5d/0x80\n");
	LACKS(text, "__crash_kexec");

	s = feed_all(sysrq_612);
	give_call(&s->own, "__crash_kexec", "");
	give_call(&s->own, "other", "gadget");
	line_copy(s->own.why, sizeof s->own.why, "memory is missing");
	text = printed(s, TEXT);
	HAS(text, "\ntrace:      from the log; that of the registers differs, see below\n");
	HAS(text, "\nregisters:  from the registers of the processor that crashed\n"
	    "            __crash_kexec+0x12/0x34\n            other+0x12/0x34 [gadget]\n"
	    "            here it ends: memory is missing\n");
	HAS(text, "\nmodules:    gadget\n");

	/* those of a panic agree with the panic's own trace, not with the lockup's */
	s = feed_all(hung_61);
	give_call(&s->own, "panic", "");
	give_call(&s->own, "watchdog", "");
	give_call(&s->own, "kthread", "");
	text = printed(s, TEXT);
	HAS(text, "\ntrace:      from the log; the registers agree with the trace of the panic\n"
	    "            __schedule+0x34d/0xa00\n");

	/* a log that is not sure of anything, as after a jump to nowhere */
	s = feed_all("general protection fault: 0000 [#1]\nCPU: 1 PID: 7 Comm: sh Not tainted 6.1.0 #1\n"
		     "RIP: 0010:0x4242424242424242\nCall Trace:\n ? stale+0x1/0x2\n ? jumper+0x1/0x2\n");
	give_call(&s->own, "", "");
	give_call(&s->own, "jumper", "");
	text = printed(s, TEXT);
	HAS(text, "\nat:         0x4242424242424242\ntrace:      from the registers; the log is not sure "
	    "of its own\n            0x00000000ffff8012\n            jumper+0x12/0x34\nsignature:");
	LACKS(text, "stale");

	/* and without a log */
	s = summary_open();
	summary_log_failed(s, "there is none");
	give_call(&s->own, "panic", "");
	give_call(&s->own, "sysrq_handle_crash", "");
	text = printed(s, TEXT);
	HAS(text, "\nkind:       sysrq\npanic:      no log says why\n");
	HAS(text, "\ntrace:      from the registers\n            panic+0x12/0x34\n");
	HAS(text, "\nlog:        0 records; there is none\nsignature:  1-b172911ada3df242\n");
}

/* arm64 prints return addresses with the name of what lies there, if need be the next function's */
static void next_function(void **state)
{
	static const char log[] =
		"Kernel panic - not syncing: widget is gone\nCall trace:\n panic+0x1/0x20\n"
		" after_widget_check+0x0/0xa0 [widget]\n widget_go+0x12/0x34 [widget]\n";
	struct summary *s = feed_all(log);
	char right[SIGNATURE_TEXT], wrong[SIGNATURE_TEXT], mended[SIGNATURE_TEXT];

	(void)state;
	give_call(&s->own, "panic", "");
	give_call(&s->own, "widget_check", "widget");
	give_call(&s->own, "widget_go", "widget");
	assert_false(calls_agree(s->end, &s->own));
	s->own.call[1].offset = s->own.call[1].size;
	assert_true(calls_agree(s->end, &s->own));
	summary_signature(s, wrong);
	calls_mend(s->end, &s->own);
	summary_signature(s, mended);
	s->end->n = 0;
	summary_signature(s, right);
	assert_string_equal(mended, right);
	assert_string_not_equal(wrong, right);
	summary_close(s);
}

static void json(void **state)
{
	const char *text = printed(feed_all(null_61), JSON);

	(void)state;
	HAS(text, "{\"format\": 1, \"dump\": \"a dump\", \"complete\": false, ");
	HAS(text, "\"kind\": \"null-dereference\", \"cpu\": 3, ");
	HAS(text, "\"at\": {\"function\": \"widget_store\", \"offset\": 28, \"size\": 96, "
	    "\"module\": \"widget\", \"address\": null, \"times\": 1, \"interrupted\": false, "
	    "\"unsure\": false}");
	HAS(text, "\"modules\": [{\"name\": \"widget\", \"taint\": \"OE\"}]");
	assert_string_equal(strchr(text, '\n'), "\n");
	text = printed(summary_open(), JSON);
	HAS(text, "\"signature\": null, \"kind\": \"unknown\", \"cpu\": null, \"taint\": null, "
	    "\"cause\": null, \"last\": null, \"first_oops\": null, \"agree\": null");
}

static void facts(void **state)
{
	struct summary *s = feed_all(sysrq_612);

	(void)state;
	s->crash_time = 1700000000;
	line_copy(s->node, sizeof s->node, "-r/../$(x) h\xc3\xb6st.");
	line_copy(s->release, sizeof s->release, "..");
	line_copy(s->machine, sizeof s->machine, "; rm");
	assert_string_equal(printed(s, FACTS),
		"HOST=r-..-x-h-st\nTIME=2023-11-14-22:13:20\nEPOCH=1700000000\nRELEASE=unknown\n"
		"PANIC=sysrq-triggered-crash\nKIND=sysrq\nSIGNATURE=1-b172911ada3df242\nCPU=1\n"
		"ARCH=rm\nCOMPLETE=no\n");
	s = summary_open();
	assert_string_equal(printed(s, FACTS),
		"HOST=unknown\nTIME=unknown\nEPOCH=unknown\nRELEASE=unknown\nPANIC=unknown\n"
		"KIND=unknown\nSIGNATURE=unknown\nCPU=unknown\nARCH=unknown\nCOMPLETE=no\n");
	s = summary_open();
	line_copy(s->node, sizeof s->node, "...a");
	memset(s->release, '-', sizeof s->release - 1);
	HAS(printed(s, FACTS), "HOST=___a\n");
}

/* a title as long as can be, of what a file's name cannot have */
static void facts_long(void **state)
{
	char title[4000] = "Kernel panic - not syncing: ";
	const char *text, *end;

	(void)state;
	for (size_t n = strlen(title); n + 4 < sizeof title; n += 3)
		strcpy(title + n, "a b");
	text = strstr(printed(feed_all(title), FACTS), "PANIC=");
	end = strchr(text, '\n');
	assert_in_range(end - text, 30, 6 + 64);
	assert_int_not_equal(end[-1], '-');
}

/* a dump of which nothing can be used */
static void nothing(void **state)
{
	struct vmcore vm = { .src.fd = -1, .machine = EM_X86_64, .page_size = 4096, .cut_short = true };
	struct summary *s = feed_all(null_61);
	const char *text;

	(void)state;
	assert_int_equal(summary_dump(s, &vm, NULL), 0);
	assert_true(summary_is_partial(s));
	text = printed(s, ALL_OF_IT);
	HAS(text, "dump:       a dump (not complete: the file ends before its pages do)\n");
	HAS(text, "machine:    name not known, x86_64, processors not known, memory not known\n");
	HAS(text, "\ntrace:      from the log; from memory: without VMCOREINFO the kernel's memory cannot be read\n");
}

static void taint(void **state)
{
	char letters[TAINT_LETTERS];

	(void)state;
	taint_letters(UINT64_C(1) << 12 | 1 << 13 | 1, letters);
	assert_string_equal(letters, "POE");
	taint_letters(UINT64_C(1) << 63 | 1 << 19, letters);
	assert_string_equal(letters, "J?");
	taint_letters(UINT64_MAX, letters);
	assert_int_equal(strlen(letters), TAINT_LETTERS - 1);
	assert_null(taint_of('?'));
	assert_string_equal(taint_of('W')->words, "kernel warned before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_only), cmocka_unit_test(registers),
		cmocka_unit_test(next_function), cmocka_unit_test(json), cmocka_unit_test(facts),
		cmocka_unit_test(facts_long), cmocka_unit_test(nothing), cmocka_unit_test(taint),
	};

	return RUN(tests);
}
