/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: crashreserve/look.c crashreserve/klog.c crashreserve/bootconf.c */
#include <string.h>

#include "../../crashreserve/look.h"
#include "tree.h"

static char *machine(void)
{
	char *root = tree_make();

	tree_put(root, "/proc/cmdline", "ro crashkernel=256M\n");
	tree_put(root, "/proc/iomem", "00100000-7fffffff : System RAM\n"
		 "  60000000-67ffffff : Crash kernel\n"
		 "100000000-17fffffff : System RAM\n"
		 "  150000000-15fffffff : Crash kernel\n");
	tree_put(root, "/proc/sys/kernel/osrelease", "6.12.1\n");
	tree_put(root, "/proc/sys/kernel/arch", "x86_64\n");
	tree_put(root, "/proc/sys/kernel/panic", "-1\n");
	tree_put(root, "/proc/meminfo", "MemTotal:        1800 kB\n");
	tree_put(root, "/sys/kernel/kexec_crash_size", "402653184\n");
	tree_put(root, "/sys/kernel/kexec_crash_loaded", "0\n");
	tree_put(root, "/sys/devices/system/cpu/possible", "0-3,8\n");
	return root;
}

static void whole(void **state)
{
	char *root = machine();
	struct state st;
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(look(&st, root), 0);
	assert_int_equal(st.nnotes, 0);
	assert_true(st.has_cmdline && st.has_sysfs && st.has_iomem);
	assert_true(look_asked(&st));
	assert_string_equal(st.cmdline, "ro crashkernel=256M");
	assert_int_equal(st.main_size, 256 << 20);
	assert_int_equal(st.low_size, 128 << 20);
	assert_int_equal(st.ram, 0x80000000ULL - 0x100000 + 0x80000000ULL);
	assert_true(look_reserved(&st, &bytes));
	assert_int_equal(bytes, 384 << 20);
	assert_true(st.loaded.known && st.loaded.value == 0);
	assert_false(st.sysrq.known || st.hotplug_cpu.known);
	assert_string_equal(st.panic, "-1");
	assert_int_equal(st.cpus.value, 5);
	assert_int_equal(st.mem_total.value, 1800 * 1024);
	assert_int_equal(st.has_record, 0);
	look_close(&st);

	/* a kernel that counts the main one only; one that has given it back */
	tree_put(root, "/sys/kernel/kexec_crash_size", "268435456\n");
	assert_int_equal(look(&st, root), 0);
	assert_true(look_reserved(&st, &bytes));
	assert_int_equal(bytes, 384 << 20);
	look_close(&st);
	tree_put(root, "/sys/kernel/kexec_crash_size", "0\n");
	assert_int_equal(look(&st, root), 0);
	assert_true(look_reserved(&st, &bytes));
	assert_int_equal(bytes, 0);
	look_close(&st);
	tree_remove(root);
}

static void hidden(void **state)
{
	char *root = machine();
	struct state st;
	uint64_t bytes = 0;

	(void)state;
	tree_put(root, "/proc/iomem", "00000000-00000000 : System RAM\n");
	assert_int_equal(look(&st, root), 0);
	assert_true(st.iomem.hidden);
	assert_int_equal(st.ram, 0);
	assert_true(look_reserved(&st, &bytes));
	assert_int_equal(bytes, 384 << 20);
	look_close(&st);
	tree_remove(root);
}

/* kernels before 6.1 do not tell */
static void arch(void **state)
{
	static const char *const cases[][2] = {
		{ "5.10.0-43-cloud-amd64\n", "x86_64" }, { "5.14.0-427.el9.aarch64\n", "aarch64" },
		{ "6.0.1-arch1-1\n", "" }, { "\n", "" },
	};
	char *root = machine();
	struct state st;

	(void)state;
	tree_put(root, "/proc/sys/kernel/arch", "");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		tree_put(root, "/proc/sys/kernel/osrelease", cases[i][0]);
		assert_int_equal(look(&st, root), 0);
		assert_string_equal(st.arch, cases[i][1]);
		look_close(&st);
	}
	tree_remove(root);
}

/* nothing at all is no error, only nothing known */
static void empty(void **state)
{
	char *root = tree_make();
	struct state st;
	uint64_t bytes;

	(void)state;
	assert_int_equal(look(&st, root), 0);
	assert_false(st.has_cmdline || st.has_sysfs || st.has_iomem || st.loaded.known);
	assert_false(look_asked(&st));
	assert_false(look_reserved(&st, &bytes));
	assert_int_equal(st.nnotes, 1);
	assert_non_null(strstr(st.notes[0], "/proc/iomem"));
	look_close(&st);
	look_close(&st);
	tree_remove(root);
}

/* each is noted, and the rest is still told */
static void damaged(void **state)
{
	char *root = machine();
	struct state st;

	(void)state;
	tree_put(root, "/proc/iomem", "nonsense\n");
	tree_put(root, "/sys/kernel/kexec_crash_loaded", "many\n");
	tree_put_bytes(root, "/proc/cmdline", "a\0b", 3);
	tree_put(root, "/run/crashpipe/capture-kernel", "nonsense\n");
	tree_put(root, "/proc/sys/kernel/sysrq", "-7\n");
	tree_put(root, "/sys/devices/system/cpu/possible", "3-0\n");
	assert_int_equal(look(&st, root), 0);
	assert_int_equal(st.nnotes, 5);
	assert_int_equal(st.has_record, -1);
	assert_false(st.has_cmdline || st.has_iomem || st.loaded.known || st.cpus.known);
	assert_true(st.crash_size.known);
	assert_string_equal(st.cmdline, "");
	look_close(&st);
	tree_remove(root);
}

static void record(void **state)
{
	static const char text[] = "time=5\nkernel=/boot/k\nkernel-size=3\ninitrd=/boot/i\n"
				   "initrd-size=3\ncall=kexec_load\ncommand-line=a\n";
	char *root = machine(), kernel[200];
	struct state st;

	(void)state;
	tree_put(root, "/run/crashpipe/capture-kernel", text);
	assert_int_equal(look(&st, root), 0);
	assert_int_equal(st.has_record, 1);
	/* no such folder: it was not saved */
	assert_int_equal(st.kernel, FILE_UNKNOWN);
	look_close(&st);
	tree_put(root, "/boot/k", "abcd");
	assert_int_equal(look(&st, root), 0);
	assert_int_equal(st.kernel, FILE_CHANGED);
	assert_int_equal(st.initrd, FILE_GONE);
	look_close(&st);
	snprintf(kernel, sizeof kernel, "%s/boot/k", root);
	assert_int_equal(remove(kernel), 0);
	assert_int_equal(look(&st, root), 0);
	assert_int_equal(st.kernel, FILE_GONE);
	look_close(&st);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(hidden),
		cmocka_unit_test(arch),
		cmocka_unit_test(empty),
		cmocka_unit_test(damaged),
		cmocka_unit_test(record),
	};

	return RUN(tests);
}
