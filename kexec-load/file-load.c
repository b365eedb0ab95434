/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flags and their ages: include/uapi/linux/kexec.h, Linux 7.2. An unknown flag
 * is refused (EINVAL) before the old panic kernel is thrown away, so trying is safe.
 */
#include <errno.h>
#include <linux/kexec.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file-load.h"
#include "load.h"
#include "machine.h"
#include "stop.h"

enum {
	FLAG_DEBUG = 0x8,	/* KEXEC_FILE_DEBUG, since 6.8 */
};

/* ld is NULL to unload */
static int call(const struct load *ld, unsigned long flags)
{
	size_t len = ld ? strlen(ld->cmdline) + 1 : 0;
	int errnum, tries = 0;

	do {
		/* waiting may have been long */
		if (ld && load_unchanged(ld))
			return ECANCELED;
		if (syscall(SYS_kexec_file_load, ld ? ld->kernel_fd : -1,
			    ld ? ld->initrd_fd : -1, len, ld ? ld->cmdline : NULL, flags) == 0)
			return 0;
		errnum = errno;
	} while (errnum == EBUSY && machine_wait(tries++));
	return errnum == EBUSY && stop_check() ? ECANCELED : errnum;
}

int file_load(const struct load *ld, bool log)
{
	unsigned long flags = KEXEC_FILE_ON_CRASH;
	int errnum;

	if (ld->initrd_fd < 0)
		flags |= KEXEC_FILE_NO_INITRAMFS;
	if (log) {
		errnum = call(ld, flags | FLAG_DEBUG);
		if (errnum != EINVAL)
			return errnum;
	}
	return call(ld, flags);
}

/* under lockdown this works, and the classical call does not: it is for kernels without */
int file_unload(void)
{
	int errnum = call(NULL, KEXEC_FILE_ON_CRASH | KEXEC_FILE_UNLOAD);

	if (errnum != ENOSYS)
		return errnum;
	return syscall(SYS_kexec_load, 0L, 0L, NULL, KEXEC_ON_CRASH) == 0 ? 0 : errno;
}
