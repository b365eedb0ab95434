/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill - load a guest with pages of every kind before it crashes
 *
 * usage: fill key=MIB...
 *
 *   anon=N      anonymous memory in pages of 4 KiB, every eighth page all zero
 *   thp=N       anonymous memory in transparent huge pages
 *   hugetlb=N   memory in hugetlb pages (as many as the pool has)
 *   pipe=N      pipe buffers: kernel pages with ordinary content
 *   shm=N       shared anonymous memory: page cache without a file
 *   cache=N     a file of the working folder, written, dropped and read again: page cache
 *   private=N   a file written and kept: page cache with buffers attached to it
 *   poison=N    N pages of anonymous memory marked as bad by MADV_HWPOISON (not MiB)
 *   badhuge=N   N hugetlb pages with one bad page each (not MiB)
 *   fragment=N  anonymous memory in pages of 4 KiB, every other of which is given back:
 *               free memory that lies about in single pages
 *
 * The content is numbers made from a counter: no two pages are equal, and they compress
 * about as well as real memory does; or it is pieces of /etc/content, if there is such
 * a file, each with a number of its own. When everything is in place one line "filled: ..." goes to standard output, and the program sleeps for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#ifndef MADV_HWPOISON
#define MADV_HWPOISON 100
#endif

enum { PAGE = 4096 };
#define MIB ((size_t)1 << 20)

struct load {
	const char *name;
	unsigned long (*fill)(unsigned long amount);
	unsigned long done;
};

static uint64_t state = 0x9e3779b97f4a7c15;
static unsigned char *content;	/* of /etc/content */
static size_t content_len;

static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* half of the words are repeated, half are new: about 0.4 of the size with zlib */
static void write_page(unsigned char *page)
{
	uint64_t words[PAGE / sizeof(uint64_t)];
	uint64_t base = next_random();

	if (content) {
		memcpy(page, content + base % (content_len - PAGE) / 16 * 16, PAGE);
		memcpy(page, &base, sizeof(base));
		return;
	}
	for (size_t i = 0; i < PAGE / sizeof(words[0]); i++) {
		if (i % 3 == 0)
			words[i] = next_random();
		else
			words[i] = base + i / 16;
	}
	memcpy(page, words, PAGE);
}

static void write_pages(unsigned char *memory, size_t size)
{
	for (size_t at = 0; at + PAGE <= size; at += PAGE) {
		if (at / PAGE % 8 == 7)
			memset(memory + at, 0, PAGE);
		else
			write_page(memory + at);
	}
}

static void *map(size_t size, int flags)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		fprintf(stderr, "fill: mmap: %s\n", strerror(errno));
		return NULL;
	}
	return memory;
}

static unsigned long fill_advised(unsigned long mib, int flags, int advice)
{
	unsigned char *memory = map(mib * MIB, flags);

	if (!memory)
		return 0;
	if (advice && madvise(memory, mib * MIB, advice) != 0)
		fprintf(stderr, "fill: madvise: %s\n", strerror(errno));
	write_pages(memory, mib * MIB);
	return mib;
}

static unsigned long fill_anon(unsigned long mib)
{
	return fill_advised(mib, MAP_PRIVATE, MADV_NOHUGEPAGE);
}

static unsigned long fill_thp(unsigned long mib)
{
	return fill_advised(mib, MAP_PRIVATE, MADV_HUGEPAGE);
}

static unsigned long fill_hugetlb(unsigned long mib)
{
	return fill_advised(mib, MAP_PRIVATE | MAP_HUGETLB, 0);
}

static unsigned long fill_shm(unsigned long mib)
{
	return fill_advised(mib, MAP_SHARED, 0);
}

/* write MIB to NAME in the working folder; the file descriptor, or -1 */
static int write_file(const char *name, unsigned long mib, unsigned char *data)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (unsigned long i = 0; fd >= 0 && i < mib; i++) {
		write_pages(data, MIB);
		if (write(fd, data, MIB) != (ssize_t)MIB) {
			fprintf(stderr, "fill: %s: write: %s\n", name, strerror(errno));
			break;
		}
	}
	if (fd >= 0 && fsync(fd) != 0)
		fprintf(stderr, "fill: %s: fsync: %s\n", name, strerror(errno));
	return fd;
}

static unsigned long fill_private(unsigned long mib)
{
	unsigned char *data = malloc(MIB);
	int fd = data ? write_file("private.data", mib, data) : -1;
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;

	free(data);
	if (fd >= 0)
		close(fd);
	return (unsigned long)size / MIB;
}

static unsigned long fill_cache(unsigned long mib)
{
	unsigned char *data = malloc(MIB);
	int fd = data ? write_file("cache.data", mib, data) : -1;
	unsigned long done = 0;

	if (fd >= 0) {
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		lseek(fd, 0, SEEK_SET);
		while (read(fd, data, MIB) == (ssize_t)MIB)
			done++;
		close(fd);
	}
	free(data);
	return done;
}

static unsigned long fill_pipe(unsigned long mib)
{
	unsigned char *data = malloc(MIB);
	unsigned long done = 0;

	for (; data && done < mib; done++) {
		int ends[2];

		write_pages(data, MIB);
		if (pipe(ends) != 0)
			break;
		if (fcntl(ends[1], F_SETPIPE_SZ, (int)MIB) < 0)
			break;
		if (write(ends[1], data, MIB) != (ssize_t)MIB)
			break;
	}
	if (done < mib)
		fprintf(stderr, "fill: pipe: %s\n", strerror(errno));
	free(data);
	return done;
}

/* a kernel without CONFIG_MEMORY_FAILURE says EINVAL */
static unsigned long poison(unsigned long count, size_t size, int flags)
{
	unsigned long done = 0;

	for (; done < count; done++) {
		unsigned char *memory = map(size, MAP_PRIVATE | flags);

		if (!memory)
			break;
		write_pages(memory, size);
		if (madvise(memory + size / 2 / PAGE * PAGE, PAGE, MADV_HWPOISON) != 0)
			break;
	}
	return done;
}

static unsigned long fill_poison(unsigned long npages)
{
	return poison(npages, PAGE, 0);
}

static unsigned long fill_badhuge(unsigned long npages)
{
	return poison(npages, 2 * MIB, MAP_HUGETLB);
}

static unsigned long fill_fragment(unsigned long mib)
{
	unsigned char *memory = map(mib * MIB, MAP_PRIVATE);

	if (!memory)
		return 0;
	if (madvise(memory, mib * MIB, MADV_NOHUGEPAGE) != 0)
		fprintf(stderr, "fill: madvise: %s\n", strerror(errno));
	write_pages(memory, mib * MIB);
	for (size_t at = 0; at < mib * MIB; at += 2 * PAGE) {
		if (madvise(memory + at, PAGE, MADV_DONTNEED) != 0) {
			fprintf(stderr, "fill: madvise: %s\n", strerror(errno));
			return 0;
		}
	}
	return mib;
}

static void load_content(const char *name)
{
	FILE *file = fopen(name, "re");
	size_t room = 64 * MIB;

	if (!file)
		return;
	content = malloc(room);
	if (content)
		content_len = fread(content, 1, room, file);
	fclose(file);
	if (content_len <= PAGE)
		content = NULL;
}

static struct load loads[] = {
	{ .name = "cache", .fill = fill_cache },
	{ .name = "private", .fill = fill_private },
	{ .name = "anon", .fill = fill_anon },
	{ .name = "thp", .fill = fill_thp },
	{ .name = "hugetlb", .fill = fill_hugetlb },
	{ .name = "pipe", .fill = fill_pipe },
	{ .name = "shm", .fill = fill_shm },
	{ .name = "poison", .fill = fill_poison },
	{ .name = "badhuge", .fill = fill_badhuge },
	{ .name = "fragment", .fill = fill_fragment },
};

static int fill_one(const char *word)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		size_t len = strlen(loads[i].name);
		char *end;

		if (strncmp(word, loads[i].name, len) != 0 || word[len] != '=')
			continue;
		unsigned long amount = strtoul(word + len + 1, &end, 10);

		if (end == word + len + 1 || *end || amount > 1UL << 20)
			break;
		if (amount)
			loads[i].done = loads[i].fill(amount);
		return 0;
	}
	fprintf(stderr, "fill: %s: not understood\n", word);
	return -1;
}

static void go_on(int number)
{
	(void)number;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };

	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		fprintf(stderr, "fill: setrlimit: %s\n", strerror(errno));
	/* the kernel tells the owner of a page that went bad; ignoring it would kill */
	signal(SIGBUS, go_on);
	load_content("/etc/content");
	for (int i = 1; i < argc; i++)
		if (fill_one(argv[i]) != 0)
			return 2;
	printf("filled:");
	for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		printf(" %s=%lu", loads[i].name, loads[i].done);
	printf("\n");
	fflush(stdout);
	for (;;)
		pause();
}
