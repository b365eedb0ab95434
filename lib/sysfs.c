/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "num.h"
#include "sysfs.h"

/* a saved tree may hold anything: a pipe would be waited for, a device has no end */
static FILE *open_saved(const char *full)
{
	int fd = open(full, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), errnum;
	struct stat st;
	FILE *in = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		errno = EINVAL;
	else
		in = fdopen(fd, "r");
	errnum = errno;
	if (!in)
		close(fd);
	errno = errnum;
	return in;
}

FILE *sysfs_open(const char *root, const char *path)
{
	char full[PATH_MAX];

	if (snprintf(full, sizeof full, "%s%s", root ? root : "", path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return root && root[0] ? open_saved(full) : fopen(full, "re");
}

bool sysfs_is_empty(const char *root, const char *path)
{
	char full[PATH_MAX];
	struct dirent *entry;
	bool empty = true;

	if (snprintf(full, sizeof full, "%s%s", root ? root : "", path) >= PATH_MAX)
		return false;
	DIR *dir = opendir(full);

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR;
	while (empty && (entry = readdir(dir)))
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(dir);
	return empty;
}

int sysfs_text(const char *root, const char *path, char *text, size_t size)
{
	FILE *in = sysfs_open(root, path);

	text[0] = '\0';
	if (!in && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!in)
		return fail_sys("%s", path);

	size_t n = fread(text, 1, size, in);
	int errnum = ferror(in) ? errno : 0;

	fclose(in);
	errno = errnum;
	text[n < size ? n : size - 1] = '\0';
	if (errnum)
		return fail_sys("%s", path);
	if (n == size)
		return fail(ERR_CORRUPT, "%s: longer than %zu bytes", path, size - 1);
	if (memchr(text, '\0', n))
		return fail(ERR_CORRUPT, "%s: not a text", path);
	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	return 1;
}

int sysfs_u64(const char *root, const char *path, uint64_t *value)
{
	char text[32];
	int there = sysfs_text(root, path, text, sizeof text);

	if (there == 1 && !num_u64(text, value))
		return fail(ERR_CORRUPT, "%s: \"%s\" is not a number", path, text);
	return there;
}

int sysfs_kexec(const char *root, const char *name, uint64_t *value)
{
	static const char elfcorehdr[] = "crash_elfcorehdr_size";
	char path[64];

	snprintf(path, sizeof path, "/sys/kernel/kexec/%s", name);
	int there = sysfs_u64(root, path, value);
	if (there)
		return there;

	snprintf(path, sizeof path, "/sys/kernel/%s%s",
		 strcmp(name, elfcorehdr) == 0 ? "" : "kexec_", name);
	return sysfs_u64(root, path, value);
}
