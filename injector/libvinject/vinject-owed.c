/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers wrap around; those that are owed are few, so differences tell. */
#include "injector/libvinject/vinject-owed.h"

/* A fate: answered with the next one. No result has this bit. */
#define OWED_TAKEN (1u << 29)

static struct vinject_owed_one *owed_one(struct vinject_owed *o, uint32_t n)
{
	return &o->one[n % VINJECT_OWED_MAX];
}

void vinject_owed_init(struct vinject_owed *o)
{
	o->oldest = o->sent = o->framed = o->next = 1;
	o->folded = 0;
}

bool vinject_owed_ask(struct vinject_owed *o, uint32_t *number)
{
	if (o->next - o->oldest >= VINJECT_OWED_MAX)
		return false;
	*owed_one(o, o->next) = (struct vinject_owed_one){ 0 };
	*number = o->next++;
	return true;
}

void vinject_owed_finish(struct vinject_owed *o, unsigned int folded,
			 uint64_t now_ns)
{
	o->folded += folded;
	if (!vinject_owed_in_frame(o))
		return;
	owed_one(o, o->framed)->folded = o->folded;
	o->folded = 0;
	for (; o->framed != o->next; o->framed++)
		owed_one(o, o->framed)->sent_ns = now_ns;
}

void vinject_owed_sent(struct vinject_owed *o)
{
	o->sent = o->framed;
}

void vinject_owed_sent_last(struct vinject_owed *o)
{
	for (; o->sent != o->framed; o->sent++)
		owed_one(o, o->sent)->with_next = o->sent + 1 != o->framed;
}

void vinject_owed_close(struct vinject_owed *o)
{
	o->sent = o->framed = o->next;
	o->folded = 0;
}

void vinject_owed_mark(struct vinject_owed *o, uint32_t from, uint32_t to,
		       unsigned int fate)
{
	for (uint32_t n = from; n != to; n++)
		if (!owed_one(o, n)->fate)
			owed_one(o, n)->fate = fate;
}

void vinject_owed_skip(struct vinject_owed *o, uint32_t to, unsigned int result)
{
	for (uint32_t n = o->oldest; n != to; n++)
		vinject_owed_mark(o, n, n + 1,
				  owed_one(o, n)->with_next
					  ? OWED_TAKEN |
						    (result & VINJECT_NO_DRIVER)
					  : VINJECT_LOST);
}

bool vinject_owed_has(const struct vinject_owed *o, uint32_t number)
{
	return number - o->oldest < o->sent - o->oldest &&
	       !o->one[number % VINJECT_OWED_MAX].fate;
}

bool vinject_owed_last(const struct vinject_owed *o, uint32_t end,
		       uint32_t *number)
{
	for (; vinject_owed_before(o->oldest, end); end--) {
		if (o->one[(end - 1) % VINJECT_OWED_MAX].fate)
			continue;
		*number = end - 1;
		return true;
	}
	return false;
}

bool vinject_owed_is_settled(const struct vinject_owed *o)
{
	return o->oldest != o->next &&
	       o->one[o->oldest % VINJECT_OWED_MAX].fate;
}

uint64_t vinject_owed_pop(struct vinject_owed *o, struct vinject_receipt *r)
{
	const struct vinject_owed_one *one = owed_one(o, o->oldest);

	*r = (struct vinject_receipt){
		.number = o->oldest++,
		.result = (one->fate & ~OWED_TAKEN) |
			  (one->folded ? VINJECT_FOLDED : 0),
		.folded = one->folded,
	};
	return one->sent_ns;
}
