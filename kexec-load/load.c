/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "err.h"
#include "load.h"
#include "stop.h"

/* KEXEC_FILE_SIZE_MAX in kernel/kexec_file.c */
static const uint64_t file_max = (uint64_t)4 << 30;

/* there a lease is refused with EAGAIN for want of the server's consent, too */
static bool on_network(int fd)
{
	/* NFS, CIFS, SMB2: linux/magic.h */
	static const uint32_t types[] = { 0x6969, 0xff534d42, 0xfe534d42 };
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if ((uint32_t)fs.f_type == types[i])
			return true;
	return false;
}

/* a read lease is refused with EAGAIN while anybody has the file open for writing */
static int check_writers(int fd)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	int errnum = 0;

	/* who opens it for writing meanwhile breaks the lease, and SIGIO tells us */
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGIO, &ignore, &old);
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0)
		fcntl(fd, F_SETLEASE, F_UNLCK);
	else
		errnum = errno;
	sigaction(SIGIO, &old, NULL);
	if (errnum == EAGAIN && !on_network(fd))
		return fail(ERR_AGAIN, "open for writing: wait until it is finished");
	return 0;
}

/* the kernel takes whole regular files only, and none that somebody writes to */
static int check_file(int fd, struct stat *st)
{
	if (fstat(fd, st))
		return fail_sys("fstat");
	if (!S_ISREG(st->st_mode))
		return fail(ERR_UNKNOWN, "%s", S_ISDIR(st->st_mode) ? "is a directory" :
			    "not a regular file: copy it into one");
	if (st->st_size == 0)
		return fail(ERR_CORRUPT, "empty");
	if ((uint64_t)st->st_size > file_max)
		return fail(ERR_UNKNOWN, "%" PRIu64 " bytes: the kernel takes 4 GiB at"
			    " most",
			    (uint64_t)st->st_size);
	return check_writers(fd);
}

/* a device or a pipe must not make us wait */
static int open_file(const char *path, int *fd, struct stat *st)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (*fd < 0)
		return fail_sys("%s", path);
	return check_file(*fd, st) ? fail_in(path) : 0;
}

/* the UKI's own: a descriptor that is closed apart from the image */
static int take_packaged_initrd(struct load *ld)
{
	if (ld->image.initrd_fd < 0)
		return 0;
	ld->initrd_fd = fcntl(ld->image.initrd_fd, F_DUPFD_CLOEXEC, 0);
	if (ld->initrd_fd < 0)
		return fail_sys("%s: its initrd", ld->kernel);
	ld->initrd_size = ld->image.initrd_size;
	return 0;
}

int load_open(struct load *ld, const char *kernel, const char *initrd, const char *type)
{
	*ld = (struct load){ .kernel = kernel, .initrd = initrd, .kernel_fd = -1,
			     .initrd_fd = -1, .image = { .fd = -1, .initrd_fd = -1 } };
	if (open_file(kernel, &ld->kernel_fd, &ld->kernel_stat))
		return -1;
	if (bootimage_open(&ld->image, ld->kernel_fd, (uint64_t)ld->kernel_stat.st_size, type))
		return fail_in(kernel);
	if (!initrd)
		return take_packaged_initrd(ld);
	if (open_file(initrd, &ld->initrd_fd, &ld->initrd_stat))
		return -1;
	ld->initrd_size = (uint64_t)ld->initrd_stat.st_size;
	return 0;
}

bool load_has_initrd(const struct load *ld)
{
	return ld->initrd_fd >= 0;
}

const char *load_initrd_name(const struct load *ld)
{
	return ld->initrd ? ld->initrd : "the kernel's own initrd";
}

static int read_file(int fd, const char *path, uint64_t size)
{
	char buf[1 << 16];

	for (uint64_t at = 0; at < size;) {
		ssize_t n = pread(fd, buf, sizeof buf, (off_t)at);

		if (stop_check())
			return -1;
		if (n < 0)
			return fail_sys("%s: reading at %#" PRIx64, path, at);
		if (n == 0)
			return fail(ERR_AGAIN, "%s: became shorter while it was read", path);
		at += (uint64_t)n;
	}
	return 0;
}

int load_read(const struct load *ld)
{
	if (read_file(ld->kernel_fd, ld->kernel, (uint64_t)ld->kernel_stat.st_size))
		return -1;
	return ld->initrd ? read_file(ld->initrd_fd, ld->initrd, ld->initrd_size) : 0;
}

/* a writer who has come and gone has left another time or size */
static int unchanged(int fd, const struct stat *was)
{
	struct stat st;

	if (check_writers(fd))
		return -1;
	if (fstat(fd, &st))
		return fail_sys("fstat");
	if (st.st_size != was->st_size || st.st_mtim.tv_sec != was->st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
		return fail(ERR_AGAIN, "was changed while it was read: try again");
	return 0;
}

int load_unchanged(const struct load *ld)
{
	if (unchanged(ld->kernel_fd, &ld->kernel_stat))
		return fail_in(ld->kernel);
	if (ld->initrd && unchanged(ld->initrd_fd, &ld->initrd_stat))
		return fail_in(ld->initrd);
	return 0;
}

void load_close(struct load *ld)
{
	if (ld->kernel_fd >= 0)
		close(ld->kernel_fd);
	if (ld->initrd_fd >= 0)
		close(ld->initrd_fd);
	bootimage_close(&ld->image);
	free(ld->cmdline);
	*ld = (struct load){ .kernel_fd = -1, .initrd_fd = -1, .image = { .fd = -1, .initrd_fd = -1 } };
}
