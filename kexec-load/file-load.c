/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The flags and their ages: include/uapi/linux/kexec.h, Linux 7.2. An unknown flag
 * is refused (EINVAL) before the old panic kernel is thrown away, so trying is safe.
 */
#include <errno.h>
#include <linux/kexec.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "classic.h"
#include "file-load.h"
#include "load.h"
#include "machine.h"
#include "stop.h"

enum {
	FLAG_DEBUG = 0x8,	/* KEXEC_FILE_DEBUG, since 6.8 */
	UNLOAD_TRIES = 100,
	UNLOAD_MS = 100,
};

/* ld is NULL to unload; 0 or an errno */
static int call_once(const struct load *ld, unsigned long flags)
{
	size_t len = ld ? strlen(ld->cmdline) + 1 : 0;

	/* waiting may have been long */
	if (ld && load_unchanged(ld))
		return ECANCELED;
	if (syscall(SYS_kexec_file_load, ld ? ld->image.fd : -1, ld ? ld->initrd_fd : -1, len,
		    ld ? ld->cmdline : NULL, flags) == 0)
		return 0;
	return errno;
}

static int call(const struct load *ld, unsigned long flags)
{
	int errnum, tries = 0;

	do
		errnum = call_once(ld, flags);
	while (errnum == EBUSY && machine_wait(tries++));
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

	return errnum == ENOSYS ? classic_unload() : errnum;
}

/* while signals wait: what is loaded is unloaded again */
static int load_and_unload(const struct load *ld, bool *left)
{
	int errnum = call_once(ld, ld->initrd_fd < 0 ? KEXEC_FILE_NO_INITRAMFS : 0), undone;

	*left = false;
	if (errnum)
		return errnum;
	for (int tries = 0; (undone = call_once(NULL, KEXEC_FILE_UNLOAD)) == EBUSY; tries++) {
		if (tries == UNLOAD_TRIES)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = UNLOAD_MS * 1000000L }, NULL);
	}
	*left = undone != 0;
	return 0;
}

int file_unload_reboot(void)
{
	return call(NULL, KEXEC_FILE_UNLOAD);
}

int file_rehearse(const struct load *ld, bool *left)
{
	sigset_t all, before;
	int errnum, tries = 0;

	sigfillset(&all);
	do {
		sigprocmask(SIG_BLOCK, &all, &before);
		errnum = load_and_unload(ld, left);
		sigprocmask(SIG_SETMASK, &before, NULL);
	} while (errnum == EBUSY && machine_wait(tries++));
	return errnum == EBUSY && stop_check() ? ECANCELED : errnum;
}

/* flags that nobody knows are refused wherever the call exists; the old images stay */
int file_exists(void)
{
	return syscall(SYS_kexec_file_load, -1, -1, 0L, NULL,
		       ~(unsigned long)KEXEC_FILE_ON_CRASH) == 0 || errno != ENOSYS;
}
