/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which kernel reserves in which way. The newest rules of an architecture stand first.
 *
 * Read in the sources of 5.10, 6.1, 6.12 and 7.2. The versions between them in which
 * something changed are those of the commits as mainline released them.
 */
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "eval.h"

enum { KIB = 10, MIB = 20, GIB = 30 };
#define SIZE(n, unit) ((uint64_t)(n) << (unit))

static const struct eval_rules rules[] = {
	/* arch/x86/kernel/setup.c, arch/x86/include/asm/crash_reserve.h */
	{ .arch = "x86_64", .since = EVAL_VERSION(6, 17), .way = EVAL_WAY_GENERIC,
	  .high = true, .cma = true, .cma_round = SIZE(2, MIB), .falls_back = true,
	  .swiotlb = true,
	  .cmdline_size = 2048, .align = SIZE(16, MIB), .align_offset = SIZE(16, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(256, MIB) },
	{ .arch = "x86_64", .since = EVAL_VERSION(6, 7), .way = EVAL_WAY_GENERIC,
	  .high = true, .falls_back = true, .swiotlb = true,
	  .cmdline_size = 2048, .align = SIZE(16, MIB), .align_offset = SIZE(16, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(256, MIB) },
	{ .arch = "x86_64", .way = EVAL_WAY_X86,
	  .high = true, .falls_back = true, .swiotlb = true,
	  .cmdline_size = 2048, .align = SIZE(16, MIB), .align_offset = SIZE(1, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(256, MIB) },

	/* arch/arm64/mm/init.c; low_max is arm64_dma_phys_limit: 1 GiB on some boards */
	{ .arch = "aarch64", .since = EVAL_VERSION(6, 7), .way = EVAL_WAY_GENERIC,
	  .high = true, .falls_back = true, .low_varies = true,
	  .cmdline_size = 2048, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(128, MIB) },
	{ .arch = "aarch64", .since = EVAL_VERSION(6, 2), .way = EVAL_WAY_GENERIC,
	  .high = true, .falls_back = true, .low_varies = true, .rounds_page = true,
	  .cmdline_size = 2048, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(128, MIB) },
	{ .arch = "aarch64", .since = EVAL_VERSION(5, 19), .way = EVAL_WAY_ARM64,
	  .high = true, .low_varies = true, .rounds_page = true,
	  .cmdline_size = 2048, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB) },
	{ .arch = "aarch64", .way = EVAL_WAY_PLAIN, .low_varies = true, .rounds_page = true,
	  .cmdline_size = 2048, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB) },

	/* arch/riscv/mm/init.c; low_max is dma32_phys_limit */
	{ .arch = "riscv64", .since = EVAL_VERSION(6, 7), .way = EVAL_WAY_GENERIC,
	  .high = true, .falls_back = true, .low_varies = true,
	  .cmdline_size = 1024, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(128, MIB) },
	{ .arch = "riscv64", .since = EVAL_VERSION(6, 6), .way = EVAL_WAY_GENERIC,
	  .high = true, .falls_back = true, .low_varies = true, .rounds_page = true,
	  .cmdline_size = 1024, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(128, MIB) },
	{ .arch = "riscv64", .way = EVAL_WAY_PLAIN, .falls_back = true, .rounds_page = true,
	  .cmdline_size = 1024, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB) },

	/* arch/loongarch/kernel/setup.c */
	{ .arch = "loongarch64", .since = EVAL_VERSION(6, 8), .way = EVAL_WAY_GENERIC,
	  .high = true, .falls_back = true,
	  .cmdline_size = 512, .align = SIZE(2, MIB), .align_offset = SIZE(2, MIB),
	  .round = 1, .low_max = SIZE(4, GIB), .low_default = SIZE(128, MIB) },
	{ .arch = "loongarch64", .way = EVAL_WAY_PLAIN, .needs_offset = true,
	  .cmdline_size = 512, .align = 1, .align_offset = 1, .round = 1,
	  .low_max = UINT64_MAX },

	/* arch/powerpc/kexec/core.c: get_crash_base() */
	{ .arch = "ppc64le", .since = EVAL_VERSION(6, 19), .way = EVAL_WAY_PLAIN, .cma = true,
	  .cma_round = SIZE(4, KIB), .kernel_places = true, .cmdline_size = 2048, .align = SIZE(4, KIB),
	  .align_offset = SIZE(4, KIB), .round = 1, .low_max = UINT64_MAX },
	{ .arch = "ppc64le", .way = EVAL_WAY_PLAIN, .kernel_places = true, .rounds_page = true,
	  .cmdline_size = 2048, .align = SIZE(4, KIB), .align_offset = SIZE(4, KIB),
	  .round = 1, .low_max = UINT64_MAX },

	/* arch/s390/kernel/setup.c: KEXEC_CRASH_MEM_ALIGN */
	{ .arch = "s390x", .way = EVAL_WAY_PLAIN, .kernel_places = true, .cmdline_size = 4096,
	  .align = SIZE(1, MIB), .align_offset = 1, .round = SIZE(1, MIB),
	  .low_max = UINT64_MAX },
};

/* other names for the same machine */
static const char *usual_name(const char *arch)
{
	static const char *const names[][2] = {
		{ "amd64", "x86_64" },
		{ "arm64", "aarch64" },
		{ "ppc64", "ppc64le" },
		{ "ppc64el", "ppc64le" },
		{ "loong64", "loongarch64" },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(arch, names[i][0]) == 0)
			return names[i][1];
	return arch;
}

static int version(const char *release, uint32_t *value)
{
	unsigned major, minor;

	if (sscanf(release, "%3u.%4u", &major, &minor) != 2)
		return fail(ERR_USAGE, "%s: not a kernel release, as 6.12 is one", release);
	*value = EVAL_VERSION(major, minor);
	return 0;
}

int eval_kernel(struct eval_in *in, const char *arch, const char *release)
{
	const char *name = usual_name(arch);

	if (version(release, &in->version) < 0)
		return -1;
	in->rhel8 = strstr(release, ".el7") || strstr(release, ".el8");
	in->patched = in->rhel8 || strstr(release, ".el9") || strstr(release, "uek") ||
		      (in->version == EVAL_VERSION(5, 14) && strstr(release, "-default"));
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (strcmp(rules[i].arch, name) == 0 && rules[i].since <= in->version) {
			in->rules = &rules[i];
			return 0;
		}
	}
	return fail(ERR_UNKNOWN, "%s: it is not known how this architecture reserves: "
		    "x86_64, aarch64, riscv64, loongarch64, ppc64le, s390x", arch);
}
