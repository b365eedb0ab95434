/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/measure.c crashreserve/qemu.c crashreserve/estimate.c */
/*
 * What is made of what QEMU and a kernel say. QEMU itself is a script here, that says what
 * a kernel said in so much memory, so that each case can be had; tests/vm/estimate and
 * tests/cmd/crashreserve-estimate have the real one.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../crashreserve/measure.h"
#include "../../crashreserve/qemu.h"
#include "say.h"
#include "stop.h"
#include "tree.h"

#define MIB(n) ((uint64_t)(n) << 20)

#define HELLO "echo '[    0.000000] Linux version 6.1.0'\n"
#define INIT "echo '[    2.1] Run /init as init process'\n"
#define OOM "echo 'swapper invoked oom-killer: gfp_mask=0x1'; echo '[ 1.5] Kernel panic" \
	" - not syncing: System is deadlocked on memory'\n"

static char *root, *old_path;

static int begin(void **state)
{
	char path[600];

	(void)state;
	say_less();
	root = tree_make();
	old_path = strdup(getenv("PATH"));
	snprintf(path, sizeof path, "%s:/usr/bin:/bin", root);
	return setenv("PATH", path, 1);
}

static int end(void **state)
{
	(void)state;
	tree_remove(root);
	setenv("PATH", old_path, 1);
	free(old_path);
	return 0;
}

/* $m is the memory; what follows is sh */
static void qemu(const char *script)
{
	char text[4096], path[256];

	snprintf(text, sizeof text, "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" != -m ] || m=$2;"
		 " [ \"$1\" != -append ] || a=$2; shift; done\n%s", script);
	tree_put(root, "/qemu-system-x86_64", text);
	snprintf(path, sizeof path, "%s/qemu-system-x86_64", root);
	assert_int_equal(chmod(path, 0755), 0);
}

static int run(struct measured *m, const char *cmdline)
{
	struct needs n = { .initrd_fd = -1, .cmdline = (char *)cmdline };
	struct estimate est;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	n.image = (struct bootimage){ .arch = "x86_64", .fd = fd };
	n.in = (struct estimate_in){ .arch = "x86_64", .init_size = MIB(50), .ram = MIB(1024) };
	assert_int_equal(estimate_compute(&est, &n.in), 0);
	int result = measure(m, &n, &est);

	if (result == 0) {
		assert_true(measure_advice(m, &est) >= m->works + MIB(4));
		assert_true(measure_advice(m, &est) <= m->works + MIB(48));
	}
	close(fd);
	return result;
}

static void smallest(void **state)
{
	static const unsigned limits[] = { 40, 64, 65, 96, 100, 250 };
	char script[1000];
	struct measured m;

	(void)state;
	for (unsigned i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		uint64_t works = (limits[i] + 15) / 16 * 16;

		snprintf(script, sizeof script, HELLO "if [ $m -lt %u ]; then " OOM "exit; fi\n" INIT,
			 limits[i]);
		qemu(script);
		assert_int_equal(run(&m, NULL), 0);
		assert_int_equal(m.works, MIB(works));
		assert_int_equal(m.fails, MIB(works - 16));
		assert_true(m.boots <= 7);
		assert_false(m.init_ended);
		if (m.why[0])
			assert_non_null(strstr(m.why, "oom-killer"));
	}
}

/* init started, and memory was short afterwards; or it was unpacked in part only */
static void short_later(void **state)
{
	static const char *const words[] = {
		"[    3.3] Out of memory: Killed process 77 (systemd)",
		"sh: can't fork: Cannot allocate memory",
		"cp: write error: No space left on device",
		"[ 1.2] Initramfs unpacking failed: write error",
		"[ 1.2] dumpfilter: page allocation failure: order:4",
	};
	char script[1000];
	struct measured m;

	(void)state;
	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
		snprintf(script, sizeof script, HELLO INIT "if [ $m -lt 128 ]; then echo \"%s\"; fi\n",
			 words[i]);
		qemu(script);
		assert_int_equal(run(&m, NULL), 0);
		assert_int_equal(m.works, MIB(128));
		assert_non_null(strstr(m.why, words[i]));
	}
}

/* an init that finds no crashed memory may give up: that is not for want of memory */
static void init_that_ends(void **state)
{
	struct measured m;

	(void)state;
	qemu(HELLO INIT "if [ $m -lt 80 ]; then exit; fi\n"
	     "echo '[ 2.5] Kernel panic - not syncing: Attempted to kill init!'\n");
	assert_int_equal(run(&m, NULL), 0);
	assert_true(m.init_ended);
	assert_non_null(strstr(m.how, "Attempted to kill init"));
	assert_int_equal(m.works, MIB(80));
	/* the other way round: only with little memory it dies */
	qemu(HELLO INIT "[ $m -ge 96 ] || echo 'Kernel panic - not syncing: Attempted to kill init!'\n");
	assert_int_equal(run(&m, NULL), 0);
	assert_false(m.init_ended);
	assert_int_equal(m.works, MIB(96));
}

/* too little for QEMU itself to load the files */
static void refused_when_small(void **state)
{
	struct measured m;

	(void)state;
	qemu("if [ $m -lt 112 ]; then echo 'qemu-system-x86_64: initrd is too large' >&2; exit 1; fi\n"
	     HELLO INIT);
	assert_int_equal(run(&m, NULL), 0);
	assert_int_equal(m.works, MIB(112));
	assert_non_null(strstr(m.why, "initrd is too large"));
}

static void hopeless(void **state)
{
	struct measured m;
	char path[256];

	(void)state;
	qemu("echo 'qemu-system-x86_64: unable to load it' >&2; exit 1\n");
	assert_int_equal(run(&m, NULL), -1);
	assert_failed(ERR_UNKNOWN, "unable to load it");
	qemu("exit 0\n");
	assert_int_equal(run(&m, NULL), -1);
	assert_failed(ERR_UNKNOWN, "says nothing on the serial port");
	qemu(HELLO "echo '[ 1.0] Kernel panic - not syncing: VFS: Unable to mount root fs'\n");
	assert_int_equal(run(&m, NULL), -1);
	assert_failed(ERR_UNKNOWN, "no init runs: [ 1.0] Kernel panic - not syncing: VFS");
	qemu(HELLO OOM);
	assert_int_equal(run(&m, NULL), -1);
	assert_failed(ERR_UNKNOWN, "oom-killer");
	snprintf(path, sizeof path, "%s/qemu-system-x86_64", root);
	unlink(path);
	setenv("PATH", root, 1);
	assert_int_equal(run(&m, NULL), -1);
	assert_failed(ERR_SYS, "qemu-system-x86_64: not installed");
	snprintf(path, sizeof path, "%s:/usr/bin:/bin", root);
	setenv("PATH", path, 1);
}

/* whatever comes over a serial line */
static void noise(void **state)
{
	struct measured m;

	(void)state;
	qemu(HELLO "head -c 100000 /dev/zero | tr '\\0' x; echo\nprintf 'a\\001\\033[31m\\377b\\r\\n'\n"
	     "printf '\\033[0m[ 2.1]   Run /sbin/init as init process\\r\\n'\nprintf 'no end of line'\n");
	assert_int_equal(run(&m, NULL), 0);
	/* half of the kernel is where the search begins */
	assert_int_equal(m.works, MIB(32));
	assert_int_equal(m.fails, 0);
	assert_string_equal(m.why, "");
}

/* what concerns the crashed machine's memory is not for the emulated one */
static void command_line(void **state)
{
	struct measured m;
	char path[256], text[1000] = "";

	(void)state;
	snprintf(path, sizeof path, HELLO INIT "echo \"$a\" >%s/append\n", root);
	qemu(path);
	assert_int_equal(run(&m, "quiet root=/dev/vda elfcorehdr=0x1000 mem=3G nr_cpus=1 console=tty0"
				 "  acpi_rsdp=0xe0000 memmap=exactmap xmem=1 irqpoll"), 0);
	snprintf(path, sizeof path, "%s/append", root);
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	assert_non_null(fgets(text, sizeof text, in));
	fclose(in);
	assert_string_equal(text, "root=/dev/vda nr_cpus=1 xmem=1 irqpoll console=ttyS0 panic=-1"
			    " ignore_loglevel no_timer_check\n");
	assert_int_equal(run(&m, NULL), 0);
}

static void other_machines(void **state)
{
	struct qemu_machine machine = { .arch = "vax" };
	struct qemu_boot boot;

	(void)state;
	assert_null(qemu_program("vax"));
	assert_int_equal(qemu_boot(&boot, &machine, 64), -1);
	assert_failed(ERR_UNKNOWN, "vax");
	assert_string_equal(qemu_program("aarch64"), "qemu-system-aarch64");
}

/* a kernel that hangs: it is late; one that ran init and then says nothing: it is over */
static void waiting(void **state)
{
	struct qemu_machine machine = { .arch = "x86_64", .initrd_fd = -1, .init_s = 1,
					.quiet_s = 1, .after_s = 2 };
	struct qemu_boot boot;

	(void)state;
	machine.kernel_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	qemu(HELLO "exec sleep 100\n");
	assert_int_equal(qemu_boot(&boot, &machine, 64), 0);
	assert_true(boot.late && boot.spoke && !boot.init);
	qemu(HELLO INIT "exec sleep 100\n");
	assert_int_equal(qemu_boot(&boot, &machine, 64), 0);
	assert_true(boot.init && !boot.late);
	/* one that never stops talking */
	qemu(HELLO INIT "while sleep 0.1; do echo still here; done\n");
	assert_int_equal(qemu_boot(&boot, &machine, 64), 0);
	assert_true(boot.init && !boot.late);
	assert_string_equal(boot.last, "still here");
	close(machine.kernel_fd);
}

/* last: from then on all is stopped */
static void signals(void **state)
{
	struct measured m;

	(void)state;
	stop_catch();
	qemu(HELLO "kill -TERM $PPID\nexec sleep 100\n");
	assert_int_equal(run(&m, NULL), -1);
	assert_failed(ERR_STOPPED, "SIGTERM");
}

/* no machine in QEMU shows what loading takes: of one with much memory it is the most */
static void enough_to_load(void **state)
{
	struct estimate_in in = { .arch = "x86_64", .init_size = MIB(50), .ram = MIB(1) << 26 };
	struct measured m = { .works = MIB(64) };
	struct estimate est;

	(void)state;
	assert_int_equal(estimate_compute(&est, &in), 0);
	est.nlines = 0;
	assert_true(est.load_bytes > MIB(256));
	assert_true(measure_advice(&m, &est) >= est.load_bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest),
		cmocka_unit_test(short_later),
		cmocka_unit_test(init_that_ends),
		cmocka_unit_test(refused_when_small),
		cmocka_unit_test(hopeless),
		cmocka_unit_test(noise),
		cmocka_unit_test(command_line),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(waiting),
		cmocka_unit_test(signals),
		cmocka_unit_test(enough_to_load),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
