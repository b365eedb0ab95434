/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "map.h"
#include "num.h"
#include "shrink.h"

enum { BUSY_TRIES = 30, BUSY_MS = 100 };

static int refuse(const struct shrink_in *in, uint64_t wanted)
{
	char have[MAP_SIZE], want[MAP_SIZE];

	map_size(have, in->crash_size);
	map_size(want, wanted);
	if (in->crash_size == 0)
		return fail(ERR_SYS, "no memory is reserved: there is nothing to give back");
	if (wanted > in->crash_size)
		return fail(ERR_SYS, "%s are reserved: it cannot grow to %s without a reboot with"
			    " another crashkernel=", have, want);
	if (in->loaded)
		return fail(ERR_SYS, "a capture kernel is loaded: the kernel gives nothing back"
			    " while it is; unload it (kexec-load -p -u), and load it again"
			    " afterwards");
	return 0;
}

int shrink_plan(struct shrink_plan *plan, const struct shrink_in *in, uint64_t wanted)
{
	uint64_t page = in->page_size ? in->page_size : 4096, both;

	*plan = (struct shrink_plan){ .main = in->main, .low = in->low };
	if (!num_round_up(wanted, page, &plan->wanted))
		return fail(ERR_USAGE, "%" PRIu64 " is no size", wanted);
	if (plan->wanted == in->crash_size && in->crash_size > 0) {
		plan->nothing = true;
		return 0;
	}
	if (refuse(in, plan->wanted))
		return -1;
	/* the kernel's own sum tells which of the two it is */
	plan->counts_low = in->low > 0 && num_add(in->main, in->low, &both) &&
			   both == in->crash_size;
	if (!plan->counts_low) {
		plan->main = plan->wanted;
	} else if (plan->wanted > in->low) {
		plan->main = plan->wanted - in->low;
	} else {
		plan->main = plan->wanted;
		plan->low = 0;
	}
	return 0;
}

static int open_file(const char **path)
{
	static const char *const paths[] = {
		"/sys/kernel/kexec/crash_size",		/* since 6.19 */
		"/sys/kernel/kexec_crash_size",
	};
	int fd = -1;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0] && fd < 0; i++) {
		*path = paths[i];
		fd = open(*path, O_WRONLY | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
			break;
	}
	return fd;
}

static int write_once(const char *text, const char **path)
{
	int fd = open_file(path), errnum = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		errnum = errno;
	close(fd);
	return errnum;
}

int shrink_write(uint64_t bytes)
{
	char text[32];
	const char *path = "";
	int errnum, tries = 0;

	snprintf(text, sizeof text, "%" PRIu64 "\n", bytes);
	while ((errnum = write_once(text, &path)) == EBUSY && tries++ < BUSY_TRIES)
		nanosleep(&(struct timespec){ .tv_nsec = BUSY_MS * 1000000L }, NULL);
	switch (errnum) {
	case 0:
		return 0;
	case EBUSY:
		return fail(ERR_AGAIN, "another program is loading or resizing: try again");
	case EACCES:
	case EPERM:
		return fail(ERR_SYS, "%s: may not be written to: run it as root", path);
	case ENOENT:
		return fail(ERR_SYS, "%s: a capture kernel has been loaded meanwhile", path);
	case EROFS:
		return fail(ERR_SYS, "%s: /sys is mounted read-only (a container?)", path);
	default:
		errno = errnum;
		return fail_sys("%s: %" PRIu64 " bytes", path, bytes);
	}
}
