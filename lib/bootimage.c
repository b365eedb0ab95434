/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which kind of kernel a file is, and what it is wrapped in: told by its first bytes. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootimage.h"
#include "bootimage-kinds.h"
#include "err.h"
#include "stop.h"
#include "unpack.h"

enum { HEAD = 0x206, STEP = 64 << 10 };

/* bits: what a type allows, what may be inside what */
enum { BZIMAGE = 1, ELF_FILE = 2, IMAGE = 4, PACKED = 8, ZBOOT = 16, UKI = 32 };
enum { PLAIN = BZIMAGE | ELF_FILE | IMAGE, ANY = PLAIN | PACKED | ZBOOT | UKI };

static bool has(const uint8_t *head, size_t at, const char *magic)
{
	return memcmp(head + at, magic, strlen(magic)) == 0;
}

static bool is_elf(const uint8_t *head)
{
	return has(head, 0, "\x7f" "ELF");
}

static bool is_image(const uint8_t *head)
{
	return has(head, 0x38, "ARM\x64");
}

static bool is_zboot(const uint8_t *head)
{
	return has(head, 0, "MZ") && has(head, 4, "zimg");
}

static bool is_bzimage(const uint8_t *head)
{
	return has(head, 0x202, "HdrS");
}

static bool is_packed(const uint8_t *head)
{
	return unpack_kind(head, UNPACK_MAGIC);
}

static bool is_pe(const uint8_t *head)
{
	return has(head, 0, "MZ");
}

/* in this order: nearly all of them are PE programs as well */
static const struct kind {
	unsigned bit;
	const char *name;
	bool (*is)(const uint8_t *head);
	int (*open)(struct bootimage *im, int fd, uint64_t size);
	/* one of the two; what is found inside must be one of these kinds */
	int (*unwrap)(struct unwrapped *u, int fd, uint64_t size);
	unsigned inside;
} kinds[] = {
	{ ELF_FILE, "ELF file", is_elf, .open = bootimage_elf },
	{ IMAGE, "arm64 Image", is_image, .open = bootimage_arm64 },
	{ ZBOOT, "zboot", is_zboot, .unwrap = bootimage_zboot, .inside = PLAIN },
	{ BZIMAGE, "bzImage", is_bzimage, .open = bootimage_bzimage },
	{ PACKED, "packed data", is_packed, .unwrap = bootimage_packed, .inside = PLAIN },
	{ UKI, "UKI", is_pe, .unwrap = bootimage_uki, .inside = PLAIN | PACKED | ZBOOT },
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const struct { const char *name; unsigned bits; } types[] = {
	{ "bzImage64", BZIMAGE }, { "bzImage", BZIMAGE }, { "elf-x86_64", ELF_FILE },
	{ "elf", ELF_FILE }, { "vmlinux", ELF_FILE }, { "Image", IMAGE | PACKED | ZBOOT },
	{ "uki", UKI }, { "vmlinuz", ANY },
};

int bootimage_pread(int fd, void *buf, size_t len, uint64_t at)
{
	uint8_t *p = buf;

	while (len) {
		ssize_t n = at <= INT64_MAX ? pread(fd, p, len, (off_t)at) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("reading at %#" PRIx64, at);
		if (n == 0)
			return fail(ERR_CORRUPT, "ends at %#" PRIx64 ", before all of it was"
				    " read", at);
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int bootimage_read_through(int fd, uint64_t at, uint64_t len,
			   void (*look)(void *arg, const uint8_t *bytes, size_t n), void *arg)
{
	uint8_t buf[STEP];

	for (uint64_t done = 0; done < len;) {
		size_t n = len - done < sizeof buf ? (size_t)(len - done) : sizeof buf;

		if (stop_check() || bootimage_pread(fd, buf, n, at + done))
			return -1;
		if (look)
			look(arg, buf, n);
		done += n;
	}
	return 0;
}

int bootimage_find_version(struct bootimage *im, uint64_t at, uint64_t len)
{
	static const char words[] = "Linux version ";
	enum { WORDS = sizeof words - 1, KEEP = WORDS + sizeof im->version };
	uint8_t buf[STEP + 1];

	/* what may lie across the end of a step is looked at again */
	for (uint64_t done = 0; done < len; done += STEP - KEEP) {
		size_t n = len - done < STEP ? (size_t)(len - done) : STEP;
		const uint8_t *found = buf;

		if (stop_check() || bootimage_pread(im->fd, buf, n, at + done))
			return -1;
		buf[n] = 0;
		while ((found = memmem(found, n - (size_t)(found - buf), words, WORDS))) {
			found += WORDS;
			/* the next step has all of it */
			if (done + n < len && n - (size_t)(found - buf) < sizeof im->version)
				break;
			if (*found < '0' || *found > '9')
				continue;
			for (size_t i = 0; i < sizeof im->version - 1 && found[i] > ' ' &&
			     found[i] <= '~'; i++)
				im->version[i] = (char)found[i];
			return 0;
		}
	}
	return 0;
}

static int open_kind(struct bootimage *im, int fd, uint64_t size, unsigned allowed,
		     const char *why);

/* what k wraps; im gets a file of its own */
static int open_inside(struct bootimage *im, const struct kind *k, int fd, uint64_t size)
{
	struct unwrapped u = { .fd = -1, .initrd_fd = -1 };

	if (k->unwrap(&u, fd, size))
		goto fail;
	if (open_kind(im, u.fd, u.size, k->inside, "it must not be inside another")) {
		fail_in(k->bit == UKI ? "section .linux" : "unpacked");
		goto fail;
	}
	/* unpacked a second time, from the section of a UKI */
	if (im->owns_fd)
		close(u.fd);
	im->owns_fd = true;
	im->wrapper = u.packer ? u.packer : k->name;
	im->initrd_fd = u.initrd_fd;
	im->initrd_size = u.initrd_size;
	im->cmdline = u.cmdline;
	return 0;
fail:
	if (u.fd >= 0)
		close(u.fd);
	if (u.initrd_fd >= 0)
		close(u.initrd_fd);
	free(u.cmdline);
	*im = (struct bootimage){ .fd = -1, .initrd_fd = -1 };
	return -1;
}

static int open_as(struct bootimage *im, const struct kind *k, int fd, uint64_t size)
{
	if (k->open)
		return k->open(im, fd, size);
	return open_inside(im, k, fd, size);
}

/* why: what is the matter with a kind that is not allowed */
static int open_kind(struct bootimage *im, int fd, uint64_t size, unsigned allowed,
		     const char *why)
{
	uint8_t head[HEAD] = { 0 };
	const struct kind *only = NULL;

	if (bootimage_pread(fd, head, size < HEAD ? (size_t)size : HEAD, 0))
		return -1;
	for (size_t i = 0; i < KINDS; i++) {
		if (allowed == kinds[i].bit)
			only = &kinds[i];
		if (!kinds[i].is(head))
			continue;
		if (allowed & kinds[i].bit)
			return open_as(im, &kinds[i], fd, size);
		/* any PE program looks like a UKI */
		if (kinds[i].bit != UKI)
			return fail(ERR_UNKNOWN, "%s: %s", kinds[i].name, why);
	}
	/* who finds nothing says what it looks like */
	return only ? open_as(im, only, fd, size) : bootimage_bzimage(im, fd, size);
}

static int allowed_by(const char *type, unsigned *allowed)
{
	for (size_t i = 0; type && i < sizeof types / sizeof types[0]; i++) {
		if (strcmp(types[i].name, type) == 0) {
			*allowed = types[i].bits;
			return 0;
		}
	}
	*allowed = ANY;
	return type ? fail(ERR_USAGE, "type '%s' is none of bzImage64, bzImage, elf-x86_64, elf,"
			   " Image, uki, vmlinuz", type) : 0;
}

int bootimage_open(struct bootimage *im, int fd, uint64_t size, const char *type)
{
	unsigned allowed;

	*im = (struct bootimage){ .fd = fd, .initrd_fd = -1 };
	if (allowed_by(type, &allowed) ||
	    open_kind(im, fd, size, allowed, "not of the type that was given"))
		return -1;
	im->file_size = size;
	return 0;
}

int bootimage_prove(struct bootimage *im,
		    void (*doubt)(const char *fmt, ...) __attribute__((format(printf, 1, 2))))
{
	if (im->kind == BOOTIMAGE_BZIMAGE)
		return bootimage_bzimage_prove(im, doubt);
	/* neither of the others has a checksum; that the disk gives it all is what is left */
	return bootimage_read_through(im->fd, 0, im->size, NULL, NULL);
}

int bootimage_read(const struct bootimage *im, uint8_t **bytes, uint64_t *len)
{
	/* a vmlinux has gaps between its segments */
	uint8_t *buf = calloc(1, im->code_size ? im->code_size : 1);
	int result;

	*bytes = NULL;
	*len = 0;
	if (!buf)
		return fail_sys("%" PRIu64 " bytes of kernel", im->code_size);
	if (im->kind == BOOTIMAGE_ELF)
		result = bootimage_elf_gather(im, buf);
	else
		result = bootimage_pread(im->fd, buf, im->code_size, im->code_at);
	if (result) {
		free(buf);
		return -1;
	}
	*bytes = buf;
	*len = im->code_size;
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
