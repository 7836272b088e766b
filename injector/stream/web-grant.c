/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "injector/stream/web-grant.h"

#define BLANKS " \t\r"

int web_secret(char secret[WEB_SECRET_LEN + 1])
{
	uint8_t bytes[WEB_SECRET_LEN / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	for (size_t i = 0; i < sizeof(bytes); i++)
		sprintf(secret + 2 * i, "%02x", bytes[i]);
	return 0;
}

int web_grants_make(struct web_grants *g)
{
	struct web_grant *new = &g->at[g->n];
	int r = web_secret(new->token);

	if (!r)
		r = web_secret(new->cookie);
	if (!r)
		g->n++;
	return r;
}

/* --- the file of tokens --- */

/* Return: the list after "devices=" or the like, now in out; NULL: it is none.
 */
static const char *grant_take_list(char out[WEB_TEXT_SIZE], const char *prefix,
				   const char *word, size_t len)
{
	const size_t skip = strlen(prefix);

	if (len <= skip || strncmp(word, prefix, skip) ||
	    len - skip >= WEB_TEXT_SIZE)
		return NULL;
	memcpy(out, word + skip, len - skip);
	out[len - skip] = '\0';
	return out;
}

static int grant_take_word(struct web_grant *g, const char *word, size_t len)
{
	const char *list;

	if (len == strlen("read-only") && !strncmp(word, "read-only", len)) {
		g->rights.read_only = true;
		return 0;
	}
	list = grant_take_list(g->devices, "devices=", word, len);
	if (list) {
		g->rights.devices = list;
		return 0;
	}
	list = grant_take_list(g->displays, "displays=", word, len);
	if (list)
		g->rights.displays = list;
	return list ? 0 : -EINVAL;
}

/* Of characters that a URL need not escape. */
static bool grant_is_token(const char *word, size_t len)
{
	return len >= WEB_TOKEN_MIN && len <= WEB_TOKEN_MAX &&
	       strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
			    "xyz0123456789-_") >= len;
}

static int grant_read_line(struct web_grants *g, const char *line, size_t len,
			   struct fault *why)
{
	struct web_grant *new = &g->at[g->n];
	const char *end = line + len;
	size_t word;

	line += strspn(line, BLANKS);
	if (line >= end || *line == '#')
		return 0;
	if (g->n == WEB_GRANTS_MAX)
		return fault_set(why, "more than %d tokens", WEB_GRANTS_MAX);
	word = strcspn(line, BLANKS "\n");
	if (!grant_is_token(line, word))
		return fault_set(why,
				 "a token must have %d to %d letters, digits, "
				 "- or _",
				 WEB_TOKEN_MIN, WEB_TOKEN_MAX);
	*new = (struct web_grant){ .rights = { 0 } };
	memcpy(new->token, line, word);
	for (line += word; line < end; line += word) {
		line += strspn(line, BLANKS);
		word = strcspn(line, BLANKS "\n");
		if (word && grant_take_word(new, line, word))
			return fault_set(why,
					 "a token may be followed by "
					 "read-only, devices=LABEL,... and "
					 "displays=NAME,...");
		if (!word)
			break;
	}
	g->n++;
	return web_secret(new->cookie);
}

int web_grants_read(struct web_grants *g, const char *text, struct fault *why)
{
	for (int line = 1; *text; line++) {
		const size_t len = strcspn(text, "\n");
		struct fault what;
		int r = grant_read_line(g, text, len, &what);

		if (r)
			return fault_errno(why, r, "line %d: %.200s", line,
					   r == -EINVAL ? what.text
							: strerror(-r));
		text += len + (text[len] == '\n');
	}
	if (!g->n)
		return fault_set(why, "no token");
	return 0;
}

/* --- who it is --- */

/* Return: whether a secret is this text; its time depends on its length only.
 */
static bool grant_matches(const char *secret, const char *text, size_t len)
{
	const size_t own = strlen(secret);
	unsigned int differ = own != len;

	for (size_t i = 0; i < own; i++)
		differ |= (unsigned int)(secret[i] ^ (i < len ? text[i] : 0));
	return !differ;
}

const struct web_grant *web_grant_by_token(const struct web_grants *g,
					   const char *token)
{
	const struct web_grant *found = NULL;

	for (size_t i = 0; i < g->n; i++)
		if (grant_matches(g->at[i].token, token, strlen(token)))
			found = &g->at[i];
	return found;
}

const struct web_grant *web_grant_by_cookie(const struct web_grants *g,
					    const char *header,
					    const char *name)
{
	const struct web_grant *found = NULL;
	const size_t name_len = strlen(name);

	while (*header) {
		const char *value = header + name_len + 1;
		const size_t len = strcspn(header, ";");

		if (len > name_len && !strncmp(header, name, name_len) &&
		    header[name_len] == '=')
			for (size_t i = 0; i < g->n; i++)
				if (grant_matches(g->at[i].cookie, value,
						  len - name_len - 1))
					found = &g->at[i];
		header += len;
		header += strspn(header, "; ");
	}
	return found;
}
