/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: dumpsend/hostkey.c dumpsend/hostkey-line.c */
#include <openssl/evp.h>

#include "err.h"
#include "../../dumpsend/hostkey.h"
#include "tree.h"

/* made by ssh-keygen; so are its fingerprint and the hashed names below */
#define REAL_KEY "AAAAC3NzaC1lZDI1NTE5AAAAIK0JYJ4RYnNtG0uoXmx4Pntb3Jypi95XRg+eYYZNT4CY"
#define REAL "ssh-ed25519 " REAL_KEY
#define REAL_PRINT "SHA256:qAwulF3qZohba5Bb7vSzS8mbZBZFT58ytuYYpKyds+Q"
#define HASHED "|1|haV9xcPVKRJYQCU0freNolqpuyM=|eqDJK3Jg6xOOe+dPtQ5gT4BqKmU="
#define HASHED_2222 "|1|QlwUUsrquuE7GIgNzpGZP+bZVro=|ut42jdi2fKrw1fFsZ0gY27G1Rlg="

enum { KEY_LEN = 51, TEXT_LEN = 512 };

/* an invented key of that type: on the wire, and as text */
struct fake {
	uint8_t wire[64];
	size_t len;
	char text[TEXT_LEN];
};

static struct fake make(const char *type, uint8_t fill)
{
	struct fake f = { .len = sizeof f.wire };
	size_t n = strlen(type);
	uint8_t base64[128];

	memset(f.wire, fill, sizeof f.wire);
	memset(f.wire, 0, 3);
	f.wire[3] = (uint8_t)n;
	memcpy(f.wire + 4, type, n);
	EVP_EncodeBlock(base64, f.wire, sizeof f.wire);
	snprintf(f.text, sizeof f.text, "%s %s", type, (const char *)base64);
	return f;
}

static int parse(const char *text, struct hostkey_line *l)
{
	return hostkey_parse(text, strlen(text), l);
}

static void good_lines(void **state)
{
	struct hostkey_line l;

	(void)state;
	assert_int_equal(parse("host " REAL, &l), 1);
	assert_int_equal(l.marker, HOSTKEY_PLAIN);
	assert_int_equal(l.hosts_len, 4);
	assert_int_equal(l.key_len, KEY_LEN);
	assert_int_equal(hostkey_type(l.key, l.key_len), HOSTKEY_ED25519);
	assert_int_equal(parse("  \thost,other\t" REAL " a comment @revoked\r\n", &l), 1);
	assert_int_equal(l.hosts_len, 10);
	assert_int_equal(parse("@revoked * " REAL, &l), 1);
	assert_int_equal(l.marker, HOSTKEY_REVOKED_MARK);
	assert_int_equal(parse("@cert-authority * " REAL, &l), 1);
	assert_int_equal(l.marker, HOSTKEY_CA_MARK);
	/* a type that nobody knows yet is a line all the same */
	assert_int_equal(parse(make("x", 1).text, &l), -1);
	char line[TEXT_LEN + 8];
	snprintf(line, sizeof line, "host %s", make("ssh-new", 1).text);
	assert_int_equal(parse(line, &l), 1);
	assert_int_equal(hostkey_type(l.key, l.key_len), 0);
}

static void bad_lines(void **state)
{
	static const char *const empty[] = { "", "\n", "  \t\r\n", "# host " REAL, "  #", "#" };
	static const char *const bad[] = {
		"host", "host ssh-ed25519", "host ssh-ed25519 ", "@revoked", "@", "@revoked host",
		"@other host " REAL, "@revokedhost " REAL, "host ssh-rsa " REAL_KEY,
		"host ssh-ed25519 !!!!", "host ssh-ed25519 AAAA", "host ssh-ed25519 " REAL_KEY "=",
		"host ssh-ed25519 " REAL_KEY "AAA", "host ssh-ed25519 ====",
		"host ssh-ed25519 A===", "host ssh-ed25519 AA=A", "host ssh-ed25519 /////w==",
		/* protocol 1: bits, exponent, modulus */
		"host 1024 65537 1234567890", "host ssh-ed25519 " "AAAA-3NzaC1lZDI1NTE5",
	};
	struct hostkey_line l;

	(void)state;
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
		assert_int_equal(parse(empty[i], &l), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (parse(bad[i], &l) != -1)
			print_message("taken: %s\n", bad[i]);
		assert_int_equal(parse(bad[i], &l), -1);
	}
	/* every cut of a good line is bad, but for one that loses only padding or nothing */
	for (size_t n = 1; n < strlen("host " REAL); n++)
		assert_true(hostkey_parse("host " REAL, n, &l) != 1 ||
			    l.key_len < KEY_LEN);
}

static bool matches(const char *hosts, const char *host, uint16_t port)
{
	char text[TEXT_LEN];
	struct hostkey_line l;

	snprintf(text, sizeof text, "%s " REAL, hosts);
	assert_int_equal(parse(text, &l), 1);
	return hostkey_matches(&l, host, port);
}

static void names(void **state)
{
	static const struct {
		const char *hosts, *host;
		uint16_t port;
		bool match;
	} samples[] = {
		{ "host", "host", 22, true },
		{ "host", "HOST", 22, true },
		{ "HoSt", "host", 22, true },
		{ "host", "hos", 22, false },
		{ "hos", "host", 22, false },
		{ "host", "host", 2222, false },
		{ "[host]:2222", "host", 2222, true },
		{ "[host]:2222", "host", 2223, false },
		{ "[host]:22", "host", 22, false },
		{ "[host]:2222", "host", 22, false },
		{ "a,host,b", "host", 22, true },
		{ "a,,b", "host", 22, false },
		{ ",host", "host", 22, true },
		{ "*.example.org", "a.example.org", 22, true },
		{ "*.example.org", "example.org", 22, false },
		{ "*.example.org", "a.example.org", 2222, false },
		{ "[*.example.org]:2222", "a.example.org", 2222, true },
		{ "*", "any", 2222, true },
		{ "h?st", "host", 22, true },
		{ "h?st", "hst", 22, false },
		{ "*a*b*c", "xaxbxc", 22, true },
		{ "*a*b*c", "xaxbx", 22, false },
		{ "*.org,!bad.org", "bad.org", 22, false },
		{ "!bad.org,*.org", "bad.org", 22, false },
		{ "*.org,!bad.org", "good.org", 22, true },
		{ "!bad.org", "good.org", 22, false },
		{ "fe80::1", "fe80::1", 22, true },
		{ "[fe80::1]:23", "FE80::1", 23, true },
		{ "10.0.0.*", "10.0.0.7", 22, true },
		{ HASHED, "host.example.org", 22, true },
		{ HASHED, "HOST.example.ORG", 22, true },
		{ HASHED, "host.example.org", 2222, false },
		{ HASHED, "other.example.org", 22, false },
		{ HASHED_2222, "host.example.org", 2222, true },
		{ HASHED_2222, "host.example.org", 22, false },
		{ "|1|", "host", 22, false },
		{ "|1|AAAA|AAAA", "host", 22, false },
		{ "|2|haV9xcPVKRJYQCU0freNolqpuyM=|eqDJK3Jg6xOOe+dPtQ5gT4BqKmU=",
		  "host.example.org", 22, false },
		/* a hash stands alone */
		{ HASHED ",host", "host", 22, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		bool got = matches(samples[i].hosts, samples[i].host, samples[i].port);

		if (got != samples[i].match)
			print_message("%s, %s port %u: %d\n", samples[i].hosts,
				      samples[i].host, samples[i].port, got);
		assert_int_equal(got, samples[i].match);
	}
}

/* many stars take no more than a moment */
static void slow_pattern(void **state)
{
	char pattern[TEXT_LEN] = "", host[256];

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(pattern, "*a");
	strcat(pattern, "b");
	memset(host, 'a', sizeof host - 1);
	host[sizeof host - 1] = '\0';
	assert_false(matches(pattern, host, 22));
}

static void fingerprints(void **state)
{
	char text[HOSTKEY_FINGERPRINT];
	struct hostkey_line l;

	(void)state;
	assert_int_equal(parse("host " REAL, &l), 1);
	assert_int_equal(hostkey_fingerprint(l.key, l.key_len, text), 0);
	assert_string_equal(text, REAL_PRINT);
	assert_true(hostkey_pin_matches(REAL_PRINT, text));
	assert_true(hostkey_pin_matches(REAL_PRINT "=", text));
	assert_false(hostkey_pin_matches(REAL_PRINT "==", text));
	assert_false(hostkey_pin_matches("SHA256:", text));
	assert_false(hostkey_pin_matches("", text));
	assert_false(hostkey_pin_matches("MD5:aa:bb", text));
	text[20] ^= 1;
	assert_false(hostkey_pin_matches(REAL_PRINT, text));
	assert_string_equal(hostkey_type_name(HOSTKEY_RSA), "ssh-rsa");
	assert_string_equal(hostkey_type_name(0), "unknown type");
}

/* the verdict on key for host at port, when the file holds that */
static enum hostkey_verdict judge_at(uint16_t port, const char *file, const struct fake *key,
				     unsigned *line)
{
	char *root = tree_make(), path[128];
	struct hostkey_search search = { .file = path, .host = "host", .port = port };
	struct hostkey_found found;

	snprintf(path, sizeof path, "%s/known_hosts", root);
	tree_put(root, "/known_hosts", file);
	assert_int_equal(hostkey_judge(&search, key->wire, key->len, &found), 0);
	assert_string_equal(found.file, path);
	*line = found.line;
	tree_remove(root);
	return found.verdict;
}

static enum hostkey_verdict judge(const char *file, const struct fake *key, unsigned *line)
{
	return judge_at(HOSTKEY_PORT, file, key, line);
}

/* a line of the host alone counts for another port when none speaks of that, if the key is the same */
static void other_ports(void **state)
{
	struct fake key = make("ssh-ed25519", 1), other = make("ssh-ed25519", 2);
	char text[4 * TEXT_LEN];
	unsigned line;

	(void)state;
	snprintf(text, sizeof text, "host %s", key.text);
	assert_int_equal(judge_at(2222, text, &key, &line), HOSTKEY_KNOWN);
	assert_int_equal(judge_at(2222, text, &other, &line), HOSTKEY_UNKNOWN);
	assert_int_equal(line, 0);
	snprintf(text, sizeof text, "@revoked host %s", key.text);
	assert_int_equal(judge_at(2222, text, &key, &line), HOSTKEY_REVOKED);
	snprintf(text, sizeof text, "host %s\n[host]:2222 %s", key.text, other.text);
	assert_int_equal(judge_at(2222, text, &key, &line), HOSTKEY_CHANGED);
	assert_int_equal(line, 2);
	snprintf(text, sizeof text, "[host]:2222 %s", key.text);
	assert_int_equal(judge_at(22, text, &key, &line), HOSTKEY_UNKNOWN);
}

static void verdicts(void **state)
{
	struct fake key = make("ssh-ed25519", 1), other = make("ssh-ed25519", 2);
	struct fake ecdsa = make("ecdsa-sha2-nistp256", 1);
	const struct {
		const char *hosts;
		const struct fake *key;
		const char *hosts2;
		const struct fake *key2;
		enum hostkey_verdict verdict;
		unsigned line;
	} samples[] = {
		{ "host", &key, "x", &other, HOSTKEY_KNOWN, 1 },
		{ "x", &key, "host", &key, HOSTKEY_KNOWN, 2 },
		{ "x", &key, "y", &key, HOSTKEY_UNKNOWN, 0 },
		{ "host", &other, "x", &key, HOSTKEY_CHANGED, 1 },
		{ "host", &other, "host", &key, HOSTKEY_KNOWN, 2 },
		{ "host", &key, "host", &other, HOSTKEY_KNOWN, 1 },
		/* another type says nothing about this one */
		{ "host", &ecdsa, "x", &key, HOSTKEY_UNKNOWN, 0 },
		{ "host", &key, "@revoked *", &key, HOSTKEY_REVOKED, 2 },
		{ "@revoked host", &key, "host", &key, HOSTKEY_REVOKED, 1 },
		{ "host", &key, "@revoked other", &key, HOSTKEY_KNOWN, 1 },
		{ "host", &key, "@revoked host", &other, HOSTKEY_KNOWN, 1 },
		{ "@cert-authority *", &key, "x", &key, HOSTKEY_UNKNOWN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		char text[4 * TEXT_LEN];
		unsigned line;

		snprintf(text, sizeof text, "%s %s\n%s %s", samples[i].hosts,
			 samples[i].key->text, samples[i].hosts2, samples[i].key2->text);
		assert_int_equal(judge(text, &key, &line), samples[i].verdict);
		assert_int_equal(line, samples[i].line);
	}
}

/* lines that are no lines are passed over, and counted */
static void strange_files(void **state)
{
	static char text[3 * HOSTKEY_LINE];
	struct fake key = make("ssh-rsa", 9);
	unsigned line;

	(void)state;
	assert_int_equal(judge("", &key, &line), HOSTKEY_UNKNOWN);
	assert_int_equal(judge("\n\n\n", &key, &line), HOSTKEY_UNKNOWN);
	/* one that is too long, of which an end that would be good must not be taken */
	memset(text, 'a', sizeof text);
	snprintf(text + HOSTKEY_LINE, sizeof text - HOSTKEY_LINE, "\nhost %s\n", key.text);
	assert_int_equal(judge(text, &key, &line), HOSTKEY_KNOWN);
	assert_int_equal(line, 2);
	memset(text, ' ', sizeof text);
	snprintf(text + HOSTKEY_LINE, sizeof text - HOSTKEY_LINE, "host %s\n", key.text);
	assert_int_equal(judge(text, &key, &line), HOSTKEY_UNKNOWN);
	assert_int_equal(judge("\377\376\n\001host\n", &key, &line), HOSTKEY_UNKNOWN);
}

static void types(void **state)
{
	char *root = tree_make(), path[128], text[6 * TEXT_LEN];
	struct hostkey_search search = { .file = path, .host = "host", .port = 22 };
	unsigned found;

	(void)state;
	snprintf(path, sizeof path, "%s/known_hosts", root);
	snprintf(text, sizeof text, "host %s\n*,!x %s\n@revoked host %s\nx %s\n@cert-authority "
		 "host %s", make("ssh-rsa", 1).text, make("ecdsa-sha2-nistp521", 1).text,
		 make("ssh-ed25519", 1).text, make("ecdsa-sha2-nistp256", 1).text,
		 make("ecdsa-sha2-nistp384", 1).text);
	tree_put(root, "/known_hosts", text);
	assert_int_equal(hostkey_types(&search, &found), 0);
	assert_int_equal(found, HOSTKEY_RSA | HOSTKEY_ECDSA_521);
	tree_remove(root);
	/* the user has named it, and it is not there */
	assert_int_equal(hostkey_types(&search, &found), -1);
	assert_int_equal(err_code(), ERR_SYS);
}

/* without --known-hosts: that below HOME; one that is missing is no error */
static void users_file(void **state)
{
	struct hostkey_search search = { .host = "host", .port = 22 };
	struct fake key = make("ssh-ed25519", 1);
	char *root = tree_make(), text[TEXT_LEN + 8];
	struct hostkey_found found;

	(void)state;
	setenv("HOME", root, 1);
	assert_int_equal(hostkey_judge(&search, key.wire, key.len, &found), 0);
	assert_int_equal(found.verdict, HOSTKEY_UNKNOWN);
	snprintf(text, sizeof text, "host %s\n", key.text);
	tree_put(root, "/.ssh/known_hosts", text);
	assert_int_equal(hostkey_judge(&search, key.wire, key.len, &found), 0);
	assert_int_equal(found.verdict, HOSTKEY_KNOWN);
	assert_memory_equal(found.file, root, strlen(root));
	tree_remove(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(names),
		cmocka_unit_test(slow_pattern),
		cmocka_unit_test(fingerprints),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(other_ports),
		cmocka_unit_test(strange_files),
		cmocka_unit_test(types),
		cmocka_unit_test(users_file),
	};

	return RUN(tests);
}
