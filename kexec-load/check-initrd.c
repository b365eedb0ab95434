/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel does with an initial RAM disk (init/initramfs.c, init/main.c
 * (kernel_init_freeable), init/do_mounts_initrd.c, Linux 6.1 to 7.2): it unpacks the
 * archives and starts /init, or what rdinit= names. Where that is not there or may not be
 * executed, it mounts root= itself, and without that it panics. An image of a file system
 * is mounted only where root= is /dev/ram.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cmdline.h"
#include "err.h"
#include "initrd.h"
#include "load.h"
#include "machine.h"
#include "num.h"

enum { MIB = 1 << 20 };

static bool has_root(const char *cmdline, bool *ram)
{
	char *root = cmdline_value(cmdline, "root");
	bool there = root && root[0];

	*ram = there && strncmp(root, "/dev/ram", 8) == 0;
	free(root);
	return there;
}

/* walk() has failed: an image of a file system may be meant */
static int not_an_archive(const struct load *ld, void (*doubt)(const char *, ...))
{
	bool ram;

	has_root(ld->cmdline, &ram);
	if (err_code() == ERR_UNKNOWN && ram) {
		doubt("%s: %s: only a kernel with CONFIG_BLK_DEV_RAM can use it",
		      load_initrd_name(ld), err_text());
		return 0;
	}
	return fail_in(load_initrd_name(ld));
}

static int nothing_to_run(const struct load *ld, const char *init, const char *fault,
			  void (*doubt)(const char *, ...))
{
	bool ram;

	if (has_root(ld->cmdline, &ram)) {
		doubt("%s: %s %s: the capture kernel will mount root= instead",
		      load_initrd_name(ld), init, fault);
		return 0;
	}
	fail(ERR_CORRUPT, "%s %s: the capture kernel would panic: make the initrd again, or name"
	     " another program by rdinit=", init, fault);
	return fail_in(load_initrd_name(ld));
}

static int judge(const struct load *ld, const char *init, void (*doubt)(const char *, ...))
{
	const struct initrd *rd = &ld->contents;

	if (rd->stops_at)
		doubt("%s: %s: the capture kernel stops there and starts without the rest",
		      load_initrd_name(ld), err_text());
	if (rd->not_all)
		doubt("%s: part of it is packed in a way that cannot be tested here: %s",
		      load_initrd_name(ld), rd->kinds);
	if (!rd->has_init && rd->not_all)
		doubt("%s: %s was not found in the part that can be read", load_initrd_name(ld),
		      init);
	else if (!rd->has_init && rd->behind_link)
		doubt("%s: %s was not found: a folder on its path is a symbolic link",
		      load_initrd_name(ld), init);
	else if (!rd->has_init)
		return nothing_to_run(ld, init, "is not in it", doubt);
	else if (!rd->init_executable)
		return nothing_to_run(ld, init, "in it may not be executed", doubt);
	if (!rd->has_trailer && !rd->not_all)
		doubt("%s: the last archive has no end: is the file whole?",
		      load_initrd_name(ld));
	return 0;
}

/* at one moment all three are there: the kernel, the archive, and what was in it */
void check_unpacked(const struct load *ld, const struct machine *m,
		    void (*doubt)(const char *fmt, ...))
{
	uint64_t need = ld->image.kernel_size ? ld->image.kernel_size : ld->image.init_size;
	uint64_t have = m->region.end - m->region.start;

	if (have < m->reserved)
		have = m->reserved;
	if (num_add(need, ld->initrd_size, &need) &&
	    num_add(need, ld->contents.unpacked, &need) && need <= have)
		return;
	doubt("%s: packed and unpacked it takes %" PRIu64 " MiB, with the kernel more than the"
	      " %" PRIu64 " MiB reserved: the capture kernel will run out of memory (see"
	      " crashreserve estimate)", load_initrd_name(ld),
	      num_div_up(ld->contents.unpacked, MIB) + num_div_up(ld->initrd_size, MIB),
	      have / MIB);
}

int check_initrd(struct load *ld, void (*doubt)(const char *fmt, ...))
{
	if (!load_has_initrd(ld))
		return 0;
	char *named = cmdline_value(ld->cmdline, "rdinit");
	const char *init = named && named[0] ? named : "/init";
	int status;

	if (initrd_walk(&ld->contents, ld->initrd_fd, ld->initrd_size, init))
		status = err_code() == ERR_UNKNOWN || err_code() == ERR_CORRUPT ?
			 not_an_archive(ld, doubt) : fail_in(load_initrd_name(ld));
	else
		status = judge(ld, init, doubt);
	free(named);
	return status;
}
