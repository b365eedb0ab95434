/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the server who it should be? Its public key against known_hosts files, read as
 * sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT" describes them, or against one fingerprint.
 */
#ifndef HOSTKEY_H
#define HOSTKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	HOSTKEY_PORT = 22,		/* a plain name in a line means this port */
	HOSTKEY_LINE = 8192,		/* bytes: a longer line is skipped */
	HOSTKEY_FINGERPRINT = 64,	/* "SHA256:", 43 characters and the NUL fit */
};

/* bits of a set; a key of any other type is never known */
enum hostkey_type {
	HOSTKEY_ED25519 = 1,
	HOSTKEY_ECDSA_256 = 2,
	HOSTKEY_ECDSA_384 = 4,
	HOSTKEY_ECDSA_521 = 8,
	HOSTKEY_RSA = 16,
	HOSTKEY_ALL = 31,
};

enum hostkey_marker {
	HOSTKEY_PLAIN,
	HOSTKEY_REVOKED_MARK,	/* @revoked */
	HOSTKEY_CA_MARK,	/* @cert-authority: signs host keys, is none itself */
};

/* one line of a known_hosts file */
struct hostkey_line {
	enum hostkey_marker marker;
	const char *hosts;		/* in the line */
	size_t hosts_len;
	uint8_t key[HOSTKEY_LINE];	/* as on the wire: its type comes first */
	size_t key_len;
};

enum hostkey_verdict {
	HOSTKEY_UNKNOWN,	/* no line has a key of this type for the host */
	HOSTKEY_KNOWN,
	HOSTKEY_CHANGED,	/* there is a line, with another key of this type */
	HOSTKEY_REVOKED,
};

/* where to look, and for whom; all of it borrowed */
struct hostkey_search {
	const char *file;	/* NULL: the user's file, and the system's */
	const char *host;
	uint16_t port;
};

/* the place where the verdict was found; for UNKNOWN and KNOWN the file to add it to */
struct hostkey_found {
	enum hostkey_verdict verdict;
	char file[256];
	unsigned line;		/* from 1; 0: none */
};

/* 1: *l is filled, and points into text; 0: empty or a comment; -1, without fail(): bad */
int hostkey_parse(const char *text, size_t len, struct hostkey_line *l);
/* does the line speak of host at port? For a port that is not 22: only as [host]:port */
bool hostkey_matches(const struct hostkey_line *l, const char *host, uint16_t port);

/*
 * The types of the keys that are known (and not revoked) for the host, so that the
 * server can be asked for one of these. Where no line speaks of the port, those count
 * that speak of the host alone, here and in hostkey_judge(), as for ssh (OpenSSH 9.2).
 * -1: ERR_SYS for a named file that cannot be read, or that has an error in mid-read.
 * Bad lines are skipped.
 */
int hostkey_types(const struct hostkey_search *search, unsigned *types);
/* key is the server's, as on the wire. -1 as above */
int hostkey_judge(const struct hostkey_search *search, const uint8_t *key, size_t len,
		  struct hostkey_found *found);

/* the type of a key on the wire: a bit, or 0 */
unsigned hostkey_type(const uint8_t *key, size_t len);
/* "ssh-ed25519"; "unknown type" for 0 */
const char *hostkey_type_name(unsigned type);
/* "SHA256:...", as ssh-keygen -l prints it; -1: ERR_SYS, the crypto library refuses */
int hostkey_fingerprint(const uint8_t *key, size_t len, char text[HOSTKEY_FINGERPRINT]);
/* is this a fingerprint as --host-key takes it, "SHA256:" and 43 characters or 44 with "="? */
bool hostkey_pin_valid(const char *pin);
bool hostkey_pin_matches(const char *pin, const char *fingerprint);

#endif
