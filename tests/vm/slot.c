/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slot - fill or empty the slot of kexec's ordinary reboot
 *
 * usage: slot load KERNEL | slot unload
 *
 * Nothing is rebooted. Exit 0, or 1 and a message.
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	int fd = -1;
	unsigned long flags = KEXEC_FILE_UNLOAD;

	if (argc == 3 && strcmp(argv[1], "load") == 0) {
		fd = open(argv[2], O_RDONLY);
		flags = KEXEC_FILE_NO_INITRAMFS;
	} else if (argc != 2 || strcmp(argv[1], "unload") != 0) {
		fprintf(stderr, "usage: slot load KERNEL | slot unload\n");
		return 2;
	}
	if (syscall(SYS_kexec_file_load, fd, -1, 1L, "", flags)) {
		perror("slot");
		return 1;
	}
	return 0;
}
