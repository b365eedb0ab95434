/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done to names, and what a refusal means. */
#include <string.h>
#include <sys/stat.h>

#include "err.h"
#include "num.h"
#include "sftp.h"

enum {
	ATTR_SIZE = 1, ATTR_OWNER = 2, ATTR_MODE = 4, ATTR_TIMES = 8,
	VFS_READ_ONLY = 1,
	NEARLY_FULL = 1 << 20,	/* bytes: with less than this free, a failure means a full disk */
};

static bool parse_attrs(struct cursor *c, struct sftp_attrs *a)
{
	uint32_t flags = cursor_u32(c);

	*a = (struct sftp_attrs){ 0 };
	if (flags & ATTR_SIZE) {
		a->has_size = true;
		a->size = cursor_u64(c);
	}
	if (flags & ATTR_OWNER)
		cursor_u64(c);
	if (flags & ATTR_MODE) {
		a->has_mode = true;
		a->mode = cursor_u32(c);
	}
	if (flags & ATTR_TIMES) {
		a->has_mtime = true;
		cursor_u32(c);
		a->mtime = cursor_u32(c);
	}
	return cursor_ok(c);
}

int sftp_stat(struct sftp *f, enum sftp_type how, const char *path, struct sftp_attrs *a,
	      struct sftp_status *st)
{
	sftp_begin(f, how);
	if (how == SFTP_FSTAT)
		sftp_put_string(f, f->handle, f->handle_len);
	else
		sftp_put_string(f, path, strlen(path));

	int type = sftp_call(f);

	*st = (struct sftp_status){ 0 };
	if (type < 0)
		return -1;
	if (type == SFTP_IS_ATTRS)
		return parse_attrs(&f->answer, a) ? 0 : sftp_bad(f, "attributes too short");
	return sftp_parse_status(&f->answer, (uint8_t)type, st) && st->code != SFTP_OK ?
	       0 : sftp_bad(f, "attributes of another kind");
}

int sftp_make_dir(struct sftp *f, const char *path, uint32_t mode, struct sftp_status *st)
{
	sftp_begin(f, SFTP_MKDIR);
	sftp_put_string(f, path, strlen(path));
	sftp_put_u32(f, ATTR_MODE);
	sftp_put_u32(f, S_IFDIR | mode);
	return sftp_call_status(f, st);
}

int sftp_set_mode(struct sftp *f, const char *path, uint32_t mode, struct sftp_status *st)
{
	sftp_begin(f, SFTP_SETSTAT);
	sftp_put_string(f, path, strlen(path));
	sftp_put_u32(f, ATTR_MODE);
	sftp_put_u32(f, mode);
	return sftp_call_status(f, st);
}

int sftp_remove(struct sftp *f, const char *path, struct sftp_status *st)
{
	sftp_begin(f, SFTP_REMOVE);
	sftp_put_string(f, path, strlen(path));
	return sftp_call_status(f, st);
}

int sftp_rename(struct sftp *f, const char *from, const char *to, bool posix,
		struct sftp_status *st)
{
	static const char name[] = "posix-rename@openssh.com";

	sftp_begin(f, posix ? SFTP_EXTENDED : SFTP_RENAME);
	if (posix)
		sftp_put_string(f, name, sizeof name - 1);
	sftp_put_string(f, from, strlen(from));
	sftp_put_string(f, to, strlen(to));
	return sftp_call_status(f, st);
}

/* the fields are those of struct statvfs, 64 bits each */
int sftp_statvfs(struct sftp *f, const char *path, struct sftp_space *space)
{
	static const char name[] = "statvfs@openssh.com";
	struct cursor *c = &f->answer;

	if (!f->has_statvfs)
		return 0;
	sftp_begin(f, SFTP_EXTENDED);
	sftp_put_string(f, name, sizeof name - 1);
	sftp_put_string(f, path, strlen(path));

	int type = sftp_call(f);

	if (type != SFTP_EXTENDED_REPLY)
		return type < 0 ? -1 : 0;
	cursor_u64(c);			/* f_bsize */
	uint64_t unit = cursor_u64(c);
	cursor_take(c, 2 * 8);		/* f_blocks, f_bfree */
	uint64_t units = cursor_u64(c);
	cursor_take(c, 4 * 8);		/* f_files, f_ffree, f_favail, f_fsid */
	uint64_t flags = cursor_u64(c);

	if (!cursor_ok(c))
		return sftp_bad(f, "an answer to statvfs too short");
	if (!num_mul(unit, units, &space->free))
		space->free = UINT64_MAX;
	space->read_only = flags & VFS_READ_ONLY;
	return 1;
}

static const char *words_of(const struct sftp_status *st)
{
	static const char *const words[] = {
		[SFTP_NO_SUCH_FILE] = "no such file or folder",
		[SFTP_PERMISSION_DENIED] = "permission denied",
		[SFTP_FAILURE] = "the server says no more than that it failed",
		[SFTP_BAD_MESSAGE] = "the server takes no such name or request",
		[SFTP_OP_UNSUPPORTED] = "the server cannot do that",
		[SFTP_WRITE_PROTECT] = "file system is read-only",
		[SFTP_NO_SPACE] = "no space left",
		[SFTP_QUOTA] = "quota exceeded",
	};

	/* OpenSSH's words for a failure are "Failure" */
	if (st->code == SFTP_FAILURE && *st->text && strcasecmp(st->text, "failure") != 0)
		return st->text;
	if (st->code < sizeof words / sizeof words[0] && words[st->code])
		return words[st->code];
	return *st->text ? st->text : "refused for a reason unknown to us";
}

static bool says_full(const struct sftp_status *st)
{
	return st->code == SFTP_NO_SPACE || st->code == SFTP_QUOTA ||
	       strcasestr(st->text, "no space left") || strcasestr(st->text, "disk full") ||
	       strcasestr(st->text, "quota");
}

int sftp_refused(struct sftp *f, const char *what, const struct sftp_status *asked,
		 const char *near, uint64_t need)
{
	const struct sftp_status st = *asked;
	const char *host = f->channel->target->host;
	struct sftp_space space = { 0 };

	if (st.code == SFTP_NO_CONNECTION || st.code == SFTP_CONNECTION_LOST)
		return fail(ERR_AGAIN, "%s: %s: the server has lost its connection", host, what);
	if (says_full(&st))
		return fail(ERR_FULL, "%s: %s: %s", host, what, words_of(&st));

	/* OpenSSH has one code for a full, a read-only and a broken disk */
	if (st.code == SFTP_FAILURE && near) {
		int rc = sftp_statvfs(f, near, &space);

		if (rc < 0)
			return -1;
		if (rc > 0 && space.read_only)
			return fail(ERR_SYS, "%s: %s: file system is read-only", host, what);
		if (rc > 0 && space.free < (need > NEARLY_FULL ? need : NEARLY_FULL))
			return fail(ERR_FULL, "%s: %s: no space left on the server", host, what);
	}
	return fail(ERR_SYS, "%s: %s: %s", host, what, words_of(&st));
}
