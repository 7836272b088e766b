/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "input/template/template-request.h"

/* Another one if the packet changes: the two programs may differ in age. */
#define VERSION_MARK UINT32_C(0x76697431)

/* Strings follow, each with its NUL. */
struct request_head {
	uint32_t version;
	int32_t parent;
	uint64_t files[2];
	uint32_t outlives;
	uint32_t n_args, n_env, n_keep;
	int32_t keep[TEMPLATE_KEEPS_MAX];
};

/* --- writing --- */

struct request_writer {
	char *at;
	size_t room;
	size_t words;
};

static uint32_t request_put_words(struct request_writer *w, char *const *word)
{
	uint32_t n = 0;

	for (; *word; word++, n++) {
		const size_t len = strlen(*word) + 1;

		/* One more for the NULL of each list. */
		if (len > w->room || w->words + 2 >= TEMPLATE_WORDS_MAX) {
			w->room = 0;
			return n;
		}
		memcpy(w->at, *word, len);
		w->at += len;
		w->room -= len;
		w->words++;
	}
	return n;
}

int template_request_write(const struct template_request *r,
			   char packet[TEMPLATE_REQUEST_MAX])
{
	struct request_writer w = { packet + sizeof(struct request_head),
				    TEMPLATE_REQUEST_MAX -
					    sizeof(struct request_head),
				    0 };
	struct request_head head = {
		.version = VERSION_MARK,
		.parent = r->parent,
		.files = { r->files[0], r->files[1] },
		.outlives = r->outlives,
		.n_keep = (uint32_t)r->n_keep,
	};

	head.n_args = request_put_words(&w, r->argv);
	head.n_env = request_put_words(&w, r->env);
	if (!w.room || r->n_keep > TEMPLATE_KEEPS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < r->n_keep; i++)
		head.keep[i] = r->keep[i];
	memcpy(packet, &head, sizeof(head));
	return (int)(w.at - packet);
}

/* --- reading --- */

struct request_reader {
	char *at, *end;
	char **word, **last;
};

/* Return: the list, NULL: there are not so many words. */
static char **request_take_words(struct request_reader *in, uint32_t n)
{
	char **first = in->word;

	for (uint32_t i = 0; i < n; i++) {
		char *nul = memchr(in->at, '\0', (size_t)(in->end - in->at));

		if (!nul || in->word >= in->last)
			return NULL;
		*in->word++ = in->at;
		in->at = nul + 1;
	}
	if (in->word >= in->last)
		return NULL;
	*in->word++ = NULL;
	return first;
}

int template_request_read(struct template_request *r, char *packet, size_t len,
			  char *words[TEMPLATE_WORDS_MAX])
{
	struct request_reader in = { packet + sizeof(struct request_head),
				     packet + len, words,
				     words + TEMPLATE_WORDS_MAX };
	struct request_head head;

	if (len < sizeof(head))
		return -EBADMSG;
	memcpy(&head, packet, sizeof(head));
	if (head.version != VERSION_MARK || head.n_keep > TEMPLATE_KEEPS_MAX)
		return -EBADMSG;
	*r = (struct template_request){
		.parent = head.parent,
		.outlives = head.outlives,
		.files = { head.files[0], head.files[1] },
	};
	for (; r->n_keep < head.n_keep; r->n_keep++) {
		r->keep[r->n_keep] = head.keep[r->n_keep];
		if (r->keep[r->n_keep] <= STDERR_FILENO)
			return -EBADMSG;
	}
	r->argv = request_take_words(&in, head.n_args);
	r->env = request_take_words(&in, head.n_env);
	return head.n_args && r->argv && r->env && in.at == in.end ? 0
								   : -EBADMSG;
}
