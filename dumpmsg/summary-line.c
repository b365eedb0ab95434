/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processor and task, place, modules: lib/dump_stack.c (4.9 to 7.2), kernel/printk.c before,
 * lib/bug.c, kernel/panic.c, kernel/module/main.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "summary-line.h"
#include "summary-report.h"
#include "utf8.h"

/* may stand in a line on a terminal: no control characters, neither C0 nor C1 */
static bool is_safe(const unsigned char *s, size_t n)
{
	if (n == 1)
		return s[0] >= ' ' && s[0] < 0x7f;
	return n > 1 && !(s[0] == 0xc2 && s[1] < 0xa0);
}

void line_clean(char *to, size_t size, const char *from, size_t len)
{
	size_t used = 0;

	while (len > 0) {
		size_t n, plain = 0;
		bool safe;

		while (plain < len && used + plain + 1 < size && from[plain] >= ' ' && from[plain] < 0x7f)
			plain++;
		memcpy(to + used, from, plain);
		used += plain;
		from += plain;
		len -= plain;
		if (len == 0 || used + 1 >= size)
			break;
		n = utf8_len(from, len);
		safe = is_safe((const unsigned char *)from, n);
		if (!safe)
			n = 1;
		if (used + n >= size)
			break;
		if (safe)
			memcpy(to + used, from, n);
		else
			to[used] = *from == '\t' ? ' ' : '?';
		used += n;
		from += n;
		len -= n;
	}
	to[used] = '\0';
}

void line_copy(char *to, size_t size, const char *from)
{
	line_clean(to, size, from, strlen(from));
}

bool line_begins(const char *line, const char *words)
{
	return strncmp(line, words, strlen(words)) == 0;
}

/* decimal digits behind words, anywhere in the line */
static bool number_after(const char *line, const char *words, uint32_t *value)
{
	const char *at = strstr(line, words);
	unsigned long long v;
	char *end;

	if (!at || at[strlen(words)] < '0' || at[strlen(words)] > '9')
		return false;
	v = strtoull(at + strlen(words), &end, 10);
	if (v > UINT32_MAX)
		return false;
	*value = (uint32_t)v;
	return true;
}

/* between "Comm: " and what the kernel puts behind it; the name itself may have spaces */
static void take_comm(const char *at, struct report *r)
{
	static const char *const behind[] = { " Kdump: loaded", " Not tainted", " Tainted: " };
	size_t len = strlen(at);

	for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
		const char *end = strstr(at, behind[i]);

		if (end && (size_t)(end - at) < len)
			len = (size_t)(end - at);
	}
	line_clean(r->comm, len < sizeof r->comm ? len + 1 : sizeof r->comm, at, len);
}

bool line_taint(const char *line, struct report *r)
{
	const char *at = strstr(line, "Tainted: ");
	size_t n = 0;

	if (!at && strstr(line, "Not tainted")) {
		r->has_taint = true;
		r->taint[0] = '\0';
		return true;
	}
	if (!at || at[strlen("Tainted: ")] == '[')
		return false;
	r->has_taint = true;
	/* the release begins with a digit */
	for (at += strlen("Tainted: "); *at == ' ' || (*at >= 'A' && *at <= 'Z'); at++)
		if (*at != ' ' && *at != 'G' && n + 1 < sizeof r->taint)
			r->taint[n++] = *at;
	r->taint[n] = '\0';
	return true;
}

bool line_cpu(const char *line, struct report *r)
{
	const char *comm = strstr(line, "Comm: ");

	if (!comm)
		comm = strstr(line, "comm: ");
	if (!comm || (strncmp(line, "CPU: ", 5) != 0 && strncmp(line, "Pid: ", 5) != 0))
		return false;
	if (number_after(line, "CPU: ", &r->cpu))
		r->has_cpu = true;
	if (number_after(line, " PID: ", &r->pid) || number_after(line, "Pid: ", &r->pid))
		r->has_pid = true;
	take_comm(comm + strlen("Comm: "), r);
	line_taint(comm, r);
	return true;
}

bool line_place(const char *line, struct report *r)
{
	static const char *const before[] = { "ernel BUG at ", "WARNING: " };
	const char *at = NULL;
	size_t n;

	for (size_t i = 0; !at && i < sizeof before / sizeof *before; i++) {
		at = strstr(line, before[i]);
		if (at)
			at += strlen(before[i]);
	}
	if (!at)
		return false;
	/* before 6.19 a warning has processor and process in front of its place */
	if (strncmp(at, "CPU: ", 5) == 0) {
		at = strstr(at, " at ");
		if (!at)
			return false;
		at += strlen(" at ");
	}
	n = strcspn(at, " !");
	if (n == 0 || !memchr(at, ':', n))
		return false;
	line_clean(r->place, n < sizeof r->place ? n + 1 : sizeof r->place, at, n);
	return true;
}

bool line_hung(const char *line, struct report *r)
{
	const char *name = strstr(line, "INFO: task "), *end, *colon = NULL;
	size_t n;

	if (!name)
		return false;
	name += strlen("INFO: task ");
	end = strstr(name, " blocked");
	for (const char *p = name; end && p < end; p++)
		if (*p == ':')
			colon = p;
	if (!colon || !number_after(colon, ":", &r->pid))
		return false;
	n = (size_t)(colon - name);
	line_clean(r->comm, n < sizeof r->comm ? n + 1 : sizeof r->comm, name, n);
	r->has_pid = true;
	return true;
}

bool line_modules(const char *line, struct report *r)
{
	static const char head[] = "Modules linked in:";
	size_t used = 0;

	if (strncmp(line, head, strlen(head)) != 0)
		return false;
	r->tainted[0] = '\0';
	for (line += strlen(head); *line; line += strcspn(line, " ")) {
		size_t n;

		line += strspn(line, " ");
		if (*line == '[')	/* [last unloaded: a(O)] */
			break;
		n = strcspn(line, " ");
		/* "(-)" and "(+)" say that it comes or goes */
		if (!memchr(line, '(', n) || used + n + 2 > sizeof r->tainted)
			continue;
		used += (size_t)snprintf(r->tainted + used, sizeof r->tainted - used, "%s%.*s",
					 used ? " " : "", (int)n, line);
	}
	return true;
}
