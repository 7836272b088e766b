/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text, which the server types in the guest's layout, one at a time: what comes
 * meanwhile waits, and so do keys between texts. A long one goes in parts, so
 * that one sees how far it is and can stop it; before that the server checks
 * all of it, so that none is typed in part. 'typing' tells how many characters
 * of how many are typed; of 0: none is left.
 */
import { tapKey } from './keyboard.js';
import { chosenLayout } from './layouts.js';
import { emit, link, on, sendMessage } from './link.js';
import { capsOff } from './locks.js';

const PART = 100; /* characters, which take half a second */
const LONG = 50; /* characters: long enough to be stopped */
const CHECKED = 1000; /* characters, of 4 bytes at most; the server takes 4095 */
const waiting = [];
let busy = false;
let part = 0; /* characters that are being typed */
let done = 0, all = 0;

export const isTypingLong = () => all >= LONG;

function tell()
{
	emit('typing', { done, all });
}

function finish()
{
	busy = false;
	done = all = part = 0;
	tell();
}

function send({ text, layout, check })
{
	busy = true;
	part = check ? 0 : [...text].length;
	sendMessage({ type: 'text', text, ...(layout && { layout }),
		      ...(check && { check }) });
}

function next()
{
	busy = false;
	while (waiting.length && !busy) {
		const { key } = waiting[0];
		const waitsFor = key ? null : capsOff();

		if (waitsFor) {
			busy = true;
			waitsFor.then(() => busy && next());
			return;
		}
		const item = waiting.shift();

		if (key)
			tapKey(key);
		else
			send(item);
	}
	if (!busy)
		finish();
}

/* Return: its parts; marks stay with the letters that they belong to. */
function parts(text, size)
{
	const list = [];
	let n = 0;

	for (const character of text) {
		if (!list.length || (n >= size && !/\p{M}/u.test(character))) {
			list.push('');
			n = 0;
		}
		list[list.length - 1] += character;
		n++;
	}
	return list;
}

function enqueue(items)
{
	waiting.push(...items);
	if (!busy)
		next();
}

export function typeText(text)
{
	if (link.readOnly)
		return;
	const clean = text.replace(/\r\n?/g, '\n');
	/* Another that is chosen meanwhile is that of the next text. */
	const layout = chosenLayout();

	all += [...clean].length;
	tell();
	enqueue([
		...isTypingLong() ? parts(clean, CHECKED).map(
			each => ({ text: each, layout, check: true })) : [],
		...parts(clean, PART).map(each => ({ text: each, layout })),
	]);
}

export const typeKey = key => enqueue([{ key }]);

/* The part that is being typed will be, for half a second at most. */
export function stopTyping()
{
	waiting.length = 0;
	if (busy)
		all = done + part;
	else
		finish();
}

on('typed', () => {
	done += part;
	part = 0;
	tell();
	next();
});
/* Other errors are about what is done beside it. */
for (const what of ['closed', 'textError'])
	on(what, () => {
		waiting.length = 0;
		finish();
	});
