/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "kinfo.h"
#include "num.h"

enum { KEY_MAX = 96 };

const char *kinfo_string(const struct kinfo *ki, const char *key, size_t *len)
{
	size_t keylen = strlen(key);
	const char *line = ki->text;

	while (line && *line) {
		size_t n = strcspn(line, "\n");

		if (n > keylen && line[keylen] == '=' && memcmp(line, key, keylen) == 0) {
			*len = n - keylen - 1;
			return line + keylen + 1;
		}
		line += n + (line[n] == '\n');
	}
	return NULL;
}

/* the value of "KIND(NAME)=" */
static const char *lookup(const struct kinfo *ki, const char *kind, const char *name,
			  size_t *len)
{
	char key[KEY_MAX];
	int n = snprintf(key, sizeof key, "%s(%s)", kind, name);

	return n < (int)sizeof key ? kinfo_string(ki, key, len) : NULL;
}

static bool decimal(const struct kinfo *ki, const char *kind, const char *name,
		    uint64_t *value)
{
	size_t len;
	const char *text = lookup(ki, kind, name, &len);

	return text && num_parse(text, len, 10, value);
}

bool kinfo_symbol(const struct kinfo *ki, const char *name, uint64_t *value)
{
	size_t len;
	const char *text = lookup(ki, "SYMBOL", name, &len);
	uint64_t v;

	if (!text || !num_parse(text, len, 16, &v) || v == 0)
		return false;
	*value = v;
	return true;
}

bool kinfo_size(const struct kinfo *ki, const char *name, uint64_t *value)
{
	return decimal(ki, "SIZE", name, value);
}

bool kinfo_offset(const struct kinfo *ki, const char *name, uint64_t *value)
{
	return decimal(ki, "OFFSET", name, value);
}

bool kinfo_length(const struct kinfo *ki, const char *name, uint64_t *value)
{
	return decimal(ki, "LENGTH", name, value);
}

/* the generic ones are printed with %ld, some of arm64's and x86's with 0x%lx */
bool kinfo_number(const struct kinfo *ki, const char *name, int64_t *value)
{
	size_t len;
	const char *text = lookup(ki, "NUMBER", name, &len);
	bool minus;
	uint64_t v;

	if (!text)
		return false;
	if (len > 2 && text[0] == '0' && text[1] == 'x') {
		if (!num_parse(text + 2, len - 2, 16, &v))
			return false;
		*value = (int64_t)v;
		return true;
	}
	minus = len > 0 && text[0] == '-';
	if (!num_parse(text + minus, len - minus, 10, &v) || v > (uint64_t)INT64_MAX + minus)
		return false;
	*value = (int64_t)(minus ? -v : v);
	return true;
}

bool kinfo_hex(const struct kinfo *ki, const char *key, uint64_t *value)
{
	size_t len;
	const char *text = kinfo_string(ki, key, &len);

	return text && num_parse(text, len, 16, value);
}

unsigned kinfo_version(const char *release)
{
	unsigned part[3] = { 0, 0, 0 };

	for (int i = 0; i < 3 && isdigit((unsigned char)*release); i++) {
		size_t n = strspn(release, "0123456789");
		uint64_t v;

		part[i] = num_parse(release, n, 10, &v) && v < 255 ? (unsigned)v : 255;
		release += n;
		if (*release != '.')
			break;
		release++;
	}
	return KINFO_VERSION(part[0], part[1], part[2]);
}

void kinfo_printable(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = from[i] < ' ' || from[i] > '~' ? '?' : from[i];
}

int kinfo_open(struct kinfo *ki, const void *text, size_t len)
{
	const char *value;
	size_t n;
	uint64_t v;

	*ki = (struct kinfo){ 0 };
	if (len > KINFO_MAX)
		return fail(ERR_CORRUPT, "VMCOREINFO of %zu bytes", len);
	ki->text = malloc(len + 1);
	if (!ki->text)
		return fail_sys("VMCOREINFO");
	memcpy(ki->text, text, len);
	ki->text[len] = '\0';
	ki->len = strlen(ki->text);

	value = kinfo_string(ki, "OSRELEASE", &n);
	if (value && n < sizeof ki->release) {
		kinfo_printable(ki->release, value, n);
		ki->version = kinfo_version(ki->release);
	}
	value = kinfo_string(ki, "PAGESIZE", &n);
	if (value && num_parse(value, n, 10, &v) && num_is_power_of_2(v) &&
	    v >= 4096 && v <= 262144)
		ki->page_size = (uint32_t)v;
	value = kinfo_string(ki, "CRASHTIME", &n);
	if (value && num_parse(value, n, 10, &v) && v <= INT64_MAX)
		ki->crash_time = (int64_t)v;
	return 0;
}

void kinfo_close(struct kinfo *ki)
{
	free(ki->text);
	*ki = (struct kinfo){ 0 };
}
