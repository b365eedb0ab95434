/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line "name=value" each. In values every byte below 0x21, above 0x7e and '%' itself
 * is %XX, so that a path with a newline in it is one line too. Unknown names are for
 * later versions and are passed over.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "num.h"
#include "record.h"
#include "stop.h"
#include "sysfs.h"

#define FOLDER "/run/crashpipe"
#define RECORD FOLDER "/capture-kernel"

enum {
	RECORD_MAX = 1 << 16,	/* two paths and a command line, each byte written as three */
	LOCK_TRIES = 100,
	LOCK_MS = 100,
};

/* what the lines are called, and where their values belong */
struct field {
	const char *name;
	uint64_t *number;
	char **text;
	bool *flag;
};

enum { FIELDS = 24 };

static void list_file(struct field *f, const char *const names[5], struct record_file *file)
{
	f[0] = (struct field){ .name = names[0], .text = &file->path };
	f[1] = (struct field){ .name = names[1], .number = &file->dev };
	f[2] = (struct field){ .name = names[2], .number = &file->ino };
	f[3] = (struct field){ .name = names[3], .number = &file->size };
	/* before 1970 it is a large number here and a negative one there */
	f[4] = (struct field){ .name = names[4], .number = (uint64_t *)&file->mtime_ns };
}

static void list_fields(struct field f[FIELDS], struct record *rec)
{
	static const char *const kernel[5] = { "kernel", "kernel-device", "kernel-inode",
		"kernel-size", "kernel-mtime-ns" };
	static const char *const initrd[5] = { "initrd", "initrd-device", "initrd-inode",
		"initrd-size", "initrd-mtime-ns" };
	const struct field rest[FIELDS - 10] = {
		{ .name = "time", .number = &rec->time },
		{ .name = "call", .text = &rec->call },
		{ .name = "type", .text = &rec->type },
		{ .name = "command-line", .text = &rec->cmdline },
		{ .name = "used", .number = &rec->used },
		{ .name = "init-size", .number = &rec->init_size },
		{ .name = "kernel-runs-in", .number = &rec->kernel_size },
		{ .name = "modules", .number = &rec->modules },
		{ .name = "unpacked", .number = &rec->unpacked },
		{ .name = "hotplug", .flag = &rec->hotplug },
		{ .name = "serial", .text = &rec->serial },
		{ .name = "no-checks", .flag = &rec->no_checks },
		{ .name = "no-efi", .flag = &rec->no_efi },
		{ .name = "boot", .text = &rec->boot },
	};

	list_file(f, kernel, &rec->kernel);
	list_file(f + 5, initrd, &rec->initrd);
	memcpy(f + 10, rest, sizeof rest);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789ABCDEF", *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* in place; -1: half an escape, or a NUL */
static int unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);

		if (low < 0 || (high == 0 && low == 0))
			return -1;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return 0;
}

static int take_value(const struct field *f, char *value)
{
	uint64_t number;

	if (f->text) {
		if (unescape(value))
			return -1;
		free(*f->text);
		*f->text = strdup(value);
		return *f->text ? 0 : fail(ERR_MEMORY, "out of memory");
	}
	if (!num_u64(value, &number))
		return -1;
	if (f->flag)
		*f->flag = number != 0;
	else
		*f->number = number;
	return 0;
}

static int take_line(const struct field *fields, char *line)
{
	char *value = strchr(line, '=');

	if (!line[0])
		return 0;
	if (!value)
		return fail(ERR_CORRUPT, RECORD ": a line without '='");
	*value++ = '\0';
	for (size_t i = 0; i < FIELDS; i++) {
		if (strcmp(fields[i].name, line) != 0)
			continue;
		if (take_value(&fields[i], value) == 0)
			return 0;
		return err_code() == ERR_MEMORY ? -1 :
		       fail(ERR_CORRUPT, RECORD ": %s: not a value", fields[i].name);
	}
	return 0;
}

/* a machine that has booted since (and kept its /run) has nothing loaded by us */
static int of_this_boot(const struct record *rec, const char *root)
{
	char boot[64];
	int there = sysfs_text(root, "/proc/sys/kernel/random/boot_id", boot, sizeof boot);

	if (there < 0)
		return -1;
	return there == 0 || !rec->boot || strcmp(boot, rec->boot) == 0;
}

int record_read(struct record *rec, const char *root)
{
	struct field fields[FIELDS];
	char *text = malloc(RECORD_MAX), *rest = text, *line;

	*rec = (struct record){ 0 };
	if (!text)
		return fail(ERR_MEMORY, "out of memory");
	/* take_value() fails without words of its own when a value is nonsense */
	fail(ERR_NONE, "%s", "");
	int there = sysfs_text(root, RECORD, text, RECORD_MAX);

	list_fields(fields, rec);
	while (there == 1 && (line = strsep(&rest, "\n")))
		if (take_line(fields, line))
			there = -1;
	free(text);
	if (there == 1 && (!rec->call || !rec->kernel.path || !rec->cmdline))
		there = fail(ERR_CORRUPT, RECORD ": call, kernel or command line is missing");
	if (there == 1)
		there = of_this_boot(rec, root);
	if (there != 1)
		record_free(rec);
	return there;
}

static void put_text(FILE *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p > ' ' && *p < 0x7f && *p != '%')
			putc(*p, out);
		else
			fprintf(out, "%%%02X", *p);
	}
}

static void put_fields(FILE *out, const struct field *fields)
{
	for (size_t i = 0; i < FIELDS; i++) {
		const struct field *f = &fields[i];

		if (f->text && !*f->text)
			continue;
		fprintf(out, "%s=", f->name);
		if (f->text)
			put_text(out, *f->text);
		else
			fprintf(out, "%" PRIu64, f->flag ? (uint64_t)*f->flag : *f->number);
		putc('\n', out);
	}
}

static int make_folder(void)
{
	if (mkdir(FOLDER, 0700) == 0 || errno == EEXIST)
		return 0;
	return fail_sys(FOLDER);
}

static FILE *open_new(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out) {
		fail_sys("%s", path);
		if (fd >= 0)
			close(fd);
	}
	return out;
}

int record_write(const struct record *rec)
{
	static const char path[] = RECORD ".new";
	struct record copy = *rec;
	struct field fields[FIELDS];
	char boot[64];

	/* a record without it is one all the same */
	if (sysfs_text(NULL, "/proc/sys/kernel/random/boot_id", boot, sizeof boot) == 1)
		copy.boot = boot;
	list_fields(fields, &copy);
	FILE *out = make_folder() ? NULL : open_new(path);

	if (!out)
		return -1;
	put_fields(out, fields);
	bool bad = ferror(out);

	if (fclose(out) || bad || rename(path, RECORD)) {
		fail_sys("%s", path);
		unlink(path);
		return -1;
	}
	return 0;
}

void record_forget(void)
{
	unlink(RECORD);
}

bool record_same(const struct record_file *file, const char *root)
{
	char full[PATH_MAX];
	struct stat st;
	struct record_file now;
	bool elsewhere = root && root[0];

	if (!file->path)
		return true;
	if (snprintf(full, sizeof full, "%s%s", root ? root : "", file->path) >= PATH_MAX ||
	    stat(full, &st))
		return false;
	now = (struct record_file){ .dev = st.st_dev, .ino = st.st_ino,
		.size = (uint64_t)st.st_size };
	now.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	/* a copied tree has other devices and inodes */
	return now.size == file->size && now.mtime_ns == file->mtime_ns &&
	       (elsewhere || (now.dev == file->dev && now.ino == file->ino));
}

int record_file_set(struct record_file *file, const char *path, const struct stat *st)
{
	char *real = realpath(path, NULL);

	if (!real)
		return fail_sys("%s", path);
	free(file->path);
	*file = (struct record_file){ .path = real, .dev = st->st_dev, .ino = st->st_ino,
		.size = (uint64_t)st->st_size };
	file->mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
	return 0;
}

void record_free(struct record *rec)
{
	free(rec->call);
	free(rec->kernel.path);
	free(rec->initrd.path);
	free(rec->type);
	free(rec->cmdline);
	free(rec->serial);
	free(rec->boot);
	*rec = (struct record){ 0 };
}

int record_lock(void)
{
	if (make_folder())
		return -1;
	int fd = open(FOLDER "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail_sys(FOLDER "/lock");
	for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB); tries++) {
		int errnum = errno;

		if (errnum == EWOULDBLOCK && tries < LOCK_TRIES && stop_check() == 0) {
			nanosleep(&(struct timespec){ .tv_nsec = LOCK_MS * 1000000L }, NULL);
			continue;
		}
		errno = errnum;
		if (errnum != EWOULDBLOCK)
			fail_sys(FOLDER "/lock");
		else if (stop_check() == 0)
			fail(ERR_AGAIN, "another kexec-load is at work: try again");
		close(fd);
		return -1;
	}
	return fd;
}
