/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <unistd.h>

#include "bootimage.h"
#include "bootimage-kinds.h"
#include "err.h"

int bootimage_open(struct bootimage *im, int fd, uint64_t size, const char *type)
{
	(void)type;
	*im = (struct bootimage){ .fd = fd, .initrd_fd = -1 };
	if (bootimage_bzimage(im, fd, size))
		return -1;
	im->fd = fd;
	im->file_size = size;
	return 0;
}

void bootimage_close(struct bootimage *im)
{
	if (im->owns_fd && im->fd >= 0)
		close(im->fd);
	if (im->initrd_fd >= 0)
		close(im->initrd_fd);
	free(im->cmdline);
	*im = (struct bootimage){ .fd = -1, .initrd_fd = -1 };
}
