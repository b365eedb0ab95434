/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of RFC 1813 2.6 and RFC 7530 13, as libnfs names them. libnfs makes
 * ERANGE of a full quota and of most of what only NFSv4 has, so the names come first.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "err.h"
#include "nfs-error.h"

static const struct {
	const char *name;	/* how it ends, after NFS3ERR_ or NFS4ERR_ */
	enum err code;
	const char *text;
} by_name[] = {
	{ "DQUOT", ERR_FULL, "quota exceeded" },
	{ "JUKEBOX", ERR_AGAIN, "server is busy" },
	{ "DELAY", ERR_AGAIN, "server is busy" },
	{ "RESOURCE", ERR_AGAIN, "server is busy" },
	{ "GRACE", ERR_AGAIN, "server has just been restarted and waits for its clients" },
	{ "EXPIRED", ERR_AGAIN, "server has forgotten us" },
	{ "STALE_CLIENTID", ERR_AGAIN, "server has been restarted" },
	{ "STALE_STATEID", ERR_AGAIN, "server has been restarted" },
	{ "BAD_STATEID", ERR_AGAIN, "server has forgotten us" },
	{ "OLD_STATEID", ERR_AGAIN, "server has forgotten us" },
	{ "BAD_SEQID", ERR_AGAIN, "server has forgotten us" },
	{ "ADMIN_REVOKED", ERR_AGAIN, "server has forgotten us" },
	{ "CLID_INUSE", ERR_AGAIN, "another client has our name" },
	{ "FHEXPIRED", ERR_AGAIN, "file handle has expired" },
	{ "BADHANDLE", ERR_SYS, "server does not know its own file handle any more" },
	{ "STALE", ERR_SYS, "file is gone, or its export has changed" },
	{ "WRONGSEC", ERR_SYS, "export wants Kerberos, which is not supported: add sec=sys" },
};

static const struct {
	int errnum;
	enum err code;
	const char *text;
} by_number[] = {
	{ ENOSPC, ERR_FULL, "no space left on the server" },
	{ EFBIG, ERR_FULL, "file too large for the server" },
	{ EROFS, ERR_SYS, "read-only on the server: export it rw" },
	{ EAGAIN, ERR_AGAIN, "server is busy" },
	{ EINTR, ERR_AGAIN, "connection lost" },
	{ ESTALE, ERR_SYS, "file is gone, or its export has changed" },
};

/* does a name like NFS3ERR_STALE stand in the words, and not as a part of a longer one? */
static bool says(const char *words, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = words; p && (p = strstr(p, "ERR_")); ) {
		p += 4;
		if (strncmp(p, name, len) == 0 && (p[len] < 'A' || p[len] > 'Z') && p[len] != '_')
			return true;
	}
	return false;
}

/* an RPC that was not even looked at: who we are, or where we come from, is not liked */
static bool says_rejected(const char *words)
{
	return words && (strstr(words, "not accepted") || strstr(words, "rejected"));
}

bool nfs_error_is_busy(int errnum, const char *words)
{
	return errnum == EAGAIN || says(words, "JUKEBOX") || says(words, "DELAY");
}

bool nfs_error_is_reply(const char *words)
{
	return words && (strstr(words, "Server responded") || says_rejected(words));
}

static int denied(const char *path, const char *what, bool as_root)
{
	return fail(ERR_SYS, "%s: %s: permission denied by the server%s", path, what,
		    as_root ? "; root may count as nobody there: give uid= and gid= in the URL,"
			      " or export it with no_root_squash" :
			      ": check the folder's owner and mode, or give another uid= and gid=");
}

int nfs_error(const char *path, const char *what, int errnum, const char *words, bool as_root)
{
	if (says_rejected(words))
		return fail(ERR_SYS, "%s: %s: the server rejects our calls: it may want a port below"
			    " 1024 (run as root, or export it \"insecure\") or Kerberos", path, what);
	if (errnum == EACCES || errnum == EPERM || (words && strstr(words, "Insufficient ACCESS")))
		return denied(path, what, as_root);
	for (size_t i = 0; i < sizeof by_name / sizeof by_name[0]; i++)
		if (says(words, by_name[i].name))
			return fail(by_name[i].code, "%s: %s: %s", path, what, by_name[i].text);
	for (size_t i = 0; i < sizeof by_number / sizeof by_number[0]; i++)
		if (errnum == by_number[i].errnum)
			return fail(by_number[i].code, "%s: %s: %s", path, what,
				    by_number[i].text);
	if (errnum == ENOMEM)
		return fail(ERR_MEMORY, "%s: %s: out of memory", path, what);
	if (errnum == ERANGE || errnum == EFAULT)
		return fail(ERR_SYS, "%s: %s: the server says: %s", path, what,
			    words && *words ? words : "no");
	return fail(ERR_SYS, "%s: %s: %s", path, what, strerror(errnum));
}
