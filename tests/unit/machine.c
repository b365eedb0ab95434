/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/machine.c kexec-load/cmdline.c */
#include "../../kexec-load/machine.h"
#include "tree.h"

static const char iomem[] =
	"00001000-0009fbff : System RAM\n"
	"00100000-7ffdcfff : System RAM\n"
	"  5e000000-5fffffff : Crash kernel\n"
	"  6e000000-7dffffff : Crash kernel\n";

/* as a 6.12 kernel shows itself */
static char *a_machine(void)
{
	char *root = tree_make();

	tree_put(root, "/proc/cmdline", "root=/dev/sda1 crashkernel=256M\n");
	tree_put(root, "/proc/iomem", iomem);
	tree_put(root, "/proc/meminfo", "MemTotal:        2000000 kB\nMemFree:  5 kB\n"
		 "MemAvailable:       1000 kB\n");
	tree_put(root, "/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu la57x la57 vme\n");
	tree_put(root, "/proc/sys/kernel/osrelease", "6.12.0-x\n");
	tree_put(root, "/proc/sys/kernel/arch", "x86_64\n");
	tree_put(root, "/proc/sys/kernel/kexec_load_disabled", "0\n");
	tree_put(root, "/proc/sys/kernel/kexec_load_limit_panic", "-1\n");
	tree_put(root, "/sys/kernel/kexec_crash_size", "301989888\n");
	tree_put(root, "/sys/kernel/kexec_crash_loaded", "0\n");
	tree_put(root, "/sys/kernel/crash_elfcorehdr_size", "917616\n");
	tree_put(root, "/sys/devices/system/cpu/possible", "0-1\n");
	return root;
}

static void look(struct machine *m, const char *root)
{
	assert_int_equal(machine_look(m, root), 0);
}

static void typical(void **state)
{
	char *root = a_machine();
	struct machine m;

	(void)state;
	look(&m, root);
	assert_string_equal(m.arch, "x86_64");
	assert_true(m.has_kexec);
	assert_false(m.loaded);
	assert_int_equal(m.reserved, 301989888);
	assert_int_equal(m.region.start, 0x6e000000);
	assert_int_equal(m.region.end, 0x7e000000);
	assert_true(m.asked);
	assert_true(m.has_capability);
	assert_false(m.disabled);
	assert_false(m.limited);
	assert_string_equal(m.lockdown, "");
	assert_string_equal(m.demand, "");
	assert_true(m.five_level);
	assert_false(m.efi32);
	assert_false(m.crypt_keys);
	assert_int_equal(m.headers, 917680);
	assert_int_equal(m.memory, 2048000000);
	assert_int_equal(m.available, 1024000);
	tree_remove(root);
}

static void permission(void **state)
{
	char *root = a_machine();
	struct machine m;

	(void)state;
	tree_put(root, "/proc/sys/kernel/kexec_load_disabled", "1\n");
	tree_put(root, "/proc/sys/kernel/kexec_load_limit_panic", "3\n");
	tree_put(root, "/sys/kernel/kexec/crash_loaded", "1\n");
	look(&m, root);
	assert_true(m.disabled);
	assert_true(m.limited);
	assert_int_equal(m.limit, 3);
	assert_true(m.loaded);
	assert_int_equal(machine_loaded(root), 1);
	tree_remove(root);
}

/* who demands a signature: lockdown where the kernel can verify one, or its configuration */
static void signatures(void **state)
{
	char *root = a_machine();
	struct machine m;

	(void)state;
	tree_put(root, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	look(&m, root);
	assert_string_equal(m.lockdown, "none");
	assert_string_equal(m.demand, "");
	tree_put(root, "/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	look(&m, root);
	assert_string_equal(m.lockdown, "confidentiality");
	assert_string_equal(m.demand, "lockdown: confidentiality");
	assert_false(m.demand_sure);
	tree_put(root, "/lib/modules/6.12.0-x/config", "CONFIG_KEXEC_SIG=y\n");
	look(&m, root);
	assert_true(m.demand_sure);
	tree_put(root, "/boot/config-6.12.0-x", "CONFIG_X=y\n# CONFIG_KEXEC_SIG is not set\n");
	look(&m, root);
	assert_string_equal(m.demand, "");
	tree_put(root, "/boot/config-6.12.0-x", "CONFIG_KEXEC_SIG=y\n");
	look(&m, root);
	assert_string_equal(m.demand, "lockdown: confidentiality");
	tree_put(root, "/sys/kernel/security/lockdown", "nonsense\n");
	look(&m, root);
	assert_string_equal(m.demand, "");
	tree_put(root, "/boot/config-6.12.0-x", "CONFIG_KEXEC_SIG=y\nCONFIG_KEXEC_SIG_FORCE=y\n");
	look(&m, root);
	assert_string_equal(m.demand, "CONFIG_KEXEC_SIG_FORCE");
	tree_put(root, "/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	look(&m, root);
	assert_string_equal(m.demand, "CONFIG_KEXEC_SIG_FORCE");
	tree_remove(root);
}

static void ima(void **state)
{
	static const struct { const char *cmdline; bool demands; } lines[] = {
		{ "ima_policy=secure_boot", true }, { "ima-policy=\"tcb|secure_boot\"", true },
		{ "ima_policy=secure_boot ima_appraise=log", false },
		{ "ima_appraise=enforce ima_policy=secure_boot", true },
		{ "ima_policy=tcb", false }, { "x=ima_policy=secure_boot", false },
		{ "ima_appraise=enforce", false },
	};
	char *root = a_machine();
	struct machine m;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		tree_put(root, "/proc/cmdline", lines[i].cmdline);
		look(&m, root);
		assert_int_equal(m.ima, lines[i].demands);
	}
	tree_remove(root);
}

static void processors(void **state)
{
	static const struct { const char *possible; unsigned cpus; } lists[] = {
		{ "0\n", 1 }, { "0-1\n", 2 }, { "0-3,8,10-11\n", 7 }, { "", 1 }, { "x\n", 1 },
		{ "3-1\n", 1 }, { "0-99999999\n", 1 }, { "0-7,\n", 8 },
	};
	char *root = a_machine();
	struct machine m;

	(void)state;
	/* without CRASH_HOTPLUG a program header each is needed, and three more */
	tree_put(root, "/sys/kernel/crash_elfcorehdr_size", "0\n");
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		tree_put(root, "/sys/devices/system/cpu/possible", lists[i].possible);
		look(&m, root);
		assert_int_equal(m.headers, 64 + 56 * (lists[i].cpus + 3));
	}
	tree_put(root, "/sys/kernel/crash_elfcorehdr_size", "18446744073709551615\n");
	look(&m, root);
	assert_true(m.headers < 1000);

	tree_put(root, "/proc/cmdline", "no5lvl\n");
	look(&m, root);
	assert_false(m.five_level);
	assert_false(m.asked);
	tree_put(root, "/proc/cmdline", "\n");
	tree_put(root, "/proc/cpuinfo", "flags\t\t: fpu la57x\n");
	look(&m, root);
	assert_false(m.five_level);
	tree_put(root, "/proc/cpuinfo", "flags\t\t: fpu la57\n");
	look(&m, root);
	assert_true(m.five_level);
	/* a configuration that does not know the option is not one that has it off */
	tree_put(root, "/boot/config-6.12.0-x", "CONFIG_X=y\n");
	look(&m, root);
	assert_true(m.five_level);
	tree_put(root, "/boot/config-6.12.0-x", "CONFIG_X=y\n# CONFIG_X86_5LEVEL is not set\n");
	look(&m, root);
	assert_false(m.five_level);
	tree_put(root, "/sys/firmware/efi/fw_platform_size", "32\n");
	tree_put(root, "/sys/kernel/config/crash_dm_crypt_keys/count", "2\n");
	look(&m, root);
	assert_true(m.efi32);
	assert_true(m.crypt_keys);
	tree_remove(root);
}

/* a kernel that shows little, and files full of nonsense */
static void little(void **state)
{
	char *root = tree_make();
	struct machine m;

	(void)state;
	assert_int_equal(machine_look(&m, root), -1);
	assert_failed(ERR_SYS, "/sys is not mounted");
	assert_int_equal(machine_loaded(root), -1);
	tree_put(root, "/sys/kernel/notes", "");
	assert_int_equal(machine_look(&m, root), -1);
	assert_failed(ERR_SYS, "/proc/iomem");
	tree_put(root, "/proc/iomem", "00000000-00000000 : Crash kernel\n");
	look(&m, root);
	assert_false(m.has_kexec);
	assert_int_equal(m.reserved, 0);
	assert_int_equal(m.region.end, 0);
	assert_int_equal(m.memory, 0);
	assert_int_equal(machine_loaded(root), 0);

	tree_put(root, "/proc/meminfo", "MemTotal: many kB\nMemAvailable: 99999999999999999999 kB\n");
	look(&m, root);
	assert_int_equal(m.memory, 0);
	assert_int_equal(m.available, 0);
	tree_put(root, "/sys/kernel/kexec_crash_size", "much\n");
	assert_int_equal(machine_look(&m, root), -1);
	assert_failed(ERR_CORRUPT, "kexec_crash_size");
	tree_put(root, "/sys/kernel/kexec_crash_size", "0\n");
	look(&m, root);
	assert_true(m.has_kexec);
	tree_put(root, "/sys/kernel/kexec_crash_loaded", "yes\n");
	assert_int_equal(machine_look(&m, root), -1);
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typical),
		cmocka_unit_test(permission),
		cmocka_unit_test(signatures),
		cmocka_unit_test(ima),
		cmocka_unit_test(processors),
		cmocka_unit_test(little),
	};

	return RUN(tests);
}
