/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpmsg/summary-log.c dumpmsg/summary-notable.c dumpmsg/summary-line.c dumpmsg/summary-call.c dumpmsg/summary-kind.c dumpmsg/summary-calls.c dumpmsg/summary-signature.c dumpmsg/summary-choose.c dumpmsg/summary-taint.c dumpmsg/summary-print.c dumpmsg/summary-json.c dumpmsg/summary-facts.c dumpmsg/summary-dump.c dumpmsg/regs.c dumpmsg/unwind.c dumpmsg/unwind-caller.c dumpmsg/unwind-frames.c dumpmsg/unwind-orc.c dumpmsg/unwind-orc-table.c dumpmsg/unwind-orc-search.c */
/* Which registers' note is that of the processor that crashed, and how many notes there are. */
#include <elf.h>
#include <stdlib.h>

#include "summary-text.h"
#include "vmcore.h"

enum { HEAD = 20, X86 = 336, PID = 32, IP = 112 + 16 * 8 };

static const char crash[] =
	"BUG: kernel NULL pointer dereference, address: 0000000000000018\n"
	"CPU: 1 PID: 2 Comm: sh Not tainted 6.12.0 #1\n"
	"RIP: 0010:a+0x1/0x2\nCall Trace:\n b+0x1/0x2\n";

/* n notes of size bytes; the last word of pid is for all that follow */
static struct vmcore notes(size_t n, uint32_t size, const uint32_t *pid, size_t pids)
{
	struct vmcore vm = { .src.fd = -1, .machine = EM_X86_64, .page_size = 4096,
			     .cut_short = true };
	uint32_t head[] = { 5, size, NT_PRSTATUS };

	vm.notes_len = n * (HEAD + size);
	vm.notes = calloc(1, vm.notes_len);
	assert_non_null(vm.notes);
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = (uint8_t *)vm.notes + i * (HEAD + size);

		memcpy(p, head, sizeof head);
		memcpy(p + sizeof head, "CORE", 5);
		if (size == X86)
			memcpy(p + HEAD + PID, &pid[i < pids ? i : pids - 1], sizeof *pid);
		if (size == X86)
			p[HEAD + IP] = (uint8_t)(i + 1);
	}
	return vm;
}

static struct summary *summed(const char *log, struct vmcore *vm)
{
	struct summary *s = feed_all(log);

	assert_int_equal(summary_dump(s, vm, NULL), 0);
	return s;
}

static void end(struct summary *s, struct vmcore *vm)
{
	summary_close(s);
	free((void *)vm->notes);
}

/* a kernel's own notes: by its number, if the process is the right one; else by the process */
static void kernel(void **state)
{
	struct vmcore vm = notes(3, X86, (const uint32_t[]){ 0, 2, 7 }, 3);
	struct summary *s = summed(crash, &vm);

	(void)state;
	assert_int_equal(s->own.regs.note, 1);
	end(s, &vm);
	vm = notes(2, X86, (const uint32_t[]){ 2, 7 }, 2);
	s = summed(crash, &vm);
	assert_true(s->own.known);
	assert_int_equal(s->own.regs.note, 0);
	end(s, &vm);
}

/* QEMU has the processors' numbers, from 1 on, where the kernel has processes */
static void qemu(void **state)
{
	static const char busy[] = "Kernel panic - not syncing: x\n"
		"CPU: 2 PID: 1 Comm: init Not tainted 6.12.0 #1\n";
	struct vmcore vm = notes(3, X86, (const uint32_t[]){ 1, 2, 3 }, 3);
	struct summary *s = summed(busy, &vm);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_true(s->own.known);
	assert_int_equal(s->own.regs.note, 2);
	summary_print(s, "a dump", f, true);
	summary_json(s, "a dump", f);
	fclose(f);
	assert_null(strstr(text, "registers 2: PID"));
	assert_non_null(strstr(text, "\nregisters 2:"));
	assert_non_null(strstr(text, "\"note\": 2, \"pid\": null"));
	free(text);
	end(s, &vm);
}

/* no machine has so many processors; each would be looked for among all */
static void many(void **state)
{
	struct vmcore vm = notes(400000, 0, NULL, 0);
	struct summary *s = summed(crash, &vm);

	(void)state;
	assert_int_equal(s->notes, 8192);
	assert_non_null(strstr(s->flaw, "registers"));
	end(s, &vm);
	vm = notes(8192, 0, NULL, 0);
	s = summed(crash, &vm);
	assert_int_equal(s->notes, 8192);
	assert_null(strstr(s->flaw, "registers"));
	end(s, &vm);
}

/* a machine that runs has no crash to be counted with others */
static void healthy(void **state)
{
	struct vmcore vm = notes(1, X86, (const uint32_t[]){ 0 }, 1);
	struct summary *s = summed("Linux version 6.12.0 (a@b) #1 SMP\nmce: [Hardware Error]: "
				   "Machine check events logged\n", &vm);
	char text[SIGNATURE_TEXT];

	(void)state;
	assert_null(s->end);
	strcpy(s->own.call[0].name, "default_idle");
	s->own.n = 1;
	s->own.named = true;
	summary_signature(s, text);
	assert_string_equal(text, "");
	strcpy(s->own.call[0].name, "crash_kexec");
	summary_signature(s, text);
	assert_int_equal(strlen(text), 18);
	end(s, &vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel), cmocka_unit_test(qemu), cmocka_unit_test(many),
		cmocka_unit_test(healthy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
