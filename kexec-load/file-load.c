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

static int call(int kernel_fd, int initrd_fd, const char *cmdline, unsigned long flags)
{
	size_t len = cmdline ? strlen(cmdline) + 1 : 0;
	int errnum, tries = 0;

	do {
		if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd, len, cmdline, flags) == 0)
			return 0;
		errnum = errno;
	} while (errnum == EBUSY && machine_wait(tries++));
	return errnum == EBUSY && stop_check() ? EINTR : errnum;
}

int file_load(const struct load *ld, bool log)
{
	unsigned long flags = KEXEC_FILE_ON_CRASH;
	int errnum;

	if (ld->initrd_fd < 0)
		flags |= KEXEC_FILE_NO_INITRAMFS;
	if (log) {
		errnum = call(ld->kernel_fd, ld->initrd_fd, ld->cmdline, flags | FLAG_DEBUG);
		if (errnum != EINVAL)
			return errnum;
	}
	return call(ld->kernel_fd, ld->initrd_fd, ld->cmdline, flags);
}

/* under lockdown this works, and the classical call does not: it is for kernels without */
int file_unload(void)
{
	int errnum = call(-1, -1, NULL, KEXEC_FILE_ON_CRASH | KEXEC_FILE_UNLOAD);

	if (errnum != ENOSYS)
		return errnum;
	return syscall(SYS_kexec_load, 0L, 0L, NULL, KEXEC_ON_CRASH) == 0 ? 0 : errno;
}
