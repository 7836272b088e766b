/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver and a device that share a ring, each of which sleeps when it finds
 * nothing to do: can one sleep while the other has left it something? Spin goes
 * through all interleavings of the two and of the moments at which a store of
 * one becomes visible to the other. tests/model/run says how this file is
 * compiled; what is taken out of it there, one barrier at a time, MUST make it
 * fail, so that each barrier of input/ring is known to be needed:
 *
 *   BARRIER_PUBLISH  full: used index or flags, then the driver's suppression
 *                    (vring_split_publish(), vring_packed_publish())
 *   BARRIER_KICKS    full: the device's suppression, then the available index
 *                    or flags (vring_ask_kicks())
 *   BARRIER_RETURNS  the same for receipts (vring_ask_returns())
 *   BARRIER_USED     release: used entries before what shows them
 *   BARRIER_AVAIL    acquire: what shows an entry before the entry
 *   BARRIER_LOOK     not a barrier: to look again after kicks were enabled
 *   BARRIER_AGAIN    not a barrier: to ask again if the driver has moved on
 *                    (split rings with EVENT_IDX)
 *   BARRIER_RESUME   not a barrier: to notify the driver when a ring resumes
 *
 * Variants: PACKED or split, EVENT_IDX or flags, an eventq or a STATUSQ (whose
 * device always waits), RETURNS (the device waits for all buffers to be
 * returned), KILL (the device is killed anywhere, or stopped, and resumes from
 * the ring).
 *
 * Deliberately small: a ring of two, indices that count to 8 instead of 65,536.
 */
#define NUM  2
#define MASK 3

#define HAS_BARRIER(x) (!(x))
#ifndef WITHOUT_PUBLISH
#define WITHOUT_PUBLISH 0
#endif
#ifndef WITHOUT_KICKS
#define WITHOUT_KICKS 0
#endif
#ifndef WITHOUT_RETURNS
#define WITHOUT_RETURNS 0
#endif
#ifndef WITHOUT_USED
#define WITHOUT_USED 0
#endif
#ifndef WITHOUT_AVAIL
#define WITHOUT_AVAIL 0
#endif
#ifndef WITHOUT_LOOK
#define WITHOUT_LOOK 0
#endif
#ifndef WITHOUT_AGAIN
#define WITHOUT_AGAIN 0
#endif
#ifndef WITHOUT_RESUME
#define WITHOUT_RESUME 0
#endif

#define DEVICE 0
#define DRIVER 1

/* --- memory --- */

/*
 * A store is kept by its CPU and shown to the other at any later time, before
 * or after others of the same CPU, unless a barrier is between them: a release
 * begins another epoch, of which nothing is shown before all of those before
 * it; a fence waits until nothing is kept. Weaker than x86, in which only
 * stores and later loads change places.
 */
typedef location {
	byte seen;
	byte own;
	bit kept;
	bit by;
	byte epoch;
}

typedef cpu {
	byte kept;  /* how many */
	byte epoch; /* of the next store */
	byte first; /* the first of which one is kept */
}

#ifdef PACKED
#define SLOT	   0 /* flags */
#define ID	   NUM
#define DRIVER_OFF (2 * NUM)
#define DRIVER_EV  (2 * NUM + 1)
#define DEVICE_OFF (2 * NUM + 2)
#define DEVICE_EV  (2 * NUM + 3)
#define LOCATIONS  (2 * NUM + 4)
#else
#define AVAIL	    0
#define USED	    NUM
#define AVAIL_IDX   (2 * NUM)
#define USED_IDX    (2 * NUM + 1)
#define AVAIL_FLAGS (2 * NUM + 2) /* or used_event */
#define USED_FLAGS  (2 * NUM + 3) /* or avail_event */
#define LOCATIONS   (2 * NUM + 4)
#endif

location m[LOCATIONS];
cpu c[2];

/* One after the other to the same place. */
inline store(who, at, value)
{
	atomic {
		!m[at].kept;
		m[at].own = value;
		m[at].kept = 1;
		m[at].by = who;
		if
		:: !c[who].kept -> c[who].epoch = 0; c[who].first = 0
		:: else
		fi;
		m[at].epoch = c[who].epoch;
		c[who].kept++
	}
}

inline store_release(who, at, value)
{
	c[who].epoch++;
	store(who, at, value)
}

/* ... or without: the release is left out. */
inline store_perhaps_release(who, at, value, without)
{
	if
	:: without
	:: else -> c[who].epoch++
	fi;
	store(who, at, value)
}

#define load(at)	 m[at].seen
#define load_own(at)	 (m[at].kept -> m[at].own : m[at].seen)
#define fence(who)	 (!c[who].kept)
#define can_show(at)	 (m[at].kept && m[at].epoch == c[m[at].by].first)

inline reveal(at)
{
	d_step {
		m[at].seen = m[at].own;
		m[at].own = 0;
		m[at].kept = 0;
		m[at].epoch = 0;
		who = m[at].by;
		m[at].by = 0;
		c[who].kept--;
		c[who].first = 255;
		i = 0;
		do
		:: i < LOCATIONS ->
			if
			:: m[i].kept && m[i].by == who &&
			   m[i].epoch < c[who].first ->
				c[who].first = m[i].epoch
			:: else
			fi;
			i++
		:: else -> break
		od;
		if
		:: !c[who].kept -> c[who].first = 0; c[who].epoch = 0
		:: else
		fi;
		i = 0;
		who = 0
	}
}

active proctype memory()
{
	byte i, who;

end:
	do
	:: atomic { can_show(0) -> reveal(0) }
	:: atomic { can_show(1) -> reveal(1) }
	:: atomic { can_show(2) -> reveal(2) }
	:: atomic { can_show(3) -> reveal(3) }
	:: atomic { can_show(4) -> reveal(4) }
	:: atomic { can_show(5) -> reveal(5) }
	:: atomic { can_show(6) -> reveal(6) }
	:: atomic { can_show(7) -> reveal(7) }
	od
}

/* --- notifications --- */

/* Event fds. A system call: what was stored before it is shown before it. */
bit kick, call;

inline notify_driver() { fence(DEVICE); call = 1 }

/* Whether an index that went from old to new passed event (§2.7.7.2). */
#define passed(event, new, old, mask) \
	((((new) - (event) - 1) & (mask)) < (((new) - (old)) & (mask)))

/* --- what is to do --- */

byte sent = 0, events = 0;   /* to the device, and what it has read of them */
bit asked = 0, owed = 0; /* the same for a receipt */
bit killed = 0;

active proctype injector()
{
#ifndef STATUSQ
end:
	do
	:: atomic { sent + events < 2 -> sent++ }
#ifdef RETURNS
	:: atomic { !asked && !owed -> asked = 1 }
#endif
	:: break
	od
#else
	sent = 1
#endif
}

#ifdef KILL
active proctype killer()
{
end:
	killed = 1
}
#endif

inline took_event()
{
#ifndef STATUSQ
	events--
#else
	skip
#endif
}

/* --- the device's ring: input/ring --- */

#ifdef PACKED

#define F_AVAIL 1
#define F_USED	2
#define WRAP	128
#define ENABLE	0
#define DISABLE 1
#define DESC	2
#define IS_USED 64 /* in an ID: what the device writes is not what it read */

/* Of a ring in which nothing was used yet, WRAP is at slot 0. */
byte next, published, n_used, first_flags, entry;
bit wrap = 1, ready;

#define flags_if_used(w) ((w) -> F_AVAIL | F_USED : 0)
#define is_avail(f, w) \
	(((f) & F_AVAIL) == ((w) -> F_AVAIL : 0) && \
	 ((f) & F_USED) != ((w) -> F_USED : 0))

inline look()
{
	ready = is_avail(load(SLOT + next), wrap)
}

inline advance()
{
	next++;
	if
	:: next == NUM -> next = 0; wrap = !wrap
	:: else
	fi
}

/* Without the acquire the entry may have been read before the flags. */
inline use()
{
	if
	:: WITHOUT_AVAIL && early != 255 -> entry = early
	:: else -> entry = load(ID + next)
	fi;
	early = 255;
	store(DEVICE, ID + next, entry | IS_USED);
	if
	:: !n_used -> first_flags = flags_if_used(wrap)
	:: else ->
		store_perhaps_release(DEVICE, SLOT + next, flags_if_used(wrap),
				      WITHOUT_USED)
	fi;
	d_step { n_used++; advance(); entry = 0 }
}

inline note_position()
{
	if
	:: next -> store_release(DEVICE, DEVICE_OFF,
				 next | (wrap -> WRAP : 0))
	:: else -> store_release(DEVICE, DEVICE_OFF, NUM | (wrap -> 0 : WRAP))
	fi
}

inline publish()
{
	if
	:: n_used ->
		atomic {
			store_perhaps_release(DEVICE, SLOT + published,
					      first_flags, WITHOUT_USED);
			note_position()
		};
		if
		:: WITHOUT_PUBLISH
		:: else -> fence(DEVICE)
		fi;
		/* Read both in either order: they are read as they are now. */
		d_step {
			entry = load(DRIVER_OFF) & 127;
			if
			:: (load(DRIVER_OFF) >> 7) != wrap ->
				entry = (entry - NUM) & 255
			:: else
			fi;
			ready = load(DRIVER_EV) == ENABLE ||
				(load(DRIVER_EV) == DESC &&
				 passed(entry, next, next - n_used, 255));
			published = next;
			n_used = 0;
			entry = 0;
			first_flags = 0
		};
		if
		:: ready -> notify_driver()
		:: else
		fi;
		ready = 0
	:: else
	fi
}

inline ask_kicks(ask)
{
	entry = DISABLE;
	if
	:: ask -> entry = ENABLE;
#ifdef EVENT_IDX
		  if
		  :: next -> entry = DESC
		  :: else
		  fi
#endif
	:: else
	fi;
	if
	:: load_own(DEVICE_EV) != entry ->
		store_release(DEVICE, DEVICE_EV, entry)
	:: else
	fi;
	entry = 0
}

inline ask_returns()
{
	if
	:: load_own(DEVICE_EV) != ENABLE ->
		store_release(DEVICE, DEVICE_EV, ENABLE)
	:: else
	fi
}

#define all_returned \
	(is_avail(load(SLOT + next), wrap) && \
	 is_avail(load(SLOT + 1 - next), (next -> !wrap : wrap)))

#define used_at(slot, w, which) \
	((load(SLOT + (slot)) & (which)) == ((w) -> (which) : 0))

/* vring_packed_resume() with a base that is old. */
inline resume()
{
	fence(DEVICE);
	d_step {
		entry = load(DEVICE_OFF);
		if
		:: (entry & 127) == NUM -> entry = WRAP - (entry & WRAP)
		:: !entry -> entry = WRAP
		:: else
		fi;
		next = entry & 127;
		wrap = (entry & WRAP) != 0;
		entry = load(DEVICE_OFF);
		n_used = 0;
		if
		:: used_at(next, wrap, F_USED) -> advance();
			if
			:: used_at(next, wrap, F_USED) -> advance()
			:: else
			fi
		:: else
		fi
	};
	/* The slot after it was used and not published. */
	if
	:: used_at(1 - next, (next -> !wrap : wrap), F_AVAIL | F_USED) ->
		store(DEVICE, SLOT + 1 - next,
		      ((next -> !wrap : wrap) -> F_AVAIL : F_USED));
		fence(DEVICE)
	:: else
	fi;
	if
	:: entry || next || !wrap -> note_position()
	:: else
	fi;
	published = next;
	entry = 0;
	ready = 0;
	ask_kicks(false)
}

#else /* split */

byte next, published, seen, entry;
bit ready, kicks;

inline look()
{
	d_step {
		if
		:: seen == next -> seen = load(AVAIL_IDX)
		:: else
		fi;
		ready = seen != next
	}
}

inline use()
{
	if
	:: WITHOUT_AVAIL && early != 255 -> entry = early
	:: else -> entry = load(AVAIL + next % NUM)
	fi;
	early = 255;
	store(DEVICE, USED + next % NUM, entry);
	next = (next + 1) & MASK;
	entry = 0
}

inline publish()
{
	if
	:: next != published ->
		atomic {
			store_perhaps_release(DEVICE, USED_IDX, next,
					      WITHOUT_USED)
		};
		if
		:: WITHOUT_PUBLISH
		:: else -> fence(DEVICE)
		fi;
		d_step {
#ifdef EVENT_IDX
			ready = passed(load(AVAIL_FLAGS), next, published,
				       MASK);
#else
			ready = !load(AVAIL_FLAGS);
#endif
			published = next
		};
		if
		:: ready -> notify_driver()
		:: else
		fi;
		ready = 0
	:: else
	fi
}

inline ask_kicks(ask)
{
#ifdef EVENT_IDX
	if
	:: ask -> store(DEVICE, USED_FLAGS, next)
	:: else
	fi
#else
	if
	:: kicks != ask -> store(DEVICE, USED_FLAGS, !ask)
	:: else
	fi;
	kicks = ask
#endif
}

inline ask_returns()
{
#ifdef EVENT_IDX
	do
	:: true ->
		atomic {
			entry = load(AVAIL_IDX);
			store(DEVICE, USED_FLAGS, entry)
		};
		if
		:: WITHOUT_RETURNS -> break
		:: else -> fence(DEVICE)
		fi;
		if
		:: entry == load(AVAIL_IDX) || WITHOUT_AGAIN -> break
		:: else
		fi
	od;
	entry = 0
#else
	ask_kicks(true)
#endif
}

#define all_returned (((load(AVAIL_IDX) - next) & MASK) == NUM)

inline resume()
{
	fence(DEVICE);
	next = load(USED_IDX);
	seen = next;
	published = next;
	ready = 0;
	entry = 0;
	kicks = true;
	ask_kicks(false)
}

#endif

/* --- the device: input/serve/pump.c --- */

byte early = 255;

/* A load that is done before its time. */
inline prefetch()
{
#ifdef PACKED
	early = load(ID + next)
#else
	early = load(AVAIL + next % NUM)
#endif
}

inline move_events()
{
	do
	:: events ->
		if
		:: WITHOUT_AVAIL -> prefetch()
		:: true
		fi;
		look();
		if
		:: atomic { ready -> use(); took_event() }
		:: else -> break
		fi
	:: !events -> break
	od;
	atomic { ready = 0; early = 255 };
	publish()
}

inline answer_receipt()
{
#ifdef RETURNS
	if
	:: owed && !all_returned ->
		ask_returns();
		if
		:: WITHOUT_RETURNS
		:: else -> fence(DEVICE)
		fi;
		if
		:: all_returned -> owed = 0
		:: else
		fi;
		/* It has moved the index for which the driver kicks. */
		if
		:: events && !WITHOUT_LOOK -> look()
		:: else
		fi
	:: owed && all_returned -> owed = 0
	:: else
	fi
#else
	skip
#endif
}

active proctype device()
{
again:
	{
		resume();
		if
		:: WITHOUT_RESUME
		:: else -> notify_driver()
		fi;
		do
		:: true ->
			d_step {
				kick = 0;
				events = events + sent;
				sent = 0;
				owed = owed || asked;
				asked = 0
			};
			move_events();
			atomic { ask_kicks(events != 0) };
			if
			:: events ->
				if
				:: WITHOUT_KICKS
				:: else -> fence(DEVICE)
				fi;
				if
				:: WITHOUT_LOOK
				:: else -> look()
				fi
			:: else
			fi;
			if
			:: ready -> ready = 0
			:: else ->
				answer_receipt();
				if
				:: ready -> ready = 0
				:: else ->
end_asleep:
					kick || sent || asked
				fi
			fi
		od
	} unless { killed };
	atomic { killed = 0; early = 255 };
	goto again
}

/* --- the driver: as Linux does it, with as many barriers --- */

byte posted; /* since the last kick */
byte id_next, id_last; /* of the next buffer; of the next to be used */
byte mine;   /* not available */

#ifdef PACKED

byte a_next, u_next;
bit a_wrap = 1, u_wrap = 1;

#define is_used \
	((load(SLOT + u_next) & F_AVAIL) == (u_wrap -> F_AVAIL : 0) && \
	 (load(SLOT + u_next) & F_USED) == (u_wrap -> F_USED : 0))

inline take()
{
	d_step {
		assert(load(ID + u_next) == (id_last | IS_USED));
		id_last = (id_last + 1) & MASK;
		mine++;
		u_next++;
		if
		:: u_next == NUM -> u_next = 0; u_wrap = !u_wrap
		:: else
		fi
	};
#ifdef EVENT_IDX
	store(DRIVER, DRIVER_OFF, u_next | (u_wrap -> WRAP : 0))
#endif
}

inline post()
{
	store(DRIVER, ID + a_next, id_next);
	store_release(DRIVER, SLOT + a_next, (a_wrap -> F_AVAIL : F_USED));
	d_step {
		id_next = (id_next + 1) & MASK;
		mine--;
		posted++;
		a_next++;
		if
		:: a_next == NUM -> a_next = 0; a_wrap = !a_wrap
		:: else
		fi
	}
}

inline want_calls(want)
{
#ifndef EVENT_IDX
	store(DRIVER, DRIVER_EV, (want -> ENABLE : DISABLE))
#else
	skip
#endif
}

inline driver_begin()
{
#ifdef EVENT_IDX
	d_step {
		m[DRIVER_OFF].seen = WRAP;
		m[DRIVER_EV].seen = DESC
	}
#else
	skip
#endif
}

#define device_off \
	((load(DEVICE_OFF) & 127) - \
	 ((load(DEVICE_OFF) >> 7) != a_wrap -> NUM : 0))
#define wants_kick \
	(load(DEVICE_EV) == ENABLE || \
	 (load(DEVICE_EV) == DESC && \
	  passed(device_off, a_next, a_next - posted, 255)))

#else

byte avail, last;

#define is_used (load(USED_IDX) != last)

inline take()
{
	assert(load(USED + last % NUM) == id_last);
	d_step {
		id_last = (id_last + 1) & MASK;
		mine++;
		last = (last + 1) & MASK
	};
#ifdef EVENT_IDX
	store(DRIVER, AVAIL_FLAGS, last)
#endif
}

inline post()
{
	store(DRIVER, AVAIL + avail % NUM, id_next);
	store_release(DRIVER, AVAIL_IDX, (avail + 1) & MASK);
	d_step {
		avail = (avail + 1) & MASK;
		id_next = (id_next + 1) & MASK;
		mine--;
		posted++
	}
}

inline want_calls(want)
{
#ifndef EVENT_IDX
	store(DRIVER, AVAIL_FLAGS, !want)
#else
	skip
#endif
}

inline driver_begin() { skip }

#ifdef EVENT_IDX
#define wants_kick passed(load(USED_FLAGS), avail, avail - posted, MASK)
#else
#define wants_kick (!load(USED_FLAGS))
#endif

#endif

/* virtqueue_get_buf(): virtio_store_mb() of where to be called. */
inline after_take()
{
#ifdef EVENT_IDX
	fence(DRIVER)
#else
	skip
#endif
}

inline kick_device()
{
	if
	:: posted ->
		fence(DRIVER);
		atomic {
			if
			:: wants_kick -> kick = 1
			:: else
			fi;
			posted = 0
		}
	:: else
	fi
}

active proctype driver()
{
	driver_begin();
	mine = NUM;
#ifndef STATUSQ
	do
	:: atomic { mine -> post() }
	:: else -> break
	od;
	kick_device();
#endif
	do
	:: true ->
		want_calls(false);
more:
		do
		:: is_used -> atomic { take() };
			after_take();
#ifndef STATUSQ
			atomic { post() };
			if
			:: posted == MASK -> kick_device()
			:: else
			fi
#endif
		:: !is_used -> break
		od;
		kick_device();
		want_calls(true);
#ifndef EVENT_IDX
		fence(DRIVER);
		if
		:: is_used -> want_calls(false); goto more
		:: else
		fi;
#endif
end_asleep:
		if
		:: call -> call = 0
#ifdef STATUSQ
		:: atomic { mine -> post() }; kick_device()
#endif
		fi
	od
}

/* --- nothing is lost --- */

#ifdef PACKED
#define some_avail is_avail(load(SLOT + next), wrap)
#else
#define some_avail (load(AVAIL_IDX) != next)
#endif

/* Nobody has anything to do, for ever. */
active proctype judge()
{
end:
	timeout;
	assert(!(events && some_avail));
	assert(!is_used);
#ifdef RETURNS
	assert(!(owed && !events && all_returned))
#endif
}
