/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PE programs, as EFI starts them. Kernels with an EFI stub are one; a unified kernel
 * image (UKI) is another: systemd's stub with the sections .linux (a whole kernel file),
 * .initrd and, before it in memory, .ucode (early microcode), .cmdline.
 *
 * Offset of the PE header at 0x3c; there "PE\0\0", then at 6 the number of sections, at 20
 * the length of the optional header, which begins at 24: PE32+ has magic 0x20b and data
 * directories at 112, number 4 being the certificate table. Behind it the sections, 40
 * bytes each: name at 0, size in memory at 8, size in the file at 16, offset at 20.
 * Facts: PE format, Microsoft; UAPI group, "Unified Kernel Image"; when a UKI has several
 * profiles, those before the first .profile section are used.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bootimage-kinds.h"
#include "cursor.h"
#include "err.h"
#include "num.h"

enum {
	PE_OFFSET = 0x3c,
	COFF = 24, SECTION = 40,
	PE32_PLUS = 0x20b, DIRECTORIES = 112,
	SECTIONS_MAX = 96,	/* what Windows takes */
	CMDLINE_MAX = 64 << 10,
};

static struct cursor over(const uint8_t *bytes, size_t len)
{
	return cursor_over(bytes, len, __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__);
}

static int find_header(int fd, uint64_t size, uint64_t *pe)
{
	uint8_t dos[PE_OFFSET + 4];
	struct cursor c = over(dos, sizeof dos);

	if (size < sizeof dos)
		return fail(ERR_CORRUPT, "cut short: %" PRIu64 " bytes are no PE program", size);
	if (bootimage_pread(fd, dos, sizeof dos, 0))
		return -1;
	if (memcmp(dos, "MZ", 2) != 0)
		return fail(ERR_UNKNOWN, "no PE program: no \"MZ\" at 0");
	cursor_take(&c, PE_OFFSET);
	*pe = cursor_u32(&c);
	if (*pe + COFF > size)
		return fail(ERR_CORRUPT, "PE header (offset at 0x3c) at %#" PRIx64 ", the file"
			    " ends at %#" PRIx64, *pe, size);
	return 0;
}

bool pe_is_signed(int fd, uint64_t size)
{
	uint8_t bytes[COFF + DIRECTORIES + 5 * 8];
	struct cursor c = over(bytes, sizeof bytes);
	uint64_t pe, at, len;
	uint16_t magic;

	if (find_header(fd, size, &pe) || pe + sizeof bytes > size ||
	    bootimage_pread(fd, bytes, sizeof bytes, pe) || memcmp(bytes, "PE\0", 4) != 0)
		return false;
	cursor_take(&c, COFF);
	magic = cursor_u16(&c);
	cursor_take(&c, DIRECTORIES - 4 - 2);
	if (magic != PE32_PLUS || cursor_u32(&c) <= 4)
		return false;
	cursor_take(&c, 4 * 8);
	at = cursor_u32(&c);
	len = cursor_u32(&c);
	return at && len && at + len <= size;
}

/* where the section headers are, and how many */
static int find_sections(int fd, uint64_t size, uint64_t *at, size_t *n)
{
	uint8_t coff[COFF];
	struct cursor h = over(coff, sizeof coff);
	uint64_t pe;

	if (find_header(fd, size, &pe))
		return -1;
	if (bootimage_pread(fd, coff, sizeof coff, pe))
		return -1;
	if (memcmp(coff, "PE\0", 4) != 0)
		return fail(ERR_UNKNOWN, "no PE program: no \"PE\" at %#" PRIx64, pe);
	cursor_take(&h, 6);
	*n = cursor_u16(&h);
	cursor_take(&h, 12);
	*at = pe + COFF + cursor_u16(&h);
	if (*n > SECTIONS_MAX || *at + *n * SECTION > size)
		return fail(ERR_CORRUPT, "%zu PE sections at %#" PRIx64 ", the file ends at %#"
			    PRIx64, *n, *at, size);
	return 0;
}

int pe_section_next(struct pe *pe, struct pe_section *s)
{
	uint8_t bytes[SECTION];
	struct cursor c = over(bytes, sizeof bytes);
	uint64_t in_memory, end;

	if (pe->left == 0)
		return 0;
	if (bootimage_pread(pe->fd, bytes, sizeof bytes, pe->at))
		return -1;
	pe->at += SECTION;
	pe->left--;
	*s = (struct pe_section){ 0 };
	memcpy(s->name, cursor_take(&c, 8), 8);
	in_memory = cursor_u32(&c);
	cursor_take(&c, 4);
	s->size = cursor_u32(&c);
	s->at = cursor_u32(&c);
	if (s->size && (!num_add(s->at, s->size, &end) || end > pe->size))
		return fail(ERR_CORRUPT, "cut short: PE section %s is %#" PRIx64 "-%#" PRIx64
			    " of a file of %#" PRIx64 " bytes", s->name, s->at,
			    s->at + s->size, pe->size);
	/* in the file it is filled up to a multiple of the alignment */
	if (in_memory && in_memory < s->size)
		s->size = in_memory;
	return 1;
}

int pe_open(struct pe *pe, int fd, uint64_t size)
{
	*pe = (struct pe){ .fd = fd, .size = size };
	return find_sections(fd, size, &pe->at, &pe->left);
}

/* up to the first NUL, with blanks for what ends lines, and none at the end */
static int take_cmdline(struct unwrapped *u, int fd, const struct pe_section *s)
{
	size_t len;

	if (s->size > CMDLINE_MAX)
		return fail(ERR_CORRUPT, "section .cmdline has %" PRIu64 " bytes", s->size);
	u->cmdline = calloc(1, s->size + 1);
	if (!u->cmdline)
		return fail_sys("section .cmdline");
	if (bootimage_pread(fd, u->cmdline, s->size, s->at))
		return -1;
	len = strlen(u->cmdline);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)u->cmdline[i] < ' ')
			u->cmdline[i] = ' ';
	while (len && u->cmdline[len - 1] == ' ')
		u->cmdline[--len] = '\0';
	return 0;
}

/* archives begin at multiples of 4 */
static int add_initrd(struct unwrapped *u, int fd, const struct pe_section *s)
{
	static const uint8_t zeros[4];

	if (s->size == 0)
		return 0;
	if (u->initrd_fd < 0)
		u->initrd_fd = bootimage_memory_file("initrd");
	if (u->initrd_fd < 0)
		return -1;
	if (bootimage_append(u->initrd_fd, &u->initrd_size, zeros, -u->initrd_size % 4))
		return -1;
	return bootimage_copy(u->initrd_fd, &u->initrd_size, fd, s->at, s->size);
}

static int take(struct unwrapped *u, int fd, const struct pe_section *found)
{
	enum { LINUX, UCODE, INITRD, CMDLINE };

	if (found[LINUX].size == 0)
		return fail(ERR_UNKNOWN, "an EFI program, but neither a bzImage nor a unified"
			    " kernel image: it has no section .linux");
	u->fd = bootimage_memory_file("kernel");
	if (u->fd < 0 || bootimage_copy(u->fd, &u->size, fd, found[LINUX].at, found[LINUX].size))
		return -1;
	if (add_initrd(u, fd, &found[UCODE]) || add_initrd(u, fd, &found[INITRD]))
		return -1;
	return found[CMDLINE].size ? take_cmdline(u, fd, &found[CMDLINE]) : 0;
}

int bootimage_uki(struct unwrapped *u, int fd, uint64_t size)
{
	static const char *const names[] = { ".linux", ".ucode", ".initrd", ".cmdline" };
	struct pe_section found[4] = { 0 }, s;
	struct pe pe;
	int more;

	if (pe_open(&pe, fd, size))
		return -1;
	while ((more = pe_section_next(&pe, &s)) == 1 && strcmp(s.name, ".profile") != 0)
		for (size_t i = 0; i < 4; i++)
			if (strcmp(s.name, names[i]) == 0 && found[i].size == 0)
				found[i] = s;
	return more < 0 ? -1 : take(u, fd, found);
}
