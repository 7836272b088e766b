/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a template is sent: the bytes as they are, and behind the mark of the
 * version, which a fuzzer does not guess. What is accepted lies in the packet,
 * and is the same when written again.
 */
#include <unistd.h>

#include "input/template/template-request.h"
#include "tests/fuzz/fuzz.h"

#define MARK_LEN 4

/* The beginning of each request. */
static void get_mark(char mark[MARK_LEN])
{
	static char packet[TEMPLATE_REQUEST_MAX], word[] = "a";
	char *const argv[] = { word, NULL }, *const env[] = { NULL };
	const struct template_request r = { .argv = argv, .env = env };

	must(template_request_write(&r, packet) > 0);
	memcpy(mark, packet, MARK_LEN);
}

/* The strings of a list are one after the other. Return: what is behind. */
static const char *check_words(char *const *word, const char *at,
			       const char *end, size_t *n)
{
	for (; *word; word++, ++*n) {
		must(*word == at && at < end);
		must(memchr(at, '\0', (size_t)(end - at)));
		at += strlen(at) + 1;
	}
	return at;
}

static void check_same_words(char *const *a, char *const *b)
{
	for (; *a && *b; a++, b++)
		must(!strcmp(*a, *b));
	must(!*a && !*b);
}

static void check_again(const struct template_request *r, bool full)
{
	static char packet[TEMPLATE_REQUEST_MAX], *words[TEMPLATE_WORDS_MAX];
	struct template_request again;
	const int len = template_request_write(r, packet);

	must(len > 0 || full);
	if (len < 0)
		return;
	must(!template_request_read(&again, packet, (size_t)len, words));
	check_same_words(again.argv, r->argv);
	check_same_words(again.env, r->env);
	must(again.parent == r->parent && again.outlives == r->outlives);
	must(!memcmp(again.files, r->files, sizeof(r->files)));
	must(again.n_keep == r->n_keep);
	must(!memcmp(again.keep, r->keep, sizeof(r->keep)));
}

/* packet: as long as what was received, so that none behind it is read. */
static void check(char *packet, size_t len)
{
	static char *words[TEMPLATE_WORDS_MAX];
	struct template_request r;
	const char *at;
	size_t n = 0;

	if (template_request_read(&r, packet, len, words))
		return;
	must(*r.argv && r.n_keep <= TEMPLATE_KEEPS_MAX);
	for (size_t i = 0; i < r.n_keep; i++)
		must(r.keep[i] > STDERR_FILENO);
	at = check_words(r.argv, *r.argv, packet + len, &n);
	at = check_words(r.env, at, packet + len, &n);
	must(at == packet + len && n + 2 <= TEMPLATE_WORDS_MAX);
	check_again(&r, len == TEMPLATE_REQUEST_MAX);
}

static void check_behind(const char *begin, size_t begin_len,
			 const uint8_t *data, size_t size)
{
	char *packet = malloc(begin_len + size + !(begin_len + size));

	must(packet);
	memcpy(packet, begin, begin_len);
	if (size)
		memcpy(packet + begin_len, data, size);
	check(packet, begin_len + size);
	free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char mark[MARK_LEN];

	if (size > TEMPLATE_REQUEST_MAX - MARK_LEN)
		return 0;
	get_mark(mark);
	check_behind(mark, 0, data, size);
	check_behind(mark, MARK_LEN, data, size);
	return 0;
}
