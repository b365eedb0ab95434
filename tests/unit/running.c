/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/running.c kexec-load/kcore.c */
#include "../../kexec-load/running.h"
#include "armed.h"

static void is_range(const struct range *r, uint64_t start, uint64_t end, uint64_t at)
{
	assert_int_equal(r->start, start);
	assert_int_equal(r->end, end);
	assert_int_equal(r->at, at);
}

static void typical(void **state)
{
	char *root = armed_machine();
	struct running rn;
	uint64_t virt;

	(void)state;
	assert_int_equal(running_look(&rn, root), 0);
	assert_int_equal(rn.cpus, 2);
	assert_int_equal(rn.cpu[0].addr, 0x13fc12300);
	assert_int_equal(rn.cpu[1].addr, 0x13fd12300);
	assert_int_equal(rn.cpu[1].size, 368);
	assert_int_equal(rn.vmcoreinfo.addr, 0x101234000);
	assert_int_equal(rn.vmcoreinfo.size, 0x1024);
	assert_int_equal(rn.headers_size, 917616 + 64);
	assert_int_equal(rn.ram.n, 3);
	assert_int_equal(rn.crash.n, 2);
	is_range(&rn.crash.r[1], 0x110000000, 0x120000000, 0x110000000);
	assert_int_equal(rn.cma.n, 0);
	assert_true(rn.has_kcore);
	is_range(&rn.text, 0x13000000, 0x15000000, ARMED_TEXT);
	assert_int_equal(rn.direct.n, 2);
	assert_true(running_virtual(&rn, 0x100000000, &virt));
	assert_int_equal(virt, ARMED_DIRECT + 0x100000000);
	/* below what is listed */
	assert_true(running_virtual(&rn, 0x1000, &virt));
	assert_int_equal(virt, ARMED_DIRECT + 0x1000);
	running_close(&rn);
	tree_remove(root);
}

/* what lies within System RAM is not told, nor what lies within another one of them */
static void other_kinds(void **state)
{
	static const struct range expected[] = {
		{ 0, 0x1000, MEMORY_RESERVED },
		{ 0x9fc00, 0xa0000, MEMORY_RESERVED },
		{ 0xf0000, 0x100000, MEMORY_RESERVED },
		{ 0x7ffdd000, 0x80000000, MEMORY_RESERVED },
		{ 0x80000000, 0x80001000, MEMORY_ACPI },
		{ 0x80001000, 0x80002000, MEMORY_NVS },
		{ 0xd0000000, 0xd0001000, MEMORY_RESERVED },
		{ 0x140000000, 0x150000000, MEMORY_PRAM },
	};
	size_t n = sizeof expected / sizeof expected[0];
	char *root = armed_machine();
	struct running rn;

	(void)state;
	assert_int_equal(running_look(&rn, root), 0);
	assert_int_equal(rn.other.n, n);
	for (size_t i = 0; i < n; i++)
		is_range(&rn.other.r[i], expected[i].start, expected[i].end, expected[i].at);
	running_close(&rn);
	tree_remove(root);
}

static void cma(void **state)
{
	char *root = armed_machine();
	struct running rn;

	(void)state;
	tree_put(root, "/sys/kernel/kexec_crash_cma_ranges", "20000000-207fffff\n40000000-407fffff\n");
	assert_int_equal(running_look(&rn, root), 0);
	assert_int_equal(rn.cma.n, 2);
	is_range(&rn.cma.r[0], 0x20000000, 0x20800000, 0x20000000);
	running_close(&rn);
	tree_put(root, "/sys/kernel/kexec/crash_cma_ranges", "20000000:207fffff\n");
	assert_int_equal(running_look(&rn, root), -1);
	assert_failed(ERR_CORRUPT, "not a range");
	running_close(&rn);
	tree_remove(root);
}

/* a saved tree has no kcore: all the rest is there */
static void without_kcore(void **state)
{
	char *root = armed_machine(), path[128];
	struct running rn;
	uint64_t virt;

	(void)state;
	snprintf(path, sizeof path, "%s/proc/kcore", root);
	assert_int_equal(remove(path), 0);
	assert_int_equal(running_look(&rn, root), 0);
	assert_false(rn.has_kcore);
	assert_int_equal(rn.text.end, 0);
	assert_false(running_virtual(&rn, 0x100000, &virt));
	running_close(&rn);
	tree_remove(root);
}

/* kcore cut at every byte, and each byte of it turned: refused, or read without harm */
static void damaged_kcore(void **state)
{
	char *root = armed_machine();
	struct running rn;
	uint8_t kcore[1024];
	size_t len = armed_kcore(kcore);

	(void)state;
	/* an empty one is none */
	tree_put_bytes(root, "/proc/kcore", kcore, 0);
	assert_int_equal(running_look(&rn, root), 0);
	assert_false(rn.has_kcore);
	running_close(&rn);
	for (size_t i = 1; i < len; i++) {
		tree_put_bytes(root, "/proc/kcore", kcore, i);
		assert_int_equal(running_look(&rn, root), -1);
		assert_failed(ERR_CORRUPT, "kcore");
		running_close(&rn);
	}
	for (size_t i = 0; i < len; i++) {
		kcore[i] ^= 0xff;
		tree_put_bytes(root, "/proc/kcore", kcore, len);
		running_look(&rn, root);
		running_close(&rn);
		kcore[i] ^= 0xff;
	}
	tree_remove(root);
}

static void refused_with(const char *path, const char *text, enum err code, const char *words)
{
	char *root = armed_machine(), full[160];
	struct running rn;

	if (text) {
		tree_put(root, path, text);
	} else {
		snprintf(full, sizeof full, "%s%s", root, path);
		assert_int_equal(remove(full), 0);
	}
	assert_int_equal(running_look(&rn, root), -1);
	assert_failed(code, words);
	running_close(&rn);
	tree_remove(root);
}

static void refused(void **state)
{
	static const char notes[] = "/sys/devices/system/cpu/cpu12/crash_notes";

	(void)state;
	refused_with("/proc/iomem", "00000000-00000000 : System RAM\n00000000-00000000 : Crash"
		     " kernel\n", ERR_SYS, "CAP_SYS_ADMIN");
	refused_with("/proc/iomem", "00001000-00001fff : Reserved\n", ERR_SYS, "no System RAM");
	refused_with("/proc/iomem", "nonsense\n", ERR_CORRUPT, "line 1");
	refused_with("/sys/kernel/vmcoreinfo", NULL, ERR_SYS, "vmcoreinfo");
	refused_with("/sys/kernel/vmcoreinfo", "0x1234\n", ERR_CORRUPT, "an address and a size");
	refused_with("/sys/kernel/vmcoreinfo", "0x0 1024\n", ERR_CORRUPT, "an address and a size");
	refused_with(notes, "0x13fd12300\n", ERR_CORRUPT, "is not an address");
	refused_with(notes, "\n", ERR_CORRUPT, "is not an address");
	refused_with("/sys/devices/system/cpu/cpu12/crash_notes_size", NULL, ERR_SYS, "size");
	refused_with("/sys/devices/system/cpu/cpu12/crash_notes_size", "0\n", ERR_SYS, "size");
	refused_with("/sys/kernel/crash_elfcorehdr_size", "many\n", ERR_CORRUPT, "not a number");
}

static void without_kexec(void **state)
{
	char *root = armed_machine(), full[160];
	struct running rn;

	(void)state;
	for (int cpu = 0; cpu <= 12; cpu += 12) {
		snprintf(full, sizeof full, "%s/sys/devices/system/cpu/cpu%d/crash_notes", root,
			 cpu);
		assert_int_equal(remove(full), 0);
	}
	assert_int_equal(running_look(&rn, root), -1);
	assert_failed(ERR_SYS, "crash_notes: not there");
	running_close(&rn);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typical), cmocka_unit_test(other_kinds),
		cmocka_unit_test(cma), cmocka_unit_test(without_kcore),
		cmocka_unit_test(damaged_kcore), cmocka_unit_test(refused),
		cmocka_unit_test(without_kexec),
	};

	return RUN(tests);
}
