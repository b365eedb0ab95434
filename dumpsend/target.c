/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "err.h"
#include "name.h"
#include "num.h"
#include "target-parts.h"
#include "target.h"

enum { TEXT_MAX = 4000 };	/* bytes; no system takes much longer paths */

static int hex_value(const char *text)
{
	uint64_t v;

	return isxdigit((unsigned char)text[0]) && isxdigit((unsigned char)text[1]) &&
	       num_parse(text, 2, 16, &v) ? (int)v : -1;
}

char *target_decode(const char *from, size_t len, bool names)
{
	char *to = malloc(len + 1), *out = to;

	if (!to) {
		fail(ERR_MEMORY, "out of memory");
		return NULL;
	}
	for (const char *end = from + len; from < end; from++) {
		int v;

		if (*from != '%') {
			*out++ = *from;
			continue;
		}
		if (names && end - from >= 2 && strchr("hirt%", from[1])) {
			*out++ = *from++;
			*out++ = *from;
			continue;
		}
		v = end - from >= 3 ? hex_value(from + 1) : -1;
		if (v < 0 || iscntrl(v)) {
			fail(ERR_USAGE, "\"%.*s\": %s%s", end - from < 3 ? (int)(end - from) : 3,
			     from, v < 0 ? "not % and two hexadecimal digits" :
			     "a control character", v < 0 && names ? ", nor %h %i %t %r %%" : "");
			free(to);
			return NULL;
		}
		if (names && v == '%')
			*out++ = '%';
		*out++ = (char)v;
		from += 2;
	}
	*out = '\0';
	return to;
}

/* "/a//b" becomes "/a/b" */
static void squeeze(char *path)
{
	char *out = path;

	for (const char *p = path; *p; p++)
		if (*p != '/' || p[1] != '/')
			*out++ = *p;
	*out = '\0';
}

static bool has_dot_parts(const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if ((len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return true;
		path += len + (path[len] == '/');
	}
	return false;
}

/* what every path must be; a folder cannot be written to */
static int check_path(const struct target *t)
{
	const char *slash = strrchr(t->path, '/'), *last = slash ? slash + 1 : t->path;

	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0 ||
	    (t->kind == TARGET_SSH && strcmp(t->path, "/~") == 0))
		return fail(ERR_USAGE, "is a folder: name a file in it");
	if (t->kind != TARGET_FILE && t->kind != TARGET_RAW && has_dot_parts(t->path))
		return fail(ERR_USAGE, "has a part . or ..: write the path without");
	return name_check(t->path);
}

static int parse_id(const char *text, size_t len, const char *what, int64_t *id)
{
	uint64_t v;

	/* the last one stands for "nobody in particular" in chown() */
	if (!num_parse(text, len, 10, &v) || v >= UINT32_MAX)
		return fail(ERR_USAGE, "%s must be a number below 4294967295", what);
	if (*id >= 0 && *id != (int64_t)v)
		return fail(ERR_USAGE, "%s is given twice", what);
	*id = (int64_t)v;
	return 0;
}

/* does path, which may have names in it, lie in this folder? */
static bool is_under(const char *path, const char *folder)
{
	while (*folder) {
		if (*path != *folder || (*path == '%' && *++path != '%'))
			return false;
		path++;
		folder++;
	}
	return folder[-1] == '/' ? *path != '\0' : *path == '/';
}

static int parse_export(struct target *t, const char *text, size_t len)
{
	if (t->export)
		return fail(ERR_USAGE, "export is given twice");
	t->export = target_decode(text, len, false);
	if (!t->export)
		return -1;
	squeeze(t->export);
	len = strlen(t->export);
	if (len > 1 && t->export[len - 1] == '/')
		t->export[len - 1] = '\0';
	if (t->export[0] != '/' || has_dot_parts(t->export))
		return fail(ERR_USAGE, "export must be a folder's whole path, without . and ..");
	if (!is_under(t->path, t->export))
		return fail(ERR_USAGE, "the path does not begin with the export");
	return 0;
}

static int parse_option(struct target *t, const char *text, size_t len)
{
	const char *eq = memchr(text, '=', len), *value = eq ? eq + 1 : text + len;
	size_t key = eq ? (size_t)(eq - text) : len, n = (size_t)(text + len - value);
	uint64_t v;

	if (key == 6 && memcmp(text, "export", key) == 0)
		return parse_export(t, value, n);
	if (key == 3 && memcmp(text, "uid", key) == 0)
		return parse_id(value, n, "uid", &t->uid);
	if (key == 3 && memcmp(text, "gid", key) == 0)
		return parse_id(value, n, "gid", &t->gid);
	if (key == 7 && memcmp(text, "nfsport", key) == 0)
		return target_port(value, n, "nfsport, the same as the port,", &t->port);
	if (key == 9 && memcmp(text, "mountport", key) == 0)
		return target_port(value, n, "mountport", &t->mountport);
	if (key != 7 || memcmp(text, "version", key) != 0)
		return fail(ERR_USAGE, "no option \"%.*s\": there are version, uid, gid, "
			    "nfsport, mountport, export", key < 20 ? (int)key : 20, text);
	if (!num_parse(value, n, 10, &v) || v < 3 || v > 4)
		return fail(ERR_USAGE, "version must be 3 or 4");
	if (t->version && t->version != v)
		return fail(ERR_USAGE, "version is given twice");
	t->version = (unsigned)v;
	return 0;
}

/* KEY=VALUE&KEY=VALUE..., behind the question mark */
static int parse_query(struct target *t, const char *text)
{
	size_t len;

	if (t->kind != TARGET_NFS)
		return fail(ERR_USAGE, "only nfs:// has ?OPTIONS; in a name, %%3F is a ?");
	for (;; text += len + 1) {
		len = strcspn(text, "&");
		if (parse_option(t, text, len))
			return -1;
		if (!text[len])
			break;
	}
	if (t->version == 4 && t->mountport)
		return fail(ERR_USAGE, "version 4 has no mountport");
	return 0;
}

/* behind "SCHEME:" */
static int parse_url(struct target *t, const char *rest)
{
	size_t authority = 0, path;

	if (strncmp(rest, "//", 2) == 0) {
		rest += 2;
		authority = strcspn(rest, "/?");
	} else if (t->kind != TARGET_FILE || rest[0] != '/') {
		return fail(ERR_USAGE, "// must follow the colon; a file of that name needs ./ "
			    "in front");
	}
	if (t->kind == TARGET_FILE) {
		if (authority && (authority != 9 || strncasecmp(rest, "localhost", 9) != 0))
			return fail(ERR_USAGE, "a file on another host: write file:///PATH");
	} else if (target_server(t, rest, authority)) {
		return -1;
	}
	rest += authority;
	path = strcspn(rest, "?");
	if (path == 0)
		return fail(ERR_USAGE, "has no path: name a file");
	t->path = target_decode(rest, path, true);
	if (!t->path)
		return -1;
	squeeze(t->path);
	if (check_path(t))
		return -1;
	return rest[path] ? parse_query(t, rest + path + 1) : 0;
}

/* a device has no names in it: a percent sign is one */
static int parse_raw(struct target *t, const char *path)
{
	char *out;

	if (!*path || strncmp(path, "//", 2) == 0)
		return fail(ERR_USAGE, "write raw:/dev/NAME");
	t->path = out = malloc(2 * strlen(path) + 1);
	if (!out)
		return fail(ERR_MEMORY, "out of memory");
	for (; *path; path++) {
		if (*path == '%')
			*out++ = '%';
		*out++ = *path;
	}
	*out = '\0';
	return check_path(t);
}

static int parse_plain(struct target *t)
{
	size_t n = strcspn(t->text, ":/");

	if (strcmp(t->text, "-") == 0)
		return fail(ERR_USAGE, "standard output is no target");
	/* what scp and mount write would be a folder of that name in a capture kernel's memory */
	if (t->text[n] == ':' && (memchr(t->text, '@', n) || t->text[n + 1] == '/'))
		return fail(ERR_USAGE, "write ssh://[USER@]HOST/PATH or nfs://HOST/PATH; a file "
			    "of that name needs ./ in front");
	t->path = strdup(t->text);
	return t->path ? check_path(t) : fail(ERR_MEMORY, "out of memory");
}

static int parse(struct target *t)
{
	static const struct { const char *name; enum target_kind kind; } schemes[] = {
		{ "nfs", TARGET_NFS }, { "ssh", TARGET_SSH }, { "sftp", TARGET_SSH },
		{ "file", TARGET_FILE }, { "raw", TARGET_RAW },
	};
	const char *text = t->text;
	size_t n = isalpha((unsigned char)*text) ? strcspn(text, ":/") : 0;

	if (strlen(text) > TEXT_MAX)
		return fail(ERR_USAGE, "longer than %d bytes", TEXT_MAX);
	if (n == 0 || text[n] != ':')
		return parse_plain(t);
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		if (strlen(schemes[i].name) != n || strncasecmp(text, schemes[i].name, n) != 0)
			continue;
		t->kind = schemes[i].kind;
		return t->kind == TARGET_RAW ? parse_raw(t, text + n + 1) :
			parse_url(t, text + n + 1);
	}
	if (strncmp(text + n, "://", 3) == 0)
		return fail(ERR_USAGE, "no such kind of target: there are nfs://, ssh://, "
			    "sftp://, file://, raw: and plain paths");
	return parse_plain(t);
}

/* a target as it may be shown: its beginning, and no password */
static void shown(char *to, size_t size, const char *text)
{
	size_t scheme = strcspn(text, ":"), user = scheme + strspn(text + scheme, ":/");
	size_t end = user + strcspn(text + user, "/");
	size_t colon = user + strcspn(text + user, ":");
	bool secret = memchr(text + user, '@', end - user) && colon < end;

	snprintf(to, size, "%.*s%s", secret ? (int)colon : (int)strlen(text), text,
		 secret ? ":..." : "");
}

int target_parse(struct target *t, const char *text)
{
	char start[100];

	*t = (struct target){ .kind = TARGET_FILE, .text = text, .uid = -1, .gid = -1 };
	if (!*text)
		return fail(ERR_USAGE, "a target without a name");
	for (const char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			return fail(ERR_USAGE, "a target with a control character in it");
	if (parse(t) == 0)
		return 0;
	shown(start, sizeof start, text);
	target_close(t);
	return fail_in(start);
}

void target_close(struct target *t)
{
	free(t->user);
	free(t->host);
	free(t->path);
	free(t->export);
	*t = (struct target){ .uid = -1, .gid = -1 };
}
