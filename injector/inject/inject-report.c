/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "injector/inject/inject-report.h"
#include "injector/inject/inject-utf8.h"
#include "input/base/clock.h"
#include "input/spec/spec-names.h"

/* For a server that is alive: it answers at once. */
#define CANCEL_MS 1000
#define NAME_MS	  500

#define CH_LEN 16

/* A character that would garble the line is shown by its number. */
static void quote_char(char text[CH_LEN], uint32_t ch)
{
	char utf8[INJECT_UTF8_LEN] = "";

	if (ch >= 0x20 && (ch < 0x7f || ch > 0xa0)) {
		inject_utf8_write(utf8, ch);
		snprintf(text, CH_LEN, "'%s'", utf8);
	} else {
		snprintf(text, CH_LEN, "U+%04X", ch);
	}
}

/* "took 811 of 2000 characters, the last 'x'" */
static void say_taken(char text[96], const struct inject_receipt *x,
		      const struct inject_progress *taken)
{
	const uint64_t n = x->chars ? taken->chars : taken->frames;
	const uint64_t of = x->chars ? x->chars : x->sent.frames;
	char ch[CH_LEN], number[24];

	snprintf(number, sizeof(number), "%" PRIu64, n);
	if (!x->chars) {
		snprintf(text, 96, "took %s of %" PRIu64 " frames",
			 n ? number : "none", of);
		return;
	}
	quote_char(ch, taken->ch);
	snprintf(text, 96, "took %s of %" PRIu64 " characters%s%s",
		 n ? number : "none", of, n ? ", the last " : "", n ? ch : "");
}

/* --- giving up --- */

/*
 * Withdraw what the guest has not been sent. *taken: what it has then.
 * Return: 0; a negative errno: it may have been sent more.
 */
static int withdraw(struct inject_receipt *x, struct inject_progress *taken)
{
	uint32_t last;
	const int r = vinject_cancel(x->v, &last, CANCEL_MS);

	*taken = x->taken;
	/* It may be another driver's. */
	if (!r && !x->gone && (int32_t)(last - x->answered) > 0)
		*taken = inject_receipt_note(x, last)->sent;
	return r == -ENODATA ? 0 : r;
}

/* "and the rest was withdrawn" */
static const char *say_rest(const struct inject_receipt *x,
			    const struct inject_progress *taken, bool exact)
{
	if (!exact)
		return "and whether it has more is not known";
	return taken->frames < x->sent.frames ? "and the rest was withdrawn"
					      : "and the rest was not sent";
}

/* why: what happened after the last frame that it took. */
static void give_up(struct inject_receipt *x, const char *name, const char *why,
		    struct fault *f)
{
	struct inject_progress taken;
	char text[96];
	const bool exact = !withdraw(x, &taken);

	say_taken(text, x, &taken);
	if (taken.frames == x->sent.frames && taken.chars == x->chars)
		fault_set(f,
			  "%s: all that was sent is in the queue of the "
			  "guest's driver, but %s",
			  name, why);
	else
		fault_set(f, "%s: the guest's driver %s; %s, %s", name, text,
			  why, say_rest(x, &taken, exact));
}

/* Another driver may have been sent a few frames before they are withdrawn. */
static void report_gone(struct inject_receipt *x, const char *name,
			struct fault *f)
{
	struct inject_progress taken;
	char text[96];

	if (vinject_driver(x->v) != VINJECT_DRIVER_RUNNING) {
		give_up(x, name, "then it was gone", f);
		return;
	}
	withdraw(x, &taken);
	say_taken(text, x, &taken);
	fault_set(f, "%s: the guest's driver %s; then another one started",
		  name, text);
}

void inject_report_rest(const struct inject_receipt *x, char text[160])
{
	char taken[96];

	text[0] = '\0';
	if (!x->on || !x->sent.frames)
		return;
	say_taken(taken, x, &x->taken);
	snprintf(text, 160, "; the guest's driver %s%s", taken,
		 x->taken.frames < x->sent.frames
			 ? ", and whether it has more is not known"
			 : "");
}

static int report_stall(struct inject_receipt *x, const char *name,
			struct fault *f)
{
	char why[64];

	snprintf(why, sizeof(why), "it took nothing for %d ms",
		 x->rules->guest_ms);
	give_up(x, name, why, f);
	return -ETIMEDOUT;
}

static int report_unknown(struct inject_receipt *x, const char *name,
			  struct fault *f)
{
	char rest[160];

	inject_report_rest(x, rest);
	return fault_errno(f, -ECONNRESET,
			   "%s: the server ended before it gave a receipt%s",
			   name, rest);
}

int inject_report_check(struct inject_receipt *x, const char *name,
			struct fault *f)
{
	if (x->unknown)
		return report_unknown(x, name, f);
	if (inject_receipt_guest_is_gone(x)) {
		report_gone(x, name, f);
		return -ENODEV;
	}
	if (clock_ns() >= inject_receipt_deadline_ns(x))
		return report_stall(x, name, f);
	return 0;
}

int inject_report_no_guest(const struct inject_receipt *x, const char *name,
			   int r, struct fault *f)
{
	if (r == -ETIMEDOUT)
		return fault_errno(f, r,
				   "%s: no guest's driver started within "
				   "%d ms",
				   name, x->rules->wait_guest_ms);
	return fault_errno(f, r, "%s: %s; use --wait-guest to wait for one",
			   name,
			   vinject_driver(x->v) == VINJECT_DRIVER_NO_VMM
				   ? "no guest: the device has no VMM"
				   : "no guest's driver uses the device");
}

/* --- what has arrived otherwise --- */

/* "KEY_A, KEY_B and others" */
static void list_undeclared(char text[288], struct inject_receipt *x)
{
	const char *between = "";
	size_t len = 0;

	for (; x->n_reported < x->n_undeclared; x->n_reported++) {
		const uint32_t event = x->undeclared[x->n_reported];
		const uint16_t type = (uint16_t)(event >> 16);
		const uint16_t code = (uint16_t)event;
		const char *name = names_code(type, code);
		char number[16];

		snprintf(number, sizeof(number), "%u:%u", type, code);
		len += (size_t)snprintf(text + len, 288 - len, "%s%.28s",
					between, name ? name : number);
		between = ", ";
	}
	if (x->undeclared_more)
		snprintf(text + len, 288 - len, "%s",
			 len ? " and others" : "some events");
	x->undeclared_more = false;
}

/* The spec's author is not trusted with the terminal. */
static void quote_name(char text[72], struct vinject *v)
{
	char name[129];

	text[0] = '\0';
	if (vinject_name(v, name, sizeof(name), NAME_MS))
		return;
	for (char *at = name; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	snprintf(text, 72, " \"%.64s\"", name);
}

static void report_undeclared(struct inject_receipt *x, const char *name,
			      struct fault *line)
{
	char device[72], events[288] = "";

	quote_name(device, x->v);
	list_undeclared(events, x);
	fault_set(line, "%.80s: the device%s lacks %s; --lenient accepts that",
		  name, device, events);
}

/* Take a number. Return: whether it was not 0. */
static bool take_count(uint64_t *n, char text[24])
{
	snprintf(text, 24, "%" PRIu64, *n);
	if (!*n)
		return false;
	*n = 0;
	return true;
}

static bool take_flag(bool *flag)
{
	const bool was = *flag;

	*flag = false;
	return was;
}

enum inject_note inject_report_note(struct inject_receipt *x, const char *name,
				    struct fault *line)
{
	char n[24];

	if (take_flag(&x->missing)) {
		fault_set(line,
			  "%s: the server gives no receipts: whether the guest "
			  "took the events is not known",
			  name);
		return INJECT_NOTE_WARNING;
	}
	if (x->n_reported < x->n_undeclared || x->undeclared_more)
		report_undeclared(x, name, line);
	else if (take_count(&x->clamped, n))
		fault_set(line,
			  "%s: values outside the range of an axis, which were "
			  "clamped: %s; --lenient accepts that",
			  name, n);
	else if (take_count(&x->dropped, n))
		fault_set(line,
			  "%s: events of contacts for which the device had no "
			  "slot: %s; --lenient accepts that",
			  name, n);
	else if (take_count(&x->folded, n))
		fault_set(line,
			  "%s: frames of which the guest got only the state "
			  "that they led to: %s",
			  name, n);
	else if (take_flag(&x->kept))
		fault_set(line,
			  "%s: no guest's driver uses the device, which keeps "
			  "this until one does; --lenient accepts that",
			  name);
	else
		return INJECT_NOTE_NONE;
	return INJECT_NOTE_FAILURE;
}

int inject_report_times(const struct inject_receipt *x, const char *name,
			FILE *out)
{
	for (size_t i = 0; i < x->latency.n; i++) {
		const struct inject_latency_sample *s = &x->latency.sample[i];

		if (fprintf(out, "%" PRIu64 " %" PRIu64 " %s\n", s->sent_ns,
			    s->sent_ns + s->ns, name) < 0)
			return -errno;
	}
	return 0;
}

bool inject_report_latency(struct inject_receipt *x, const char *name,
			   struct fault *line)
{
	char text[128];

	if (!x->latency.n)
		return false;
	inject_latency_text(text, &x->latency);
	fault_set(line, "%s: injection to guest's driver, %zu frames: %s", name,
		  x->latency.n, text);
	return true;
}
