/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Both slots go through the same tests of permission, format, signature and size
 * (kernel/kexec_file.c, Linux 6.1 to 7.2); only the placement is another, so an errno
 * that tells of memory says nothing about the reservation.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "file-load.h"
#include "load.h"
#include "machine.h"
#include "num.h"
#include "rehearse.h"
#include "say.h"

#define MARK "/run/crashpipe/rehearsal"

enum {
	ATTEMPTS = 2,			/* to load and to unload */
	SPARE = 32 << 20,		/* bytes of memory to leave free */
};

/* the kernel keeps its copy of both files until the segments are in place */
static bool has_memory(const struct load *ld, const struct machine *m)
{
	uint64_t need;

	return num_add(ld->image.size, ld->image.init_size, &need) &&
	       num_add(need, ld->initrd_size, &need) &&
	       num_add(need, ld->initrd_size, &need) && num_add(need, SPARE, &need) &&
	       need <= m->available;
}

static const char *obstacle(const struct load *ld, const struct machine *m)
{
	if (ld->classic)
		return "the classical call cannot be rehearsed";
	if (m->reboot_loaded)
		return "a kernel for a reboot is loaded, which a rehearsal would cost";
	if (m->reboot_limited && m->reboot_limit < ATTEMPTS)
		return "kernel.kexec_load_limit_reboot leaves too few attempts";
	if (m->available && !has_memory(ld, m))
		return "too little memory is free for one more copy of the files";
	return NULL;
}

bool rehearse_possible(const struct load *ld, const struct machine *m)
{
	return obstacle(ld, m) == NULL;
}

/* a file that is there only while the kernel of a rehearsal may be loaded */
static void set_mark(bool on)
{
	int fd = on ? open(MARK, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

	if (fd >= 0)
		close(fd);
	if (!on)
		unlink(MARK);
}

void rehearse_mend(struct machine *m)
{
	if (access(MARK, F_OK))
		return;
	if (m->reboot_loaded && file_unload_reboot() == 0) {
		warn("a rehearsal that was killed had left its kernel for the next reboot:"
		     " unloaded");
		m->reboot_loaded = false;
	}
	set_mark(false);
}

int rehearse(const struct load *ld, const struct machine *m, int *errnum, const char **why)
{
	bool left = false;

	*errnum = 0;
	*why = obstacle(ld, m);
	if (*why)
		return 0;
	set_mark(true);
	*errnum = file_rehearse(ld, &left);
	set_mark(left);
	if (left)
		complain("the rehearsal's kernel could not be unloaded: \"kexec -u\" does, before"
			 " a reboot boots it");
	switch (*errnum) {
	case 0:
		return 1;
	case ENOMEM:
	case EADDRNOTAVAIL:
		*why = "the kernel found no memory for it";
		return 0;
	case ENOSYS:
		*why = "this kernel lacks kexec_file_load";
		return 0;
	default:
		return -1;
	}
}
