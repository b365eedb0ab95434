/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * include/uapi/linux/kexec.h, Linux 7.2. The upper half of the flags is the ELF machine
 * number. An unknown flag is refused (EINVAL) before the old panic kernel is thrown away,
 * but where attempts are counted it costs one: so first the flag that x86 has known since
 * it can update the elfcorehdr at all (6.6), then the one of 6.10, which others need.
 */
#include <elf.h>
#include <errno.h>
#include <linux/kexec.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "classic.h"
#include "err.h"
#include "layout.h"
#include "machine.h"
#include "stop.h"

enum {
	FLAG_UPDATE_ELFCOREHDR = 0x4,	/* KEXEC_UPDATE_ELFCOREHDR, since 6.6 */
	FLAG_HOTPLUG = 0x8,		/* KEXEC_CRASH_HOTPLUG_SUPPORT, since 6.10 */
};

/* the call's segments; only their number and the entry are passed by value */
struct call {
	unsigned long entry, n;
	struct kexec_segment seg[LAYOUT_SEGMENTS];
};

static int make_call(const struct call *call, unsigned long flags)
{
	int errnum, tries = 0;

	do {
		if (syscall(SYS_kexec_load, call->entry, call->n, call->seg, flags) == 0)
			return 0;
		errnum = errno;
	} while (errnum == EBUSY && machine_wait(tries++));
	return errnum == EBUSY && stop_check() ? ECANCELED : errnum;
}

static unsigned long machine_flag(const char *arch)
{
	static const struct { const char *arch; unsigned long machine; } machines[] = {
		{ "x86_64", EM_X86_64 }, { "aarch64", EM_AARCH64 },
	};

	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++)
		if (strcmp(arch, machines[i].arch) == 0)
			return machines[i].machine << 16;
	return 0;
}

static bool has_room_for_changes(const struct layout *ly)
{
	for (unsigned i = 0; i < ly->n; i++)
		if (ly->seg[i].changes)
			return true;
	return false;
}

int classic_load(const struct layout *ly, const char *arch, bool *hotplug)
{
	unsigned long flags = KEXEC_ON_CRASH | machine_flag(arch);
	struct call call = { .entry = ly->entry, .n = ly->n };
	int errnum;

	for (unsigned i = 0; i < ly->n; i++)
		call.seg[i] = (struct kexec_segment){
			.buf = ly->seg[i].bytes, .bufsz = ly->seg[i].len,
			.mem = (void *)(uintptr_t)ly->seg[i].at, .memsz = ly->seg[i].size,
		};
	if (*hotplug && has_room_for_changes(ly)) {
		errnum = make_call(&call, flags | FLAG_UPDATE_ELFCOREHDR);
		if (errnum == EINVAL)
			errnum = make_call(&call, flags | FLAG_HOTPLUG);
		if (errnum != EINVAL)
			return errnum;
	}
	*hotplug = false;
	return make_call(&call, flags);
}

int classic_unload(void)
{
	static const struct call none;

	return make_call(&none, KEXEC_ON_CRASH);
}
