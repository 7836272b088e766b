/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL 3 has left DES to its legacy provider, which may not be installed.
 * Three times DES with the same key is DES, since its second pass decrypts.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "injector/rfb/rfb-auth.h"

struct rfb_auth {
	EVP_CIPHER_CTX *cipher;
};

/* VNC takes the bits of each byte in the other order. */
static uint8_t auth_reversed(uint8_t byte)
{
	uint8_t out = 0;

	for (int bit = 0; bit < 8; bit++)
		out |= (uint8_t)((byte >> bit & 1) << (7 - bit));
	return out;
}

bool rfb_auth_exists(void)
{
	return true;
}

/* Return: NULL: no memory. */
static EVP_CIPHER_CTX *auth_cipher(const char *text)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t key[3 * RFB_PASSWORD_MAX] = { 0 };
	bool good;

	for (int i = 0; i < RFB_PASSWORD_MAX && text[i]; i++)
		for (int pass = 0; pass < 3; pass++)
			key[pass * RFB_PASSWORD_MAX + i] =
				auth_reversed((uint8_t)text[i]);
	good = c && EVP_EncryptInit_ex(c, EVP_des_ede3_ecb(), NULL, key, NULL);
	OPENSSL_cleanse(key, sizeof(key));
	if (good)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

struct rfb_auth *rfb_auth_new(const char *text)
{
	struct rfb_auth *auth = malloc(sizeof(*auth));

	if (!auth)
		return NULL;
	auth->cipher = auth_cipher(text);
	if (auth->cipher)
		return auth;
	free(auth);
	return NULL;
}

void rfb_auth_free(struct rfb_auth *auth)
{
	if (!auth)
		return;
	EVP_CIPHER_CTX_free(auth->cipher);
	free(auth);
}

int rfb_auth_answer(struct rfb_auth *auth,
		    const uint8_t challenge[RFB_CHALLENGE_LEN],
		    uint8_t answer[RFB_CHALLENGE_LEN])
{
	int len;

	return EVP_EncryptUpdate(auth->cipher, answer, &len, challenge,
				 RFB_CHALLENGE_LEN)
		       ? 0
		       : -EIO;
}
