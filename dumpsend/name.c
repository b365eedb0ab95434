/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "cursor.h"
#include "err.h"
#include "kdump-format.h"
#include "name.h"

enum { UTSNAME_NODENAME = KDUMP_UTSNAME + KDUMP_UTSNAME_LEN };

void name_clean(char *to, const char *text, size_t len)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._:-";
	size_t n = 0;

	for (; n < len && n < NAME_MAX_LEN && text[n]; n++)
		to[n] = strchr(good, text[n]) ? text[n] : '_';
	to[n] = '\0';
	if (strcmp(to, ".") == 0 || strcmp(to, "..") == 0)
		memset(to, '_', n);
}

/* the letter of the next name in *path, and *path behind it; 0 at the end; '?': none of ours */
static char next_name(const char **path)
{
	const char *p = strchr(*path, '%');

	if (!p) {
		*path += strlen(*path);
		return 0;
	}
	*path = p + 1 + (p[1] != '\0');
	return p[1] && strchr("hirt%", p[1]) ? p[1] : '?';
}

int name_check(const char *path)
{
	const char *p = path;
	char letter;

	while ((letter = next_name(&p)))
		if (letter == '?')
			return fail(ERR_USAGE, "a percent sign is written %%%%; the names are "
				    "%%h %%i %%t %%r");
	return 0;
}

bool name_needs(const char *path, char letter)
{
	char found;

	while ((found = next_name(&path)))
		if (found == letter)
			return letter != '%';
	return false;
}

/* the byte order of another machine: a header's version is a small number */
static bool is_swapped(const uint8_t *head)
{
	struct cursor c = cursor_over(head + KDUMP_HEADER_VERSION, 4, false);

	return cursor_u32(&c) > UINT16_MAX;
}

/* from one of utsname's fields; "(none)" is what a kernel without a name calls itself */
static void fill(char *name, const char *text)
{
	if (!name[0] && strncmp(text, "(none)", KDUMP_UTSNAME_LEN) != 0)
		name_clean(name, text, KDUMP_UTSNAME_LEN);
}

/* the time of a whole header; 0: nobody knew it */
static void fill_time(struct names *n, const uint8_t *head)
{
	struct cursor c = cursor_over(head + KDUMP_TIME_SEC, 8, is_swapped(head));
	int64_t seconds = (int64_t)cursor_u64(&c);

	if (!n->time[0] && seconds > 0)
		name_of_time(n->time, seconds);
}

bool name_from_dump(struct names *n, const void *head, size_t len)
{
	const char *text = head;

	if (len < KDUMP_UTSNAME || memcmp(head, KDUMP_SIGNATURE, 8) != 0)
		return false;
	/* the first record of a flattened stream may have less than the header */
	if (len >= UTSNAME_NODENAME + KDUMP_UTSNAME_LEN)
		fill(n->host, text + UTSNAME_NODENAME);
	if (len >= KDUMP_UTSNAME_RELEASE + KDUMP_UTSNAME_LEN)
		fill(n->release, text + KDUMP_UTSNAME_RELEASE);
	if (len >= KDUMP_TIME_SEC + 8)
		fill_time(n, head);
	return true;
}

const char *name_from_machine(struct names *n, char letters[8])
{
	struct utsname u;
	size_t count = 0;

	if (uname(&u) == 0 && !n->host[0]) {
		fill(n->host, u.nodename);
		letters[count++] = 'h';
	}
	if (!n->time[0]) {
		name_of_time(n->time, time(NULL));
		letters[count++] = 't';
	}
	if (!n->release[0] && uname(&u) == 0) {
		fill(n->release, u.release);
		letters[count++] = 'r';
	}
	letters[count] = '\0';
	return letters;
}

void name_of_time(char *to, int64_t seconds)
{
	time_t t = seconds;
	struct tm tm;

	/* the 10th millennium has years of another length: then the bare number */
	if (seconds < 0 || !gmtime_r(&t, &tm) || tm.tm_year + 1900 > 9999)
		snprintf(to, NAME_MAX_LEN + 1, "%" PRId64, seconds);
	else
		strftime(to, NAME_MAX_LEN + 1, "%Y-%m-%d-%H:%M:%S", &tm);
}

static const char *value_of(const struct names *n, char letter)
{
	const char *value = letter == 'h' ? n->host : letter == 'i' ? n->address :
			    letter == 't' ? n->time : n->release;

	/* a dump with a poor name is better than none */
	return letter == '%' ? "%" : value[0] ? value : "unknown";
}

/* adds len bytes of text to *to, which has room for them */
static void add(char **to, const char *text, size_t len)
{
	memcpy(*to, text, len);
	*to += len;
}

char *name_expand(const char *path, const struct names *n)
{
	size_t len = strlen(path) + 1;
	const char *p = path, *from = path;
	char letter, *expanded, *to;

	if (name_check(path))
		return NULL;
	while ((letter = next_name(&p)))
		len += strlen(value_of(n, letter));
	expanded = to = malloc(len);
	if (!expanded) {
		fail(ERR_MEMORY, "%.150s: out of memory", path);
		return NULL;
	}
	for (p = path; (letter = next_name(&p)); from = p) {
		char value[NAME_MAX_LEN + 1];

		add(&to, from, (size_t)(p - 2 - from));
		/* whoever filled n: nothing that leaves the folder gets through here */
		name_clean(value, value_of(n, letter), NAME_MAX_LEN);
		if (letter == '%')
			strcpy(value, "%");
		add(&to, value, strlen(value));
	}
	add(&to, from, strlen(from) + 1);
	return expanded;
}

char *name_host_dir(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? (int)(slash + 1 - path) : 0;
	char *made;

	if (asprintf(&made, "%.*s%%i-%%t/%s", folder, path, path + folder) < 0) {
		fail(ERR_MEMORY, "%.150s: out of memory", path);
		return NULL;
	}
	return made;
}
