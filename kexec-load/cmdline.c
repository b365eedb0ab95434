/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"
#include "err.h"

/*
 * What a production kernel is told and a capture kernel must not be. root= and init=
 * stay: a capture environment that boots the real root needs them.
 */
static const char *const drops[] = {
	/* a reservation inside the reservation; the address of an older capture kernel's */
	"crashkernel", "elfcorehdr",
	/* the boot loader's note of another kernel's name */
	"BOOT_IMAGE",
	/* memory that the small machine does not have */
	"hugepages", "hugepagesz", "default_hugepagesz", "hugetlb_cma", "cma",
	"log_buf_len", "slub_debug", "slab_debug", "swiotlb",
	/* a memory map that is not its own */
	"mem", "memmap",
	/* a warning must not stop the dump */
	"panic_on_warn", "unknown_nmi_panic",
	/* it must not wake a sleeping system, nor stop for a shell */
	"resume", "resume_offset", "rd.break",
	/* processors that it will not have */
	"isolcpus", "nohz_full", "rcu_nocbs",
	/* what is going on must be seen */
	"quiet", "splash", "showopts",
	/* installers' */
	"abm", "ignition.firstboot",
};

/* the kernel's isspace(): Latin-1, so that a no-break space separates words too */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c == 0xa0;
}

bool cmdline_next(const char **pos, struct cmdline_word *word)
{
	const char *p = *pos, *equals = NULL;
	bool quoted = false;

	while (is_space(*p))
		p++;
	if (*p == '\0')
		return false;
	word->text = p;
	for (; *p && (quoted || !is_space(*p)); p++) {
		if (*p == '"')
			quoted = !quoted;
		if (*p == '=' && !equals)
			equals = p;
	}
	word->len = (size_t)(p - word->text);
	word->name = word->text + (word->text[0] == '"');
	/* of a name in quotes, "name", the last one is no part either */
	const char *end = equals ? equals : p - (p > word->name && p[-1] == '"');

	word->namelen = (size_t)(end - word->name);
	*pos = p;
	return true;
}

static char same(char c)
{
	return c == '-' ? '_' : c;
}

bool cmdline_is(const struct cmdline_word *word, const char *name)
{
	if (strlen(name) != word->namelen)
		return false;
	for (size_t i = 0; i < word->namelen; i++)
		if (same(name[i]) != same(word->name[i]))
			return false;
	return true;
}

static bool ends_options(const struct cmdline_word *word)
{
	return word->len == 2 && memcmp(word->text, "--", 2) == 0;
}

bool cmdline_has(const char *cmdline, const char *name)
{
	struct cmdline_word word;

	while (cmdline_next(&cmdline, &word) && !ends_options(&word))
		if (cmdline_is(&word, name))
			return true;
	return false;
}

const char *cmdline_drops(size_t n)
{
	return n < sizeof drops / sizeof drops[0] ? drops[n] : NULL;
}

static bool is_dropped(const struct cmdline_word *word)
{
	for (size_t i = 0; cmdline_drops(i); i++)
		if (cmdline_is(word, drops[i]))
			return true;
	return false;
}

/* there is room: the caller counted */
static void put(char *line, const char *text, size_t len)
{
	size_t n = strlen(line);

	if (len == 0)
		return;
	if (n > 0)
		line[n++] = ' ';
	memcpy(line + n, text, len);
	line[n + len] = '\0';
}

char *cmdline_reuse(const char *running, const char *append,
		    void (*removed)(const struct cmdline_word *word))
{
	size_t extra = append ? strlen(append) : 0;
	char *line = calloc(1, strlen(running) + extra + 3);
	struct cmdline_word word;
	const char *for_init = "";

	if (!line) {
		fail(ERR_MEMORY, "out of memory");
		return NULL;
	}
	while (cmdline_next(&running, &word)) {
		if (ends_options(&word)) {
			for_init = word.text;
			break;
		}
		if (!is_dropped(&word))
			put(line, word.text, word.len);
		else if (removed)
			removed(&word);
	}
	if (append)
		put(line, append, extra);
	put(line, for_init, strlen(for_init));
	return line;
}
