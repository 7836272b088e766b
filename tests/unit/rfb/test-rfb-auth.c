/* SPDX-License-Identifier: Apache-2.0 */
/* The answers are what OpenSSL's legacy DES gives for keys whose bits are
 * reversed.
 */
#include <dlfcn.h>
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include "injector/rfb/rfb-auth.h"
#include "injector/rfb/rfb-greeting.h"
#include "tests/lib/check.h"

#define CHALLENGE "\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"
#define ANSWER \
	"\xad\xcd\x99\x7f\x8e\x16\xfe\xe5\x75\xe9\x73\xf9\x3c\x2b\x62\xb4"
#define SCREEN                                                   \
	"\4\0\3\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0" \
	"\0\0\0\4QEMU"

static bool init_fails, update_fails;

/* In place of OpenSSL's, like the next one. */
int EVP_EncryptInit_ex(EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher,
		       ENGINE *impl, const uint8_t *key, const uint8_t *iv)
{
	return init_fails ? 0 : EVP_CipherInit_ex(c, cipher, impl, key, iv, 1);
}

int EVP_EncryptUpdate(EVP_CIPHER_CTX *ctx, uint8_t *out, int *outl,
		      const uint8_t *in, int inl)
{
	int (*real)(EVP_CIPHER_CTX *, uint8_t *, int *, const uint8_t *, int) =
		dlsym(RTLD_NEXT, "EVP_EncryptUpdate");

	return update_fails ? 0 : real(ctx, out, outl, in, inl);
}

static void failures_of_openssl_are_told(void **state)
{
	struct rfb_auth *auth = rfb_auth_new("pw");
	uint8_t answer[RFB_CHALLENGE_LEN];

	assert_true(rfb_auth_exists());
	init_fails = true;
	assert_null(rfb_auth_new("pw"));
	init_fails = false;
	update_fails = true;
	assert_rc(rfb_auth_answer(auth, (const uint8_t *)CHALLENGE, answer),
		  -EIO);
	update_fails = false;
	rfb_auth_free(auth);
	rfb_auth_free(NULL);
}

static void password_answers_a_challenge(void **state)
{
	static const struct {
		const char *password, *answer;
	} rows[] = {
		{ "secret12", ANSWER },
		/* Only eight characters count. */
		{ "secret123456", ANSWER },
		{ "pw", "\x85\x86\x00\xd9\xaf\x14\x3c\x9e\x65\x41\xd3\xdd\x92"
			"\xa8\x35\xd0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rfb_auth *auth = rfb_auth_new(rows[i].password);
		uint8_t answer[RFB_CHALLENGE_LEN];

		assert_non_null(auth);
		/* It is the same each time. */
		for (int k = 0; k < 2; k++) {
			memset(answer, 0, sizeof(answer));
			assert_ok(rfb_auth_answer(
				auth, (const uint8_t *)CHALLENGE, answer));
			assert_memory_equal(answer, rows[i].answer,
					    sizeof(answer));
		}
		rfb_auth_free(auth);
	}
}

/* What servers that want a password say, the verdict, and the answer. */
static const struct {
	const char *says;
	size_t len;
	int verdict;
	const char *answer;
	size_t answer_len;
} servers[] = {
#define SERVER(says, verdict, answer)                                       \
	{                                                                   \
		says, sizeof(says) - 1, verdict, answer, sizeof(answer) - 1 \
	}
	SERVER("RFB 003.008\n\1\2" CHALLENGE "\0\0\0\0" SCREEN, 0,
	       "RFB 003.008\n\2" ANSWER "\1"),
	SERVER("RFB 003.007\n\2\x13\2" CHALLENGE "\0\0\0\0" SCREEN, 0,
	       "RFB 003.007\n\2" ANSWER "\1"),
	SERVER("RFB 003.003\n\0\0\0\2" CHALLENGE "\0\0\0\0" SCREEN, 0,
	       "RFB 003.003\n" ANSWER "\1"),
	/* It would do without. */
	SERVER("RFB 003.008\n\2\2\1\0\0\0\0" SCREEN, 0, "RFB 003.008\n\1\1"),
	SERVER("RFB 003.008\n\1\x13", RFB_GREETING_E_SECURITY, "RFB 003.008\n"),
	SERVER("RFB 003.008\n\1\2" CHALLENGE "\0\0\0\1\0\0\0\2no",
	       RFB_GREETING_E_PASSWORD, "RFB 003.008\n\2" ANSWER),
	SERVER("RFB 003.007\n\1\2" CHALLENGE "\0\0\0\1",
	       RFB_GREETING_E_PASSWORD, "RFB 003.007\n\2" ANSWER),
	SERVER("RFB 003.003\n\0\0\0\2" CHALLENGE "\0\0\0\2",
	       RFB_GREETING_E_PASSWORD, "RFB 003.003\n" ANSWER),
#undef SERVER
};

/* In two pieces, as a peer may send them. */
static int take_split(struct rfb_greeting *g, size_t row, size_t at)
{
	const uint8_t *in = (const uint8_t *)servers[row].says;
	size_t used;
	int r = rfb_greeting_take(g, in, at, &used);

	return r ? r
		 : rfb_greeting_take(g, in + at, servers[row].len - at, &used);
}

static void servers_with_a_password_are_greeted(void **state)
{
	struct rfb_auth *auth = rfb_auth_new("secret12");

	for (size_t i = 0; i < ARRAY_LEN(servers); i++)
		for (size_t at = 0; at < servers[i].len; at++) {
			struct rfb_greeting g = { .auth = auth };

			assert_num(take_split(&g, i, at), servers[i].verdict);
			assert_num(g.n_out, servers[i].answer_len);
			assert_memory_equal(g.out, servers[i].answer, g.n_out);
			if (!servers[i].verdict)
				assert_num(g.state, RFB_GREETING_DONE);
		}
	rfb_auth_free(auth);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_of_openssl_are_told),
		cmocka_unit_test(password_answers_a_challenge),
		cmocka_unit_test(servers_with_a_password_are_greeted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
