/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of private key files. OpenSSH's own: the base64 of "openssh-key-v1", a NUL,
 * the cipher's name ("none"), that of the key derivation and its options, the number of
 * keys, the public key (OpenSSH's PROTOCOL.key), of which only these first fields are
 * read here. PEM: the type and "ENCRYPTED" stand in plain text, in its first lines.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cursor.h"
#include "err.h"
#include "hostkey.h"
#include "login-key.h"

enum {
	KEY_SIZE = 64 << 10,	/* the longest file: RSA with 16384 bits has 13 KiB */
	HEAD_CHARS = 400,	/* of base64: the fields that are read lie in there */
};

static const char openssh_begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
static const char openssh_magic[] = "openssh-key-v1";

void key_close(struct key *k)
{
	if (k->text)
		OPENSSL_cleanse(k->text, KEY_SIZE);
	free(k->text);
	*k = (struct key){ 0 };
}

static int read_whole(struct key *k, int fd)
{
	while (k->len < KEY_SIZE - 1) {
		ssize_t n = read(fd, k->text + k->len, KEY_SIZE - 1 - k->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys("read");
		if (n == 0) {
			k->text[k->len] = '\0';
			return 0;
		}
		k->len += (size_t)n;
	}
	return fail(ERR_CORRUPT, "too long for a private key");
}

/* a string of the SSH protocols: its length, and it; NULL when it is cut */
static const uint8_t *take_string(struct cursor *c, size_t *len)
{
	*len = cursor_u32(c);
	return cursor_ok(c) ? cursor_take(c, *len) : NULL;
}

static int read_openssh(struct key *k, const uint8_t *head, size_t len)
{
	struct cursor c = cursor_over(head, len, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	const uint8_t *p = cursor_take(&c, sizeof openssh_magic);
	size_t n;

	if (!p || memcmp(p, openssh_magic, sizeof openssh_magic) != 0)
		return fail(ERR_UNKNOWN, "not an OpenSSH private key of version 1");
	p = take_string(&c, &n);
	if (!p)
		return fail(ERR_CORRUPT, "private key is cut");
	k->encrypted = n != 4 || memcmp(p, "none", 4) != 0;
	take_string(&c, &n);
	take_string(&c, &n);
	cursor_u32(&c);		/* how many keys */
	cursor_u32(&c);		/* the public key's length; its end may not have been decoded */
	if (!cursor_ok(&c))
		return fail(ERR_CORRUPT, "private key is cut");
	k->type = hostkey_type(c.pos, cursor_left(&c));
	return 0;
}

static int examine_openssh(struct key *k, const char *body)
{
	char text[HEAD_CHARS];
	uint8_t head[HEAD_CHARS / 4 * 3];
	size_t n = 0;
	int len, rc;

	for (; *body && *body != '-' && *body != '=' && n < HEAD_CHARS; body++) {
		if (*body != '\n' && *body != '\r')
			text[n++] = *body;
	}
	len = EVP_DecodeBlock(head, (const uint8_t *)text, (int)(n / 4 * 4));
	rc = len > 0 ? read_openssh(k, head, (size_t)len) :
		fail(ERR_CORRUPT, "private key is not base64");
	/* without a passphrase the secret may have been in there */
	OPENSSL_cleanse(text, sizeof text);
	OPENSSL_cleanse(head, sizeof head);
	return rc;
}

/* libcrypto would ask on the terminal by itself */
static int no_passphrase(char *buf, int size, int writing, void *passphrase)
{
	size_t len = passphrase ? strlen(passphrase) : 0;

	(void)writing;
	if (len == 0 || len > (size_t)size)
		return -1;
	memcpy(buf, passphrase, len);
	return (int)len;
}

unsigned key_type(const struct key *k, const char *passphrase)
{
	char *given = passphrase ? strdup(passphrase) : NULL;
	BIO *bio = k->type ? NULL : BIO_new_mem_buf(k->text, (int)k->len);
	EVP_PKEY *pkey = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, given) : NULL;
	unsigned type = k->type;

	if (pkey) {
		switch (EVP_PKEY_base_id(pkey)) {
		case EVP_PKEY_RSA:
			type = HOSTKEY_RSA;
			break;
		case EVP_PKEY_EC:
			type = HOSTKEY_ECDSA_256;
			break;
		case EVP_PKEY_ED25519:
			type = HOSTKEY_ED25519;
			break;
		}
	}
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	if (given)
		OPENSSL_cleanse(given, strlen(given));
	free(given);
	return type;
}

static int examine(struct key *k)
{
	const char *begin = strstr(k->text, openssh_begin);

	if (begin)
		return examine_openssh(k, begin + strlen(openssh_begin));
	begin = strstr(k->text, "-----BEGIN ");
	if (!begin || !strstr(begin, "PRIVATE KEY-----"))
		return fail(ERR_UNKNOWN, "not a private key");
	k->encrypted = strstr(begin, "ENCRYPTED") != NULL;
	if (strstr(begin, "BEGIN RSA PRIVATE KEY"))
		k->type = HOSTKEY_RSA;
	else if (strstr(begin, "BEGIN EC PRIVATE KEY"))
		k->type = HOSTKEY_ECDSA_256;
	else if (!k->encrypted)
		k->type = key_type(k, NULL);
	return 0;
}

int key_load(struct key *k, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int rc = -1;

	*k = (struct key){ 0 };
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : fail_sys("open");
	k->text = malloc(KEY_SIZE);
	if (!k->text)
		fail(ERR_MEMORY, "out of memory");
	else if (fstat(fd, &st))
		fail_sys("stat");
	else if (!S_ISREG(st.st_mode))
		fail(ERR_UNKNOWN, "not a file");
	else
		rc = read_whole(k, fd) || examine(k) ? -1 : 1;
	if (rc > 0)
		k->exposed = st.st_uid == getuid() && (st.st_mode & 077) != 0;
	close(fd);
	if (rc < 0)
		key_close(k);
	return rc;
}
