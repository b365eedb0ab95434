/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "arch.h"
#include "kinfo.h"

static const struct arch *const known[] = { &arch_x86_64, &arch_arm64 };
enum { NKNOWN = sizeof known / sizeof known[0] };

/* machines whose dumps can be copied, although their kernels cannot be read yet */
static const struct {
	const char *utsname;
	uint16_t machine;
} named[] = {
	{ "x86_64", EM_X86_64 },
	{ "aarch64", EM_AARCH64 },
	{ "ppc64", EM_PPC64 },
	{ "s390x", EM_S390 },
	{ "riscv64", EM_RISCV },
	{ "loongarch64", 258 },		/* EM_LOONGARCH, not in every elf.h */
};
enum { NNAMED = sizeof named / sizeof named[0] };

const struct arch *arch_find(uint16_t machine)
{
	for (int i = 0; i < NKNOWN; i++)
		if (known[i]->machine == machine)
			return known[i];
	return NULL;
}

uint16_t arch_machine(const char *utsname)
{
	for (int i = 0; i < NNAMED; i++)
		if (strncmp(utsname, named[i].utsname, strlen(named[i].utsname)) == 0)
			return named[i].machine;
	return EM_NONE;
}

uint16_t arch_of_kernel(const struct kinfo *ki)
{
	int64_t value;

	for (int i = 0; i < NKNOWN; i++)
		if (ki->text && kinfo_number(ki, known[i]->number, &value))
			return known[i]->machine;
	return EM_NONE;
}

const char *arch_utsname(uint16_t machine)
{
	for (int i = 0; i < NNAMED; i++)
		if (named[i].machine == machine)
			return named[i].utsname;
	return NULL;
}
