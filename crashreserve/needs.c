/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "judge.h"
#include "needs.h"
#include "num.h"
#include "say.h"
#include "sysfs.h"

#define MIB(n) ((uint64_t)(n) << 20)

/* where distributions put what was made for captures, %s the kernel's release */
static const char *const capture_initrds[] = {
	"/boot/initramfs-%skdump.img",		/* Fedora, RHEL */
	"/var/lib/kdump/initramfs-%skdump.img",	/* the same, /boot being read-only */
	"/var/lib/kdump/initrd.img-%s",		/* Debian, Ubuntu */
	"/var/lib/kdump/initrd",		/* SUSE */
	"/boot/initrd-%s-kdump",		/* SUSE, older */
};

static const char *const general_initrds[] = {
	"/boot/initrd.img-%s",
	"/boot/initramfs-%s.img",
	"/boot/initrd-%s",
	"/usr/lib/modules/%s/initrd",
};

static const char *const kernels[] = {
	"/boot/vmlinuz-%s",
	"/boot/vmlinux-%s",
	"/boot/Image-%s",
	"/boot/image-%s",
	"/usr/lib/modules/%s/vmlinuz",
	"/lib/modules/%s/vmlinuz",
};

/* root and path in one, to be freed; NULL after fail() */
static char *below(const struct state *st, const char *path)
{
	char *full;

	if (asprintf(&full, "%s%s", st->root ? st->root : "", path) < 0) {
		fail(ERR_MEMORY, "out of memory");
		return NULL;
	}
	return full;
}

/* a name of the tables above, with the machine's release in it */
static char *named(const struct state *st, const char *name)
{
	char path[256];
	const char *at = strstr(name, "%s");

	if (!at)
		return below(st, name);
	snprintf(path, sizeof path, "%.*s%s%s", (int)(at - name), name, st->release, at + 2);
	return below(st, path);
}

/* the first of these that is a file, in *found; -1 after fail(), 0 without one */
static int find(const struct state *st, const char *const *names, size_t n, char **found)
{
	struct stat sb;

	if (!st->release[0] || strchr(st->release, '/'))
		return 0;
	for (size_t i = 0; i < n; i++) {
		char *path = named(st, names[i]);

		if (!path)
			return -1;
		if (stat(path, &sb) == 0 && S_ISREG(sb.st_mode)) {
			*found = path;
			return 0;
		}
		free(path);
	}
	return 0;
}

static int set(char **to, const char *text)
{
	*to = strdup(text);
	return *to ? 0 : fail(ERR_MEMORY, "out of memory");
}

static int choose_recorded(struct needs *n, const struct state *st)
{
	n->recorded = true;
	n->kernel = below(st, st->record.kernel.path);
	if (!n->kernel)
		return -1;
	if (st->record.initrd.path) {
		n->initrd = below(st, st->record.initrd.path);
		if (!n->initrd)
			return -1;
	}
	return st->record.cmdline ? set(&n->cmdline, st->record.cmdline) : 0;
}

static int choose_initrd(struct needs *n, const struct state *st)
{
	if (find(st, capture_initrds, sizeof capture_initrds / sizeof *capture_initrds,
		 &n->initrd) < 0)
		return -1;
	if (n->initrd)
		return 0;
	if (find(st, general_initrds, sizeof general_initrds / sizeof *general_initrds,
		 &n->initrd) < 0)
		return -1;
	n->general = n->initrd;
	return 0;
}

static int choose(struct needs *n, const struct state *st, const char *kernel,
		  const char *initrd)
{
	if (kernel)
		return set(&n->kernel, kernel) < 0 ||
		       (initrd && set(&n->initrd, initrd) < 0) ? -1 : 0;
	if (st->has_record == 1 && st->record.kernel.path && !initrd)
		return choose_recorded(n, st);
	if (find(st, kernels, sizeof kernels / sizeof *kernels, &n->kernel) < 0)
		return -1;
	if (!n->kernel)
		return fail(ERR_SYS, "no kernel of release %s in /boot: say which with --kernel",
			    st->release[0] ? st->release : "unknown");
	return initrd ? set(&n->initrd, initrd) : choose_initrd(n, st);
}

static int open_file(const char *path, uint64_t *size)
{
	struct stat sb;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return fail_sys("%s", path);
	if (fstat(fd, &sb) < 0) {
		fail_sys("%s", path);
		goto failed;
	}
	if (!S_ISREG(sb.st_mode)) {
		fail(ERR_UNKNOWN, "%s: not a regular file", path);
		goto failed;
	}
	*size = (uint64_t)sb.st_size;
	return fd;
failed:
	close(fd);
	return -1;
}

static int open_kernel(struct needs *n)
{
	uint64_t size;

	n->kernel_fd = open_file(n->kernel, &size);
	if (n->kernel_fd < 0)
		return -1;
	if (bootimage_open(&n->image, n->kernel_fd, size, NULL) < 0 ||
	    bootimage_prove(&n->image, warn) < 0)
		return fail_in(n->kernel);
	return 0;
}

static int open_initrd(struct needs *n)
{
	int fd = n->image.initrd_fd;

	if (n->initrd) {
		n->initrd_fd = open_file(n->initrd, &n->initrd_size);
		fd = n->initrd_fd;
		if (fd < 0)
			return -1;
	} else if (fd >= 0) {
		n->initrd_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		n->initrd_size = n->image.initrd_size;
		if (n->initrd_fd < 0)
			return fail_sys("%s: initial RAM disk", n->kernel);
	}
	if (fd < 0)
		return 0;
	if (initrd_walk(&n->rd, fd, n->initrd_size, "/init") < 0)
		return fail_in(n->initrd ? n->initrd : n->kernel);
	if (n->rd.not_all)
		warn("%s: part of it is packed with what this build cannot unpack: the sum lacks it",
		     n->initrd ? n->initrd : n->kernel);
	return 0;
}

/* what the kernel's file does not say is as on this machine, if it is of its kind */
static uint64_t page_size(const struct needs *n, const struct state *st)
{
	if (n->image.page_size)
		return n->image.page_size;
	return n->in.page_size && strcmp(n->image.arch, st->arch) == 0 ? n->in.page_size : 4096;
}

int needs_open(struct needs *n, const struct state *st, const char *kernel, const char *initrd)
{
	*n = (struct needs){ .kernel_fd = -1, .initrd_fd = -1,
			     .image = { .fd = -1, .initrd_fd = -1 } };
	judge_needs(&n->in, st);
	if (choose(n, st, kernel, initrd) < 0 || open_kernel(n) < 0 || open_initrd(n) < 0)
		return -1;
	n->modules_loaded = st->modules;
	if (!n->cmdline && n->image.cmdline && set(&n->cmdline, n->image.cmdline) < 0)
		return -1;
	if (!n->recorded)
		n->in.cpus = 1;
	n->in.arch = n->image.arch;
	n->in.page_size = page_size(n, st);
	n->in.init_size = n->image.init_size;
	n->in.kernel_size = n->image.kernel_size;
	n->in.initrd_packed = n->initrd_size;
	n->in.initrd_unpacked = n->rd.unpacked;
	n->in.modules = look_modules(st, n->rd.modules);
	n->in.cmdline = n->cmdline;
	return 0;
}

void needs_close(struct needs *n)
{
	bootimage_close(&n->image);
	if (n->initrd_fd >= 0)
		close(n->initrd_fd);
	if (n->kernel_fd >= 0)
		close(n->kernel_fd);
	free(n->kernel);
	free(n->initrd);
	free(n->cmdline);
	*n = (struct needs){ .kernel_fd = -1, .initrd_fd = -1,
			     .image = { .fd = -1, .initrd_fd = -1 } };
}
