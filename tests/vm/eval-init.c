/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * eval-init - the first and only program of the machines that tests/vm/eval boots
 *
 * Prints what the kernel says about its crash kernel region, each file after a line
 * "=== NAME", then "=== end", and switches the machine off.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_ALL = 3, LOG_SIZE = 1 << 20 };

static void show(const char *name)
{
	char buf[4096];
	ssize_t n;
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		return;
	printf("=== %s\n", name);
	while ((n = read(fd, buf, sizeof buf)) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	putchar('\n');
	close(fd);
}

static void show_log(void)
{
	static char log[LOG_SIZE + 1];
	int n = klogctl(READ_ALL, log, LOG_SIZE);

	printf("=== log\n");
	if (n > 0)
		log[n] = '\0';
	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"))
		if (strcasestr(line, "crash") || strstr(line, "emory value expected"))
			puts(line);
}

int main(void)
{
	static const char *const files[] = {
		"/proc/cmdline", "/proc/iomem", "/proc/meminfo", "/proc/sys/kernel/osrelease",
		"/sys/kernel/kexec_crash_size", "/sys/kernel/kexec_crash_cma_ranges",
	};

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) || mount("sysfs", "/sys", "sysfs", 0, NULL))
		perror("mount");
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		show(files[i]);
	show_log();
	printf("=== end\n");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	return 1;
}
