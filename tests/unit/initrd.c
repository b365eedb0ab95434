/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpio-file.h"
#include "initrd.h"
#include "pack.h"
#include "unit.h"

/* a few files, 3 pages of them, one page a module */
static void archive(struct cpio_file *f)
{
	f->len = 0;
	cpio_add(f, "bin", S_IFDIR | 0755, NULL, 0);
	cpio_add(f, "bin/sh", S_IFREG | 0755, "shell", 5);
	cpio_add(f, "lib/a.ko", S_IFREG | 0644, "module", 6);
	cpio_add(f, "init", S_IFREG | 0755, "#!/bin/sh\n", 10);
	cpio_add(f, "dev/null", S_IFCHR | 0666, NULL, 0);
	cpio_add(f, "empty", S_IFREG | 0644, NULL, 0);
	cpio_trailer(f);
}

/* what Debian and Fedora put in front */
static void microcode(struct cpio_file *f)
{
	f->len = 0;
	cpio_add(f, "kernel/x86/microcode/GenuineIntel.bin", S_IFREG | 0644, "code", 4);
	cpio_trailer(f);
	while (f->len % 512)
		f->bytes[f->len++] = 0;
}

static int walk(struct initrd *rd, const void *bytes, size_t len, const char *init)
{
	int fd = memfd_create("initrd", 0), result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	result = initrd_walk(rd, fd, len, init);
	close(fd);
	return result;
}

static void good(void **state)
{
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	archive(&f);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), 0);
	assert_string_equal(rd.kinds, "cpio");
	assert_int_equal(rd.archives, 1);
	assert_int_equal(rd.entries, 6);
	assert_int_equal(rd.unpacked, 3 * 4096);
	assert_int_equal(rd.modules, 4096);
	assert_true(rd.has_init);
	assert_true(rd.init_executable);
	assert_true(rd.has_trailer);
	assert_false(rd.not_all);
}

/* early microcode, then the main archive packed by each packer, with zeros all around */
static void packed(void **state)
{
	uint8_t *all = malloc(1 << 20);
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	for (size_t i = 0; i < PACKS; i++) {
		char kinds[80];
		size_t n;

		microcode(&f);
		memcpy(all, f.bytes, f.len);
		n = f.len;
		archive(&f);
		n += packs[i].run(f.bytes, f.len, all + n, (1 << 20) - n);
		memset(all + n, 0, 600);
		assert_int_equal(walk(&rd, all, n, "/init"), 0);
		assert_int_equal(walk(&rd, all, n + 600, "/init"), 0);
		snprintf(kinds, sizeof kinds, "cpio, %s", packs[i].name);
		assert_string_equal(rd.kinds, kinds);
		assert_int_equal(rd.archives, 2);
		assert_int_equal(rd.entries, 7);
		assert_int_equal(rd.unpacked, 4 * 4096);
		assert_true(rd.has_init && rd.has_trailer);
		/* and a plain one behind it, after zeros up to a multiple of 4 */
		n = (n + 7) / 4 * 4;
		microcode(&f);
		memcpy(all + n, f.bytes, f.len);
		assert_int_equal(walk(&rd, all, n + f.len, "/init"), 0);
		assert_int_equal(rd.archives, 3);
		assert_int_equal(rd.entries, 8);
		/* not at one */
		memmove(all + n + 1, all + n, f.len);
		all[n] = 0;
		assert_int_equal(walk(&rd, all, n + f.len + 1, "/init"), -1);
		assert_failed(ERR_CORRUPT, "not a multiple of 4");
	}
	free(all);
}

static void inits(void **state)
{
	static const struct {
		const char *name;
		unsigned mode;
		const char *asked;
		bool has, executable;
	} inits[] = {
		{ "init", S_IFREG | 0755, "/init", true, true },
		{ "./init", S_IFREG | 0700, "/init", true, true },
		{ "/init", S_IFREG | 0001, "init", true, true },
		{ "init", S_IFREG | 0644, "/init", true, false },
		{ "init", S_IFLNK | 0777, "/init", true, true },
		{ "init", S_IFDIR | 0755, "/init", false, false },
		{ "init", S_IFCHR | 0755, "/init", false, false },
		{ "Init", S_IFREG | 0755, "/init", false, false },
		{ "init2", S_IFREG | 0755, "/init", false, false },
		{ "sbin/init", S_IFREG | 0755, "/init", false, false },
		{ "usr/init", S_IFREG | 0755, "/init", false, false },
		{ "usr/sbin/init", S_IFREG | 0755, "/sbin/init", true, true },
		{ "sbin/init", S_IFREG | 0755, "//sbin/init", true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof inits / sizeof inits[0]; i++) {
		struct cpio_file f = { .len = 0 };
		struct initrd rd;

		cpio_add(&f, inits[i].name, inits[i].mode, "x", 1);
		cpio_trailer(&f);
		assert_int_equal(walk(&rd, f.bytes, f.len, inits[i].asked), 0);
		assert_int_equal(rd.has_init, inits[i].has);
		assert_int_equal(rd.init_executable, inits[i].executable);
	}
}

/* /sbin -> usr/sbin, usr/sbin -> bin: which file that is, only who follows links knows */
static void behind_links(void **state)
{
	static const struct { const char *name, *init; bool behind; } links[] = {
		{ "sbin", "/sbin/init", true }, { "usr/sbin", "/usr/sbin/init", true },
		{ "./usr", "/usr/sbin/init", true }, { "usr/sbin", "/sbin/init", true },
		{ "sb", "/sbin/init", false }, { "sbin/init2", "/sbin/init", false },
		{ "bin", "/sbin/init", false }, { "sbin", "/init", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		struct cpio_file f = { .len = 0 };
		struct initrd rd;

		cpio_add(&f, links[i].name, S_IFLNK | 0777, "x", 1);
		cpio_trailer(&f);
		assert_int_equal(walk(&rd, f.bytes, f.len, links[i].init), 0);
		assert_false(rd.has_init);
		assert_int_equal(rd.behind_link, links[i].behind);
	}
}

/* the last of that name counts, as in the kernel */
static void replaced(void **state)
{
	struct cpio_file f = { .len = 0 };
	struct initrd rd;

	(void)state;
	cpio_add(&f, "init", S_IFREG | 0755, "x", 1);
	cpio_trailer(&f);
	cpio_add(&f, "init", S_IFREG | 0644, "x", 1);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), 0);
	assert_true(rd.has_init);
	assert_false(rd.init_executable);
	assert_false(rd.has_trailer);
}

/*
 * Behind a whole archive with /init the kernel stops at what it does not know, and boots:
 * 6.1 and 7.2 were seen to. What was meant to be unpacked would be missing, though.
 */
static void stopped(void **state)
{
	static const struct { const char *bytes; size_t len, skip; int result; } ends[] = {
		{ "junk", 4, 0, 0 },
		{ "\0\0\0\0junk", 8, 4, 0 },
		{ "\0junk", 5, 1, 0 },
		{ "\0" "070701", 7, 1, -1 },
		{ "\x04\x22\x4d\x18", 4, 0, -1 },
		/* packed, but not at a multiple of 4 behind a plain one: "broken padding" */
		{ "\0\x1f\x8b\x08", 4, 1, -1 },
	};
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t len = ends[i].len;

		archive(&f);
		memcpy(f.bytes + f.len, ends[i].bytes, len);
		assert_int_equal(walk(&rd, f.bytes, f.len + len, "/init"), ends[i].result);
		assert_int_equal(rd.stops_at, ends[i].result ? 0 : f.len + ends[i].skip);
		/* the program might have been in what follows */
		assert_int_equal(walk(&rd, f.bytes, f.len + len, "/other"), -1);
		assert_failed(ERR_CORRUPT, "at 0x");
	}
	archive(&f);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), 0);
	assert_int_equal(rd.stops_at, 0);
}

static void names(void **state)
{
	static const unsigned lengths[] = { 0, 4097, UINT32_MAX };
	char name[4096];
	struct cpio_file f = { .len = 0 };
	struct initrd rd;

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	cpio_add(&f, name, S_IFREG, "x", 1);
	cpio_trailer(&f);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), 0);
	assert_int_equal(rd.entries, 1);
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		f.len = 0;
		cpio_head(&f, "070701", S_IFREG, 0, lengths[i], 0);
		assert_int_equal(walk(&rd, f.bytes, f.len + 8000, "/init"), -1);
		assert_failed(ERR_CORRUPT, "entry 1 at 0: its name is empty, or longer");
	}
	f.len = 0;
	cpio_head(&f, "070701", S_IFREG, 0, 2, 0);
	memcpy(f.bytes + f.len, "ab", 2);
	assert_int_equal(walk(&rd, f.bytes, f.len + 2, "/init"), -1);
	assert_failed(ERR_CORRUPT, "its name has no end");
}

static void refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum err code;
		const char *words;
	} files[] = {
		{ "hello, world", 12, ERR_UNKNOWN, "neither a cpio archive nor packed" },
		{ "\0\0\0\0", 4, ERR_UNKNOWN, "nothing but zeros" },
		{ "", 0, ERR_UNKNOWN, "nothing but zeros" },
		{ "\0\0\0\0junk", 8, ERR_CORRUPT, "nor packed data at 0x4" },
		{ "\x04\x22\x4d\x18....", 8, ERR_UNKNOWN, "lz4 -l" },
		{ "\0\0" "070701", 8, ERR_CORRUPT, "a cpio archive at 0x2, not a multiple of 4" },
		{ "070701", 6, ERR_CORRUPT, "entry 1 at 0: cut short" },
		{ "\x1f\x8b\x08", 3, ERR_CORRUPT, "packed by gzip from 0 on: gzip data damaged" },
	};
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		assert_int_equal(walk(&rd, files[i].bytes, files[i].len, "/init"), -1);
		assert_failed(files[i].code, files[i].words);
	}
	archive(&f);
	memcpy(f.bytes, "070707", 6);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), -1);
	assert_failed(ERR_CORRUPT, "-H newc");
	memcpy(f.bytes, "070703", 6);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), -1);
	assert_failed(ERR_CORRUPT, "no cpio header");
	archive(&f);
	memcpy(f.bytes + 20, "x", 1);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), -1);
	assert_failed(ERR_CORRUPT, "what is no number");
	/* 4 GiB that are not there */
	f.len = 0;
	cpio_head(&f, "070701", S_IFREG, UINT32_MAX, 2, 0);
	memcpy(f.bytes + f.len, "a", 2);
	assert_int_equal(walk(&rd, f.bytes, f.len + 100, "/init"), -1);
	assert_failed(ERR_CORRUPT, "entry 1 at 0 (a): cut short");
	assert_int_equal(initrd_walk(&rd, -1, 10, "/init"), -1);
	assert_failed(ERR_SYS, "reading at 0");
}

static void sums(void **state)
{
	struct cpio_file f = { .len = 0 };
	struct initrd rd;

	(void)state;
	cpio_head(&f, "070702", S_IFREG, 4, 2, 10);
	memcpy(f.bytes + f.len, "a\0\1\2\3\4", 6);
	f.len += 6;
	cpio_fill(&f);
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), 0);
	f.bytes[f.len - 1]++;
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), -1);
	assert_failed(ERR_CORRUPT, "the sum of its bytes is wrong");
	/* without sums nobody looks */
	f.bytes[5] = '1';
	assert_int_equal(walk(&rd, f.bytes, f.len, "/init"), 0);
}

/* part of it is in a format that this build lacks: not known is not damaged */
static void lacking(void **state)
{
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	microcode(&f);
	memcpy(f.bytes + f.len, "BZh91AY&SY", 10);
	assert_int_equal(walk(&rd, f.bytes, f.len + 10, "/init"), 0);
	assert_true(rd.not_all);
	assert_string_equal(rd.kinds, "cpio, bzip2");
	assert_false(rd.has_init);
}

static void boot_config(void **state)
{
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	for (size_t filling = 0; filling < 6; filling++) {
		archive(&f);
		memcpy(f.bytes + f.len, "key=val\n\x08\0\0\0sum.#BOOTCONFIG\n", 28);
		memset(f.bytes + f.len + 28, 0, filling);
		assert_int_equal(walk(&rd, f.bytes, f.len + 28 + filling, "/init"), 0);
		assert_int_equal(rd.stops_at, filling < 4 ? 0 : f.len);
	}
	/* longer than the file */
	archive(&f);
	memcpy(f.bytes + f.len, "key=val\n\xff\xff\xff\xffsum.#BOOTCONFIG\n", 28);
	assert_int_equal(walk(&rd, f.bytes, f.len + 28, "/init"), 0);
	assert_int_equal(rd.stops_at, f.len);
}

/* every length: refused, or what was lost can be seen */
static void truncations(void **state)
{
	uint8_t out[4096];
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	archive(&f);
	for (size_t len = 0; len < f.len; len++)
		if (walk(&rd, f.bytes, len, "/init") == 0)
			assert_false(rd.has_trailer);
	for (size_t i = 0; i < PACKS; i++) {
		size_t n = packs[i].run(f.bytes, f.len, out, sizeof out);

		for (size_t len = 0; len < n; len++)
			if (walk(&rd, out, len, "/init") == 0)
				assert_false(rd.has_trailer);
	}
}

static void flips(void **state)
{
	struct cpio_file f;
	struct initrd rd;

	(void)state;
	archive(&f);
	for (size_t bit = 0; bit < f.len * 8; bit++) {
		f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (walk(&rd, f.bytes, f.len, "/init") == 0)
			assert_true(rd.entries <= 7 && rd.unpacked <= 8 * 4096);
		f.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

/* one of each packing, for fuzzers to begin with */
static int save_samples(const char *dir)
{
	uint8_t out[8192];
	struct cpio_file f;

	for (size_t i = 0; i <= PACKS; i++) {
		char path[300];
		size_t n;
		FILE *to;

		snprintf(path, sizeof path, "%s/%s", dir, i < PACKS ? packs[i].name : "cpio");
		archive(&f);
		n = i < PACKS ? packs[i].run(f.bytes, f.len, out, sizeof out) : f.len;
		to = fopen(path, "w");
		if (!to || fwrite(i < PACKS ? out : f.bytes, 1, n, to) != n || fclose(to)) {
			perror(path);
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(packed),
		cmocka_unit_test(inits),
		cmocka_unit_test(behind_links),
		cmocka_unit_test(replaced),
		cmocka_unit_test(stopped),
		cmocka_unit_test(names),
		cmocka_unit_test(refused),
		cmocka_unit_test(sums),
		cmocka_unit_test(lacking),
		cmocka_unit_test(boot_config),
		cmocka_unit_test(truncations),
		cmocka_unit_test(flips),
	};

	return argc == 2 ? save_samples(argv[1]) : RUN(tests);
}
