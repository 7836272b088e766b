/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text, which the server types in the guest's layout, one at a time: what comes
 * meanwhile waits, and so do keys between texts. A long one goes in parts, so
 * that one sees how far it is and can stop it. 'typing' tells how many
 * characters of how many are typed; of 0: none is left.
 */
import { tapKey } from './keyboard.js';
import { chosenLayout } from './layouts.js';
import { emit, on, sendMessage } from './link.js';
import { capsOff } from './locks.js';

const PART = 100; /* characters, which take half a second */
const LONG = 50; /* characters: long enough to be stopped */
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

function send(text)
{
	const layout = chosenLayout();

	busy = true;
	part = [...text].length;
	sendMessage({ type: 'text', text, ...(layout && { layout }) });
}

function next()
{
	busy = false;
	while (waiting.length && !busy) {
		const { key, text } = waiting[0];
		const waitsFor = key ? null : capsOff();

		if (waitsFor) {
			busy = true;
			waitsFor.then(() => busy && next());
			return;
		}
		waiting.shift();
		if (key)
			tapKey(key);
		else
			send(text);
	}
	if (!busy)
		finish();
}

/* Return: its parts; marks stay with the letters that they belong to. */
function parts(text)
{
	const list = [];
	let n = PART;

	for (const character of text) {
		if (n >= PART && !/\p{M}/u.test(character)) {
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
	const clean = text.replace(/\r\n?/g, '\n');

	all += [...clean].length;
	tell();
	enqueue(parts(clean).map(each => ({ text: each })));
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
for (const what of ['closed', 'error'])
	on(what, () => {
		if (what === 'error' && !busy)
			return;
		waiting.length = 0;
		finish();
	});
