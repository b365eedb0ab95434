/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "num.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

bool num_parse(const char *text, size_t len, unsigned base, uint64_t *value)
{
	uint64_t v = 0;

	if (len == 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned d = (unsigned)digit(text[i]);

		if (d >= base || !num_mul(v, base, &v) || !num_add(v, d, &v))
			return false;
	}
	*value = v;
	return true;
}

bool num_u64(const char *text, uint64_t *value)
{
	size_t len = strlen(text);

	if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return num_parse(text + 2, len - 2, 16, value);
	return num_parse(text, len, 10, value);
}

bool num_size(const char *text, uint64_t *value)
{
	static const char units[] = "KMGT";
	size_t len = strlen(text);
	uint64_t scale = 1;
	char copy[32];

	if (len == 0 || len >= sizeof copy)
		return false;
	memcpy(copy, text, len + 1);
	for (int i = 0; units[i]; i++) {
		if (copy[len - 1] == units[i] || copy[len - 1] == units[i] + ('a' - 'A')) {
			scale <<= 10 * (i + 1);
			copy[len - 1] = '\0';
			break;
		}
	}
	return num_u64(copy, value) && num_mul(*value, scale, value);
}
