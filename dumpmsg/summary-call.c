/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of a trace:
 *
 *	 ? name+0x12/0x34 [module]			x86, 4.10 and later
 *	 name+0x12/0x34 [module 0123...] (P)		with build ID; arm64 since 6.13: P is an exception
 *	 [<ffffffff81234567>] ? name+0x12/0x34		before 4.10
 *	 [c000000012345678] [c0000000abcdef01] name+0x12/0x34	powerpc
 *	 0xffffffffc0001234				no symbol
 */
#include <stdlib.h>
#include <string.h>

#include "summary-line.h"
#include "summary-report.h"

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '$' || c == '@';
}

/* "0x12"; *end is behind it */
static bool hex(const char *s, uint64_t *value, const char **end)
{
	char *stop;

	if (s[0] != '0' || s[1] != 'x')
		return false;
	*value = strtoull(s + 2, &stop, 16);
	*end = stop;
	/* no sign, no space, no second 0x, not more than fits */
	return stop > s + 2 && stop <= s + 18 && s[2] != '-' && s[2] != '+' && s[2] != ' ' &&
	       s[3] != 'x' && s[3] != 'X';
}

/* "name+0x12/0x34"; *end is behind it */
static bool place(const char *s, struct call *c, const char **end)
{
	size_t n = 0;

	while (is_name(s[n]))
		n++;
	if (n == 0 || s[n] != '+' || !hex(s + n + 1, &c->offset, end) || **end != '/' ||
	    !hex(*end + 1, &c->size, end))
		return false;
	line_clean(c->name, sizeof c->name, s, n);
	return true;
}

/* " [module 0123abcd]" or " [module(OE)]", if there is one */
static const char *module(const char *s, struct call *c)
{
	size_t n;

	if (strncmp(s, " [", 2) != 0)
		return s;
	n = strcspn(s + 2, " (]");
	line_clean(c->module, n < sizeof c->module ? n + 1 : sizeof c->module, s + 2, n);
	s += 2 + n;
	s += strcspn(s, "]");
	return *s ? s + 1 : s;
}

/* addresses in brackets, and spaces */
static const char *skip_addresses(const char *s)
{
	for (;;) {
		size_t n;

		s += strspn(s, " ");
		if (*s != '[')
			return s;
		n = 1 + strspn(s + 1, "<>0123456789abcdef");
		if (n < 10 || s[n] != ']')
			return s;
		s += n + 1;
	}
}

/* arm64 says where it had the address from: "(P)", "(PF)" */
static bool source(const char *s, struct call *c)
{
	size_t n;

	s += strspn(s, " ");
	if (*s == '\0')
		return true;
	n = strspn(s + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	if (*s != '(' || n == 0 || n > 8 || s[n + 1] != ')' || s[n + 2 + strspn(s + n + 2, " ")])
		return *s == '(' && strncmp(s, "(unreliable)", 12) == 0;
	c->interrupted = memchr(s + 1, 'P', n) != NULL;
	return true;
}

bool line_call(const char *line, struct call *c)
{
	struct call found = { .times = 1 };
	const char *s = skip_addresses(line), *end;

	if (s[0] == '?' && s[1] == ' ') {
		found.maybe = true;
		s = skip_addresses(s + 2);
	}
	if (place(s, &found, &end))
		end = module(end, &found);
	else if (!hex(s, &found.at, &end))
		return false;
	if (!source(end, &found))
		return false;
	*c = found;
	return true;
}

bool line_has_call(const char *line, struct call *c)
{
	for (const char *s = line; *s; s++) {
		struct call found = { .times = 1 };
		const char *end;

		if ((s > line && is_name(s[-1])) || !place(s, &found, &end))
			continue;
		module(end, &found);
		*c = found;
		return true;
	}
	return false;
}

bool line_pc(const char *line, struct call *c, bool *user)
{
	static const char *const heads[] = {
		"RIP: ", "EIP: ", "pc : ", "PC is at ", "epc : ", "NIP [", "Krnl PSW : ",
	};
	struct call found = { .times = 1 };
	const char *s = NULL, *end;

	for (size_t i = 0; !s && i < sizeof heads / sizeof *heads; i++)
		if (strncmp(line, heads[i], strlen(heads[i])) == 0)
			s = line + strlen(heads[i]);
	if (!s)
		return false;
	/* the segment's two low bits are the privilege */
	*user = line[0] == 'R' && strspn(s, "0123456789abcdef") == 4 && s[4] == ':' &&
		(s[3] == '3' || s[3] == 'b' || s[3] == '7' || s[3] == 'f');
	if (*user)
		return true;
	if (!line_has_call(s, &found) &&
	    !(strlen(s) > 5 && s[4] == ':' && hex(s + 5, &found.at, &end)))
		return false;
	*c = found;
	return true;
}
